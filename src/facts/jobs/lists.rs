//! The two lists of jobs: Work 365's own table, and the system jobs of Dataverse.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::jobs::course::{Course, course};
use crate::facts::jobs::job::{Job, system_jobs, table_jobs};
use crate::facts::reading::{Reading, complete};
use crate::facts::sign_in::entry::Source;

/// Their sections.
pub(crate) const LISTS: &[&str] = &["dataverse.work365_jobs", "dataverse.system_jobs"];

/// The jobs of each list that could be read.
pub(crate) fn lists<'a>(context: &Context<'a>) -> [Reading<Vec<Job<'a>>>; 2] {
    [
        complete(|| table_jobs(context)).map(Option::unwrap_or_default),
        complete(|| system_jobs(context)),
    ]
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
