//! Lists: words in a policy and what in them was not understood, pages of a body.

use serde_json::{Map, Value};

use super::truth::{Missing, Truth};

/// A list of words; null and absent are the empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    pub(super) path: &'static str,
    pub(super) items: Vec<String>,
    /// It held something other than words.
    pub(super) malformed: bool,
}

impl List {
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && !self.malformed
    }

    /// Whether one of the words holds; what is malformed leaves the answer open.
    pub(super) fn any(&self, judge: impl Fn(&str) -> Truth) -> Truth {
        let malformed = self.malformed.then(|| self.unrecognised("?"));
        Truth::any(self.items.iter().map(|item| judge(item)).chain(malformed))
    }

    /// The answer for a word that this version does not know.
    pub(super) fn unrecognised(&self, item: &str) -> Truth {
        Truth::unknown(Missing::Unrecognised(format!("{}={item}", self.path)))
    }
}

/// Null, false, and containers of nothing else say nothing.
pub(super) fn has_content(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => items.iter().any(has_content),
        Value::Object(object) => object
            .iter()
            .any(|(key, value)| !key.contains('@') && has_content(value)),
        _ => true,
    }
}

/// A list of words; a flag string is the list of its parts.
pub(super) fn list(path: &'static str, raw: Option<&Value>) -> List {
    let mut list = List {
        path,
        items: Vec::new(),
        malformed: false,
    };
    match raw {
        None | Some(Value::Null) => {}
        Some(Value::String(flags)) => {
            let parts = flags.split(',').map(str::trim).filter(|part| !part.is_empty());
            list.items = parts.map(str::to_owned).collect();
        }
        Some(Value::Array(items)) => {
            list.items = items
                .iter()
                .filter_map(Value::as_str)
                .map(|item| item.trim().to_owned())
                .collect();
            list.malformed = list.items.len() != items.len();
        }
        Some(_) => list.malformed = true,
    }
    list
}

/// Whether an object holds `these` of `all`, and none of the rest.
pub(super) fn holds_only(object: &Map<String, Value>, all: &[&str], these: &[&str]) -> bool {
    all.iter()
        .all(|key| these.contains(key) == object.contains_key(*key))
}

/// Whether a body names a further page.
pub(super) fn has_more_pages(body: &Value) -> bool {
    body.get("@odata.nextLink").is_some_and(|link| !link.is_null())
}
