//! The JSON Schemas that are printed: `rules/schemas/`, one file a document or tool. A test makes each from its type.

#[cfg(test)]
mod lost;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::embedded;
#[cfg(test)]
pub(super) use tests::hold_tool;

/// Documents that the tool prints or writes, by the name in their `schema` key. `decode-line` is one line of
/// `decode --batch -o ndjson`: a decode answer with its place in the batch.
const DOCUMENTS: &str = "rules/schemas/documents/";

/// What an agent sends to a tool, by the tool's name.
const TOOLS: &str = "rules/schemas/tools/";

/// The names of the documents, as their files are sorted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    embedded::texts(DOCUMENTS).filter_map(|path| path.strip_prefix(DOCUMENTS)?.strip_suffix(".json"))
}

/// The schema of a document, as it is printed.
pub(super) fn of(name: &str) -> &'static str {
    embedded::text(&file(DOCUMENTS, name))
}

/// The schema of a document.
pub(super) fn document(name: &str) -> Value {
    value(DOCUMENTS, name)
}

/// The schema of what a tool is called with.
pub(super) fn tool(name: &str) -> Value {
    value(TOOLS, name)
}

fn value(folder: &str, name: &str) -> Value {
    // A test holds every file against its type.
    serde_json::from_str(embedded::text(&file(folder, name))).unwrap_or_default()
}

fn file(folder: &str, name: &str) -> String {
    format!("{folder}{name}.json")
}
