//! An interview as it stands: the evidence, the answers so far, and the step that follows from them (`ask/v1`).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ask::{
    Answer, AnswersFile, AskQuestion, Cause, Consultation, Questions, Rung, Standing, State, Step, Symptoms,
    Weights, rules_of,
};
use crate::decode::Decoded;
use crate::diagnosis::report::Report;
use crate::diagnosis::{self, Doctor, Refusal, Selection};
use crate::facts::{self, Context, Expectations, Facts};
use crate::profile::{Choice, Profile};
use crate::remedy::Remedy;
use crate::render::pages::ask::{AskCause, AskNext, AskState, AskStep, SCHEMA};
use crate::rules::Severity;
use crate::snapshot::{self, Snapshot, SnapshotError};

/// How often each cause was behind a symptom in cases that are closed.
pub(crate) trait ClosedCases {
    /// The counts for this symptom; without one, for any.
    fn counts(&self, symptom: Option<&str>) -> Vec<(&str, u32)>;
}

/// Everything that the next step follows from.
pub(crate) struct Interview<'a> {
    pub(crate) doctor: &'a Doctor,
    /// The evidence; the answers are put into it.
    pub(crate) snapshot: Snapshot,
    pub(crate) now: Timestamp,
    /// Whose guidance is asked for. Which one that is can change with an answer.
    pub(crate) choice: Choice,
    pub(crate) expectations: &'a Expectations,
    pub(crate) error: Option<Decoded>,
    pub(crate) symptom: Option<String>,
    /// What was behind earlier cases, where somebody keeps them.
    pub(crate) cases: Option<&'a dyn ClosedCases>,
    pub(crate) rights: Rung,
    pub(crate) answers: AnswersFile,
}

/// A snapshot in which nothing was read.
///
/// # Errors
///
/// None is known: the document is made here.
pub(crate) fn nothing(now: Timestamp) -> Result<Snapshot, SnapshotError> {
    let document = json!({
        "schema": snapshot::SCHEMA, "captured_at": now.to_string(), "redacted": false,
        "subject": {"account": ""}, "sections": {},
    });
    Snapshot::from_bytes(document.to_string().as_bytes())
}

/// The snapshot with what a person reported: the answers given win over those that it holds.
pub(crate) fn with_answers(mut snapshot: Snapshot, given: &AnswersFile) -> Snapshot {
    let now = snapshot.captured_at;
    let answers = given.clone().over(AnswersFile::of_snapshot(&snapshot));
    let body = answers.section_body(Questions::builtin(), now);
    snapshot.put(facts::ANSWERS, &body, now);
    snapshot
}

/// The same in the document of a snapshot: everything else in it stays as it was written.
///
/// # Errors
///
/// The document is no snapshot.
pub(crate) fn put_answers(document: &mut Value, given: &AnswersFile) -> Result<(), SnapshotError> {
    let snapshot = Snapshot::from_bytes(document.to_string().as_bytes())?;
    let snapshot = with_answers(snapshot, given);
    let section = snapshot.section(facts::ANSWERS).map(|section| {
        let body = section.body.as_ref().map(|body| body.get());
        json!({
            "outcome": "ok",
            "read_at": section.read_at,
            "http_status": null,
            "body": body.and_then(|body| serde_json::from_str::<Value>(body).ok()),
        })
    });
    let sections = document.get_mut("sections").and_then(Value::as_object_mut);
    if let (Some(sections), Some(section)) = (sections, section) {
        sections.insert(facts::ANSWERS.to_owned(), section);
    }
    Ok(())
}

impl From<State> for AskState {
    fn from(state: State) -> Self {
        match state {
            State::Asking => AskState::Asking,
            State::Settled => AskState::Settled,
            State::Exhausted => AskState::Exhausted,
        }
    }
}

impl Interview<'_> {
    /// Notes an answer, in place of an earlier one to the same question.
    pub(crate) fn answer(&mut self, answer: Answer) {
        self.answers.put(answer);
    }

    /// The answers as they are kept, to go on later.
    pub(crate) fn kept(&mut self) -> &AnswersFile {
        self.answers.symptom.clone_from(&self.symptom);
        &self.answers
    }

    /// The step as a document.
    pub(crate) fn step(&mut self) -> AskStep {
        let answers = self.answers.section_body(Questions::builtin(), self.now);
        self.snapshot.put(facts::ANSWERS, &answers, self.now);
        let told = self.told_profile();
        let profile = told.unwrap_or_else(|| self.profile_of_symptom());
        let context = Context::new(&self.snapshot, self.expectations, profile, self.now);
        let facts = Facts::of(context.with_error(self.error.as_ref()));
        let weights = self.weights(&facts);
        let consultation = Consultation {
            book: self.doctor.book(),
            facts: &facts,
            profile,
            now: self.now,
            weights: &weights,
            rights: self.rights,
            asked: self.answers.asked(),
        };
        let step = consultation.step();
        // What `check` says of the same evidence; a symptom alone names a profile.
        let choice = told.map_or(profile.into(), |_| self.choice);
        self.document(step, profile, choice, &facts, &weights)
    }

    /// The guidance that the symptom speaks for.
    fn profile_of_symptom(&self) -> Profile {
        let symptom = self
            .symptom
            .as_deref()
            .and_then(|id| Symptoms::builtin().find(id));
        symptom.and_then(|symptom| symptom.speaks_for).unwrap_or_default()
    }

    /// The guidance that the evidence, the answers and the error speak for, or that was named.
    fn told_profile(&self) -> Option<Profile> {
        self.doctor.profile_of(
            &self.snapshot,
            self.choice,
            self.expectations,
            self.error.as_ref(),
            Some(self.now),
        )
    }

    fn weights(&self, facts: &Facts<'_>) -> Weights {
        let cases = self.cases.map(|cases| cases.counts(self.symptom.as_deref()));
        Weights::of_case(self.symptom.as_deref(), self.error.as_ref(), facts)
            .with_cases(cases.unwrap_or_default())
    }

    fn report(&self, choice: Choice) -> Report {
        let question = diagnosis::Question {
            profile: choice,
            now: Some(self.now),
            expectations: self.expectations,
            fail_on: Severity::Medium,
            selection: &Selection::default(),
            error: self.error.as_ref(),
            acceptances: &[],
        };
        self.doctor.diagnose(&self.snapshot, &question).report
    }

    fn document(
        &self,
        step: Step<'_>,
        profile: Profile,
        choice: Choice,
        facts: &Facts<'_>,
        weights: &Weights,
    ) -> AskStep {
        let state = AskState::from(step.state);
        let causes = self.causes(&step, facts, weights);
        // While there is something to ask, nobody reads a diagnosis.
        let report = (state != AskState::Asking).then(|| self.report(choice));
        let message = report.as_ref().map(|report| self.message(&step, report, facts));
        let behind = step.causes.behind_the_roots();
        let behind = behind.iter().map(|cause| cause.rule.id.clone()).collect();
        AskStep {
            schema: SCHEMA,
            profile,
            state,
            symptom: self.symptom.clone(),
            causes,
            behind,
            question: step.question.map(|(question, separates)| {
                AskQuestion::of(question, separates.into_iter().map(str::to_owned).collect())
            }),
            then: step
                .then
                .iter()
                .map(|(question, _)| AskNext::of(question))
                .collect(),
            beyond: step.beyond.into_iter().map(AskNext::of).collect(),
            answers: self.answers.answers.clone(),
            asked: self.answers.answers.len(),
            diagnosis: report.map(|report| report.diagnosis),
            message,
        }
    }

    /// Root causes first, then what they explain, then the causes that are left, by weight, then the excluded ones.
    fn causes(&self, step: &Step<'_>, facts: &Facts<'_>, weights: &Weights) -> Vec<AskCause> {
        let is_left = |cause: &&Cause<'_>| cause.standing != Standing::Excluded;
        let sum: f64 = step
            .causes
            .all()
            .iter()
            .filter(is_left)
            .map(|cause| weights.get(&cause.rule.id))
            .sum();
        let mut causes: Vec<AskCause> = step
            .causes
            .all()
            .iter()
            .map(|cause| AskCause {
                id: cause.rule.id.clone(),
                standing: cause.standing,
                expectation: cause.rule.expectation.render_open(),
                weight: match cause.standing {
                    Standing::Excluded => 0.0,
                    _ => rounded(weights.get(&cause.rule.id) / sum),
                },
                because: self.because(cause, facts, weights),
            })
            .collect();
        let roots: Vec<&str> = step.causes.roots().map(|cause| cause.rule.id.as_str()).collect();
        let rank = |cause: &AskCause| match cause.standing {
            Standing::Established if roots.contains(&cause.id.as_str()) => 0,
            Standing::Established => 1,
            Standing::Possible => 2,
            Standing::Excluded => 3,
        };
        causes.sort_by(|left, right| {
            rank(left)
                .cmp(&rank(right))
                .then(right.weight.total_cmp(&left.weight))
        });
        causes
    }

    fn because(&self, cause: &Cause<'_>, facts: &Facts<'_>, weights: &Weights) -> Vec<String> {
        if cause.standing == Standing::Possible {
            let symptom = self.symptom.iter().filter(|_| weights.names(&cause.rule.id));
            let error = self
                .error
                .iter()
                .filter(|error| rules_of(error).contains(&cause.rule.id));
            return symptom
                .map(|symptom| format!("symptom {symptom}"))
                .chain(error.filter_map(|error| error.primary.as_ref().map(|code| format!("error {code}"))))
                .collect();
        }
        let mut because: Vec<String> = cause
            .rule
            .facts()
            .filter(|fact| facts.get(*fact).is_ok())
            .map(|fact| {
                let answered = facts
                    .is_reported(fact)
                    .then(|| self.question_of(fact.definition().name));
                match (answered.flatten(), facts.source(fact).0) {
                    (Some(question), _) => format!("answer {question}"),
                    (None, facts::SEEN) => format!("error {}", self.seen_code()),
                    (None, section) => format!("evidence {section}"),
                }
            })
            .collect();
        because.dedup();
        because
    }

    /// The code of the error that somebody saw.
    fn seen_code(&self) -> &str {
        let code = self.error.as_ref().and_then(|error| error.primary.as_deref());
        code.unwrap_or("that was seen")
    }

    /// The question whose answer settled a fact.
    fn question_of(&self, fact: &str) -> Option<String> {
        let body = self.answers.section_body(Questions::builtin(), self.now);
        let rows = body["answers"].as_array()?;
        let row = rows
            .iter()
            .find(|row| row["fact"] == fact && row.get("why").is_none())?;
        row["question"].as_str().map(str::to_owned)
    }

    /// What to send to the person who has to act, or to look.
    fn message(&self, step: &Step<'_>, report: &Report, facts: &Facts<'_>) -> String {
        let words = self.doctor.words();
        let symptom = self
            .symptom
            .as_deref()
            .and_then(|id| Symptoms::builtin().find(id))
            .map(|symptom| symptom.title.clone());
        let looks: Vec<(&str, &str, &str)> = step
            .beyond
            .iter()
            .map(|question| {
                let place = question.places.first().map_or("", String::as_str);
                (question.who.person(), question.text.as_str(), place)
            })
            .collect();
        let root = step.causes.roots().next();
        let remedy = root.and_then(|root| remedy(root, report, facts));
        words.ask_message(
            &report.subject.account,
            symptom.as_deref(),
            remedy
                .as_ref()
                .map(|remedy| (report.diagnosis.headline.as_str(), remedy)),
            &looks,
        )
    }
}

/// What is done about an established cause: as its finding says; as its code says, where nothing explains the refusal.
fn remedy(root: &Cause<'_>, report: &Report, facts: &Facts<'_>) -> Option<Remedy> {
    let refusal = Refusal::of(facts).filter(|_| root.rule.catches_refusals);
    let finding = report.findings.iter().find(|finding| finding.id == root.rule.id);
    refusal
        .and_then(Refusal::remedy)
        .or_else(|| finding.and_then(|finding| finding.remedy.clone()))
}

/// To four places: weights order, and more digits would only look like knowledge.
fn rounded(weight: f64) -> f64 {
    (weight * 10_000.0).round() / 10_000.0
}
