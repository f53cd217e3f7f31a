//! Faults that somebody accepted, as the report carries them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fault that somebody accepted, in the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when, as a date.
    pub expires: String,
}

impl Accepted {
    /// `accepted until DATE by OWNER`.
    pub fn in_words(&self) -> String {
        format!("accepted until {} by {}", self.expires, self.owner)
    }
}

/// What became of one exception of the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// The rule it is about.
    pub rule: String,
    /// Whether it holds.
    pub state: ExceptionState,
    /// What that rests on.
    pub detail: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when, as a date.
    pub expires: String,
}

/// Whether an exception holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// The fault is there, as it was when it was accepted.
    Applied,
    /// Its date has passed.
    Expired,
    /// The evidence is another than the one accepted.
    Changed,
    /// There is no such fault.
    Unmatched,
}
