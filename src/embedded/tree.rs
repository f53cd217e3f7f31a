//! Data of a rule file as a tree in which every node knows its place, so that a file's faults are found all at once.
//!
//! A typed deserialiser stops at the first wrong key; a rule author wants the whole list.

use std::borrow::Cow;
use std::ops::Range;

/// One YAML node and the byte range of the file that it came from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node<'t> {
    pub(crate) span: Range<usize>,
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
    pub(crate) content: Content<'t>,
}

/// What a node is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<'t> {
    Scalar(Scalar<'t>),
    List(Vec<Node<'t>>),
    Map(Vec<Entry<'t>>),
}

/// A scalar; `plain` ones (no quotes, no block) can be a number, a truth or null.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scalar<'t> {
    pub(crate) text: Cow<'t, str>,
    pub(crate) plain: bool,
}

/// A key and its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Cow<'t, str>,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node<'t>,
}

impl Content<'_> {
    /// The word for it in complaints.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Content::Scalar(_) => "a single value",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping of keys to values",
        }
    }
}

impl Scalar<'_> {
    /// Whether YAML reads it as null.
    pub(crate) fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Its truth, if YAML 1.2 reads it as one.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self.text.as_ref() {
            "true" | "True" | "TRUE" if self.plain => Some(true),
            "false" | "False" | "FALSE" if self.plain => Some(false),
            _ => None,
        }
    }

    /// Its whole number, if it is one.
    pub(crate) fn number(&self) -> Option<i64> {
        self.plain.then(|| self.text.parse().ok()).flatten()
    }
}
