//! What a person answered and the evidence says otherwise, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An answer that the evidence contradicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contradiction {
    /// The fact.
    pub fact: String,
    /// What a person answered.
    pub answered: Value,
    /// What was read, and decides.
    pub read: Value,
    /// The section that it was read from.
    pub section: String,
    /// When it was read, RFC 3339.
    pub read_at: Option<String>,
}
