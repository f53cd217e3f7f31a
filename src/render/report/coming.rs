//! What time brings, as the formats for people tell it. That the evidence is old stands in the headline already.

use crate::diagnosis::report::{Report, Upcoming, UpcomingKind};
use crate::rules::Severity;

/// One event: its day, or that it can be any day, and what is said.
pub(crate) struct Coming<'a> {
    /// `2026-07-01`, or `any day`.
    pub(crate) day: &'a str,
    /// Whether a day is known.
    pub(crate) has_day: bool,
    /// The event.
    pub(crate) entry: &'a Upcoming,
}

/// What is worth a reader's time, in the order of time; with `all`, the low ones too.
pub(crate) fn to_tell(report: &Report, all: bool) -> Vec<Coming<'_>> {
    report
        .upcoming
        .iter()
        .filter(|entry| entry.kind != UpcomingKind::StaleEvidence)
        .filter(|entry| all || entry.severity > Severity::Low)
        .map(|entry| Coming {
            has_day: entry.at != report.generated_at,
            day: match entry.at == report.generated_at {
                true => "any day",
                false => day(entry),
            },
            entry,
        })
        .collect()
}

impl Coming<'_> {
    /// Who does what about it; reports of older versions do not say.
    pub(crate) fn act(&self) -> Option<String> {
        act(self.entry)
    }
}

/// The day of an event: `2026-07-01`.
pub(crate) fn day(event: &Upcoming) -> &str {
    event.at.split('T').next().unwrap_or(&event.at)
}

/// Who does what about an event.
pub(crate) fn act(event: &Upcoming) -> Option<String> {
    (!event.step.is_empty()).then(|| format!("{}: {}", event.owner, event.step))
}
