//! A case judged again as if findings were fixed, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// The case as it would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rehearsal {
    /// Rule ids that are assumed to be fixed.
    pub assumed: Vec<String>,
    /// What the findings come to then.
    pub outcome: Outcome,
    /// Rule ids in the order to fix them, then.
    pub root_causes: Vec<String>,
    /// Faults that would be there and are not now: hidden until then, or made by the fix.
    pub new: Vec<String>,
    /// Faults that are there now and would be gone.
    pub cured: Vec<String>,
    /// One fix after another, from now until nothing is left to fix: those assumed first.
    pub steps: Vec<RehearsalStep>,
}

/// One fix of a rehearsal, and what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RehearsalStep {
    /// The rule whose remedy is done.
    pub fix: String,
    /// What is wrong before it.
    pub title: String,
    /// Who does it.
    pub owner: String,
    /// Whether it was assumed, or comes next.
    pub assumed: bool,
    /// What the findings come to after it.
    pub outcome: Outcome,
    /// Faults that it takes away, the consequences of this one included.
    pub cured: Vec<String>,
    /// Faults that show only after it.
    pub new: Vec<String>,
    /// Of those, the ones that were as they should be before: the fix breaks them.
    pub breaks: Vec<String>,
    /// What else it may break, in words.
    pub caution: Vec<String>,
}
