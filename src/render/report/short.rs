//! `short`: one line for the account, one a fault; for logs and for many accounts at once.

use std::fmt::Write as _;

use crate::diagnosis::report::{Report, Status};
use crate::render::{Style, Verbosity};
use crate::text::one_line;

/// The report in a few lines.
pub fn short(report: &Report, style: Style) -> String {
    let mut text = String::new();
    let input = report.input.as_ref();
    let input = input.map(|input| format!("{}: ", one_line(input)));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{}{}: {} ({})",
        input.unwrap_or_default(),
        report.summary.outcome.word(),
        one_line(&report.diagnosis.headline),
        one_line(&report.subject.account)
    );
    if style.verbosity == Verbosity::Quiet {
        return text;
    }
    for finding in &report.findings {
        let shown = match finding.status {
            Status::Fail | Status::Pending => true,
            Status::Pass | Status::Unknown | Status::NotApplicable => style.verbosity == Verbosity::Verbose,
        };
        if shown {
            let mark = match &finding.accepted {
                Some(accepted) => format!(" (accepted until {})", one_line(&accepted.expires)),
                None if finding.root_cause => " (root cause)".to_owned(),
                None => String::new(),
            };
            let severity = finding.severity.name();
            let _ = writeln!(
                text,
                "  {} {severity} {}: {}{mark}",
                finding.status.word(),
                finding.id,
                one_line(&finding.title)
            );
        }
    }
    text
}
