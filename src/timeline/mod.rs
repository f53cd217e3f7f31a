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

use crate::facts::{self, Context, Unknown};

use catalogue::Mends;
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
        facts::read(&evidence.sign_ins).err(),
        facts::read(&evidence.directory_audits).err(),
        facts::read(&evidence.user_audit)
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
/// `policies`, the ids of those that refused; where none is known, any. What the account joined or left counts when it is
/// known which policies refused, and these spare the account now.
pub(crate) fn changed_since(
    context: &Context<'_>,
    catalogue: &Catalogue,
    kinds: &[String],
    policies: &[String],
    since: Timestamp,
) -> Option<Timestamp> {
    let touches = |one: &records::Found<'_>| {
        let touched = &one.record.policies;
        policies.is_empty() || policies.iter().any(|id| touched.contains(&id.to_lowercase()))
    };
    let are_over = || {
        let spares = |id: &String| facts::policy_spares_account(context, id) == Some(true);
        !policies.is_empty() && policies.iter().all(spares)
    };
    let mends = |one: &records::Found<'_>| match one.kind.mends {
        Mends::Listed => kinds.contains(&one.kind.kind) && (one.record.policies.is_empty() || touches(one)),
        Mends::Touched => kinds.contains(&one.kind.kind) && touches(one),
        Mends::Spared => are_over(),
    };
    records::changes(context, catalogue)
        .iter()
        .filter(|one| one.record.at > since && mends(one))
        .map(|one| one.record.at)
        .max()
}
