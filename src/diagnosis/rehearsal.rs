//! A rehearsal: the case judged again as if findings were fixed. What fails next, and what would the fix break?
//!
//! Each rule says in its file what its remedy changes (`cures`). Those facts are set, what follows from a finding that is
//! fixed counts as fixed with it, and so does the refusal that it explains. Then everything is judged as ever.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::answers::{Conditions, answers};
use super::finding::is_fault;
use super::fixes::Fixes;
use super::judged::judged;
use super::profiles::Chosen;
use super::refusal::Refusal;
use super::report::{Finding, Outcome, Rehearsal, RehearsalStep, Status};
use super::{Doctor, Question};
use crate::facts::{Context, Facts};
use crate::rules::Severity;
use crate::snapshot::Snapshot;

/// What to assume: rules by name, or every fault that is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assumed {
    /// Every fault that counts.
    All,
    /// These rules.
    Rules(Vec<String>),
}

/// A name after `--assume-fixed` that is no rule.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AssumedError {
    /// No such rule.
    #[error("--assume-fixed: no rule is called `{name}`{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Unknown {
        /// As written.
        name: String,
        /// The nearest known one.
        suggestion: Option<String>,
    },
}

/// A ladder is never longer than this: each rung is another rule, and no case has so many.
const RUNGS: usize = 60;

impl Assumed {
    /// What `--assume-fixed` says: ids of rules, or `all`.
    ///
    /// # Errors
    ///
    /// A name that is no rule.
    pub fn of(names: &[String], doctor: &Doctor) -> Result<Self, AssumedError> {
        if names.iter().any(|name| name == "all") {
            return Ok(Assumed::All);
        }
        for name in names {
            if doctor.book.find(name).is_none() {
                return Err(AssumedError::Unknown {
                    name: name.clone(),
                    suggestion: doctor
                        .nearest(name)
                        .filter(|nearest| doctor.book.find(nearest).is_some()),
                });
            }
        }
        Ok(Assumed::Rules(names.to_vec()))
    }
}

/// Everything that is the same for every rung.
struct Stage<'a> {
    doctor: &'a Doctor,
    snapshot: &'a Snapshot,
    question: &'a Question<'a>,
    chosen: &'a Chosen,
    now: Timestamp,
}

/// The case as it would be after some fixes.
#[derive(Clone)]
struct State {
    fixes: Fixes,
    /// In the order of the rule book.
    findings: Vec<Finding>,
    outcome: Outcome,
    root_causes: Vec<String>,
    /// Each error that was seen, with the faults that explain it.
    answered_by: Vec<(String, Vec<String>)>,
    /// The refusal that decides.
    refusal: Option<String>,
}

pub(super) fn rehearse(
    doctor: &Doctor,
    snapshot: &Snapshot,
    question: &Question<'_>,
    chosen: &Chosen,
    now: Timestamp,
    assumed: &Assumed,
) -> Rehearsal {
    let stage = Stage {
        doctor,
        snapshot,
        question,
        chosen,
        now,
    };
    let today = stage.judge(Fixes::default());
    let assumed: Vec<String> = match assumed {
        Assumed::All => today.in_order(|finding| is_fault(finding, question.fail_on)),
        Assumed::Rules(names) => {
            let wanted = |finding: &Finding| names.contains(&finding.id);
            let mut known = today.in_order(wanted);
            // A selection leaves rules out; assumed they can be all the same.
            let unseen = names.iter().filter(|name| !known.contains(name)).cloned();
            known.extend(unseen.collect::<BTreeSet<_>>());
            known
        }
    };
    let (then, steps) = stage.ladder(&today, &assumed);
    Rehearsal {
        assumed,
        outcome: then.outcome,
        new: then.faults_beside(&today, question.fail_on),
        cured: today.gone_in(&then),
        root_causes: then.root_causes,
        steps,
    }
}

impl Stage<'_> {
    fn judge(&self, fixes: Fixes) -> State {
        let profile = self.chosen.profile;
        let supposed = fixes.supposed(self.doctor.book.rules());
        let context = Context::new(self.snapshot, self.question.expectations, profile, self.now)
            .with_error(self.question.error)
            .supposing(supposed);
        let facts = Facts::of(context);
        let conditions = Conditions::of(self.doctor);
        let answers = answers(self.doctor, &conditions, &facts, profile, self.now, &fixes);
        let judged = judged(
            self.doctor,
            self.question,
            self.chosen,
            self.now,
            &answers,
            &fixes,
            true,
        );
        State {
            findings: judged.findings().cloned().collect(),
            outcome: judged.outcome(),
            root_causes: judged.root_causes().to_vec(),
            answered_by: judged.answered_by().to_vec(),
            refusal: Refusal::of(&facts).map(Refusal::spelled),
            fixes,
        }
    }

    /// One fix after another: those assumed, then whatever is left to fix. The state after those assumed comes first.
    fn ladder(&self, today: &State, assumed: &[String]) -> (State, Vec<RehearsalStep>) {
        let mut steps = Vec::new();
        let mut state = today.clone();
        for id in assumed {
            let Some(next) = self.fix(&state, id) else {
                continue;
            };
            steps.extend(self.step(&state, &next, id, true));
            state = next;
        }
        let then = state.clone();
        while let Some(id) = state.root_causes.first().cloned()
            && steps.len() < RUNGS
            && let Some(next) = self.fix(&state, &id)
        {
            steps.extend(self.step(&state, &next, &id, false));
            state = next;
        }
        (then, steps)
    }

    /// The case after one more fix; nothing when it was fixed already.
    fn fix(&self, state: &State, id: &str) -> Option<State> {
        let rules = self.doctor.book.rules();
        let at = |id: &str| rules.iter().position(|rule| rule.id == id);
        let mut done = BTreeSet::from([id.to_owned()]);
        // What follows from nothing but what is fixed is fixed with it.
        loop {
            let follows = |finding: &&Finding| {
                !done.contains(&finding.id)
                    && is_failing(finding)
                    && !finding.explained_by.is_empty()
                    && finding.explained_by.iter().all(|cause| done.contains(cause))
            };
            let more: Vec<String> = state
                .findings
                .iter()
                .filter(follows)
                .map(|finding| finding.id.clone())
                .collect();
            if more.is_empty() {
                break;
            }
            done.extend(more);
        }
        let position = at(id)?;
        let mut fixes = state.fixes.clone();
        if fixes.rules.contains(&position) {
            return None;
        }
        done.remove(id);
        fixes
            .rules
            .extend(done.iter().filter_map(|id| at(id)).collect::<BTreeSet<_>>());
        fixes.rules.push(position);
        done.insert(id.to_owned());
        let explained = state
            .answered_by
            .iter()
            .filter(|(_, causes)| causes.iter().any(|cause| done.contains(cause)));
        fixes.codes.extend(explained.map(|(code, _)| code.clone()));
        if rules.get(position).is_some_and(|rule| rule.catches_refusals) {
            fixes.codes.extend(state.refusal.clone());
        }
        Some(self.judge(fixes))
    }

    /// What one fix changed; nothing to say of one that nobody needs and that changes nothing.
    fn step(&self, before: &State, after: &State, id: &str, assumed: bool) -> Option<RehearsalStep> {
        let rule = self.doctor.book.find(id)?;
        let threshold = self.question.fail_on;
        let was = before.find(id);
        let new = after.faults_beside(before, threshold);
        let was_right = |id: &&String| {
            before
                .find(id)
                .is_some_and(|finding| matches!(finding.status, Status::Pass | Status::NotApplicable))
        };
        let breaks: Vec<String> = new.iter().filter(was_right).cloned().collect();
        let facts = Facts::of(Context::new(
            self.snapshot,
            self.question.expectations,
            self.chosen.profile,
            self.now,
        ));
        Some(RehearsalStep {
            fix: id.to_owned(),
            title: was.map_or_else(|| rule.expectation.render(&facts), |was| was.title.clone()),
            owner: rule.remedy_for(self.chosen.profile, &facts).owner_name.clone(),
            assumed,
            outcome: after.outcome,
            cured: before.gone_in(after),
            new,
            breaks,
            caution: rule.breaks.iter().map(|words| words.render(&facts)).collect(),
        })
    }
}

impl State {
    fn find(&self, id: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.id == id)
    }

    /// The ids of some findings: those to fix first come first.
    fn in_order(&self, wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
        let mut ids: Vec<String> = self
            .root_causes
            .iter()
            .filter(|id| self.find(id).is_some_and(&wanted))
            .cloned()
            .collect();
        for finding in self.findings.iter().filter(|finding| wanted(finding)) {
            if !ids.contains(&finding.id) {
                ids.push(finding.id.clone());
            }
        }
        ids
    }

    /// Faults that count here and are no faults there.
    fn faults_beside(&self, other: &State, threshold: Severity) -> Vec<String> {
        self.in_order(|finding| {
            is_fault(finding, threshold) && !other.find(&finding.id).is_some_and(is_failing)
        })
    }

    /// Faults that are here and no more there.
    fn gone_in(&self, other: &State) -> Vec<String> {
        self.in_order(|finding| is_failing(finding) && !other.find(&finding.id).is_some_and(is_failing))
    }
}

fn is_failing(finding: &Finding) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
}
