//! The functions that conditions call under names of ours, where the CEL crate's own would be slow or too lenient.

use std::any::Any;

use cel::ExecutionError;
use cel::common::types::{CelBool, CelString, Kind, Type};
use cel::common::value::{CowVal, StaticVal, Val};

/// The name of `==` where a side is raw evidence.
pub(crate) const EQUALS_OF_ONE_KIND: &str = "equalsOfOneKind";

/// `left == right`, an error when the two are of different kinds; numbers are one kind, and null compares with any.
pub(crate) fn equals_of_one_kind<'b, 'v>(
    arguments: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [left, right] = arguments.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(2, arguments.len()));
    };
    let kind = |value: &CowVal<'_, '_>| match value.get_type().kind() {
        Kind::UInt | Kind::Double => Kind::Int,
        other => other,
    };
    let (one, other) = (kind(left), kind(right));
    if one != other && one != Kind::NullType && other != Kind::NullType {
        let types = [left, right].map(|value| value.get_type().name().to_owned());
        return Err(ExecutionError::no_such_overload("==", types.into()));
    }
    Ok(CowVal::owned(CelBool::from(left == right)))
}

/// The name under which `text.matches("literal")` is called once its pattern is compiled.
pub(crate) const MATCHES_COMPILED: &str = "matchesCompiled";

/// A pattern compiled at load; the CEL crate would compile it at every evaluation.
#[derive(Debug, Clone)]
pub(crate) struct Regex(regex::Regex);

static REGEX: Type = Regex::TYPE;

impl Regex {
    pub(crate) const TYPE: Type = Type::new_unspecified_type("work365.regex");

    pub(crate) fn new(pattern: &str) -> Result<Self, regex::Error> {
        regex::Regex::new(pattern).map(Self)
    }
}

impl Val for Regex {
    fn get_type(&self) -> &Type {
        &REGEX
    }

    fn cel_type() -> &'static Type {
        &REGEX
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Regex {}

/// `text.matches(pattern)` for a compiled pattern.
pub(crate) fn matches_compiled<'b, 'v>(
    arguments: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [text, regex] = arguments.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(2, arguments.len()));
    };
    match (
        text.downcast_ref::<CelString<'_>>(),
        regex.downcast_ref::<Regex>(),
    ) {
        (Some(text), Some(regex)) => Ok(CowVal::owned(CelBool::from(regex.0.is_match(text.inner())))),
        _ => Err(ExecutionError::no_such_overload("matches", Vec::new())),
    }
}
