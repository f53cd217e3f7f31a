//! An account beside a working one: only what differs, the facts of root causes first, for every file under
//! `fixtures/pairs/`. (That nothing differs from the same account under other names: `tests/evidence/redaction.rs`.)

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use crate::support::{big_stack, diagnose, folders, read_json, snapshot_of};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::Value;
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::{Comparison, DifferenceKind};
use work365_doctor::render::{Audience, Style, Verbosity, html, markdown, table};
use work365_doctor::snapshot::Snapshot;

/// A file of `fixtures/pairs/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    #[expect(dead_code, reason = "for the reader of the file")]
    about: String,
    here: String,
    there: String,
    #[serde(default)]
    arguments: Vec<String>,
    /// The facts that differ and that failing, pending or unknown rules use, exact and in order.
    first: Vec<String>,
    /// Everything else that differs, in any order.
    also: Vec<String>,
    #[serde(default)]
    unknown_here: Vec<String>,
    #[serde(default)]
    unknown_there: Vec<String>,
    #[serde(default)]
    notes_contain: Vec<String>,
}

/// A test of the program itself.
type Check = fn() -> Result<(), Failed>;

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut pairs: Vec<PathBuf> = std::fs::read_dir("fixtures/pairs")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    pairs.sort();
    for path in pairs {
        let doctor = Arc::clone(doctor);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        trials.push(Trial::test(format!("comparison::pair::{name}"), move || {
            big_stack(|| pair(&doctor, &path))
        }));
    }
    let program: [(&str, Check); 4] = [
        ("only_adds_a_key", only_adds_a_key),
        ("rendered_again_it_is_the_same", rendered_again_it_is_the_same),
        ("unreadable_is_exit_2", unreadable_is_exit_2),
        ("variable_and_batch", variable_and_batch),
    ];
    for (name, test) in program {
        trials.push(Trial::test(format!("comparison::program::{name}"), test));
    }
    trials
}

fn side(name: &str) -> Result<Snapshot, Failed> {
    let path = Path::new("fixtures").join(name);
    let document = match folders().contains(&path) {
        true => snapshot_of(&path)?,
        false => read_json(&path.with_extension("json"))?,
    };
    Ok(Snapshot::from_bytes(&serde_json::to_vec(&document)?)?)
}

fn names(comparison: &Comparison, kind: DifferenceKind) -> Vec<&str> {
    comparison
        .differences
        .iter()
        .filter(|difference| difference.kind == kind)
        .map(|difference| difference.fact.as_str())
        .collect()
}

fn pair(doctor: &Doctor, path: &Path) -> Result<(), Failed> {
    let pair: Pair = read_json(path)?;
    let here = side(&pair.here)?;
    let there = side(&pair.there)?;
    let mut report = diagnose(doctor, &here, Some(&there), &pair.arguments)?.0.report;
    let (alone, _) = diagnose(doctor, &here, None, &pair.arguments)?;
    let comparison = report.comparison.take();
    assert_eq!(report, alone.report, "the comparison changes the answer");
    report.comparison = comparison;
    let comparison = report.comparison.as_ref().unwrap();
    let mut wrong = Vec::new();
    let mut check = |what: &str, is: Vec<&str>, expected: &[String]| {
        if is != expected {
            wrong.push(format!("{what}: {is:?}, expected {expected:?}"));
        }
    };
    let differs = names(comparison, DifferenceKind::Differs);
    let (first, mut also) = differs.split_at(pair.first.len().min(differs.len()));
    let mut expected = pair.also.clone();
    expected.sort();
    let mut sorted = also.to_vec();
    sorted.sort_unstable();
    also = &sorted;
    check("first", first.to_vec(), &pair.first);
    check("also", also.to_vec(), &expected);
    check(
        "unknown here",
        names(comparison, DifferenceKind::UnknownHere),
        &pair.unknown_here,
    );
    check(
        "unknown there",
        names(comparison, DifferenceKind::UnknownThere),
        &pair.unknown_there,
    );
    for words in &pair.notes_contain {
        if !comparison.notes.iter().any(|note| note.contains(words)) {
            wrong.push(format!("no note says {words:?}: {:?}", comparison.notes));
        }
    }
    if pair.notes_contain.is_empty() && !comparison.notes.is_empty() {
        wrong.push(format!("notes: {:?}", comparison.notes));
    }
    let words = work365_doctor::diagnosis::Words::builtin()?;
    let style = Style {
        color: false,
        width: 80,
        verbosity: Verbosity::Normal,
        audience: None,
    };
    let shown = table(&report, &words, style);
    for line in shown
        .lines()
        .filter(|line| line.contains(" - ") || line.contains("Differs"))
    {
        if line.chars().count() > 80 && !line.trim_start().starts_with("- ") {
            wrong.push(format!("wider than 80 columns: {line}"));
        }
    }
    for (format, text) in [
        ("table", shown),
        ("markdown", markdown(&report, &words, style)),
        ("html", html(&report, &words, style)),
    ] {
        for fact in &pair.first {
            if !text.contains(fact.as_str()) {
                wrong.push(format!("{format} does not show {fact}"));
            }
        }
        if !text.contains("are the same") {
            wrong.push(format!("{format} does not say how much is the same"));
        }
    }
    let customer = Style {
        audience: Some(Audience::Customer),
        ..style
    };
    if html(&report, &words, customer).contains("are the same") {
        wrong.push("a customer is shown facts".to_owned());
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

fn run(arguments: &[&str]) -> Output {
    run_with(arguments, &[])
}

fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    assert_cmd::Command::cargo_bin("work365-doctor")
        .unwrap()
        .env_clear()
        .env("COLUMNS", "80")
        .envs(variables.iter().copied())
        .arg("--no-config")
        .args(arguments)
        .output()
        .unwrap()
}

/// Nothing but the key is added: findings, outcome and exit code stay, and so do the formats for machines.
fn only_adds_a_key() -> Result<(), Failed> {
    for format in ["json", "short", "junit", "sarif"] {
        let alone = run(&["check", "--demo", "-o", format]);
        let compared = run(&["check", "--demo", "--compare-with", "demo:healthy", "-o", format]);
        assert_eq!(alone.status.code(), compared.status.code());
        if format == "json" {
            let alone: Value = serde_json::from_slice(&alone.stdout)?;
            let mut compared: Value = serde_json::from_slice(&compared.stdout)?;
            let comparison = compared.as_object_mut().unwrap().remove("comparison").unwrap();
            assert_eq!(alone, compared);
            assert_eq!(comparison["with"]["account"], "svc-work365@fabrikam.com");
            assert_eq!(comparison["differences"][0]["fact"], "mfa.conditional_access");
        } else {
            assert_eq!(alone.stdout, compared.stdout, "{format}");
        }
    }
    Ok(())
}

fn rendered_again_it_is_the_same() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.json");
    let json = format!("json={}", path.display());
    for format in ["table", "markdown", "html"] {
        let direct = run(&[
            "check",
            "--demo",
            "--compare-with",
            "demo:healthy",
            "-o",
            format,
            "-o",
            &json,
        ]);
        let again = run(&["report", "render", path.to_str().unwrap(), "-o", format]);
        assert_eq!(direct.stdout, again.stdout, "{format}");
        assert!(
            String::from_utf8(direct.stdout)?.contains("Compared with"),
            "{format}"
        );
    }
    Ok(())
}

fn unreadable_is_exit_2() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let broken = folder.path().join("broken.json");
    std::fs::write(
        &broken,
        br#"{"schema": "work365-doctor/snapshot/v1", "captured_at": 7}"#,
    )?;
    let many = folder.path().to_str().unwrap();
    for (with, says) in [
        ("missing.json", "missing.json: no such file"),
        (broken.to_str().unwrap(), "broken.json: not a snapshot at"),
        (many, "name one snapshot file"),
        ("-", "name one snapshot file"),
        ("demo:nobody", "no demonstration is called `nobody`"),
    ] {
        let output = run(&["check", "--demo", "--compare-with", with]);
        assert_eq!(output.status.code(), Some(2), "{with}");
        assert!(output.stdout.is_empty(), "{with}");
        let complaint = String::from_utf8(output.stderr)?;
        assert!(
            complaint.starts_with("error: ") && complaint.contains(says),
            "{complaint}"
        );
    }
    Ok(())
}

fn variable_and_batch() -> Result<(), Failed> {
    let output = run_with(
        &["check", "--snapshot", "fixtures/demos", "-o", "ndjson"],
        &[("WORK365_DOCTOR_COMPARE_WITH", "fixtures/demos/healthy.json")],
    );
    let lines: Vec<Value> = String::from_utf8(output.stdout)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    assert_eq!(lines.len(), std::fs::read_dir("fixtures/demos")?.count());
    for line in lines {
        let comparison = &line["comparison"];
        let differences = comparison["differences"].as_array().unwrap();
        let is_itself =
            line["captured_at"] == "2026-06-15T09:00:00Z" && line["summary"]["outcome"] == "healthy";
        assert_eq!(differences.is_empty(), is_itself, "{line}");
    }
    Ok(())
}
