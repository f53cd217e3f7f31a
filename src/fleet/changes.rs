//! What changed between two reports of one account, in a word.

use super::document::ChangeKind;
use crate::diagnosis::diff::{self, ReportDiff};
use crate::diagnosis::report::{Outcome, Report, Status};
use crate::rules::Severity;

/// What changed, and which causes came and went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// In a word.
    pub kind: ChangeKind,
    /// Causes that the older report does not have.
    pub new_causes: Vec<String>,
    /// Causes that are gone.
    pub fixed_causes: Vec<String>,
}

/// Compares the last report of an account with this one. Only what stands at or above the threshold counts.
pub fn change(old: &Report, new: &Report, has_verdict: bool, fail_on: Severity) -> Change {
    // Another account under the same name has no past here.
    let Ok(diff) = diff::diff(old, new) else {
        return Change::default();
    };
    let (before, after) = (&old.diagnosis.root_causes, &new.diagnosis.root_causes);
    let new_causes: Vec<String> = after.iter().filter(|id| !before.contains(id)).cloned().collect();
    // What is merely no cause any more, because it is explained by another or cannot be seen, is not fixed.
    let is_fixed = |id: &&String| diff.fixed.iter().any(|change| change.id == **id);
    let fixed_causes: Vec<String> = before.iter().filter(is_fixed).cloned().collect();
    let kind = if is_worse(&diff, fail_on) {
        if before.is_empty() {
            ChangeKind::New
        } else {
            ChangeKind::Worse
        }
    } else if !has_verdict || is_lost(&diff, fail_on) || is_darker(&diff) {
        ChangeKind::Unreadable
    } else if !fixed_causes.is_empty() || is_healthy_again(&diff) {
        ChangeKind::Fixed
    } else {
        ChangeKind::Same
    };
    Change {
        kind,
        new_causes,
        fixed_causes,
    }
}

fn is_worse(diff: &ReportDiff, fail_on: Severity) -> bool {
    let mut changes = diff.new_faults.iter().chain(&diff.changed);
    changes.any(|change| change.worse && change.severity >= fail_on)
}

/// A fault that can no longer be seen is not gone.
fn is_lost(diff: &ReportDiff, fail_on: Severity) -> bool {
    diff.changed.iter().any(|change| {
        let was_fault = matches!(change.before, Some(Status::Fail | Status::Pending));
        was_fault && change.after == Some(Status::Unknown) && change.severity >= fail_on
    })
}

/// Less is known than before: nothing that counts was open, and now something is.
fn is_darker(diff: &ReportDiff) -> bool {
    diff.old.outcome != Outcome::Incomplete && diff.new.outcome == Outcome::Incomplete
}

fn is_healthy_again(diff: &ReportDiff) -> bool {
    diff.old.outcome != Outcome::Healthy && diff.new.outcome == Outcome::Healthy
}
