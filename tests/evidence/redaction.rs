//! A redacted snapshot tells nothing about the customer and gives the same findings: for every scenario folder.

use std::path::Path;
use std::sync::Arc;

use crate::support::{diagnose, read_json, snapshot_of};
use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use work365_doctor::diagnosis::report::{Report, Upcoming};
use work365_doctor::diagnosis::{Diagnosed, Doctor};
use work365_doctor::snapshot::Snapshot;
use work365_doctor::snapshot::redact::{CaseKey, Redacted, redact};
use work365_doctor::timeline::Timeline;

/// Names of the customers in the fixtures; no redacted file may hold one.
const CUSTOMERS: &[&str] = &[
    "fabrikam",
    "litware",
    "wingtip",
    "contoso.com",
    "svc-work365",
    "svc-billing",
];

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    crate::each_scenario("redaction", doctor, scenario)
}

fn scenario(doctor: &Doctor, folder: &Path) -> Result<(), Failed> {
    let expected: Value = read_json(&folder.join("expect.json"))?;
    let arguments: Vec<String> = serde_json::from_value(expected["arguments"].clone())?;
    let original = serde_json::to_vec(&snapshot_of(folder)?)?;
    let mut redacted = redact(&original, &CaseKey::new("a key of the test"))?;
    let text = serde_json::to_string_pretty(&redacted.document)?;
    let mut wrong = leaks(&text);
    let snapshot = Snapshot::from_bytes(text.as_bytes())?;
    if !snapshot.redacted {
        wrong.push("the file is not marked as redacted".to_owned());
    }
    let (before, _) = diagnose(doctor, &Snapshot::from_bytes(&original)?, None, &arguments)?;
    let (after, _) = diagnose(doctor, &snapshot, None, &pseudonymous(&arguments, &mut redacted))?;
    compare(&before, &after, &mut wrong);
    wrong.extend(differing_facts(
        doctor,
        &Snapshot::from_bytes(&original)?,
        &snapshot,
        &arguments,
    )?);
    let again = redact(&original, &CaseKey::new("a key of the test"))?;
    if again.document != redacted.document {
        wrong.push("the same key gave another file".to_owned());
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// `--compare-with` finds no difference between an account and itself under other names, ids and addresses: what is
/// each account's own is left out by the table of facts.
fn differing_facts(
    doctor: &Doctor,
    original: &Snapshot,
    redacted: &Snapshot,
    arguments: &[String],
) -> Result<Vec<String>, Failed> {
    let mut arguments = arguments.to_vec();
    // Said of the original, and no pseudonym of it.
    for flag in ["--ip", "--configured-identity"] {
        while let Some(position) = arguments.iter().position(|argument| argument == flag) {
            arguments.drain(position..position + 2);
        }
    }
    let report = diagnose(doctor, original, Some(redacted), &arguments)?.0.report;
    let comparison = report.comparison.ok_or("nothing was compared")?;
    Ok(comparison
        .differences
        .iter()
        .map(|one| format!("compared: {} is {} and {}", one.fact, one.here, one.there))
        .collect())
}

/// What the customer says about the case is said in pseudonyms too.
fn pseudonymous(arguments: &[String], redacted: &mut Redacted) -> Vec<String> {
    let mut result = arguments.to_vec();
    for position in 1..result.len() {
        if matches!(arguments[position - 1].as_str(), "--ip" | "--configured-identity") {
            result[position] = redacted.text(&arguments[position]);
        } else if arguments[position - 1] == "--error" {
            result[position] = ids_replaced(&arguments[position], redacted);
        }
    }
    result
}

/// An error text in which the ids are those of the redacted evidence: whose they are must not change.
fn ids_replaced(text: &str, redacted: &mut Redacted) -> String {
    let is_of_an_id = |character: char| character.is_ascii_hexdigit() || character == '-';
    let ids: Vec<&str> = text
        .split(|character| !is_of_an_id(character))
        .filter(|word| word.len() == 36 && word.matches('-').count() == 4)
        .collect();
    ids.into_iter().fold(text.to_owned(), |text, id| {
        let pseudonym = redacted.text(id);
        text.replace(id, &pseudonym)
    })
}

fn leaks(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found: Vec<String> = CUSTOMERS
        .iter()
        .filter_map(|name| {
            let at = lower.find(name)?;
            let start = (0..=at.saturating_sub(80))
                .rev()
                .find(|start| lower.is_char_boundary(*start))?;
            let end = (at + 40..).find(|end| *end >= lower.len() || lower.is_char_boundary(*end))?;
            Some(format!("leaks {name}: {}", &lower[start..end.min(lower.len())]))
        })
        .collect();
    for line in lower
        .lines()
        .filter(|line| line.contains('@') && !line.contains("@odata"))
    {
        let is_known = line.contains(".invalid") || line.contains("crmoln");
        if !is_known {
            found.push(format!("an address outside .invalid: {line}"));
        }
    }
    found
}

fn compare(before: &Diagnosed, after: &Diagnosed, wrong: &mut Vec<String>) {
    let of = |diagnosed: &Diagnosed| judgement(&diagnosed.report);
    for (before, after) in of(before).into_iter().zip(of(after)) {
        if before != after {
            wrong.push(format!("was {before}\nnow {after}"));
        }
    }
    if before.report.summary != after.report.summary {
        wrong.push("the summary differs".to_owned());
    }
    if (before.has_fault, before.has_gap, before.has_verdict)
        != (after.has_fault, after.has_gap, after.has_verdict)
    {
        wrong.push("the exit code differs".to_owned());
    }
}

/// What a report says, without names and values.
fn judgement(report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{:?} {:?} {:?}",
        report.diagnosis.root_causes, report.diagnosis.password, report.diagnosis.profile_hint
    )];
    lines.extend(report.findings.iter().map(|finding| {
        let because: Vec<_> = finding
            .unknown_because
            .iter()
            .map(|because| {
                (
                    &because.section,
                    because.reason,
                    because.http_status,
                    &because.permission,
                )
            })
            .collect();
        format!(
            "{} {} {} root {} explained by {:?} blocked by {:?} because {because:?} recheck {:?}",
            finding.id,
            finding.status.word(),
            finding.severity,
            finding.root_cause,
            finding.explained_by,
            finding.blocked_by,
            finding.recheck_at
        )
    }));
    lines.extend(report.timeline.as_ref().map(timeline_without_names));
    let coming = |event: &Upcoming| format!("{} {} {}", event.kind.word(), event.at, event.severity);
    let mut upcoming: Vec<String> = report.upcoming.iter().map(coming).collect();
    // Events of one instant stand in the order of their words, names included.
    upcoming.sort();
    lines.push(format!("upcoming {upcoming:?}"));
    lines
}

/// What a timeline says, without the names in it.
fn timeline_without_names(timeline: &Timeline) -> String {
    let changes = timeline.changes.iter().chain(&timeline.later_changes);
    let changes: Vec<_> = changes
        .map(|change| {
            (
                change.rank,
                &change.at,
                &change.kind,
                change.by.is_some(),
                &change.could_explain,
                &change.because,
                &change.failing_rules,
                &change.sections,
            )
        })
        .collect();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {changes:?}",
        timeline.state,
        timeline.window,
        timeline.last_success,
        timeline.first_failure,
        timeline.codes,
        timeline.split.as_ref().map(|split| &split.by),
    )
}
