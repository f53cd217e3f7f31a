//! One text to one answer.

use std::collections::BTreeMap;

use super::explain::another;
use super::explain::describe::{describe, with_advice};
use super::explain::inferences::{self, VerdictFrom};
use super::explain::lockout;
use super::explain::options::{Standing, options};
use super::explain::situations;
use super::find::context::Evidence;
use super::find::events::Events;
use super::find::line::line_at;
use super::find::sighting::{How, Sighting};
use super::find::times::line_time;
use super::find::token::floor;
use super::find::{grant, ids, primary, scan};
use super::model::{Decoded, DecodedError, Ending, Family, LeftOut, Newest};
use super::text::unwrap::Plain;

/// How many codes of one text are explained; a text with more is no error's, and what is left out is counted.
pub(crate) const MOST_CODES: usize = 1000;
/// Codes of one kind that stand nearer than this are of one message: one explains the other.
const ONE_MESSAGE: usize = 200;
/// How much of a message is read for who lacks which right.
const MESSAGE: usize = 4096;

/// Decodes one text, whatever wraps it.
pub(crate) fn decode(text: &str) -> Decoded {
    let plain = Plain::unwrap(text);
    let evidence = Evidence::of(&plain.text);
    let mut found = scan::scan(&plain.text, evidence);
    let events = Events::of(&plain.text, &found.sightings);
    if events.ends_well()
        && !found
            .sightings
            .iter()
            .any(|sighting| primary::is_refusal(&sighting.code))
    {
        // What a library tried before it got its token is no failure.
        found.sightings.clear();
    }
    let chosen = primary::choose(&plain.text, &found.sightings, |sighting| {
        events.millis(sighting.offset)
    });
    let category = primary::category(&plain.text, evidence, &found.sightings, chosen);
    let newest = newest(&events, chosen);
    let chosen = chosen.map(|sighting| sighting.code.clone());
    let (errors, left_out) = errors_of(text, &plain, &found.sightings, chosen.as_deref(), &events);
    let from = if events.are_dated() {
        VerdictFrom::First
    } else {
        VerdictFrom::Any
    };
    let judged = if events.are_dated() {
        errors.len().min(1)
    } else {
        errors.len()
    };
    let (password, _) = inferences::verdict(&plain.text, &errors[..judged]);
    let mut follows = inferences::inferences(&plain.text, &errors, from);
    if let Some(at) = newest
        .as_ref()
        .filter(|newest| newest.outcome == Ending::Succeeded)
        .and_then(|newest| newest.at.as_deref())
        && let Some(error) = errors.first()
    {
        follows.extend(inferences::about_time("works-again", error, "", at));
    }
    Decoded {
        primary: chosen,
        category: category
            .filter(|_| !events.ends_well() || !errors.is_empty())
            .map(str::to_owned),
        recognised: !errors.is_empty(),
        password,
        newest,
        left_out,
        foreign: found.foreign,
        inferences: follows,
        errors,
        ..Decoded::nothing()
    }
}

/// What came last in a log.
fn newest(events: &Events, chosen: Option<&Sighting>) -> Option<Newest> {
    if let Some(at) = events.healed_at() {
        return Some(Newest {
            outcome: Ending::Succeeded,
            at: Some(at.to_owned()),
            code: None,
        });
    }
    let chosen = chosen.filter(|_| events.are_dated())?;
    Some(Newest {
        outcome: Ending::Refused,
        at: events.written(chosen.offset).map(str::to_owned),
        code: Some(chosen.code.clone()),
    })
}

/// One error for each code, the primary one first, and what was too much.
fn errors_of(
    original: &str,
    plain: &Plain,
    sightings: &[Sighting],
    primary: Option<&str>,
    events: &Events,
) -> (Vec<DecodedError>, Option<LeftOut>) {
    let (mut order, by_code) = by_code(sightings);
    order.sort_by_key(|code| Some(*code) != primary);
    let rest = order.split_off(order.len().min(MOST_CODES));
    let left_out = (!rest.is_empty()).then(|| LeftOut {
        codes: rest.len() as u64,
        count: rest.iter().map(|code| by_code[code].len() as u64).sum(),
    });
    let small = plain.text.to_ascii_lowercase();
    let text = Explained {
        original,
        plain,
        sightings,
        events,
        ids: ids::of(&plain.text, &small),
        policies: ids::policies(&plain.text, &small),
        has_message: sightings
            .iter()
            .any(|sighting| sighting.how == How::Spelled && sighting.has_message(&plain.text)),
    };
    let errors = order.into_iter().map(|code| text.error(code, &by_code[code]));
    (errors.collect(), left_out)
}

/// The codes in the order in which they stand there, and where each does.
fn by_code(sightings: &[Sighting]) -> (Vec<&str>, BTreeMap<&str, Vec<&Sighting>>) {
    let mut order: Vec<&str> = Vec::new();
    let mut by_code: BTreeMap<&str, Vec<&Sighting>> = BTreeMap::new();
    for sighting in sightings {
        if !by_code.contains_key(sighting.code.as_str()) {
            order.push(&sighting.code);
        }
        by_code.entry(&sighting.code).or_default().push(sighting);
    }
    (order, by_code)
}

/// A text whose codes are explained one by one.
struct Explained<'t> {
    original: &'t str,
    plain: &'t Plain,
    sightings: &'t [Sighting],
    events: &'t Events,
    ids: Vec<ids::Id>,
    policies: Vec<String>,
    /// A code of the text has its message behind it, and with that its ids.
    has_message: bool,
}

impl Explained<'_> {
    /// What one code says, with the facts of its newest event.
    fn error(&self, code: &str, here: &[&Sighting]) -> DecodedError {
        let (text, events) = (&self.plain.text, self.events);
        let first = here[0].offset;
        let told = here
            .iter()
            .max_by_key(|sighting| (events.millis(sighting.offset), std::cmp::Reverse(sighting.offset)))
            .map_or(first, |sighting| sighting.offset);
        let start = events.start(told).unwrap_or_else(|| {
            text[..told.min(text.len())]
                .rfind('\n')
                .map_or(0, |index| index + 1)
        });
        let is_mention = self.is_mention(here);
        let next = events
            .end(told)
            .or_else(|| {
                let distance = if is_mention { 0 } else { ONE_MESSAGE };
                next_event(self.sightings, code, told, distance)
            })
            .unwrap_or(text.len());
        let mut error = describe(code);
        error.count = count(here, events);
        error.first_line = line_of(self.original, self.plain.original_offset(first));
        error.ids = match events.are_dated() || is_mention {
            true => ids::within(&self.ids, start, next),
            false => ids::around(&self.ids, start, next),
        };
        let message = &text[floor(text, told)..floor(text, (told + 600).min(next.max(told)))];
        for (role, guid) in ids::roles_of_quoted_guids(code, message) {
            error.ids.insert(role.to_owned(), guid);
        }
        if matches!(error.category.as_str(), "mfa" | "conditional-access" | "device") {
            error.conditional_access_policies = self.policies.clone();
        }
        if error.category == "privilege" && matches!(error.family, Family::Dataverse | Family::Message) {
            let from = floor(text, start.min(told));
            let whole = &text[from..floor(text, (from + MESSAGE).min(next.max(told)).max(from))];
            tell_the_grant(&mut error, whole);
        }
        (error.first_seen, error.last_seen) = seen(text, here, events, &self.ids, start..next);
        let mut error = with_advice(error);
        let own = &text[floor(text, start.min(told))..floor(text, next.max(told))];
        lockout::narrow(&mut error, own);
        another::apply(&mut error, own);
        situations::apply(&mut error, own, text);
        error
    }

    /// Whether a sentence only mentions the code, while another one has its message and with it its ids.
    fn is_mention(&self, here: &[&Sighting]) -> bool {
        self.has_message
            && here
                .iter()
                .all(|sighting| sighting.how == How::Spelled && !sighting.has_message(&self.plain.text))
    }
}

/// Who lacks which right, and what would give it.
fn tell_the_grant(error: &mut DecodedError, message: &str) {
    error.grant = grant::of(message).map(|mut grant| {
        grant.options = options(&grant, &Standing::default());
        grant
    });
    let counts = grant::counts(message);
    if counts.contains_key("owner_role_count") && !counts.contains_key("role_count") {
        // The only count of the text is the owner's.
        for name in ["role_count", "privilege_count", "access_mode"] {
            error.ids.remove(name);
        }
    }
    for (name, value) in counts {
        error.ids.insert(name.to_owned(), value);
    }
    let principal = error.grant.as_ref().and_then(|grant| grant.principal.id.clone());
    let is_named = error.named_principal().is_some();
    if let Some(id) = principal.filter(|_| !is_named) {
        error.ids.insert("principal_id".to_owned(), id);
    }
}

/// In a log the events that have the code. In any other text a JSON error says its code in the description, in
/// `error_codes` and in `error_uri`: that is one.
fn count(here: &[&Sighting], events: &Events) -> u64 {
    if events.are_dated() {
        let mut starts: Vec<Option<usize>> = here
            .iter()
            .map(|sighting| events.start(sighting.offset))
            .collect();
        starts.dedup();
        return starts.len() as u64;
    }
    let spelled = here
        .iter()
        .filter(|sighting| sighting.how == How::Spelled)
        .count();
    let count = if spelled > 0 {
        spelled
    } else {
        here.iter().filter(|sighting| sighting.how == here[0].how).count()
    };
    count as u64
}

/// The first and the last time of a code.
fn seen(
    text: &str,
    here: &[&Sighting],
    events: &Events,
    ids: &[ids::Id],
    place: std::ops::Range<usize>,
) -> (Option<String>, Option<String>) {
    if events.are_dated() {
        let at = |offset: usize| Some((events.millis(offset)?, events.written(offset)?.to_owned()));
        let times = || here.iter().filter_map(|sighting| at(sighting.offset));
        return (times().min().map(|(_, at)| at), times().max().map(|(_, at)| at));
    }
    let mut times: Vec<&str> = ids
        .iter()
        .filter(|id| id.name == "timestamp" && place.contains(&id.offset))
        .map(|id| id.value.as_str())
        .collect();
    if times.is_empty() {
        times.extend(
            here.iter()
                .filter_map(|sighting| line_time(line_at(text.as_bytes(), sighting.offset))),
        );
    }
    (
        times.iter().min().map(|time| (*time).to_owned()),
        times.iter().max().map(|time| (*time).to_owned()),
    )
}

/// Where the next failure of the same kind starts: its ids are not this one's.
fn next_event(sightings: &[Sighting], code: &str, first: usize, distance: usize) -> Option<usize> {
    let family = Family::of(code);
    sightings
        .iter()
        .filter(|other| {
            other.offset > first + distance && other.code != code && Family::of(&other.code) == family
        })
        .map(|other| other.offset)
        .min()
}

fn line_of(text: &str, offset: usize) -> u64 {
    let offset = offset.min(text.len());
    1 + memchr::memchr_iter(b'\n', &text.as_bytes()[..offset]).count() as u64
}
