//! What will break, or has lost its worth, and when: from evidence, from exceptions, from announced changes.

mod account;
mod application;
mod changes;
mod event;
mod policies;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use event::{Event, Sight, Told, day_of, seen};

use super::report::{Exception, ExceptionState, Upcoming, UpcomingKind};
use crate::facts::Facts;
use crate::profile::Profile;
use crate::rules::upcoming::UpcomingWords;
use crate::text::fill;

/// What time brings to one account.
pub(super) struct Ahead {
    /// In the order of time.
    pub entries: Vec<Upcoming>,
    /// What is due soon: the first, and how many more.
    due: Option<Due>,
}

struct Due {
    day: String,
    short: String,
    more: usize,
}

impl Ahead {
    /// The headline of a healthy account, with what is due soon.
    pub(super) fn headline(&self, headline: String, words: &UpcomingWords) -> String {
        let Some(due) = &self.due else { return headline };
        let template = match due.more {
            0 => &words.headline,
            _ => &words.headline_more,
        };
        fill(
            template,
            &[
                ("headline", &headline),
                ("day", &due.day),
                ("short", &due.short),
                ("more", &due.more.to_string()),
                ("within", &words.soon_days.to_string()),
            ],
        )
    }
}

/// Evidence that is too old: when it was collected, and its age in days.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stale {
    pub captured_at: Timestamp,
    pub days: i64,
    pub after_days: i64,
}

impl Stale {
    /// Whether evidence of that time is too old.
    pub(super) fn of(captured_at: Timestamp, now: Timestamp, after_days: i64) -> Option<Self> {
        let days = now.duration_since(captured_at).as_hours() / 24;
        (days >= after_days).then_some(Self {
            captured_at,
            days,
            after_days,
        })
    }

    fn event(self) -> Event {
        let since = self
            .captured_at
            .checked_add(SignedDuration::from_hours(24 * self.after_days));
        Event {
            kind: UpcomingKind::StaleEvidence,
            words: "stale-evidence",
            at: Some(since.unwrap_or(self.captured_at)),
            values: vec![
                ("captured", self.captured_at.to_string()),
                ("days", self.days.to_string()),
            ],
            evidence: Vec::new(),
        }
    }
}

/// Everything that time brings.
pub(super) fn upcoming(
    facts: &Facts<'_>,
    profile: Profile,
    now: Timestamp,
    exceptions: &[Exception],
    stale: Option<Stale>,
    words: &UpcomingWords,
) -> Ahead {
    let sight = Sight { facts, profile, now };
    let mut events: Vec<Event> = Vec::new();
    events.extend(account::password(sight));
    events.extend(application::credentials(sight));
    events.extend(policies::report_only(sight));
    events.extend(account::terms(sight));
    events.extend(account::licences(sight));
    events.extend(account::environment(sight));
    events.extend(account::roles(sight));
    events.extend(account::elevation(sight));
    events.extend(exceptions.iter().filter_map(exception));
    events.extend(stale.map(Stale::event));
    let mut told: Vec<Told> = events
        .into_iter()
        .filter_map(|event| event.told(words, now))
        .chain(changes::announced(sight, words))
        .collect();
    told.sort_by_cached_key(|told| {
        (
            told.entry.at.parse::<Timestamp>().unwrap_or(now),
            told.entry.kind.word(),
            told.entry.what.clone(),
        )
    });
    let horizon = now.checked_add(SignedDuration::from_hours(24 * words.soon_days));
    let mut soon = told.iter().filter_map(|told| {
        let is_due = matches!((told.at, &horizon), (Some(at), Ok(horizon)) if at <= *horizon);
        told.short.as_ref().zip(told.at).filter(|_| is_due)
    });
    let due = soon.next().map(|(short, at)| Due {
        day: day_of(at),
        short: short.clone(),
        more: soon.count(),
    });
    Ahead {
        entries: told.into_iter().map(|told| told.entry).collect(),
        due,
    }
}

/// The end of an exception that hides a fault today: it holds through its last day.
fn exception(exception: &Exception) -> Option<Event> {
    if exception.state != ExceptionState::Applied {
        return None;
    }
    let last: Date = exception.expires.parse().ok()?;
    // The last second of the day, so that the day is the one that the file names.
    let end = last.to_datetime(Time::constant(23, 59, 59, 0));
    let at = TimeZone::UTC.to_timestamp(end).ok()?;
    Some(Event {
        kind: UpcomingKind::ExceptionEnd,
        words: "exception-end",
        at: Some(at),
        values: vec![("name", exception.rule.clone()), ("key", exception.owner.clone())],
        evidence: seen(
            "accept.expires",
            exception.expires.as_str(),
            "configuration",
            None,
        ),
    })
}
