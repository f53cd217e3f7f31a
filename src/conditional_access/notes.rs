//! What a decision does not settle: changes of what is enforced, and what the list of policies may lack.

use super::calendar;
use super::decision::{Applicability, Decision, Effect, Evaluation, Outcome};
use super::policy_set::PolicySet;
use super::sign_in::SignIn;
use super::words::note_text;

/// One sentence each, in the order of the policies.
pub(super) fn notes(set: &PolicySet, sign_in: &SignIn, evaluation: &Evaluation) -> Vec<String> {
    let enforced = || evaluation.outcomes.iter().filter(|one| one.may_be_enforced());
    let mut notes: Vec<String> = enforced()
        .flat_map(|outcome| ended_controls(sign_in, outcome))
        .collect();
    notes.extend(enforced().filter_map(|outcome| basic_scopes(sign_in, outcome)));
    if evaluation.decision == Decision::Allow && !set.read_from_beta {
        notes.push(note_text("preview-policies-not-listed"));
    }
    notes
}

/// Controls of a policy that applies, or may, whose enforcement ends or has ended.
fn ended_controls(sign_in: &SignIn, outcome: &Outcome) -> Vec<String> {
    if matches!(outcome.applicability, Applicability::DoesNotApply { .. }) {
        return Vec::new();
    }
    let selected = outcome.grant.controls.iter().map(|control| control.name());
    let ended = outcome.ended_controls.iter().map(String::as_str);
    selected
        .chain(ended)
        .filter_map(|control| {
            calendar::end_of(control)?.note(sign_in.day, &outcome.name, &[control.to_owned()])
        })
        .collect()
}

/// A policy that spares the application, but not a sign-in that asks for basic scopes alone.
fn basic_scopes(sign_in: &SignIn, outcome: &Outcome) -> Option<String> {
    outcome.reaches_basic_scopes?;
    let spares = matches!(outcome.applicability, Applicability::DoesNotApply { .. });
    if !spares || outcome.grant.effects().1 == Effect::Nothing {
        return None;
    }
    let controls: Vec<String> = outcome
        .grant
        .controls
        .iter()
        .map(|control| control.name().to_owned())
        .collect();
    calendar::change(calendar::BASIC_SCOPES)?.note(sign_in.day, &outcome.name, &controls)
}
