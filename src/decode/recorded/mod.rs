//! The records of an export to one answer: each code with its own record's facts, and the newest refusal first.
//!
//! An export of any length is read part by part into a [`Ledger`], which keeps no record but the last of each account.

mod event;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::explain::another;
use super::explain::describe::with_advice;
use super::explain::inferences::{self, VerdictFrom};
use super::explain::situations;
use super::find::moment::Moment;
use super::find::records::Records;
use super::find::records::entry::Outcome;
use super::model::{Decoded, DecodedError, Ending, Group, Inference, Latest, Newest};
use event::{Event, Reader, Whose};

/// How many principals and attempts are told apart.
const MOST_GROUPS: usize = 1000;
/// How many accounts, each with its application and request, have their last event kept.
const MOST_ACCOUNTS: usize = 20_000;
/// How many accounts are said to work again.
const MOST_HEALED: usize = 3;
/// How many accounts are listed with what came last for them.
const MOST_LATEST: usize = 100;
/// How much of a record's text is kept for the advice.
const LONGEST_KEPT: usize = 4096;

/// Decodes an export.
pub(crate) fn decode(text: &str, records: &Records) -> Decoded {
    let mut ledger = Ledger::default();
    ledger.add(text, records, 1);
    ledger.finish()
}

/// What the records of an export come to.
#[derive(Default)]
pub(crate) struct Ledger {
    reader: Reader,
    order: Vec<String>,
    codes: HashMap<String, Kept>,
    /// The last dated event of each account and application.
    last: BTreeMap<Whose, Event>,
    refused: HashSet<Whose>,
    /// The most telling refusal of all.
    best: Option<Event>,
    /// The first event, for a file without times.
    first: Option<Event>,
    dated: usize,
    succeeded: bool,
    principals: Groups,
    attempts: Groups,
}

/// What is known about one code.
struct Kept {
    error: DecodedError,
    first: Option<Moment>,
    last: Option<Moment>,
    /// The advice was filled when the record's text was read.
    is_told: bool,
    text: String,
}

impl Ledger {
    /// Reads the next part of an export: whole records, the first line of the text being the file's `first_line`.
    pub(crate) fn add(&mut self, text: &str, records: &Records, first_line: u64) {
        let (mut counted, mut lines) = (0, first_line);
        for mut event in self.reader.events(records) {
            let at = event.entry.offset.min(text.len());
            if at > counted {
                lines += memchr::memchr_iter(b'\n', &text.as_bytes()[counted..at]).count() as u64;
                counted = at;
            }
            shorten(&mut event.entry.text);
            self.add_event(event, lines);
        }
    }

    fn add_event(&mut self, event: Event, line: u64) {
        if event.refusal.is_some() {
            self.add_codes(&event, line);
            self.principals.add(&event, "user");
            self.attempts.add(&event, "correlation_id");
            if self.best.as_ref().is_none_or(|best| key(&event) > key(best)) {
                self.best = Some(event.clone());
            }
        } else {
            self.succeeded = true;
        }
        if self.first.is_none() {
            self.first = Some(event.clone());
        }
        if event.entry.time.is_none() {
            return;
        }
        self.dated += 1;
        let whose = event.whose();
        let is_new = !self.last.contains_key(&whose);
        if is_new && self.last.len() == MOST_ACCOUNTS {
            return;
        }
        if event.refusal.is_some() {
            self.refused.insert(whose.clone());
        }
        let known = self.last.entry(whose).or_insert_with(|| event.clone());
        if (event.millis(), event.rank()) > (known.millis(), known.rank()) {
            *known = event;
        }
    }

    /// One error a code: counted by records, with the ids and policies of the newest.
    fn add_codes(&mut self, event: &Event, line: u64) {
        let Some(refusal) = &event.refusal else { return };
        for found in &refusal.errors {
            let mut error = found.clone();
            error.count = event.entry.count;
            error.first_line = line;
            error.ids.extend(event.entry.ids.clone());
            if !event.entry.policies.is_empty()
                && matches!(error.category.as_str(), "mfa" | "conditional-access" | "device")
            {
                error
                    .conditional_access_policies
                    .clone_from(&event.entry.policies);
            }
            let time = event.entry.time.clone();
            match self.codes.get_mut(&error.code) {
                None => {
                    self.order.push(error.code.clone());
                    let kept = Kept {
                        first: time.clone(),
                        last: time,
                        is_told: !matches!(event.entry.outcome, Outcome::Code(_) | Outcome::Status(_)),
                        text: event.entry.text.clone(),
                        error,
                    };
                    self.codes.insert(kept.error.code.clone(), kept);
                }
                Some(known) => known.add(error, time),
            }
        }
    }

    /// The answer.
    pub(crate) fn finish(mut self) -> Decoded {
        let mut decoded = Decoded::nothing();
        decoded.foreign = std::mem::take(&mut self.reader.foreign);
        decoded.newest = self.newest();
        decoded.latest = self.latest();
        decoded.errors = self.errors();
        decoded.principals = std::mem::take(&mut self.principals).list();
        decoded.correlations = std::mem::take(&mut self.attempts).list();
        if let Some(event) = self.deciding()
            && let Some(refusal) = &event.refusal
        {
            decoded.primary = Some(refusal.primary.clone());
            decoded.category.clone_from(&refusal.category);
            decoded.errors.sort_by_key(|error| error.code != refusal.primary);
            decoded.recognised = true;
            (decoded.password, _) = inferences::verdict(&event.entry.text, &decoded.errors[..1]);
            decoded.inferences =
                inferences::inferences(&event.entry.text, &decoded.errors, VerdictFrom::First);
            decoded.inferences.extend(self.healed(&decoded));
        }
        decoded
            .foreign
            .retain(|code| !decoded.errors.iter().any(|error| &error.code == code));
        decoded
    }

    /// The event that decides: of the most telling kind the newest refusal among those that nothing healed, else the newest refusal,
    /// else, without times, the first of the most telling kind.
    fn deciding(&self) -> Option<&Event> {
        self.standing()
            .max_by_key(|event| key(event))
            .or(self.best.as_ref())
    }

    /// The accounts' last events that are refusals.
    fn standing(&self) -> impl Iterator<Item = &Event> {
        self.last.values().filter(|event| event.refusal.is_some())
    }

    /// What came last, where the records say when.
    fn newest(&self) -> Option<Newest> {
        let only_successes = self.succeeded && self.best.is_none();
        if self.dated < 2 && !only_successes {
            return None;
        }
        let event = if self.standing().next().is_some() {
            self.deciding()?
        } else {
            self.last
                .values()
                .max_by_key(|event| event.millis())
                .or(self.first.as_ref())?
        };
        Some(newest_of(event))
    }

    /// What came last for each account, where the file holds several; the newest first.
    fn latest(&self) -> Vec<Latest> {
        let mut list: Vec<(&Whose, &Event)> = self
            .last
            .iter()
            .filter(|(whose, _)| !(whose.user.is_empty() && whose.app.is_empty()))
            .collect();
        if list.len() < 2 {
            return Vec::new();
        }
        list.sort_by_key(|(whose, event)| {
            (
                event.refusal.is_none(),
                std::cmp::Reverse(event.millis()),
                (*whose).clone(),
            )
        });
        let listed = list.into_iter().take(MOST_LATEST).map(|(whose, event)| {
            let Newest { outcome, at, code } = newest_of(event);
            Latest {
                user: (!whose.user.is_empty()).then(|| whose.user.clone()),
                app_id: (!whose.app.is_empty()).then(|| whose.app.clone()),
                outcome,
                at,
                code,
            }
        });
        listed.collect()
    }

    /// That it works again, for whom it does.
    fn healed(&self, decoded: &Decoded) -> Vec<Inference> {
        let Some(error) = decoded.errors.first() else {
            return Vec::new();
        };
        self.last
            .iter()
            .filter(|(whose, event)| event.refusal.is_none() && self.refused.contains(*whose))
            .take(MOST_HEALED)
            .filter_map(|(whose, event)| {
                let at = &event.entry.time.as_ref()?.written;
                let id = if whose.user.is_empty() {
                    "works-again"
                } else {
                    "works-again-for"
                };
                inferences::about_time(id, error, &whose.user, at)
            })
            .collect()
    }

    fn errors(&mut self) -> Vec<DecodedError> {
        let order = std::mem::take(&mut self.order);
        let kept = order.iter().filter_map(|code| self.codes.remove(code));
        kept.map(Kept::error).collect()
    }
}

impl Kept {
    fn add(&mut self, mut error: DecodedError, time: Option<Moment>) {
        let is_newer = time.as_ref().map(|time| time.millis) > self.last.as_ref().map(|time| time.millis);
        error.count += self.error.count;
        error.first_line = self.error.first_line;
        if is_newer {
            self.error = error;
            self.last.clone_from(&time);
        } else {
            self.error.count = error.count;
        }
        let is_older = |time: &Moment| self.first.as_ref().is_none_or(|first| time.millis < first.millis);
        if time.as_ref().is_some_and(is_older) {
            self.first = time;
        }
    }

    fn error(self) -> DecodedError {
        let mut error = self.error;
        error.first_seen = self.first.map(|time| time.written);
        error.last_seen = self.last.map(|time| time.written);
        if self.is_told {
            return error;
        }
        let mut error = with_advice(error);
        another::apply(&mut error, &self.text);
        situations::apply(&mut error, &self.text, &self.text);
        error
    }
}

/// How much a refusal explains: dated before undated, its kind, how new it is, how early it stands.
fn key(event: &Event) -> (bool, u8, Option<i64>, std::cmp::Reverse<usize>) {
    (
        event.entry.time.is_some(),
        event.rank(),
        event.millis(),
        std::cmp::Reverse(event.entry.offset),
    )
}

fn newest_of(event: &Event) -> Newest {
    Newest {
        outcome: if event.refusal.is_some() {
            Ending::Refused
        } else {
            Ending::Succeeded
        },
        at: event.entry.time.as_ref().map(|time| time.written.clone()),
        code: event.refusal.as_ref().map(|refusal| refusal.primary.clone()),
    }
}

fn shorten(text: &mut String) {
    if text.len() > LONGEST_KEPT {
        let end = (0..=LONGEST_KEPT)
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
    }
}

/// Who met the errors, or which attempts failed.
#[derive(Default)]
struct Groups(BTreeMap<String, Group>);

impl Groups {
    fn add(&mut self, event: &Event, name: &str) {
        let (Some(id), Some(refusal)) = (event.entry.ids.get(name), &event.refusal) else {
            return;
        };
        if self.0.len() == MOST_GROUPS && !self.0.contains_key(id) {
            return;
        }
        let group = self.0.entry(id.clone()).or_insert_with(|| Group {
            id: id.clone(),
            count: 0,
            codes: Vec::new(),
        });
        group.count += event.entry.count;
        for error in &refusal.errors {
            if !group.codes.contains(&error.code) {
                group.codes.push(error.code.clone());
            }
        }
    }

    /// The largest first.
    fn list(self) -> Vec<Group> {
        let mut list: Vec<Group> = self.0.into_values().collect();
        list.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.id.cmp(&right.id)));
        list
    }
}
