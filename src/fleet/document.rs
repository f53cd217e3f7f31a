//! The answer of `fleet`: the frozen machine format `work365-doctor/fleet/v1`. Keys are only ever added.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnosis::report::{Evidence, Outcome, Status, UpcomingKind};
use crate::profile::Profile;
use crate::rules::Severity;

/// The schema name of the answer.
pub const SCHEMA: &str = "work365-doctor/fleet/v1";

/// Many accounts, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fleet {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// As of when the accounts were judged: `--now`, else the newest evidence.
    pub generated_at: String,
    /// One entry a row of the list, in its order.
    pub accounts: Vec<Account>,
    /// What is wrong, one entry a cause, the one that stops most accounts first.
    pub causes: Vec<Cause>,
    /// Which rights would let the unreadable be read, the one that cures most first.
    pub unreadable: Vec<MissingRight>,
    /// What time will break, and for whom, the next first.
    pub upcoming: Vec<Upcoming>,
    /// How many accounts came to what.
    pub summary: Summary,
    /// The configuration file whose accepted faults hold, where nobody named it and it was found.
    #[serde(default)]
    pub accepted_by: Option<String>,
}

/// One account of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its name in the list.
    pub name: String,
    /// Where the evidence or the row stands: a file, or the list and its line.
    pub input: String,
    /// UPN or application id.
    pub account: Option<String>,
    /// Address of the environment.
    pub environment: Option<String>,
    /// Tenant id, or what the list calls the tenant.
    pub tenant: Option<String>,
    /// Whose guidance decided.
    pub profile: Option<Profile>,
    /// What the findings come to; null when there is no report.
    pub outcome: Option<Outcome>,
    /// Whether anything about the account could be judged.
    pub verdict: bool,
    /// One sentence.
    pub headline: Option<String>,
    /// Rule ids in the order to fix them.
    pub root_causes: Vec<String>,
    /// Ids of the rules whose fault somebody accepted in the configuration.
    #[serde(default)]
    pub accepted: Vec<String>,
    /// Severity of the worst cause.
    pub severity: Option<Severity>,
    /// Who fixes the first cause; null where time alone is expected to.
    pub owner: Option<String>,
    /// Who does what first.
    pub next_step: Option<String>,
    /// Since when the first cause is there: by the evidence, else the first stored report that has it.
    pub since: Option<String>,
    /// What changed since the last report of the account.
    pub change: ChangeKind,
    /// Causes that the last report does not have.
    pub new_causes: Vec<String>,
    /// Causes that are gone since the last report.
    pub fixed_causes: Vec<String>,
    /// The worst answer of each area that was asked about, in the order of the gates.
    pub gates: Vec<Gate>,
    /// When the evidence was collected.
    pub captured_at: Option<String>,
    /// Whether `--resume` left the account out: what stands here is its stored report.
    pub resumed: bool,
    /// The stored report.
    pub report: Option<String>,
    /// Why there is no report.
    pub error: Option<String>,
    /// The other columns of the list, as they are.
    pub columns: BTreeMap<String, String>,
}

/// One area of checks, in a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// The area.
    pub area: String,
    /// Its worst answer.
    pub status: Status,
}

/// What changed since the last report of an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// There is no earlier report.
    #[default]
    First,
    /// Nothing that counts.
    Same,
    /// A fault where there was none.
    New,
    /// One more fault, or a graver one.
    Worse,
    /// A fault is gone, and none came.
    Fixed,
    /// What was known can no longer be read.
    Unreadable,
}

impl ChangeKind {
    /// The word used in answers.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::First => "first",
            ChangeKind::Same => "same",
            ChangeKind::New => "new",
            ChangeKind::Worse => "worse",
            ChangeKind::Fixed => "fixed",
            ChangeKind::Unreadable => "unreadable",
        }
    }
}

/// One cause and everybody it stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// Rule id.
    pub id: String,
    /// What is wrong: of one account as it is, of many what their titles have in common.
    pub title: String,
    /// The gravest severity among the accounts.
    pub severity: Severity,
    /// Names of the accounts.
    pub accounts: Vec<String>,
    /// The earliest of their times.
    pub since: Option<String>,
    /// Who fixes it; null where time alone is expected to, for every account.
    pub owner: Option<String>,
    /// Those of the accounts for which time alone is expected to cure it.
    #[serde(default)]
    pub pending: Vec<String>,
    /// What all these accounts have in common.
    pub shared: Shared,
    /// Those among them that have more in common than all: one policy, one tenant, one error of one day.
    pub groups: Vec<CauseGroup>,
}

/// Accounts with one cause that have more in common than its other accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseGroup {
    /// What they have in common.
    pub shared: Shared,
    /// Their names.
    pub accounts: Vec<String>,
    /// The earliest of their times.
    pub since: Option<String>,
}

/// What accounts with one cause have in common; a key that is absent differs among them, or is not known of all.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Shared {
    /// The policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The error code of the sign-ins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The day (UTC) since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
}

/// A right that would let something be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingRight {
    /// The permission; null when none is missing.
    pub permission: Option<String>,
    /// The role of the signed-in person.
    pub role: Option<String>,
    /// The tenant licence.
    pub license: Option<String>,
    /// Names of the accounts of which it would answer something.
    pub accounts: Vec<String>,
    /// How many checks it would answer, over all accounts.
    pub checks: usize,
}

/// Something that time will break.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Upcoming {
    /// When.
    pub at: String,
    /// What kind of event.
    pub kind: UpcomingKind,
    /// What it means.
    pub what: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who can do something about it.
    #[serde(skip)]
    pub owner: String,
    /// What to do before.
    #[serde(skip)]
    pub step: String,
    /// Names of the accounts.
    pub accounts: Vec<String>,
    /// What it rests on, of the first of them: a calendar tells one event from another by it.
    #[serde(skip)]
    pub evidence: Vec<Evidence>,
}

/// How many accounts came to what; the parts add up to `accounts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Rows of the list.
    pub accounts: usize,
    /// Nothing wrong that counts.
    pub healthy: usize,
    /// A fault.
    pub unhealthy: usize,
    /// A fault that time is expected to cure.
    pub pending: usize,
    /// Neither, but an open question could hide one.
    pub incomplete: usize,
    /// Nothing could be judged, or nobody could be signed in.
    pub no_verdict: usize,
    /// Rows that are bad, or whose evidence could not be read.
    pub errors: usize,
}
