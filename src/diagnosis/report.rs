//! The report: the frozen machine format `work365-doctor/report/v1` (`CONTRACT.md` section 4).
//!
//! Keys are only ever added. Renderers read this and decide nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::comparison::Comparison;
use super::place::path_at;
use crate::decode::PasswordVerdict;
pub use crate::facts::UnknownBecause;
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::{self, Severity};
use crate::timeline::Timeline;

/// The schema name that every report carries.
pub const SCHEMA: &str = "work365-doctor/report/v1";

/// One account, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Which program wrote it.
    pub tool: Tool,
    /// Which rules judged.
    pub rule_pack: RulePack,
    /// Whose guidance decided.
    pub profile: Profile,
    /// Ages are judged as of this instant; `captured_at` for a snapshot unless `--now` says otherwise.
    pub generated_at: String,
    /// When the evidence was collected.
    pub captured_at: String,
    /// What was checked.
    pub subject: ReportSubject,
    /// Counts and outcome.
    pub summary: Summary,
    /// One diagnosis.
    pub diagnosis: Diagnosis,
    /// Every selected rule's answer, in gate order.
    pub findings: Vec<Finding>,
    /// Decoded errors that were joined with the findings.
    pub errors: Vec<Value>,
    /// Every request made; empty offline.
    pub requests: Vec<Request>,
    /// What became of each exception in the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// What differs from a working account (`--compare-with`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Since when sign-ins fail, and which changes could explain it; absent in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
}

/// Reads a saved report.
///
/// # Errors
///
/// A message that says what is wrong and at which JSON path.
pub fn from_bytes(bytes: &[u8]) -> Result<Report, String> {
    #[derive(Deserialize)]
    struct OnlySchema {
        schema: String,
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let only: OnlySchema =
        serde_json::from_slice(bytes).map_err(|error| format!("no JSON with a schema name: {error}"))?;
    if only.schema != SCHEMA {
        return Err(format!(
            "the schema is `{}`; this version reads `{SCHEMA}`",
            only.schema
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let path = path_at(bytes, error.line(), error.column());
        format!("at {path}: {error}")
    })
}

/// Name and version of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// The rules that judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulePack {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// SHA-256 over the names and contents of all rule files, lower-case hex.
    pub sha256: String,
}

/// The account and environment of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportSubject {
    /// UPN or application id.
    pub account: String,
    /// Entra object id, if known.
    pub object_id: Option<String>,
    /// Tenant id, if known.
    pub tenant_id: Option<String>,
    /// Address of the environment, if known.
    pub environment: Option<String>,
}

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

/// The one answer that a reader takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnosis {
    /// One sentence.
    pub headline: String,
    /// Rule ids in the order to fix them.
    pub root_causes: Vec<String>,
    /// What the evidence proves about the password.
    pub password: PasswordVerdict,
    /// Who does what first.
    pub next_step: String,
    /// What to do after the fix.
    pub checklist: Vec<String>,
    /// The profile that the evidence speaks for, when it is another one.
    pub profile_hint: Option<Profile>,
}

/// One rule's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Rule id.
    pub id: String,
    /// Area of the rule.
    pub area: String,
    /// The fault, or what is as it should be.
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

/// One request of a live run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// HTTP method.
    pub method: String,
    /// URL template, without names.
    pub url: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Milliseconds.
    pub milliseconds: u64,
    /// How often it was sent.
    pub attempts: u32,
    /// The id that it carried: Microsoft support finds the request by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
}
