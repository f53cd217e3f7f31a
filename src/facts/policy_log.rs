//! What the sign-in log proves about Conditional Access: it may prove a demand, never that there is none.

use crate::conditional_access::{Applicability, Condition, PolicyState};
use crate::profile::Profile;
use crate::snapshot::graph::AppliedPolicy;

use super::Inputs;
use super::mixup::demanded_by;
use super::policies::Question;
use super::value::parse_time;

/// Codes of a sign-in that a policy stopped. Sources: domain.md C7, C8, C12; api-facts 3.4.
const BLOCKED: [i64; 4] = [53003, 530032, 530036, 53009];
const DEVICE: [i64; 6] = [53000, 53001, 53002, 50097, 50129, 50155];
const AGED: [i64; 2] = [70043, 50078];

impl<'a> Inputs<'a> {
    /// Whether the newest sign-in for Dynamics 365 met the demand.
    pub(super) fn is_proven_by_log(&self, question: Question) -> bool {
        if self.profile == Profile::ApplicationUser {
            return question == Question::Block && self.newest_code_is_one_of(&BLOCKED) == Ok(true);
        }
        let codes: &[i64] = match question {
            Question::Mfa => &[],
            Question::Block => &BLOCKED,
            Question::Device => &DEVICE,
            Question::Frequency => &AGED,
        };
        if self.newest_code_is_one_of(codes) == Ok(true) {
            return true;
        }
        let Some(entry) = self.newest_sign_in() else {
            return false;
        };
        match question {
            Question::Mfa => {
                !self.named_by_log(question).is_empty() || demanded_by(entry, "multiConditionalAccess")
            }
            Question::Block | Question::Device => !self.named_by_log(question).is_empty(),
            Question::Frequency => false,
        }
    }

    /// The policies that the newest sign-in names as having made the demand.
    pub(super) fn named_by_log(&self, question: Question) -> Vec<&'a AppliedPolicy> {
        let Some(entry) = self.newest_sign_in() else {
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
                        (result == "success" || result == "failure")
                            && is(&["mfa", "strength", "multifactor"])
                    }
                    Question::Block => result == "failure" && is(&["block"]),
                    Question::Device => {
                        result == "failure"
                            && is(&["device", "application"])
                            && !is(&["mfa", "strength", "multifactor"])
                    }
                    Question::Frequency => policy
                        .enforced_session_controls
                        .items()
                        .iter()
                        .any(|control| control.to_lowercase().contains("signinfrequency")),
                }
            })
            .collect()
    }

    /// Whether the policies, read after the sign-in, no longer do what the log says: the policy that it names is off or
    /// spares the account now, or, where it names none, some policy was changed since.
    pub(super) fn is_lifted_since(&self, question: Question) -> bool {
        let Ok(judged) = self.judged() else {
            return false;
        };
        let named = self.named_by_log(question);
        if named.is_empty() {
            let at = self
                .newest_attempt()
                .ok()
                .flatten()
                .and_then(|attempt| attempt.at);
            return at
                .zip(self.newest_policy_change())
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
    pub(crate) fn policy_spares_account(&self, id: &str) -> Option<bool> {
        let judged = self.judged().ok()?;
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

    pub(super) fn newest_policy_change(&self) -> Option<jiff::Timestamp> {
        let body = self.evidence().conditional_access_policies.ok()?;
        let policies = body.get("value")?.as_array()?;
        policies
            .iter()
            .flat_map(|policy| [policy.get("modifiedDateTime"), policy.get("createdDateTime")])
            .filter_map(|time| time?.as_str().and_then(parse_time))
            .max()
    }
}
