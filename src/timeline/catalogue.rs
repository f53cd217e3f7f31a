//! `rules/timeline.yaml`: which change is of which kind, which error codes it can lead to, and the sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::record::{Control, Date, Mark, Record, Seen};
use super::{SignInKind, State};
use crate::decode::explain::tables::TABLES;
use crate::embedded;

/// The kinds of changes and the words, read once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Catalogue {
    pub(super) words: Words,
    pub(super) controls: BTreeMap<Control, Effect>,
    changes: Vec<ChangeKind>,
}

/// The sentences of the timeline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Words {
    working: String,
    recovered: String,
    failing: String,
    failing_throughout: String,
    partly_failing: String,
    intermittent: String,
    no_sign_ins: String,
    unknown: String,
    pub truncated: String,
    pub changes_truncated: String,
    pub without_refreshes: String,
    pub jobs: JobWords,
    kinds: BTreeMap<SignInKind, String>,
    pub address: String,
    pub explains: String,
    pub named: String,
    pub named_through: String,
    pub by_finding: String,
    pub nothing: String,
    pub other_named: String,
    pub spares: String,
    pub outlived: String,
    pub survived: String,
    gain: BTreeMap<String, String>,
}

/// What is said of jobs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct JobWords {
    pub failing: String,
    pub failing_throughout: String,
    pub working: String,
}

/// What a change can lead to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Effect {
    pub codes: Vec<String>,
    pub because: String,
    pub rules: Vec<String>,
}

/// One kind of change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ChangeKind {
    pub kind: String,
    seen_as: Vec<SeenAs>,
    /// The sentence; `{target}` is what was changed.
    pub what: String,
    #[serde(default)]
    pub codes: Vec<String>,
    #[serde(default)]
    pub because: String,
    #[serde(default)]
    pub rules: Vec<String>,
    /// The controls of the policies concerned add their codes.
    #[serde(default)]
    pub by_controls: bool,
    /// It works at the next sign-in.
    #[serde(default)]
    pub at_once: bool,
    /// What a sign-in calls it when it names who demanded more (`requirementProvider`).
    #[serde(default)]
    pub named_by: Vec<String>,
    /// What it takes for a refusal to be over after it.
    #[serde(default)]
    pub mends: Mends,
    /// Kinds of which it is a part when it happens in the same minutes.
    #[serde(default)]
    pub part_of: Vec<String>,
}

/// What it takes for a refusal to be over after a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mends {
    /// It touches no policy, or one of those that refused.
    #[default]
    Listed,
    /// It touches one of the policies that refused.
    Touched,
    /// The policies that refused no longer reach the account.
    Spared,
}

/// One way in which a kind shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenAs {
    #[serde(default)]
    audit: Vec<String>,
    #[serde(default)]
    dataverse: Vec<i64>,
    #[serde(default)]
    date: Option<Date>,
    #[serde(default)]
    property: Vec<String>,
    #[serde(default)]
    mark: Vec<Mark>,
    #[serde(default)]
    unmarked: Vec<Mark>,
}

impl Catalogue {
    /// The built-in catalogue.
    ///
    /// # Errors
    ///
    /// A message with the line; a test keeps that from happening.
    pub fn builtin() -> Result<Self, String> {
        embedded::data("rules/timeline.yaml")
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    ///
    /// A message with the line when it is no YAML, holds an unknown key, mark, date or control, or lacks one.
    pub fn parse(text: &str) -> Result<Self, String> {
        embedded::value_of_yaml(text)
    }

    /// What is wrong with it beyond its form: codes that no table has, rules that do not exist, kinds that can never be
    /// seen or say nothing.
    pub fn complaints(&self, is_rule: impl Fn(&str) -> bool) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut complain = |place: &str, what: String| complaints.push(format!("{place}: {what}"));
        let effects = self.controls.iter().map(|(control, effect)| {
            (
                format!("{control:?}"),
                &effect.codes,
                &effect.rules,
                &effect.because,
            )
        });
        let kinds = self
            .changes
            .iter()
            .map(|kind| (kind.kind.clone(), &kind.codes, &kind.rules, &kind.because));
        for (place, codes, rules, because) in effects.chain(kinds) {
            for code in codes.iter().filter(|code| TABLES.known(code).is_none()) {
                complain(&place, format!("no table has the code {code}"));
            }
            for rule in rules.iter().filter(|rule| !is_rule(rule)) {
                complain(&place, format!("there is no rule {rule}"));
            }
            if codes.is_empty() != because.is_empty() {
                complain(
                    &place,
                    "codes need a `because`, and the other way round".to_owned(),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for kind in &self.changes {
            if !seen.insert(kind.kind.as_str()) {
                complain(&kind.kind, "given twice".to_owned());
            }
            let can_be_seen = |one: &SeenAs| {
                usize::from(!one.audit.is_empty())
                    + usize::from(!one.dataverse.is_empty())
                    + usize::from(one.date.is_some())
                    == 1
            };
            if kind.seen_as.is_empty() || !kind.seen_as.iter().all(can_be_seen) {
                complain(&kind.kind, "each `seen-as` names one source".to_owned());
            }
            let is_lower = |text: &String| *text == text.to_lowercase();
            let mut texts = kind
                .seen_as
                .iter()
                .flat_map(|one| one.audit.iter().chain(&one.property));
            if !texts.all(is_lower) {
                complain(
                    &kind.kind,
                    "activities and properties are in lower case".to_owned(),
                );
            }
            for part in &kind.part_of {
                if !self.changes.iter().any(|other| other.kind == *part) {
                    complain(&kind.kind, format!("there is no kind {part}"));
                }
            }
        }
        complaints
    }

    /// The kind of a record: the first that fits.
    pub(super) fn kind_of(&self, record: &Record) -> Option<&ChangeKind> {
        self.changes
            .iter()
            .find(|kind| kind.seen_as.iter().any(|one| one.fits(record)))
    }

    /// What would be gained by reading a section.
    pub(super) fn gain(&self, section: &str) -> String {
        self.words.gain.get(section).cloned().unwrap_or_default()
    }
}

impl Words {
    /// The sentence of a state.
    pub(super) fn state(&self, state: State) -> &str {
        match state {
            State::Working => &self.working,
            State::Recovered => &self.recovered,
            State::Failing => &self.failing,
            State::FailingThroughout => &self.failing_throughout,
            State::PartlyFailing => &self.partly_failing,
            State::Intermittent => &self.intermittent,
            State::NoSignIns => &self.no_sign_ins,
            State::Unknown => &self.unknown,
        }
    }

    /// A kind of sign-in in words.
    pub(super) fn kind(&self, kind: SignInKind) -> &str {
        self.kinds.get(&kind).map_or("", String::as_str)
    }
}

impl SeenAs {
    fn fits(&self, record: &Record) -> bool {
        let is_source = match &record.seen {
            Seen::Audit(activity) => self
                .audit
                .iter()
                .any(|start| activity.starts_with(start.as_str())),
            Seen::Dataverse(action) => self.dataverse.contains(action),
            Seen::Date(date) => self.date == Some(*date),
        };
        is_source
            && (self.property.is_empty() || self.property.iter().any(|name| record.properties.contains(name)))
            && self.mark.iter().all(|mark| record.marks.contains(mark))
            && !self.unmarked.iter().any(|mark| record.marks.contains(mark))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::Catalogue;
    use crate::rules::RuleBook;

    const BUILTIN: &str = include_str!("../../rules/timeline.yaml");

    #[test]
    fn the_built_in_catalogue_names_rules_and_codes_that_exist() {
        let book = RuleBook::builtin().unwrap();
        let complaints = Catalogue::builtin()
            .unwrap()
            .complaints(|id| book.find(id).is_some());
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    #[test]
    fn each_mistake_gets_a_complaint() {
        let book = RuleBook::builtin().unwrap();
        for (from, to, complaint) in [
            ("AADSTS50173", "AADSTS1", "no table has the code AADSTS1"),
            (
                "[account-at-risk]",
                "[account-at-rest]",
                "there is no rule account-at-rest",
            ),
            ("kind: row-enabled", "kind: row-disabled", "given twice"),
            ("{dataverse: [55]}", "{property: [x]}", "names one source"),
            (
                "part-of: [password-reset]",
                "part-of: [nothing]",
                "there is no kind nothing",
            ),
            ("\"enable account\"", "\"Enable account\"", "lower case"),
        ] {
            let text = BUILTIN.replacen(from, to, 1);
            assert_ne!(text, BUILTIN, "{from}");
            let found = Catalogue::parse(&text)
                .unwrap()
                .complaints(|id| book.find(id).is_some())
                .join("\n");
            assert!(found.contains(complaint), "{complaint}: {found}");
        }
    }

    #[test]
    fn unknown_keys_marks_dates_and_controls_are_refused_with_a_place() {
        for (from, to) in [
            ("mark: [fewer]", "mark: [less]"),
            ("date: risk-detected", "date: somehow"),
            ("  session:\n", "  seance:\n"),
            ("by-controls: true", "by-control: true"),
        ] {
            let text = BUILTIN.replacen(from, to, 1);
            assert_ne!(text, BUILTIN, "{from}");
            assert!(Catalogue::parse(&text).unwrap_err().contains("line"), "{to}");
        }
    }
}
