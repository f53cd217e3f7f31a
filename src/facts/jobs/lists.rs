//! The two lists of jobs: Work 365's own table, and the system jobs of Dataverse.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::jobs::course::{Course, course};
use crate::facts::jobs::job::{Job, system_jobs, table_jobs};
use crate::facts::operator::row_security::may_see_own_rows_only;
use crate::facts::reading::{Reading, Reason, Unknown, complete};
use crate::facts::sign_in::entry::Source;

/// Their sections.
pub(crate) const LISTS: &[&str] = &["dataverse.work365_jobs", "dataverse.system_jobs"];

/// The jobs of each list that could be read.
pub(crate) fn lists<'a>(context: &Context<'a>) -> [Reading<Vec<Job<'a>>>; 2] {
    let table = match complete(|| table_jobs(context)) {
        // There is no such table.
        Ok(None) => Ok(Vec::new()),
        Ok(Some(jobs)) => all_or_cut(context, LISTS[0], jobs),
        Err(unread) => Err(unread),
    };
    let system = complete(|| system_jobs(context)).and_then(|jobs| all_or_cut(context, LISTS[1], jobs));
    [table, system]
}

/// An empty list is none where the operator may be shown nothing but what is his own.
fn all_or_cut<'a>(context: &Context<'_>, section: &str, jobs: Vec<Job<'a>>) -> Reading<Vec<Job<'a>>> {
    if jobs.is_empty() && may_see_own_rows_only(context) {
        return Err(Unknown::because(
            section,
            Reason::Denied,
            "no job was shown, but the operator may not be allowed to see those of others",
        ));
    }
    Ok(jobs)
}

/// What each list comes to; unknown when neither can be read, or shows a job.
pub(crate) fn courses(context: &Context<'_>) -> [Reading<Course>; 2] {
    let [table, system] = lists(context);
    let of =
        |section: &'static str, jobs: Reading<Vec<Job<'_>>>| complete(|| course(section, &jobs.clone()?));
    [of(LISTS[0], table), of(LISTS[1], system)]
}

/// When a job of each list last succeeded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastSuccess {
    table: Option<Timestamp>,
    system: Option<Timestamp>,
}

impl LastSuccess {
    /// As far as the lists could be read.
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let [table, system] = courses(context).map(|course| course.ok().and_then(|course| course.succeeded));
        Self { table, system }
    }

    /// That of the list that a message is from; of either, for the exception of a plug-in.
    pub(crate) fn beside(self, source: Source) -> Option<Timestamp> {
        match source {
            Source::Work365Job => self.table,
            Source::SystemJob => self.system,
            _ => self.table.max(self.system),
        }
    }
}
