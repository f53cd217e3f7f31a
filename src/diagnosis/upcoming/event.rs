//! An event before it is put into words, and what every event is looked for in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::decode::explain::catalogue;
use crate::diagnosis::report::Evidence;
use crate::diagnosis::report::{Upcoming, UpcomingKind};
use crate::facts::Facts;
use crate::portal;
use crate::profile::Profile;
use crate::rules::Severity;
use crate::rules::upcoming::UpcomingWords;
use crate::text::fill;

/// What events are looked for in.
#[derive(Clone, Copy)]
pub(super) struct Sight<'f, 'a> {
    pub facts: &'f Facts<'a>,
    pub profile: Profile,
    pub now: Timestamp,
}

/// Something that will happen, or can happen any day.
pub(super) struct Event {
    pub kind: UpcomingKind,
    /// Its words in `rules/upcoming.yaml`.
    pub words: &'static str,
    /// When; `None` = any day.
    pub at: Option<Timestamp>,
    pub values: Vec<(&'static str, String)>,
    pub evidence: Vec<Evidence>,
}

/// An event in words.
pub(super) struct Told {
    pub entry: Upcoming,
    /// For the headline.
    pub short: Option<String>,
    /// When, of something that has a day.
    pub at: Option<Timestamp>,
}

/// A day in UTC.
pub(super) fn day_of(at: Timestamp) -> String {
    TimeZone::UTC.to_datetime(at).date().to_string()
}

/// One value of the evidence.
pub(super) fn seen(
    fact: &str,
    value: impl Into<Value>,
    section: &str,
    read_at: Option<&String>,
) -> Vec<Evidence> {
    vec![Evidence {
        fact: fact.to_owned(),
        value: value.into(),
        section: section.to_owned(),
        read_at: read_at.cloned(),
    }]
}

/// The templates of an event, and who acts.
pub(super) struct Words<'a> {
    pub severity: Severity,
    pub owner: &'a str,
    pub short: Option<&'a str>,
    pub what: &'a str,
    pub step: &'a str,
}

impl Event {
    /// The event in words; nothing for one that has passed, or that has none.
    pub(super) fn told(self, words: &UpcomingWords, now: Timestamp) -> Option<Told> {
        let known = words.events.get(self.words)?;
        let templates = Words {
            severity: known.severity,
            owner: &known.owner,
            short: known.short.as_deref(),
            what: &known.what,
            step: &known.step,
        };
        self.told_with(&templates, now)
    }

    /// The same, with words of its own.
    pub(super) fn told_with(self, words: &Words<'_>, now: Timestamp) -> Option<Told> {
        let has_passed = self.at.is_some_and(|at| at < now);
        if has_passed && self.kind != UpcomingKind::StaleEvidence {
            return None;
        }
        let at = self.at.unwrap_or(now);
        let day = day_of(at);
        let mut values: Vec<(&str, &str)> = vec![("day", &day)];
        values.extend(self.values.iter().map(|(name, value)| (*name, value.as_str())));
        let filled = |template: &str| fill(&portal::expand(template), &values);
        Some(Told {
            short: words.short.map(filled),
            at: self.at,
            entry: Upcoming {
                at: at.to_string(),
                kind: self.kind,
                what: filled(words.what),
                severity: words.severity,
                evidence: self.evidence,
                owner: catalogue::owner_name(words.owner).to_owned(),
                step: filled(words.step),
            },
        })
    }
}
