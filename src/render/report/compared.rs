//! The comparison with a working account, grouped for people: what differs by rule, then what one side could not read.
//!
//! Short unless everything is asked for: facts on which no rule of the profile rests are counted, long lists cut.

use serde_json::Value;

use super::shown::{gap_and_right, value_in_words};
use crate::diagnosis::report::{Comparison, Difference, DifferenceKind};
use crate::diagnosis::report::{Report, Status};
use crate::render::page::Page;
use crate::render::{Style, Verbosity};

/// Items of a list that are shown unless everything is asked for.
const SHOWN_ITEMS: usize = 3;

/// Facts that belong together, under one line.
pub(crate) struct Group<'a> {
    /// What they have in common: the rule that uses them, or what could not be read on which side.
    pub(crate) title: String,
    /// The facts, the most telling first.
    pub(crate) facts: Vec<&'a Difference>,
}

/// Facts that both sides know, by the first rule that uses them; with `all` also those of no rule, or of one that the
/// profile does not ask.
pub(crate) fn differing(comparison: &Comparison, all: bool) -> Vec<Group<'_>> {
    let differing = comparison
        .differences
        .iter()
        .filter(|difference| difference.kind == DifferenceKind::Differs)
        .filter(|difference| all || !matches!(difference.status, None | Some(Status::NotApplicable)));
    grouped(differing, |difference| {
        match (difference.rules.first(), difference.status) {
            (Some(rule), Some(status)) => {
                let root = if difference.root_cause { ", root cause" } else { "" };
                format!("{rule} ({}{root})", status.word().replace('_', " "))
            }
            _ => "no rule".to_owned(),
        }
    })
}

/// Facts that one side only knows, by what stood in the way; without `all` only those that could hide a fault.
pub(crate) fn unread(comparison: &Comparison, all: bool) -> Vec<Group<'_>> {
    let telling = |difference: &&Difference| {
        matches!(
            difference.status,
            Some(Status::Fail | Status::Pending | Status::Unknown)
        )
    };
    let unread = comparison
        .differences
        .iter()
        .filter(|difference| difference.kind != DifferenceKind::Differs)
        .filter(|difference| all || telling(difference));
    grouped(unread, |difference| {
        let side = match difference.kind {
            DifferenceKind::UnknownHere => "here",
            DifferenceKind::UnknownThere | DifferenceKind::Differs => "there",
        };
        let causes: Vec<String> = difference
            .unknown_because
            .iter()
            // The words of a service differ from fact to fact; the right that is missing does not.
            .map(gap_and_right)
            .collect();
        format!("could not be read {side}: {}", causes.join("; "))
    })
}

/// What the groups leave out: facts of no rule, and facts that only one side could read and that hide nothing.
pub(crate) fn folded(comparison: &Comparison) -> usize {
    let shown = |groups: Vec<Group<'_>>| groups.iter().map(|group| group.facts.len()).sum::<usize>();
    comparison.differences.len() - shown(differing(comparison, false)) - shown(unread(comparison, false))
}

/// `ok@contoso.com, evidence of 2026-06-15T09:00:00Z, healthy`.
pub(crate) fn with_whom(comparison: &Comparison) -> String {
    let with = &comparison.with;
    format!(
        "{}, evidence of {}, {}",
        with.account,
        with.captured_at,
        with.outcome.word()
    )
}

/// How many facts differ, and how many do not.
pub(crate) fn in_numbers(comparison: &Comparison) -> String {
    let number = |kind: fn(DifferenceKind) -> bool| {
        comparison
            .differences
            .iter()
            .filter(|difference| kind(difference.kind))
            .count()
    };
    let differ = match number(|kind| kind == DifferenceKind::Differs) {
        0 => "no fact differs".to_owned(),
        1 => "1 fact differs".to_owned(),
        more => format!("{more} facts differ"),
    };
    let mut parts = vec![differ, format!("{} are the same", comparison.same)];
    let one_side = number(|kind| kind != DifferenceKind::Differs);
    if one_side > 0 {
        parts.push(format!("{one_side} known on one side only"));
    }
    if comparison.unknown_on_both > 0 {
        parts.push(format!("{} known on neither", comparison.unknown_on_both));
    }
    parts.join(", ")
}

/// `here yes, there no`; of a fact that one side knows, only that side.
pub(crate) fn values(difference: &Difference, all: bool) -> String {
    let (here, there) = (known(&difference.here, all), known(&difference.there, all));
    match difference.kind {
        DifferenceKind::Differs => format!("here {here}, there {there}"),
        DifferenceKind::UnknownHere => format!("there {there}"),
        DifferenceKind::UnknownThere => format!("here {here}"),
    }
}

/// A known value in words.
pub(crate) fn known(value: &Value, all: bool) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::Array(items) if !all && items.len() > SHOWN_ITEMS + 1 => format!(
            "{} and {} more",
            value_in_words(&Value::Array(items[..SHOWN_ITEMS].to_vec())),
            items.len() - SHOWN_ITEMS
        ),
        value => value_in_words(value),
    }
}

fn grouped<'a>(
    differences: impl Iterator<Item = &'a Difference>,
    title: impl Fn(&Difference) -> String,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for difference in differences {
        let title = title(difference);
        match groups.iter_mut().find(|group| group.title == title) {
            Some(group) => group.facts.push(difference),
            None => groups.push(Group {
                title,
                facts: vec![difference],
            }),
        }
    }
    groups
}

impl Page {
    /// The comparison, if there is one.
    pub(crate) fn comparison(&mut self, report: &Report) {
        let Some(comparison) = &report.comparison else {
            return;
        };
        let Style { verbosity, .. } = self.style;
        let all = verbosity == Verbosity::Verbose;
        self.heading("Compared with a working account");
        self.labelled(2, "With", &with_whom(comparison));
        for note in &comparison.notes {
            self.labelled(2, "Note", note);
        }
        self.labelled(2, "Result", &in_numbers(comparison));
        for group in differing(comparison, all) {
            self.labelled(2, "Differs", &group.title);
            for difference in group.facts {
                self.nested(&format!("{}: {}", difference.fact, values(difference, all)));
            }
        }
        for group in unread(comparison, all) {
            self.labelled(2, "Unknown", &group.title);
            for difference in group.facts {
                self.nested(&format!("{}: {}", difference.fact, values(difference, all)));
            }
        }
        let folded = folded(comparison);
        if !all && folded > 0 {
            let facts = if folded == 1 {
                "fact, which speaks"
            } else {
                "facts, which speak"
            };
            self.labelled(
                2,
                "Folded",
                &format!("{folded} more {facts} for no fault here (-v shows them)"),
            );
        }
    }
}
