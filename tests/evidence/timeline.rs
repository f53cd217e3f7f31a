//! The key `timeline` of `expect.json`: what is given is compared, what is not given is not judged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use work365_doctor::diagnosis::Doctor;
use work365_doctor::diagnosis::report::Report;
use work365_doctor::render::{Style, Verbosity, html, markdown, table};
use work365_doctor::timeline::{Change, Moment, Timeline};

/// What a scenario says of its timeline; the form is described in `fixtures/README.md`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    state: String,
    #[serde(default, deserialize_with = "given")]
    last_success: Option<Value>,
    #[serde(default, deserialize_with = "given")]
    first_failure: Option<Value>,
    codes: Option<BTreeMap<String, usize>>,
    ranked: Option<Vec<String>>,
    unranked: Option<Vec<String>>,
    later: Option<Vec<String>>,
    #[serde(default)]
    first: Map<String, Value>,
    split: Option<Value>,
    truncated: Option<bool>,
    not_read: Option<Vec<String>>,
    summary_contains: Option<String>,
}

/// Tells `null` from a key that is not there.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Expected {
    /// Adds what differs.
    pub(crate) fn compare(&self, timeline: Option<&Timeline>, wrong: &mut Vec<String>) {
        let Some(timeline) = timeline else {
            wrong.push("the report has no timeline".to_owned());
            return;
        };
        let mut check = |what: &str, got: Value, wanted: Option<Value>| {
            if let Some(wanted) = wanted
                && got != wanted
            {
                wrong.push(format!("timeline {what}: got {got}, expected {wanted}"));
            }
        };
        let at = |moment: &Option<Moment>| json!(moment.as_ref().map(|moment| &moment.at));
        let kinds = |changes: &[Change], ranked: bool| -> Value {
            let kinds = changes.iter().filter(|change| change.rank.is_some() == ranked);
            kinds.map(|change| change.kind.as_str()).collect()
        };
        let codes: BTreeMap<&str, usize> = timeline
            .codes
            .iter()
            .map(|seen| (seen.code.as_str(), seen.count))
            .collect();
        let not_read: Vec<&str> = timeline
            .not_read
            .iter()
            .map(|gap| gap.because.section.as_str())
            .collect();
        let window = timeline.window.as_ref();
        check("state", json!(timeline.state), Some(json!(self.state)));
        check(
            "last success",
            at(&timeline.last_success),
            self.last_success.clone(),
        );
        check(
            "first failure",
            at(&timeline.first_failure),
            self.first_failure.clone(),
        );
        check(
            "codes",
            json!(codes),
            self.codes.as_ref().map(|codes| json!(codes)),
        );
        check(
            "ranked",
            kinds(&timeline.changes, true),
            self.ranked.as_ref().map(|kinds| json!(kinds)),
        );
        check(
            "unranked",
            kinds(&timeline.changes, false),
            self.unranked.as_ref().map(|kinds| json!(kinds)),
        );
        check(
            "later",
            kinds(&timeline.later_changes, false),
            self.later.as_ref().map(|kinds| json!(kinds)),
        );
        check("split", json!(timeline.split), self.split.clone());
        check(
            "truncated",
            json!(window.map(|window| window.truncated)),
            self.truncated.map(|cut| json!(cut)),
        );
        check(
            "not read",
            json!(not_read),
            self.not_read.as_ref().map(|names| json!(names)),
        );
        let first = serde_json::to_value(timeline.changes.first()).unwrap();
        for (key, wanted) in &self.first {
            check(
                &format!("first change, {key}"),
                first[key].clone(),
                Some(wanted.clone()),
            );
        }
        let ranks: Vec<usize> = timeline.changes.iter().filter_map(|change| change.rank).collect();
        check(
            "ranks",
            json!(ranks),
            Some(json!((1..=ranks.len()).collect::<Vec<_>>())),
        );
        if let Some(part) = &self.summary_contains
            && !timeline.summary.contains(part)
        {
            wrong.push(format!("timeline summary: {} lacks {part}", timeline.summary));
        }
    }
}

/// The block of the table is short and narrow, and nothing of a name reaches a reader raw.
pub(crate) fn fits_the_screen(doctor: &Doctor, report: &Report, wrong: &mut Vec<String>) {
    let style = |verbosity| Style {
        color: false,
        width: 80,
        verbosity,
        audience: None,
    };
    let normal = table(report, doctor.words(), style(Verbosity::Normal));
    let block: Vec<&str> = normal
        .lines()
        .skip_while(|line| !line.starts_with("Timeline"))
        .take_while(|line| !line.is_empty())
        .collect();
    if block.len() > 13 || block.iter().any(|line| line.chars().count() > 80) {
        wrong.push(format!("table: the timeline does not fit:\n{}", block.join("\n")));
    }
    let verbose = style(Verbosity::Verbose);
    let formats = [
        ("table", table(report, doctor.words(), verbose)),
        ("markdown", markdown(report, doctor.words(), verbose)),
        ("html", html(report, doctor.words(), verbose)),
    ];
    for (format, text) in formats {
        let is_raw = text.contains(['\u{1b}', '\u{7}', '\u{202e}']);
        let is_markup = format != "table" && text.contains("<script");
        if is_raw || is_markup {
            wrong.push(format!("{format}: a name is shown raw"));
        }
        if !text.contains("imeline") && !text.contains("Since when") {
            wrong.push(format!("{format}: no timeline"));
        }
    }
}
