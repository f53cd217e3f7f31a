//! One record: a list of fields, whatever the file was.

/// One record of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Where it starts in the text.
    pub(crate) offset: usize,
    /// Its fields, in order: the name as written (nested names joined by dots), and the value without its quotes.
    pub(crate) fields: Vec<(String, String)>,
}

/// The records of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    /// In the order of the text.
    pub(crate) list: Vec<Record>,
    /// True for a table with semicolons: a machine whose dates begin with the day wrote it.
    pub(crate) semicolons: bool,
}

/// Records beyond these are not read: a text of the longest kind has fewer.
pub(super) const MOST: usize = 200_000;

/// A name without case and marks: `Application ID ` and `applicationId` are one.
pub(crate) fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
