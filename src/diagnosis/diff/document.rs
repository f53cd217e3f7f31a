//! The document of a comparison (`work365-doctor/report-diff/v1`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::around::SignIns;
use crate::diagnosis::report::{Outcome, Status, Tool, Upcoming};
use crate::profile::Profile;
use crate::rules::Severity;

/// The schema name of the comparison.
pub const SCHEMA: &str = "work365-doctor/report-diff/v1";

/// The comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportDiff {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Which program compared.
    pub tool: Tool,
    /// The account of both.
    pub account: String,
    /// The environment of both, if known.
    pub environment: Option<String>,
    /// The older report.
    pub old: Side,
    /// The newer report.
    pub new: Side,
    /// Whether something got worse: exit code 1.
    pub worse: bool,
    /// What limits the comparison.
    pub notes: Vec<String>,
    /// Faults that the older report does not have.
    pub new_faults: Vec<Change>,
    /// Faults that are gone.
    pub fixed: Vec<Change>,
    /// Faults that are still there but differ, answers that are no longer known, and faults that only one of the reports asked
    /// for.
    pub changed: Vec<Change>,
    /// Questions that neither report answers.
    pub still_unknown: Vec<Change>,
    /// How many findings are the same in both.
    pub unchanged: usize,
    /// Faults of both reports, the causes first in the order to fix them; those that differ stand under `changed` too.
    #[serde(default)]
    pub still_failing: Vec<Change>,
    /// What the sign-ins come to; null where the newer report says nothing of them.
    #[serde(default)]
    pub sign_ins: Option<SignIns>,
    /// What time will bring and the older report does not tell of.
    #[serde(default)]
    pub upcoming_new: Vec<Upcoming>,
    /// What the older report tells of and the newer does not: it is past, or was taken care of.
    #[serde(default)]
    pub upcoming_gone: Vec<Upcoming>,
}

/// What is told about one of the two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// When its evidence was collected.
    pub captured_at: String,
    /// As of when it was judged.
    pub generated_at: String,
    /// What its findings come to.
    pub outcome: Outcome,
    /// Whose guidance decided.
    pub profile: Profile,
    /// Version of its rules.
    pub rules: String,
    /// How many questions its evidence could not answer; above zero it is incomplete.
    pub unread: usize,
    /// Its one sentence.
    #[serde(default)]
    pub headline: String,
    /// Who does what first.
    #[serde(default)]
    pub next_step: String,
}

/// One finding that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Rule id.
    pub id: String,
    /// The newer title.
    pub title: String,
    /// The newer severity.
    pub severity: Severity,
    /// The older answer; null when the rule was not asked.
    pub before: Option<Status>,
    /// The newer answer; null when the rule was not asked.
    pub after: Option<Status>,
    /// Whether this got worse.
    pub worse: bool,
    /// What differs, one phrase each.
    pub differences: Vec<String>,
    /// Whether it is a root cause of the newer report.
    #[serde(default)]
    pub root_cause: bool,
    /// Who fixes it, when it is a fault now.
    #[serde(default)]
    pub owner: Option<String>,
    /// How, when it is a fault now.
    #[serde(default)]
    pub steps: Vec<String>,
}
