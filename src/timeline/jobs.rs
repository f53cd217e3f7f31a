//! Work 365's jobs beside the sign-ins: when one last succeeded, and since when they fail.

use super::Jobs;
use super::catalogue::JobWords;
use super::sign_ins::written;
use crate::facts::{self, Context};
use crate::text::fill;

/// What the lists of jobs tell; nothing where none tells of a job.
pub(super) fn jobs(context: &Context<'_>) -> Option<Jobs> {
    let last_success = facts::last_job_success(context).ok()?.map(written);
    let first_failure = facts::first_failed_job(context).ok()?.map(written);
    (last_success.is_some() || first_failure.is_some()).then_some(Jobs {
        last_success,
        first_failure,
    })
}

impl Jobs {
    /// The same in one sentence.
    pub(super) fn summary(&self, words: &JobWords) -> String {
        let (sentence, last, first) = match (&self.last_success, &self.first_failure) {
            (Some(last), Some(first)) => (&words.failing, last.as_str(), first.as_str()),
            (None, Some(first)) => (&words.failing_throughout, "", first.as_str()),
            (Some(last), None) => (&words.working, last.as_str(), ""),
            (None, None) => return String::new(),
        };
        fill(sentence, &[("last", last), ("first", first)])
    }
}
