//! One rule's answer, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::exception::Accepted;
use crate::facts::UnknownBecause;
use crate::remedy::Remedy;
use crate::rules::{self, Severity};

/// One rule's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Rule id.
    pub id: String,
    /// The same for this rule, account and environment in every run; empty in reports of older versions.
    #[serde(default)]
    pub stable_id: String,
    /// Area of the rule.
    pub area: String,
    /// The fault, what is as it should be, or the question that is open.
    pub title: String,
    /// The answer.
    pub status: Status,
    /// Severity under this profile.
    pub severity: Severity,
    /// Whether it is one of the causes to fix.
    pub root_cause: bool,
    /// Codes of the errors that were seen and that this fault explains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explains: Vec<String>,
    /// The failed rules of which this fault is a consequence.
    pub explained_by: Vec<String>,
    /// The failed rules that make the question meaningless.
    pub blocked_by: Vec<String>,
    /// Why the evidence could not answer.
    pub unknown_because: Vec<UnknownBecause>,
    /// What the rule looked at.
    pub evidence: Vec<Evidence>,
    /// Why it matters to Work 365.
    pub why: String,
    /// What to do; null unless the finding is a fault or could be one.
    pub remedy: Option<Remedy>,
    /// Whose guidance decided.
    pub guidance: Guidance,
    /// When to look again, for pending findings.
    pub recheck_at: Option<String>,
    /// Set when the fault was accepted in the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// A rule's answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Wrong.
    Fail,
    /// Wrong now; time alone is expected to cure it.
    Pending,
    /// The evidence could not answer.
    Unknown,
    /// This profile does not ask.
    NotApplicable,
}

impl Status {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Pending => "pending",
            Status::Unknown => "unknown",
            Status::NotApplicable => "not_applicable",
        }
    }
}

impl From<rules::Status> for Status {
    fn from(status: rules::Status) -> Self {
        match status {
            rules::Status::Pass => Status::Pass,
            rules::Status::Fail => Status::Fail,
            rules::Status::Pending { .. } => Status::Pending,
            rules::Status::Unknown => Status::Unknown,
            rules::Status::NotApplicable => Status::NotApplicable,
        }
    }
}

/// One fact that a rule looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Name of the fact.
    pub fact: String,
    /// Its value; null when unset or unknown.
    pub value: Value,
    /// The section that it came from.
    pub section: String,
    /// When that was read.
    pub read_at: Option<String>,
}

/// Whose guidance decided a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Guidance {
    /// Article or document.
    pub source: String,
    /// Its date.
    pub date: String,
}
