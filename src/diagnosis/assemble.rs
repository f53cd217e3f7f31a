//! Puts the report together: findings, root causes in order, summary, diagnosis.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::accept;
use super::finding::{Case, case, is_fault};
use super::join::join;
use super::mask::Resolved;
use super::report::{Outcome, Report, ReportSubject, RulePack, SCHEMA, Status, Summary, Tool};
use super::sentences::Speaker;
use super::{Clinic, Diagnosed, Question};
use crate::decode::PasswordVerdict;
use crate::facts::{self, Facts};
use crate::profile::Profile;
use crate::rules::{Severity, Verdict};
use crate::timeline::{Fault, timeline};

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
    let joined = join(
        question.error,
        &clinic.words.diagnosis.error,
        cases
            .iter()
            .map(|case| (&case.finding, case.rule.meaning(question.profile))),
    );
    for case in &mut cases {
        case.finding.explains = joined.explains.get(&case.finding.id).cloned().unwrap_or_default();
    }
    let root_causes = root_causes(&cases, question.fail_on);
    for case in &mut cases {
        case.finding.root_cause = root_causes.contains(&case.finding.id);
    }
    let left_out = clinic.book.rules().len() - cases.len();
    let summary = summary(&cases, left_out, question.fail_on);
    let has_verdict = cases.iter().any(|case| {
        case.rule.area != "operator"
            && matches!(case.finding.status, Status::Pass | Status::Fail | Status::Pending)
    });
    let snapshot = facts.inputs().map(|inputs| inputs.snapshot);
    let subject = ReportSubject {
        account: snapshot
            .map(|snapshot| snapshot.subject.account.clone())
            .unwrap_or_default(),
        object_id: text_fact(facts, "subject.object_id"),
        tenant_id: snapshot.and_then(|snapshot| snapshot.subject.tenant_id.clone()),
        environment: snapshot.and_then(|snapshot| snapshot.subject.environment.clone()),
    };
    let speaker = Speaker {
        clinic,
        question,
        cases: &cases,
        summary: &summary,
        subject: &subject,
        has_verdict,
    };
    let diagnosis = speaker.diagnosis(root_causes, password(question, facts), hint);
    let has_fault = cases.iter().any(|case| is_fault(&case.finding, question.fail_on));
    let has_gap = cases
        .iter()
        .any(|case| case.is_gap && case.finding.severity >= question.fail_on);
    let timeline = facts.inputs().map(|inputs| {
        timeline(
            inputs,
            &clinic.words.timeline,
            &faults(&cases),
            &codes_seen(question),
        )
    });
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
        subject,
        summary,
        diagnosis,
        findings: cases.into_iter().map(|case| case.finding).collect(),
        errors: joined.errors,
        requests: Vec::new(),
        exceptions,
        comparison: None,
        timeline,
    };
    Diagnosed {
        report,
        has_fault,
        has_gap,
        has_verdict,
    }
}

/// The rules that fail, with the texts of their evidence, for the timeline.
fn faults(cases: &[Case<'_>]) -> Vec<Fault> {
    let texts = |value: &Value| match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    cases
        .iter()
        .filter(|case| matches!(case.finding.status, Status::Fail | Status::Pending))
        .map(|case| Fault {
            rule: case.finding.id.clone(),
            evidence: case
                .finding
                .evidence
                .iter()
                .flat_map(|evidence| texts(&evidence.value))
                .collect(),
        })
        .collect()
}

/// The codes of the error that somebody saw.
fn codes_seen(question: &Question<'_>) -> Vec<String> {
    let errors = question.error.iter().flat_map(|decoded| &decoded.errors);
    errors.map(|error| error.code.clone()).collect()
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

/// From the error that was seen, else from the probe or the newest password sign-in (`CONTRACT.md` section 4).
fn password(question: &Question<'_>, facts: &Facts<'_>) -> PasswordVerdict {
    let by_error = question.error.map(|decoded| decoded.password).unwrap_or_default();
    if by_error != PasswordVerdict::Unknown {
        return by_error;
    }
    match text_fact(facts, "credential.password").as_deref() {
        Some("accepted") => PasswordVerdict::Accepted,
        Some("rejected") => PasswordVerdict::Rejected,
        Some("expired") => PasswordVerdict::Expired,
        Some("locked") => PasswordVerdict::Locked,
        _ => PasswordVerdict::Unknown,
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
