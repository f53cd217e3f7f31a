//! What the rules' answers come to under one profile: findings, root causes in their order, the outcome.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::accept;
use super::access::Access;
use super::answers::Answers;
use super::doctor::{Doctor, Question};
use super::finding::{Case, Wording, case, is_fault};
use super::fixes::Fixes;
use super::join::{Joined, SignIns, join};
use super::profiles::{self, Chosen};
use super::refusal::Refusal;
use super::report::{Exception, Finding, Outcome, ProfileVerdict, Status, Summary};
use super::reported::passes_as_reported;
use super::seen;
use crate::decode::model::Grant;
use crate::facts::{self, FactValue, Facts};
use crate::json_reader;
use crate::profile::Profile;
use crate::rules::Severity;

/// The evidence as one profile judges it, before anything is put into sentences.
pub(super) struct Judged<'a> {
    pub(super) profile: Profile,
    pub(super) cases: Vec<Case<'a>>,
    pub(super) exceptions: Vec<Exception>,
    pub(super) joined: Joined,
    pub(super) root_causes: Vec<String>,
    pub(super) summary: Summary,
    /// A check that could stop Work 365 passes on what a person answered alone.
    pub(super) as_reported: bool,
    /// What of the evidence could be read at all.
    pub(super) access: Access,
    /// Anything about the account could be judged.
    pub(super) has_verdict: bool,
}

/// Looks at the rules' answers together; puts them into words only where somebody reads them.
pub(super) fn judged<'a>(
    doctor: &'a Doctor,
    question: &Question<'_>,
    chosen: &Chosen,
    now: Timestamp,
    answers: &Answers<'_, '_>,
    fixes: &Fixes,
    in_words: bool,
) -> Judged<'a> {
    let (profile, facts) = (answers.profile, answers.facts);
    let wording = match in_words {
        true => Wording::Full(chosen.hint.filter(|_| chosen.profile == profile)),
        false => Wording::Silent,
    };
    let mut cases = cases(doctor, question, answers, wording);
    let exceptions = accept::apply(
        question.acceptances,
        facts,
        now,
        cases.iter_mut().map(|case| &mut case.finding),
    );
    let joined = joined(doctor, question, now, answers, fixes, &cases);
    for case in &mut cases {
        case.finding.explains = joined.explains.get(&case.finding.id).cloned().unwrap_or_default();
    }
    let root_causes = root_causes(&cases, question.fail_on);
    for case in &mut cases {
        case.finding.root_cause = root_causes.contains(&case.finding.id);
    }
    let left_out = doctor.book.rules().len() - cases.len();
    let mut summary = summary(&cases, left_out, question.fail_on);
    let as_reported = summary.outcome == Outcome::Healthy
        && passes_as_reported(facts, cases.iter().map(|case| case.rule), now);
    let snapshot = facts.context().map(|context| context.snapshot);
    let access = snapshot.map_or(Access::Read, Access::of);
    // Where no service was asked, a person may have been.
    let is_told = access == Access::NothingAsked
        && snapshot.is_some_and(|snapshot| snapshot.section(facts::ANSWERS).is_some());
    let has_verdict = (access == Access::Read || is_told) && is_judged(&cases);
    // Where nothing was judged, nothing was found healthy.
    if summary.outcome == Outcome::Healthy && (joined.refusal_is_open || as_reported || !has_verdict) {
        summary.outcome = Outcome::Incomplete;
    }
    Judged {
        profile,
        cases,
        exceptions,
        joined,
        root_causes,
        summary,
        as_reported,
        access,
        has_verdict,
    }
}

/// The answers of the rules that count, each as a finding.
fn cases<'a>(
    doctor: &'a Doctor,
    question: &Question<'_>,
    answers: &Answers<'_, '_>,
    wording: Wording,
) -> Vec<Case<'a>> {
    let rules = doctor.book.rules().iter().enumerate();
    let selected = rules.filter(|(position, _)| question.selection.has(*position));
    // Nearly all are selected, and a case is large: none is moved while the list grows.
    let mut cases = Vec::with_capacity(doctor.book.rules().len());
    cases.extend(selected.map(|(position, rule)| {
        case(
            doctor,
            answers.profile,
            answers.facts,
            rule,
            &answers.verdicts[position],
            &answers.resolved[position],
            wording,
        )
    }));
    cases
}

/// What the errors that were seen and the findings say of each other.
fn joined(
    doctor: &Doctor,
    question: &Question<'_>,
    now: Timestamp,
    answers: &Answers<'_, '_>,
    fixes: &Fixes,
    cases: &[Case<'_>],
) -> Joined {
    let facts = answers.facts;
    let sign_ins = SignIns {
        succeeded: time_fact(facts, "attempt.succeeded_at"),
        refused: Refusal::recorded(facts).map(|refusal| (refusal.code, refusal.at)),
        job_succeeded: time_fact(facts, "jobs.last_success_at"),
        jobs_fail: facts::find("jobs.failing").map(|id| facts.get(id)) != Some(&Ok(FactValue::Bool(false))),
    };
    let logged = seen::in_evidence(facts);
    let told = seen::told(facts);
    let mut seen = seen::all(question.error, logged.as_ref(), &told, facts, now);
    seen.retain(|seen| !fixes.cure(&seen.error.code, seen.primary));
    let findings = cases
        .iter()
        .map(|case| (&case.finding, case.rule.meaning(answers.profile)));
    let mut joined = join(&seen, sign_ins, &doctor.words.diagnosis, findings);
    for error in &mut joined.errors {
        with_options(error, facts);
    }
    joined
}

/// A missing right with what this account's roles, teams and access mode say about the ways to give it.
fn with_options(error: &mut Value, facts: &Facts<'_>) {
    let Some(context) = facts.context() else { return };
    if let Some(grant) = error.get_mut("grant")
        && let Ok(known) = json_reader::from_tree::<Grant>(grant)
        && let Ok(solved) = serde_json::to_value(facts::grant_with_evidence(context, known))
    {
        *grant = solved;
    }
}

impl Judged<'_> {
    /// Its findings.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.cases.iter().map(|case| &case.finding)
    }

    /// What it comes to.
    pub(super) fn outcome(&self) -> Outcome {
        self.summary.outcome
    }

    /// Ids in the order to fix them.
    pub(super) fn root_causes(&self) -> &[String] {
        &self.root_causes
    }

    /// Each error that was seen, with the faults that explain it or are of its kind.
    pub(super) fn answered_by(&self) -> &[(String, Vec<String>)] {
        &self.joined.answered_by
    }

    /// What this profile would say, in short.
    pub(super) fn verdict(&self, facts: &Facts<'_>) -> ProfileVerdict {
        ProfileVerdict {
            profile: self.profile,
            outcome: self.summary.outcome,
            root_causes: self.root_causes.clone(),
            speaks_for: profiles::speaks_for(self.profile, facts),
        }
    }
}

/// Faults that nothing explains, in the order to fix them: blocker and high by gate, then medium, then low.
fn root_causes(cases: &[Case<'_>], fail_on: Severity) -> Vec<String> {
    let mut roots: Vec<&Case<'_>> = cases
        .iter()
        .filter(|case| is_fault(&case.finding, fail_on) && case.finding.explained_by.is_empty())
        .collect();
    let tier = |severity: Severity| match severity {
        Severity::Blocker | Severity::High => 0,
        Severity::Medium => 1,
        Severity::Low => 2,
        Severity::Info => 3,
    };
    roots.sort_by_key(|case| {
        (
            case.finding.explains.is_empty(),
            tier(case.finding.severity),
            case.rule.gate,
            Reverse(case.finding.severity),
        )
    });
    roots.into_iter().map(|case| case.finding.id.clone()).collect()
}

/// Whether anything about the account could be judged at all.
fn is_judged(cases: &[Case<'_>]) -> bool {
    cases.iter().any(|case| {
        case.rule.area != "operator"
            && matches!(case.finding.status, Status::Pass | Status::Fail | Status::Pending)
    })
}

fn summary(cases: &[Case<'_>], left_out: usize, fail_on: Severity) -> Summary {
    let number = |status: Status| cases.iter().filter(|case| case.finding.status == status).count();
    let counts = |status: Status| {
        cases
            .iter()
            .any(|case| case.finding.status == status && is_fault(&case.finding, fail_on))
    };
    let outcome = if counts(Status::Fail) {
        Outcome::Unhealthy
    } else if counts(Status::Pending) {
        Outcome::Pending
    } else if cases
        .iter()
        .any(|case| case.is_gap && case.finding.severity >= fail_on)
    {
        Outcome::Incomplete
    } else {
        Outcome::Healthy
    };
    Summary {
        outcome,
        pass: number(Status::Pass),
        fail: number(Status::Fail),
        pending: number(Status::Pending),
        unknown: number(Status::Unknown),
        not_applicable: number(Status::NotApplicable),
        left_out,
    }
}

fn time_fact(facts: &Facts<'_>, name: &str) -> Option<Timestamp> {
    match facts.get(facts::find(name)?) {
        Ok(FactValue::Time(at)) => Some(*at),
        _ => None,
    }
}
