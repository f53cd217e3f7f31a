//! What is kept of one account: its line in the answer, and what the overview needs of its report. The report itself is
//! not kept, so that a thousand accounts take no more memory than a thousand lines.

use std::collections::BTreeMap;

use serde_json::Value;

use super::changes::Change;
use super::document::{Account, ChangeKind, Gate, Shared};
use crate::diagnosis::report::{Evidence, Finding, Report, Status, Upcoming};
use crate::rules::Severity;

/// Who a row is about, as the list says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Where the evidence or the row stands.
    pub input: String,
    /// What the list calls the tenant.
    pub tenant: Option<String>,
    /// The account that the list names.
    pub account: Option<String>,
    /// The environment that the list names.
    pub environment: Option<String>,
    /// The other columns.
    pub columns: BTreeMap<String, String>,
}

/// What an exit code follows from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// A fail or pending finding stands at or above the threshold.
    pub has_fault: bool,
    /// An unanswered question that could hide one stands there.
    pub has_gap: bool,
    /// Anything about the account could be judged.
    pub has_verdict: bool,
}

/// One account after it was looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Looked {
    /// Its line in the answer.
    pub account: Account,
    /// What its exit code follows from.
    pub standing: Standing,
    /// There is no report because the tenant gave no answer; the row itself is as it should be.
    pub is_without_answer: bool,
    /// What is wrong, in the order to fix it.
    pub causes: Vec<OneCause>,
    /// The rights that it lacks.
    pub rights: Vec<OneRight>,
    /// What time will break.
    pub upcoming: Vec<Upcoming>,
}

/// One cause of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneCause {
    /// Rule id.
    pub id: String,
    /// What is wrong.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// Who fixes it; nobody, where time alone is expected to.
    pub owner: Option<String>,
    /// Whether time alone is expected to cure it.
    pub is_pending: bool,
    /// Since when.
    pub since: Option<String>,
    /// Names of the policies behind it.
    pub policies: Vec<String>,
    /// What other accounts could share with it, the policy left out.
    pub shared: Shared,
}

/// A right that one account lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneRight {
    /// Permission, role and licence.
    pub right: (Option<String>, Option<String>, Option<String>),
    /// How many checks it would answer.
    pub checks: usize,
}

/// Why there is no report of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoReport {
    /// The row is bad, or its evidence cannot be read.
    Bad(String),
    /// Nobody could be signed in, or the network failed.
    NoAnswer(String),
    /// The run was interrupted before.
    Interrupted,
}

/// An account without a report, and why there is none.
pub fn without_report(named: Named, why: NoReport, change: ChangeKind) -> Looked {
    let is_without_answer = !matches!(why, NoReport::Bad(_));
    let error = match why {
        NoReport::Bad(error) | NoReport::NoAnswer(error) => error,
        NoReport::Interrupted => "not looked at: the run was interrupted".to_owned(),
    };
    Looked {
        account: Account {
            error: Some(error),
            change,
            ..line(named)
        },
        is_without_answer,
        ..Looked::default()
    }
}

/// An account by its report. `first_seen` holds since which stored report each cause is there.
pub fn of_report(
    named: Named,
    report: &Report,
    standing: Standing,
    change: Change,
    first_seen: &BTreeMap<String, String>,
) -> Looked {
    let tenant = report.subject.tenant_id.clone().or_else(|| named.tenant.clone());
    let causes: Vec<OneCause> = causes(report, tenant.as_ref(), first_seen);
    let first = causes.first();
    let account = Account {
        account: Some(report.subject.account.clone()),
        environment: report
            .subject
            .environment
            .clone()
            .or_else(|| named.environment.clone()),
        tenant,
        profile: Some(report.profile),
        outcome: Some(report.summary.outcome),
        verdict: standing.has_verdict,
        headline: Some(report.diagnosis.headline.clone()),
        root_causes: report.diagnosis.root_causes.clone(),
        accepted: report.accepted_rules().map(str::to_owned).collect(),
        severity: causes.iter().map(|cause| cause.severity).max(),
        owner: first.and_then(|cause| cause.owner.clone()),
        next_step: Some(report.diagnosis.next_step.clone()),
        since: first.and_then(|cause| cause.since.clone()),
        change: change.kind,
        new_causes: change.new_causes,
        fixed_causes: change.fixed_causes,
        gates: gates(&report.findings),
        captured_at: Some(report.captured_at.clone()),
        ..line(named)
    };
    Looked {
        account,
        standing,
        is_without_answer: false,
        causes,
        rights: report
            .diagnosis
            .unreadable
            .iter()
            .map(|group| OneRight {
                right: (
                    group.permission.clone(),
                    group.role.clone(),
                    group.license.clone(),
                ),
                checks: group.checks.len(),
            })
            .collect(),
        upcoming: report.upcoming.clone(),
    }
}

/// What the list alone says.
fn line(named: Named) -> Account {
    Account {
        name: named.name,
        input: named.input,
        account: named.account,
        environment: named.environment,
        tenant: named.tenant,
        columns: named.columns,
        ..Account::default()
    }
}

/// The root causes, in the order to fix them.
fn causes(report: &Report, tenant: Option<&String>, first_seen: &BTreeMap<String, String>) -> Vec<OneCause> {
    let by_id = |id: &String| report.findings.iter().find(|finding| finding.id == *id);
    let roots = report.diagnosis.root_causes.iter().filter_map(by_id);
    roots
        .map(|finding| {
            let is_pending = finding.status == Status::Pending;
            let since = since(report, finding).or_else(|| first_seen.get(&finding.id).cloned());
            OneCause {
                id: finding.id.clone(),
                title: finding.title.clone(),
                severity: finding.severity,
                owner: finding
                    .remedy
                    .as_ref()
                    .filter(|_| !is_pending)
                    .map(|remedy| remedy.owner.clone()),
                is_pending,
                policies: policies(&finding.evidence),
                shared: Shared {
                    policy: None,
                    tenant: tenant.cloned(),
                    environment: report.subject.environment.clone(),
                    error: code(report, &finding.id),
                    day: since
                        .as_deref()
                        .and_then(|since| since.get(..10))
                        .map(str::to_owned),
                },
                since,
            }
        })
        .collect()
}

/// Since when a cause is there, by the evidence: the change that could explain it, else the first refusal that it explains.
fn since(report: &Report, finding: &Finding) -> Option<String> {
    let timeline = report.timeline.as_ref()?;
    let change = timeline
        .changes
        .iter()
        .filter(|change| change.rank.is_some() && change.failing_rules.contains(&finding.id))
        .min_by_key(|change| change.rank);
    let explains_the_refusals = timeline.state.is_failing() && code(report, &finding.id).is_some();
    let refusal = timeline.first_failure.as_ref().filter(|_| explains_the_refusals);
    change
        .map(|change| change.at.clone())
        .or_else(|| refusal.map(|moment| moment.at.clone()))
}

/// The code of the first error that was seen and that the finding explains.
fn code(report: &Report, id: &str) -> Option<String> {
    let is_explained = |error: &&Value| {
        let by = error.get("explained_by").and_then(Value::as_array);
        by.is_some_and(|by| by.iter().any(|rule| rule == id))
    };
    let error = report.errors.iter().find(is_explained)?;
    error.get("code").and_then(Value::as_str).map(str::to_owned)
}

/// The names of policies that a finding rests on.
fn policies(evidence: &[Evidence]) -> Vec<String> {
    let mut names: Vec<String> = evidence
        .iter()
        .filter(|evidence| evidence.fact.ends_with("_policies"))
        .filter_map(|evidence| evidence.value.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The worst answer of each area; what nobody asked leaves no mark.
fn gates(findings: &[Finding]) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    for finding in findings {
        if finding.status == Status::NotApplicable {
            continue;
        }
        match gates.iter_mut().find(|gate| gate.area == finding.area) {
            Some(gate) if rank(finding.status) > rank(gate.status) => gate.status = finding.status,
            Some(_) => {}
            None => gates.push(Gate {
                area: finding.area.clone(),
                status: finding.status,
            }),
        }
    }
    gates
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 4,
        Status::Pending => 3,
        Status::Unknown => 2,
        Status::Pass => 1,
        Status::NotApplicable => 0,
    }
}
