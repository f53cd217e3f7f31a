//! The findings of the table, two lines each: the sentence, then the rule's id and what stands behind the status.

use colored::Color;

use super::shown::{because_in_words, was_never_collected};
use crate::diagnosis::report::{Finding, Report, Status, UnknownBecause};
use crate::facts::Reason;
use crate::render::Verbosity;
use crate::render::page::Page;
use crate::text::one_line;

/// Columns of the status and of the severity.
const STATUS: usize = 9;
const SEVERITY: usize = 9;

impl Page {
    /// What is wrong and what could not be judged, the root causes first.
    pub(super) fn findings(&mut self, report: &Report) {
        let mut shown: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| match finding.status {
                Status::Fail | Status::Pending => true,
                Status::Unknown => {
                    !lacks_only_an_expectation(finding)
                        && !was_never_collected(finding)
                        && !self.is_grouped(report, finding)
                }
                Status::Pass | Status::NotApplicable => self.style.verbosity == Verbosity::Verbose,
            })
            .collect();
        if shown.is_empty() {
            return;
        }
        let roots = &report.diagnosis.root_causes;
        shown.sort_by_key(|finding| {
            let place = roots
                .iter()
                .position(|root| *root == finding.id)
                .unwrap_or(roots.len());
            (place, rank(finding.status))
        });
        self.blank();
        let head = format!("{:<STATUS$} {:<SEVERITY$} CHECK", "STATUS", "SEVERITY");
        let head = self.strong(&head);
        self.line(&head);
        let mut told = Vec::new();
        for finding in shown {
            self.finding(finding, &mut told);
        }
    }

    fn finding<'a>(&mut self, finding: &'a Finding, told: &mut Vec<&'a UnknownBecause>) {
        let word = match finding.status {
            Status::NotApplicable => "N/A".to_owned(),
            status => status.word().to_uppercase(),
        };
        let status = match color_of(finding.status) {
            Some(color) => self.paint(&word, color),
            None => word.clone(),
        };
        let padding = " ".repeat(STATUS.saturating_sub(word.len()));
        let first = format!("{status}{padding} {:<SEVERITY$} ", finding.severity.name());
        let rest = " ".repeat(STATUS + SEVERITY + 2);
        self.row(&first, &rest, &finding.title);
        let what = format!("{}{}", finding.id, behind(finding, told));
        self.row(&rest, &rest, &what);
    }

    /// Whether the finding is told of by what would answer it, together with others of the same cause.
    fn is_grouped(&self, report: &Report, finding: &Finding) -> bool {
        let groups = &report.diagnosis.unreadable;
        self.style.verbosity != Verbosity::Verbose
            && groups.iter().any(|group| group.checks.contains(&finding.id))
    }
}

fn color_of(status: Status) -> Option<Color> {
    match status {
        Status::Fail => Some(Color::Red),
        Status::Pending | Status::Unknown => Some(Color::Yellow),
        Status::Pass => Some(Color::Green),
        Status::NotApplicable => None,
    }
}

/// What stands behind the status, after the id. A section that did not answer is explained the first time; `told` holds
/// those that were.
fn behind<'a>(finding: &'a Finding, told: &mut Vec<&'a UnknownBecause>) -> String {
    let mut parts = Vec::new();
    if !finding.explains.is_empty() {
        parts.push(format!("this is why you saw {}", finding.explains.join(", ")));
    }
    if !finding.explained_by.is_empty() {
        parts.push(format!("because of {}", finding.explained_by.join(", ")));
    }
    if !finding.blocked_by.is_empty() {
        parts.push(format!(
            "cannot be judged before {} is fixed",
            finding.blocked_by.join(", ")
        ));
    }
    for cause in &finding.unknown_because {
        if told.contains(&cause) {
            parts.push(format!("{}, as above", cause.section));
        } else {
            told.push(cause);
            parts.push(because_in_words(cause));
        }
    }
    if let Some(recheck_at) = &finding.recheck_at {
        parts.push(format!("look again at {recheck_at}"));
    }
    if let Some(accepted) = &finding.accepted {
        parts.push(one_line(&format!("{}: {}", accepted.in_words(), accepted.reason)));
    }
    let root = if finding.root_cause { " (root cause)" } else { "" };
    let parts: String = parts.iter().map(|part| format!("; {part}")).collect();
    format!("{root}{parts}")
}

/// Whether only the user can answer.
pub(super) fn lacks_only_an_expectation(finding: &Finding) -> bool {
    !finding.unknown_because.is_empty()
        && finding
            .unknown_because
            .iter()
            .all(|cause| cause.reason == Reason::ExpectationMissing)
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Pending => 1,
        Status::Unknown => 2,
        Status::Pass => 3,
        Status::NotApplicable => 4,
    }
}
