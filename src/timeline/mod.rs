//! Since when it fails, and what was changed just before: the sign-in log and the audit logs put in one order.
//!
//! [`timeline`] never says that a change was the cause, only that it *could explain* the codes that were seen, and why. Which
//! change can lead to which code is data, `rules/timeline.yaml`. What could not be read is listed with what reading it would give.

mod answer;
mod attempt;
mod catalogue;
mod explain;
mod jobs;
mod record;
mod records;
mod sign_ins;
#[cfg(test)]
mod tests;
mod trouble;

pub use answer::{
    Change, CodeSeen, Fault, Jobs, Moment, NotRead, SignInKind, Split, State, Timeline, Window,
};
pub use catalogue::Catalogue;

use jiff::Timestamp;

use crate::facts::{Context, Unknown};

use sign_ins::Course;

/// Puts the logs of a snapshot in one order. `faults` are the rules that fail now, `errors` the codes that somebody saw.
pub fn timeline(
    context: &Context<'_>,
    catalogue: &Catalogue,
    faults: &[Fault],
    errors: &[String],
) -> Timeline {
    let course = Course::of(context);
    let changes_truncated = context
        .evidence()
        .directory_audits
        .body()
        .is_ok_and(|log| log.truncated);
    let found = records::changes(context, catalogue);
    let explained = explain::explain(context, catalogue, &course, found, faults, errors);
    let jobs = jobs::jobs(context);
    let mut summary = course.summary(&catalogue.words, changes_truncated);
    if let Some(jobs) = &jobs {
        summary.push(' ');
        summary.push_str(&jobs.summary(&catalogue.words.jobs));
    }
    Timeline {
        state: course.state,
        summary,
        jobs,
        window: course.window.clone(),
        last_success: course.last_success(),
        first_failure: course.first_failure(),
        newest: course.newest(),
        split: course.split.clone(),
        codes: course.codes(),
        changes: explained.before,
        later_changes: explained.after,
        changes_left_out: explained.left_out,
        changes_truncated,
        not_read: not_read(context, catalogue),
    }
}

/// The logs that did not answer. Dynamics 365's own audit is not asked for by every check: it counts when it refused.
fn not_read(context: &Context<'_>, catalogue: &Catalogue) -> Vec<NotRead> {
    let evidence = context.evidence();
    let unread = [
        crate::facts::read(&evidence.sign_ins).err(),
        crate::facts::read(&evidence.directory_audits).err(),
        crate::facts::read(&evidence.user_audit)
            .err()
            .filter(Unknown::was_refused),
    ];
    unread
        .iter()
        .flatten()
        .flat_map(Unknown::causes)
        .map(|cause| NotRead {
            because: cause.into(),
            gain: catalogue.gain(&cause.section),
        })
        .collect()
}

/// When the newest change of one of these kinds was made after `since`. A change to policies counts when it touches one of
/// `policies`, the ids of those that refused; where none is known, any.
pub(crate) fn changed_since(
    context: &Context<'_>,
    catalogue: &Catalogue,
    kinds: &[String],
    policies: &[String],
    since: Timestamp,
) -> Option<Timestamp> {
    let touches = |one: &records::Found<'_>| {
        let touched = &one.record.policies;
        touched.is_empty()
            || policies.is_empty()
            || policies.iter().any(|id| touched.contains(&id.to_lowercase()))
    };
    records::changes(context, catalogue)
        .iter()
        .filter(|one| kinds.contains(&one.kind.kind) && touches(one))
        .map(|one| one.record.at)
        .filter(|at| *at > since)
        .max()
}
