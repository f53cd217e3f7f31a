//! One rule's answer as the report shows it: words, evidence, what stood in the way, advice.

use super::Doctor;
use super::mask::Resolved;
use super::report::{Evidence, Finding, Guidance, Status, UnknownBecause};
use crate::facts::{FactId, Facts, Reason, Unknown};
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::{self, Rule, Severity, Verdict};
use crate::snapshot::section_info;
use crate::text::fill;

/// A finding with what the report does not carry.
pub(super) struct Case<'a> {
    pub rule: &'a Rule,
    pub finding: Finding,
    /// An unknown that could hide a fault, and that better evidence could answer.
    pub is_gap: bool,
}

/// What of a finding is put into sentences.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wording {
    /// Nothing: only what it comes to is asked.
    Silent,
    /// Everything; the profile that the evidence speaks for, when it is another one, opens some advice.
    Full(Option<Profile>),
}

pub(super) fn case<'a>(
    doctor: &'a Doctor,
    profile: Profile,
    facts: &Facts<'_>,
    rule: &'a Rule,
    verdict: &Verdict,
    resolved: &Resolved,
    wording: Wording,
) -> Case<'a> {
    let rules = doctor.book.rules();
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
    let recheck_at = match verdict.status {
        rules::Status::Pending { recheck_at } if status == Status::Pending => Some(recheck_at.to_string()),
        _ => None,
    };
    let mut finding = Finding {
        id: rule.id.clone(),
        stable_id: String::new(),
        area: rule.area.clone(),
        title: String::new(),
        status,
        severity: verdict.severity,
        root_cause: false,
        explains: Vec::new(),
        explained_by: ids(&resolved.explained_by),
        blocked_by: ids(&resolved.blocked_by),
        unknown_because: unknown.map(unknown_because).unwrap_or_default(),
        evidence: Vec::new(),
        why: String::new(),
        remedy: None,
        guidance: Guidance::default(),
        recheck_at: recheck_at.clone(),
        accepted: None,
    };
    if let Wording::Full(hint) = wording {
        finding.title = title(doctor, facts, rule, status);
        finding.why = rule.why.render_reasons(facts);
        finding.guidance = guidance(doctor, rule, profile);
        finding.remedy = is_fault.then(|| remedy(doctor, facts, rule, profile, hint, recheck_at.as_deref()));
        if !is_blocked {
            finding.evidence = evidence(facts, rule, verdict);
        }
    }
    let is_gap = status == Status::Unknown
        && !rule.optional_evidence
        && !unknown.is_some_and(|unknown| {
            lacks_an_expectation(unknown)
                || (rule.later_evidence && was_not_collected(unknown))
                || (rule.catches_refusals && !was_answered(unknown))
        });
    Case {
        rule,
        finding,
        is_gap,
    }
}

/// The fault, what is as it should be, or the question that is open.
fn title(doctor: &Doctor, facts: &Facts<'_>, rule: &Rule, status: Status) -> String {
    match status {
        Status::Fail | Status::Pending => rule.title.render_title(facts),
        Status::Pass | Status::NotApplicable => rule.expectation.render(facts),
        Status::Unknown => fill(
            &doctor.words.diagnosis.question,
            &[("expectation", &rule.expectation.render(facts))],
        ),
    }
}

/// Nobody said what to expect: better evidence alone would not answer.
fn lacks_an_expectation(unknown: &Unknown) -> bool {
    unknown
        .causes()
        .iter()
        .any(|cause| cause.reason == Reason::ExpectationMissing)
}

/// The services answered, and had nothing to tell: a log without a single sign-in of Work 365 is another thing than no log.
fn was_answered(unknown: &Unknown) -> bool {
    let mut reasons = unknown.causes().iter().map(|cause| cause.reason);
    reasons.all(|reason| reason == Reason::NotFound)
}

/// What is open, but for what is so because nobody said what to expect.
pub(super) fn open_questions<'a>(cases: &'a [Case<'_>]) -> impl Iterator<Item = &'a Finding> {
    cases.iter().map(|case| &case.finding).filter(|finding| {
        let mut because = finding.unknown_because.iter();
        finding.status == Status::Unknown && !because.any(|one| one.reason == Reason::ExpectationMissing)
    })
}

/// Nobody asked, there is nothing of the kind, or the environment does not know the question: evidence that older versions
/// did not collect leaves no gap then.
fn was_not_collected(unknown: &Unknown) -> bool {
    unknown.causes().iter().all(|cause| match cause.reason {
        Reason::Absent | Reason::Skipped | Reason::NotFound => true,
        Reason::Failed => matches!(cause.http_status, Some(400 | 404 | 405 | 501)),
        Reason::Denied | Reason::ExpectationMissing => false,
    })
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
    doctor: &Doctor,
    facts: &Facts<'_>,
    rule: &Rule,
    profile: Profile,
    hint: Option<Profile>,
    recheck_at: Option<&str>,
) -> Remedy {
    let template = rule.remedy_for(profile, facts);
    let mut remedy = rule.guarded(template.render(facts));
    let protections = doctor.words.diagnosis.protected.iter().filter(|protection| {
        protection.rules.contains(&rule.id)
            && protection.owners.contains(&template.owner)
            && facts.is_true(&protection.fact)
    });
    remedy
        .before
        .splice(0..0, protections.map(|protection| protection.says.clone()));
    // To wait is advice only while the lag lasts. The refusal that may be over asks for a job, which its rule says itself.
    if let Some(recheck_at) = recheck_at.filter(|_| !rule.catches_refusals) {
        let wait = &doctor.words.diagnosis.next_step.wait;
        remedy.steps.insert(0, fill(wait, &[("recheck_at", recheck_at)]));
    }
    if rule.opens_with_profile_hint
        && let Some(words) = hint.and_then(|hint| doctor.words.profile(hint))
    {
        remedy.steps.insert(0, words.remedy_hint.clone());
    }
    remedy
}

/// The guidance behind a rule; where a profile does not ask the question, the guidance that leaves it out.
fn guidance(doctor: &Doctor, rule: &Rule, profile: Profile) -> Guidance {
    let of_rule = rule.guidance_under(profile).map(|guidance| Guidance {
        source: guidance.source.clone(),
        date: guidance.date.clone(),
    });
    of_rule
        .or_else(|| doctor.words.profile(profile).map(|words| words.guidance.clone()))
        .unwrap_or_default()
}

/// Whether a finding counts: a fault at or above the threshold that nobody accepted.
pub(super) fn is_fault(finding: &Finding, fail_on: Severity) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
        && finding.severity >= fail_on
        && finding.accepted.is_none()
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::{Doctor, Words};
    use crate::facts::{Facts, find};
    use crate::profile::Profile;
    use crate::rules::RuleBook;

    #[test]
    fn who_usually_acts_is_told_what_protects_the_account() {
        let doctor = Doctor::new(RuleBook::builtin().unwrap(), Words::builtin().unwrap());
        let first = |rule: &str, facts: &Facts<'_>| {
            let rule = doctor.book.find(rule).unwrap();
            let remedy = super::remedy(&doctor, facts, rule, Profile::LegacyPassword, None, None);
            remedy.before.first().cloned().unwrap_or_default()
        };
        let known = |name: &str, holds: bool| Facts::given([(find(name).unwrap(), Ok(holds.into()))]);
        for (fact, word) in [
            ("user.holds_directory_role", "roles of its own"),
            ("user.management_restricted", "administrative unit"),
        ] {
            assert!(first("account-disabled", &known(fact, true)).contains(word));
            assert!(!first("account-disabled", &known(fact, false)).contains(word));
            assert!(!first("license-missing", &known(fact, true)).contains(word));
        }
    }
}
