//! Why bytes are no snapshot, and what a snapshot is limited to.

use thiserror::Error;

/// The schema name that every snapshot carries.
pub const SCHEMA: &str = "work365-doctor/snapshot/v1";

/// A snapshot file may have up to 64 MiB.
pub const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// Deeper nesting than any documented body has, and as deep as the JSON parser goes.
pub(super) const MAXIMUM_DEPTH: usize = 120;

/// Why bytes are not a snapshot. The message says what is wrong and what to do; [`SnapshotError::path`] says where.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SnapshotError {
    /// More bytes than [`MAXIMUM_BYTES`].
    #[error("the file is larger than 64 MiB; a snapshot of one account has well under 1 MiB")]
    TooLarge,
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// NUL bytes: a binary file, or UTF-16 without a byte order mark.
    #[error("byte {offset} is NUL, so this is no JSON text; if it is UTF-16, save it as UTF-8")]
    NulByte {
        /// Position of the first one.
        offset: usize,
    },
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("byte {offset} is not valid UTF-8; save the file as UTF-8")]
    Encoding {
        /// Position of the first offending byte.
        offset: usize,
    },
    /// A list where one object belongs.
    #[error("a snapshot is one JSON object, and this is a list; put one snapshot a line into a .ndjson file")]
    List,
    /// Brackets nested too deeply.
    #[error(
        "the JSON is nested more than {MAXIMUM_DEPTH} levels deep at line {line}; no service answers like that"
    )]
    TooDeep {
        /// Line of the bracket that went too far.
        line: usize,
    },
    /// Not JSON, cut off, or a value of the wrong type.
    #[error("{message}")]
    Json {
        /// JSON path, as `sections["graph.user"].body.accountEnabled`; empty for the whole document.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// A schema name that this version does not read.
    #[error("the schema is `{found}`; this version reads `{SCHEMA}`")]
    Schema {
        /// What the file says.
        found: String,
    },
}

impl SnapshotError {
    /// The JSON path of the fault, empty when the whole document is at fault.
    pub fn path(&self) -> &str {
        match self {
            SnapshotError::Json { path, .. } => path,
            SnapshotError::Schema { .. } => "schema",
            _ => "",
        }
    }
}
