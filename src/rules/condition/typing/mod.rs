//! The static check of a condition: every fact exists, every operand fits, the result is a truth.
//!
//! The CEL crate finds these faults when (and if) an evaluation comes across them; a rule author wants them at load.

mod calls;
mod types;

use std::collections::BTreeSet;
use std::ops::Range;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo};

use crate::facts::{self, FactId};

use crate::rules::condition::typing::types::{Type, Typed, plural};
use crate::rules::file::diagnostic::did_you_mean;
use crate::rules::problem::{Problem, unknown_fact};

/// Checks a parsed expression.
///
/// # Errors
///
/// All faults, in reading order.
pub(crate) fn check(source: &str, expression: &IdedExpr, places: &SourceInfo) -> Result<(), Vec<Problem>> {
    let mut checker = Checker {
        source,
        places,
        problems: Vec::new(),
        compared_with_null: BTreeSet::new(),
        scope: Vec::new(),
    };
    checker.find_null_guards(expression);
    let result = checker.check(expression);
    if !matches!(result.base, Type::Bool | Type::Any) {
        checker.problems.push(Problem::whole(
            source,
            format!("the condition gives {}, not true or false", result.base.name()),
            "compare it with something",
        ));
    } else {
        checker.needs_guard(&result, expression);
    }
    if checker.problems.is_empty() {
        Ok(())
    } else {
        checker.problems.sort_by_key(|problem| problem.span.start);
        Err(checker.problems)
    }
}

/// The fact that an expression names: `namespace.name`, unless the namespace is a variable of a comprehension.
pub(crate) fn fact_of(expression: &Expr, bound: &[String]) -> Option<FactId> {
    let (namespace, select) = namespace_of(expression)?;
    if select.test || bound.iter().any(|variable| variable == namespace) {
        return None;
    }
    facts::find(&format!("{namespace}.{}", select.field))
}

/// The section that `section("…")` names.
pub(crate) fn section_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Call(CallExpr {
            func_name,
            target: None,
            args,
        }) if func_name == "section" => match args.as_slice() {
            [
                IdedExpr {
                    expr: Expr::Literal(LiteralValue::String(name)),
                    ..
                },
            ] => Some(name.inner()),
            _ => None,
        },
        _ => None,
    }
}

fn namespace_of(expression: &Expr) -> Option<(&str, &SelectExpr)> {
    match expression {
        Expr::Select(select) => match &select.operand.expr {
            Expr::Ident(namespace) => Some((namespace, select)),
            _ => None,
        },
        _ => None,
    }
}

struct Checker<'s> {
    source: &'s str,
    places: &'s SourceInfo,
    problems: Vec<Problem>,
    compared_with_null: BTreeSet<FactId>,
    /// Variables of the comprehensions around, innermost last.
    scope: Vec<(String, Type)>,
}

impl Checker<'_> {
    fn check(&mut self, node: &IdedExpr) -> Typed {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => {
                let mut item = Type::Any;
                for element in &list.elements {
                    let found = self.check(element).base;
                    if !item.can_equal(&found) {
                        self.complain(
                            element,
                            format!("a list of {} holds {} too", plural(&item), found.name()),
                            "write values of one type",
                        );
                    }
                    item = item.joined(&found);
                }
                Type::List(Box::new(item)).into()
            }
            Expr::Comprehension(comprehension) => self.comprehension(node, comprehension),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.complain(
                    node,
                    "maps and messages are not used in conditions",
                    "compare facts",
                );
                Type::Any.into()
            }
        }
    }

    fn literal(&mut self, node: &IdedExpr, literal: &LiteralValue) -> Typed {
        match literal {
            LiteralValue::Boolean(_) => Type::Bool,
            LiteralValue::Int(_) => Type::Int,
            LiteralValue::Double(_) => Type::Double,
            LiteralValue::String(_) => Type::Text,
            LiteralValue::Null => Type::Null,
            LiteralValue::Bytes(_) | LiteralValue::UInt(_) => {
                self.complain(
                    node,
                    "no fact holds bytes or unsigned numbers",
                    "write a text or a plain number",
                );
                Type::Any
            }
        }
        .into()
    }

    fn variable(&mut self, node: &IdedExpr, name: &str) -> Typed {
        if let Some((_, known)) = self.scope.iter().rev().find(|(variable, _)| variable == name) {
            return known.clone().into();
        }
        let is_namespace = namespaces().contains(name);
        let suggestion = if is_namespace {
            let mut examples = facts::definitions()
                .iter()
                .filter(|fact| fact.name.split('.').next() == Some(name));
            examples
                .next()
                .map(|fact| format!("facts are written `namespace.name`, as `{}`", fact.name))
        } else {
            did_you_mean(name, facts::definitions().iter().map(|fact| fact.name))
                .or_else(|| Some("facts are written `namespace.name`; `rules facts` lists them".to_owned()))
        };
        let message = if is_namespace {
            format!("`{name}` is a namespace, not a fact")
        } else {
            format!("`{name}` is no fact and no variable")
        };
        let span = self.span(node);
        self.problems.push(Problem {
            span,
            message,
            suggestion,
        });
        Type::Any.into()
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr) -> Typed {
        if let Some((namespace, _)) = namespace_of(&node.expr)
            && !self.scope.iter().any(|(variable, _)| variable == namespace)
        {
            let name = format!("{namespace}.{}", select.field);
            let span = self.span_of_select(node, select);
            if select.test {
                self.problems.push(Problem {
                    span,
                    message: format!(
                        "`has({name})` cannot be asked of a fact: a fact is always known, null or unknown"
                    ),
                    suggestion: Some("compare with null (`== null`) if the fact may be unset".to_owned()),
                });
                return Type::Bool.into();
            }
            return self.fact(span, &name);
        }
        let operand = self.check(&select.operand).base;
        if operand != Type::Any {
            let span = self.span_of_select(node, select);
            self.problems.push(Problem {
                span,
                message: format!("{} has no field `{}`", operand.name(), select.field),
                suggestion: Some(
                    "only raw evidence has fields: `section(\"graph.user\").employeeType`".to_owned(),
                ),
            });
        }
        if select.test { Type::Bool } else { Type::Any }.into()
    }

    fn fact(&mut self, span: Range<usize>, name: &str) -> Typed {
        match facts::find(name) {
            Some(id) => {
                let definition = id.definition();
                Typed {
                    base: definition.kind.into(),
                    nullable: definition.nullable.then_some(id),
                }
            }
            None => {
                self.problems.push(unknown_fact(span, name));
                Type::Any.into()
            }
        }
    }

    fn comprehension(&mut self, node: &IdedExpr, parts: &ComprehensionExpr) -> Typed {
        let range = self.check(&parts.iter_range);
        self.needs_guard(&range, &parts.iter_range);
        let item = match range.base {
            Type::List(item) => *item,
            Type::Any => Type::Any,
            other => {
                self.complain(
                    &parts.iter_range,
                    format!("{} is no list", other.name()),
                    "`exists`, `all`, `map` and `filter` walk lists",
                );
                Type::Any
            }
        };
        if parts.iter_var2.is_some() {
            self.complain(
                node,
                "a comprehension has one variable here",
                "write `list.exists(x, …)`",
            );
        }
        let start = self.check(&parts.accu_init).base;
        self.scope.push((parts.accu_var.clone(), start.clone()));
        self.scope.push((parts.iter_var.clone(), item));
        self.check(&parts.loop_cond);
        let step = self.check(&parts.loop_step).base;
        self.scope.truncate(self.scope.len() - 2);
        self.scope.push((parts.accu_var.clone(), start.joined(&step)));
        let result = self.check(&parts.result);
        self.scope.pop();
        result
    }

    /// Complains when a fact that may be null is used where null has no meaning, and nothing asks for null first.
    fn needs_guard(&mut self, found: &Typed, node: &IdedExpr) {
        if let Some(id) = found.nullable
            && !self.compared_with_null.contains(&id)
        {
            let name = id.definition().name;
            self.complain(
                node,
                format!("`{name}` may be null (unset), which has no meaning here"),
                &format!("ask first: `{name} != null && …` or `{name} == null || …`"),
            );
        }
    }

    fn find_null_guards(&mut self, node: &IdedExpr) {
        match &node.expr {
            Expr::Call(call) => {
                if matches!(call.func_name.as_str(), op::EQUALS | op::NOT_EQUALS)
                    && call
                        .args
                        .iter()
                        .any(|argument| matches!(argument.expr, Expr::Literal(LiteralValue::Null)))
                {
                    let guarded = call
                        .args
                        .iter()
                        .filter_map(|argument| fact_of(&argument.expr, &[]));
                    self.compared_with_null.extend(guarded);
                }
                for part in call.target.as_deref().into_iter().chain(&call.args) {
                    self.find_null_guards(part);
                }
            }
            Expr::Comprehension(parts) => {
                for part in [&parts.iter_range, &parts.loop_step, &parts.result] {
                    self.find_null_guards(part);
                }
            }
            _ => {}
        }
    }

    fn complain(&mut self, node: &IdedExpr, message: impl Into<String>, suggestion: &str) {
        let span = match &node.expr {
            Expr::Select(select) => self.span_of_select(node, select),
            _ => self.span(node),
        };
        self.problems.push(Problem {
            span,
            message: message.into(),
            suggestion: Some(suggestion.to_owned()),
        });
    }

    fn span(&self, node: &IdedExpr) -> Range<usize> {
        match self.places.offset_for(node.id) {
            Some((start, stop)) => {
                let end = (stop as usize + 1).min(self.source.len());
                (start as usize).min(end)..end
            }
            None => 0..self.source.trim_end().len(),
        }
    }

    /// From the operand's start to the field's end; the parser knows only the dot.
    fn span_of_select(&self, node: &IdedExpr, select: &SelectExpr) -> Range<usize> {
        let start = match &select.operand.expr {
            Expr::Select(inner) => self.span_of_select(&select.operand, inner).start,
            _ => self.span(&select.operand).start,
        };
        let dot = self.span(node);
        let end = self
            .source
            .get(dot.end..)
            .and_then(|rest| rest.find(select.field.as_str()))
            .map_or(dot.end, |found| dot.end + found + select.field.len());
        start.min(dot.start)..end
    }
}

fn namespaces() -> BTreeSet<&'static str> {
    facts::definitions()
        .iter()
        .filter_map(|fact| fact.name.split('.').next())
        .collect()
}
