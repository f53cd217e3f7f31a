//! The report as plain text for somebody who is no engineer, and for a ticket: `--audience` of the table.

use super::handoff::messages;
use super::shown::{self, for_customer, other_faults, root_causes, value_in_words};
use super::{coming, timeline};
use crate::diagnosis::Words;
use crate::diagnosis::report::{Finding, Report, Status};
use crate::render::Style;
use crate::render::page::Page;
use crate::text::terminal_safe;

/// Plain words, then the messages to send. No ids, no evidence, no commands.
pub(crate) fn customer(report: &Report, words: &Words, style: Style) -> String {
    let report = &for_customer(report);
    let mut page = Page::new(style);
    page.labelled(0, "Result", &report.diagnosis.headline);
    page.labelled(0, "Do next", &report.diagnosis.next_step);
    page.labelled(0, "Password", &words.password(report));
    if let Some(told) = timeline::to_tell(report) {
        page.labelled(0, "Since", &told.summary);
        for (_, change) in timeline::ranked(told).take(1) {
            page.labelled(0, "Before", &timeline::change_in_words(change));
        }
    }
    for finding in root_causes(report) {
        if finding.status == Status::Pending {
            page.labelled(0, "Wait for", &finding.title);
            if let Some(recheck_at) = &finding.recheck_at {
                page.labelled(
                    0,
                    "",
                    &format!("Nothing has to be done. Look again at {recheck_at}."),
                );
            }
        }
    }
    for event in coming::to_tell(report, false) {
        let text = format!("{}: {}", event.day, event.entry.what);
        page.labelled(0, "Coming up", &text);
        if let Some(act) = event.act() {
            page.labelled(0, "", &act);
        }
    }
    for message in messages(report, words, style.audience) {
        page.heading("Send this message");
        page.blank();
        // Not wrapped: it is copied into a mail.
        for line in terminal_safe(&message.text).lines() {
            page.line(format!("  {line}").trim_end());
        }
    }
    if !report.diagnosis.checklist.is_empty() {
        page.heading("After the fix");
        for (position, step) in report.diagnosis.checklist.iter().enumerate() {
            page.labelled(2, &format!("{}.", position + 1), step);
        }
    }
    if !root_causes(report).is_empty() {
        page.blank();
        page.labelled(0, "Support", &shown::plain(words.support()));
    }
    page.into_text()
}

/// Facts and hashes.
pub(crate) fn ticket(report: &Report, words: &Words, style: Style) -> String {
    let mut page = Page::new(style);
    subject(&mut page, report, words);
    if let Some(told) = timeline::to_tell(report) {
        page.labelled(0, "Timeline", &told.summary);
        for (_, change) in timeline::ranked(told).take(timeline::CHANGES) {
            page.labelled(0, "Change", &timeline::change_in_words(change));
        }
    }
    for root in root_causes(report) {
        cause(&mut page, root);
    }
    for (code, ways) in shown::missing_rights(report) {
        for (position, way) in ways.iter().enumerate() {
            match position {
                0 => page.labelled(0, "Right", &format!("{code}: {way}")),
                _ => page.labelled(0, "", way),
            }
        }
    }
    for event in coming::to_tell(report, true) {
        let text = format!("{} {}: {}", event.day, event.entry.kind.word(), event.entry.what);
        page.labelled(0, "Coming", &text);
    }
    page.labelled(0, "Also", &ids(other_faults(report)));
    let is_open =
        |finding: &&Finding| finding.status == Status::Unknown && !shown::was_never_collected(finding);
    page.labelled(0, "Unknown", &ids(report.findings.iter().filter(is_open)));
    origin(&mut page, report);
    page.into_text()
}

/// Who it is, and what was looked at.
fn subject(page: &mut Page, report: &Report, words: &Words) {
    let subject = &report.subject;
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let facts = [
        ("Outcome", report.summary.outcome.word().to_owned()),
        ("Account", subject.account.clone()),
        ("Object id", known(&subject.object_id)),
        ("Tenant", known(&subject.tenant_id)),
        ("Where", known(&subject.environment)),
        ("Profile", report.profile.name().to_owned()),
        ("Password", words.password(report)),
        ("Evidence", report.captured_at.clone()),
        ("Judged", report.generated_at.clone()),
        ("Checks", shown::counts(report)),
    ];
    for (label, text) in &facts {
        page.labelled(0, label, text);
    }
}

/// One cause, with the evidence below it.
fn cause(page: &mut Page, root: &Finding) {
    let text = format!(
        "{} {} {}: {}",
        root.status.word(),
        root.severity,
        root.id,
        root.title
    );
    page.labelled(0, "Cause", &text);
    for evidence in &root.evidence {
        let value = value_in_words(&evidence.value);
        let text = format!("{} = {value} ({})", evidence.fact, evidence.section);
        page.labelled(2, "", &text);
    }
}

/// What judged, and the sum by which two reports are told apart.
fn origin(page: &mut Page, report: &Report) {
    let (tool, pack) = (&report.tool, &report.rule_pack);
    page.labelled(0, "Tool", &format!("{} {}", tool.name, tool.version));
    let rules = format!("{} {} sha256 {}", pack.name, pack.version, pack.sha256);
    page.labelled(0, "Rules", &rules);
    page.labelled(0, "Report", &format!("sha256 {}", shown::digest(report)));
}

fn ids<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let ids: Vec<&str> = findings.into_iter().map(|finding| finding.id.as_str()).collect();
    match ids.is_empty() {
        true => "none".to_owned(),
        false => ids.join(", "),
    }
}
