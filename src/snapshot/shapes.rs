//! The shapes of a body: a list with its pages, one object that may be wrapped in `{"value":…}`, one or many.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::{Deserialize, DeserializeOwned, Deserializer};

use super::field::Body;

/// A collection with all its pages: `{"value":[…]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection<T> {
    /// The elements, in the service's order.
    pub value: Vec<T>,
    /// Whether the list goes on after these: then the absence of an element says nothing.
    pub truncated: bool,
}

fn fingerprint(item: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    item.hash(&mut hasher);
    hasher.finish()
}

/// The key beside `value` that marks a list which was not read to its end.
pub const TRUNCATED: &str = "truncated";

impl<T: Body> Body for Collection<T> {
    fn says_nothing(&self) -> bool {
        self.value.iter().any(T::says_nothing)
    }
}

impl<'de, T: Deserialize<'de> + Body + Hash> Deserialize<'de> for Collection<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(bound = "T: Deserialize<'de>")]
        struct Wrapped<T> {
            value: Vec<T>,
            #[serde(default)]
            truncated: bool,
            /// A further page that whoever wrote the snapshot did not fetch.
            #[serde(default, rename = "@odata.nextLink")]
            next_link: Option<serde::de::IgnoredAny>,
            /// What the list was asked for, where a service answers less than everything.
            #[serde(default)]
            asked: Option<serde::de::IgnoredAny>,
        }
        Wrapped::<T>::deserialize(deserializer).map(|mut wrapped| {
            let asked = wrapped.asked.is_some();
            wrapped.value.iter_mut().for_each(|item| item.settle(asked));
            // A page that was read twice repeats its elements.
            let mut seen = HashSet::with_capacity(wrapped.value.len());
            wrapped.value.retain(|item| seen.insert(fingerprint(item)));
            Collection {
                value: wrapped.value,
                truncated: wrapped.truncated || wrapped.next_link.is_some(),
            }
        })
    }
}

/// One object, which a service may also wrap as `{"value":[object]}` or `{"value":object}`.
///
/// `None` stands for an empty list: the service answered, and there is no such object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single<T>(pub Option<T>);

impl<T: Body> Body for Single<T> {
    fn says_nothing(&self) -> bool {
        self.0.as_ref().is_some_and(T::says_nothing)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Single<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Buffering through a Value keeps the wrapped and the bare form apart without guessing from errors;
        // these bodies are small.
        let body = serde_json::Value::deserialize(deserializer)?;
        let object = match body {
            serde_json::Value::Object(mut map) if map.contains_key("value") && !map.contains_key("id") => {
                match map.remove("value") {
                    Some(serde_json::Value::Array(items)) => items.into_iter().next(),
                    other => other,
                }
            }
            other => Some(other),
        };
        match object {
            None | Some(serde_json::Value::Null) => Ok(Single(None)),
            Some(object) => typed(object).map(|object| Single(Some(object))),
        }
    }
}

/// Separates the path from the message in an error that comes out of a nested deserializer.
pub(super) const PATH_MARK: char = '\u{1f}';

/// The value as its type. The path is followed only when that fails: it takes as long as all the rest.
fn typed<T: DeserializeOwned, E: serde::de::Error>(value: serde_json::Value) -> Result<T, E> {
    T::deserialize(&value).or_else(|_| {
        serde_path_to_error::deserialize(value).map_err(|error| nested_error(error.path(), error.inner()))
    })
}

fn nested_error<E: serde::de::Error>(path: &serde_path_to_error::Path, error: &serde_json::Error) -> E {
    E::custom(format_args!("{path}{PATH_MARK}{error}"))
}

/// One object, or a list of them: `graph.service_principal` has either form.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Body> Body for OneOrMany<T> {
    fn says_nothing(&self) -> bool {
        self.0.iter().any(T::says_nothing)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = serde_json::Value::deserialize(deserializer)?;
        let items = match body {
            serde_json::Value::Object(mut map) if map.contains_key("value") && !map.contains_key("id") => {
                match map.remove("value") {
                    Some(serde_json::Value::Array(items)) => items,
                    Some(serde_json::Value::Null) | None => Vec::new(),
                    Some(item) => vec![item],
                }
            }
            other => vec![other],
        };
        typed(serde_json::Value::Array(items)).map(OneOrMany)
    }
}
