//! What was seen: the symptom that somebody names or tells, and the list of all symptoms and questions.

use crate::ask::AskQuestion;
use crate::ask::{Questions, Symptoms};
use crate::render::pages::ask::{AskList, LIST_SCHEMA, ListedSymptom};

/// A word that is no symptom's id, and no words of somebody's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no symptom is called `{said}`{}; `work365-doctor ask --list` prints them", nearest.as_ref().map(|id| format!(", did you mean `{id}`?")).unwrap_or_default())]
pub(crate) struct UnknownSymptom {
    said: String,
    nearest: Option<String>,
}

/// Every symptom and question.
pub(crate) fn list() -> AskList {
    AskList {
        schema: LIST_SCHEMA,
        symptoms: Symptoms::builtin()
            .all()
            .iter()
            .map(|symptom| ListedSymptom {
                id: symptom.id.clone(),
                title: symptom.title.clone(),
                means: symptom.means.clone(),
            })
            .collect(),
        questions: Questions::builtin()
            .all()
            .iter()
            .map(|question| AskQuestion::of(question, Vec::new()))
            .collect(),
    }
}

/// The id of the symptom that is named, or that the words tell; none when words tell none.
///
/// # Errors
///
/// A single word that is no id.
pub(crate) fn symptom_of(said: &str) -> Result<Option<String>, UnknownSymptom> {
    let symptoms = Symptoms::builtin();
    if let Some(symptom) = symptoms.find(said).or_else(|| symptoms.recognise(said)) {
        return Ok(Some(symptom.id.clone()));
    }
    if said.trim().contains(char::is_whitespace) {
        return Ok(None);
    }
    let nearest = symptoms
        .all()
        .iter()
        .map(|symptom| (strsim::jaro_winkler(said, &symptom.id), &symptom.id))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    Err(UnknownSymptom {
        said: said.to_owned(),
        nearest: nearest.map(|(_, id)| id.clone()),
    })
}
