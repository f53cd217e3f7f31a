//! What several test binaries share: the scenario folders, read and judged as the command line would.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "not every binary interviews")]
pub(crate) mod persons;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde::Deserialize;
use serde_json::Value;
use work365_doctor::decode::decode_text;
use work365_doctor::diagnosis::{Assumed, Diagnosed, Doctor, Question, Words};
use work365_doctor::facts::{Expectations, expected_time_zone};
use work365_doctor::profile::Choice;
use work365_doctor::rules::{RuleBook, Severity};
use work365_doctor::snapshot::Snapshot;

/// The built-in rules, ready to judge.
pub(crate) fn doctor() -> Doctor {
    Doctor::new(
        RuleBook::builtin().expect("the rule pack loads"),
        Words::builtin().expect("the words load"),
    )
}

/// Every scenario folder, sorted.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir("fixtures/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

/// `patch.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    base: String,
    #[serde(default)]
    patch: Value,
    #[serde(default)]
    set: std::collections::BTreeMap<String, Value>,
    /// Pointers to what is absent.
    #[serde(default)]
    unset: Vec<String>,
}

/// Conditions are evaluated recursively; the command line gives them the same room.
pub(crate) fn big_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(32 * 1024 * 1024)
            .spawn_scoped(scope, work)
            .unwrap()
            .join()
            .unwrap()
    })
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failed> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

pub(crate) fn snapshot_of(folder: &Path) -> Result<Value, Failed> {
    let whole = folder.join("snapshot.json");
    if whole.exists() {
        return read_json(&whole);
    }
    let patch: Patch = read_json(&folder.join("patch.json"))?;
    let mut snapshot: Value = read_json(&Path::new("fixtures").join(format!("{}.json", patch.base)))?;
    if !patch.patch.is_null() {
        json_patch::merge(&mut snapshot, &patch.patch);
    }
    for (pointer, value) in patch.set {
        set(&mut snapshot, &pointer, value)?;
    }
    for pointer in patch.unset {
        let (parent, key) = pointer.rsplit_once('/').ok_or("no pointer")?;
        let parent = snapshot.pointer_mut(parent).and_then(Value::as_object_mut);
        let removed = parent.and_then(|parent| parent.remove(key));
        removed.ok_or_else(|| format!("{pointer} points nowhere"))?;
    }
    Ok(snapshot)
}

/// Sets the value at an RFC 6901 pointer; the last step may be a new key or `-`.
fn set(document: &mut Value, pointer: &str, value: Value) -> Result<(), Failed> {
    let (parent, key) = pointer
        .rsplit_once('/')
        .ok_or_else(|| format!("{pointer} is no pointer"))?;
    let key = key.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.insert(key, value);
        }
        Some(Value::Array(items)) if key == "-" => items.push(value),
        Some(Value::Array(items)) => {
            let index: usize = key
                .parse()
                .map_err(|_| format!("{pointer}: `{key}` is no index"))?;
            *items
                .get_mut(index)
                .ok_or_else(|| format!("{pointer} points past the end"))? = value;
        }
        _ => return Err(format!("{pointer} points nowhere").into()),
    }
    Ok(())
}

/// The report of a snapshot, beside that of another account if there is one, and whether the arguments were strict.
pub(crate) fn diagnose(
    doctor: &Doctor,
    snapshot: &Snapshot,
    other: Option<&Snapshot>,
    arguments: &[String],
) -> Result<(Diagnosed, bool), Failed> {
    let mut expectations = Expectations::default();
    let mut profile = Choice::default();
    let mut now = None;
    let mut fail_on = Severity::Medium;
    let mut strict = false;
    let mut error = None;
    let mut assumed = None;
    let (mut select, mut ignore) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter();
    while let Some(flag) = rest.next() {
        if flag == "--strict" {
            strict = true;
            continue;
        }
        let value = rest.next().ok_or_else(|| format!("{flag} has no value"))?;
        match flag.as_str() {
            "--profile" => profile = value.parse()?,
            "--time-zone" => {
                expectations.time_zone = Some(expected_time_zone(value).map_err(|error| error.to_string())?);
            }
            "--now" => now = Some(value.parse()?),
            "--configured-identity" => expectations.configured_identity = Some(value.clone()),
            "--ip" => expectations.addresses.push(value.parse()?),
            "--country" => expectations.country = Some(value.clone()),
            "--fail-on" => {
                fail_on = [Severity::Blocker, Severity::High, Severity::Medium, Severity::Low]
                    .into_iter()
                    .find(|severity| severity.name() == value)
                    .ok_or("no such severity")?;
            }
            "--assume-fixed" => {
                let names: Vec<String> = value.split(',').map(str::to_owned).collect();
                assumed = Some(Assumed::of(&names, doctor).map_err(|error| error.to_string())?);
            }
            "--error" => error = Some(decode_text(value.as_bytes())),
            "--select" => select.push(value.clone()),
            "--ignore" => ignore.push(value.clone()),
            other => return Err(format!("the scenario uses an unknown argument {other}").into()),
        }
    }
    let selection = doctor
        .selection(&select, &ignore)
        .map_err(|error| error.to_string())?;
    let question = Question {
        profile,
        now,
        expectations: &expectations,
        fail_on,
        selection: &selection,
        error: error.as_ref(),
        acceptances: &[],
    };
    let mut diagnosed = doctor.diagnose(snapshot, &question);
    diagnosed.report.rehearsal = assumed.map(|assumed| doctor.rehearse(snapshot, &question, &assumed));
    diagnosed.report.comparison =
        other.map(|other| doctor.compare(snapshot, &question, &diagnosed.report, other));
    Ok((diagnosed, strict))
}
