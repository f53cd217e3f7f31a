//! The two answers of one rule: which list of the comparison they belong to, and what differs.

use super::document::{Change, ReportDiff};
use crate::diagnosis::report::{Finding, Report, Status};

fn is_fault(finding: &Finding) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
}

/// Whether both reports asked the same.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// The older report left checks out.
    in_part: bool,
    /// The guidance is another one.
    of_another_profile: bool,
}

impl Asked {
    pub(super) fn by(old: &Report, new: &Report) -> Self {
        Self {
            in_part: old.summary.left_out > 0,
            of_another_profile: old.profile != new.profile,
        }
    }

    /// Why these two answers show no change of the account: what was not asked before, or asks another thing of it.
    fn otherwise(self, before: Option<&Finding>, after: Option<&Finding>) -> Option<&'static str> {
        match (before, after) {
            (None, Some(after)) if self.in_part && is_fault(after) => Some("not asked before"),
            (Some(before), Some(after)) if self.of_another_profile && before.status != after.status => {
                Some("profile changed")
            }
            _ => None,
        }
    }
}

/// Puts the two answers of one rule into the list that they belong to.
pub(super) fn place(diff: &mut ReportDiff, asked: Asked, before: Option<&Finding>, after: Option<&Finding>) {
    let Some(shown) = after.or(before) else {
        return;
    };
    let otherwise = asked.otherwise(before, after);
    let mut differences = differences(before, after);
    differences.extend(otherwise.map(str::to_owned));
    let was_fault = before.is_some_and(is_fault);
    let is_now_fault = after.is_some_and(is_fault);
    let status = |finding: Option<&Finding>| finding.map(|finding| finding.status);
    let remedy = after
        .filter(|_| is_now_fault)
        .and_then(|after| after.remedy.as_ref());
    let change = Change {
        id: shown.id.clone(),
        title: shown.title.clone(),
        severity: shown.severity,
        before: status(before),
        after: status(after),
        worse: otherwise.is_none() && is_worse(before, after),
        differences,
        root_cause: after.is_some_and(|after| after.root_cause),
        owner: remedy.map(|remedy| remedy.owner.clone()),
        steps: remedy.map(|remedy| remedy.steps.clone()).unwrap_or_default(),
    };
    // What somebody accepted is no work that is left.
    if was_fault && is_now_fault && after.is_some_and(|after| after.accepted.is_none()) {
        diff.still_failing.push(change.clone());
    }
    let unknown_now = status(after) == Some(Status::Unknown);
    match (was_fault, is_now_fault) {
        (false, true) | (true, false) if otherwise.is_some() => diff.changed.push(change),
        (false, true) => diff.new_faults.push(change),
        (true, false) if matches!(change.after, Some(Status::Pass | Status::NotApplicable)) => {
            diff.fixed.push(change);
        }
        (true, false) => diff.changed.push(change),
        (true, true) if !change.differences.is_empty() => diff.changed.push(change),
        (false, false) if unknown_now && change.before == Some(Status::Unknown) => {
            diff.still_unknown.push(change);
        }
        (false, false) if unknown_now => diff.changed.push(change),
        _ => diff.unchanged += 1,
    }
}

/// A fault that was hidden behind another one was there before: that it can be seen now is no step back.
fn is_worse(before: Option<&Finding>, after: Option<&Finding>) -> bool {
    let Some(after) = after.filter(|after| is_fault(after) && after.accepted.is_none()) else {
        return false;
    };
    match before {
        None => true,
        Some(before) if is_fault(before) => {
            after.severity > before.severity
                || (before.status == Status::Pending && after.status == Status::Fail)
                || before.accepted.is_some()
        }
        Some(before) => before.blocked_by.is_empty(),
    }
}

fn differences(before: Option<&Finding>, after: Option<&Finding>) -> Vec<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let mut differences = Vec::new();
    if before.status != after.status {
        differences.push(format!("{} became {}", before.status.word(), after.status.word()));
    }
    if before.severity != after.severity {
        differences.push(format!("{} became {}", before.severity, after.severity));
    }
    match (&before.accepted, &after.accepted) {
        (None, Some(now)) => differences.push(format!("now {}", now.in_words())),
        (Some(_), None) => differences.push("no longer accepted".to_owned()),
        _ => {}
    }
    let lists = [
        ("because of", &before.explained_by, &after.explained_by),
        ("hidden behind", &before.blocked_by, &after.blocked_by),
    ];
    for (what, old, new) in lists {
        if old != new {
            let (now, then) = (new.join(", "), old.join(", "));
            differences.push(match (now.as_str(), then.as_str()) {
                ("", then) => format!("no longer {what} {then}"),
                (now, "") => format!("now {what} {now}"),
                (now, then) => format!("{what} {now}, before {then}"),
            });
        }
    }
    if is_fault(before) && is_fault(after) {
        for evidence in &after.evidence {
            let old = before.evidence.iter().find(|old| old.fact == evidence.fact);
            if let Some(old) = old.filter(|old| old.value != evidence.value) {
                differences.push(format!(
                    "{}: {} became {}",
                    evidence.fact, old.value, evidence.value
                ));
            }
        }
    }
    differences
}
