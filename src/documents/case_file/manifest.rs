//! The list of a case file: its entries with their sums.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::diagnosis::report::{RulePack, Tool};
use crate::text::hex;

/// The schema name of the list.
const SCHEMA: &str = "work365-doctor/case-file/v1";

/// What a case file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Manifest {
    /// Always `work365-doctor/case-file/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: String,
    /// Which program made it.
    pub(crate) tool: Tool,
    /// Which rules judged.
    pub(crate) rule_pack: RulePack,
    /// When the evidence was collected.
    pub(crate) captured_at: String,
    /// Every other entry.
    pub(crate) files: Vec<ManifestEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ManifestEntry {
    /// Its name.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    /// SHA-256, lower-case hex: it shows damage, not origin.
    pub(crate) sha256: String,
}

impl Manifest {
    /// The list of these entries.
    pub(super) fn of(
        tool: Tool,
        rule_pack: RulePack,
        captured_at: String,
        entries: &[(&'static str, Vec<u8>)],
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool,
            rule_pack,
            captured_at,
            files: entries
                .iter()
                .map(|(name, content)| ManifestEntry {
                    name: (*name).to_owned(),
                    bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
                    sha256: sum(content),
                })
                .collect(),
        }
    }

    /// Whether it is a list of this version.
    pub(super) fn is_known(&self) -> bool {
        self.schema == SCHEMA
    }
}

/// SHA-256, lower-case hex.
pub(super) fn sum(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}
