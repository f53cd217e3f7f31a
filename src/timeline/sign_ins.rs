//! The course of the sign-ins: since when they fail, what succeeded last, and whether that is a clean break.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::attempt::{Attempts, Dated, attempts};
use super::catalogue::Words;
use super::trouble::{ONE_TROUBLE, split_by_address, split_by_kind, trouble};
use super::{CodeSeen, Moment, SignInKind, Split, State, Window};
use crate::decode::explain::tables::entra;
use crate::facts::{self, Attempt, Context, parse_time, read, time_of};
use crate::text::fill;

/// A kind of sign-in that failed longer ago than this, while another works, is history.
const STILL_OF_INTEREST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The sign-ins of the account to Dynamics 365, and what they come to.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) state: State,
    pub(super) window: Option<Window>,
    pub(super) split: Option<Split>,
    /// Oldest first.
    all: Vec<Dated<'a>>,
    /// Those that the trouble is about: all, or one side of the split.
    concerned: Vec<Dated<'a>>,
    /// Where the trouble begins in `concerned`.
    first: Option<usize>,
    /// Shown, and decide nothing.
    others: Vec<Attempt<'a>>,
    /// When the first job failed that none succeeded after.
    failed_job: Option<Timestamp>,
}

impl<'a> Course<'a> {
    /// Reads the log, and the probe if one was made.
    pub(super) fn of(context: &Context<'a>) -> Self {
        let Attempts { own, others } = attempts(context);
        let is_certain = own.is_some();
        let all = own.unwrap_or_default();
        let window = window(context, &all, &others);
        let mut course = Self {
            state: State::Unknown,
            window,
            split: None,
            concerned: all.clone(),
            first: None,
            all,
            others,
            failed_job: facts::first_failed_job(context).ok().flatten(),
        };
        if is_certain {
            course.judge();
        }
        course
    }

    fn judge(&mut self) {
        let found = trouble(&self.all);
        self.first = found.as_ref().map(|trouble| trouble.first);
        if self.window.is_none() {
            // The probe alone dates nothing: it is as old as the evidence.
            return;
        }
        let (Some(present), Some(newest)) = (found, self.all.last().copied()) else {
            self.state = if self.all.is_empty() {
                State::NoSignIns
            } else {
                State::Working
            };
            return;
        };
        let after = &self.all[present.first..];
        if after.iter().all(Dated::failed) {
            self.state = if present.first == 0 {
                State::FailingThroughout
            } else {
                State::Failing
            };
            return;
        }
        let since_last_failure = newest.at.duration_since(self.all[present.last].at);
        let is_present = present.interleaved && since_last_failure < ONE_TROUBLE;
        let split = split_by_kind(after).filter(|_| is_present || since_last_failure < STILL_OF_INTEREST);
        let split = split.or_else(|| split_by_address(after).filter(|_| is_present));
        match split {
            Some((split, belongs)) => {
                self.concerned = self
                    .all
                    .iter()
                    .filter(|one| belongs.holds(one))
                    .copied()
                    .collect();
                self.first = trouble(&self.concerned).map(|trouble| trouble.first);
                self.split = Some(split);
                self.state = State::PartlyFailing;
            }
            None if is_present => self.state = State::Intermittent,
            None => self.state = State::Recovered,
        }
    }

    /// When the present trouble began, for what was read of the log; where no sign-in tells it, when jobs began to fail.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.beginning().map(|one| one.at).or(self.failed_job)
    }

    pub(super) fn first_failure(&self) -> Option<Moment> {
        self.beginning().map(moment)
    }

    fn beginning(&self) -> Option<&Dated<'a>> {
        let first = self.first.filter(|_| self.state.is_failing())?;
        self.concerned.get(first)
    }

    pub(super) fn last_success(&self) -> Option<Moment> {
        self.success().map(moment)
    }

    /// When the last success before the trouble was.
    pub(super) fn succeeded(&self) -> Option<Timestamp> {
        self.success().map(|one| one.at)
    }

    /// When the log last shows the code; none when it never does.
    pub(super) fn last_seen(&self, code: &str) -> Option<Timestamp> {
        let of_code = |one: &&Dated<'_>| one.failed() && spelled(one.attempt.code) == code;
        self.all.iter().rev().find(of_code).map(|one| one.at)
    }

    /// When the last success of a kind that fails now was: a token refresh says nothing about a password.
    pub(super) fn succeeded_alike(&self) -> Option<Timestamp> {
        self.window.as_ref()?;
        let kinds: BTreeSet<SignInKind> = self.refused().map(|one| one.kind).collect();
        let before = &self.concerned[..self.first?];
        let alike = before
            .iter()
            .rev()
            .find(|one| !one.failed() && kinds.contains(&one.kind));
        alike.map(|one| one.at)
    }

    fn success(&self) -> Option<&Dated<'a>> {
        self.window.as_ref()?;
        let present = self.first.filter(|_| self.state.is_failing());
        let before = present.unwrap_or(self.concerned.len());
        self.concerned[..before].iter().rev().find(|one| !one.failed())
    }

    pub(super) fn newest(&self) -> Option<Moment> {
        self.all.last().map(moment)
    }

    /// The refused sign-ins of the present trouble, oldest first; without the log that of the probe.
    fn refused(&self) -> impl Iterator<Item = &Dated<'a>> {
        let is_over = matches!(self.state, State::Recovered);
        let first = self.first.filter(|_| !is_over);
        let from = first.unwrap_or(self.concerned.len());
        self.concerned[from..].iter().filter(|one| one.failed())
    }

    /// The codes of the trouble, that of the first failure first.
    pub(super) fn trouble_codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for one in self.refused() {
            let code = spelled(one.attempt.code);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    /// What the refused sign-ins themselves name as having refused them: policies by id, and who demanded more; with the
    /// codes of those sign-ins.
    pub(super) fn named(&self) -> Named {
        let mut named = Named::default();
        for one in self.refused() {
            let Some(entry) = one.attempt.entry else { continue };
            let code = spelled(one.attempt.code);
            let mut names_a_policy = false;
            for policy in entry.applied_conditional_access_policies.items() {
                let refused = policy.result.text().is_some_and(|result| result == "failure");
                if let (true, Some(id)) = (refused, policy.id.text()) {
                    names_a_policy = true;
                    named
                        .policies
                        .entry(id.to_lowercase())
                        .or_default()
                        .insert(code.clone());
                }
            }
            for policy in entry.authentication_requirement_policies.items() {
                if let Some(provider) = policy.requirement_provider.text() {
                    named
                        .providers
                        .entry(provider.to_lowercase())
                        .or_default()
                        .insert(code.clone());
                }
            }
            if !names_a_policy {
                named.unnamed.insert(code);
            }
        }
        named
    }

    /// Every error code of the log, the most recent first.
    pub(super) fn codes(&self) -> Vec<CodeSeen> {
        let current: BTreeSet<i64> = self.refused().map(|one| one.attempt.code).collect();
        let mut seen: BTreeMap<i64, (usize, Option<Timestamp>, Option<Timestamp>)> = BTreeMap::new();
        let dated = self.all.iter().map(|one| (one.attempt.code, Some(one.at)));
        let others = self.others.iter().map(|attempt| (attempt.code, attempt.at));
        for (code, at) in dated.chain(others).filter(|(code, _)| *code != 0) {
            let (count, first, last) = seen.entry(code).or_default();
            *count += 1;
            *first = (*first).into_iter().chain(at).min();
            *last = (*last).max(at);
        }
        let mut codes: Vec<_> = seen.into_iter().collect();
        codes.sort_by_key(|(code, (_, _, last))| (std::cmp::Reverse(*last), *code));
        codes
            .into_iter()
            .map(|(number, (count, first, last))| {
                let code = spelled(number);
                CodeSeen {
                    name: name_of(&code),
                    category: entra(&code).map_or("other", |known| known.category).to_owned(),
                    code,
                    count,
                    first_seen: first.map(written),
                    last_seen: last.map(written),
                    current: current.contains(&number),
                }
            })
            .collect()
    }

    /// The state in one sentence, and what limits it.
    pub(super) fn summary(&self, words: &Words, changes_truncated: bool) -> String {
        let text = |moment: Option<Moment>| moment.map(|moment| moment.at).unwrap_or_default();
        let after = &self.concerned[self.first.unwrap_or(self.concerned.len())..];
        let first = after.first().map(|one| written(one.at)).unwrap_or_default();
        let mut codes: Vec<String> = Vec::new();
        for code in after
            .iter()
            .filter(|one| one.failed())
            .map(|one| spelled(one.attempt.code))
        {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let failed = after.iter().filter(|one| one.failed()).count();
        let side = |values: &[String], by: &str| {
            let values: Vec<String> = values
                .iter()
                .map(|value| value_in_words(words, by, value))
                .collect();
            values.join(", ")
        };
        let (failing, succeeding) = self.split.as_ref().map_or_else(Default::default, |split| {
            (
                side(&split.failing, &split.by),
                side(&split.succeeding, &split.by),
            )
        });
        let mut summary = fill(
            words.state(self.state),
            &[
                ("first", &first),
                ("last", &text(self.last_success())),
                ("newest", &text(self.newest())),
                ("codes", &codes.join(", ")),
                ("failed", &failed.to_string()),
                ("succeeded", &(after.len() - failed).to_string()),
                ("failing", &failing),
                ("succeeding", &succeeding),
            ],
        );
        if let Some(window) = &self.window {
            if window.truncated {
                summary.push(' ');
                summary.push_str(&words.truncated);
            }
            if !window.token_refreshes {
                summary.push(' ');
                summary.push_str(&words.without_refreshes);
            }
        }
        if changes_truncated {
            summary.push(' ');
            summary.push_str(&words.changes_truncated);
        }
        summary
    }
}

/// What refused sign-ins name.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Codes by policy id, in lower case.
    pub(super) policies: BTreeMap<String, BTreeSet<String>>,
    /// Codes by `requirementProvider`, in lower case.
    pub(super) providers: BTreeMap<String, BTreeSet<String>>,
    /// Codes of sign-ins that name no policy: hidden from the reader, or refused by something else.
    pub(super) unnamed: BTreeSet<String>,
}

fn value_in_words(words: &Words, by: &str, value: &str) -> String {
    if by == "address" {
        return fill(&words.address, &[("address", value)]);
    }
    let kind = SignInKind::ALL.into_iter().find(|kind| kind.name() == value);
    kind.map_or_else(|| value.to_owned(), |kind| words.kind(kind).to_owned())
}

/// What was read of the log; none when it did not answer.
fn window(context: &Context<'_>, all: &[Dated<'_>], others: &[Attempt<'_>]) -> Option<Window> {
    let answer = &context.evidence().sign_ins;
    let log = read(answer).ok()?;
    let in_log = all.iter().filter(|one| one.attempt.entry.is_some()).count();
    let others = others.iter().filter(|attempt| attempt.entry.is_some());
    let undated = others.clone().filter(|attempt| attempt.at.is_none()).count();
    let is_of_application = all.iter().any(|one| one.kind == SignInKind::Application);
    let read_at = answer.read_at.as_deref().and_then(parse_time);
    Some(Window {
        from: log.value.iter().filter_map(time_of).min().map(written),
        read_at: written(read_at.unwrap_or(context.snapshot.captured_at)),
        sign_ins: in_log + others.count(),
        undated,
        truncated: log.truncated,
        token_refreshes: is_of_application || facts::log_shows_token_refreshes(context) == Ok(true),
    })
}

fn moment(one: &Dated<'_>) -> Moment {
    let code = one.failed().then(|| spelled(one.attempt.code));
    Moment {
        at: written(one.at),
        kind: one.kind,
        name: code.as_deref().and_then(name_of),
        code,
    }
}

/// As the error catalogue and Microsoft spell it.
fn spelled(code: i64) -> String {
    format!("AADSTS{code}")
}

fn name_of(code: &str) -> Option<String> {
    let name = entra(code)?.name;
    (!name.is_empty()).then(|| name.to_owned())
}

/// A time to the second: the logs carry fractions that nobody reads.
pub(super) fn written(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
