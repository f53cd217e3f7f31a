//! JSON values with Microsoft's habits: null and missing told apart, single objects wrapped in `{"value":…}`.

use serde::de::{Deserialize, Deserializer};

/// A property of a service's answer.
///
/// Graph leaves out what was not selected and writes `null` for what is unset or hidden from the caller
/// (`api-facts.md` 1.2): the first says nothing, the second may be an answer. A model that mixes them up
/// reports a healthy account as blocked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// The answer does not have the property.
    #[default]
    Missing,
    /// The property is there, and null.
    Null,
    /// The property has a value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Field::Value(value) => Some(value),
            Field::Missing | Field::Null => None,
        }
    }

    /// Whether the answer had the property at all.
    pub fn is_missing(&self) -> bool {
        matches!(self, Field::Missing)
    }
}

impl Field<String> {
    /// The text, if there is one and it is not empty.
    pub fn text(&self) -> Option<&str> {
        self.value().map(String::as_str).filter(|text| !text.is_empty())
    }
}

impl<T> Field<Vec<T>> {
    /// The elements; none when the list is null or missing.
    pub fn items(&self) -> &[T] {
        self.value().map_or(&[], Vec::as_slice)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Field::Null, Field::Value))
    }
}

/// A collection with all its pages: `{"value":[…]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection<T> {
    /// The elements, in the service's order.
    pub value: Vec<T>,
    /// Whether the list goes on after these: then the absence of an element says nothing.
    pub truncated: bool,
}

/// The key beside `value` that marks a list which was not read to its end.
pub const TRUNCATED: &str = "truncated";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Collection<T> {
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
        }
        Wrapped::deserialize(deserializer).map(|wrapped| Collection {
            value: wrapped.value,
            truncated: wrapped.truncated || wrapped.next_link.is_some(),
        })
    }
}

/// One object, which a service may also wrap as `{"value":[object]}` or `{"value":object}` (`CONTRACT.md` section 8).
///
/// `None` stands for an empty list: the service answered, and there is no such object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single<T>(pub Option<T>);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Single<T> {
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
            Some(object) => serde_path_to_error::deserialize(object)
                .map(|object| Single(Some(object)))
                .map_err(|error| nested_error(error.path(), error.inner())),
        }
    }
}

/// Separates the path from the message in an error that comes out of a nested deserializer.
pub(super) const PATH_MARK: char = '\u{1f}';

fn nested_error<E: serde::de::Error>(path: &serde_path_to_error::Path, error: &serde_json::Error) -> E {
    E::custom(format_args!("{path}{PATH_MARK}{error}"))
}

/// One object, or a list of them: `graph.service_principal` has either form.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
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
        serde_path_to_error::deserialize(serde_json::Value::Array(items))
            .map(OneOrMany)
            .map_err(|error| nested_error(error.path(), error.inner()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Collection, Field, Single};

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(default)]
    struct Sample {
        id: Field<String>,
        on: Field<bool>,
    }

    #[test]
    fn null_missing_and_present_are_three_things() {
        let sample: Sample = serde_json::from_str(r#"{"id":null}"#).unwrap();
        assert_eq!(
            sample,
            Sample {
                id: Field::Null,
                on: Field::Missing
            }
        );
        let sample: Sample = serde_json::from_str(r#"{"on":false}"#).unwrap();
        assert_eq!(sample.on, Field::Value(false));
    }

    #[test]
    fn a_single_object_is_read_bare_wrapped_in_a_list_or_wrapped_in_an_object() {
        let wanted = Single(Some(Sample {
            id: Field::Value("x".into()),
            on: Field::Missing,
        }));
        for text in [
            r#"{"id":"x"}"#,
            r#"{"value":[{"id":"x"}]}"#,
            r#"{"value":{"id":"x"}}"#,
        ] {
            assert_eq!(
                serde_json::from_str::<Single<Sample>>(text).unwrap(),
                wanted,
                "{text}"
            );
        }
        assert_eq!(
            serde_json::from_str::<Single<Sample>>(r#"{"value":[]}"#).unwrap(),
            Single(None)
        );
    }

    #[test]
    fn a_collection_without_its_list_is_an_error() {
        assert!(serde_json::from_str::<Collection<Sample>>("{}").is_err());
    }
}
