//! Where each cause stands: established, possible, excluded.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::questions::Questions;
use crate::decode;
use crate::facts::{self, FactId, FactValue, Facts};
use crate::profile::Profile;
use crate::rules::{Meaning, Rule, RuleBook, Severity, Status};

/// What the evidence and the answers say of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Its rule fails.
    Established,
    /// Its rule could not be judged.
    Possible,
    /// Its rule passes.
    Excluded,
}

/// One rule that can be a root cause.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Where it stands, looked at alone.
    pub standing: Standing,
    /// Whether nothing but an error speaks for it.
    pub rests_on_error: bool,
    /// Whether an established cause makes its question meaningless.
    pub is_masked: bool,
    /// Whether an established cause explains it, so that it is a consequence.
    pub is_consequence: bool,
    /// Ids of the causes that would explain it.
    pub explained_by: Vec<String>,
}

impl Cause<'_> {
    /// Whether an answer about the fact can establish or exclude it.
    pub fn reads(&self, fact: FactId) -> bool {
        self.rule.reads(fact) || self.rule.explained_by_codes == Some(fact)
    }

    /// Ids of the causes that would explain it, or without which it says nothing.
    fn upstream(&self) -> impl Iterator<Item = &str> {
        // Who refuses a sign-in has found what it refuses: what such a cause requires was there.
        let requires = self.rule.requires.iter().filter(|_| !self.rests_on_error);
        requires.chain(&self.explained_by).map(String::as_str)
    }
}

/// Every cause under a profile, in the order of the rules' gates.
#[derive(Debug, Clone)]
pub struct Causes<'a>(Vec<Cause<'a>>);

impl<'a> Causes<'a> {
    /// Judges every rule that can be a root cause.
    pub fn of(book: &'a RuleBook, facts: &Facts<'_>, profile: Profile, now: Timestamp) -> Self {
        let refusal = book.rules().iter().find(|rule| rule.catches_refusals);
        let mut causes: Vec<Cause<'a>> = book
            .rules()
            .iter()
            .filter(|rule| can_be_root(rule, profile))
            .map(|rule| Cause {
                rule,
                standing: confirmed(rule, facts, standing(rule, facts, profile, now)),
                rests_on_error: rule.catches_refusals
                    || rule.when.facts().iter().any(|fact| facts.is_implied(*fact)),
                is_masked: false,
                is_consequence: false,
                explained_by: explanations(rule, refusal, facts),
            })
            .collect();
        let established: Vec<&str> = causes
            .iter()
            .filter(|cause| cause.standing == Standing::Established)
            .map(|cause| cause.rule.id.as_str())
            .collect();
        let is_established = |ids: &[String]| ids.iter().any(|id| established.contains(&id.as_str()));
        let marks: Vec<(bool, bool)> = causes
            .iter()
            .map(|cause| {
                (
                    is_established(&cause.rule.requires),
                    is_established(&cause.explained_by),
                )
            })
            .collect();
        for (cause, (is_masked, is_consequence)) in causes.iter_mut().zip(marks) {
            cause.is_masked = is_masked;
            cause.is_consequence = is_consequence;
        }
        Self(causes)
    }

    /// All of them.
    pub fn all(&self) -> &[Cause<'a>] {
        &self.0
    }

    /// The established causes that no other established one explains or masks.
    pub fn roots(&self) -> impl Iterator<Item = &Cause<'a>> {
        self.0.iter().filter(|cause| {
            cause.standing == Standing::Established && !cause.is_masked && !cause.is_consequence
        })
    }

    /// The causes that are still open: possible, and not masked by an established one.
    pub fn open(&self) -> impl Iterator<Item = &Cause<'a>> {
        self.0
            .iter()
            .filter(|cause| cause.standing == Standing::Possible && !cause.is_masked)
    }

    /// The open causes that would explain an established root, however far up, or make its question meaningless.
    pub fn behind_the_roots(&self) -> Vec<&Cause<'a>> {
        let mut wanted: Vec<&str> = self.roots().flat_map(Cause::upstream).collect();
        let mut found: Vec<&Cause<'a>> = Vec::new();
        while let Some(id) = wanted.pop() {
            let Some(cause) = self.open().find(|cause| cause.rule.id == id) else {
                continue;
            };
            if !found.iter().any(|known| known.rule.id == id) {
                found.push(cause);
                wanted.extend(cause.explained_by.iter().map(String::as_str));
            }
        }
        found
    }
}

/// What would explain a cause: what its rule names; for a refusal that nothing explains whatever its code stands for, and
/// for a fault that carries codes the refusal with that code too.
fn explanations(rule: &Rule, refusal: Option<&Rule>, facts: &Facts<'_>) -> Vec<String> {
    let code = facts::find("attempt.code").map(|id| facts.get(id));
    let mut of_codes = match code {
        Some(Ok(FactValue::Int(code))) if rule.catches_refusals && *code != 0 => {
            decode::describe(&format!("AADSTS{code}")).rules
        }
        _ => Vec::new(),
    };
    if let Some(Ok(FactValue::Texts(codes))) = rule.explained_by_codes.map(|fact| facts.get(fact)) {
        for code in codes {
            of_codes.push(code.clone());
            of_codes.extend(decode::describe(code).rules);
            if code.starts_with("AADSTS") {
                of_codes.extend(refusal.map(|refusal| refusal.id.clone()));
            }
        }
    }
    rule.explained_by.iter().cloned().chain(of_codes).collect()
}

/// Whether the rule can end as a root cause that counts: a fault of medium severity or more, about the account itself. What an
/// ordinary collection does not read, a person may be asked.
pub(super) fn can_be_root(rule: &Rule, profile: Profile) -> bool {
    let is_fault = matches!(rule.meaning(profile), Meaning::Fault(_) | Meaning::FaultAfterLag);
    is_fault
        && rule.severity_under(profile) >= Severity::Medium
        && rule.area != "operator"
        && (!rule.optional_evidence
            || rule
                .when
                .facts()
                .iter()
                .any(|fact| Questions::builtin().about(*fact).is_some()))
}

/// A cause that nothing but an error speaks for is open while somebody can look: what refused may be mended, or the code may
/// have another cause.
fn confirmed(rule: &Rule, facts: &Facts<'_>, standing: Standing) -> Standing {
    let asks = |fact: &FactId| {
        let question = Questions::builtin().about(*fact);
        question.is_some_and(|question| facts.get(*fact).is_ok() && question.is_open(facts))
    };
    let is_said_only = !rule.catches_refusals && rule.when.facts().iter().any(asks);
    match standing {
        Standing::Established if is_said_only => Standing::Possible,
        standing => standing,
    }
}

/// Where a cause stands, its rule looked at alone. A fault that carries codes is open until they are known: what they stand
/// for may be its cause.
fn standing(rule: &Rule, facts: &Facts<'_>, profile: Profile, now: Timestamp) -> Standing {
    let is_told = rule
        .explained_by_codes
        .is_none_or(|codes| facts.get(codes).is_ok());
    match standing_alone(rule, facts, profile, now) {
        Standing::Established if !is_told => Standing::Possible,
        standing => standing,
    }
}

/// The same, whatever the codes stand for that a fault carries.
pub(super) fn standing_alone(rule: &Rule, facts: &Facts<'_>, profile: Profile, now: Timestamp) -> Standing {
    match rule.judge(facts, profile, now).status {
        Status::Fail | Status::Pending { .. } => Standing::Established,
        Status::Pass | Status::NotApplicable => Standing::Excluded,
        Status::Unknown => Standing::Possible,
    }
}
