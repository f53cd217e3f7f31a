//! The answer of `what-if` (`work365-doctor/what-if/v1`).

use schemars::JsonSchema;
use serde::Serialize;

use super::changes::{Change, ChangeKind, Compensation, smallest_changes};
use super::decision::{Applicability, Decision, Evaluation, Outcome};
use super::draft::Draft;
use super::notes::notes;
use super::policy::PolicyState;
use super::policy_set::PolicySet;
use super::sign_in::SignIn;
use super::truth::{Cause, Condition, Missing, Reason};
use super::words::{change_text, compensation_text, name_of, reason_text};

/// Name of the format.
pub const SCHEMA: &str = "work365-doctor/what-if/v1";

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhatIf {
    /// Always [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// What follows from the enforced policies.
    pub decision: Decision,
    /// Enforced policies that apply.
    pub applied: Vec<AppliedPolicy>,
    /// Report-only policies that would apply.
    pub report_only: Vec<AppliedPolicy>,
    /// Policies that do not apply, the switched-off ones included.
    pub not_applied: Vec<NotAppliedPolicy>,
    /// Policies that cannot be judged.
    pub undetermined: Vec<UndeterminedPolicy>,
    /// What is missing beside the policies themselves: `policies` when pages of them were not read.
    pub missing: Vec<String>,
    /// What the decision does not settle, in words: what is enforced from another day on, what was not asked about.
    pub notes: Vec<String>,
    /// What the drafts of `--policy` change; everything else here is as it would be with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
}

/// A policy that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AppliedPolicy {
    /// Policy id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Grant controls by their names on the wire.
    pub controls: Vec<String>,
    /// `AND`, `OR`; null when unknown.
    pub operator: Option<String>,
    /// Session controls by their names on the wire.
    pub session_controls: Vec<String>,
    /// Made by Microsoft.
    pub microsoft_managed: bool,
    /// Why it applies, condition by condition.
    pub because: Vec<String>,
    /// Changes after which it would not apply, the smallest first.
    pub changes: Vec<ProposedChange>,
}

/// A change after which a policy would not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProposedChange {
    /// What kind of change.
    pub change: ChangeKind,
    /// With what: object ids, or the address.
    pub targets: Vec<String>,
    /// The change in words.
    pub text: String,
    /// What keeps the account guarded; null when the policy goes on guarding it.
    pub compensation: Option<Compensation>,
    /// That in words.
    pub compensation_text: Option<String>,
}

/// A policy that does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotAppliedPolicy {
    /// Policy id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The deciding condition.
    pub condition: String,
    /// Why, in words.
    pub because: String,
}

/// A policy that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UndeterminedPolicy {
    /// Policy id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Whether it is only reported on, and so cannot change the decision.
    pub report_only: bool,
    /// What it would demand.
    pub controls: Vec<String>,
    /// What would tell: names of flags or of evidence.
    pub missing: Vec<String>,
}

impl WhatIf {
    /// The answer when the policies could not be read: nothing is known.
    pub fn without_policies() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            decision: Decision::Undetermined,
            applied: Vec::new(),
            report_only: Vec::new(),
            not_applied: Vec::new(),
            undetermined: Vec::new(),
            missing: vec![Missing::Policies.to_string()],
            notes: Vec::new(),
            draft: None,
        }
    }

    /// The answer for the evaluation of `sign_in` by `set`.
    pub fn new(set: &PolicySet, sign_in: &SignIn, evaluation: &Evaluation) -> Self {
        let mut answer = Self {
            schema: SCHEMA.to_owned(),
            decision: evaluation.decision,
            applied: Vec::new(),
            report_only: Vec::new(),
            not_applied: Vec::new(),
            undetermined: Vec::new(),
            missing: evaluation
                .incomplete
                .then(|| Missing::Policies.to_string())
                .into_iter()
                .collect(),
            notes: notes(set, sign_in, evaluation),
            draft: None,
        };
        for (index, outcome) in evaluation.outcomes.iter().enumerate() {
            match (&outcome.applicability, outcome.state) {
                (_, PolicyState::Disabled) => {
                    let off = Reason {
                        condition: Condition::State,
                        cause: Cause::Disabled,
                        matched: None,
                    };
                    answer.not_applied.push(not_applied(outcome, &off));
                }
                (Applicability::DoesNotApply { because }, _) => {
                    answer.not_applied.push(not_applied(outcome, because));
                }
                (Applicability::Undetermined { missing }, state) => {
                    answer.undetermined.push(UndeterminedPolicy {
                        id: outcome.id.clone(),
                        name: outcome.name.clone(),
                        report_only: state == PolicyState::ReportOnly,
                        controls: controls(outcome),
                        missing: missing.iter().map(Missing::to_string).collect(),
                    });
                }
                (Applicability::Applies { because }, state) => {
                    let changes = smallest_changes(set, sign_in, index);
                    let policy = applied(outcome, because, changes);
                    match state {
                        PolicyState::ReportOnly => answer.report_only.push(policy),
                        _ => answer.applied.push(policy),
                    }
                }
            }
        }
        answer
    }
}

fn controls(outcome: &Outcome) -> Vec<String> {
    outcome
        .grant
        .controls
        .iter()
        .map(|control| control.name().to_owned())
        .collect()
}

fn applied(outcome: &Outcome, because: &[Reason], changes: Vec<Change>) -> AppliedPolicy {
    let operator = Some(name_of(&outcome.grant.operator)).filter(|name| name != "UNKNOWN");
    AppliedPolicy {
        id: outcome.id.clone(),
        name: outcome.name.clone(),
        controls: controls(outcome),
        operator: operator.filter(|_| !outcome.grant.controls.is_empty()),
        session_controls: outcome
            .session
            .iter()
            .map(|control| control.name.clone())
            .collect(),
        microsoft_managed: outcome.microsoft_managed,
        because: because.iter().map(reason_text).collect(),
        changes: changes.into_iter().map(proposed).collect(),
    }
}

fn proposed(change: Change) -> ProposedChange {
    ProposedChange {
        change: change.kind,
        text: change_text(&change),
        compensation: change.compensation,
        compensation_text: change.compensation.map(compensation_text),
        targets: change.targets,
    }
}

fn not_applied(outcome: &Outcome, because: &Reason) -> NotAppliedPolicy {
    NotAppliedPolicy {
        id: outcome.id.clone(),
        name: outcome.name.clone(),
        condition: name_of(&because.condition),
        because: reason_text(because),
    }
}
