//! The evidence that a store keeps of one account: sections that changed, each as a snapshot of its own, and all of them put
//! together again, so that logs reach further back than the service keeps them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::facts::parse_time;
use crate::snapshot::section_info;
use crate::text::hex;

/// Sections that are logs: what is kept of them adds up. Everything else is a state, and the newest counts.
const LOGS: [&str; 3] = ["graph.sign_ins", "graph.directory_audits", "dataverse.user_audit"];

/// How far back Microsoft Entra keeps its logs at most.
///
/// Source: <https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention>
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Until when the version before this one was still there.
const UNTIL: &str = "previous_until";

/// What of a section is evidence: not when it was read.
const EVIDENCE: [&str; 4] = ["outcome", "http_status", "detail", "body"];

/// A keyed sum of each section of a snapshot. Sections that nobody knows are left out: their names could be anything.
pub fn sums(document: &Value, key: &str) -> BTreeMap<String, String> {
    let sections = document.get("sections").and_then(Value::as_object);
    let known = sections
        .into_iter()
        .flatten()
        .filter(|(name, _)| section_info(name).is_some());
    known
        .map(|(name, section)| {
            let parts = EVIDENCE.map(|part| section.get(part).unwrap_or(&Value::Null).to_string());
            let whole = json!([key, name, parts]).to_string();
            (name.clone(), hex(&Sha256::digest(whole)))
        })
        .collect()
}

/// One section of a snapshot as a snapshot of its own. `until` says how long the version before it was seen.
pub fn alone(document: &Value, section: &str, until: Option<&str>) -> Option<Value> {
    let answer = document.get("sections")?.get(section)?.clone();
    let mut alone: Map<String, Value> = document.as_object()?.clone();
    alone.insert("sections".to_owned(), json!({section: answer}));
    if let Some(until) = until {
        alone.insert(UNTIL.to_owned(), until.into());
    }
    Some(Value::Object(alone))
}

/// A time of which no log was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// The section.
    pub section: String,
    /// From when.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// What was kept, put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// One snapshot: the newest of each state, and everything of each log.
    pub document: Value,
    /// How many files were put together.
    pub files: usize,
    /// When the oldest of them was collected.
    pub since: String,
    /// Times of which no log was kept, the oldest first.
    pub gaps: Vec<Gap>,
}

/// Puts kept sections together; nothing when none of them is one. They can come in any order.
pub fn together(kept: Vec<Value>) -> Option<Together> {
    let mut kept: Vec<(Timestamp, Value)> = kept
        .into_iter()
        .filter_map(|document| Some((captured_at(&document)?, document)))
        .collect();
    kept.sort_by_key(|(at, _)| *at);
    let since = kept.first()?.0.to_string();
    let (_, newest) = kept.last()?;
    let mut document = newest.as_object()?.clone();
    let mut versions: BTreeMap<&String, Vec<Version<'_>>> = BTreeMap::new();
    for (at, one) in &kept {
        let until = one.get(UNTIL).and_then(Value::as_str).and_then(parse_time);
        for (name, answer) in one
            .get("sections")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            versions.entry(name).or_default().push(Version {
                at: *at,
                until,
                answer,
            });
        }
    }
    let mut gaps: Vec<Gap> = Vec::new();
    let mut sections = Map::new();
    for (name, versions) in versions {
        let is_log = LOGS.contains(&name.as_str());
        if is_log {
            gaps.extend(holes(name, &versions));
        }
        let newest = versions.iter().rev().find(|version| version.is_ok());
        let newest = newest.or(versions.last());
        let answer = newest.map(|version| match is_log && version.is_ok() {
            true => added_up(version, &versions),
            false => version.answer.clone(),
        });
        sections.extend(answer.map(|answer| (name.clone(), answer)));
    }
    gaps.sort_by(|left, right| left.from.cmp(&right.from));
    document.insert("sections".to_owned(), Value::Object(sections));
    document.remove(UNTIL);
    Some(Together {
        files: kept.len(),
        document: Value::Object(document),
        since,
        gaps,
    })
}

/// One version of a section.
struct Version<'a> {
    /// When it was collected.
    at: Timestamp,
    /// Until when the version before it was seen.
    until: Option<Timestamp>,
    answer: &'a Value,
}

impl Version<'_> {
    fn is_ok(&self) -> bool {
        self.answer.get("outcome").and_then(Value::as_str) == Some("ok")
    }

    fn entries(&self) -> impl Iterator<Item = &Value> {
        let list = self.answer.pointer("/body/value").and_then(Value::as_array);
        list.into_iter().flatten()
    }

    /// Since when the log shows everything: as far back as it is kept, or to its oldest entry where it was cut.
    fn shows_since(&self) -> Timestamp {
        let kept = self.at.checked_sub(RETENTION).unwrap_or(self.at);
        let body = self.answer.get("body");
        let is_cut = body.is_some_and(|body| {
            body.get("truncated") == Some(&Value::Bool(true)) || body.get("@odata.nextLink").is_some()
        });
        let oldest = self.entries().filter_map(time_of).min();
        match oldest.filter(|_| is_cut) {
            Some(oldest) => oldest.max(kept),
            None => kept,
        }
    }
}

/// What no version of a log shows, between the first and the last.
fn holes(section: &str, versions: &[Version<'_>]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut shown: Option<Timestamp> = None;
    for version in versions {
        shown = shown.max(version.until.filter(|_| shown.is_some()));
        if !version.is_ok() {
            continue;
        }
        let since = version.shows_since();
        if let Some(from) = shown.filter(|shown| *shown < since) {
            gaps.push(Gap {
                section: section.to_owned(),
                from: from.to_string(),
                until: since.to_string(),
            });
        }
        shown = Some(version.at);
    }
    gaps
}

/// The newest version of a log with the entries of all, the newest first, each once.
fn added_up(newest: &Version<'_>, versions: &[Version<'_>]) -> Value {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut entries: Vec<(Option<Timestamp>, Value)> = Vec::new();
    // Of an entry that was written twice the newer form counts.
    for version in versions.iter().rev().filter(|version| version.is_ok()) {
        for entry in version.entries() {
            if seen.insert(identity(entry)) {
                entries.push((time_of(entry), entry.clone()));
            }
        }
    }
    entries.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let list: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    let mut answer = newest.answer.clone();
    if let Some(body) = answer.get_mut("body").and_then(Value::as_object_mut) {
        body.insert("value".to_owned(), list.into());
    }
    answer
}

fn identity(entry: &Value) -> String {
    let id = ["id", "auditid"].iter().find_map(|key| entry.get(key)?.as_str());
    id.map_or_else(|| entry.to_string(), str::to_owned)
}

fn time_of(entry: &Value) -> Option<Timestamp> {
    let keys = ["createdDateTime", "activityDateTime", "createdon"];
    let text = keys.iter().find_map(|key| entry.get(key)?.as_str())?;
    parse_time(text)
}

fn captured_at(document: &Value) -> Option<Timestamp> {
    parse_time(document.get("captured_at")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{UNTIL, alone, sums, together};

    fn log(at: &str, entries: &[(&str, &str)], more: &Value) -> Value {
        let list = entries
            .iter()
            .map(|(id, at)| json!({"id": id, "createdDateTime": at}));
        let mut body = json!({"value": list.collect::<Vec<_>>()});
        json_patch::merge(&mut body, more);
        json!({"captured_at": at, "sections": {"graph.sign_ins": {"outcome": "ok", "read_at": at, "body": body}}})
    }

    fn ids(document: &Value) -> Vec<&str> {
        let entries = document.pointer("/sections/graph.sign_ins/body/value").unwrap();
        let entries = entries.as_array().unwrap().iter();
        entries.map(|entry| entry["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_sum_is_of_what_was_read_and_not_of_when_and_nobody_reads_it_without_the_key() {
        let one = log(
            "2026-01-01T00:00:00Z",
            &[("a", "2025-12-31T00:00:00Z")],
            &json!({}),
        );
        let mut later = one.clone();
        later["sections"]["graph.sign_ins"]["read_at"] = "2026-02-01T00:00:00Z".into();
        later["sections"]["../../x"] = json!({"outcome": "ok"});
        assert_eq!(sums(&one, "k"), sums(&later, "k"), "nor of sections nobody knows");
        assert_ne!(sums(&one, "k"), sums(&one, "another"));
        later["sections"]["graph.sign_ins"]["outcome"] = "denied".into();
        assert_ne!(sums(&one, "k"), sums(&later, "k"));
    }

    #[test]
    fn logs_add_up_and_of_a_state_the_newest_counts() {
        let old = log(
            "2026-01-01T00:00:00Z",
            &[("b", "2025-12-31T00:00:00Z"), ("a", "2025-12-05T00:00:00Z")],
            &json!({}),
        );
        let new = log(
            "2026-01-20T00:00:00Z",
            &[("c", "2026-01-19T00:00:00Z"), ("b", "2025-12-31T00:00:00Z")],
            &json!({}),
        );
        let mut user = json!({"captured_at": "2026-01-10T00:00:00Z", "sections": {"graph.user": {"outcome": "ok", "body": {"x": 2}}}});
        let mut older = user.clone();
        older["captured_at"] = "2026-01-02T00:00:00Z".into();
        older["sections"]["graph.user"]["body"]["x"] = 1.into();
        let all = together(vec![new.clone(), older.clone(), user.clone(), old.clone()]).unwrap();
        assert_eq!(ids(&all.document), ["c", "b", "a"]);
        assert_eq!(all.document["sections"]["graph.user"]["body"]["x"], 2);
        assert_eq!(all.document["captured_at"], "2026-01-20T00:00:00Z");
        assert_eq!((all.files, all.since.as_str()), (4, "2026-01-01T00:00:00Z"));
        assert!(all.gaps.is_empty());
        // What can no longer be read does not take the place of what was.
        user["captured_at"] = "2026-01-30T00:00:00Z".into();
        user["sections"]["graph.user"] = json!({"outcome": "denied"});
        let all = together(vec![older, user, old, new]).unwrap();
        assert_eq!(all.document["sections"]["graph.user"]["body"]["x"], 1);
        assert_eq!(together(vec![json!({})]), None);
    }

    #[test]
    fn a_time_of_which_nothing_was_kept_is_named() {
        let old = log(
            "2026-01-01T00:00:00Z",
            &[("a", "2025-12-05T00:00:00Z")],
            &json!({}),
        );
        let new = log(
            "2026-03-01T00:00:00Z",
            &[("b", "2026-02-20T00:00:00Z")],
            &json!({}),
        );
        let gap = |kept: Vec<Value>| {
            let gaps = together(kept).unwrap().gaps;
            gaps.first().map(|gap| (gap.from.clone(), gap.until.clone()))
        };
        let between = |from: &str, until: &str| Some((from.to_owned(), until.to_owned()));
        assert_eq!(
            gap(vec![old.clone(), new.clone()]),
            between("2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z")
        );
        // The older version was seen unchanged until shortly before.
        let mut seen = new.clone();
        seen[UNTIL] = "2026-02-25T00:00:00Z".into();
        assert_eq!(gap(vec![old.clone(), seen]), None);
        // A log that was cut shows no more than its entries.
        let cut = log(
            "2026-01-03T00:00:00Z",
            &[("b", "2026-01-02T00:00:00Z")],
            &json!({"truncated": true}),
        );
        assert_eq!(
            gap(vec![old, cut]),
            between("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
        );
    }

    #[test]
    fn a_section_alone_is_a_snapshot_with_nothing_else_in_it() {
        let whole = json!({"schema": "s", "redacted": true, "sections": {"graph.user": {"outcome": "ok"}, "graph.domain": {}}});
        let one = alone(&whole, "graph.user", Some("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(one["sections"], json!({"graph.user": {"outcome": "ok"}}));
        assert_eq!(
            (&one["redacted"], &one[UNTIL]),
            (&json!(true), &json!("2026-01-01T00:00:00Z"))
        );
        assert_eq!(alone(&whole, "graph.sign_ins", None), None);
    }
}
