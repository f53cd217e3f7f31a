//! From a parsed condition to one that is asked quickly: facts, sections and patterns become variables.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::cel_values::{Bindings, Evidence};
use super::functions::{EQUALS_OF_ONE_KIND, MATCHES_COMPILED, Regex};
use super::typing;

/// What an expression reads; its places in the expression become variables.
pub(super) fn bindings(expression: &mut IdedExpr) -> Bindings {
    let mut binder = Binder {
        bindings: Bindings::default(),
        reads_raw: reads_raw(expression),
    };
    binder.bind(expression, &mut Vec::new());
    binder.bindings
}

/// Replaces facts, `section("…")` and literal patterns by variables that [`Evidence`] answers.
struct Binder {
    bindings: Bindings,
    /// Whether raw evidence is read anywhere in the condition.
    reads_raw: bool,
}

impl Binder {
    /// `bound` are the variables of the comprehensions around.
    fn bind(&mut self, node: &mut IdedExpr, bound: &mut Vec<String>) {
        if let Some(name) = self.variable_for(&node.expr, bound) {
            node.expr = Expr::Ident(name);
            return;
        }
        match &mut node.expr {
            Expr::Call(call) => {
                self.bind_call(call, bound);
                if self.reads_raw {
                    compare_within_one_kind(&mut node.expr);
                }
            }
            Expr::Select(select) => self.bind(&mut select.operand, bound),
            Expr::List(list) => list
                .elements
                .iter_mut()
                .for_each(|element| self.bind(element, bound)),
            Expr::Comprehension(comprehension) => {
                self.bind(&mut comprehension.iter_range, bound);
                self.bind(&mut comprehension.accu_init, bound);
                bound.push(comprehension.iter_var.clone());
                self.bind(&mut comprehension.loop_cond, bound);
                self.bind(&mut comprehension.loop_step, bound);
                bound.pop();
                self.bind(&mut comprehension.result, bound);
            }
            // Map and struct literals are refused by the check.
            Expr::Map(_) | Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn bind_call(&mut self, call: &mut CallExpr, bound: &mut Vec<String>) {
        if let Some(target) = &mut call.target {
            self.bind(target, bound);
        }
        if call.func_name == "matches"
            && let [pattern] = call.args.as_mut_slice()
            && let Expr::Literal(LiteralValue::String(text)) = &pattern.expr
            && let Ok(regex) = Regex::new(text.inner())
        {
            call.func_name = MATCHES_COMPILED.to_owned();
            pattern.expr = Expr::Ident(format!("{}{}", Evidence::REGEX, self.bindings.regexes.len()));
            self.bindings.regexes.push(regex);
            return;
        }
        call.args
            .iter_mut()
            .for_each(|argument| self.bind(argument, bound));
    }

    fn variable_for(&mut self, expression: &Expr, bound: &[String]) -> Option<String> {
        if let Some(id) = typing::fact_of(expression, bound) {
            let index = position_in(&mut self.bindings.facts, &id, || id);
            return Some(format!("{}{index}", Evidence::FACT));
        }
        let section = typing::section_of(expression)?;
        let index = position_in(&mut self.bindings.sections, section, || section.to_owned());
        Some(format!("{}{index}", Evidence::SECTION))
    }
}

/// The position of an item, which is added when it is not there.
fn position_in<T: std::borrow::Borrow<B>, B: PartialEq + ?Sized>(
    items: &mut Vec<T>,
    item: &B,
    owned: impl FnOnce() -> T,
) -> usize {
    let known = items.iter().position(|known| known.borrow() == item);
    known.unwrap_or_else(|| {
        items.push(owned());
        items.len() - 1
    })
}

fn reads_raw(node: &IdedExpr) -> bool {
    typing::section_of(&node.expr).is_some() || parts(node).into_iter().any(reads_raw)
}

/// CEL's `==` between a number and a text is false. Of raw evidence, whose types nobody checked, that would be a verdict
/// drawn from a slip of the rule, so there it is an error: unknown.
fn compare_within_one_kind(expression: &mut Expr) {
    let Expr::Call(call) = expression else { return };
    let is_negated = call.func_name == operators::NOT_EQUALS;
    if !is_negated && call.func_name != operators::EQUALS {
        return;
    }
    call.func_name = EQUALS_OF_ONE_KIND.to_owned();
    if is_negated {
        let comparison = IdedExpr {
            id: 0,
            expr: std::mem::take(expression),
        };
        *expression = Expr::Call(CallExpr {
            func_name: operators::LOGICAL_NOT.to_owned(),
            target: None,
            args: vec![comparison],
        });
    }
}

/// How deep an expression is nested.
pub(super) fn depth(node: &IdedExpr) -> usize {
    1 + parts(node).into_iter().map(depth).max().unwrap_or(0)
}

/// The expressions that an expression is made of.
fn parts(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Comprehension(parts) => vec![
            &parts.iter_range,
            &parts.accu_init,
            &parts.loop_cond,
            &parts.loop_step,
            &parts.result,
        ],
        _ => Vec::new(),
    }
}
