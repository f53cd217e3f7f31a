//! JSON to a value, or one clear error that names the place.

use serde::de::DeserializeOwned;

use super::error::SnapshotError;
use super::shapes::PATH_MARK;

/// The typed body of a section, or where it is not what it should be.
pub(super) fn section_body<T: DeserializeOwned>(body: &str) -> Result<T, SnapshotError> {
    from_json(body, "body")
}

/// Parses `text`; only when that fails, once more with the path tracked.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, prefix: &str) -> Result<T, SnapshotError> {
    let plain = match serde_json::from_str::<T>(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => Err(json_error(prefix, &plain, None)),
        Err(error) => Err(json_error(prefix, error.inner(), Some(error.path()))),
    }
}

fn json_error(
    prefix: &str,
    error: &serde_json::Error,
    inner: Option<&serde_path_to_error::Path>,
) -> SnapshotError {
    let inner = inner
        .map(ToString::to_string)
        // The tracker writes `.` for the root and `?` for a place inside text that is no JSON.
        .filter(|path| path != "." && path != "?")
        .unwrap_or_default();
    let mut path = match (prefix, inner.as_str()) {
        (prefix, "") => prefix.to_owned(),
        ("", inner) => inner.to_owned(),
        (prefix, inner) => format!("{prefix}.{inner}"),
    };
    let mut text = error.to_string();
    if let Some((nested, message)) = text.split_once(PATH_MARK) {
        path = format!("{path}.{nested}").replace(".[", "[");
        text = message.to_owned();
    }
    let message = match error.classify() {
        serde_json::error::Category::Eof => format!("the JSON is cut off: {text}"),
        serde_json::error::Category::Syntax => format!("this is not JSON: {text}"),
        // Inside a body the position counts from the body's start, which helps nobody.
        _ if !prefix.is_empty() => text.split(" at line ").next().unwrap_or(&text).to_owned(),
        _ => text,
    };
    SnapshotError::Json { path, message }
}
