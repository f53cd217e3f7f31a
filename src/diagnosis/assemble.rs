//! Puts the report together: findings, root causes in order, summary, the sentences of the diagnosis.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::accept;
use super::mask::Resolved;
use super::report::{
    Diagnosis, Evidence, Finding, Guidance, Outcome, Password, Report, ReportSubject, RulePack, SCHEMA,
    Status, Summary, Tool, UnknownBecause,
};
use super::words::{count, fill};
use super::{Clinic, Diagnosed, Question};
use crate::facts::{self, Cause, FactId, Facts, Reason, Unknown};
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::{self, Rule, Severity, Verdict};
use crate::snapshot::section_info;

/// A finding with what the report does not carry.
struct Case<'a> {
    rule: &'a Rule,
    finding: Finding,
    /// An unknown that could hide a fault, and that better evidence could answer.
    is_gap: bool,
}

pub(super) fn report(
    clinic: &Clinic,
    question: &Question<'_>,
    now: Timestamp,
    facts: &Facts<'_>,
    verdicts: &[Verdict],
    resolved: &[Resolved],
) -> Diagnosed {
    let hint = profile_hint(facts, question.profile);
    let mut cases: Vec<Case<'_>> = clinic
        .book
        .rules()
        .iter()
        .enumerate()
        .filter(|(position, _)| question.selection.has(*position))
        .map(|(position, rule)| {
            case(
                clinic,
                question,
                facts,
                rule,
                &verdicts[position],
                &resolved[position],
                hint,
            )
        })
        .collect();
    let exceptions = accept::apply(
        question.acceptances,
        facts,
        now,
        cases.iter_mut().map(|case| &mut case.finding),
    );
    let root_causes = root_causes(&cases, question.fail_on);
    for case in &mut cases {
        case.finding.root_cause = root_causes.contains(&case.finding.id);
    }
    let summary = summary(&cases, question.fail_on);
    let has_verdict = cases.iter().any(|case| {
        case.rule.area != "operator"
            && matches!(case.finding.status, Status::Pass | Status::Fail | Status::Pending)
    });
    let diagnosis = diagnosis(
        clinic,
        question,
        facts,
        &cases,
        root_causes,
        &summary,
        has_verdict,
        hint,
    );
    let has_fault = cases.iter().any(|case| is_fault(&case.finding, question.fail_on));
    let has_gap = cases
        .iter()
        .any(|case| case.is_gap && case.finding.severity >= question.fail_on);
    let snapshot = facts.inputs().map(|inputs| inputs.snapshot);
    let pack = clinic.book.pack();
    let report = Report {
        schema: SCHEMA.to_owned(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        rule_pack: RulePack {
            name: pack.name.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
        },
        profile: question.profile,
        generated_at: now.to_string(),
        captured_at: snapshot
            .map(|snapshot| snapshot.captured_at.to_string())
            .unwrap_or_default(),
        subject: ReportSubject {
            account: snapshot
                .map(|snapshot| snapshot.subject.account.clone())
                .unwrap_or_default(),
            object_id: text_fact(facts, "subject.object_id"),
            tenant_id: snapshot.and_then(|snapshot| snapshot.subject.tenant_id.clone()),
            environment: snapshot.and_then(|snapshot| snapshot.subject.environment.clone()),
        },
        summary,
        diagnosis,
        findings: cases.into_iter().map(|case| case.finding).collect(),
        errors: Vec::new(),
        requests: Vec::new(),
        exceptions,
    };
    Diagnosed {
        report,
        has_fault,
        has_gap,
        has_verdict,
    }
}

fn case<'a>(
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
        explained_by: ids(&resolved.explained_by),
        blocked_by: ids(&resolved.blocked_by),
        unknown_because: unknown
            .map(|unknown| unknown_because(facts, unknown))
            .unwrap_or_default(),
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

fn unknown_because(facts: &Facts<'_>, unknown: &Unknown) -> Vec<UnknownBecause> {
    let was_answered = |section: &str| {
        let section = facts.inputs().and_then(|inputs| inputs.snapshot.section(section));
        section.is_some_and(|section| section.outcome == crate::snapshot::Outcome::Ok)
    };
    let to_item = |cause: &Cause| {
        let info = section_info(&cause.section);
        // A right cures a refusal and a question that was never asked. It does not cure a broken answer, nor one that
        // came and holds nothing on the matter.
        let missing_right = |right: Option<&'static str>| match cause.reason {
            Reason::Denied | Reason::Skipped => right.map(str::to_owned),
            Reason::Absent if !was_answered(&cause.section) => right.map(str::to_owned),
            Reason::Absent | Reason::NotFound | Reason::Failed | Reason::ExpectationMissing => None,
        };
        UnknownBecause {
            section: cause.section.clone(),
            reason: cause.reason,
            http_status: cause.http_status,
            detail: cause.detail.clone(),
            permission: missing_right(info.and_then(|info| info.permission)),
            role: missing_right(info.and_then(|info| info.role)),
            license: missing_right(info.and_then(|info| info.license)),
        }
    };
    unknown.causes().iter().map(to_item).collect()
}

fn evidence(facts: &Facts<'_>, rule: &Rule, verdict: &Verdict) -> Vec<Evidence> {
    let mut ids: Vec<FactId> = verdict.reads.clone();
    ids.extend(
        rule.evidence
            .iter()
            .copied()
            .filter(|id| !verdict.reads.contains(id)),
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

fn is_fault(finding: &Finding, fail_on: Severity) -> bool {
    matches!(finding.status, Status::Fail | Status::Pending)
        && finding.severity >= fail_on
        && finding.accepted.is_none()
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
            tier(case.finding.severity),
            case.rule.gate,
            Reverse(case.finding.severity),
        )
    });
    roots.into_iter().map(|case| case.finding.id.clone()).collect()
}

fn summary(cases: &[Case<'_>], fail_on: Severity) -> Summary {
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
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call; each argument is a different part of the report"
)]
fn diagnosis(
    clinic: &Clinic,
    question: &Question<'_>,
    facts: &Facts<'_>,
    cases: &[Case<'_>],
    root_causes: Vec<String>,
    summary: &Summary,
    has_verdict: bool,
    hint: Option<Profile>,
) -> Diagnosis {
    let roots: Vec<&Finding> = root_causes
        .iter()
        .filter_map(|id| {
            cases
                .iter()
                .map(|case| &case.finding)
                .find(|finding| finding.id == *id)
        })
        .collect();
    // With every cause outside the selection, the first fault itself is the best headline.
    let first = roots.first().copied().or_else(|| {
        cases
            .iter()
            .map(|case| &case.finding)
            .find(|finding| is_fault(finding, question.fail_on))
    });
    let checklist = match clinic.words.profile(question.profile) {
        Some(words) if first.is_some() => words
            .checklist
            .iter()
            .filter(|item| {
                item.when
                    .as_ref()
                    .is_none_or(|area| roots.iter().any(|root| root.area == *area))
            })
            .map(|item| item.text.clone())
            .collect(),
        _ => Vec::new(),
    };
    Diagnosis {
        headline: headline(clinic, question, summary, has_verdict, first, roots.len()),
        next_step: next_step(clinic, cases, question, has_verdict, first),
        root_causes,
        password: password(facts),
        checklist,
        profile_hint: hint,
    }
}

fn headline(
    clinic: &Clinic,
    question: &Question<'_>,
    summary: &Summary,
    has_verdict: bool,
    first: Option<&Finding>,
    roots: usize,
) -> String {
    let words = &clinic.words.diagnosis.headline;
    if !has_verdict {
        return words.no_verdict.clone();
    }
    match (summary.outcome, first) {
        (Outcome::Unhealthy, Some(first)) if roots <= 1 => fill(&words.one, &[("title", &first.title)]),
        (Outcome::Unhealthy, Some(first)) => fill(
            &words.many,
            &[("title", &first.title), ("more", &(roots - 1).to_string())],
        ),
        (Outcome::Pending, Some(first)) => fill(&words.pending, &[("title", &first.title)]),
        (Outcome::Incomplete, _) => fill(
            &words.incomplete,
            &[("unknown", &count(summary.unknown, "check"))],
        ),
        _ if summary.fail + summary.pending > 0 => {
            let fail = summary.fail + summary.pending;
            let threshold = question.fail_on.to_string();
            let is = if fail == 1 { "is" } else { "are" };
            let fail = count(fail, "finding");
            fill(
                &words.healthy_with_notes,
                &[("threshold", &threshold), ("fail", &fail), ("is", is)],
            )
        }
        _ => fill(&words.healthy, &[("pass", &count(summary.pass, "check"))]),
    }
}

fn next_step(
    clinic: &Clinic,
    cases: &[Case<'_>],
    question: &Question<'_>,
    has_verdict: bool,
    first: Option<&Finding>,
) -> String {
    let words = &clinic.words.diagnosis.next_step;
    if !has_verdict {
        return words.no_verdict.clone();
    }
    if let Some(first) = first {
        if let Some(recheck_at) = &first.recheck_at {
            return fill(&words.wait, &[("recheck_at", recheck_at)]);
        }
        if let Some(remedy) = &first.remedy {
            let step = remedy.steps.first().map(String::as_str).unwrap_or_default();
            return fill(&words.fix, &[("owner", &remedy.owner), ("step", step)]);
        }
    }
    let gap = cases
        .iter()
        .filter(|case| case.is_gap && case.finding.severity >= question.fail_on)
        .find_map(|case| case.finding.unknown_because.first());
    match gap {
        Some(because) => fill(
            &words.read,
            &[("section", &because.section), ("need", &need(clinic, because))],
        ),
        None => words.healthy.clone(),
    }
}

fn need(clinic: &Clinic, because: &UnknownBecause) -> String {
    let words = &clinic.words.diagnosis.need;
    let needs: Vec<String> = [
        because
            .permission
            .as_deref()
            .map(|name| fill(&words.permission, &[("permission", name)])),
        because
            .role
            .as_deref()
            .map(|name| fill(&words.role, &[("role", name)])),
        because
            .license
            .as_deref()
            .map(|name| fill(&words.license, &[("license", name)])),
    ]
    .into_iter()
    .flatten()
    .collect();
    if needs.is_empty() {
        String::new()
    } else {
        format!(" ({})", needs.join(", "))
    }
}

fn password(facts: &Facts<'_>) -> Password {
    match text_fact(facts, "credential.password").as_deref() {
        Some("accepted") => Password::Accepted,
        Some("rejected") => Password::Rejected,
        Some("expired") => Password::Expired,
        Some("locked") => Password::Locked,
        _ => Password::Unknown,
    }
}

fn profile_hint(facts: &Facts<'_>, profile: Profile) -> Option<Profile> {
    let suggested: Profile = text_fact(facts, "profile.suggested")?.parse().ok()?;
    (suggested != profile).then_some(suggested)
}

fn text_fact(facts: &Facts<'_>, name: &str) -> Option<String> {
    facts
        .get(facts::find(name)?)
        .as_ref()
        .ok()
        .and_then(|value| value.in_words())
}
