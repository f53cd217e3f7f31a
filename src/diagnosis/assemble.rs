//! Puts the report together: findings, root causes in order, summary, diagnosis.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use super::accept;
use super::access::Access;
use super::answers::Answers;
use super::doctor::{Diagnosed, Doctor, Question};
use super::finding::{Case, Wording, case, is_fault};
use super::fixes::Fixes;
use super::join::{Joined, SignIns, join};
use super::next_looks::next_looks;
use super::profiles::{self, Chosen};
use super::refusal::Refusal;
use super::report::{
    Exception, Finding, Outcome, ProfileVerdict, Report, ReportSubject, RulePack, SCHEMA, Status, Summary,
    Tool,
};
use super::reported::{contradictions, passes_as_reported};
use super::seen;
use super::sentences::Speaker;
use super::stable_id::stable_id;
use super::unreadable::unreadable;
use super::upcoming::{Stale, upcoming};
use crate::decode::PasswordVerdict;
use crate::decode::model::Grant;
use crate::facts::{self, FactValue, Facts};
use crate::profile::Profile;
use crate::rules::Severity;
use crate::timeline::{Fault, timeline};

/// The evidence as one profile judges it, before anything is put into sentences.
pub(super) struct Judged<'a> {
    profile: Profile,
    cases: Vec<Case<'a>>,
    exceptions: Vec<Exception>,
    joined: Joined,
    root_causes: Vec<String>,
    summary: Summary,
    /// A check that could stop Work 365 passes on what a person answered alone.
    as_reported: bool,
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
    let Answers {
        profile,
        facts,
        verdicts,
        resolved,
    } = answers;
    let profile = *profile;
    let wording = match in_words {
        true => Wording::Full(chosen.hint.filter(|_| chosen.profile == profile)),
        false => Wording::Silent,
    };
    let mut cases: Vec<Case<'_>> = doctor
        .book
        .rules()
        .iter()
        .enumerate()
        .filter(|(position, _)| question.selection.has(*position))
        .map(|(position, rule)| {
            case(
                doctor,
                profile,
                facts,
                rule,
                &verdicts[position],
                &resolved[position],
                wording,
            )
        })
        .collect();
    let exceptions = accept::apply(
        question.acceptances,
        facts,
        now,
        cases.iter_mut().map(|case| &mut case.finding),
    );
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
    let mut joined = join(
        &seen,
        sign_ins,
        &doctor.words.diagnosis,
        cases
            .iter()
            .map(|case| (&case.finding, case.rule.meaning(profile))),
    );
    for error in &mut joined.errors {
        with_options(error, facts);
    }
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
    let has_verdict = is_judged(&cases, snapshot.map_or(Access::Read, Access::of));
    // Where nothing was judged, nothing was found healthy.
    if summary.outcome == Outcome::Healthy
        && (joined.dataverse_refusal_is_open || as_reported || !has_verdict)
    {
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
    }
}

/// A missing right with what this account's roles, teams and access mode say about the ways to give it.
fn with_options(error: &mut Value, facts: &Facts<'_>) {
    let Some(context) = facts.context() else { return };
    if let Some(grant) = error.get_mut("grant")
        && let Ok(known) = serde_json::from_value::<Grant>(grant.clone())
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
        summary,
        as_reported,
    } = judged;
    let snapshot = facts.context().map(|context| context.snapshot);
    let access = snapshot.map_or(Access::Read, Access::of);
    let has_verdict = is_judged(&cases, access);
    let subject = ReportSubject {
        account: snapshot
            .map(|snapshot| snapshot.subject.account.clone())
            .unwrap_or_default(),
        object_id: text_fact(facts, "subject.object_id"),
        tenant_id: snapshot.and_then(|snapshot| snapshot.subject.tenant_id.clone()),
        environment: snapshot.and_then(|snapshot| snapshot.subject.environment.clone()),
    };
    let captured_at = snapshot.map(|snapshot| snapshot.captured_at);
    let after_days = doctor.words.diagnosis.stale_evidence.after_days;
    let stale = captured_at.and_then(|at| Stale::of(at, now, after_days));
    let ahead = upcoming(facts, profile, now, &exceptions, stale, &doctor.words.upcoming);
    let outcomes_differ = profiles
        .iter()
        .filter(|verdict| chosen.possible.contains(&verdict.profile))
        .any(|verdict| verdict.outcome != summary.outcome);
    let is_settled = match summary.outcome {
        Outcome::Healthy | Outcome::Pending => true,
        Outcome::Incomplete => false,
        // What is only known to be refused still has a cause.
        Outcome::Unhealthy => !root_causes
            .first()
            .and_then(|id| doctor.book.find(id))
            .is_some_and(|rule| rule.catches_refusals),
    };
    let looks = match is_settled || as_reported {
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
        identity_is_open: outcomes_differ,
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
    let diagnosis = speaker.diagnosis(root_causes, password(question, facts));
    let has_fault = cases.iter().any(|case| is_fault(&case.finding, question.fail_on));
    let has_gap = joined.dataverse_refusal_is_open
        || as_reported
        || cases
            .iter()
            .any(|case| case.is_gap && case.finding.severity >= question.fail_on);
    let timeline = facts.context().map(|context| {
        timeline(
            context,
            &doctor.words.timeline,
            &faults(&cases),
            &codes_seen(question),
        )
    });
    let pack = doctor.book.pack();
    let report = Report {
        schema: SCHEMA.to_owned(),
        input: None,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        rule_pack: RulePack {
            name: pack.name.clone(),
            version: pack.version.clone(),
            sha256: pack.sha256.clone(),
        },
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

/// The findings, each with the name that it keeps from run to run.
fn named(cases: Vec<Case<'_>>, subject: &ReportSubject) -> Vec<Finding> {
    let findings = cases.into_iter().map(|case| case.finding);
    findings
        .map(|finding| Finding {
            stable_id: stable_id(subject, Some(&finding.id)),
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

/// Whether anything about the account could be judged at all.
fn is_judged(cases: &[Case<'_>], access: Access) -> bool {
    access == Access::Read
        && cases.iter().any(|case| {
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

/// From the error that was seen, else from the probe or the newest password sign-in.
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

fn text_fact(facts: &Facts<'_>, name: &str) -> Option<String> {
    facts
        .get(facts::find(name)?)
        .as_ref()
        .ok()
        .and_then(|value| value.in_words())
}

fn time_fact(facts: &Facts<'_>, name: &str) -> Option<Timestamp> {
    match facts.get(facts::find(name)?) {
        Ok(FactValue::Time(at)) => Some(*at),
        _ => None,
    }
}
