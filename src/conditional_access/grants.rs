//! What the enforced policies demand of a sign-in, question by question, for facts.

use super::controls::{Control, Operator, SessionControl};
use super::decision::{Applicability, Evaluation, Outcome};
use super::truth::{Missing, MissingSet};

/// A three-valued verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// At least one enforced policy certainly does.
    Yes,
    /// Certainly none does.
    No,
    /// None certainly does, one might.
    Unknown,
}

/// A policy, by id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRef {
    /// Policy id.
    pub id: String,
    /// Display name; untrusted text.
    pub name: String,
    /// Made by Microsoft.
    pub microsoft_managed: bool,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// The policies that make it a yes.
    pub policies: Vec<PolicyRef>,
    /// The policies that might add to it.
    pub undetermined: Vec<PolicyRef>,
    /// What would tell.
    pub missing: MissingSet,
}

/// The answers over the enforced policies. Report-only and disabled ones count for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    /// Is access blocked?
    pub blocked: Answer,
    /// Is MFA demanded, also as one of several ways or by an authentication strength?
    pub mfa: Answer,
    /// Is a managed device or application demanded, with no way out by MFA?
    pub device: Answer,
    /// Is something else demanded: terms of use, a password change, third-party MFA, a strength without MFA?
    pub other: Answer,
    /// Is the acceptance of terms of use demanded, with no other control as a way around it?
    pub terms_of_use: Answer,
    /// Does a sign-in frequency age the session?
    pub sign_in_frequency: Answer,
}

/// Answers the questions that facts ask.
pub fn grants(evaluation: &Evaluation) -> Grants {
    Grants {
        blocked: ask(evaluation, blocks),
        mfa: ask(evaluation, demands_mfa),
        device: ask(evaluation, demands_device),
        other: ask(evaluation, demands_other),
        terms_of_use: ask(evaluation, demands_terms_of_use),
        sign_in_frequency: ask(evaluation, ages_session),
    }
}

/// What one policy says to a question, if it applies: `Err` = cannot be told.
type Demand = Result<bool, Missing>;

fn ask(evaluation: &Evaluation, question: fn(&Outcome) -> Demand) -> Answer {
    let mut answer = Answer {
        verdict: Verdict::No,
        policies: vec![],
        undetermined: vec![],
        missing: MissingSet::new(),
    };
    for outcome in evaluation
        .outcomes
        .iter()
        .filter(|outcome| outcome.may_be_enforced())
    {
        let mut open = match &outcome.applicability {
            Applicability::Applies { .. } => MissingSet::new(),
            Applicability::Undetermined { missing } => missing.clone(),
            Applicability::DoesNotApply { .. } => continue,
        };
        match question(outcome) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(missing) => {
                open.insert(missing);
            }
        }
        let policy = PolicyRef {
            id: outcome.id.clone(),
            name: outcome.name.clone(),
            microsoft_managed: outcome.microsoft_managed,
        };
        if open.is_empty() {
            answer.policies.push(policy);
        } else {
            answer.undetermined.push(policy);
            answer.missing.extend(open);
        }
    }
    if evaluation.incomplete {
        answer.missing.insert(Missing::Policies);
    }
    answer.verdict = match (answer.policies.is_empty(), answer.missing.is_empty()) {
        (false, _) => Verdict::Yes,
        (true, true) => Verdict::No,
        (true, false) => Verdict::Unknown,
    };
    answer
}

fn blocks(outcome: &Outcome) -> Demand {
    if outcome.grant.controls.contains(&Control::Block) {
        return Ok(true);
    }
    unknown_control(outcome).map_or(Ok(false), Err)
}

fn demands_mfa(outcome: &Outcome) -> Demand {
    let is_mfa = |wanted| {
        outcome
            .grant
            .controls
            .iter()
            .any(|control| control.is_mfa() == wanted)
    };
    if is_mfa(Some(true)) {
        Ok(true)
    } else if let Some(unknown) = unknown_control(outcome) {
        Err(unknown)
    } else if is_mfa(None) {
        Err(Missing::AuthenticationStrengths)
    } else {
        Ok(false)
    }
}

fn demands_device(outcome: &Outcome) -> Demand {
    demands(outcome, Control::is_device_or_app, |other| {
        other.is_mfa() != Some(false)
    })
}

fn demands_other(outcome: &Outcome) -> Demand {
    let is_other = |control: &Control| {
        control.is_mfa() == Some(false) && !control.is_device_or_app() && *control != Control::Block
    };
    demands(outcome, is_other, |other| {
        other.is_device_or_app() || other.is_mfa() != Some(false)
    })
}

fn demands_terms_of_use(outcome: &Outcome) -> Demand {
    let is_terms = |control: &Control| matches!(control, Control::TermsOfUse(_));
    demands(outcome, is_terms, |other| {
        !matches!(other, Control::TermsOfUse(_) | Control::Block)
    })
}

/// Whether a policy, where it applies, demands an authentication strength with no other control as a way around it.
///
/// # Errors
///
/// What would tell.
pub(crate) fn demands_strength(outcome: &Outcome) -> Demand {
    let is_strength = |control: &Control| matches!(control, Control::AuthenticationStrength(_));
    demands(outcome, is_strength, |other| {
        !matches!(other, Control::AuthenticationStrength(_) | Control::Block)
    })
}

/// Whether controls of a kind are demanded: one is listed, and no other control is a way around it.
fn demands(outcome: &Outcome, kind: fn(&Control) -> bool, way_around: fn(&Control) -> bool) -> Demand {
    let controls = &outcome.grant.controls;
    let listed = controls.iter().any(kind);
    let avoidable = controls.iter().any(way_around);
    match outcome.grant.operator {
        _ if !listed => unknown_control(outcome).map_or(Ok(false), Err),
        _ if !avoidable => Ok(true),
        Operator::And => Ok(true),
        Operator::Or => match unknown_control(outcome) {
            Some(unknown) if !controls.iter().any(|control| control.is_mfa() == Some(true)) => Err(unknown),
            _ => Ok(false),
        },
        Operator::Unknown => Err(Missing::Unrecognised("grantControls.operator".to_owned())),
    }
}

fn ages_session(outcome: &Outcome) -> Demand {
    let answers: Vec<Option<bool>> = outcome.session.iter().map(SessionControl::ages_session).collect();
    if answers.contains(&Some(true)) {
        Ok(true)
    } else if answers.contains(&None) {
        Err(Missing::Unrecognised("sessionControls".to_owned()))
    } else {
        Ok(false)
    }
}

fn unknown_control(outcome: &Outcome) -> Option<Missing> {
    outcome.grant.controls.iter().find_map(|control| match control {
        Control::Unknown(name) => Some(Missing::Unrecognised(format!("grantControls={name}"))),
        _ => None,
    })
}
