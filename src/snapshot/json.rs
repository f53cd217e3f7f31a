//! JSON to a value, or one clear error that names the place.

use serde::de::DeserializeOwned;

use super::error::SnapshotError;
use super::json_path::{joined, path_of};
use super::shapes::PATH_MARK;

/// The typed body of a section, or where it is not what it should be.
pub(super) fn section_body<T: DeserializeOwned>(body: &str) -> Result<T, SnapshotError> {
    from_json(body, "body")
}

/// Parses `text`, which stands at `prefix`.
pub(super) fn from_json<T: DeserializeOwned>(text: &str, prefix: &str) -> Result<T, SnapshotError> {
    serde_json::from_str(text).map_err(|error| json_error(prefix, &path_of(text, &error), &error))
}

fn json_error(prefix: &str, inner: &str, error: &serde_json::Error) -> SnapshotError {
    let mut path = joined(prefix, inner);
    let mut text = error.to_string();
    if let Some((nested, message)) = text.split_once(PATH_MARK) {
        path = joined(&path, nested);
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
