//! Which failures belong together, and what tells the failing sign-ins from the working ones.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::attempt::Dated;
use super::{SignInKind, Split};

/// Failures with the same code and a success between them are one trouble when they lie closer than this: jobs run daily.
pub(super) const ONE_TROUBLE: SignedDuration = SignedDuration::from_hours(24);

/// So often does a code come back before it counts as one trouble whatever lies between.
const COMES_BACK: usize = 3;

/// Failures that belong together, by position.
pub(super) struct Trouble {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) interleaved: bool,
}

/// The newest failures, with those before them that share a code and lie close, or come back again and again.
pub(super) fn trouble(attempts: &[Dated<'_>]) -> Option<Trouble> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for position in (0..attempts.len()).filter(|position| attempts[*position].failed()) {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == position => *end = position,
            _ => runs.push((position, position)),
        }
    }
    let codes_of = |(start, end): (usize, usize)| -> BTreeSet<i64> {
        attempts[start..=end].iter().map(|one| one.attempt.code).collect()
    };
    let newest = *runs.last()?;
    // A day without a success is a break, whatever came and went before it.
    let lasted = attempts[newest.1].at.duration_since(attempts[newest.0].at);
    if newest.1 + 1 == attempts.len() && lasted >= ONE_TROUBLE {
        return Some(Trouble {
            first: newest.0,
            last: newest.1,
            interleaved: false,
        });
    }
    let newest_codes = codes_of(newest);
    let returns = runs
        .iter()
        .filter(|run| !codes_of(**run).is_disjoint(&newest_codes))
        .count()
        >= COMES_BACK;
    let (mut first, mut codes) = (newest.0, newest_codes.clone());
    for run in runs.iter().rev().skip(1) {
        let own = codes_of(*run);
        let gap = attempts[first].at.duration_since(attempts[run.1].at);
        let is_close = gap < ONE_TROUBLE && !own.is_disjoint(&codes);
        if is_close || (returns && !own.is_disjoint(&newest_codes)) {
            first = run.0;
            codes.extend(own);
        }
    }
    Some(Trouble {
        first,
        last: newest.1,
        interleaved: first != newest.0,
    })
}

/// Which sign-ins stand on the failing side of a split.
pub(super) enum Side {
    Kinds(BTreeSet<SignInKind>),
    Addresses(BTreeSet<String>),
}

impl Side {
    pub(super) fn holds(&self, one: &Dated<'_>) -> bool {
        match self {
            Side::Kinds(kinds) => kinds.contains(&one.kind),
            Side::Addresses(addresses) => one
                .attempt
                .address()
                .is_some_and(|address| addresses.contains(address)),
        }
    }
}

/// Whether the kind of sign-in tells what fails from what succeeds. That a person gave up in a browser is no such split.
pub(super) fn split_by_kind(after: &[Dated<'_>]) -> Option<(Split, Side)> {
    let kinds = |failed: bool| -> BTreeSet<SignInKind> {
        after
            .iter()
            .filter(|one| one.failed() == failed)
            .map(|one| one.kind)
            .collect()
    };
    let (failing, succeeding) = (kinds(true), kinds(false));
    let is_a_person = failing.iter().all(|kind| *kind == SignInKind::Browser);
    if !failing.is_disjoint(&succeeding) || is_a_person {
        return None;
    }
    let names = |kinds: &BTreeSet<SignInKind>| kinds.iter().map(|kind| kind.name().to_owned()).collect();
    let split = Split {
        by: "kind".to_owned(),
        failing: names(&failing),
        succeeding: names(&succeeding),
    };
    Some((split, Side::Kinds(failing)))
}

pub(super) fn split_by_address(after: &[Dated<'_>]) -> Option<(Split, Side)> {
    let addresses = |failed: bool| -> Option<BTreeSet<String>> {
        after
            .iter()
            .filter(|one| one.failed() == failed)
            .map(|one| one.attempt.address().map(str::to_owned))
            .collect()
    };
    let (failing, succeeding) = (addresses(true)?, addresses(false)?);
    if !failing.is_disjoint(&succeeding) {
        return None;
    }
    let split = Split {
        by: "address".to_owned(),
        failing: failing.iter().cloned().collect(),
        succeeding: succeeding.into_iter().collect(),
    };
    Some((split, Side::Addresses(failing)))
}
