//! What Microsoft and the vendor announced, as far as it reaches this account.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::event::{Event, Sight, Told, Words, seen};
use crate::conditional_access::{Applicability, PolicyState};
use crate::diagnosis::report::Evidence;
use crate::diagnosis::report::UpcomingKind;
use crate::facts::{self, judged};
use crate::rules::upcoming::{AnnouncedChange, Reach, UpcomingWords};

/// The changes that are still to come.
pub(super) fn announced(sight: Sight<'_, '_>, words: &UpcomingWords) -> Vec<Told> {
    words
        .changes
        .iter()
        .filter_map(|change| {
            let at = start_of(change).filter(|at| *at >= sight.now)?;
            let (name, evidence) = reach(sight, &change.reaches)?;
            let event = Event {
                kind: UpcomingKind::VendorChange,
                words: "",
                at: Some(at),
                values: vec![("name", name)],
                evidence,
            };
            let templates = Words {
                severity: change.severity,
                owner: &change.owner,
                short: Some(&change.short),
                what: &change.what,
                step: &change.step,
            };
            event.told_with(&templates, sight.now)
        })
        .collect()
}

fn start_of(change: &AnnouncedChange) -> Option<Timestamp> {
    let start = change.date.to_datetime(Time::midnight());
    TimeZone::UTC.to_timestamp(start).ok()
}

/// By what the change reaches the account: the policies' names, and the evidence.
fn reach(sight: Sight<'_, '_>, reach: &Reach) -> Option<(String, Vec<Evidence>)> {
    let mut names = String::new();
    let mut evidence = Vec::new();
    if let Some(control) = &reach.control {
        let policies = policies_with(sight, control);
        if policies.is_empty() {
            return None;
        }
        let answer = &sight.facts.context()?.evidence().conditional_access_policies;
        names = policies.join(", ");
        evidence.extend(seen(
            "conditionalAccessPolicy.displayName",
            policies,
            answer.section,
            answer.read_at.as_ref(),
        ));
    }
    if let Some(name) = &reach.fact {
        let id = facts::find(name)?;
        let value = serde_json::to_value(sight.facts.get(id).as_ref().ok()?).ok()?;
        if Some(&value) != reach.is.as_ref() {
            return None;
        }
        let (section, read_at) = sight.facts.source(id);
        evidence.push(Evidence {
            fact: name.clone(),
            value,
            section: section.to_owned(),
            read_at: read_at.map(str::to_owned),
        });
    }
    Some((names, evidence))
}

/// The names of the enforced policies that cover the sign-in and select a grant control.
fn policies_with(sight: Sight<'_, '_>, control: &str) -> Vec<String> {
    let judged = sight.facts.context().and_then(|context| judged(context).ok());
    let mut names: Vec<String> = Vec::new();
    for outcome in judged
        .into_iter()
        .flatten()
        .flat_map(|(evaluation, _)| &evaluation.outcomes)
    {
        let applies = matches!(outcome.applicability, Applicability::Applies { .. });
        let selects = outcome.grant.controls.iter().any(|known| known.name() == control);
        if applies && selects && outcome.state == PolicyState::Enabled && !names.contains(&outcome.name) {
            names.push(outcome.name.clone());
        }
    }
    names
}
