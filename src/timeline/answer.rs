//! What the timeline says: since when it fails, and the changes before and after, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::UnknownBecause;

/// What happened when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// What the sign-ins come to.
    pub state: State,
    /// The same in one sentence, and what limits it.
    pub summary: String,
    /// What was read of the sign-in log; null when it could not be read.
    pub window: Option<Window>,
    /// The last success before the first failure; when nothing fails now, the newest success.
    pub last_success: Option<Moment>,
    /// The first failure of the present trouble; without a success before it, the first that the log still shows. Null when
    /// nothing fails now.
    pub first_failure: Option<Moment>,
    /// The newest sign-in.
    pub newest: Option<Moment>,
    /// What Work 365's jobs come to beside the sign-ins; absent where no list of jobs tells of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<Jobs>,
    /// Which sign-ins fail and which succeed, when that is what tells them apart.
    pub split: Option<Split>,
    /// The error codes of the log, the most recent first.
    pub codes: Vec<CodeSeen>,
    /// Changes before the first failure (without one: before now), those that could explain the codes first, by rank.
    pub changes: Vec<Change>,
    /// Changes after the first failure, in their order: they explain nothing before them.
    pub later_changes: Vec<Change>,
    /// How many further changes were left out of the two lists.
    pub changes_left_out: usize,
    /// Older entries of the directory's audit log exist that were not read.
    pub changes_truncated: bool,
    /// What could not be read, and what it would show.
    pub not_read: Vec<NotRead>,
}

/// What the sign-ins come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The newest sign-in succeeded, and none failed.
    Working,
    /// Sign-ins failed for a time and succeed again.
    Recovered,
    /// They succeeded, and since one moment every one fails.
    Failing,
    /// Every sign-in that the log holds failed.
    FailingThroughout,
    /// One kind of sign-in, or one address, fails; another goes on working.
    PartlyFailing,
    /// Failures and successes alternate: no clean break.
    Intermittent,
    /// The log was read and holds no sign-in of the account to Dynamics 365.
    NoSignIns,
    /// The sign-in log could not be read.
    Unknown,
}

impl State {
    /// Whether sign-ins fail at the end of the log.
    pub fn is_failing(self) -> bool {
        matches!(
            self,
            State::Failing | State::FailingThroughout | State::PartlyFailing | State::Intermittent
        )
    }
}

/// What was read of the sign-in log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// Its oldest entry.
    pub from: Option<String>,
    /// When it was read: its end.
    pub read_at: String,
    /// Sign-ins of the account to Dynamics 365 in it.
    pub sign_ins: usize,
    /// How many of them carry no usable time and are left out.
    pub undated: usize,
    /// Older entries exist that were not read.
    pub truncated: bool,
    /// Token refreshes were asked for too.
    pub token_refreshes: bool,
}

/// One sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// When.
    pub at: String,
    /// What kind of sign-in it was.
    pub kind: SignInKind,
    /// Its error code; null for a success.
    pub code: Option<String>,
    /// The code's symbolic name.
    pub name: Option<String>,
}

/// What Work 365's jobs come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Jobs {
    /// When a job last succeeded, as far as finished jobs are kept.
    pub last_success: Option<String>,
    /// When the first job failed that none succeeded after.
    pub first_failure: Option<String>,
}

/// What kind of sign-in it was. A success of one kind says little about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignInKind {
    /// With the password, by a program.
    Password,
    /// By a person, in a browser.
    Browser,
    /// With a token that was issued before.
    TokenRefresh,
    /// Of an application by itself.
    Application,
}

/// What tells failing and succeeding sign-ins apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Split {
    /// `kind` or `address`.
    pub by: String,
    /// The values that fail.
    pub failing: Vec<String>,
    /// The values that succeed.
    pub succeeding: Vec<String>,
}

/// One error code of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CodeSeen {
    /// The code.
    pub code: String,
    /// Its symbolic name.
    pub name: Option<String>,
    /// Its usual category.
    pub category: String,
    /// How often.
    pub count: usize,
    /// First time in the log.
    pub first_seen: Option<String>,
    /// Last time in the log.
    pub last_seen: Option<String>,
    /// Whether it is one of the present trouble.
    pub current: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// 1 is what could best explain the codes; null for what explains none of them.
    pub rank: Option<usize>,
    /// When.
    pub at: String,
    /// Whole minutes before the first failure; null without one, and for later changes.
    pub minutes_before_first_failure: Option<i64>,
    /// What kind of change, as `rules/timeline.yaml` names it.
    pub kind: String,
    /// What was changed, in one sentence.
    pub what: String,
    /// Who did it, if that is recorded.
    pub by: Option<String>,
    /// The codes seen that it could explain.
    pub could_explain: Vec<String>,
    /// Why it could, or why not.
    pub because: String,
    /// A sign-in still succeeded between the change and the first failure.
    pub survived: bool,
    /// Rules that look at what it can break.
    pub rules: Vec<String>,
    /// Those of them that fail now.
    pub failing_rules: Vec<String>,
    /// The sections that tell of it.
    pub sections: Vec<String>,
}

/// A section that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotRead {
    /// The section, and the right that would read it.
    #[serde(flatten)]
    pub because: UnknownBecause,
    /// What it would show.
    pub gain: String,
}

/// A rule that fails now, and the ids that its evidence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule's id.
    pub rule: String,
    /// Texts of its evidence, as policy ids.
    pub evidence: Vec<String>,
}
