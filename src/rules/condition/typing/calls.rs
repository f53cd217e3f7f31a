//! Functions and operators: which exist, and what their operands must be.

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue};

use crate::rules::condition::functions::Regex;
use crate::rules::condition::typing::types::{Type, Typed, plural};
use crate::rules::file::diagnostic::{did_you_mean, nearest};
use crate::rules::problem::Problem;
use crate::snapshot::{SECTIONS, section_info};

use super::{Checker, section_of};

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

impl Checker<'_> {
    pub(crate) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Typed {
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
            Some(name) if section_info(name).is_some() => {}
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
            if matches!(found.base, Type::Text | Type::Any) {
                self.needs_guard(&found, node);
            } else {
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
        if symbol == "!=" && one.base != Type::Null && other.base != Type::Null {
            // Null differs from everything, so `!=` would turn "unset" into a fault without anybody having said so.
            self.needs_guard(&one, left);
            self.needs_guard(&other, right);
        }
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
        let so_far = self.problems.len();
        for (node, found) in [(left, &one), (right, &other)] {
            match &found.base {
                Type::Int | Type::Double | Type::Text | Type::Any => self.needs_guard(found, node),
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
        if self.problems.len() == so_far && !one.base.can_equal(&other.base) {
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
