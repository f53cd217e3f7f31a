//! `json` and `ndjson`: the report as it is.

use serde::Serialize;

/// One indented document.
pub fn json(document: &impl Serialize) -> String {
    to_text(serde_json::to_string_pretty(document))
}

/// One document on one line.
pub fn ndjson(document: &impl Serialize) -> String {
    to_text(serde_json::to_string(document))
}

/// An input that gave no report, in its place in the answer (`work365-doctor/error/v1`).
pub fn error_line(input: &str, line: Option<usize>, path: &str, message: &str) -> String {
    #[derive(Serialize)]
    struct ErrorLine<'a> {
        schema: &'static str,
        input: &'a str,
        line: Option<usize>,
        path: &'a str,
        message: &'a str,
    }
    to_text(serde_json::to_string(&ErrorLine {
        schema: "work365-doctor/error/v1",
        input,
        line,
        path,
        message,
    }))
}

fn to_text(serialized: Result<String, serde_json::Error>) -> String {
    // Reports hold strings, numbers and lists only; serialising them to memory has no way to fail.
    let mut text = serialized.unwrap_or_default();
    text.push('\n');
    text
}
