//! One background job, of Dataverse or of Work 365's own table, in one form.

use jiff::{SignedDuration, Timestamp};

use crate::facts::context::Context;
use crate::facts::reading::{Reading, found, read};
use crate::facts::sign_in::entry::Source;
use crate::facts::value::parse_time;
use crate::snapshot::Field;
use crate::snapshot::dataverse::{SystemJob, Workflow};
use crate::snapshot::work365_jobs::{JobState, Work365Job};
use crate::text::squeezed;

/// A job is past its time this long after it was due.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// A job is taken up and tried up to five times within this time after it is due; it runs no longer without a doubt.
const RUN: SignedDuration = SignedDuration::from_hours(24);

/// Clocks may differ by this much.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The state of a job that the vendor's engine has accepted.
pub(crate) const DISPATCHED: &str = "Dispatched";

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It failed.
    Failed,
    /// It succeeded.
    Succeeded,
    /// It is not taken up: it waits, with the word for how.
    Waiting(&'static str),
    /// It is taken up and not over, with the word for how.
    Running(&'static str),
    /// Anything else: it was called off, had nothing to do.
    Other,
}

/// When a job is to run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Due<'a> {
    /// Then, or as soon as it is made.
    At(Option<Timestamp>),
    /// As this property says, which decides nothing while the job does not wait.
    Said(&'a Field<String>),
}

impl Due<'_> {
    /// The time, if it is told.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Due::At(at) => *at,
            Due::Said(field) => field.text().and_then(parse_time),
        }
    }
}

/// One job.
#[derive(Debug, Clone)]
pub(crate) struct Job<'a> {
    /// Where it was read.
    pub(crate) source: Source,
    /// What it is called.
    pub(crate) name: Option<&'a str>,
    /// How it stands.
    pub(crate) standing: Standing,
    /// Made.
    pub(crate) created: Option<Timestamp>,
    /// Over; none while that is not known.
    pub(crate) ended: Option<Timestamp>,
    /// When its row was last changed, if that is told: it was over by then.
    pub(crate) changed: Option<Timestamp>,
    /// Not before.
    pub(crate) due: Due<'a>,
    /// What it says of itself.
    pub(crate) text: Option<String>,
    /// The answer lacks what it says of itself.
    pub(crate) lacks_text: bool,
    /// Dataverse's code of the failure.
    pub(crate) error_code: Option<i64>,
    /// The activation of the workflow that it runs.
    pub(crate) activation: Option<&'a str>,
}

impl Job<'_> {
    /// When it was over, else when it was made.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        self.ended.or(self.created)
    }

    /// When it was over at the latest, as far as that is told.
    pub(crate) fn over_by(&self) -> Option<Timestamp> {
        self.ended.or(self.changed)
    }

    /// What is seen of it, if it runs longer than jobs are known to: no source says when that is a failure.
    pub(crate) fn runs_long(&self, now: Timestamp) -> Option<String> {
        let Standing::Running(state) = self.standing else {
            return None;
        };
        let since = self.changed.or(self.created)?;
        let name = self.name.unwrap_or("a job");
        (now.duration_since(since) > RUN)
            .then(|| format!("{name}: {state} since {since}, which is neither a success nor a failure"))
    }

    /// The same without times that no evidence of then can know: what is wrong with them is not told.
    fn read_at(mut self, read: Timestamp) -> Self {
        for at in [&mut self.created, &mut self.ended, &mut self.changed] {
            *at = at.filter(|at| at.duration_since(read) <= SKEW);
        }
        self
    }

    /// Whether it may have been refused after this instant without its saying so. A state that the answer lacks is noted
    /// where it is read.
    pub(crate) fn may_hide_a_refusal_after(&self, then: Option<Timestamp>) -> bool {
        self.standing == Standing::Failed && self.lacks_text && (self.at().is_none() || self.at() > then)
    }

    /// Whether it waits and its time has come an hour ago.
    pub(crate) fn is_past_its_time(&self, now: Timestamp) -> bool {
        matches!(self.standing, Standing::Waiting(_))
            && self
                .due
                .at()
                .or(self.created)
                .and_then(|due| due.checked_add(GRACE).ok())
                .is_some_and(|limit| limit <= now)
    }
}

/// The system jobs of Work 365 that were read: those of its workflows, and those that the account's row owns, without chores of the
/// environment and other people's workflows.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/asyncoperation#operationtype-choicesoptions>.
pub(crate) fn system_jobs<'a>(context: &Context<'a>) -> Reading<Vec<Job<'a>>> {
    let list = read(&context.evidence().system_jobs)?;
    let workflows = read(&context.evidence().workflows).map(|list| list.value.as_slice());
    let own = list
        .value
        .iter()
        .filter_map(|row| own_job(row, &workflows, context.snapshot.captured_at).transpose());
    own.collect()
}

/// The job, if it is one of Work 365; unknown where only the definition of its workflow could tell and it fails or waits.
fn own_job<'a>(
    row: &'a SystemJob,
    workflows: &Reading<&'a [Workflow]>,
    read: Timestamp,
) -> Reading<Option<Job<'a>>> {
    let mut job = of_dataverse(row).read_at(read);
    let definition = workflows
        .as_ref()
        .ok()
        .zip(job.activation)
        .and_then(|(workflows, activation)| definition_of(workflows, activation));
    job.name = definition
        .and_then(|workflow| workflow.name.known())
        .map(|name| name.trim())
        .or(job.name);
    let is_named = job.name.is_some_and(|name| squeezed(name).contains("work365"));
    let is_own = match row.operationtype.known() {
        Some(1) | None => true,
        Some(10) => definition.is_some() || job.name.is_none() || is_named,
        Some(_) => is_named,
    };
    let is_of_workflow = row.operationtype.known() == Some(&10) && job.activation.is_some();
    match workflows {
        Err(unread)
            if !is_own
                && is_of_workflow
                && matches!(job.standing, Standing::Failed | Standing::Waiting(_)) =>
        {
            Err(unread.clone())
        }
        _ => Ok(is_own.then_some(job)),
    }
}

/// The definition that a job belongs to. Its own pointer is to the latest activation only, so an older activation is asked
/// for its definition.
fn definition_of<'a>(workflows: &'a [Workflow], activation: &str) -> Option<&'a Workflow> {
    let is = |field: &Field<String>, id: &str| {
        field
            .known()
            .is_some_and(|own| own.trim().eq_ignore_ascii_case(id))
    };
    let parent = workflows
        .iter()
        .find(|workflow| is(&workflow.workflowid, activation))
        .and_then(|workflow| workflow.parent_workflow_id.known());
    workflows
        .iter()
        .filter(|workflow| workflow.kind.known() != Some(&2))
        .find(|workflow| {
            is(&workflow.active_workflow_id, activation)
                || parent.is_some_and(|parent| is(&workflow.workflowid, parent.trim()))
        })
}

/// The jobs of Work 365's own table; none where it has no such table.
pub(crate) fn table_jobs<'a>(context: &Context<'a>) -> Reading<Option<Vec<Job<'a>>>> {
    let table = found(&context.evidence().work365_jobs)?;
    let Some(table) = table else { return Ok(None) };
    // What a job does tells it apart; its name is of one customer. Where no column says it, the name has to do.
    let tells_kind = table.value.iter().any(|job| job.kind.known().is_some());
    let jobs = table.value.iter().map(|job| {
        let name = if tells_kind { &job.kind } else { &job.name };
        Job {
            name: name.known().map(|name| name.trim()),
            ..of_work_365(job).read_at(context.snapshot.captured_at)
        }
    });
    Ok(Some(jobs.collect()))
}

fn of_dataverse(job: &SystemJob) -> Job<'_> {
    // The reason for the state says more than the state itself.
    let standing = match (job.statuscode.value().copied(), job.statecode.known().copied()) {
        (Some(31), _) => Standing::Failed,
        (Some(30), _) => Standing::Succeeded,
        (Some(20), _) => Standing::Running("In Progress"),
        (Some(21 | 22 | 32), _) => Standing::Other,
        (Some(0), state) if state != Some(1) => Standing::Waiting("ready"),
        (Some(10), _) | (_, Some(1)) => Standing::Waiting("suspended"),
        (_, Some(0)) => Standing::Waiting("ready"),
        _ => Standing::Other,
    };
    let known = |text: &Field<String>| {
        let text = text.known().map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let texts: Vec<String> = [&job.friendlymessage, &job.message]
        .into_iter()
        .filter_map(known)
        .collect();
    Job {
        source: Source::SystemJob,
        name: job.name.known().map(|name| name.trim()),
        standing,
        created: job.createdon.text().and_then(parse_time),
        ended: job.completedon.known().and_then(|at| parse_time(at)),
        changed: None,
        due: Due::Said(&job.postponeuntil),
        lacks_text: texts.is_empty() && (job.friendlymessage.is_missing() || job.message.is_missing()),
        text: Some(texts.join("\n")).filter(|text| !text.is_empty()),
        error_code: job.errorcode.known().copied().filter(|code| *code != 0),
        activation: job.workflow_activation_id.known().map(|id| id.trim()),
    }
}

fn of_work_365(job: &Work365Job) -> Job<'_> {
    let state = job.state.value().copied();
    let standing = match state {
        Some(JobState::Failed) => Standing::Failed,
        Some(JobState::Succeeded) => Standing::Succeeded,
        Some(JobState::Waiting) => Standing::Waiting("Waiting"),
        Some(JobState::Dispatched) => Standing::Waiting(DISPATCHED),
        Some(state @ (JobState::InProgress | JobState::Retry)) => Standing::Running(state.label()),
        _ => Standing::Other,
    };
    let changed = job.changed.known().and_then(|at| parse_time(at));
    let due = match state {
        // Taken up when it was last changed.
        Some(JobState::Dispatched) => Due::At(changed),
        _ => Due::Said(&job.scheduled),
    };
    let text = job.result.known().map(|text| text.trim().to_owned());
    let created = job.created.text().and_then(parse_time);
    Job {
        source: Source::Work365Job,
        name: None,
        standing,
        created,
        ended: ended(job, created, changed)
            .filter(|_| matches!(standing, Standing::Failed | Standing::Succeeded | Standing::Other)),
        changed,
        due,
        lacks_text: job.result.is_missing(),
        text: text.filter(|text| !text.is_empty()),
        error_code: None,
        activation: None,
    }
}

/// When a job of Work 365's own table was over. Its row changes when it is over, and again whenever somebody edits it or runs the
/// job anew: a change long after it was due does not tell which.
fn ended(job: &Work365Job, created: Option<Timestamp>, changed: Option<Timestamp>) -> Option<Timestamp> {
    let told = |field: &Field<String>| field.known().and_then(|at| parse_time(at));
    let began = told(&job.scheduled).max(created);
    told(&job.completed)
        .or(changed.filter(|changed| began.is_none_or(|began| changed.duration_since(began) <= RUN)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::Sample;

    fn job(state: &str, created: &str, changed: &str) -> Value {
        json!({"work365_status": state, "work365_jobtype": "Charge invoice", "createdon": created, "modifiedon": changed,
            "work365_scheduledon": created, "work365_jobresults": null})
    }

    fn sample(jobs: Value) -> Sample {
        Sample::new()
            .list("dataverse.work365_jobs", jobs)
            .list("dataverse.system_jobs", json!([]))
    }

    const SECTION: &str = "dataverse.work365_jobs";

    #[test]
    fn the_change_of_a_row_long_after_the_job_was_due_is_not_its_end() {
        let untold = || Err(SECTION.to_owned());
        let edited = |state: &str| job(state, "2026-06-10T07:00:00Z", "2026-06-15T08:00:00Z");
        let ran = |state: &str, at: &str| job(state, at, at);
        let told = json!({"work365_status": "Failed", "work365_jobtype": "Charge invoice", "createdon": "2026-06-10T07:00:00Z",
            "modifiedon": "2026-06-15T08:00:00Z", "work365_completedon": "2026-06-10T07:05:00Z", "work365_jobresults": null});
        for (jobs, wanted) in [
            (
                [edited("Failed"), ran("Succeeded", "2026-06-14T05:40:00Z")],
                untold(),
            ),
            (
                [edited("Failed"), ran("Succeeded", "2026-06-15T08:40:00Z")],
                Ok(false),
            ),
            (
                [edited("Failed"), ran("Succeeded", "2026-06-09T05:40:00Z")],
                Ok(true),
            ),
            (
                [edited("Succeeded"), ran("Failed", "2026-06-15T07:00:00Z")],
                untold(),
            ),
            (
                [edited("Succeeded"), ran("Failed", "2026-06-15T08:30:00Z")],
                Ok(true),
            ),
            ([told, ran("Succeeded", "2026-06-14T05:40:00Z")], Ok(false)),
        ] {
            let jobs = json!(jobs);
            assert_eq!(sample(jobs.clone()).is("jobs.failing"), wanted, "{jobs}");
        }
    }

    #[test]
    fn a_time_after_the_evidence_was_read_decides_nothing() {
        let (succeeded, tomorrow) = ("2026-06-15T05:40:00Z", "2026-06-16T07:00:00Z");
        let jobs = json!([
            job("Succeeded", succeeded, succeeded),
            job("Failed", tomorrow, tomorrow)
        ]);
        assert_eq!(sample(jobs).is("jobs.failing"), Err(SECTION.to_owned()));
    }

    #[test]
    fn a_job_that_runs_for_days_is_neither_a_success_nor_a_failure() {
        let since = |created: &str| {
            let succeeded = "2026-06-15T05:40:00Z";
            sample(json!([
                job("Succeeded", succeeded, succeeded),
                job("In Progress", created, created)
            ]))
            .is("jobs.waiting")
        };
        assert_eq!(since("2026-06-15T05:00:00Z"), Ok(false));
        assert_eq!(since("2026-06-12T08:00:00Z"), Err(SECTION.to_owned()));
    }
}
