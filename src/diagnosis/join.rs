//! Joins the error that somebody saw with the findings: each explains the other, or they contradict.

use std::collections::BTreeMap;

use serde_json::Value;

use super::report::{Finding, Status};
use super::words::JoinWords;
use crate::decode::{Decoded, DecodedError};
use crate::rules::Meaning;
use crate::text::fill;

/// The decoded errors for the report, and for each finding the codes that it explains.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// Decode items plus `explained_by`, `contradicted_by` and `note`.
    pub errors: Vec<Value>,
    /// Codes by the rule that explains them.
    pub explains: BTreeMap<String, Vec<String>>,
}

pub(super) fn join<'f>(
    decoded: Option<&Decoded>,
    words: &JoinWords,
    findings: impl Iterator<Item = (&'f Finding, Meaning)> + Clone,
) -> Joined {
    let mut joined = Joined::default();
    for error in decoded.iter().flat_map(|decoded| &decoded.errors) {
        let related = findings
            .clone()
            .filter(|(finding, _)| error.rules.contains(&finding.id));
        let with = |wanted: fn(Status, Meaning) -> bool| -> Vec<String> {
            related
                .clone()
                .filter(|(finding, meaning)| wanted(finding.status, *meaning))
                .map(|(finding, _)| finding.id.clone())
                .collect()
        };
        let explained_by = with(|status, _| matches!(status, Status::Fail | Status::Pending));
        let open = with(|status, _| status == Status::Unknown);
        // Such a check passes also when what it looks for is there: its pass says nothing about the error.
        let no_fault = with(|status, meaning| status == Status::Pass && meaning == Meaning::NoFault);
        let passed = with(|status, meaning| status == Status::Pass && meaning != Meaning::NoFault);
        // Only when every check that could have shown it came out clean does the evidence speak against the error.
        let contradicted_by = if explained_by.is_empty() && open.is_empty() && no_fault.is_empty() {
            passed
        } else {
            Vec::new()
        };
        for id in &explained_by {
            joined
                .explains
                .entry(id.clone())
                .or_default()
                .push(error.code.clone());
        }
        let note = note(words, error, &explained_by, &contradicted_by, &open, &no_fault);
        joined
            .errors
            .push(item(error, &explained_by, &contradicted_by, note));
    }
    joined
}

fn note(
    words: &JoinWords,
    error: &DecodedError,
    explained_by: &[String],
    contradicted_by: &[String],
    open: &[String],
    no_fault: &[String],
) -> Option<String> {
    let code = error.code.as_str();
    let say = |template: &str, rules: &[String]| {
        Some(fill(template, &[("code", code), ("rules", &rules.join(", "))]))
    };
    match (explained_by, contradicted_by, open, no_fault) {
        ([], [], [], []) => None,
        ([], [], [], no_fault) => say(&words.no_fault, no_fault),
        ([], [], open, _) => say(&words.open, open),
        ([], contradicted, _, _) => say(&words.contradicted, contradicted),
        (explained, _, _, _) => say(&words.explained, explained),
    }
}

fn item(
    error: &DecodedError,
    explained_by: &[String],
    contradicted_by: &[String],
    note: Option<String>,
) -> Value {
    // A decode item holds texts, numbers and lists only; turning it into a value has no way to fail.
    let mut item = serde_json::to_value(error).unwrap_or_default();
    if let Value::Object(map) = &mut item {
        map.insert("explained_by".to_owned(), explained_by.into());
        map.insert("contradicted_by".to_owned(), contradicted_by.into());
        map.insert("note".to_owned(), note.into());
    }
    item
}
