//! What tells an account from one that works, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::Status;
use super::outcome::Outcome;
use crate::facts::UnknownBecause;

/// What differs from another account that works, or from the same account when it worked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The other account.
    pub with: ComparedWith,
    /// What limits the comparison.
    pub notes: Vec<String>,
    /// The facts that differ, or that only one side knows: those of root causes first, those of no rule last.
    pub differences: Vec<Difference>,
    /// How many facts are the same.
    pub same: usize,
    /// How many facts neither side knows.
    pub unknown_on_both: usize,
    /// Facts of which every account has its own (ids, names, times) and that therefore differ without meaning anything.
    pub not_comparable: Vec<String>,
}

/// The account that was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedWith {
    /// UPN or application id.
    pub account: String,
    /// Address of its environment, if known.
    pub environment: Option<String>,
    /// When its evidence was collected. It was judged as of then.
    pub captured_at: String,
    /// What its own findings come to.
    pub outcome: Outcome,
    /// Its own root causes: what it shares with this account cannot be what tells them apart.
    pub root_causes: Vec<String>,
}

/// One fact that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Name of the fact.
    pub fact: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// How it differs.
    pub kind: DifferenceKind,
    /// Its value for this account; null when unset or unknown.
    pub here: Value,
    /// Its value for the other account; null when unset or unknown.
    pub there: Value,
    /// The section that it came from, on the side that knows it.
    pub section: String,
    /// The rules that look at it and were selected, in the order of [`Comparison::differences`].
    pub rules: Vec<String>,
    /// This account's answer to the first of them; null without one.
    pub status: Option<Status>,
    /// Whether the first of them is a root cause.
    pub root_cause: bool,
    /// Why one side does not know it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_because: Vec<UnknownBecause>,
}

/// How a fact differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Both sides know it, and it is not the same.
    Differs,
    /// Only the other side knows it: no difference of the account as far as anybody can tell.
    UnknownHere,
    /// Only this side knows it.
    UnknownThere,
}
