//! What to look at next when the evidence does not settle the case: the looks that tell most for their minutes.

use jiff::Timestamp;

use super::Doctor;
use crate::ask::{AnswersFile, AskQuestion, Consultation, Rung, Weights};
use crate::decode::Decoded;
use crate::facts::Facts;
use crate::profile::Profile;

/// The best looks, best first, whoever can make them: each says who.
pub(super) fn next_looks(
    doctor: &Doctor,
    facts: &Facts<'_>,
    profile: Profile,
    now: Timestamp,
    error: Option<&Decoded>,
) -> Vec<AskQuestion> {
    let answers = facts
        .context()
        .map(|context| AnswersFile::of_snapshot(context.snapshot))
        .unwrap_or_default();
    let weights = Weights::of_case(answers.symptom.as_deref(), error, facts);
    let consultation = Consultation {
        book: doctor.book(),
        facts,
        profile,
        now,
        weights: &weights,
        rights: Rung::Global,
        asked: answers.asked(),
    };
    let step = consultation.step();
    let best = step.question.into_iter().chain(step.then);
    best.map(|(question, separates)| {
        AskQuestion::of(question, separates.into_iter().map(str::to_owned).collect())
    })
    .collect()
}
