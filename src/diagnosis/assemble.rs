//! Puts the report together: what was judged, in sentences, beside what time brings and what would settle the rest.

use jiff::Timestamp;
use serde_json::Value;

use super::cause_first::causes_not_read;
use super::doctor::{Diagnosed, Doctor, Question};
use super::finding::{Case, is_fault};
use super::join::Joined;
use super::judged::Judged;
use super::next_looks::next_looks;
use super::profiles::Chosen;
use super::refusal::Refusal;
use super::report::{
    Finding, Outcome, ProfileVerdict, Report, ReportSubject, RulePack, SCHEMA, Status, Tool,
};
use super::reported::contradictions;
use super::sentences::Speaker;
use super::stable_id::StableIds;
use super::unreadable::unreadable;
use super::upcoming::{Stale, upcoming};
use crate::decode::{Decoded, PasswordVerdict};
use crate::facts::{self, Facts};
use crate::snapshot::Snapshot;
use crate::timeline::{Fault, timeline};

/// The report of what one profile comes to.
pub(super) fn report(
    doctor: &Doctor,
    question: &Question<'_>,
    chosen: &Chosen,
    now: Timestamp,
    facts: &Facts<'_>,
    judged: Judged<'_>,
    profiles: Vec<ProfileVerdict>,
) -> Diagnosed {
    let Judged {
        profile,
        cases,
        exceptions,
        joined,
        root_causes,
        mut summary,
        as_reported,
        access,
        has_verdict,
    } = judged;
    let identity_is_open = outcomes_differ(&profiles, chosen, summary.outcome);
    // Nothing speaks for this guidance, and one that may be the right one finds something else: that is no health.
    let is_undecided = identity_is_open && chosen.is_default && summary.outcome == Outcome::Healthy;
    if is_undecided {
        summary.outcome = Outcome::Incomplete;
    }
    let snapshot = facts.context().map(|context| context.snapshot);
    let subject = subject(snapshot, facts);
    let captured_at = snapshot.map(|snapshot| snapshot.captured_at);
    let after_days = doctor.words.diagnosis.stale_evidence.after_days;
    let stale = captured_at.and_then(|at| Stale::of(at, now, after_days));
    let ahead = upcoming(facts, profile, now, &exceptions, stale, &doctor.words.upcoming);
    let looks = match is_settled(doctor, summary.outcome, &root_causes, &cases) || as_reported {
        true => Vec::new(),
        false => next_looks(doctor, facts, profile, now, question.error),
    };
    let speaker = Speaker {
        looks: &looks,
        as_reported,
        doctor,
        question,
        profile,
        cases: &cases,
        summary: &summary,
        subject: &subject,
        access,
        has_verdict,
        refusal: Refusal::of(facts),
        stale_days: stale.map(|stale| stale.days),
        ahead: &ahead,
        identity_is_open,
        is_undecided,
        unreadable: unreadable(
            cases
                .iter()
                .filter(|case| case.is_gap || !case.rule.later_evidence)
                .map(|case| &case.finding),
            snapshot,
        ),
        chosen,
        settled: &joined.settled,
    };
    let diagnosis = speaker.diagnosis(root_causes, password(question, facts, &joined.settled));
    let mut open = cases.iter().filter(|case| case.is_gap);
    let has_gap = joined.refusal_is_open
        || as_reported
        || is_undecided
        || open.any(|case| case.finding.severity >= question.fail_on);
    let has_fault = cases.iter().any(|case| is_fault(&case.finding, question.fail_on));
    let words = &doctor.words.timeline;
    let timeline = facts
        .context()
        .map(|context| timeline(context, words, &faults(&cases), &codes_seen(question, &joined)));
    let report = Report {
        schema: SCHEMA.to_owned(),
        input: None,
        tool: tool(),
        rule_pack: rule_pack(doctor),
        profile,
        generated_at: now.to_string(),
        captured_at: captured_at.map(|at| at.to_string()).unwrap_or_default(),
        summary,
        diagnosis,
        findings: named(cases, &subject),
        subject,
        errors: joined.errors,
        unrecognised_error: question.error.and_then(|error| error.unrecognised.clone()),
        requests: Vec::new(),
        exceptions,
        comparison: None,
        timeline,
        profiles,
        rehearsal: None,
        upcoming: ahead.entries,
        questions: looks,
        contradictions: contradictions(facts),
    };
    Diagnosed {
        report,
        has_fault,
        has_gap,
        has_verdict,
    }
}

/// Whom and what the evidence is about.
fn subject(snapshot: Option<&Snapshot>, facts: &Facts<'_>) -> ReportSubject {
    let subject = snapshot.map(|snapshot| &snapshot.subject);
    ReportSubject {
        account: subject.map(|subject| subject.account.clone()).unwrap_or_default(),
        object_id: text_fact(facts, "subject.object_id"),
        tenant_id: subject.and_then(|subject| subject.tenant_id.clone()),
        environment: subject.and_then(|subject| subject.environment.clone()),
    }
}

/// Whether the cause is known, so that nothing has to be asked.
fn is_settled(doctor: &Doctor, outcome: Outcome, root_causes: &[String], cases: &[Case<'_>]) -> bool {
    match outcome {
        Outcome::Healthy | Outcome::Pending => true,
        Outcome::Incomplete => false,
        // What is only known to be refused still has a cause, and so has what nobody could look behind.
        Outcome::Unhealthy => !root_causes.first().is_some_and(|first| {
            let is_refusal = doctor.book.find(first).is_some_and(|rule| rule.catches_refusals);
            is_refusal || !causes_not_read(cases, first).is_empty()
        }),
    }
}

/// Whether another profile that is possible comes to another outcome.
fn outcomes_differ(profiles: &[ProfileVerdict], chosen: &Chosen, outcome: Outcome) -> bool {
    profiles
        .iter()
        .filter(|verdict| chosen.possible.contains(&verdict.profile))
        .any(|verdict| verdict.outcome != outcome)
}

fn tool() -> Tool {
    Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn rule_pack(doctor: &Doctor) -> RulePack {
    let pack = doctor.book.pack();
    RulePack {
        name: pack.name.clone(),
        version: pack.version.clone(),
        sha256: pack.sha256.clone(),
    }
}

/// The findings, each with the name that it keeps from run to run.
fn named(cases: Vec<Case<'_>>, subject: &ReportSubject) -> Vec<Finding> {
    let ids = StableIds::of(subject);
    let findings = cases.into_iter().map(|case| case.finding);
    findings
        .map(|finding| Finding {
            stable_id: ids.of_rule(Some(&finding.id)),
            ..finding
        })
        .collect()
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

/// The codes of the error that somebody saw, and of what jobs say that speaks of the account now.
fn codes_seen(question: &Question<'_>, joined: &Joined) -> Vec<String> {
    let errors = question.error.iter().flat_map(|decoded| &decoded.errors);
    let mut codes: Vec<String> = errors.map(|error| error.code.clone()).collect();
    for code in &joined.told {
        if !codes.iter().any(|known| known == code) {
            codes.push(code.clone());
        }
    }
    codes
}

/// From the error that was seen, unless it is history, else from the probe or the newest password sign-in.
fn password(question: &Question<'_>, facts: &Facts<'_>, settled: &[String]) -> PasswordVerdict {
    let speaks_now = |decoded: &&Decoded| {
        !decoded
            .primary
            .as_ref()
            .is_some_and(|code| settled.contains(code))
    };
    let error = question.error.filter(speaks_now);
    let by_error = error.map(|decoded| decoded.password).unwrap_or_default();
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

fn text_fact(facts: &Facts<'_>, name: &str) -> Option<String> {
    facts
        .get(facts::find(name)?)
        .as_ref()
        .ok()
        .and_then(|value| value.in_words())
}
