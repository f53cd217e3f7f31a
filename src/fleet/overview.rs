//! Many accounts together: one cause behind many, the rights that would let most be read, what comes next, the counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::account::{Looked, OneCause};
use super::document::{
    Account, Cause, CauseGroup, ChangeKind, Fleet, MissingRight, SCHEMA, Shared, Summary, Upcoming,
};
use crate::diagnosis::report::Outcome;

/// A title that many accounts share has at least this many characters; a shorter rest says nothing.
const SHORTEST_TITLE: usize = 12;

/// One account with one cause.
type Case<'a> = (&'a str, &'a OneCause);

/// What makes accounts a group: tenant and policies, else error and day.
type Bond<'a> = (Option<&'a str>, &'a [String], Option<&'a str>, Option<&'a str>);

/// Puts the answer together; `generated_at` is used when no account says when its evidence was collected.
pub fn fleet(generated_at: String, looked: Vec<Looked>) -> Fleet {
    let causes = causes(&looked);
    let unreadable = unreadable(&looked);
    let upcoming = upcoming(&looked);
    let summary = summary(&looked);
    Fleet {
        schema: SCHEMA.to_owned(),
        generated_at,
        accounts: looked.into_iter().map(|looked| looked.account).collect(),
        causes,
        unreadable,
        upcoming,
        summary,
        accepted_by: None,
    }
}

/// The accounts with the worst first: what is broken, then what could not be looked at, then what is right.
pub fn worst_first(accounts: &[Account]) -> Vec<&Account> {
    let mut sorted: Vec<&Account> = accounts.iter().collect();
    sorted.sort_by_key(|account| {
        let rank = match account.outcome {
            Some(Outcome::Unhealthy) => 0,
            None => 1,
            Some(_) if !account.verdict => 2,
            Some(Outcome::Pending) => 3,
            Some(Outcome::Incomplete) => 4,
            Some(Outcome::Healthy) => 5,
        };
        (
            rank,
            Reverse(account.severity),
            Reverse(account.root_causes.len()),
            &account.name,
        )
    });
    sorted
}

fn causes(looked: &[Looked]) -> Vec<Cause> {
    let mut by_id: BTreeMap<&str, Vec<Case<'_>>> = BTreeMap::new();
    for one in looked {
        for cause in &one.causes {
            let cases = by_id.entry(&cause.id).or_default();
            cases.push((&one.account.name, cause));
        }
    }
    let mut causes: Vec<Cause> = by_id.iter().filter_map(|(id, cases)| cause(id, cases)).collect();
    causes.sort_by_key(|cause| {
        (
            Reverse(cause.accounts.len()),
            Reverse(cause.severity),
            cause.id.clone(),
        )
    });
    causes
}

fn cause(id: &str, cases: &[Case<'_>]) -> Option<Cause> {
    let severity = cases.iter().map(|(_, cause)| cause.severity).max()?;
    Some(Cause {
        id: id.to_owned(),
        title: title(id, cases),
        severity,
        accounts: names(cases),
        since: since(cases),
        owner: cases.iter().find_map(|(_, cause)| cause.owner.clone()),
        pending: cases
            .iter()
            .filter(|(_, cause)| cause.is_pending)
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        shared: shared(cases),
        groups: groups(cases),
    })
}

fn names(cases: &[Case<'_>]) -> Vec<String> {
    cases.iter().map(|(name, _)| (*name).to_owned()).collect()
}

/// The earliest time. Times of evidence are written alike, so that text sorts as time.
fn since(cases: &[Case<'_>]) -> Option<String> {
    cases.iter().filter_map(|(_, cause)| cause.since.clone()).min()
}

/// What the titles have in common, cut at a word.
fn title(id: &str, cases: &[Case<'_>]) -> String {
    let mut titles = cases.iter().map(|(_, cause)| cause.title.as_str());
    let Some(first) = titles.next() else {
        return id.to_owned();
    };
    let common = titles.fold(first, |common, title| {
        let length = common
            .char_indices()
            .zip(title.chars())
            .find(|((_, left), right)| left != right)
            .map_or(common.len().min(title.len()), |((position, _), _)| position);
        common.get(..length).unwrap_or_default()
    });
    if common.len() == first.len() {
        return first.to_owned();
    }
    let whole_words = common.rsplit_once(' ').map_or("", |(words, _)| words);
    let tidy = whole_words.trim_end_matches(|character: char| !character.is_alphanumeric());
    if tidy.chars().count() < SHORTEST_TITLE {
        return id.to_owned();
    }
    tidy.to_owned()
}

/// What all of them have in common. A policy is one policy only within one tenant: elsewhere it has the same name.
fn shared(cases: &[Case<'_>]) -> Shared {
    let same = |part: fn(&Shared) -> &Option<String>| -> Option<String> {
        let mut values = cases.iter().map(|(_, cause)| part(&cause.shared));
        let first = values.next()?.as_ref()?;
        values
            .all(|value| value.as_ref() == Some(first))
            .then(|| first.clone())
    };
    let tenant = same(|shared| &shared.tenant);
    let policies = tenant.as_ref().map(|_| {
        let (_, first) = cases.first()?;
        let rest = cases.iter().skip(1);
        let in_all = |policy: &&String| rest.clone().all(|(_, cause)| cause.policies.contains(policy));
        let common: Vec<&str> = first.policies.iter().filter(in_all).map(String::as_str).collect();
        (!common.is_empty()).then(|| common.join(", "))
    });
    Shared {
        policy: policies.flatten(),
        tenant,
        environment: same(|shared| &shared.environment),
        error: same(|shared| &shared.error),
        day: same(|shared| &shared.day),
    }
}

/// Accounts of one tenant with the same policies behind them, else of one tenant, else with one error of one day.
fn groups(cases: &[Case<'_>]) -> Vec<CauseGroup> {
    let mut buckets: BTreeMap<Bond<'_>, Vec<Case<'_>>> = BTreeMap::new();
    for case in cases {
        let shared = &case.1.shared;
        let key = match &shared.tenant {
            Some(tenant) => (Some(tenant.as_str()), case.1.policies.as_slice(), None, None),
            None => (None, &[][..], shared.error.as_deref(), shared.day.as_deref()),
        };
        buckets.entry(key).or_default().push(*case);
    }
    let mut groups: Vec<CauseGroup> = buckets
        .into_values()
        .filter(|group| group.len() > 1 && group.len() < cases.len())
        .map(|group| CauseGroup {
            shared: shared(&group),
            accounts: names(&group),
            since: since(&group),
        })
        .filter(|group| group.shared != Shared::default())
        .collect();
    groups.sort_by_key(|group| (Reverse(group.accounts.len()), group.shared.clone()));
    groups
}

fn unreadable(looked: &[Looked]) -> Vec<MissingRight> {
    let mut rights = BTreeMap::new();
    for one in looked {
        for lacking in &one.rights {
            let entry: &mut MissingRight = rights.entry(&lacking.right).or_insert_with(|| {
                let (permission, role, license) = lacking.right.clone();
                MissingRight {
                    permission,
                    role,
                    license,
                    accounts: Vec::new(),
                    checks: 0,
                }
            });
            entry.accounts.push(one.account.name.clone());
            entry.checks += lacking.checks;
        }
    }
    let mut rights: Vec<MissingRight> = rights.into_values().collect();
    rights.sort_by_key(|right| (Reverse(right.accounts.len()), Reverse(right.checks)));
    rights
}

fn upcoming(looked: &[Looked]) -> Vec<Upcoming> {
    let mut events: BTreeMap<(&str, &str), Upcoming> = BTreeMap::new();
    for one in looked {
        for event in &one.upcoming {
            let entry = events
                .entry((&event.at, &event.what))
                .or_insert_with(|| Upcoming {
                    at: event.at.clone(),
                    kind: event.kind,
                    what: event.what.clone(),
                    severity: event.severity,
                    owner: event.owner.clone(),
                    step: event.step.clone(),
                    accounts: Vec::new(),
                    evidence: event.evidence.clone(),
                });
            entry.accounts.push(one.account.name.clone());
            entry.severity = entry.severity.max(event.severity);
        }
    }
    events.into_values().collect()
}

fn summary(looked: &[Looked]) -> Summary {
    let mut summary = Summary {
        accounts: looked.len(),
        ..Summary::default()
    };
    for one in looked {
        let count = match one.account.outcome {
            None if one.is_without_answer => &mut summary.no_verdict,
            None => &mut summary.errors,
            Some(_) if !one.standing.has_verdict => &mut summary.no_verdict,
            Some(Outcome::Healthy) => &mut summary.healthy,
            Some(Outcome::Unhealthy) => &mut summary.unhealthy,
            Some(Outcome::Pending) => &mut summary.pending,
            Some(Outcome::Incomplete) => &mut summary.incomplete,
        };
        *count += 1;
    }
    summary
}

/// Leaves what changed since the last run, and the causes of that. The counts stay those of all.
pub fn only_changed(fleet: &mut Fleet) {
    fleet
        .accounts
        .retain(|account| account.change != ChangeKind::Same || account.error.is_some());
    let shown: BTreeSet<&str> = fleet
        .accounts
        .iter()
        .map(|account| account.name.as_str())
        .collect();
    let concerns = |accounts: &[String]| accounts.iter().any(|name| shown.contains(name.as_str()));
    fleet.causes.retain(|cause| concerns(&cause.accounts));
    fleet.unreadable.retain(|right| concerns(&right.accounts));
    fleet.upcoming.retain(|event| concerns(&event.accounts));
}
