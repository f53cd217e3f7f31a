//! The evidence file: sections, outcomes, and the typed bodies that rules judge (`CONTRACT.md` section 3).
//!
//! A snapshot is read strictly where we judge and loosely elsewhere: unknown sections and properties are kept and
//! ignored, a property that we judge and that has the wrong type is an error naming its JSON path.

/// One typed body: a struct of optional [`Field`]s with one naming style.
macro_rules! body {
    ($style:literal, $(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Deserialize)]
        #[serde(default, rename_all = $style)]
        pub struct $name { $($(#[$field_meta])* pub $field: Field<$kind>),* }
    };
}

pub mod admin;
mod catalogue;
pub mod dataverse;
mod evidence;
mod field;
pub mod graph;
pub mod login;
mod parse;
pub mod redact;
mod schema;

pub use catalogue::{SECTIONS, SectionInfo, section_info};
pub use evidence::{Answer, Evidence, Unread};
pub use field::{Collection, Field, OneOrMany, Single, TRUNCATED};
pub use parse::{MAXIMUM_BYTES, SCHEMA, SnapshotError};
pub use schema::json_schema;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The evidence of one account in one environment.
#[derive(Debug)]
pub struct Snapshot {
    /// When the evidence was collected.
    pub captured_at: jiff::Timestamp,
    /// Whether names and ids were replaced by pseudonyms.
    pub redacted: bool,
    /// What was asked about.
    pub subject: Subject,
    /// Every section as it came, known to us or not.
    pub sections: BTreeMap<String, Section>,
    /// The sections that rules judge, typed.
    pub evidence: Evidence,
}

/// What a snapshot is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
pub struct Subject {
    /// UPN of the service account, or the application id of an application user.
    pub account: String,
    /// Origin of the environment, as `https://contoso.crm4.dynamics.com`.
    pub environment: Option<String>,
    /// Tenant id.
    pub tenant_id: Option<String>,
    /// `public`, `gcc`, `gcc-high`, `dod`, `china`.
    pub cloud: Option<String>,
}

/// How one question to a service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered.
    Ok,
    /// Refused: 401 or 403.
    Denied,
    /// 404: an answer, not a failure to read.
    NotFound,
    /// Anything else: transport, 5xx, malformed.
    Failed,
    /// Not asked.
    Skipped,
}

/// One section: an outcome and the service's raw answer.
#[derive(Debug, Deserialize)]
pub struct Section {
    /// How it ended.
    pub outcome: Outcome,
    /// When it was read, RFC 3339.
    #[serde(default)]
    pub read_at: Option<String>,
    /// HTTP status, if there was an answer.
    #[serde(default)]
    pub http_status: Option<u16>,
    /// What went wrong, for `failed`.
    #[serde(default)]
    pub detail: Option<String>,
    /// The body as it came.
    #[serde(default)]
    pub body: Option<Box<RawValue>>,
}

impl Snapshot {
    /// Reads a snapshot from the bytes of a file (UTF-8, or UTF-16 with a byte order mark).
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] says what is wrong and at which JSON path.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        parse::snapshot(bytes)
    }

    /// A section by name, if the snapshot has it.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(name)
    }
}
