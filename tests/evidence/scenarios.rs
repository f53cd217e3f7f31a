//! Every folder under `fixtures/scenarios/` is a test: a snapshot in, the expected findings out.
//!
//! The form is described in `fixtures/README.md`. A new folder is a new test, without Rust.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use crate::support::{diagnose, read_json, snapshot_of};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::Value;
use work365_doctor::diagnosis::report::{Finding, Report, Status};
use work365_doctor::diagnosis::{Diagnosed, Doctor};
use work365_doctor::render::{Style, Verbosity, json_schema, markdown};
use work365_doctor::snapshot::Snapshot;

/// `expect.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    #[expect(dead_code, reason = "for the reader of the file")]
    about: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    class: String,
    #[expect(dead_code, reason = "for the reader of the file")]
    failure_modes: Vec<String>,
    arguments: Vec<String>,
    outcome: String,
    exit: u8,
    root_causes: Vec<String>,
    failing: Vec<String>,
    #[serde(default)]
    findings: std::collections::BTreeMap<String, ExpectedFinding>,
    password: Option<String>,
    #[serde(default)]
    profile_hint: Option<Value>,
    timeline: Option<crate::timeline::Expected>,
    /// What time brings: kind and day of each event, `any day` where none is known, in order.
    upcoming: Option<Vec<String>>,
    /// A part of the headline.
    headline_contains: Option<String>,
    /// A part of the next step.
    next_step_contains: Option<String>,
    /// The profile that decides.
    profile: Option<String>,
    /// What each error that was seen and the findings say of each other.
    notes: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedFinding {
    status: Option<String>,
    severity: Option<String>,
    explained_by: Option<Vec<String>>,
    blocked_by: Option<Vec<String>>,
    unknown_sections: Option<Vec<String>>,
    reason: Option<String>,
    recheck_at: Option<Value>,
    title_contains: Option<String>,
}

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    crate::each_scenario("scenarios", doctor, scenario)
}

fn scenario(doctor: &Doctor, folder: &Path) -> Result<(), Failed> {
    let expected: Expectation = read_json(&folder.join("expect.json"))?;
    let snapshot = serde_json::to_vec(&snapshot_of(folder)?)?;
    let snapshot = Snapshot::from_bytes(&snapshot).map_err(|error| format!("{}: {error}", error.path()))?;
    let (diagnosed, strict) = diagnose(doctor, &snapshot, None, &expected.arguments)?;
    let mut wrong = Vec::new();
    compare(&diagnosed, strict, &expected, &mut wrong);
    if let Some(expected) = &expected.timeline {
        expected.compare(diagnosed.report.timeline.as_ref(), &mut wrong);
        crate::timeline::fits_the_screen(doctor, &diagnosed.report, &mut wrong);
    }
    if let Some(expected) = &expected.upcoming {
        let report = &diagnosed.report;
        let told: Vec<String> = report
            .upcoming
            .iter()
            .map(|event| {
                let day = if event.at == report.generated_at {
                    "any day"
                } else {
                    event.at.split('T').next().unwrap_or_default()
                };
                assert!(!event.owner.is_empty() && !event.step.is_empty() && !event.what.contains('{'));
                format!("{} {day}", event.kind.word())
            })
            .collect();
        if told != *expected {
            wrong.push(format!("upcoming: expected {expected:?}, got {told:?}"));
        }
    }
    fits_its_schema(&diagnosed.report, &mut wrong);
    does_not_differ_from_itself(doctor, &snapshot, &expected.arguments, &mut wrong)?;
    fits_a_ticket(doctor, &diagnosed.report, &mut wrong);
    has_no_hole(&diagnosed.report, &mut wrong);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// `--compare-with` the same evidence finds nothing, and says so in a report that fits its schema.
fn does_not_differ_from_itself(
    doctor: &Doctor,
    snapshot: &Snapshot,
    arguments: &[String],
    wrong: &mut Vec<String>,
) -> Result<(), Failed> {
    let report = diagnose(doctor, snapshot, Some(snapshot), arguments)?.0.report;
    fits_its_schema(&report, wrong);
    let comparison = report.comparison.ok_or("nothing was compared")?;
    if !comparison.differences.is_empty() || !comparison.not_comparable.is_empty() || comparison.same == 0 {
        wrong.push(format!("differs from itself: {comparison:?}"));
    }
    Ok(())
}

fn fits_its_schema(report: &Report, wrong: &mut Vec<String>) {
    static VALIDATOR: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::validator_for(&json_schema::<Report>()).unwrap());
    let report = serde_json::to_value(report).unwrap();
    wrong.extend(
        VALIDATOR
            .iter_errors(&report)
            .map(|error| format!("schema: {error}")),
    );
}

/// What a person reads holds no placeholder of a fact, and no headline a name that only this program knows.
fn has_no_hole(report: &Report, wrong: &mut Vec<String>) {
    static PLACEHOLDERS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let names = work365_doctor::facts::definitions().iter();
        names
            .map(|fact| format!("<{}>", fact.name.replace(['.', '_'], " ")))
            .collect()
    });
    let diagnosis = &report.diagnosis;
    let mut prose = vec![diagnosis.headline.as_str(), diagnosis.next_step.as_str()];
    for finding in &report.findings {
        prose.extend([finding.title.as_str(), finding.why.as_str()]);
        if let Some(remedy) = &finding.remedy {
            prose.extend(remedy.before.iter().chain(&remedy.steps).map(String::as_str));
            prose.extend([remedy.avoid.as_str(), remedy.verify.as_str()]);
        }
    }
    for text in prose {
        let is_hole = |hole: &&String| text.contains(hole.as_str());
        let hole = PLACEHOLDERS.iter().find(is_hole).map(String::as_str);
        if let Some(hole) = hole.or_else(|| text.contains(">  >").then_some(">  >")) {
            wrong.push(format!("{hole} in: {text}"));
        }
    }
    if diagnosis.headline.contains("MSG:") {
        wrong.push(format!("headline: {}", diagnosis.headline));
    }
    // Whoever acts is named as people call him, not by the id of the rule files.
    let actor = diagnosis.next_step.split(": ").next().unwrap_or_default();
    if actor.contains('-') && !actor.contains(' ') && actor.to_lowercase() == actor {
        wrong.push(format!("next step of an id: {}", diagnosis.next_step));
    }
}

/// A ticket that is longer is not read.
fn fits_a_ticket(doctor: &Doctor, report: &Report, wrong: &mut Vec<String>) {
    let style = Style {
        color: false,
        width: 80,
        verbosity: Verbosity::Normal,
        audience: None,
    };
    let lines = markdown(report, doctor.words(), style).lines().count();
    if report.diagnosis.root_causes.len() == 1 && lines >= 40 {
        wrong.push(format!("markdown: {lines} lines for one root cause"));
    }
}

fn compare(diagnosed: &Diagnosed, strict: bool, expected: &Expectation, wrong: &mut Vec<String>) {
    let report = &diagnosed.report;
    let exit = match diagnosed {
        Diagnosed { has_fault: true, .. } => 1,
        Diagnosed {
            has_verdict: false, ..
        } => 3,
        Diagnosed { has_gap: true, .. } if strict => 4,
        _ => 0,
    };
    let mut check = |what: &str, got: String, wanted: String| {
        if got != wanted {
            wrong.push(format!("{what}: got {got}, expected {wanted}"));
        }
    };
    check("exit", exit.to_string(), expected.exit.to_string());
    if let Some(part) = &expected.headline_contains
        && !report.diagnosis.headline.contains(part)
    {
        check("headline", report.diagnosis.headline.clone(), part.clone());
    }
    if let Some(part) = &expected.next_step_contains
        && !report.diagnosis.next_step.contains(part)
    {
        check("next step", report.diagnosis.next_step.clone(), part.clone());
    }
    if let Some(profile) = &expected.profile {
        check("profile", report.profile.name().to_owned(), profile.clone());
    }
    if let Some(notes) = &expected.notes {
        let note = |error: &Value| error.get("note").and_then(Value::as_str).map(str::to_owned);
        let got: Vec<Option<String>> = report.errors.iter().map(note).collect();
        check("notes", format!("{got:?}"), format!("{notes:?}"));
    }
    check(
        "outcome",
        report.summary.outcome.word().to_owned(),
        expected.outcome.clone(),
    );
    check(
        "root causes",
        format!("{:?}", report.diagnosis.root_causes),
        format!("{:?}", expected.root_causes),
    );
    let mut failing: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Fail | Status::Pending))
        .map(|finding| finding.id.as_str())
        .collect();
    failing.sort_unstable();
    let mut wanted: Vec<&str> = expected.failing.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    check("failing", format!("{failing:?}"), format!("{wanted:?}"));
    if let Some(password) = &expected.password {
        check(
            "password",
            report.diagnosis.password.word().to_owned(),
            password.clone(),
        );
    }
    if let Some(hint) = &expected.profile_hint {
        let got = serde_json::to_value(report.diagnosis.profile_hint).unwrap();
        check("profile hint", got.to_string(), hint.to_string());
    }
    for (id, expected) in &expected.findings {
        match find(report, id) {
            Some(finding) => compare_finding(finding, expected, &mut check),
            None => check(id, "no such finding".to_owned(), "a finding".to_owned()),
        }
    }
}

fn find<'a>(report: &'a Report, id: &str) -> Option<&'a Finding> {
    report.findings.iter().find(|finding| finding.id == id)
}

fn compare_finding(
    finding: &Finding,
    expected: &ExpectedFinding,
    check: &mut impl FnMut(&str, String, String),
) {
    let id = &finding.id;
    if let Some(status) = &expected.status {
        check(
            &format!("{id} status"),
            finding.status.word().to_owned(),
            status.clone(),
        );
    }
    if let Some(severity) = &expected.severity {
        check(
            &format!("{id} severity"),
            finding.severity.name().to_owned(),
            severity.clone(),
        );
    }
    let lists = [
        ("explained_by", &finding.explained_by, &expected.explained_by),
        ("blocked_by", &finding.blocked_by, &expected.blocked_by),
    ];
    for (name, got, wanted) in lists {
        if let Some(wanted) = wanted {
            let (mut got, mut wanted) = (got.clone(), wanted.clone());
            got.sort();
            wanted.sort();
            check(&format!("{id} {name}"), format!("{got:?}"), format!("{wanted:?}"));
        }
    }
    if let Some(sections) = &expected.unknown_sections {
        let got: Vec<&str> = finding
            .unknown_because
            .iter()
            .map(|cause| cause.section.as_str())
            .collect();
        let all_named = sections.iter().all(|section| got.contains(&section.as_str()));
        if !all_named {
            check(
                &format!("{id} unknown_because"),
                format!("{got:?}"),
                format!("{sections:?}"),
            );
        }
    }
    if let Some(reason) = &expected.reason {
        let got: Vec<String> = finding
            .unknown_because
            .iter()
            .map(|cause| {
                serde_json::to_value(cause.reason)
                    .unwrap()
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect();
        if !got.contains(reason) {
            check(&format!("{id} reason"), format!("{got:?}"), reason.clone());
        }
    }
    if let Some(recheck_at) = &expected.recheck_at {
        let got = serde_json::to_value(&finding.recheck_at).unwrap();
        check(
            &format!("{id} recheck_at"),
            got.to_string(),
            recheck_at.to_string(),
        );
    }
    if let Some(part) = &expected.title_contains {
        let got = &finding.title;
        if !got.contains(part) {
            check(&format!("{id} title"), got.clone(), format!("…{part}…"));
        }
    }
}
