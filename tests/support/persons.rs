//! Persons who are interviewed: each scenario folder with a known root cause, its evidence hidden, answered from by
//! somebody who can see so much and no more.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};
use work365_doctor::ask::{
    Answer, AnswersFile, Cause, Causes, Consultation, NoAnswer, Question, Questions, Rung, Standing, State,
    Symptoms, Weights,
};
use work365_doctor::decode::{Decoded, decode_text};
use work365_doctor::diagnosis::{self, Doctor, Selection};
use work365_doctor::facts::{
    self, Context, Expectations, FactId, FactValue, Facts, Reading, expected_time_zone, find,
};
use work365_doctor::profile::Profile;
use work365_doctor::rules::{RuleBook, Severity};
use work365_doctor::snapshot::Snapshot;

use super::{folders, read_json, snapshot_of};

/// A case with its settled cause.
pub(crate) struct Case {
    pub(crate) name: String,
    /// The root causes that a check of the whole evidence finds, the first one first.
    pub(crate) causes: Vec<String>,
    pub(crate) symptom: Option<&'static str>,
    /// What the person saw: an error that the scenario names, else the code of the attempt that decides.
    pub(crate) error: Option<Decoded>,
    /// What a person would find who looks.
    truth: Vec<(FactId, Reading<FactValue>)>,
    /// Who it is about, and nothing else.
    hidden: Value,
    profile: Profile,
    expectations: Expectations,
    now: Timestamp,
}

/// How one interview ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) state: State,
    /// The root causes of the diagnosis that the person is given.
    pub(crate) roots: Vec<String>,
    pub(crate) questions: u32,
    pub(crate) minutes: u32,
    /// The looks beyond this person's rights that the message names: who, and the causes that each would tell.
    pub(crate) beyond: Vec<(Rung, Vec<String>)>,
    pub(crate) transcript: Vec<String>,
}

impl Ending {
    /// Whether it is settled, and on this cause.
    pub(crate) fn is_right(&self, case: &Case) -> bool {
        self.state == State::Settled && self.roots.iter().any(|root| case.causes.contains(root))
    }

    /// Whether it is settled on another cause, or on none.
    pub(crate) fn is_wrong(&self, case: &Case) -> bool {
        self.state == State::Settled && !self.is_right(case)
    }

    /// Whether the message names the right cause, or the look that would establish it.
    pub(crate) fn names_the_look(&self, case: &Case) -> bool {
        let is_right = |cause: &String| case.causes.contains(cause);
        let mut told = self.beyond.iter().flat_map(|(_, told)| told).chain(&self.roots);
        told.any(is_right)
    }
}

/// The order in which questions are asked.
#[derive(Clone, Copy)]
pub(crate) enum Order<'a> {
    /// By expected information.
    Chosen,
    /// By the gates of the rules: the first question that the first open cause reads.
    ByGate,
    /// Always in this order.
    Fixed(&'a [&'static Question]),
}

/// Every `stride`-th scenario whose first root cause can be one of an interview.
pub(crate) fn cases(doctor: &Doctor, stride: usize) -> Vec<Case> {
    let all = folders();
    let known = all
        .iter()
        .filter_map(|folder| Some((folder, causes_of(doctor.book(), folder)?)));
    known
        .step_by(stride)
        .filter_map(|(folder, causes)| case(folder, causes))
        .collect()
}

/// The root causes of a folder, where the first one is about the account.
fn causes_of(book: &RuleBook, folder: &Path) -> Option<Vec<String>> {
    let expected: Value = read_json(&folder.join("expect.json")).ok()?;
    let causes: Vec<String> = serde_json::from_value(expected["root_causes"].clone()).ok()?;
    let rule = book.find(causes.first()?)?;
    (rule.area != "operator").then_some(causes)
}

fn case(folder: &Path, causes: Vec<String>) -> Option<Case> {
    let expected: Value = read_json(&folder.join("expect.json")).ok()?;
    let bytes = serde_json::to_vec(&snapshot_of(folder).ok()?).ok()?;
    let snapshot = Snapshot::from_bytes(&bytes).ok()?;
    let mut profile = Profile::default();
    let mut now = snapshot.captured_at;
    let mut expectations = Expectations::default();
    let mut said = None;
    let arguments: Vec<String> = serde_json::from_value(expected["arguments"].clone()).ok()?;
    for pair in arguments.windows(2) {
        match pair[0].as_str() {
            "--profile" => profile = pair[1].parse().ok()?,
            "--time-zone" => expectations.time_zone = expected_time_zone(&pair[1]).ok(),
            "--configured-identity" => expectations.configured_identity = Some(pair[1].clone()),
            "--now" => now = pair[1].parse().ok()?,
            "--error" => said = Some(decode_text(pair[1].as_bytes())),
            "--select" | "--ignore" | "--fail-on" | "--assume-fixed" => return None,
            _ => {}
        }
    }
    let facts = Facts::of(Context::new(&snapshot, &expectations, profile, now).with_error(said.as_ref()));
    let truth: Vec<_> = facts::ids().map(|id| (id, facts.get(id).clone())).collect();
    drop(facts);
    let hidden = json!({
        "schema": "work365-doctor/snapshot/v1",
        "captured_at": snapshot.captured_at.to_string(),
        "redacted": false,
        "subject": snapshot.subject,
        "sections": {},
    });
    Some(Case {
        name: folder.file_name()?.to_string_lossy().into_owned(),
        symptom: symptom_of(causes.first()?),
        error: said.or_else(|| error_of(&truth)),
        causes,
        truth,
        hidden,
        profile,
        expectations,
        now,
    })
}

/// The symptom that such a case shows: the one that names its cause with the greatest weight.
fn symptom_of(cause: &str) -> Option<&'static str> {
    Symptoms::builtin()
        .all()
        .iter()
        .filter(|symptom| Weights::of(Some(&symptom.id)).names(cause))
        .max_by(|left, right| {
            let weight = |id: &str| Weights::of(Some(id)).get(cause);
            weight(&left.id).total_cmp(&weight(&right.id))
        })
        .map(|symptom| symptom.id.as_str())
}

/// The code of the attempt that decides.
fn error_of(truth: &[(FactId, Reading<FactValue>)]) -> Option<Decoded> {
    let code = find("attempt.code")?;
    match truth.iter().find(|(id, _)| *id == code) {
        Some((_, Ok(FactValue::Int(code)))) if *code != 0 => {
            Some(decode_text(format!("AADSTS{code}").as_bytes()))
        }
        _ => None,
    }
}

impl Case {
    /// The answer that somebody finds who looks; none when the evidence does not tell it either.
    pub(crate) fn answer(&self, fact: FactId) -> Option<&FactValue> {
        let known = self.truth.iter().find(|(id, _)| *id == fact)?;
        known.1.as_ref().ok()
    }

    /// The answer that somebody finds to a question. Nobody sees the settings of what is not there.
    pub(crate) fn answer_to(&self, question: &Question) -> Option<&FactValue> {
        let mut shows = question.shows.iter();
        let is_there = shows.all(|(fact, value)| self.answer(*fact).is_none_or(|known| known == value));
        self.answer(question.fact).filter(|_| is_there)
    }

    /// How many bits the first weights hold: no order of yes-or-no questions needs fewer on the average.
    pub(crate) fn bits(&self, book: &RuleBook) -> f64 {
        let snapshot = self.nothing();
        let facts = Facts::of(self.context(&snapshot));
        let weights = Weights::of_case(self.symptom, self.error.as_ref(), &facts);
        let causes = Causes::of(book, &facts, self.profile, self.now);
        let open: Vec<f64> = causes.open().map(|cause| weights.get(&cause.rule.id)).collect();
        let sum: f64 = open.iter().sum();
        -open
            .iter()
            .map(|weight| weight / sum)
            .map(|share| share * share.log2())
            .sum::<f64>()
    }

    fn nothing(&self) -> Snapshot {
        Snapshot::from_bytes(&serde_json::to_vec(&self.hidden).unwrap()).unwrap()
    }

    fn context<'a>(&'a self, snapshot: &'a Snapshot) -> Context<'a> {
        let context = Context::new(snapshot, &self.expectations, self.profile, self.now);
        context.with_error(self.error.as_ref())
    }
}

/// Interviews the person of a case.
pub(crate) fn interview(doctor: &Doctor, case: &Case, rights: Rung, order: Order<'_>) -> Ending {
    let mut snapshot = case.nothing();
    let mut answers = AnswersFile::new(case.symptom.map(str::to_owned));
    let (mut asked, mut minutes) = (0, 0);
    let mut transcript = Vec::new();
    loop {
        let body = answers.section_body(Questions::builtin(), case.now);
        snapshot.put(facts::ANSWERS, &body, case.now);
        let next = {
            let facts = Facts::of(case.context(&snapshot));
            let weights = Weights::of_case(case.symptom, case.error.as_ref(), &facts);
            let consultation = Consultation {
                book: doctor.book(),
                facts: &facts,
                profile: case.profile,
                now: case.now,
                weights: &weights,
                rights,
                asked: answers.asked(),
            };
            let step = Next::of(&consultation, order);
            match step.question {
                Some(question) => question,
                None => {
                    return Ending {
                        state: step.state,
                        beyond: step.beyond,
                        roots: roots(doctor, case, &snapshot),
                        questions: asked,
                        minutes,
                        transcript,
                    };
                }
            }
        };
        let value = case.answer_to(next);
        asked += 1;
        minutes += next.minutes;
        transcript.push(format!(
            "{} = {}",
            next.id,
            value.map_or("cannot see".to_owned(), |value| next.in_words(value))
        ));
        answers.put(Answer {
            question: next.id.clone(),
            value: value.map_or(Value::Null, |value| json!(value)),
            why: value.is_none().then_some(NoAnswer::CannotSee),
            at: Some(case.now.to_string()),
        });
    }
}

/// What comes next, in an order.
struct Next {
    state: State,
    question: Option<&'static Question>,
    beyond: Vec<(Rung, Vec<String>)>,
}

impl Next {
    fn of(consultation: &Consultation<'_, '_>, order: Order<'_>) -> Self {
        if let Order::Chosen = order {
            let step = consultation.step();
            // A look at what would explain an established cause tells of that cause too.
            let told = |question: &Question| {
                let reads = |cause: &&Cause<'_>| cause.reads(question.fact);
                let read: Vec<String> = step
                    .causes
                    .open()
                    .filter(reads)
                    .map(|cause| cause.rule.id.clone())
                    .collect();
                let established = step
                    .causes
                    .all()
                    .iter()
                    .filter(|cause| cause.standing == Standing::Established);
                let explained =
                    established.filter(|cause| cause.explained_by.iter().any(|id| read.contains(id)));
                let explained: Vec<String> = explained.map(|cause| cause.rule.id.clone()).collect();
                [read, explained].concat()
            };
            let beyond = step
                .beyond
                .iter()
                .map(|question| (question.who, told(question)))
                .collect();
            return Self {
                state: step.state,
                question: step.question.map(|(question, _)| question),
                beyond,
            };
        }
        let causes = Causes::of(
            consultation.book,
            consultation.facts,
            consultation.profile,
            consultation.now,
        );
        let open: Vec<&Cause<'_>> = match causes.roots().next() {
            Some(_) => causes.behind_the_roots(),
            None => causes.open().collect(),
        };
        let can_ask = |question: &&'static Question| {
            question.who <= consultation.rights
                && !consultation.asked.contains(question.id.as_str())
                && consultation.facts.get(question.fact).is_err()
        };
        let question = match order {
            Order::Fixed(order) => order
                .iter()
                .copied()
                .filter(can_ask)
                .find(|question| open.iter().any(|cause| cause.reads(question.fact))),
            _ => open.iter().find_map(|cause| {
                let mut all = Questions::builtin().all().iter().filter(can_ask);
                all.find(|question| cause.reads(question.fact))
            }),
        };
        let state = match (question, open.is_empty()) {
            (Some(_), _) => State::Asking,
            (None, true) => State::Settled,
            (None, false) => State::Exhausted,
        };
        Self {
            state,
            question,
            beyond: Vec::new(),
        }
    }
}

/// The root causes of the diagnosis that ends the interview.
fn roots(doctor: &Doctor, case: &Case, snapshot: &Snapshot) -> Vec<String> {
    let question = diagnosis::Question {
        profile: case.profile.into(),
        now: Some(case.now),
        expectations: &case.expectations,
        fail_on: Severity::Medium,
        selection: &Selection::default(),
        error: case.error.as_ref(),
        acceptances: &[],
    };
    doctor.diagnose(snapshot, &question).report.diagnosis.root_causes
}
