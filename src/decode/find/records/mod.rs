//! Exports that hold one event a record: tables (comma, semicolon, tab), what PowerShell prints, lists and lines of JSON.
//!
//! A record is a list of fields, whatever the file was. What stands in one record belongs together: its code, its time, its
//! ids, its policies. [`entry`] says what the fields mean.

pub(crate) mod entry;
mod json;
mod printed;
mod record;
mod table;

pub(crate) use record::Records;

/// How the records of a text that is no JSON are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Rows of cells with a separator, below a heading.
    Table,
    /// Blocks of `Name : value`.
    Blocks,
    /// Columns below a line of dashes, which ends with the heading.
    Columns { heading: usize },
}

/// The layout of the records of a text that is no JSON; none where [`of`] finds none.
pub(crate) fn layout(text: &str) -> Option<Layout> {
    let (records, layout) = match table::records(text) {
        Some(records) => (records, Layout::Table),
        None => {
            let layout = printed::heading(text).map_or(Layout::Blocks, |heading| Layout::Columns { heading });
            (printed::records(text)?, layout)
        }
    };
    records.list.iter().any(entry::is_telling).then_some(layout)
}

/// The records of a text; none when it is no export, or one whose records say neither when nor what failed.
pub(crate) fn of(text: &str) -> Option<Records> {
    let text_start = text.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    let records = if text_start.starts_with(['{', '[']) {
        json::records(text, text.len() - text_start.len())
    } else {
        table::records(text).or_else(|| printed::records(text))
    }?;
    records.list.iter().any(entry::is_telling).then_some(records)
}
