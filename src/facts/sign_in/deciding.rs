//! The attempt that decides: the newest of Work 365's own sign-ins that says something about the account.
//!
//! Other clients, other people's guesses at the password and this tool's own probe are shown and decide nothing, in either
//! direction. Entries of one correlation id are one attempt, whose last entry decides. A sign-in that a person left
//! unfinished is no refusal, and a busy service is none of the account, unless a program meets nothing else for a day.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::jobs::job::{Job, system_jobs, table_jobs};
use crate::facts::reading::{self, Reading, Reason, Unknown, read};
use crate::facts::reported::CODE;
use crate::facts::sign_in::argument::{argument, reported};
use crate::facts::sign_in::entry::{Attempt, any_code_of, attempt, is_work_365, says_nothing, time_of};
use crate::facts::sign_in::guess::{without_guesses, without_trials};
use crate::facts::sign_in::log::{
    account_sign_ins, application_sign_ins, log_shows_token_refreshes, probe_attempt, refreshes_not_asked,
    sign_ins_of_profile, unless_log_is_cut,
};
use crate::facts::sign_in::own_entry::{complete, is_own, is_password_grant};
use crate::facts::sign_in::place::without_successes_elsewhere;
use crate::facts::sign_in::told::told;
use crate::facts::sign_in::unfinished::lasting;
use crate::facts::value::Kind;
use crate::profile::Profile;
use crate::snapshot::graph::SignIn;
use crate::snapshot::noting_absence;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        CODE,
        Kind::Int,
        SECTIONS,
        "AADSTS number of the newest of Work 365's own sign-ins, or of the error that was seen (0 is success); null when there was none.",
        |context| Ok(deciding(context)?.map(|own| own.code).into()),
    )
    .nullable()
    .its_own(),
    fact(
        "attempt.at",
        Kind::Time,
        SECTIONS,
        "When that sign-in happened; null when there was none.",
        |context| Ok(deciding(context)?.and_then(|own| own.at).into()),
    )
    .nullable(),
    fact(
        "attempt.source",
        Kind::Text,
        SECTIONS,
        "Where that sign-in was seen: sign_in_log, probe, argument, answer, system_job, work365_job or plugin_trace; null when there was none.",
        |context| Ok(deciding(context)?.map(|own| own.source.word()).into()),
    )
    .nullable()
    .its_own(),
    fact(
        "attempt.refused",
        Kind::Bool,
        SECTIONS,
        "The newest of Work 365's own sign-ins was refused.",
        |context| is_refused(context).map(Into::into),
    ),
    fact(
        "attempt.recorded_code",
        Kind::Int,
        SECTIONS,
        "AADSTS number of the newest of Work 365's own sign-ins in the log or of the probe, whatever error was seen beside it; null when there was none.",
        |context| Ok(newest_recorded(context)?.map(|own| own.code).into()),
    )
    .nullable()
    .its_own(),
    fact(
        "attempt.recorded_at",
        Kind::Time,
        SECTIONS,
        "When that recorded sign-in happened; null when there was none.",
        |context| Ok(newest_recorded(context)?.and_then(|own| own.at).into()),
    )
    .nullable(),
    fact(
        "attempt.refusing_policies",
        Kind::Texts,
        SECTIONS,
        "Ids of the Conditional Access policies that the log names as having refused that sign-in.",
        |context| Ok(refusing_policies(context)?.into()),
    )
    .its_own(),
    fact(
        "attempt.stands_alone",
        Kind::Bool,
        SECTIONS,
        "The newest of Work 365's own sign-ins was refused, and the one before it was not.",
        |context| {
            let all = own_attempts(context)?;
            let failed = |position: usize| all.get(position).is_some_and(|own| own.code != 0);
            Ok((failed(0) && !failed(1)).into())
        },
    )
    .its_own(),
    fact(
        "attempt.succeeded_at",
        Kind::Time,
        SECTIONS,
        "When the newest of Work 365's own sign-ins succeeded; null when none did.",
        |context| {
            let all = own_attempts(context)?;
            let success = all.iter().find(|own| own.code == 0);
            Ok(success.and_then(|own| own.at).into())
        },
    )
    .nullable(),
];

const SECTIONS: &[&str] = &[
    "graph.sign_ins",
    "login.probe",
    "dataverse.work365_jobs",
    "dataverse.system_jobs",
    "dataverse.plugin_traces",
];

/// The attempt that decides; none when Work 365 made none that the evidence shows.
pub(crate) fn deciding<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    Ok(own_attempts(context)?.first().copied())
}

/// Whether it was refused. That nothing was refused takes a log that shows the sign-ins which could have been.
fn is_refused(context: &Context<'_>) -> Reading<bool> {
    match deciding(context)? {
        Some(own) if context.supposed.is_cured(own.code) => Ok(false),
        Some(own) if own.code != 0 => Ok(true),
        Some(_) if context.is(Profile::Consent) && !log_shows_token_refreshes(context)? => {
            Err(refreshes_not_asked())
        }
        Some(own) => unless_jobs_were_refused(context, own.at).map(|()| false),
        None => Err(Unknown::silent(
            "graph.sign_ins",
            "the log shows no sign-in of Work 365",
        )),
    }
}

/// The results of jobs tell of refusals as well, and of newer ones: where they were asked for and not given, or one of them
/// does not say how it ended, the log does not stand in for them.
fn unless_jobs_were_refused(context: &Context<'_>, since: Option<Timestamp>) -> Reading<()> {
    let untold = |section: &str, jobs: Reading<Vec<Job<'_>>>| match jobs {
        Ok(jobs) => jobs
            .iter()
            .any(|job| job.may_hide_a_refusal_after(since))
            .then(|| {
                let why = "a job that is newer than the newest sign-in does not say how it ended";
                Unknown::because(section, Reason::Failed, why)
            }),
        Err(unknown) => Some(unknown).filter(Unknown::was_refused),
    };
    let lists = [
        untold(
            "dataverse.system_jobs",
            reading::complete(|| system_jobs(context)),
        ),
        untold(
            "dataverse.work365_jobs",
            reading::complete(|| Ok(table_jobs(context)?.unwrap_or_default())),
        ),
    ];
    lists
        .into_iter()
        .flatten()
        .reduce(Unknown::and)
        .map_or(Ok(()), Err)
}

fn newest_recorded<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    let all = own_attempts(context)?;
    Ok(all.iter().find(|own| !own.source.is_hearsay()).copied())
}

fn refusing_policies(context: &Context<'_>) -> Reading<Vec<String>> {
    let entry = deciding(context)?.and_then(|own| own.entry);
    let applied = entry.map_or(&[][..], |entry| entry.applied_conditional_access_policies.items());
    let refused = applied.iter().filter(|policy| {
        policy
            .result
            .text()
            .is_some_and(|word| word.eq_ignore_ascii_case("failure"))
    });
    Ok(refused
        .filter_map(|policy| policy.id.text().map(str::to_owned))
        .collect())
}

/// Work 365's own attempts, newest first, without what says nothing about the account.
pub(crate) fn own_attempts<'c, 'a>(context: &'c Context<'a>) -> Reading<&'c [Attempt<'a>]> {
    context
        .once(&context.caches.own_attempts, || find_own_attempts(context))
        .as_deref()
        .map_err(Clone::clone)
}

/// When Work 365 last tried to sign in, if that succeeded.
pub(crate) fn signed_in_at(context: &Context<'_>) -> Option<Timestamp> {
    let newest = own_attempts(context).ok()?.first()?;
    newest.at.filter(|_| newest.code == 0)
}

fn find_own_attempts<'a>(context: &Context<'a>) -> Reading<Vec<Attempt<'a>>> {
    // What an entry lacks is weighed where the entries are read, and is no matter of the fact that asks first.
    noting_absence(|| weigh_own_attempts(context)).0
}

fn weigh_own_attempts<'a>(context: &Context<'a>) -> Reading<Vec<Attempt<'a>>> {
    let argument = argument(context);
    let probe = probe(context);
    let logged = logged(context);
    // A sign-in that was tried and whose result is not known could have been refused: nothing older stands for it.
    let probe_is_lost = is_lost(context) && context.is(Profile::LegacyPassword);
    let told = told(context);
    let mut all: Vec<Attempt<'a>> = argument.into_iter().chain(probe).chain(told).collect();
    match logged {
        Ok(_) if probe_is_lost && argument.is_none() => read(&context.evidence().probe).map(|_| ())?,
        Ok(entries) => all.extend(entries),
        Err(_) if !all.is_empty() => {}
        Err(unknown) => all.push(reported(context).ok_or(unknown)?),
    }
    without_successes_elsewhere(&mut all);
    all.sort_by_key(|own| std::cmp::Reverse((own.at, own.code != 0, own.code)));
    if all.is_empty() {
        unless_log_is_cut::<()>(context, None)?;
    }
    Ok(all)
}

/// Whether the probe was made and its result could not be read.
fn is_lost(context: &Context<'_>) -> bool {
    read(&context.evidence().probe).is_err_and(|unknown| unknown.was_refused())
}

fn probe<'a>(context: &Context<'a>) -> Option<Attempt<'a>> {
    probe_attempt(context)
        .filter(|attempt| !says_nothing(attempt.code))
        .filter(|_| context.is(Profile::LegacyPassword))
}

/// The log's entries of Work 365, one an attempt.
fn logged<'a>(context: &Context<'a>) -> Reading<Vec<Attempt<'a>>> {
    let mut own: Vec<&'a SignIn> = Vec::new();
    let mut uncertain: Vec<(&'a SignIn, &'static str)> = Vec::new();
    for entry in sign_ins_of_profile(context)? {
        match is_own(context, entry).and_then(|is_own| complete(entry).map(|()| is_own)) {
            Ok(true) => own.push(entry),
            Ok(false) => {}
            Err(property) => uncertain.push((entry, property)),
        }
    }
    if context.is(Profile::LegacyPassword) {
        uncertain.extend(without_trials(&mut own));
    }
    let guesses = without_guesses(&mut own, uncertain.first().map(|(_, property)| *property));
    uncertain.extend(guesses);
    let whole = whole_attempts(own);
    let lasting = lasting(&whole);
    let attempts: Vec<Attempt<'a>> = whole.into_iter().filter_map(attempt).chain(lasting).collect();
    let newest = attempts.iter().max_by_key(|own| own.at);
    // An entry that could be Work 365's and newer decides as much as one that is.
    let could_decide = uncertain.iter().find(|(entry, _)| {
        let at = time_of(entry);
        let is_newer = newest.is_none_or(|own| at.is_none() || at > own.at);
        let says_the_same = newest.is_some_and(|own| any_code_of(entry) == Some(own.code));
        is_newer && !says_the_same && !any_code_of(entry).is_some_and(says_nothing)
    });
    match could_decide {
        Some((_, property)) => Err(Unknown::because(
            "graph.sign_ins",
            Reason::Failed,
            format!("an entry of the log that could be Work 365's newest sign-in has no {property}"),
        )),
        None => Ok(attempts),
    }
}

/// Nothing, when the log tells of each entry whether it is Work 365's own, when it was and how it ended; otherwise why the
/// course of all of them is not known.
pub(crate) fn every_entry_is_told(context: &Context<'_>) -> Reading<()> {
    let untold = account_sign_ins(context)?.iter().find_map(|entry| {
        let told = is_own(context, entry).and_then(|is_own| if is_own { complete(entry) } else { Ok(()) });
        told.err()
    });
    untold.map_or(Ok(()), |property| {
        Err(Unknown::because(
            "graph.sign_ins",
            Reason::Failed,
            format!("an entry of the log that could be Work 365's has no {property}"),
        ))
    })
}

/// Of the entries of one correlation id the last: an interrupt and the success after it are one attempt.
fn whole_attempts(entries: Vec<&SignIn>) -> Vec<&SignIn> {
    let mut last: BTreeMap<String, &SignIn> = BTreeMap::new();
    let mut alone: Vec<&SignIn> = Vec::new();
    let order = |entry: &SignIn| (time_of(entry), any_code_of(entry) == Some(0), any_code_of(entry));
    for entry in entries {
        let Some(id) = entry.correlation_id.text().filter(|id| is_an_id(id)) else {
            alone.push(entry);
            continue;
        };
        let known = last.entry(id.to_lowercase()).or_insert(entry);
        if order(entry) > order(known) {
            *known = entry;
        }
    }
    alone.extend(last.into_values());
    alone
}

fn is_an_id(id: &str) -> bool {
    id.bytes()
        .any(|byte| byte.is_ascii_alphanumeric() && byte != b'0')
}

/// When the newest sign-in as the account by Work 365's own application was.
pub(crate) fn newest_by_work_365(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let entries = account_sign_ins(context)?;
    let own = entries
        .iter()
        .filter(|entry| entry.app_id.text().is_some_and(is_work_365));
    unless_log_is_cut(context, own.filter_map(|entry| time_of(entry)).max())
}

/// When the newest sign-in of Work 365's application by itself was.
pub(crate) fn newest_by_application(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let entries = application_sign_ins(context)?;
    let newest = entries.iter().filter_map(|entry| time_of(entry)).max();
    unless_log_is_cut(context, newest)
}

/// When the newest password was sent for Dynamics 365, this tool's own probe aside.
pub(crate) fn newest_password(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let entries = account_sign_ins(context)?;
    let probe = probe_attempt(context);
    let is_probe = |entry: &SignIn| {
        let both = probe.and_then(|probe| probe.at).zip(time_of(entry));
        both.is_some_and(|(probe, at)| at.duration_since(probe).abs().as_secs() <= 60)
    };
    let passwords = entries
        .iter()
        .filter(|entry| is_password_grant(entry) == Ok(true) && !is_probe(entry));
    unless_log_is_cut(context, passwords.filter_map(|entry| time_of(entry)).max())
}

/// The newest of Work 365's own attempts.
pub(crate) fn newest_attempt<'a>(context: &Context<'a>) -> Reading<Option<Attempt<'a>>> {
    deciding(context)
}

/// Whether the newest attempt that concerns Work 365 ended with one of `codes`. Older attempts are history: a later
/// success, or another failure, supersedes them.
pub(crate) fn newest_code_is_one_of(context: &Context<'_>, codes: &[i64]) -> Reading<bool> {
    Ok(newest_attempt(context)?
        .is_some_and(|attempt| codes.contains(&attempt.code) && !context.supposed.is_cured(attempt.code)))
}

/// A reading that would be a pass, unless the newest attempt was refused with one of `codes`, which says otherwise: then
/// nobody knows. The directory may have been mended since, or the sign-in went elsewhere.
pub(crate) fn unless_refused(
    context: &Context<'_>,
    reading: Reading<bool>,
    clean: bool,
    codes: &[i64],
) -> Reading<bool> {
    if reading != Ok(clean) {
        return reading;
    }
    match newest_attempt(context) {
        Ok(Some(attempt)) if codes.contains(&attempt.code) && !context.supposed.is_cured(attempt.code) => {
            Err(Unknown::silent(
                attempt.section(),
                format!(
                    "the newest sign-in was refused with AADSTS{}, which says otherwise",
                    attempt.code
                ),
            ))
        }
        _ => reading,
    }
}
