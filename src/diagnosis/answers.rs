//! Every rule's answer under one profile, after looking at the others.

use jiff::Timestamp;

use super::consequence;
use super::doctor::Doctor;
use super::fixes::Fixes;
use super::mask::{Node, Resolved, resolve};
use super::refusal::settle;
use super::report::Status;
use crate::facts::{Facts, Reason};
use crate::profile::Profile;
use crate::profile::shared::Shared;
use crate::rules::{self, Evaluation, Rule, Verdict};

/// The rules' answers under one profile.
pub(super) struct Answers<'f, 'a> {
    pub profile: Profile,
    pub facts: &'f Facts<'a>,
    pub verdicts: Vec<Verdict>,
    pub resolved: Vec<Resolved>,
}

/// The conditions of all rules, each evaluated once for every profile under which it comes out the same.
pub(super) struct Conditions(Vec<Shared<Evaluation>>);

impl Conditions {
    /// None is evaluated yet.
    pub(super) fn of(doctor: &Doctor) -> Self {
        let rules = doctor.book.rules().iter();
        Self(rules.map(|_| Shared::default()).collect())
    }
}

/// Every rule's answer under one profile, after looking at the others; what is assumed to be fixed is no fault.
pub(super) fn answers<'f, 'a>(
    doctor: &Doctor,
    conditions: &Conditions,
    facts: &'f Facts<'a>,
    profile: Profile,
    now: Timestamp,
    fixes: &Fixes,
) -> Answers<'f, 'a> {
    let rules = doctor.book.rules().iter().zip(&conditions.0);
    let mut verdicts: Vec<_> = rules
        .map(|(rule, condition)| rule.judge_beside(condition, facts, profile, now))
        .collect();
    fixes.settle(&mut verdicts);
    let nodes: Vec<Node<'_>> = verdicts
        .iter()
        .enumerate()
        .map(|(position, verdict)| Node {
            status: match Status::from(verdict.status) {
                Status::Unknown if is_unasked(&doctor.book.rules()[position], verdict) => {
                    Status::NotApplicable
                }
                status => status,
            },
            requires: &doctor.requires[position],
            explained_by: match doctor.book.rules()[position].state(facts) {
                Some(there) if there.is_independent => &[],
                _ => &doctor.explained_by[position],
            },
        })
        .collect();
    let mut resolved = resolve(&nodes);
    settle(doctor, facts, now, &mut verdicts, &mut resolved);
    consequence::resolve(doctor.book.rules(), facts, &verdicts, &mut resolved);
    Answers {
        profile,
        facts,
        verdicts,
        resolved,
    }
}
/// Whether the evidence is beyond an ordinary collection, and nobody asked for it: then there was no question either.
fn is_unasked(rule: &Rule, verdict: &rules::Verdict) -> bool {
    let mut causes = verdict
        .unknown
        .iter()
        .flat_map(|unknown| unknown.causes())
        .peekable();
    rule.optional_evidence
        && causes.peek().is_some()
        && causes.all(|cause| matches!(cause.reason, Reason::Absent | Reason::Skipped))
}
