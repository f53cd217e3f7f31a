//! The types of conditions, as the check sees them.

use crate::facts::{FactId, Kind};

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
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
    pub(crate) fn name(&self) -> String {
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

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Double | Type::Any)
    }

    pub(crate) fn can_equal(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Any, _) | (_, Type::Any) => true,
            (Type::Int | Type::Double, Type::Int | Type::Double) => true,
            (Type::Text | Type::Time, Type::Text | Type::Time) => true,
            (Type::List(left), Type::List(right)) => left.can_equal(right),
            (left, right) => left == right,
        }
    }

    pub(crate) fn joined(&self, other: &Type) -> Type {
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
pub(crate) struct Typed {
    pub(crate) base: Type,
    pub(crate) nullable: Option<FactId>,
}

impl From<Type> for Typed {
    fn from(base: Type) -> Self {
        Typed { base, nullable: None }
    }
}

/// Several values of a type, in words.
pub(crate) fn plural(item: &Type) -> &'static str {
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
