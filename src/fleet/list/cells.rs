//! The cells of one row by the names of their columns, however the list is written.

use std::collections::BTreeMap;

/// What a list may say of an account.
pub(super) const COLUMNS: [&str; 11] = [
    "name",
    "account",
    "environment",
    "tenant",
    "profile",
    "time-zone",
    "configured-identity",
    "snapshot",
    "auth",
    "client-id",
    "secret-variable",
];

/// Columns that hold a secret by their name. They are kept, and never shown.
const SECRETS: [&str; 10] = [
    "password",
    "pwd",
    "secret",
    "client-secret",
    "token",
    "access-token",
    "refresh-token",
    "graph-token",
    "dataverse-token",
    "admin-token",
];

/// What is shown in place of a secret.
const NOT_SHOWN: &str = "(not shown: a list is no place for a secret)";

/// The cells of one row.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Its line, counted from 1.
    pub(super) line: usize,
    /// Why the row cannot be read.
    pub(super) error: Option<String>,
    known: BTreeMap<&'static str, String>,
    /// The columns that nobody here knows, as they are.
    pub(super) others: BTreeMap<String, String>,
}

impl Cells {
    /// The cells of a row; blank ones say nothing.
    pub(super) fn of(line: usize, cells: impl Iterator<Item = (String, String)>) -> Self {
        let mut row = Self {
            line,
            ..Self::default()
        };
        for (column, cell) in cells {
            match known(&column) {
                Some(name) if !cell.trim().is_empty() => {
                    row.known.insert(name, cell.trim().to_owned());
                }
                Some(_) => {}
                None if SECRETS.contains(&folded(&column).as_str()) && !cell.is_empty() => {
                    row.others.insert(column, NOT_SHOWN.to_owned());
                }
                None => {
                    row.others.insert(column, cell);
                }
            }
        }
        row
    }

    /// A row that cannot be read.
    pub(super) fn bad(line: usize, error: String) -> Self {
        Self {
            line,
            error: Some(error),
            ..Self::default()
        }
    }

    /// A cell that says something.
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.known.get(column).map(String::as_str)
    }

    /// The same, to keep.
    pub(super) fn owned(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }
}

/// The column of a header, in any case, with blanks or underscores for hyphens.
pub(super) fn known(header: &str) -> Option<&'static str> {
    let folded = folded(header);
    COLUMNS.into_iter().find(|column| *column == folded)
}

fn folded(header: &str) -> String {
    header.trim().to_lowercase().replace(['_', ' '], "-")
}
