//! What the sign-in log proves about Conditional Access: it may prove a demand, never that there is none.

use crate::conditional_access::{Applicability, Condition, Outcome, PolicyState, SessionControl};
use crate::profile::Profile;
use crate::snapshot::graph::{AppliedPolicy, SignIn};

use crate::facts::context::Context;
use crate::facts::reading::Reading;
use crate::facts::sign_in::deciding::newest_attempt;
use crate::facts::sign_in::entry::{concerns_work_365, demanded_by};
use crate::facts::sign_in::judged::{Question, judged};
use crate::facts::sign_in::log::{account_sign_ins, newest_sign_in};
use crate::facts::sign_in::place::{BLOCKED, DEVICE, TOKEN_PROTECTION};
use crate::facts::sign_in::policy_set::{newest_policy_change, policy_change};
use crate::facts::value::parse_time;

/// The token is too old for a sign-in frequency. AADSTS50078 is not: remembered MFA ends with it too.
const AGED: [i64; 1] = [70043];

/// Whether the newest sign-in for Dynamics 365 met the demand.
pub(crate) fn is_proven_by_log(context: &Context<'_>, question: Question) -> bool {
    if context.is(Profile::ApplicationUser) {
        return question == Question::Block && was_refused_with(context, &BLOCKED);
    }
    let codes: &[i64] = match question {
        Question::Mfa => &[],
        Question::Block => &BLOCKED,
        Question::Device => &DEVICE,
        Question::TermsOfUse => &[],
        Question::Frequency => &AGED,
    };
    // Where the policies were read, only a policy that has the control ages the session.
    let is_contradicted = question == Question::Frequency && judged(context).is_ok();
    if !is_contradicted && was_refused_with(context, codes) {
        return true;
    }
    let Some(entry) = telling_entry(context) else {
        return false;
    };
    match question {
        Question::Mfa => {
            !named_by_log(context, question).is_empty() || demanded_by(entry, "multiConditionalAccess")
        }
        Question::Block | Question::Device => !named_by_log(context, question).is_empty(),
        Question::TermsOfUse | Question::Frequency => false,
    }
}

/// Whether the newest sign-in for Dynamics 365 met whatever was demanded of it.
pub(crate) fn newest_sign_in_succeeded(context: &Context<'_>) -> bool {
    let code = |entry: &SignIn| entry.status.known()?.error_code.known().copied();
    telling_entry(context).and_then(code) == Some(0)
}

/// The entry that tells what was demanded: the refusal of Work 365's newest attempt, whoever signed in since, else the
/// newest sign-in.
fn telling_entry<'a>(context: &Context<'a>) -> Option<&'a SignIn> {
    let refused = newest_attempt(context).ok().flatten().filter(|own| own.code != 0);
    refused
        .and_then(|own| own.entry)
        .or_else(|| newest_sign_in(context))
}

/// Whether a sign-in of the account to Dynamics 365, after the policy was last changed, met what it demands.
pub(crate) fn log_shows_success_of(context: &Context<'_>, policy: &str) -> Reading<bool> {
    let changed = policy_change(context, policy)?;
    let is_policy = |applied: &AppliedPolicy| {
        let same = applied
            .id
            .text()
            .is_some_and(|id| id.eq_ignore_ascii_case(policy));
        same && applied.result.text() == Some("success")
    };
    Ok(account_sign_ins(context)?.iter().any(|entry| {
        let at = entry.created_date_time.text().and_then(parse_time);
        concerns_work_365(entry)
            && at.is_some_and(|at| at > changed)
            && entry
                .applied_conditional_access_policies
                .items()
                .iter()
                .any(is_policy)
    }))
}

/// Whether the newest sign-in of the evidence was refused with one of `codes`. A text that somebody saw names no policy: it
/// proves a refusal, and not by what.
fn was_refused_with(context: &Context<'_>, codes: &[i64]) -> bool {
    let newest = newest_attempt(context).ok().flatten();
    newest.is_some_and(|attempt| !attempt.source.is_hearsay() && codes.contains(&attempt.code))
}

/// The policies that the newest sign-in names as having made the demand.
pub(crate) fn named_by_log<'a>(context: &Context<'a>, question: Question) -> Vec<&'a AppliedPolicy> {
    let Some(entry) = telling_entry(context) else {
        return Vec::new();
    };
    entry
        .applied_conditional_access_policies
        .items()
        .iter()
        .filter(|policy| {
            let controls = policy.enforced_grant_controls.items();
            let is = |wanted: &[&str]| {
                controls.iter().any(|control| {
                    let control = control.to_lowercase();
                    wanted.iter().any(|wanted| control.contains(wanted))
                })
            };
            let result = policy.result.text().unwrap_or_default();
            match question {
                Question::Mfa => {
                    (result == "success" || result == "failure") && is(&["mfa", "strength", "multifactor"])
                }
                Question::Block => {
                    result == "failure" && (is(&["block"]) || shapes_session(policy, "tokenprotection"))
                }
                Question::Device => {
                    result == "failure"
                        && is(&["device", "application"])
                        && !is(&["mfa", "strength", "multifactor"])
                }
                Question::TermsOfUse => result == "failure" && is(&["terms"]),
                Question::Frequency => shapes_session(policy, "signinfrequency"),
            }
        })
        .collect()
}

fn shapes_session(policy: &AppliedPolicy, control: &str) -> bool {
    let controls = policy.enforced_session_controls.items();
    controls
        .iter()
        .any(|enforced| enforced.to_lowercase().contains(control))
}

/// The policies that a refusal points at without naming one: for token protection those that apply and demand it.
pub(crate) fn meant_by_refusal<'c>(context: &'c Context<'_>) -> impl Iterator<Item = &'c Outcome> {
    let is_meant = was_refused_with(context, &[TOKEN_PROTECTION]);
    let judged = judged(context).ok().filter(|_| is_meant).unwrap_or_default();
    let outcomes = judged.iter().flat_map(|(evaluation, _)| &evaluation.outcomes);
    outcomes.filter(|outcome| {
        outcome.state == PolicyState::Enabled
            && matches!(outcome.applicability, Applicability::Applies { .. })
            && outcome
                .session
                .iter()
                .any(|control| control.name == SessionControl::TOKEN_PROTECTION)
    })
}

/// Whether the policies, read after the sign-in, no longer do what the log says: the policy that it names is off or
/// spares the account now, or, where it names none, some policy was changed since.
pub(crate) fn is_lifted_since(context: &Context<'_>, question: Question) -> bool {
    let Ok(judged) = judged(context) else {
        return false;
    };
    let named = named_by_log(context, question);
    if named.is_empty() {
        let at = newest_attempt(context)
            .ok()
            .flatten()
            .and_then(|attempt| attempt.at);
        return at
            .zip(newest_policy_change(context))
            .is_none_or(|(at, changed)| changed > at);
    }
    !judged
        .iter()
        .flat_map(|(evaluation, _)| &evaluation.outcomes)
        .any(|outcome| {
            let is_named = named.iter().any(|policy| {
                policy
                    .id
                    .text()
                    .is_some_and(|id| id.eq_ignore_ascii_case(&outcome.id))
            });
            let spares = match &outcome.applicability {
                // Risk is assumed to be none here; the log knows better.
                Applicability::DoesNotApply { because } => {
                    !matches!(because.condition, Condition::SignInRisk | Condition::UserRisk)
                }
                _ => false,
            };
            is_named && outcome.state == PolicyState::Enabled && !spares
        })
}

/// Whether the policy, as it was read, certainly does not reach the sign-in of Work 365; none when it cannot be told.
/// Risk is left out: the evaluator assumes none, and the day of the sign-in may have known better.
pub(crate) fn policy_spares_account(context: &Context<'_>, id: &str) -> Option<bool> {
    let judged = judged(context).ok()?;
    let outcomes: Vec<_> = judged
        .iter()
        .flat_map(|(evaluation, _)| &evaluation.outcomes)
        .filter(|outcome| outcome.id.eq_ignore_ascii_case(id))
        .collect();
    let spares = |applicability: &Applicability| match applicability {
        Applicability::DoesNotApply { because } => {
            !matches!(because.condition, Condition::SignInRisk | Condition::UserRisk)
        }
        _ => false,
    };
    (!outcomes.is_empty()).then(|| outcomes.iter().all(|outcome| spares(&outcome.applicability)))
}
