//! Policies that are only reported on, and would stop the sign-in of Work 365 were they switched on.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::event::{Event, Sight, seen};
use crate::conditional_access::{Applicability, Control, Outcome, PolicyState};
use crate::diagnosis::report::UpcomingKind;
use crate::facts::{judged, parse_time};
use crate::profile::Profile;

/// A policy made by Microsoft waits at least so long before it is switched on.
///
/// Source: <https://learn.microsoft.com/entra/identity/conditional-access/managed-policies>
const MANAGED_WAIT: SignedDuration = SignedDuration::from_hours(24 * 45);

/// One event a policy.
pub(super) fn report_only(sight: Sight<'_, '_>) -> Vec<Event> {
    let Some(context) = sight.facts.context() else {
        return Vec::new();
    };
    let Ok(judged) = judged(context) else {
        return Vec::new();
    };
    let answer = &context.evidence().conditional_access_policies;
    let mut found: BTreeMap<&str, &Outcome> = BTreeMap::new();
    for outcome in judged.iter().flat_map(|(evaluation, _)| &evaluation.outcomes) {
        if outcome.state == PolicyState::ReportOnly
            && matches!(outcome.applicability, Applicability::Applies { .. })
            && would_stop(outcome, sight.profile)
        {
            found.entry(&outcome.id).or_insert(outcome);
        }
    }
    found
        .into_values()
        .map(|outcome| {
            let made = answer.ok().and_then(|body| made(body, &outcome.id));
            let earliest = made.and_then(|made| made.checked_add(MANAGED_WAIT).ok());
            let (words, at) = match earliest.filter(|at| *at >= sight.now) {
                _ if !outcome.microsoft_managed => ("policy-report-only", None),
                Some(at) => ("policy-managed", Some(at)),
                None => ("policy-managed-any-day", None),
            };
            let controls: Vec<&str> = outcome.grant.controls.iter().map(Control::name).collect();
            Event {
                kind: UpcomingKind::PolicyEnforcement,
                words,
                at,
                values: vec![("name", outcome.name.clone()), ("controls", controls.join(", "))],
                evidence: seen(
                    "conditionalAccessPolicy.id",
                    outcome.id.as_str(),
                    answer.section,
                    answer.read_at.as_ref(),
                ),
            }
        })
        .collect()
}

/// Whether Work 365 could not meet the demand: a stored password meets none; a consent that was given with MFA meets that.
fn would_stop(outcome: &Outcome, profile: Profile) -> bool {
    let is_mfa = |control: &Control| control.is_mfa() == Some(true);
    match profile {
        Profile::LegacyPassword => !outcome.grant.controls.is_empty(),
        Profile::Consent | Profile::ApplicationUser => {
            !outcome.grant.controls.is_empty() && !outcome.grant.controls.iter().any(is_mfa)
        }
    }
}

/// When a policy was made.
fn made(body: &Value, id: &str) -> Option<Timestamp> {
    let policies = body.get("value")?.as_array()?;
    let policy = policies
        .iter()
        .find(|policy| policy.get("id").and_then(Value::as_str) == Some(id))?;
    policy.get("createdDateTime")?.as_str().and_then(parse_time)
}
