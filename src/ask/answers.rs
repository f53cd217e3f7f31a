//! What a person answered: the file of `--answers` and `--save`, and the section `answers` of a snapshot.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::questions::Questions;
use crate::facts::{ANSWERS, FactId};
use crate::json_reader;
use crate::snapshot::Snapshot;

/// The `schema` of an answers file.
pub const SCHEMA: &str = "work365-doctor/answers/v1";

/// What a person answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersFile {
    /// Always [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The symptom that the interview began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// The answers, in the order in which they were given.
    pub answers: Vec<Answer>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The question's id.
    pub question: String,
    /// A value of the question's fact; null without a value.
    #[serde(default)]
    pub value: Value,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<NoAnswer>,
    /// When it was given, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Why a question has no answer. Neither excludes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoAnswer {
    /// The person may not look there.
    CannotSee,
    /// The person looked, or cannot look, and does not know.
    Unknown,
}

/// What is wrong with answers.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AnswersError {
    /// No JSON, or not of this shape.
    #[error("it is no answers file: {0}; `work365-doctor ask --save FILE` writes one")]
    Shape(String),
    /// Another document.
    #[error("its schema is `{0}`, not `{SCHEMA}`")]
    Schema(String),
    /// No such question.
    #[error("answer {position}: no question is called `{id}`{}; `work365-doctor ask --list` prints them", suggestion.as_ref().map(|id| format!(", did you mean `{id}`?")).unwrap_or_default())]
    Question {
        /// Which answer, from 1.
        position: usize,
        /// As written.
        id: String,
        /// The nearest known one.
        suggestion: Option<String>,
    },
    /// The value does not fit the fact.
    #[error("answer {position}: {value} is no answer to `{id}`, which wants {wanted}")]
    Value {
        /// Which answer, from 1.
        position: usize,
        /// The question.
        id: String,
        /// As written.
        value: String,
        /// The fact's type.
        wanted: String,
    },
}

impl AnswersFile {
    /// Answers without one.
    pub fn new(symptom: Option<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            symptom,
            answers: Vec::new(),
        }
    }

    /// Reads and checks an answers file (UTF-8, with or without a byte order mark).
    ///
    /// # Errors
    ///
    /// [`AnswersError`] says which answer is wrong and why.
    pub fn from_bytes(bytes: &[u8], questions: &Questions) -> Result<Self, AnswersError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let file: Self =
            json_reader::from_bytes(bytes).map_err(|error| AnswersError::Shape(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(AnswersError::Schema(file.schema));
        }
        for (index, answer) in file.answers.iter().enumerate() {
            let position = index + 1;
            let Some(question) = questions.find(&answer.question) else {
                return Err(AnswersError::Question {
                    position,
                    id: answer.question.clone(),
                    suggestion: questions.nearest(&answer.question).map(str::to_owned),
                });
            };
            if answer.why.is_none() && question.fact.value_of_json(&answer.value).is_none() {
                return Err(AnswersError::Value {
                    position,
                    id: answer.question.clone(),
                    value: answer.value.to_string(),
                    wanted: question.fact.definition().kind.wanted(),
                });
            }
        }
        Ok(file)
    }

    /// The answers that a snapshot holds.
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        snapshot
            .section(ANSWERS)
            .and_then(|section| section.body.as_ref())
            .and_then(|body| serde_json::from_str(body.get()).ok())
            .map_or_else(|| Self::new(None), |body| Self::of_section(&body))
    }

    /// The answers of a snapshot's section `answers`; what is not of its shape is left out.
    pub fn of_section(body: &Value) -> Self {
        let rows = body.get("answers").and_then(Value::as_array);
        let answers = rows.into_iter().flatten().filter_map(|row| {
            Some(Answer {
                question: row.get("question")?.as_str()?.to_owned(),
                value: row.get("value").cloned().unwrap_or_default(),
                why: row
                    .get("why")
                    .and_then(|why| serde_json::from_value(why.clone()).ok()),
                at: row.get("at").and_then(Value::as_str).map(str::to_owned),
            })
        });
        Self {
            answers: answers.collect(),
            ..Self::new(None)
        }
    }

    /// These answers after those of `older`: a question that both answer is answered by this.
    #[must_use]
    pub fn over(mut self, older: Self) -> Self {
        let mut answers: Vec<Answer> = older
            .answers
            .into_iter()
            .filter(|old| !self.answers.iter().any(|answer| answer.question == old.question))
            .collect();
        answers.append(&mut self.answers);
        self.answers = answers;
        self.symptom = self.symptom.or(older.symptom);
        self
    }

    /// Answers a question, in place of an earlier answer.
    pub fn put(&mut self, answer: Answer) {
        self.answers.retain(|old| old.question != answer.question);
        self.answers.push(answer);
    }

    /// The questions that are off the list, answered or not.
    pub fn asked(&self) -> BTreeSet<&str> {
        self.answers
            .iter()
            .map(|answer| answer.question.as_str())
            .collect()
    }

    /// The body of the section `answers`: each answer with its fact, and the facts that the same look settles.
    pub fn section_body(&self, questions: &Questions, now: jiff::Timestamp) -> Value {
        let mut rows = Vec::new();
        let mut last: Vec<&Answer> = Vec::new();
        for answer in &self.answers {
            last.retain(|old| old.question != answer.question);
            last.push(answer);
        }
        let answered: BTreeSet<FactId> = last
            .iter()
            .filter(|answer| answer.why.is_none())
            .filter_map(|answer| questions.find(&answer.question))
            .map(|question| question.fact)
            .collect();
        for answer in last {
            let Some(question) = questions.find(&answer.question) else {
                continue;
            };
            let at = answer.at.clone().unwrap_or_else(|| now.to_string());
            if let Some(why) = answer.why {
                rows.push(json!({
                    "question": answer.question, "fact": question.fact.definition().name,
                    "value": null, "why": why, "at": at,
                }));
                continue;
            }
            let Some(value) = question.fact.value_of_json(&answer.value) else {
                continue;
            };
            // An answer wins over what another answer implies.
            let wins = |fact: &FactId| *fact == question.fact || !answered.contains(fact);
            for (fact, value) in question
                .settles(&value)
                .into_iter()
                .filter(|(fact, _)| wins(fact))
            {
                rows.push(json!({
                    "question": answer.question, "fact": fact.definition().name, "value": value, "at": at,
                }));
            }
        }
        json!({ "answers": rows })
    }
}

#[cfg(test)]
mod tests {
    use super::{AnswersError, AnswersFile};
    use crate::ask::Questions;

    fn read(text: &str) -> Result<AnswersFile, AnswersError> {
        AnswersFile::from_bytes(text.as_bytes(), Questions::builtin())
    }

    #[test]
    fn answers_are_checked_with_their_place() {
        let good = r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"user-row-access-mode","value":3},
            {"question":"sign-in-error","value":null,"why":"cannot-see"},{"question":"business-unit-moved","value":null}]}"#;
        assert_eq!(
            read(good).unwrap().answers.len(),
            3,
            "any value of the type is an answer"
        );
        let wrong = [
            ("[]", "no answers file"),
            (r#"{"schema":"x","answers":[]}"#, "its schema is `x`"),
            (
                r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"user-row-acces-mode","value":1}]}"#,
                "answer 1: no question is called `user-row-acces-mode`, did you mean `user-row-access-mode`?",
            ),
            (
                r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"user-row-access-mode","value":"Read"}]}"#,
                "answer 1: \"Read\" is no answer to `user-row-access-mode`, which wants a whole number",
            ),
            (
                r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"user-row-exists","value":null}]}"#,
                "null is no answer",
            ),
        ];
        for (text, complaint) in wrong {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn the_section_holds_the_last_answer_and_what_the_same_look_settles() {
        let file = read(
            r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"no-roles","value":false},{"question":"no-roles","value":true}]}"#,
        )
        .unwrap();
        let body = file.section_body(Questions::builtin(), jiff::Timestamp::UNIX_EPOCH);
        let rows = body["answers"].as_array().unwrap();
        assert_eq!(rows[0]["value"], true);
        assert!(
            rows.iter()
                .any(|row| row["fact"] == "roles.system_administrator" && row["value"] == false)
        );
        let again = AnswersFile::of_section(&body);
        assert_eq!(again.asked().into_iter().collect::<Vec<_>>(), ["no-roles"]);
    }
}
