//! `junit`: the report for a pipeline. A suite an area, a case a rule; `skipped` is a question without an answer.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::shown::{self, because_in_words, neutralised, numbered_lines};
use crate::diagnosis::report::{Finding, Report, Status};
use crate::text::one_line;

/// The report as JUnit XML.
pub fn junit(report: &Report) -> String {
    let report = &neutralised(report);
    let mut document = quick_junit::Report::new(&report.tool.name);
    for area in shown::areas(report) {
        let mut suite = TestSuite::new(area.name);
        suite.add_test_cases(area.findings.into_iter().map(case));
        suite.add_property(("account", report.subject.account.as_str()));
        document.add_test_suite(suite);
    }
    // Writing to memory has no way to fail.
    document.to_string().unwrap_or_default()
}

fn case(finding: &Finding) -> TestCase {
    let mut status = match finding.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Fail | Status::Pending if finding.accepted.is_none() => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => TestCaseStatus::skipped(),
    };
    if finding.status != Status::Pass {
        status.set_type(finding.severity.name());
        status.set_message(message(finding));
        if let Some(description) = description(finding) {
            status.set_description(description);
        }
    }
    let mut case = TestCase::new(&finding.id, status);
    case.set_classname(&finding.area);
    case
}

fn message(finding: &Finding) -> String {
    match finding.status {
        Status::Fail | Status::Pass => finding.title.clone(),
        Status::Pending => match &finding.recheck_at {
            Some(at) => format!("pending, look again at {at}: {}", finding.title),
            None => format!("pending: {}", finding.title),
        },
        Status::NotApplicable => "not asked: it does not arise under this profile, or its evidence is beyond an ordinary collection".to_owned(),
        Status::Unknown if !finding.blocked_by.is_empty() => {
            format!(
                "cannot be judged before {} is fixed",
                finding.blocked_by.join(", ")
            )
        }
        Status::Unknown => {
            let because: Vec<String> = finding.unknown_because.iter().map(because_in_words).collect();
            format!("not read: {}", because.join("; "))
        }
    }
}

fn description(finding: &Finding) -> Option<String> {
    let remedy = finding.remedy.as_ref()?;
    let mut lines = vec![finding.why.clone(), format!("Who: {}", remedy.owner)];
    lines.extend(remedy.before.iter().map(|need| format!("First: {need}")));
    lines.extend(numbered_lines(&remedy.steps, '.'));
    lines.push(format!("Avoid: {}", remedy.avoid));
    lines.push(format!("Proof: {}", remedy.verify));
    if !finding.explained_by.is_empty() {
        lines.push(format!("Because of: {}", finding.explained_by.join(", ")));
    }
    // A name that holds a line feed must not write a line of the advice.
    let lines: Vec<String> = lines.iter().map(|line| one_line(line)).collect();
    Some(lines.join("\n"))
}
