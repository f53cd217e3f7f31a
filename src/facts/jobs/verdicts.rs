//! What Work 365's jobs come to: which wait, which fail, and what the failures say.

use jiff::Timestamp;

use crate::decode::{DecodedError, spoken};
use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::jobs::course::{Course, is_mended};
use crate::facts::jobs::job::{DISPATCHED, Job, Standing};
use crate::facts::jobs::lists::{LISTS as JOBS, courses, lists};
use crate::facts::jobs::message::{Message, causes};
use crate::facts::jobs::messages::messages;
use crate::facts::jobs::workflows;
use crate::facts::reading::{Reading, Reason, Unknown, any, read, whole};
use crate::facts::sign_in::deciding::signed_in_at;
use crate::facts::sign_in::entry::Source;
use crate::facts::value::Kind;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "jobs.waiting",
        Kind::Bool,
        JOBS,
        "A job of Work 365 waits an hour and more after its time: not taken up by Dataverse, or not by the vendor's engine.",
        |context| is_waiting(context).map(Into::into),
    ),
    fact(
        "jobs.waiting_list",
        Kind::Texts,
        JOBS,
        "The jobs that wait past their time, each with its state and since when.",
        |context| {
            let mut all: Vec<String> = past_their_time(context)?.iter().map(waits).collect();
            all.sort();
            all.dedup();
            Ok(all.into())
        },
    )
    .its_own(),
    fact(
        "jobs.waiting_states",
        Kind::Texts,
        JOBS,
        "The states of the jobs that wait past their time: ready and suspended are Dataverse's, Waiting and Dispatched are Work 365's.",
        |context| {
            let mut states: Vec<String> = past_their_time(context)?
                .iter()
                .filter_map(|job| match job.standing {
                    Standing::Waiting(state) => Some(state.to_owned()),
                    _ => None,
                })
                .collect();
            states.sort();
            states.dedup();
            Ok(states.into())
        },
    ),
    fact(
        "jobs.only_dispatched",
        Kind::Bool,
        JOBS,
        "Jobs wait past their time, and the vendor's engine has accepted every one of them: nothing in this tenant holds them up.",
        |context| is_only_dispatched(context).map(Into::into),
    ),
    fact(
        "jobs.failing",
        Kind::Bool,
        JOBS,
        "Jobs of Work 365 failed within fourteen days, and none of the same list succeeded after them.",
        |context| is_failing(context).map(Into::into),
    ),
    fact(
        "jobs.failed_count",
        Kind::Int,
        JOBS,
        "How many failures were read that no success came after.",
        |context| {
            let count: usize = standing(context)?.iter().map(|course| course.failed).sum();
            Ok(i64::try_from(count).unwrap_or(i64::MAX).into())
        },
    )
    .its_own(),
    fact(
        "jobs.first_failed_at",
        Kind::Time,
        JOBS,
        "When the first of these failures was; null when there is none.",
        |context| Ok(first_failed(context)?.into()),
    )
    .nullable(),
    fact(
        "jobs.last_failed_at",
        Kind::Time,
        JOBS,
        "When the newest of these failures was; null when there is none.",
        |context| Ok(standing(context)?.iter().filter_map(|course| course.last_failed).max().into()),
    )
    .nullable(),
    fact(
        "jobs.last_success_at",
        Kind::Time,
        JOBS,
        "When a job of Work 365 last succeeded, as far as finished jobs are kept; null when none is on file.",
        |context| Ok(last_success(context)?.into()),
    )
    .nullable(),
    fact(
        "jobs.codes",
        Kind::Texts,
        JOBS,
        "Error codes in the results of these failures, the newest first.",
        |context| {
            let mut codes: Vec<String> = Vec::new();
            for error in failures(context)?.iter().flat_map(|message| errors(message)) {
                if !codes.contains(&error.code) {
                    codes.push(error.code.clone());
                }
            }
            Ok(codes.into())
        },
    )
    .its_own(),
    fact(
        "jobs.newest_causes",
        Kind::Texts,
        &["dataverse.work365_jobs", "dataverse.system_jobs", "dataverse.workflows"],
        "Error codes in the result of the newest of these failures; the rule work365-provider-refused where it is about a provider's connection, and work365-workflow-owner where it names an owner of a workflow who cannot run it.",
        |context| Ok(newest_causes(context)?.into()),
    )
    .its_own(),
    fact(
        "jobs.newest_result",
        Kind::Text,
        JOBS,
        "What the newest of these failures says: its code, or what is known of it in words, else its first words; null when it says nothing.",
        |context| Ok(failures(context)?.first().and_then(|message| said(message)).into()),
    )
    .nullable()
    .its_own(),
    fact(
        "jobs.provider_refused",
        Kind::Bool,
        JOBS,
        "A job failed on a connection of Work 365's own to a provider, and no job of its kind succeeded after it.",
        |context| is_provider_refused(context).map(Into::into),
    ),
    fact(
        "jobs.provider",
        Kind::Text,
        JOBS,
        "Which connection that is; null when there is none.",
        |context| Ok(provider_failures(context)?.first().and_then(|message| message.provider).map(|provider| provider.name).into()),
    )
    .nullable(),
    fact(
        "jobs.provider_result",
        Kind::Text,
        JOBS,
        "What the newest of these results says; null when there is none.",
        |context| Ok(provider_failures(context)?.first().map(|message| message.words.clone()).into()),
    )
    .nullable()
    .its_own(),
    fact(
        "jobs.traces_kept",
        Kind::Bool,
        &["dataverse.organization"],
        "Plug-ins of the environment leave traces of their exceptions.",
        |context| leaves_traces(context).map(Into::into),
    ),
    fact(
        "jobs.refused_person",
        Kind::Text,
        &["dataverse.plugin_traces", "dataverse.system_jobs"],
        "Somebody else whose action was refused while the jobs of Work 365 succeed: then that person's roles are the matter; null when there is nobody.",
        |context| Ok(super::reach::refused_person(context, is_failing(context)?, last_success(context)?).into()),
    )
    .nullable()
    .its_own(),
];

/// The codes of a message, without those that are about a provider's connection.
fn errors(message: &Message) -> &[DecodedError] {
    if message.provider.is_some() {
        &[]
    } else {
        &message.decoded.errors
    }
}

fn newest_causes(context: &Context<'_>) -> Reading<Vec<String>> {
    let failures = failures(context)?;
    let Some(newest) = failures.first() else {
        return Ok(Vec::new());
    };
    let mut all = causes(&newest.decoded, newest.provider);
    if errors(newest)
        .iter()
        .any(|error| workflows::names_owner_at_fault(context, error))
    {
        all.push(workflows::OWNER.to_owned());
    }
    Ok(all)
}

fn said(message: &Message) -> Option<String> {
    let code = message.decoded.primary.as_deref();
    let code = code.filter(|_| message.provider.is_none()).map(spoken);
    code.or_else(|| Some(message.words.clone()).filter(|words| !words.is_empty()))
}

fn past_their_time<'a>(context: &Context<'a>) -> Reading<Vec<Job<'a>>> {
    let [table, system] = lists(context);
    // What one list shows waits, whatever the other one would show.
    let jobs = match (table, system) {
        (Ok(table), system) => table.into_iter().chain(system.unwrap_or_default()).collect(),
        (Err(_), Ok(system)) => system,
        (Err(table), Err(system)) => return Err(table.and(system)),
    };
    let jobs: Vec<Job<'a>> = jobs;
    Ok(jobs
        .into_iter()
        .filter(|job| job.is_past_its_time(context.now))
        .collect())
}

fn is_waiting(context: &Context<'_>) -> Reading<bool> {
    let waits = |section: &str, jobs: Vec<Job<'_>>| {
        if jobs.iter().any(|job| job.is_past_its_time(context.now)) {
            return Ok(true);
        }
        match jobs.iter().find_map(|job| job.runs_long(context.now)) {
            Some(seen) => Err(Unknown::because(section, Reason::Failed, seen)),
            None => Ok(false),
        }
    };
    let [table, system] = lists(context);
    any([
        table.and_then(|jobs| {
            let is_cut = context
                .evidence()
                .work365_jobs
                .ok()
                .is_some_and(|table| table.truncated);
            match waits(JOBS[0], jobs)? {
                false if is_cut => Err(Unknown::silent(JOBS[0], "only the newest jobs were read")),
                waits => Ok(waits),
            }
        }),
        system.and_then(|jobs| match waits(JOBS[1], jobs)? {
            false => whole(&context.evidence().system_jobs).map(|()| false),
            true => Ok(true),
        }),
    ])
}

/// Both lists are needed: one that was not read could show a job that waits for this tenant.
fn is_only_dispatched(context: &Context<'_>) -> Reading<bool> {
    let [table, system] = lists(context);
    let waiting: Vec<Job<'_>> = table?
        .into_iter()
        .chain(system?)
        .filter(|job| job.is_past_its_time(context.now))
        .collect();
    let is_at_the_vendor = |job: &Job<'_>| job.standing == Standing::Waiting(DISPATCHED);
    Ok(!waiting.is_empty() && waiting.iter().all(is_at_the_vendor))
}

fn waits(job: &Job<'_>) -> String {
    let state = match job.standing {
        Standing::Waiting(state) => state,
        _ => "",
    };
    let since = job
        .due
        .at()
        .or(job.created)
        .map(|since| since.to_string())
        .unwrap_or_default();
    format!("{}: {state} since {since}", job.name.unwrap_or("a job"))
}

fn standing(context: &Context<'_>) -> Reading<Vec<Course>> {
    match courses(context) {
        [Ok(table), Ok(system)] => Ok(vec![table, system]),
        [Ok(one), Err(_)] | [Err(_), Ok(one)] => Ok(vec![one]),
        [Err(table), Err(system)] => Err(table.and(system)),
    }
}

/// When the first failure was that no success came after.
pub(crate) fn first_failed(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    Ok(standing(context)?
        .iter()
        .filter_map(|course| course.first_failed)
        .min())
}

/// When a job last succeeded; of the lists that show failures, where one does.
pub(crate) fn last_success(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let courses = standing(context)?;
    let fails = courses.iter().any(|course| course.failed > 0);
    Ok(courses
        .iter()
        .filter(|course| course.failed > 0 || !fails)
        .filter_map(|course| course.succeeded)
        .max())
}

/// Whether failures stand in one of the lists. Where Work 365's own list shows a success after those of Dataverse, nobody knows:
/// finished system jobs may have been deleted. The other way round there is no doubt: a system job that succeeded has handed its
/// job over, and what became of that stands in Work 365's list alone.
fn is_failing(context: &Context<'_>) -> Reading<bool> {
    let [table, system] = courses(context);
    let shown = [&table, &system]
        .into_iter()
        .flatten()
        .any(|course| *course != Course::default());
    let is_read = table.is_ok() && system.is_ok();
    let recovered = table.as_ref().ok().and_then(|table| table.succeeded);
    let system_fails =
        system
            .clone()
            .and_then(|system| match (system.failed, system.last_failed, recovered) {
                (0, ..) => Ok(false),
                (_, Some(failed), Some(succeeded)) if succeeded > failed => Err(Unknown::silent(
                    JOBS[1],
                    "jobs failed, and the other list of jobs shows a later success",
                )),
                _ => Ok(true),
            });
    let failing = any([table.map(|table| table.failed > 0), system_fails])?;
    if failing && let Some(signed_in) = refuted_at(context)? {
        return Err(Unknown::silent(
            JOBS[0],
            format!(
                "these jobs failed at the sign-in, which succeeded on {signed_in}: whether a job succeeds since was not tried"
            ),
        ));
    }
    if !failing && is_read && !shown {
        return Err(Unknown::silent(
            JOBS[0],
            "no job of Work 365 failed or succeeded within fourteen days",
        ));
    }
    Ok(failing)
}

/// When Work 365 signed in after the failures that stand, if each of them is a refused sign-in.
fn refuted_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let failures = failures(context)?;
    let failed: usize = standing(context)?.iter().map(|course| course.failed).sum();
    let signed_in = signed_in_at(context);
    let is_refuted = |message: &&Message| {
        message.provider.is_none()
            && message.sign_in_code().is_some()
            && message.happened.is_some()
            && message.happened < signed_in
    };
    Ok(signed_in.filter(|_| failures.len() >= failed && failures.iter().all(is_refuted)))
}

/// The results of the failures that stand, the newest first.
fn failures<'c>(context: &'c Context<'_>) -> Reading<Vec<&'c Message>> {
    let [table, system] = courses(context);
    if let (Err(table), Err(system)) = (&table, &system) {
        return Err(table.clone().and(system.clone()));
    }
    let stands = |message: &&Message| {
        let course = match message.source {
            Source::Work365Job => table.as_ref().ok(),
            Source::SystemJob => system.as_ref().ok(),
            _ => None,
        };
        let Some(course) = course.filter(|course| message.is_failure && course.failed > 0) else {
            return false;
        };
        match (message.at, course.succeeded) {
            (Some(at), Some(succeeded)) => at >= succeeded,
            _ => true,
        }
    };
    Ok(messages(context).iter().filter(stands).collect())
}

fn of_providers<'c>(context: &'c Context<'_>, source: Source) -> impl Iterator<Item = &'c Message> {
    messages(context)
        .iter()
        .filter(move |message| message.source == source && message.is_failure && message.provider.is_some())
}

/// Whether no job of its kind succeeded after the failure that the message tells.
fn stands(section: &str, jobs: &[Job<'_>], message: &Message) -> Reading<bool> {
    let name = message.name.as_deref();
    is_mended(section, jobs, [message.at, message.over_by], name).map(|is_mended| !is_mended)
}

fn is_provider_refused(context: &Context<'_>) -> Reading<bool> {
    let [table, system] = lists(context);
    let refused = |section: &str, source: Source, jobs: Reading<Vec<Job<'_>>>| {
        let jobs = jobs?;
        let told = of_providers(context, source).map(|message| stands(section, &jobs, message));
        let untold = jobs
            .iter()
            .filter(|job| job.standing == Standing::Failed && job.lacks_text)
            .map(
                |job| match is_mended(section, &jobs, [job.at(), job.over_by()], job.name) {
                    Ok(true) => Ok(false),
                    _ => Err(Unknown::because(
                        section,
                        Reason::Failed,
                        "a job that failed comes without its result",
                    )),
                },
            );
        any(told.chain(untold))
    };
    any([
        refused(JOBS[0], Source::Work365Job, table),
        refused(JOBS[1], Source::SystemJob, system),
    ])
}

fn provider_failures<'c>(context: &'c Context<'_>) -> Reading<Vec<&'c Message>> {
    let [table, system] = lists(context);
    if let (Err(table), Err(system)) = (&table, &system) {
        return Err(table.clone().and(system.clone()));
    }
    // The law of evidence is kept by the fact that decides; these only quote.
    let standing = |source: Source, jobs: &Reading<Vec<Job<'_>>>| -> Vec<&'c Message> {
        let jobs = jobs.as_deref().unwrap_or_default();
        of_providers(context, source)
            .filter(|message| stands(JOBS[0], jobs, message) == Ok(true))
            .collect()
    };
    let mut all = standing(Source::Work365Job, &table);
    all.extend(standing(Source::SystemJob, &system));
    all.sort_by_key(|message| std::cmp::Reverse(message.at));
    Ok(all)
}

/// Whether plug-ins leave traces of their exceptions; unknown where the organisation's row does not say.
fn leaves_traces(context: &Context<'_>) -> Reading<bool> {
    let row = read(&context.evidence().organization_row)?.0.as_ref();
    let setting = row.and_then(|row| row.plugintracelogsetting.value().copied());
    let setting = setting
        .ok_or_else(|| Unknown::silent("dataverse.organization", "plugintracelogsetting is not set"))?;
    Ok(setting != 0)
}
