//! Why bytes are no snapshot, and what a snapshot is limited to.

use thiserror::Error;

use crate::well_known::{GZIP, ZIP};

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
    /// A file of another kind, known by its first bytes.
    #[error("this is {0}")]
    OtherKind(&'static str),
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("byte {offset} is not valid UTF-8; save the file as UTF-8")]
    Encoding {
        /// Position of the first offending byte.
        offset: usize,
    },
    /// A list where one object belongs.
    #[error("a snapshot is one JSON object, and this is a list; put one snapshot a line into a .ndjson file")]
    List,
    /// Something else where one object belongs: most often a pasted error.
    #[error(
        "this is not JSON: a snapshot begins with {{, and this does not; errors and logs are read by `decode`"
    )]
    Text,
    /// An object without a schema: most often the answer of a service.
    #[error(
        "it names no schema, and a snapshot's is `{SCHEMA}`; `capture` and the scripts of `plan` write snapshots, and errors are read by `decode`"
    )]
    NoSchema,
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
    #[error("the schema is `{found}`; this version reads `{SCHEMA}`{}", way_on(found))]
    Schema {
        /// What the file says.
        found: String,
    },
}

/// What reads a document of this schema.
fn way_on(schema: &str) -> &'static str {
    match schema.strip_prefix("work365-doctor/").unwrap_or_default() {
        kind if kind.starts_with("report/") => "; a report is shown by `report render`",
        kind if kind.starts_with("fleet/") => "; an overview is shown by `report render`",
        kind if kind.starts_with("answers/") => "; answers are given with `--answers`",
        _ => "",
    }
}

/// What begins with these bytes and is no text, and what to do with it.
pub(super) fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 3] = [
        (
            ZIP,
            "a ZIP archive; `report open` reads a case file, and any other is to be unpacked first",
        ),
        (&GZIP, "a gzip file; unpack it first"),
        (b"%PDF-", "a PDF; a snapshot is a JSON file"),
    ];
    kinds
        .iter()
        .find(|(mark, _)| bytes.starts_with(mark))
        .map(|(_, kind)| *kind)
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
