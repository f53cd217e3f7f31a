//! How each profile would judge, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::Outcome;
use crate::profile::Profile;

/// How one profile would judge the same evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProfileVerdict {
    /// The profile.
    pub profile: Profile,
    /// What its findings come to.
    pub outcome: Outcome,
    /// Its root causes, in the order to fix them.
    pub root_causes: Vec<String>,
    /// What in the evidence speaks for this profile.
    pub speaks_for: Vec<SpeaksFor>,
}

/// One fact that speaks for a profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeaksFor {
    /// Name of the fact.
    pub fact: String,
    /// Its value.
    pub value: Value,
    /// The section that it came from.
    pub section: String,
}
