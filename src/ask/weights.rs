//! How often each cause is behind a symptom, read from `rules/ask/priors.yaml`, and the team's own closed cases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::decode::{Decoded, decode_text};
use crate::embedded;
use crate::facts::{self, FactValue, Facts};

/// A weight for each cause: larger is asked about earlier. No probability of truth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights(BTreeMap<String, f64>);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    base: Row,
    symptoms: BTreeMap<String, Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    weights: BTreeMap<String, f64>,
}

/// What a cause weighs that nothing speaks for and nothing speaks against.
const UNNAMED: f64 = 1.0;

/// How much heavier a cause becomes when the error that was seen is listed by its rule.
const NAMED_BY_THE_ERROR: f64 = 25.0;

/// What one closed case of the team weighs: as much as the most frequent cause of public reports. Twenty cases of one's
/// own outweigh what others met.
const OF_A_CLOSED_CASE: f64 = 4.0;

/// The rules that a decoded text's primary error stands for.
pub fn rules_of(decoded: &Decoded) -> Vec<String> {
    decoded
        .primary_error()
        .map(|error| error.rules.clone())
        .unwrap_or_default()
}

const PATH: &str = "rules/ask/priors.yaml";

impl Weights {
    /// The weights for a symptom, or without one.
    pub fn of(symptom: Option<&str>) -> Self {
        // A test reads the file, so that a mistake in it cannot be shipped.
        static FILE: LazyLock<File> = LazyLock::new(|| embedded::data(PATH).unwrap_or_default());
        let row = symptom.and_then(|symptom| FILE.symptoms.get(symptom));
        Self(row.unwrap_or(&FILE.base).weights.clone())
    }

    /// The weights of one case: its symptom, the error that was seen, and the codes that the facts hold.
    pub fn of_case(symptom: Option<&str>, error: Option<&Decoded>, facts: &Facts<'_>) -> Self {
        let seen: Vec<String> = error.into_iter().flat_map(rules_of).collect();
        Self::of(symptom)
            .with_error(seen.iter().map(String::as_str))
            .with_codes(facts)
    }

    /// The same, with the causes that an error's code stands for made heavier.
    #[must_use]
    pub fn with_error<'a>(mut self, rules: impl IntoIterator<Item = &'a str>) -> Self {
        for rule in rules {
            let weight = self.get(rule) + NAMED_BY_THE_ERROR;
            self.0.insert(rule.to_owned(), weight);
        }
        self
    }

    /// The same, with the codes that the sign-in facts hold taken as errors that were seen.
    #[must_use]
    pub fn with_codes(self, facts: &Facts<'_>) -> Self {
        let codes = ["attempt.code", "sign_in.code", "token.code", "credential.code"];
        let rules: BTreeSet<String> = codes
            .into_iter()
            .filter_map(|name| match facts.get(facts::find(name)?) {
                Ok(FactValue::Int(code)) if *code != 0 => Some(*code),
                _ => None,
            })
            .flat_map(|code| rules_of(&decode_text(format!("AADSTS{code}").as_bytes())))
            .collect();
        self.with_error(rules.iter().map(String::as_str))
    }

    /// The same, with the team's own closed cases: cause and how often.
    #[must_use]
    pub fn with_cases<'a>(mut self, cases: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        for (cause, count) in cases {
            let weight = self.get(cause) + OF_A_CLOSED_CASE * f64::from(count);
            self.0.insert(cause.to_owned(), weight);
        }
        self
    }

    /// What a cause weighs.
    pub fn get(&self, cause: &str) -> f64 {
        self.0.get(cause).copied().unwrap_or(UNNAMED)
    }

    /// Whether the symptom names the cause.
    pub fn names(&self, cause: &str) -> bool {
        self.0.contains_key(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::{File, PATH, Weights};
    use crate::ask::Symptoms;
    use crate::ask::causes::can_be_root;
    use crate::embedded;
    use crate::profile::Profile;
    use crate::rules::RuleBook;

    #[test]
    fn the_built_in_weights_name_symptoms_and_rules() {
        let file: File = embedded::data(PATH).unwrap();
        let book = RuleBook::builtin().unwrap();
        for symptom in Symptoms::builtin().all() {
            assert!(
                file.symptoms.contains_key(&symptom.id),
                "{} has no weights",
                symptom.id
            );
        }
        assert_eq!(file.symptoms.len(), Symptoms::builtin().all().len());
        let rows = file.symptoms.values().chain([&file.base]);
        for (cause, weight) in rows.flat_map(|row| &row.weights) {
            assert!(*weight > 0.0, "{cause}");
            assert!(book.find(cause).is_some(), "no rule is called {cause}");
        }
    }

    #[test]
    fn every_cause_is_named_by_a_symptom() {
        let book = RuleBook::builtin().unwrap();
        let rows: Vec<Weights> = Symptoms::builtin()
            .all()
            .iter()
            .map(|symptom| Weights::of(Some(&symptom.id)))
            .collect();
        let unnamed: Vec<&str> = book
            .rules()
            .iter()
            .filter(|rule| Profile::ALL.into_iter().any(|profile| can_be_root(rule, profile)))
            .filter(|rule| !rows.iter().any(|row| row.names(&rule.id)))
            .map(|rule| rule.id.as_str())
            .collect();
        assert!(unnamed.is_empty(), "no symptom leads to {unnamed:?}");
    }

    #[test]
    fn an_error_and_closed_cases_make_a_cause_heavier() {
        let plain = Weights::of(Some("reset-fails"));
        let more = plain
            .clone()
            .with_error(["mfa-per-user"])
            .with_cases([("app-disabled", 3)]);
        assert!(more.get("mfa-per-user") > plain.get("mfa-per-user"));
        assert!(more.get("app-disabled") > plain.get("app-disabled"));
        assert!(plain.names("mfa-per-user") && !plain.names("app-disabled"));
    }
}
