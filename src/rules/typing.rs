//! The static check of a condition: every fact exists, every operand fits, the result is a truth.
//!
//! The CEL crate finds these faults when (and if) an evaluation comes across them; a rule author wants them at load.

use std::collections::BTreeSet;
use std::ops::Range;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo};

use crate::facts::{self, FactId, Kind};
use crate::snapshot::{SECTIONS, section_info};

use super::complaint::{did_you_mean, nearest};
use super::evidence::Regex;

/// One fault of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    /// Byte range in the expression.
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// What a sound expression speaks about.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) facts: Vec<FactId>,
    pub(super) sections: Vec<String>,
}

const FUNCTIONS: [&str; 12] = [
    "size",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "section",
    "has",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
];

/// Checks a parsed expression.
///
/// # Errors
///
/// All faults, in reading order.
pub(super) fn check(
    source: &str,
    expression: &IdedExpr,
    places: &SourceInfo,
) -> Result<Checked, Vec<Problem>> {
    let mut checker = Checker {
        source,
        places,
        problems: Vec::new(),
        facts: Vec::new(),
        sections: Vec::new(),
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
        Ok(Checked {
            facts: checker.facts,
            sections: checker.sections,
        })
    } else {
        checker.problems.sort_by_key(|problem| problem.span.start);
        Err(checker.problems)
    }
}

/// The fact that an expression names: `namespace.name`, unless the namespace is a variable of a comprehension.
pub(super) fn fact_of(expression: &Expr, bound: &[String]) -> Option<FactId> {
    let (namespace, select) = namespace_of(expression)?;
    if select.test || bound.iter().any(|variable| variable == namespace) {
        return None;
    }
    facts::find(&format!("{namespace}.{}", select.field))
}

/// The section that `section("…")` names.
pub(super) fn section_of(expression: &Expr) -> Option<&str> {
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

#[derive(Debug, Clone, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Double,
    Text,
    Time,
    Null,
    List(Box<Type>),
    /// Raw evidence, or the result of something already complained about.
    Any,
}

impl Type {
    fn name(&self) -> String {
        match self {
            Type::Bool => "a bool".to_owned(),
            Type::Int => "an int".to_owned(),
            Type::Double => "a decimal number".to_owned(),
            Type::Text => "a text".to_owned(),
            Type::Time => "a time".to_owned(),
            Type::Null => "null".to_owned(),
            Type::List(item) if **item == Type::Text => "a list of texts".to_owned(),
            Type::List(_) => "a list".to_owned(),
            Type::Any => "raw evidence".to_owned(),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Double | Type::Any)
    }

    fn can_equal(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::Int | Type::Double, Type::Int | Type::Double) => true,
            (Type::Text | Type::Time, Type::Text | Type::Time) => true,
            (Type::List(left), Type::List(right)) => left.can_equal(right),
            (left, right) => left == right,
        }
    }

    fn joined(&self, other: &Type) -> Type {
        match (self, other) {
            (Type::List(left), Type::List(right)) => Type::List(Box::new(left.joined(right))),
            (Type::Any, known) | (known, Type::Any) => known.clone(),
            (left, right) if left == right => left.clone(),
            _ => Type::Any,
        }
    }
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Type::Bool,
            Kind::Int => Type::Int,
            Kind::Text => Type::Text,
            Kind::Time => Type::Time,
            Kind::Texts => Type::List(Box::new(Type::Text)),
        }
    }
}

/// A type, and the fact that it is the value of, when that may be null.
struct Typed {
    base: Type,
    nullable: Option<FactId>,
}

impl From<Type> for Typed {
    fn from(base: Type) -> Self {
        Typed { base, nullable: None }
    }
}

impl Problem {
    /// About the whole expression.
    pub(super) fn whole(source: &str, message: String, suggestion: &str) -> Self {
        let trimmed = source.trim_end();
        let first_line = trimmed.find('\n').unwrap_or(trimmed.len());
        Self {
            span: 0..first_line,
            message,
            suggestion: Some(suggestion.to_owned()),
        }
    }

    /// About the syntax, at line (from 1) and column (from 1).
    pub(super) fn syntax(source: &str, (line, column): (isize, isize), message: &str) -> Self {
        let line = usize::try_from(line - 1).unwrap_or(0);
        let column = usize::try_from(column - 1).unwrap_or(0);
        let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
        let at = source[start..]
            .char_indices()
            .nth(column)
            .map_or(source.len(), |(offset, _)| start + offset);
        let message = if message.contains("recursion") {
            "the condition is nested too deeply".to_owned()
        } else {
            let first_line = message.lines().next().unwrap_or(message);
            // What the parser would have expected is half of the grammar.
            let short = first_line.split(" expecting ").next().unwrap_or(first_line);
            format!(
                "not a valid CEL expression: {}",
                short.trim_start_matches("Syntax error: ")
            )
        };
        let suggestion = if source.contains(".?") {
            Some("`.?` is not offered: it would turn evidence that could not be read into a value")
        } else if source[at..].starts_with("= ") {
            Some("`==` compares")
        } else {
            None
        };
        Self {
            span: at.min(source.len().saturating_sub(1))..at + 1,
            message,
            suggestion: suggestion.map(str::to_owned),
        }
    }
}

struct Checker<'s> {
    source: &'s str,
    places: &'s SourceInfo,
    problems: Vec<Problem>,
    facts: Vec<FactId>,
    sections: Vec<String>,
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
                if !self.facts.contains(&id) {
                    self.facts.push(id);
                }
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

    fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Typed {
        let name = call.func_name.as_str();
        match (name, call.target.as_deref(), call.args.as_slice()) {
            ("section", None, [_]) => self.section(node),
            ("size", None, [value]) | ("size", Some(value), []) => {
                let found = self.check(value);
                self.needs_guard(&found, value);
                if !matches!(found.base, Type::Text | Type::List(_) | Type::Any) {
                    self.complain(
                        value,
                        format!("{} has no size", found.base.name()),
                        "texts and lists have one",
                    );
                }
                Type::Int.into()
            }
            ("startsWith" | "endsWith" | "contains", Some(target), [argument]) => {
                self.text_method(name, target, argument);
                Type::Bool.into()
            }
            ("matches", Some(target), [pattern]) => {
                self.text_method(name, target, pattern);
                self.pattern(pattern);
                Type::Bool.into()
            }
            (op::NOT_STRICTLY_FALSE, None, [operand]) => {
                self.check(operand);
                Type::Bool.into()
            }
            (op::LOGICAL_NOT, None, [operand]) => {
                self.truth(operand, "!");
                Type::Bool.into()
            }
            (op::NEGATE, None, [operand]) => self.number(operand, "-").into(),
            (op::CONDITIONAL, None, [condition, yes, no]) => {
                self.truth(condition, "?");
                let (yes, no) = (self.check(yes).base, self.check(no).base);
                yes.joined(&no).into()
            }
            (_, None, [left, right]) if is_operator(name) => self.operator(node, name, left, right),
            _ => self.unknown_function(node, call),
        }
    }

    fn section(&mut self, node: &IdedExpr) -> Typed {
        match section_of(&node.expr) {
            Some(name) if section_info(name).is_some() => {
                if !self.sections.iter().any(|known| known == name) {
                    self.sections.push(name.to_owned());
                }
            }
            Some(name) => {
                let names = SECTIONS.iter().map(|section| section.name);
                let suggestion = did_you_mean(name, names).unwrap_or_else(|| {
                    "section names are those of the snapshot, as `graph.user` or `dataverse.system_users`"
                        .to_owned()
                });
                self.complain(node, format!("there is no section `{name}`"), &suggestion);
            }
            None => self.complain(
                node,
                "`section` takes one name, written out",
                "write `section(\"graph.user\")`",
            ),
        }
        Type::Any.into()
    }

    fn text_method(&mut self, name: &str, target: &IdedExpr, argument: &IdedExpr) {
        for (node, role) in [(target, "works on"), (argument, "takes")] {
            let found = self.check(node);
            self.needs_guard(&found, node);
            if !matches!(found.base, Type::Text | Type::Any) {
                let suggestion = match found.base {
                    Type::List(_) => "for a list write `\"…\" in list` or `list.exists(x, x == \"…\")`",
                    _ => "only texts have this method",
                };
                self.complain(
                    node,
                    format!("`{name}` {role} a text, not {}", found.base.name()),
                    suggestion,
                );
            }
        }
    }

    fn pattern(&mut self, node: &IdedExpr) {
        let Expr::Literal(LiteralValue::String(pattern)) = &node.expr else {
            self.complain(
                node,
                "`matches` takes a pattern written out",
                "write `text.matches(\"…\")`",
            );
            return;
        };
        if let Err(error) = Regex::new(pattern.inner()) {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or(&text).trim_start_matches("error: ");
            self.complain(
                node,
                format!("not a valid pattern: {reason}"),
                "patterns are those of the Rust regex crate; write a literal bracket as `\\\\(`",
            );
        }
    }

    fn operator(&mut self, node: &IdedExpr, name: &str, left: &IdedExpr, right: &IdedExpr) -> Typed {
        let symbol = symbol(name);
        match name {
            op::LOGICAL_AND | op::LOGICAL_OR => {
                self.truth(left, symbol);
                self.truth(right, symbol);
                Type::Bool.into()
            }
            op::EQUALS | op::NOT_EQUALS => {
                self.equality(node, symbol, left, right);
                Type::Bool.into()
            }
            op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => {
                self.ordering(symbol, left, right);
                Type::Bool.into()
            }
            op::IN => {
                let (item, list) = (self.check(left).base, self.check(right));
                self.needs_guard(&list, right);
                match &list.base {
                    Type::Any => {}
                    Type::List(element) if item.can_equal(element) => {}
                    Type::List(element) => self.complain(
                        left,
                        format!("{} is never in a list of {}", item.name(), plural(element)),
                        "look for a value of the list's type",
                    ),
                    other => self.complain(
                        right,
                        format!("`in` looks into a list, not into {}", other.name()),
                        "for a text write `text.contains(\"…\")`",
                    ),
                }
                Type::Bool.into()
            }
            op::INDEX => {
                let (list, index) = (self.check(left), self.check(right).base);
                self.needs_guard(&list, left);
                match list.base {
                    Type::Any => Type::Any,
                    Type::List(item) if matches!(index, Type::Int | Type::Any) => *item,
                    other => {
                        self.complain(
                            node,
                            format!("{} cannot be indexed by {}", other.name(), index.name()),
                            "lists are indexed by int, from 0",
                        );
                        Type::Any
                    }
                }
                .into()
            }
            op::ADD => {
                let (one, other) = (self.check(left), self.check(right));
                self.needs_guard(&one, left);
                self.needs_guard(&other, right);
                match (&one.base, &other.base) {
                    (Type::Text, Type::Text) => Type::Text,
                    (Type::List(_), Type::List(_)) => one.base.joined(&other.base),
                    (one, other) if one.is_number() && other.is_number() && one.can_equal(other) => {
                        one.joined(other)
                    }
                    (one, other) => {
                        let message = format!("{} and {} cannot be added", one.name(), other.name());
                        self.complain(node, message, "add values of one type");
                        Type::Any
                    }
                }
                .into()
            }
            _ => {
                let (one, other) = (self.number(left, symbol), self.number(right, symbol));
                one.joined(&other).into()
            }
        }
    }

    fn equality(&mut self, node: &IdedExpr, symbol: &str, left: &IdedExpr, right: &IdedExpr) {
        let (one, other) = (self.check(left), self.check(right));
        match (&one.base, &other.base) {
            (Type::Null, Type::Null) => {}
            (Type::Null, _) | (_, Type::Null) => {
                let (value, place) = if one.base == Type::Null {
                    (other, right)
                } else {
                    (one, left)
                };
                if value.nullable.is_none() && value.base != Type::Any {
                    self.complain(
                        place,
                        format!("{} is never null here", value.base.name()),
                        "leave the comparison out; a fact that could not be read is unknown, not null",
                    );
                }
            }
            (one, other) if one.can_equal(other) => {}
            (one, other) => self.complain(
                node,
                format!("`{symbol}` compares {} with {}", one.name(), other.name()),
                "they are never equal: compare values of one type",
            ),
        }
    }

    fn ordering(&mut self, symbol: &str, left: &IdedExpr, right: &IdedExpr) {
        let (one, other) = (self.check(left), self.check(right));
        self.needs_guard(&one, left);
        self.needs_guard(&other, right);
        for (node, base) in [(left, &one.base), (right, &other.base)] {
            match base {
                Type::Int | Type::Double | Type::Text | Type::Any => {}
                Type::Time => self.complain(
                    node,
                    format!("`{symbol}` cannot order times"),
                    "use a fact that holds an age in minutes or days",
                ),
                other => self.complain(
                    node,
                    format!("`{symbol}` cannot order {}", other.name()),
                    "numbers and texts have an order",
                ),
            }
        }
        if !one.base.can_equal(&other.base) {
            self.complain(
                right,
                format!(
                    "`{symbol}` compares {} with {}",
                    one.base.name(),
                    other.base.name()
                ),
                "compare values of one type",
            );
        }
    }

    fn truth(&mut self, node: &IdedExpr, symbol: &str) {
        let found = self.check(node);
        self.needs_guard(&found, node);
        if !matches!(found.base, Type::Bool | Type::Any) {
            self.complain(
                node,
                format!("`{symbol}` takes true or false, not {}", found.base.name()),
                "compare it with something",
            );
        }
    }

    fn number(&mut self, node: &IdedExpr, symbol: &str) -> Type {
        let found = self.check(node);
        self.needs_guard(&found, node);
        if !found.base.is_number() {
            self.complain(
                node,
                format!("`{symbol}` takes numbers, not {}", found.base.name()),
                "use a fact that holds a number",
            );
            return Type::Any;
        }
        found.base
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

    fn unknown_function(&mut self, node: &IdedExpr, call: &CallExpr) -> Typed {
        for part in call.target.as_deref().into_iter().chain(&call.args) {
            // Variables of a macro that was not expanded are not known.
            if !matches!(part.expr, Expr::Ident(_)) {
                self.check(part);
            }
        }
        let name = call.func_name.as_str();
        let message = if FUNCTIONS.contains(&name) {
            format!("`{name}` is called with the wrong number of arguments, or on nothing")
        } else {
            format!("there is no function `{name}`")
        };
        let suggestion = nearest(name, FUNCTIONS)
            .filter(|found| *found != name)
            .map_or_else(
                || {
                    "functions: size(x), x.startsWith(y), x.endsWith(y), x.contains(y), x.matches(\"…\"), \
                     list.exists(x, …), list.all(x, …), list.exists_one(x, …), list.map(x, …), list.filter(x, …), \
                     section(\"…\")"
                        .to_owned()
                },
                |found| format!("did you mean `{found}`?"),
            );
        let span = self.span(node);
        let start = self.source[..span.start]
            .rfind(name)
            .filter(|start| span.start - start <= name.len() + 1);
        let span = start.map_or(span, |start| start..start + name.len());
        self.problems.push(Problem {
            span,
            message,
            suggestion: Some(suggestion),
        });
        Type::Any.into()
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

/// A complaint about a fact that is in no table.
pub(super) fn unknown_fact(span: Range<usize>, name: &str) -> Problem {
    let names = || facts::definitions().iter().map(|fact| fact.name);
    let last = name.split_once('.').map_or(name, |(_, last)| last);
    let same_name = names().find(|fact| fact.split_once('.').is_some_and(|(_, other)| other == last));
    let suggestion = same_name
        .map(|fact| format!("did you mean `{fact}`?"))
        .or_else(|| did_you_mean(name, names()))
        .unwrap_or_else(|| "`work365-doctor rules facts` lists every fact".to_owned());
    Problem {
        span,
        message: format!("there is no fact `{name}`"),
        suggestion: Some(suggestion),
    }
}

fn namespaces() -> BTreeSet<&'static str> {
    facts::definitions()
        .iter()
        .filter_map(|fact| fact.name.split('.').next())
        .collect()
}

fn plural(item: &Type) -> &'static str {
    match item {
        Type::Bool => "bools",
        Type::Int => "ints",
        Type::Double => "decimal numbers",
        Type::Text => "texts",
        Type::Time => "times",
        Type::Null => "nulls",
        Type::List(_) => "lists",
        Type::Any => "values",
    }
}

fn is_operator(name: &str) -> bool {
    const BINARY: [&str; 15] = [
        op::LOGICAL_AND,
        op::LOGICAL_OR,
        op::EQUALS,
        op::NOT_EQUALS,
        op::LESS,
        op::LESS_EQUALS,
        op::GREATER,
        op::GREATER_EQUALS,
        op::IN,
        op::INDEX,
        op::ADD,
        op::SUBSTRACT,
        op::MULTIPLY,
        op::DIVIDE,
        op::MODULO,
    ];
    BINARY.contains(&name)
}

fn symbol(operator: &str) -> &str {
    match operator {
        op::IN => "in",
        op::INDEX => "[]",
        other => other.trim_matches('_'),
    }
}
