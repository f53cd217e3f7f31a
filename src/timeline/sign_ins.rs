//! The course of the sign-ins: since when they fail, what succeeded last, and whether that is a clean break.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::catalogue::{Words, fill};
use super::{CodeSeen, Moment, SignInKind, Split, State, Window};
use crate::decode::{catalog, tables::TABLES};
use crate::facts::{
    Attempt, Inputs, concerns_work_365, is_application_sign_in, is_non_interactive, parse_time, read, time_of,
};

/// Failures with the same code and a success between them are one trouble when they lie closer than this: jobs run daily.
const ONE_TROUBLE: SignedDuration = SignedDuration::from_hours(24);

/// So often does a code come back before it counts as one trouble whatever lies between.
const COMES_BACK: usize = 3;

/// A kind of sign-in that failed longer ago than this, while another works, is history.
const STILL_OF_INTEREST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The probe and the log tell of the same attempt when they agree and lie closer than this.
const SAME_ATTEMPT: SignedDuration = SignedDuration::from_mins(1);

/// One sign-in with a time.
#[derive(Debug, Clone, Copy)]
struct Dated<'a> {
    at: Timestamp,
    kind: SignInKind,
    attempt: Attempt<'a>,
}

impl Dated<'_> {
    fn failed(&self) -> bool {
        self.attempt.code != 0
    }
}

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
    undated: Vec<Attempt<'a>>,
}

impl<'a> Course<'a> {
    /// Reads the log, and the probe if one was made.
    pub(super) fn of(inputs: &Inputs<'a>) -> Self {
        let (dated, undated): (Vec<_>, Vec<_>) = inputs
            .attempts()
            .unwrap_or_default()
            .into_iter()
            .filter(|attempt| attempt.entry.is_none_or(concerns_work_365))
            .partition(|attempt| attempt.at.is_some());
        let mut all: Vec<Dated<'a>> = dated
            .into_iter()
            .filter_map(|attempt| {
                Some(Dated {
                    at: attempt.at?,
                    kind: kind_of(&attempt),
                    attempt,
                })
            })
            .collect();
        drop_repeated_probe(&mut all);
        // Two entries of one instant stand in an order of their own, not in that of the file.
        all.sort_by(|left, right| order_of(left).cmp(&order_of(right)));
        let window = window(inputs, &all, undated.len());
        let mut course = Self {
            state: State::Unknown,
            window,
            split: None,
            concerned: all.clone(),
            first: None,
            all,
            undated,
        };
        course.judge();
        course
    }

    fn judge(&mut self) {
        let trouble = trouble(&self.all);
        self.first = trouble.as_ref().map(|trouble| trouble.first);
        if self.window.is_none() {
            // The probe alone dates nothing: it is as old as the evidence.
            return;
        }
        let (Some(trouble), Some(newest)) = (trouble, self.all.last().copied()) else {
            self.state = if self.all.is_empty() {
                State::NoSignIns
            } else {
                State::Working
            };
            return;
        };
        let after = &self.all[trouble.first..];
        if after.iter().all(Dated::failed) {
            self.state = if trouble.first == 0 {
                State::FailingThroughout
            } else {
                State::Failing
            };
            return;
        }
        let since_last_failure = newest.at.duration_since(self.all[trouble.last].at);
        let is_present = trouble.interleaved && since_last_failure < ONE_TROUBLE;
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
                self.first = self::trouble(&self.concerned).map(|trouble| trouble.first);
                self.split = Some(split);
                self.state = State::PartlyFailing;
            }
            None if is_present => self.state = State::Intermittent,
            None => self.state = State::Recovered,
        }
    }

    /// When the present trouble began, for what was read of the log.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.beginning().map(|one| one.at)
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
        let undated = self.undated.iter().map(|attempt| (attempt.code, None));
        for (code, at) in dated.chain(undated).filter(|(code, _)| *code != 0) {
            let (count, first, last) = seen.entry(code).or_default();
            *count += 1;
            *first = first.or(at);
            *last = at.or(*last);
        }
        let mut codes: Vec<_> = seen.into_iter().collect();
        codes.sort_by_key(|(code, (_, _, last))| (std::cmp::Reverse(*last), *code));
        codes
            .into_iter()
            .map(|(number, (count, first, last))| {
                let code = spelled(number);
                CodeSeen {
                    name: name_of(&code),
                    category: catalog::table_category(&code).to_owned(),
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

/// Failures that belong together, by position.
struct Trouble {
    first: usize,
    last: usize,
    interleaved: bool,
}

/// The newest failures, with those before them that share a code and lie close, or come back again and again.
fn trouble(attempts: &[Dated<'_>]) -> Option<Trouble> {
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
enum Side {
    Kinds(BTreeSet<SignInKind>),
    Addresses(BTreeSet<String>),
}

impl Side {
    fn holds(&self, one: &Dated<'_>) -> bool {
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
fn split_by_kind(after: &[Dated<'_>]) -> Option<(Split, Side)> {
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

fn split_by_address(after: &[Dated<'_>]) -> Option<(Split, Side)> {
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

impl SignInKind {
    const ALL: [Self; 4] = [
        Self::Password,
        Self::Browser,
        Self::TokenRefresh,
        Self::Application,
    ];

    /// The word of the report.
    pub(super) fn name(self) -> &'static str {
        match self {
            SignInKind::Password => "password",
            SignInKind::Browser => "browser",
            SignInKind::TokenRefresh => "token_refresh",
            SignInKind::Application => "application",
        }
    }
}

fn value_in_words(words: &Words, by: &str, value: &str) -> String {
    if by == "address" {
        return fill(&words.address, &[("address", value)]);
    }
    let kind = SignInKind::ALL.into_iter().find(|kind| kind.name() == value);
    kind.map_or_else(|| value.to_owned(), |kind| words.kind(kind).to_owned())
}

fn kind_of(attempt: &Attempt<'_>) -> SignInKind {
    let Some(entry) = attempt.entry else {
        return SignInKind::Password;
    };
    if is_application_sign_in(entry) {
        SignInKind::Application
    } else if is_non_interactive(entry) {
        SignInKind::TokenRefresh
    } else if entry
        .client_app_used
        .text()
        .is_some_and(|client| client.eq_ignore_ascii_case("browser"))
    {
        SignInKind::Browser
    } else {
        SignInKind::Password
    }
}

/// The probe's sign-in reaches the log within minutes; then it stands in the evidence twice.
fn drop_repeated_probe(all: &mut Vec<Dated<'_>>) {
    let Some(position) = all.iter().position(|one| one.attempt.entry.is_none()) else {
        return;
    };
    let probe = all[position];
    let is_same = |one: &Dated<'_>| {
        one.attempt.entry.is_some()
            && one.attempt.code == probe.attempt.code
            && one.kind == probe.kind
            && one.at.duration_since(probe.at).abs() <= SAME_ATTEMPT
    };
    if all.iter().any(is_same) {
        all.remove(position);
    }
}

type Order<'a> = (
    Timestamp,
    i64,
    SignInKind,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
);

fn order_of<'a>(one: &Dated<'a>) -> Order<'a> {
    let entry = one.attempt.entry;
    (
        one.at,
        one.attempt.code,
        one.kind,
        entry.and_then(|entry| entry.ip_address.text()),
        entry.and_then(|entry| entry.id.text()),
        entry.and_then(|entry| entry.correlation_id.text()),
    )
}

/// What was read of the log; none when it did not answer.
fn window(inputs: &Inputs<'_>, all: &[Dated<'_>], undated: usize) -> Option<Window> {
    let answer = &inputs.evidence().sign_ins;
    let log = read(answer).ok()?;
    let in_log = all.iter().filter(|one| one.attempt.entry.is_some()).count();
    let is_of_application = all.iter().any(|one| one.kind == SignInKind::Application);
    let read_at = answer.read_at.as_deref().and_then(parse_time);
    Some(Window {
        from: log.value.iter().filter_map(time_of).min().map(written),
        to: written(read_at.unwrap_or(inputs.snapshot.captured_at)),
        sign_ins: in_log + undated,
        undated,
        truncated: is_cut(inputs, "graph.sign_ins"),
        token_refreshes: is_of_application || inputs.log_shows_token_refreshes() == Ok(true),
    })
}

/// Whether the section holds less than the service has: the collector's mark, or a next page that nobody fetched.
pub(super) fn is_cut(inputs: &Inputs<'_>, section: &str) -> bool {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Cut {
        truncated: bool,
        #[serde(rename = "@odata.nextLink")]
        next_link: Option<String>,
    }
    let section = inputs.snapshot.section(section);
    let body = section
        .and_then(|section| section.body.as_ref())
        .map(|body| body.get());
    // A log is large; it is read again only if one of the two can stand in it.
    let cut: Cut = body
        .filter(|body| body.contains("nextLink") || body.contains("truncated"))
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_default();
    cut.truncated || cut.next_link.is_some()
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

/// The spelling of `CONTRACT.md` section 5.
fn spelled(code: i64) -> String {
    format!("AADSTS{code}")
}

fn name_of(code: &str) -> Option<String> {
    let name = TABLES.known(code)?.name;
    (!name.is_empty()).then(|| name.to_owned())
}

/// A time to the second: the logs carry fractions that nobody reads.
pub(super) fn written(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}
