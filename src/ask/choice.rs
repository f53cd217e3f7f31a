//! Which question comes next: expected information for a minute of the person's time.
//!
//! The hypotheses are the open causes, each with its weight, and "something else" with the weight of an unnamed cause.
//! Under a hypothesis a question is answered by one of the values with which its rule fails, where it reads the fact at
//! all, else by one of those with which no open cause fails. What an answer would do to a cause is judged by the cause's
//! own rule, with the answer supposed. A question's worth is the fall of the entropy of the weights that is to be
//! expected, in bits, divided by its minutes. Where two are worth the same to a hundredth, the better follow-up decides;
//! after that the order of the file, so that the choice is the same on every machine.
//!
//! Whoever sees no more than Work 365 itself is asked for the error before anything else, where none is known: no rule's
//! condition shows what a code stands for, and it is the one thing that everybody has seen. Whoever sees more is asked for
//! the look that tells most first, and for the error then.
//!
//! Pruned: questions of another profile, those whose fact no open cause reads, those above the person's rights, those that were asked. With one
//! cause established, only what could explain it is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::causes::{Cause, Causes, Standing, standing_alone};
use super::questions::{Question, Questions, Rung};
use super::weights::Weights;
use crate::facts::{self, FactId, FactValue, Facts};
use crate::profile::Profile;
use crate::rules::RuleBook;

/// Everything that the choice rests on.
#[derive(Debug)]
pub struct Consultation<'a, 'f> {
    /// The rules.
    pub book: &'a RuleBook,
    /// What is known: evidence and answers.
    pub facts: &'a Facts<'f>,
    /// Whose guidance decides.
    pub profile: Profile,
    /// Ages are judged as of this instant.
    pub now: Timestamp,
    /// How much each cause weighs.
    pub weights: &'a Weights,
    /// What the person can see.
    pub rights: Rung,
    /// Ids of the questions that were asked, answered or not.
    pub asked: BTreeSet<&'a str>,
}

/// Where an interview stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is a question to ask.
    Asking,
    /// One cause is established and nothing open would explain it, or every cause is excluded.
    Settled,
    /// Something is open, and this person can see nothing more that would tell.
    Exhausted,
}

/// One step of an interview.
#[derive(Debug)]
pub struct Step<'a> {
    /// Where it stands.
    pub state: State,
    /// Every cause.
    pub causes: Causes<'a>,
    /// The question to ask, with the causes that its answers tell apart.
    pub question: Option<(&'static Question, Vec<&'a str>)>,
    /// What would come after it, best first.
    pub then: Vec<(&'static Question, Vec<&'a str>)>,
    /// The questions that would tell more and that this person cannot see, or could not, best first.
    pub beyond: Vec<&'static Question>,
}

/// Worth within a hundredth of each other is the same worth.
const TIE: f64 = 0.01;

/// How many questions are shown, the best included.
const SHOWN: usize = 3;

/// How many looks of others are named at most: a message that asks for more is not read.
const NAMED: usize = 10;

impl<'a> Consultation<'a, '_> {
    /// The next step.
    pub fn step(&self) -> Step<'a> {
        let causes = Causes::of(self.book, self.facts, self.profile, self.now);
        let open: Vec<Cause<'a>> = match causes.roots().next() {
            Some(_) => causes.behind_the_roots().into_iter().cloned().collect(),
            None => causes.open().cloned().collect(),
        };
        let looks = self.looks(&open);
        let all: Vec<usize> = (0..open.len()).collect();
        let (mut seen, beyond): (Vec<_>, Vec<_>) = self
            .ranked(&looks, &open, &all)
            .into_iter()
            .partition(|worth| self.can_ask(worth.look.question));
        self.break_tie(&looks, &open, &mut seen);
        let seen = seen.into_iter().map(|worth| worth.shown(&open));
        let mut questions = self.opening(&open).into_iter().chain(seen);
        let question = questions.next();
        let state = match (&question, open.is_empty()) {
            (Some(_), _) => State::Asking,
            (None, true) => State::Settled,
            (None, false) => State::Exhausted,
        };
        Step {
            state,
            question,
            then: questions.take(SHOWN - 1).collect(),
            beyond: beyond
                .into_iter()
                .take(NAMED)
                .map(|worth| worth.look.question)
                .collect(),
            causes,
        }
    }

    /// The question for the error, with the cause that it settles, where it comes first.
    fn opening(&self, open: &[Cause<'a>]) -> Option<(&'static Question, Vec<&'a str>)> {
        let refusal = open.iter().find(|cause| cause.rule.catches_refusals)?;
        let question = Questions::builtin().about(facts::find("attempt.code")?)?;
        let comes_first = (self.rights <= Rung::User || !self.asked.is_empty())
            && self.can_ask(question)
            && self.facts.get(question.fact).is_err();
        comes_first.then(|| (question, vec![refusal.rule.id.as_str()]))
    }

    /// Whether this person can see the answer, and was not asked before.
    fn can_ask(&self, question: &Question) -> bool {
        question.who <= self.rights && !self.asked.contains(question.id.as_str())
    }

    /// The questions without an answer, with what each answer would do to each open cause. What this person was asked and
    /// could not see, somebody else may; and what only an error implies is worth a look.
    fn looks(&self, open: &[Cause<'a>]) -> Vec<Look> {
        Questions::builtin()
            .all()
            .iter()
            .filter(|question| question.is_for(self.profile) && question.is_open(self.facts))
            .filter(|question| open.iter().any(|cause| cause.reads(question.fact)))
            .map(|question| Look {
                question,
                outcomes: self.outcomes(question, open),
            })
            .collect()
    }

    /// The looks that tell something about these of the open causes, best first.
    fn ranked<'l>(&self, looks: &'l [Look], open: &[Cause<'a>], among: &[usize]) -> Vec<Worth<'l>> {
        let weights = self.normalised(open, among);
        let mut ranked: Vec<Worth<'l>> = looks
            .iter()
            .filter_map(|look| look.worth(among, &weights))
            .collect();
        // The sort is stable: equal worth keeps the order of the file.
        ranked.sort_by(|left, right| right.worth.total_cmp(&left.worth));
        ranked
    }

    /// The weights of these of the open causes and, last, of something else; they add up to 1.
    fn normalised(&self, open: &[Cause<'a>], among: &[usize]) -> Vec<f64> {
        let named = among.iter().filter_map(|index| open.get(*index));
        let mut weights: Vec<f64> = named.map(|cause| self.weights.get(&cause.rule.id)).collect();
        weights.push(1.0);
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        weights
    }

    /// What each possible answer does to each open cause: a row an answer.
    fn outcomes(&self, question: &'static Question, open: &[Cause<'a>]) -> Vec<Vec<Standing>> {
        possible_values(question)
            .iter()
            .map(|settled| {
                let is_read = |cause: &Cause<'a>| settled.iter().any(|(fact, _)| cause.reads(*fact));
                let needed = open
                    .iter()
                    .filter(|cause| is_read(cause))
                    .flat_map(|cause| cause.rule.facts().chain(cause.rule.explained_by_codes));
                let supposed = self.facts.supposing(settled, needed);
                open.iter()
                    .map(|cause| match is_read(cause) {
                        true => standing_alone(cause.rule, &supposed, self.profile, self.now),
                        false => Standing::Possible,
                    })
                    .collect()
            })
            .collect()
    }

    /// Where the best questions are worth the same, the one with the best follow-up comes first: the worth of what would be
    /// asked next if this one excluded everything that it can exclude.
    fn break_tie(&self, looks: &[Look], open: &[Cause<'a>], ranked: &mut [Worth<'_>]) {
        let Some(best) = ranked.first().map(|worth| worth.worth) else {
            return;
        };
        let tied = ranked
            .iter()
            .take_while(|worth| best - worth.worth <= TIE * best)
            .count();
        if tied < 2 {
            return;
        }
        let follow_up = |first: &Worth<'_>| {
            let left: Vec<usize> = (0..open.len())
                .filter(|index| !first.separates.contains(index))
                .collect();
            let next = self.ranked(looks, open, &left);
            let mine = next
                .iter()
                .map(|worth| (worth.look.question, worth.worth))
                .find(|(question, _)| question.id != first.look.question.id && self.can_ask(question));
            mine.map_or(0.0, |(_, worth)| worth)
        };
        let mut followed: Vec<(f64, usize)> = ranked[..tied]
            .iter()
            .enumerate()
            .map(|(index, worth)| (follow_up(worth), index))
            .collect();
        followed.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        if let Some((_, index)) = followed.first() {
            ranked[..=*index].rotate_right(1);
        }
    }
}

/// A question, and what each of its possible answers does to each open cause.
struct Look {
    question: &'static Question,
    outcomes: Vec<Vec<Standing>>,
}

impl Look {
    /// What it is worth where these of the open causes are left, with their weights; nothing where it tells none apart.
    fn worth(&self, among: &[usize], weights: &[f64]) -> Option<Worth<'_>> {
        let outcomes: Vec<Vec<Standing>> = self
            .outcomes
            .iter()
            .map(|outcome| {
                among
                    .iter()
                    .filter_map(|index| outcome.get(*index).copied())
                    .collect()
            })
            .collect();
        let separates: Vec<usize> = among
            .iter()
            .enumerate()
            .filter(|(position, _)| {
                let tells = |outcome: &Vec<Standing>| outcome.get(*position) != Some(&Standing::Possible);
                outcomes.iter().any(tells)
            })
            .map(|(_, index)| *index)
            .collect();
        if separates.is_empty() {
            return None;
        }
        let before = entropy(weights);
        let mut expected = 0.0;
        for likelihood in &likelihoods(&outcomes, among.len()) {
            let joint: Vec<f64> = likelihood
                .iter()
                .zip(weights)
                .map(|(likelihood, weight)| likelihood * weight)
                .collect();
            let chance: f64 = joint.iter().sum();
            if chance > 0.0 {
                let after: Vec<f64> = joint.iter().map(|weight| weight / chance).collect();
                expected += chance * entropy(&after);
            }
        }
        Some(Worth {
            look: self,
            worth: (before - expected).max(0.0) / f64::from(self.question.minutes),
            separates,
        })
    }
}

/// A look and what it is worth to this person now.
struct Worth<'l> {
    look: &'l Look,
    /// Bits a minute.
    worth: f64,
    /// The positions of the causes that its answers establish or exclude.
    separates: Vec<usize>,
}

impl Worth<'_> {
    /// The question, and the ids of the causes that it tells apart.
    fn shown<'a>(&self, open: &[Cause<'a>]) -> (&'static Question, Vec<&'a str>) {
        let told = self.separates.iter().filter_map(|index| open.get(*index));
        (
            self.look.question,
            told.map(|cause| cause.rule.id.as_str()).collect(),
        )
    }
}

/// The answers that are reckoned with: those listed, and for a list of names "something is there".
fn possible_values(question: &Question) -> Vec<Vec<(FactId, FactValue)>> {
    let mut values: Vec<Vec<(FactId, FactValue)>> = question
        .answers
        .iter()
        .map(|choice| question.settles(&choice.value))
        .collect();
    match question.free {
        Some(super::questions::Free::Texts) => {
            values.push(vec![(
                question.fact,
                FactValue::Texts(vec!["something".to_owned()]),
            )]);
        }
        Some(super::questions::Free::Time) => {
            values.push(vec![(question.fact, FactValue::Time(Timestamp::UNIX_EPOCH))]);
        }
        Some(
            super::questions::Free::Error
            | super::questions::Free::JobResult
            | super::questions::Free::Number,
        )
        | None => {}
    }
    values
}

/// How likely each answer is under each hypothesis; the last hypothesis is "something else".
fn likelihoods(outcomes: &[Vec<Standing>], causes: usize) -> Vec<Vec<f64>> {
    // With these answers no open cause is established: what a person sees where nothing is wrong.
    let usual: Vec<bool> = outcomes
        .iter()
        .map(|outcome| !outcome.contains(&Standing::Established))
        .collect();
    let usual_count = usual.iter().filter(|is_usual| **is_usual).count();
    let mut likelihoods = vec![vec![0.0; causes + 1]; outcomes.len()];
    for hypothesis in 0..=causes {
        let establishing: Vec<bool> = outcomes
            .iter()
            .map(|outcome| {
                outcome
                    .get(hypothesis)
                    .is_some_and(|standing| *standing == Standing::Established)
            })
            .collect();
        let possible: Vec<bool> = outcomes
            .iter()
            .map(|outcome| {
                outcome
                    .get(hypothesis)
                    .is_none_or(|standing| *standing != Standing::Excluded)
            })
            .collect();
        let mut chosen: Vec<bool> = if establishing.contains(&true) {
            establishing
        } else {
            possible
                .iter()
                .zip(&usual)
                .map(|(possible, usual)| *possible && (*usual || usual_count == 0))
                .collect()
        };
        if !chosen.contains(&true) {
            chosen = possible;
        }
        let count = chosen.iter().filter(|is_chosen| **is_chosen).count();
        if count == 0 {
            continue;
        }
        let share = 1.0 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        for (row, is_chosen) in likelihoods.iter_mut().zip(chosen) {
            row[hypothesis] = if is_chosen { share } else { 0.0 };
        }
    }
    likelihoods
}

/// In bits.
fn entropy(weights: &[f64]) -> f64 {
    -weights
        .iter()
        .filter(|weight| **weight > 0.0)
        .map(|weight| weight * weight.log2())
        .sum::<f64>()
}
