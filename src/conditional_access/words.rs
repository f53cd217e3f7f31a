//! Sentences for reasons and changes; the words themselves are data in `rules/conditional-access.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::changes::{Change, Compensation};
use super::truth::Reason;
use crate::embedded;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    /// `condition.cause`, or `condition.cause.match` for a better sentence → sentence with `{matched}`.
    reasons: BTreeMap<String, String>,
    /// Kind of match → phrase with `{value}`.
    matches: BTreeMap<String, String>,
    /// Kind of change → sentence with `{targets}`.
    changes: BTreeMap<String, String>,
    /// Compensation → sentence.
    compensations: BTreeMap<String, String>,
    /// What a decision leaves open, by name.
    notes: BTreeMap<String, String>,
}

/// Read when first needed. The file is embedded and a test reads it; were it broken all the same, the bare keys show.
static WORDS: LazyLock<Words> =
    LazyLock::new(|| embedded::data("rules/conditional-access.yaml").unwrap_or_default());

/// The sentence for a reason.
pub fn reason_text(reason: &Reason) -> String {
    let key = format!("{}.{}", name_of(&reason.condition), name_of(&reason.cause));
    let Some(matched) = &reason.matched else {
        return phrase(&WORDS.reasons, &key);
    };
    let kind = name_of(&matched.kind);
    let sentence = WORDS.reasons.get(&format!("{key}.{kind}")).cloned();
    let matched = phrase(&WORDS.matches, &kind).replace("{value}", &matched.value);
    sentence
        .unwrap_or_else(|| phrase(&WORDS.reasons, &key))
        .replace("{matched}", &matched)
}

/// What a decision leaves open.
pub(super) fn note_text(name: &str) -> String {
    phrase(&WORDS.notes, name)
}

/// The sentence for a change.
pub fn change_text(change: &Change) -> String {
    phrase(&WORDS.changes, &name_of(&change.kind)).replace("{targets}", &change.targets.join(", "))
}

/// The sentence for what keeps the account guarded.
pub fn compensation_text(compensation: Compensation) -> String {
    phrase(&WORDS.compensations, &name_of(&compensation))
}

fn phrase(table: &BTreeMap<String, String>, key: &str) -> String {
    table.get(key).cloned().unwrap_or_else(|| key.to_owned())
}

/// The serialised name of a unit variant.
pub(super) fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}
