//! Why a list as a whole cannot be read.

/// Why a list as a whole cannot be read. The message says what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ListError {
    /// Neither UTF-8 nor UTF-16 with its mark.
    #[error(
        "byte {offset} is not valid UTF-8; save the list as CSV UTF-8, or as UTF-16 with a byte order mark"
    )]
    Encoding {
        /// Position of the first offending byte.
        offset: usize,
    },
    /// UTF-16 without its mark, or no text at all.
    #[error("byte {offset} is NUL, so this is no text; save the list as CSV UTF-8")]
    NulByte {
        /// Position of the first one.
        offset: usize,
    },
    /// No header, or none that means anything here.
    #[error(
        "the first line names no column of a list; there are name, account, environment, tenant, profile, time-zone, \
         configured-identity, snapshot, auth, client-id and secret-variable"
    )]
    NoHeader,
    /// A column twice.
    #[error("the column `{0}` is there twice")]
    ColumnTwice(String),
    /// No TOML.
    #[error("no TOML: {0}")]
    Toml(String),
    /// One JSON document over many lines.
    #[error(
        "this is one JSON document, no list; name it in a list by `snapshot`, or give the folder in which it is"
    )]
    Document,
    /// Nothing to look at.
    #[error("the list names no account")]
    Empty,
}
