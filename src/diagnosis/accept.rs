//! Exceptions: a fault that somebody accepted, with a reason, a name and a date, bound to the evidence.
//!
//! An exception never outlives what it was granted for: when the date passes, the evidence changes or the fault is
//! gone, it hides nothing and is reported.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::acceptance::{Acceptance, AcceptanceError};
use super::doctor::Doctor;
use super::report::{Accepted, Exception, ExceptionState, Finding, Status};
use crate::facts::{self, Facts};

impl Doctor {
    /// Checks that every exception could hold.
    ///
    /// # Errors
    ///
    /// The first one that could not.
    pub fn check_acceptances(&self, acceptances: &[Acceptance]) -> Result<(), AcceptanceError> {
        for Acceptance { rule, evidence, .. } in acceptances {
            let Some(known) = self.book().find(rule) else {
                return Err(AcceptanceError::Rule {
                    rule: rule.clone(),
                    suggestion: self.nearest(rule),
                });
            };
            if evidence.is_empty() {
                let fact = known
                    .when
                    .facts()
                    .first()
                    .map_or("fact", |fact| fact.definition().name);
                return Err(AcceptanceError::NoEvidence {
                    rule: rule.clone(),
                    fact: fact.to_owned(),
                });
            }
            if let Some(fact) = evidence.keys().find(|fact| facts::find(fact).is_none()) {
                return Err(AcceptanceError::Fact {
                    rule: rule.clone(),
                    fact: fact.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Marks the findings that are accepted and says what became of each exception.
pub(super) fn apply<'f>(
    acceptances: &[Acceptance],
    facts: &Facts<'_>,
    now: Timestamp,
    findings: impl Iterator<Item = &'f mut Finding>,
) -> Vec<Exception> {
    if acceptances.is_empty() {
        return Vec::new();
    }
    let account = facts
        .context()
        .map(|context| context.snapshot.subject.account.as_str())
        .unwrap_or_default();
    let mut findings: BTreeMap<String, &mut Finding> =
        findings.map(|finding| (finding.id.clone(), finding)).collect();
    acceptances
        .iter()
        .filter(|acceptance| {
            acceptance
                .account
                .as_ref()
                .is_none_or(|name| name.eq_ignore_ascii_case(account))
        })
        .map(|acceptance| {
            let finding = findings.get_mut(&acceptance.rule);
            let (state, detail) = judge(
                acceptance,
                facts,
                now,
                finding.as_deref().map(|finding| &**finding),
            );
            if let (ExceptionState::Applied, Some(finding)) = (state, finding) {
                finding.accepted = Some(Accepted {
                    reason: acceptance.reason.clone(),
                    owner: acceptance.owner.clone(),
                    expires: acceptance.expires.to_string(),
                });
            }
            Exception {
                rule: acceptance.rule.clone(),
                state,
                detail,
                owner: acceptance.owner.clone(),
                expires: acceptance.expires.to_string(),
            }
        })
        .collect()
}

fn judge(
    acceptance: &Acceptance,
    facts: &Facts<'_>,
    now: Timestamp,
    finding: Option<&Finding>,
) -> (ExceptionState, String) {
    if TimeZone::UTC.to_datetime(now).date() > acceptance.expires {
        return (
            ExceptionState::Expired,
            format!("it ended on {}", acceptance.expires),
        );
    }
    if !finding.is_some_and(|finding| matches!(finding.status, Status::Fail | Status::Pending)) {
        return (ExceptionState::Unmatched, "there is no such fault".to_owned());
    }
    for (name, accepted) in &acceptance.evidence {
        let value = facts::find(name)
            .and_then(|id| facts.get(id).as_ref().ok())
            .and_then(|value| serde_json::to_value(value).ok());
        if value.as_ref() != Some(accepted) {
            let value = value.map_or("unknown".to_owned(), |value| value.to_string());
            return (
                ExceptionState::Changed,
                format!("{name} was {accepted} and is {value}"),
            );
        }
    }
    (ExceptionState::Applied, acceptance.reason.clone())
}
