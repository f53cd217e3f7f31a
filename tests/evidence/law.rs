//! The law of evidence: taking evidence away turns no pass into a fault and no fault into a pass, and neither does the
//! order of lists, a repeated row, an unknown property, the case of an id or a blank around it. It may only lead to
//! "unknown".
//!
//! Every run takes a sample, always the same. `WORK365_DOCTOR_LAW=whole` takes every property of every scenario (hours
//! in a debug build), a number that many changes of each scenario.

use std::path::Path;
use std::sync::Arc;

use crate::support::{big_stack, diagnose, folders, read_json, snapshot_of};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::{Report, Status};
use work365_doctor::snapshot::Snapshot;

/// What is done to a snapshot.
#[derive(Debug, Clone)]
enum Change {
    /// The property at this pointer is absent.
    Without(String),
    /// The section ended so.
    Section(String, &'static str),
    /// Every list of the section is reversed.
    Reversed(String),
    /// Every element of the section's list stands twice.
    Doubled(String),
    /// Every object of the section has a property that nobody knows.
    Unknown(String),
    /// Every id of the section is written in capitals.
    Capitals(String),
    /// Every id of the section has blanks around it.
    Blanks(String),
    /// The account and the environment have blanks around them, the environment a slash behind it.
    Subject,
}

/// What a section says by not being there: a sign-in that nobody tried, see `login.probe` in the catalogue of sections,
/// and jobs that nobody asked for, where the log then is the newest that was looked for.
const SAYS_SO_BY_ABSENCE: [(&str, &str); 4] = [
    ("login.probe", "absent"),
    ("login.probe", "skipped"),
    ("dataverse.system_jobs", "absent"),
    ("dataverse.system_jobs", "skipped"),
];

/// What a property says by not being there: all privileges were asked for and not certain ones, see `MEANS_NULL` in
/// `snapshot/field.rs`.
const MEANS_ALL_BY_ABSENCE: &str = "_privileges/body/asked";

/// One of so many scenarios is sampled, with so many changes.
const SAMPLED: u64 = 3;
const CHANGES: usize = 3;

/// The trials of this file.
pub(crate) fn trials(doctor: &Arc<Doctor>) -> Vec<Trial> {
    let wanted = std::env::var("WORK365_DOCTOR_LAW").ok();
    let each = match wanted.as_deref() {
        None => CHANGES,
        Some("whole") => usize::MAX,
        Some(number) => number.parse().unwrap(),
    };
    folders()
        .into_iter()
        .filter_map(|folder| {
            let name = folder.file_name()?.to_string_lossy().into_owned();
            if wanted.is_none() && !hash(&name).is_multiple_of(SAMPLED) {
                return None;
            }
            let doctor = Arc::clone(doctor);
            Some(Trial::test(format!("law::{name}"), move || {
                big_stack(|| scenario(&doctor, &folder, each))
            }))
        })
        .collect()
}

fn scenario(doctor: &Doctor, folder: &Path, each: usize) -> Result<(), Failed> {
    let expected: Value = read_json(&folder.join("expect.json"))?;
    let arguments: Vec<String> = serde_json::from_value(expected["arguments"].clone())?;
    let original = snapshot_of(folder)?;
    let before = judge(doctor, &original, &arguments)?;
    let name = folder.to_string_lossy();
    let mut changes = changes(&original);
    changes.sort_by_cached_key(|change| hash(&format!("{name} {change:?}")));
    changes.truncate(each);
    let mut wrong = Vec::new();
    for change in changes {
        let after = judge(doctor, &changed(&original, &change), &arguments)?;
        for finding in &before.findings {
            let then = after.findings.iter().find(|other| other.id == finding.id);
            let is_turned = then.is_some_and(|then| is_turned(finding.status, then.status));
            if is_turned && !is_told_otherwise(&finding.id, &before, &after) {
                wrong.push(format!("{change:?} turns {}", finding.id));
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

fn judge(doctor: &Doctor, snapshot: &Value, arguments: &[String]) -> Result<Report, Failed> {
    let snapshot = Snapshot::from_bytes(&serde_json::to_vec(snapshot)?)?;
    Ok(diagnose(doctor, &snapshot, None, arguments)?.0.report)
}

fn is_fault(status: Status) -> bool {
    matches!(status, Status::Fail | Status::Pending)
}

fn is_turned(before: Status, after: Status) -> bool {
    (before == Status::Pass && is_fault(after)) || (is_fault(before) && after == Status::Pass)
}

/// Whether the report says all the same what the finding no longer says, or had two witnesses that contradict each other.
fn is_told_otherwise(id: &str, before: &Report, after: &Report) -> bool {
    let status = |report: &Report, id: &str| {
        let finding = report.findings.iter().find(|finding| finding.id == id);
        finding.map(|finding| finding.status)
    };
    match id {
        // A refusal passes while a finding explains it, so the two come and go in turn.
        "sign-in-refused" => {
            status(before, id) == Some(Status::Pass)
                || after.findings.iter().any(|finding| {
                    is_fault(finding.status) && status(before, &finding.id).is_some_and(|was| !is_fault(was))
                })
        }
        // What was read says one thing and the log another: without the log the first stands, and the refusal is open.
        "conditional-access-blocks" | "conditional-access-device" | "wrong-tenant" | "account-at-risk" => {
            status(after, "sign-in-refused") == Some(Status::Unknown)
        }
        // The other way round: the code tells of an age that no policy sets, so the refusal is the finding.
        "sign-in-frequency" => status(before, "sign-in-refused") == Some(Status::Fail),
        // So it is with Microsoft's own evaluation, which a finding of its own tells.
        "mfa-conditional-access" | "conditional-access-evaluation-differs" => {
            status(before, "conditional-access-evaluation-differs") == Some(Status::Fail)
        }
        _ => false,
    }
}

/// Everything that can be done to the snapshot.
fn changes(snapshot: &Value) -> Vec<Change> {
    let mut changes = vec![Change::Subject];
    for (name, section) in snapshot["sections"].as_object().unwrap() {
        for outcome in ["absent", "denied", "failed", "skipped"] {
            if !SAYS_SO_BY_ABSENCE.contains(&(name.as_str(), outcome)) {
                changes.push(Change::Section(name.clone(), outcome));
            }
        }
        let Some(body) = section.get("body").filter(|_| section["outcome"] == "ok") else {
            continue;
        };
        pointers(body, &mut format!("/sections/{name}/body"), &mut changes);
        changes.push(Change::Unknown(name.clone()));
        changes.push(Change::Capitals(name.clone()));
        changes.push(Change::Blanks(name.clone()));
        // The first code of a refusal is its main one.
        if name != "login.probe" {
            changes.push(Change::Reversed(name.clone()));
        }
        if body["value"].is_array() {
            changes.push(Change::Doubled(name.clone()));
        }
    }
    changes
}

fn pointers(value: &Value, at: &mut String, changes: &mut Vec<Change>) {
    let length = at.len();
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                if !at.ends_with(MEANS_ALL_BY_ABSENCE) {
                    changes.push(Change::Without(at.clone()));
                }
                pointers(value, at, changes);
                at.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                at.push_str(&format!("/{index}"));
                pointers(value, at, changes);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn changed(snapshot: &Value, change: &Change) -> Value {
    let mut snapshot = snapshot.clone();
    let body = |snapshot: &mut Value, name: &str, edit: &dyn Fn(&mut Value)| {
        each_value(&mut snapshot["sections"][name]["body"], edit);
    };
    match change {
        Change::Without(pointer) => {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let parent = snapshot.pointer_mut(parent).unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            parent.as_object_mut().unwrap().remove(&key);
        }
        Change::Section(name, "absent") => {
            snapshot["sections"].as_object_mut().unwrap().remove(name);
        }
        Change::Section(name, outcome) => {
            snapshot["sections"][name] = json!({ "outcome": outcome });
        }
        Change::Reversed(name) => body(&mut snapshot, name, &|value| {
            if let Value::Array(items) = value {
                items.reverse();
            }
        }),
        Change::Doubled(name) => {
            let list = &mut snapshot["sections"][name]["body"]["value"];
            let again = list.as_array().unwrap().clone();
            list.as_array_mut().unwrap().extend(again);
        }
        Change::Unknown(name) => body(&mut snapshot, name, &|value| {
            if let Value::Object(map) = value {
                map.insert("zzUnknownToEverybody".to_owned(), json!([7]));
            }
        }),
        Change::Capitals(name) => body(&mut snapshot, name, &|value| {
            if let Value::String(text) = value
                && is_guid(text)
            {
                text.make_ascii_uppercase();
            }
        }),
        Change::Blanks(name) => body(&mut snapshot, name, &|value| {
            if let Value::String(text) = value
                && is_guid(text)
            {
                *text = format!(" {text} ");
            }
        }),
        Change::Subject => {
            for (key, behind) in [("account", ""), ("environment", "/"), ("tenant_id", "")] {
                if let Some(text) = snapshot["subject"][key].as_str() {
                    snapshot["subject"][key] = json!(format!(" {text}{behind} "));
                }
            }
        }
    }
    snapshot
}

fn each_value(value: &mut Value, edit: &dyn Fn(&mut Value)) {
    edit(value);
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| each_value(value, edit)),
        Value::Array(items) => items.iter_mut().for_each(|value| each_value(value, edit)),
        _ => {}
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(position, character)| match position {
            8 | 13 | 18 | 23 => character == '-',
            _ => character.is_ascii_hexdigit(),
        })
}

/// FNV-1a: the same sample on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
