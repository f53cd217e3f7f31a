//! One rule's answer as the report shows it: words, evidence, what stood in the way, advice.

use super::mask::Resolved;
use super::report::{Evidence, Finding, Guidance, Status, UnknownBecause};
use super::{Clinic, Question};
use crate::facts::{FactId, Facts, Reason, Unknown};
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::{self, Rule, Severity, Verdict};
use crate::snapshot::section_info;

/// A finding with what the report does not carry.
pub(super) struct Case<'a> {
    pub rule: &'a Rule,
    pub finding: Finding,
    /// An unknown that could hide a fault, and that better evidence could answer.
    pub is_gap: bool,
}

pub(super) fn case<'a>(
    clinic: &'a Clinic,
    question: &Question<'_>,
    facts: &Facts<'_>,
    rule: &'a Rule,
    verdict: &Verdict,
    resolved: &Resolved,
    hint: Option<Profile>,
) -> Case<'a> {
    let rules = clinic.book.rules();
    let ids = |positions: &[usize]| {
        positions
            .iter()
            .map(|&position| rules[position].id.clone())
            .collect()
    };
    let status = resolved.status;
    let is_fault = matches!(status, Status::Fail | Status::Pending);
    let is_blocked = !resolved.blocked_by.is_empty();
    let unknown = verdict
        .unknown
        .as_ref()
        .filter(|_| status == Status::Unknown && !is_blocked);
    let title = if is_fault { &rule.title } else { &rule.expectation };
    let finding = Finding {
        id: rule.id.clone(),
        area: rule.area.clone(),
        title: title.render(facts),
        status,
        severity: verdict.severity,
        root_cause: false,
        explains: Vec::new(),
        explained_by: ids(&resolved.explained_by),
        blocked_by: ids(&resolved.blocked_by),
        unknown_because: unknown.map(unknown_because).unwrap_or_default(),
        evidence: if is_blocked {
            Vec::new()
        } else {
            evidence(facts, rule, verdict)
        },
        why: rule.why.render(facts),
        remedy: is_fault.then(|| remedy(clinic, facts, rule, question.profile, hint)),
        guidance: guidance(clinic, rule, question.profile),
        recheck_at: match verdict.status {
            rules::Status::Pending { recheck_at } if status == Status::Pending => {
                Some(recheck_at.to_string())
            }
            _ => None,
        },
        accepted: None,
    };
    let is_gap =
        status == Status::Unknown && !rule.optional_evidence && !unknown.is_some_and(lacks_an_expectation);
    Case {
        rule,
        finding,
        is_gap,
    }
}

/// Nobody said what to expect: better evidence alone would not answer.
fn lacks_an_expectation(unknown: &Unknown) -> bool {
    unknown
        .causes()
        .iter()
        .any(|cause| cause.reason == Reason::ExpectationMissing)
}

/// What stood in the way, each with the right that would read it.
pub(super) fn unknown_because(unknown: &Unknown) -> Vec<UnknownBecause> {
    unknown.causes().iter().map(UnknownBecause::from).collect()
}

fn evidence(facts: &Facts<'_>, rule: &Rule, verdict: &Verdict) -> Vec<Evidence> {
    let mut ids: Vec<FactId> = verdict.reads.clone();
    ids.extend(
        rule.evidence
            .iter()
            .copied()
            .filter(|id| !verdict.reads.contains(id) && !is_unasked_opinion(facts, *id)),
    );
    let of_fact = |id: FactId| {
        let (section, read_at) = facts.source(id);
        Evidence {
            fact: id.definition().name.to_owned(),
            value: facts
                .get(id)
                .as_ref()
                .ok()
                .and_then(|value| serde_json::to_value(value).ok())
                .unwrap_or(serde_json::Value::Null),
            section: section.to_owned(),
            read_at: read_at.map(str::to_owned),
        }
    };
    ids.into_iter().map(of_fact).collect()
}

/// A second opinion that nobody asked for, or that was refused, is nothing that the rule looked at.
fn is_unasked_opinion(facts: &Facts<'_>, id: FactId) -> bool {
    let sections = id.definition().sections;
    let is_optional = sections
        .first()
        .and_then(|name| section_info(name))
        .is_some_and(|info| info.is_optional);
    is_optional && facts.get(id).is_err()
}

fn remedy(
    clinic: &Clinic,
    facts: &Facts<'_>,
    rule: &Rule,
    profile: Profile,
    hint: Option<Profile>,
) -> Remedy {
    let mut remedy = rule.remedy_under(profile).render(facts);
    if rule.opens_with_profile_hint
        && let Some(words) = hint.and_then(|hint| clinic.words.profile(hint))
    {
        remedy.steps.insert(0, words.remedy_hint.clone());
    }
    remedy
}

/// The guidance behind a rule; where a profile does not ask the question, the guidance that leaves it out.
fn guidance(clinic: &Clinic, rule: &Rule, profile: Profile) -> Guidance {
    let of_rule = rule.guidance_under(profile).map(|guidance| Guidance {
        source: guidance.source.clone(),
        date: guidance.date.clone(),
    });
    of_rule
        .or_else(|| clinic.words.profile(profile).map(|words| words.guidance.clone()))
        .unwrap_or_default()
}

/// Whether a finding counts: a fault at or above the threshold that nobody accepted.
pub(super) fn is_fault(finding: &Finding, fail_on: Severity) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
        && finding.severity >= fail_on
        && finding.accepted.is_none()
}
