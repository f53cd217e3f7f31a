//! The list of accounts: a table of a spreadsheet, one JSON object a line, or TOML. A bad row costs itself only.

mod cells;
mod error;
mod row;
mod separated;

pub use error::ListError;
pub use row::{BadRow, LiveRow, Row, Source};

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::Encoding;
use serde_json::Value;

use cells::Cells;

/// A row of the list, or why it is none.
pub type Listed = Result<Row, Box<BadRow>>;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Separated,
    Lines,
    Toml,
}

/// The rows of a list. `list` is what the user calls it; snapshots are relative to its folder.
///
/// # Errors
///
/// When nothing of it can be read; a bad row is among the rows.
pub fn read(bytes: &[u8], list: &Path) -> Result<Vec<Listed>, ListError> {
    let text = text(bytes)?;
    if text.trim().is_empty() {
        return Err(ListError::Empty);
    }
    if is_document(&text) {
        return Err(ListError::Document);
    }
    let (cells, has_names) = match form(&text, list) {
        Form::Separated => separated::cells(&text)?,
        Form::Lines => (lines(&text), false),
        Form::Toml => (toml(&text)?, false),
    };
    let has_names = has_names || cells.iter().any(|cells| cells.get("name").is_some());
    let rows = rows(cells, list, has_names);
    if rows.is_empty() {
        return Err(ListError::Empty);
    }
    Ok(rows)
}

/// Whether it is one JSON object over several lines: in a list each has a line of its own.
fn is_document(text: &str) -> bool {
    let mut lines = text.trim().lines();
    lines.next().is_some_and(|first| first.trim_end() == "{") && lines.next().is_some()
}

/// The form by the ending of the name, else by the first sign.
fn form(text: &str, list: &Path) -> Form {
    let ending = list
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("toml") => Form::Toml,
        Some("ndjson" | "jsonl") => Form::Lines,
        Some("csv" | "tsv" | "txt") => Form::Separated,
        _ if text.trim_start().starts_with('{') => Form::Lines,
        _ if text.trim_start().starts_with("[[") => Form::Toml,
        _ => Form::Separated,
    }
}

fn text(bytes: &[u8]) -> Result<String, ListError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return Ok(text.into_owned());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(ListError::NulByte { offset });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(ListError::Encoding {
            offset: error.valid_up_to(),
        }),
    }
}

/// One JSON object a line.
fn lines(text: &str) -> Vec<Cells> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(position, line)| {
            let line_number = position + 1;
            match serde_json::from_str::<BTreeMap<String, Value>>(line) {
                Ok(object) => Cells::of(
                    line_number,
                    object.into_iter().map(|(key, value)| (key, plain(value))),
                ),
                Err(error) => Cells::bad(line_number, format!("no JSON object on one line: {error}")),
            }
        })
        .collect()
}

/// A value as its cell would stand in a table.
fn plain(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Tables in lists, as `[[account]]`, whatever they are called.
fn toml(text: &str) -> Result<Vec<Cells>, ListError> {
    type Lists = BTreeMap<String, Vec<toml::Spanned<BTreeMap<String, toml::Value>>>>;
    let lists: Lists = toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map(|span| format!("line {}: ", line_of(text, span.start)))
            .unwrap_or_default();
        let tables = "the accounts are tables in a list, each below a line [[account]]";
        ListError::Toml(format!("{line}{}; {tables}", error.message()))
    })?;
    let mut tables: Vec<_> = lists.into_values().flatten().collect();
    tables.sort_by_key(|table| table.span().start);
    Ok(tables
        .into_iter()
        .map(|table| {
            let line = line_of(text, table.span().start);
            let value = |value: toml::Value| match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            let cells = table.into_inner();
            Cells::of(line, cells.into_iter().map(|(key, cell)| (key, value(cell))))
        })
        .collect())
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The rows, each with its own name.
fn rows(cells: Vec<Cells>, list: &Path, has_names: bool) -> Vec<Listed> {
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    cells
        .into_iter()
        .map(|cells| {
            let line = cells.line;
            let row = row::row(cells, list, has_names)?;
            match lines.get(&row.named.name) {
                Some(first) => Err(Box::new(BadRow {
                    error: format!("the name `{}` stands in line {first} already", row.named.name),
                    named: row.named,
                })),
                None => {
                    lines.insert(row.named.name.clone(), line);
                    Ok(row)
                }
            }
        })
        .collect()
}
