//! The scenario folders as tenants.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tenant::Tenant;

/// Classes of scenarios that no service answers like: somebody wrote, cut or copied these snapshots by hand.
const BY_HAND: [&str; 3] = ["property", "malformed", "spelling"];

/// Every folder of a tenant that can be, sorted.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("fixtures/scenarios")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| {
            let class = &json(&folder.join("expect.json"))["class"];
            !BY_HAND.iter().any(|by_hand| class == by_hand)
        })
        .collect();
    folders.sort();
    folders
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The arguments that a scenario is judged with.
pub(crate) fn arguments(folder: &Path) -> Vec<String> {
    serde_json::from_value(json(&folder.join("expect.json"))["arguments"].clone()).unwrap()
}

/// The snapshot of a scenario (`fixtures/README.md`).
pub(crate) fn snapshot(folder: &Path) -> Value {
    let whole = folder.join("snapshot.json");
    if whole.exists() {
        return json(&whole);
    }
    let patch = json(&folder.join("patch.json"));
    let mut snapshot = json(&Path::new("fixtures").join(format!("{}.json", patch["base"].as_str().unwrap())));
    if !patch["patch"].is_null() {
        json_patch::merge(&mut snapshot, &patch["patch"]);
    }
    for (pointer, value) in patch["set"].as_object().into_iter().flatten() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        match snapshot.pointer_mut(parent).unwrap() {
            Value::Array(items) if key == "-" => items.push(value.clone()),
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            object => object[key] = value.clone(),
        }
    }
    snapshot
}

/// A tenant that serves the snapshot, and the snapshot with the environment's address on loopback.
pub(crate) fn tenant_of(snapshot: &Value) -> (Tenant, Value) {
    let tenant = Tenant::new(Value::Null);
    let environment = snapshot["subject"]["environment"].as_str().unwrap();
    let environment = environment.trim_end_matches('/').to_lowercase();
    let mut text = snapshot.to_string();
    while let Some(start) = text.to_lowercase().find(&environment) {
        text.replace_range(start..start + environment.len(), &tenant.addresses.dataverse);
    }
    let mut moved: Value = serde_json::from_str(&text).unwrap();
    moved["subject"]["environment"] = tenant.addresses.dataverse.clone().into();
    *tenant.state.snapshot.lock().unwrap() = moved.clone();
    (tenant, moved)
}
