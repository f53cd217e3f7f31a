//! What a fact can hold.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The type of a fact, as rule authors see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    Text,
    /// A point in time; conditions see it as RFC 3339 text.
    Time,
    /// A list of texts.
    Texts,
}

impl Kind {
    /// The word used in `rules facts` and complaints.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Text => "text",
            Kind::Time => "time",
            Kind::Texts => "texts",
        }
    }

    /// What a person has to write.
    pub fn wanted(self) -> String {
        match self {
            Kind::Bool => "true or false",
            Kind::Int => "a whole number",
            Kind::Text => "a text",
            Kind::Time => "a time, as 2026-01-05T10:11:12Z",
            Kind::Texts => "a list of texts",
        }
        .to_owned()
    }
}

/// The value of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum FactValue {
    /// Known to be unset.
    Null,
    /// Truth.
    Bool(bool),
    /// Number.
    Int(i64),
    /// Text.
    Text(String),
    /// Time.
    Time(Timestamp),
    /// Texts.
    Texts(Vec<String>),
}

impl FactValue {
    /// The value of a fact of this kind as JSON has it; `None` when it is of another type.
    pub fn of_json(kind: Kind, value: &Value) -> Option<FactValue> {
        let value = match (kind, value) {
            (_, Value::Null) => FactValue::Null,
            (Kind::Bool, Value::Bool(value)) => FactValue::Bool(*value),
            (Kind::Int, Value::Number(number)) => FactValue::Int(number.as_i64()?),
            (Kind::Text, Value::String(text)) => FactValue::Text(text.clone()),
            (Kind::Time, Value::String(text)) => FactValue::Time(parse_time(text)?),
            (Kind::Texts, Value::Array(items)) => FactValue::Texts(
                items
                    .iter()
                    .map(|item| item.as_str().map(str::to_owned))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        };
        Some(value)
    }

    /// Whether a fact of this kind may hold the value (null is checked by the caller).
    pub fn is(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (FactValue::Bool(_), Kind::Bool)
                | (FactValue::Int(_), Kind::Int)
                | (FactValue::Text(_), Kind::Text)
                | (FactValue::Time(_), Kind::Time)
                | (FactValue::Texts(_), Kind::Texts)
        )
    }

    /// The value as it is put into a sentence; `None` for null.
    pub fn in_words(&self) -> Option<String> {
        Some(match self {
            FactValue::Null => return None,
            FactValue::Bool(true) => "yes".to_owned(),
            FactValue::Bool(false) => "no".to_owned(),
            FactValue::Int(number) => number.to_string(),
            FactValue::Text(text) => text.clone(),
            FactValue::Time(time) => time.to_string(),
            FactValue::Texts(texts) if texts.is_empty() => "none".to_owned(),
            FactValue::Texts(texts) => texts.join(", "),
        })
    }
}

impl Serialize for FactValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            FactValue::Null => serializer.serialize_none(),
            FactValue::Bool(value) => serializer.serialize_bool(*value),
            FactValue::Int(value) => serializer.serialize_i64(*value),
            FactValue::Text(value) => serializer.serialize_str(value),
            FactValue::Time(value) => serializer.collect_str(value),
            FactValue::Texts(value) => value.serialize(serializer),
        }
    }
}

impl From<bool> for FactValue {
    fn from(value: bool) -> Self {
        FactValue::Bool(value)
    }
}

impl From<i64> for FactValue {
    fn from(value: i64) -> Self {
        FactValue::Int(value)
    }
}

impl From<&str> for FactValue {
    fn from(value: &str) -> Self {
        FactValue::Text(value.to_owned())
    }
}

impl From<String> for FactValue {
    fn from(value: String) -> Self {
        FactValue::Text(value)
    }
}

impl From<Timestamp> for FactValue {
    fn from(value: Timestamp) -> Self {
        FactValue::Time(value)
    }
}

impl From<Vec<String>> for FactValue {
    fn from(value: Vec<String>) -> Self {
        FactValue::Texts(value)
    }
}

impl<T: Into<FactValue>> From<Option<T>> for FactValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(FactValue::Null, Into::into)
    }
}

/// A time as Microsoft's services write it, or `None`: RFC 3339 with any fraction, a blank instead of the `T`, or no
/// offset (then UTC). The service's "never", year 1, is `None`.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.starts_with("0001-01-01") {
        return None;
    }
    text.parse().ok().or_else(|| {
        let local: jiff::civil::DateTime = text.trim_end_matches('Z').parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(local).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn times_are_read_in_every_form_that_the_services_write() {
        let wanted = "2026-01-05T10:11:12Z".parse().ok();
        for text in [
            "2026-01-05T10:11:12Z",
            "2026-01-05 10:11:12Z",
            "2026-01-05T10:11:12",
            "2026-01-05T12:11:12+02:00",
        ] {
            assert_eq!(parse_time(text), wanted, "{text}");
        }
        assert!(parse_time("2026-01-05T10:11:12.1234567Z").is_some());
        for text in ["0001-01-01T00:00:00Z", "", "yesterday"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
