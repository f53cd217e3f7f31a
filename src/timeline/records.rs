//! Gathers every dated change of the evidence, gives each its kind, and makes one of those that two sources tell of.

mod audit;
mod dated;
mod policies;

use jiff::{SignedDuration, Timestamp};

use super::catalogue::{Catalogue, ChangeKind};
use super::record::{Record, Seen};
use crate::facts::Context;

/// Two sources tell of one change when they lie closer than this: objects are stamped a little after the log.
const SAME_CHANGE: SignedDuration = SignedDuration::from_mins(10);

/// So many of the newest records are looked at: every one is compared with those before it.
const CONSIDERED: usize = 2_000;

/// One change with its kind.
#[derive(Debug)]
pub(super) struct Found<'c> {
    pub(super) kind: &'c ChangeKind,
    pub(super) record: Record,
    /// The sections that tell of it.
    pub(super) sections: Vec<&'static str>,
}

/// Every change that the catalogue knows, oldest first.
pub(super) fn changes<'c>(context: &Context<'_>, catalogue: &'c Catalogue) -> Vec<Found<'c>> {
    let policies = policies::Policies::of(context);
    let mut records = audit::of_directory(context, &policies);
    records.extend(audit::of_dataverse(context));
    records.extend(dated::records(context, &policies));
    records.sort_by(|left, right| {
        right
            .at
            .cmp(&left.at)
            .then_with(|| order_of(left).cmp(&order_of(right)))
    });
    records.truncate(CONSIDERED);
    // A log comes before a date on an object, and the order of a file decides nothing.
    records.sort_by(|left, right| order_of(left).cmp(&order_of(right)));
    let mut found: Vec<Found<'c>> = Vec::new();
    for record in records {
        let Some(kind) = catalogue.kind_of(&record) else {
            continue;
        };
        match found.iter_mut().find(|known| is_told_by(known, kind, &record)) {
            Some(known) => known.add(&record),
            None => found.push(Found {
                kind,
                sections: vec![record.section],
                record,
            }),
        }
    }
    fold_parts(&mut found);
    found.sort_by_key(|one| one.record.at);
    found
}

type Order<'a> = (
    u8,
    Timestamp,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    &'a [String],
    Option<&'a str>,
);

fn order_of(record: &Record) -> Order<'_> {
    let (rank, activity) = match &record.seen {
        Seen::Audit(activity) => (0, activity.as_str()),
        Seen::Dataverse(_) => (1, ""),
        Seen::Date(_) => (2, ""),
    };
    (
        rank,
        record.at,
        activity,
        record.target.id.as_deref(),
        record.target.name.as_deref(),
        &record.properties,
        record.by.as_deref(),
    )
}

impl Found<'_> {
    fn add(&mut self, other: &Record) {
        self.record.by = self.record.by.take().or_else(|| other.by.clone());
        if !self.sections.contains(&other.section) {
            self.sections.push(other.section);
        }
    }
}

/// Whether a change that is known already is this one: the same kind on the same object, or the date on an object whose
/// change is in a log.
fn is_told_by(known: &Found<'_>, kind: &ChangeKind, record: &Record) -> bool {
    let is_near = known.record.at.duration_since(record.at).abs() <= SAME_CHANGE;
    let same_object = known.record.target.id == record.target.id;
    let is_date = matches!(record.seen, Seen::Date(_));
    let by_policy = is_date && record.target.id.is_some() && same_object;
    let by_kind = known.kind.kind == kind.kind && (same_object || is_date);
    is_near && (by_policy || by_kind)
}

/// Sessions that end because of a reset are part of the reset, whichever of the two is written first.
fn fold_parts(found: &mut Vec<Found<'_>>) {
    let whole: Vec<(String, Timestamp)> = found
        .iter()
        .map(|one| (one.kind.kind.clone(), one.record.at))
        .collect();
    let is_part = |one: &Found<'_>| {
        let near = |at: &Timestamp| at.duration_since(one.record.at).abs() <= SAME_CHANGE;
        whole
            .iter()
            .any(|(kind, at)| one.kind.part_of.contains(kind) && near(at))
    };
    found.retain(|one| !is_part(one));
}
