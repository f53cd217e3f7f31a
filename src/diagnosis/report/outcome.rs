//! What the findings of a report come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counts of the selected findings, and what they come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// What the findings come to.
    pub outcome: Outcome,
    /// Healthy answers.
    pub pass: usize,
    /// Faults, those below the threshold included.
    pub fail: usize,
    /// Faults that time is expected to cure.
    pub pending: usize,
    /// Questions that the evidence could not answer.
    pub unknown: usize,
    /// Questions that this profile does not ask.
    pub not_applicable: usize,
    /// Rules that a selection left out: nothing is said about what they look for.
    #[serde(default)]
    pub left_out: usize,
}

/// What the findings come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A fault at or above the threshold.
    Unhealthy,
    /// No such fault, but one that time is expected to cure.
    Pending,
    /// Neither, but an unanswered question could hide one.
    Incomplete,
    /// Nothing at or above the threshold.
    Healthy,
}

impl Outcome {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Unhealthy => "unhealthy",
            Outcome::Pending => "pending",
            Outcome::Incomplete => "incomplete",
            Outcome::Healthy => "healthy",
        }
    }
}
