//! The questions that a person can answer, read from `rules/ask/questions.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::embedded;
use crate::facts::{self, FactId, FactValue, Facts};
use crate::profile::Profile;

/// How far a person can see. Each rung includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// Whoever saw the failure.
    None,
    /// Who works in Work 365.
    #[default]
    User,
    /// Helpdesk or License Administrator in the tenant.
    Helpdesk,
    /// System Administrator of the environment.
    Dynamics,
    /// Global Reader or Global Administrator.
    Global,
}

impl Rung {
    /// All rungs, lowest first.
    pub const ALL: [Rung; 5] = [
        Rung::None,
        Rung::User,
        Rung::Helpdesk,
        Rung::Dynamics,
        Rung::Global,
    ];

    /// The word of `--rights`.
    pub fn name(self) -> &'static str {
        match self {
            Rung::None => "none",
            Rung::User => "user",
            Rung::Helpdesk => "helpdesk",
            Rung::Dynamics => "dynamics",
            Rung::Global => "global",
        }
    }

    /// Who stands on it, in words.
    pub fn person(self) -> &'static str {
        match self {
            Rung::None => "whoever saw the failure",
            Rung::User => "somebody who works in Work 365",
            Rung::Helpdesk => "a Helpdesk or License Administrator",
            Rung::Dynamics => "a System Administrator of the environment",
            Rung::Global => "a Global Reader or Global Administrator",
        }
    }
}

/// A form in which an answer can be typed, beside those that are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Free {
    /// The error as it was shown: it is decoded on the spot.
    Error,
    /// A whole number.
    Number,
    /// A point in time, RFC 3339 or a date.
    Time,
    /// Names, separated by commas.
    Texts,
    /// The result of a job as it is shown: it is decoded on the spot.
    JobResult,
}

/// One listed answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// The fact's value.
    pub value: FactValue,
    /// What a person sees there.
    pub label: String,
    /// Facts that the same look settles.
    pub implies: Vec<(FactId, FactValue)>,
}

/// One question: it sets one fact.
#[derive(Debug, PartialEq)]
pub struct Question {
    /// Its name everywhere.
    pub id: String,
    /// The fact that its answer sets.
    pub fact: FactId,
    /// The question.
    pub text: String,
    /// Where a person sees the answer.
    pub places: Vec<String>,
    /// The lowest rung that sees it.
    pub who: Rung,
    /// What the look costs, in minutes, at least 1.
    pub minutes: u32,
    /// Facts that whoever can answer it has seen, whatever the answer is.
    pub shows: Vec<(FactId, FactValue)>,
    /// Whether the error alone answers it: where its code implies the fact, nobody needs to look.
    pub told_by_error: bool,
    /// The profiles under which it is asked; all where none is named.
    profiles: Vec<Profile>,
    /// How an answer can be typed.
    pub free: Option<Free>,
    /// The answers that are listed.
    pub answers: Vec<Choice>,
}

impl Question {
    /// The facts that an answer settles: its own, and those that the same look shows.
    pub fn settles(&self, value: &FactValue) -> Vec<(FactId, FactValue)> {
        let listed = self.answers.iter().find(|choice| choice.value == *value);
        let mut settled = vec![(self.fact, value.clone())];
        settled.extend(
            listed
                .into_iter()
                .flat_map(|choice| choice.implies.iter().cloned()),
        );
        settled.extend(self.shows.iter().cloned());
        if self.free == Some(Free::JobResult) {
            settled.extend(refusal_in(value));
        }
        settled
    }

    /// Whether its fact is not known, or only implied by an error that does not prove it.
    pub(super) fn is_open(&self, facts: &Facts<'_>) -> bool {
        facts.get(self.fact).is_err() || (!self.told_by_error && facts.is_implied(self.fact))
    }

    /// Whether it is asked under this profile.
    pub(super) fn is_for(&self, profile: Profile) -> bool {
        self.profiles.is_empty() || self.profiles.contains(&profile)
    }

    /// The answer in words: the label of a listed one, else the value itself.
    pub fn in_words(&self, value: &FactValue) -> String {
        self.answers
            .iter()
            .find(|choice| choice.value == *value)
            .map(|choice| choice.label.clone())
            .or_else(|| value.in_words())
            .unwrap_or_else(|| "none".to_owned())
    }
}

/// The refused sign-in that the codes of a job's result tell of.
fn refusal_in(codes: &FactValue) -> Option<(FactId, FactValue)> {
    let FactValue::Texts(codes) = codes else {
        return None;
    };
    let number = codes.first()?.strip_prefix("AADSTS")?.parse().ok()?;
    Some((facts::find("attempt.code")?, FactValue::Int(number)))
}

/// All questions, in the order of the file.
#[derive(Debug, Default)]
pub struct Questions {
    list: Vec<Question>,
    by_id: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    questions: Vec<QuestionRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionRow {
    id: String,
    fact: String,
    text: String,
    #[serde(rename = "where")]
    places: Vec<String>,
    who: Rung,
    minutes: u32,
    #[serde(default)]
    shows: BTreeMap<String, Value>,
    #[serde(default, rename = "told-by-error")]
    told_by_error: bool,
    #[serde(default)]
    profiles: Vec<Profile>,
    #[serde(default)]
    free: Option<Free>,
    answers: Vec<ChoiceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceRow {
    value: Value,
    label: String,
    #[serde(default)]
    implies: BTreeMap<String, Value>,
}

const PATH: &str = "rules/ask/questions.yaml";

impl Questions {
    /// The built-in questions.
    pub fn builtin() -> &'static Questions {
        // A test reads the file with `read`, so that a mistake in it cannot be shipped.
        static QUESTIONS: LazyLock<Questions> = LazyLock::new(|| Questions::read().unwrap_or_default());
        &QUESTIONS
    }

    fn read() -> Result<Self, String> {
        let file: File = embedded::data(PATH)?;
        let list = file
            .questions
            .into_iter()
            .map(question)
            .collect::<Result<Vec<_>, _>>()?;
        let by_id = list
            .iter()
            .enumerate()
            .map(|(position, question)| (question.id.clone(), position))
            .collect();
        Ok(Self { list, by_id })
    }

    /// All of them.
    pub fn all(&self) -> &[Question] {
        &self.list
    }

    /// The question about this fact.
    pub(super) fn about(&self, fact: FactId) -> Option<&Question> {
        self.list.iter().find(|question| question.fact == fact)
    }

    /// The question of this id.
    pub fn find(&self, id: &str) -> Option<&Question> {
        self.by_id.get(id).map(|position| &self.list[*position])
    }

    /// The id that looks most like `id`.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        self.list
            .iter()
            .map(|question| (strsim::jaro_winkler(id, &question.id), question.id.as_str()))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, id)| id)
    }
}

/// Facts by name with their values.
fn values(rows: &BTreeMap<String, Value>) -> Result<Vec<(FactId, FactValue)>, String> {
    let value = |(name, value): (&String, &Value)| {
        let fact = facts::find(name).ok_or_else(|| format!("no fact is called `{name}`"))?;
        let value = fact
            .value_of_json(value)
            .ok_or_else(|| format!("{value} is no value of `{name}`"))?;
        Ok((fact, value))
    };
    rows.iter().map(value).collect()
}

fn question(row: QuestionRow) -> Result<Question, String> {
    let place = row.id.clone();
    let complain = |what: &str| format!("question `{place}`: {what}");
    let fact =
        facts::find(&row.fact).ok_or_else(|| complain(&format!("no fact is called `{}`", row.fact)))?;
    let answers = row
        .answers
        .into_iter()
        .map(|row| {
            let value = fact
                .value_of_json(&row.value)
                .ok_or_else(|| complain(&format!("{} is no value of its fact", row.value)))?;
            let implies = values(&row.implies).map_err(|fault| complain(&fault))?;
            Ok(Choice {
                value,
                label: row.label,
                implies,
            })
        })
        .collect::<Result<Vec<_>, String>>()?;
    if row.minutes == 0 {
        return Err(complain("a look takes at least a minute"));
    }
    Ok(Question {
        id: row.id,
        fact,
        text: row.text,
        places: row.places,
        who: row.who,
        minutes: row.minutes,
        shows: values(&row.shows).map_err(|fault| complain(&fault))?,
        told_by_error: row.told_by_error,
        profiles: row.profiles,
        free: row.free,
        answers,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Questions;
    use crate::ask::causes::can_be_root;
    use crate::embedded;
    use crate::profile::Profile;
    use crate::rules::RuleBook;

    #[test]
    fn the_built_in_questions_are_sound() {
        let questions = Questions::read().unwrap();
        assert!(questions.all().len() >= 70);
        let mut facts = BTreeSet::new();
        for question in questions.all() {
            for profile in Profile::ALL.into_iter().filter(|one| question.is_for(*one)) {
                assert!(
                    facts.insert((question.fact, profile)),
                    "{} asks for a fact twice",
                    question.id
                );
            }
            assert!(question.text.ends_with(['?', '.']), "{}", question.id);
            assert!(!question.places.is_empty(), "{}", question.id);
            assert!(
                question.answers.len() >= 2 || question.free.is_some(),
                "{} has no choice",
                question.id
            );
            let mut values = Vec::new();
            for choice in &question.answers {
                assert!(!values.contains(&&choice.value), "{}", question.id);
                values.push(&choice.value);
            }
        }
        assert_eq!(questions.by_id.len(), questions.list.len());
    }

    /// `rules/ask/unasked.yaml`.
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Unasked {
        /// When somebody last looked.
        checked: String,
        /// Why, by fact.
        facts: BTreeMap<String, String>,
    }

    #[test]
    fn every_fact_that_a_root_cause_needs_is_asked_for_or_it_is_said_why_not() {
        let unasked: Unasked = embedded::data("rules/ask/unasked.yaml").unwrap();
        assert!(unasked.checked.parse::<jiff::civil::Date>().is_ok());
        let asked: BTreeSet<_> = Questions::builtin()
            .all()
            .iter()
            .map(|question| question.fact)
            .collect();
        let book = RuleBook::builtin().unwrap();
        let mut open = BTreeSet::new();
        for rule in book.rules() {
            let is_root = Profile::ALL.into_iter().any(|profile| can_be_root(rule, profile));
            let needed = rule.when.facts().iter().filter(|_| is_root);
            let unmet = needed.filter(|fact| !asked.contains(fact));
            open.extend(unmet.map(|fact| fact.definition().name));
        }
        let said: BTreeSet<&str> = unasked.facts.keys().map(String::as_str).collect();
        assert_eq!(
            open, said,
            "left: no question; right: a reason in rules/ask/unasked.yaml"
        );
        assert!(unasked.facts.values().all(|reason| reason.len() > 20));
    }
}
