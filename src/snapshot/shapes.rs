//! The shapes of a body: a list with its pages, one object that may be wrapped in `{"value":…}`, one or many.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny};
use serde_json::value::RawValue;

use super::field::Body;
use super::json_path::{joined, path_of};

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
            next_link: Option<IgnoredAny>,
            /// What the list was asked for, where a service answers less than everything.
            #[serde(default)]
            asked: Option<IgnoredAny>,
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
        let body = <Box<RawValue>>::deserialize(deserializer)?;
        let object = match Bare::of(&body) {
            Bare::One(object) => Some(object),
            Bare::Many(items) => items.first().copied(),
        };
        match object {
            Some(object) if object.get() != "null" => typed(object, "").map(|object| Single(Some(object))),
            _ => Ok(Single(None)),
        }
    }
}

/// A body without its wrapping. Which form it has is told by its keys: an object with an `id` is wrapped in nothing.
enum Bare<'b> {
    One(&'b RawValue),
    Many(Vec<&'b RawValue>),
}

impl<'b> Bare<'b> {
    fn of(body: &'b RawValue) -> Self {
        #[derive(serde::Deserialize)]
        struct Wrapping<'w> {
            #[serde(borrow)]
            value: &'w RawValue,
            #[serde(default, deserialize_with = "some")]
            id: Option<IgnoredAny>,
        }
        let object = Some(body.get()).filter(|text| text.starts_with('{'));
        match serde_json::from_str(object.unwrap_or("null")) {
            Ok(Wrapping { value, id: None }) => match serde_json::from_str(value.get()) {
                Ok(items) => Bare::Many(items),
                Err(_) => Bare::One(value),
            },
            _ => Bare::One(body),
        }
    }
}

/// That a key is there, also with null.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<IgnoredAny>, D::Error> {
    IgnoredAny::deserialize(deserializer).map(Some)
}

/// Separates the path from the message in an error that comes out of a nested deserializer.
pub(super) const PATH_MARK: char = '\u{1f}';

/// The value as its type. `place` is where it stands among its like.
fn typed<T: DeserializeOwned, E: serde::de::Error>(value: &RawValue, place: &str) -> Result<T, E> {
    serde_json::from_str(value.get()).map_err(|error| {
        let path = joined(place, &path_of(value.get(), &error));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        E::custom(format_args!("{path}{PATH_MARK}{message}"))
    })
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
        let body = <Box<RawValue>>::deserialize(deserializer)?;
        let items = match Bare::of(&body) {
            Bare::One(value) if value.get() == "null" => Vec::new(),
            Bare::One(object) => vec![object],
            Bare::Many(items) => items,
        };
        let items = items.into_iter().enumerate();
        items
            .map(|(position, item)| typed(item, &format!("[{position}]")))
            .collect::<Result<_, _>>()
            .map(OneOrMany)
    }
}
