//! The page's JSON is the command line's, byte for byte. `WORK365_DOCTOR_PAGE_WHOLE=1` compares a hundred scenarios and a
//! hundred and fifty texts instead of a sample.

pub(super) mod evidence;
pub(super) mod texts;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use super::is_whole;
use crate::support::{folders, snapshot_of};

/// A time for what has none of its own.
const NOW: &str = "2026-11-29T12:00:00Z";

/// Every so many of a list, so that `count` of them are looked at, spread over all of it.
fn spread<T>(all: Vec<T>, sample: usize, whole: usize) -> Vec<T> {
    let count = if is_whole() { whole } else { sample };
    let step = (all.len() / count).max(1);
    all.into_iter().step_by(step).take(count).collect()
}

/// Two texts that ought to be one.
fn same(what: &str, page: &str, command: &str) -> Result<(), Failed> {
    if page == command {
        return Ok(());
    }
    let at = page
        .bytes()
        .zip(command.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(80)..(at + 80).min(text.len())])
            .into_owned()
    };
    Err(format!(
        "{what}: byte {at}\n  page:    …{}…\n  command: …{}…",
        around(page),
        around(command)
    )
    .into())
}

/// A scenario as a file, with the flags that the page has too.
struct Case {
    name: String,
    file: PathBuf,
    snapshot: String,
    flags: Vec<String>,
    settings: Value,
}

/// Scenarios whose flags the page knows.
fn cases(folder: &Path, sample: usize) -> Result<Vec<Case>, Failed> {
    let mut cases = Vec::new();
    for scenario in spread(folders(), sample, 110) {
        let name = scenario.file_name().unwrap().to_string_lossy().into_owned();
        let expectation: Value = serde_json::from_str(&fs::read_to_string(scenario.join("expect.json"))?)?;
        let flags: Vec<String> = expectation["arguments"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|flag| flag.as_str().map(str::to_owned))
            .collect();
        let mut settings = json!({});
        let mut is_known = true;
        for pair in flags.chunks(2) {
            let key = pair[0].trim_start_matches("--").replace('-', "_");
            match key.as_str() {
                "profile" | "time_zone" | "configured_identity" | "now" | "error" | "fail_on" | "country" => {
                    settings[key] = json!(pair.get(1));
                }
                "ip" => settings[key] = json!([pair.get(1)]),
                _ => is_known = false,
            }
        }
        if !is_known {
            continue;
        }
        let snapshot = snapshot_of(&scenario)?.to_string();
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, &snapshot)?;
        cases.push(Case {
            name,
            file,
            snapshot,
            flags,
            settings,
        });
    }
    if cases.len() * 10 < if is_whole() { 1000 } else { sample * 7 } {
        return Err(format!("only {} scenarios have flags that the page knows", cases.len()).into());
    }
    Ok(cases)
}

fn with<'a>(first: &[&'a str], flags: &'a [String], last: &[&'a str]) -> Vec<&'a str> {
    let flags = flags.iter().map(String::as_str);
    first
        .iter()
        .copied()
        .chain(flags)
        .chain(last.iter().copied())
        .collect()
}
