//! A question as documents and reports hold it: everything that a person needs to answer it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::questions::{Free, Question, Rung};

/// A question with everything that a person needs to answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AskQuestion {
    /// Its id, for an answers file.
    pub id: String,
    /// The fact that the answer sets.
    pub fact: String,
    /// The question.
    pub text: String,
    /// Where a person sees the answer.
    pub r#where: Vec<String>,
    /// The lowest rung that sees it.
    pub who: Rung,
    /// What the look costs, in minutes.
    pub minutes: u32,
    /// The usual answers.
    pub answers: Vec<AskChoice>,
    /// The form in which another answer can be given; null when the listed ones are all.
    pub free: Option<Free>,
    /// The causes that the answer establishes or excludes.
    pub separates: Vec<String>,
}

/// A usual answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AskChoice {
    /// The fact's value.
    pub value: Value,
    /// What a person sees there.
    pub label: String,
}

impl AskQuestion {
    /// A question, and the causes that its answers tell apart.
    pub fn of(question: &Question, separates: Vec<String>) -> Self {
        Self {
            id: question.id.clone(),
            fact: question.fact.definition().name.to_owned(),
            text: question.text.clone(),
            r#where: question.places.clone(),
            who: question.who,
            minutes: question.minutes,
            answers: question
                .answers
                .iter()
                .map(|choice| AskChoice {
                    value: serde_json::json!(choice.value),
                    label: choice.label.clone(),
                })
                .collect(),
            free: question.free,
            separates,
        }
    }
}
