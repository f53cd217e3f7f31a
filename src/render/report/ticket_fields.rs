//! `ticket-fields`: what a ticket system puts into its own fields.

use schemars::JsonSchema;
use serde::Serialize;

use super::shown::{neutralised, root_causes};
use crate::diagnosis::report::{Finding, Report, Status};
use crate::render::json::json;
use crate::rules::Severity;
use crate::text::one_line;

/// The schema name.
const SCHEMA: &str = "work365-doctor/ticket-fields/v1";

/// The fields of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TicketFields {
    /// Always `work365-doctor/ticket-fields/v1`.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// One line: the outcome, the account, the headline.
    title: String,
    /// The gravest of the causes; null when there is none.
    severity: Option<Severity>,
    /// Who must act first; null when nobody must.
    owner: Option<String>,
    /// The same for this account and environment in every run: what a ticket is found again by.
    stable_id: String,
    /// Words to file it under: outcome, profile, areas, causes, codes.
    labels: Vec<String>,
    /// The next step.
    next_step: String,
    /// One a cause, in the order to fix them.
    findings: Vec<TicketFinding>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TicketFinding {
    /// Rule id.
    rule: String,
    /// The same for this rule, account and environment in every run.
    stable_id: String,
    /// What is wrong.
    title: String,
    /// `fail` or `pending`.
    status: Status,
    /// How much it matters.
    severity: Severity,
    /// Who must act; null when time alone is expected to cure it.
    owner: Option<String>,
    /// Words to file it under.
    labels: Vec<String>,
    /// What to do, in order.
    steps: Vec<String>,
    /// When to look again.
    recheck_at: Option<String>,
}

/// The fields as JSON.
pub(crate) fn ticket_fields(report: &Report) -> String {
    json(&fields(report))
}

fn fields(report: &Report) -> TicketFields {
    // Labels and ids come from the report as it is; what a person reads is neutralised.
    let stable_id = report.stable_id(None);
    let shown = neutralised(report);
    let roots = root_causes(&shown);
    let mut labels = vec![
        "work365-doctor".to_owned(),
        format!("outcome:{}", report.summary.outcome.word()),
        format!("profile:{}", report.profile),
    ];
    for root in &roots {
        labels.extend(labels_of(root));
    }
    let mut unique: Vec<String> = Vec::new();
    for label in labels {
        if !unique.contains(&label) {
            unique.push(label);
        }
    }
    TicketFields {
        schema: SCHEMA,
        title: one_line(&format!(
            "{} {}: {}",
            report.summary.outcome.word().to_uppercase(),
            shown.subject.account,
            shown.diagnosis.headline
        )),
        severity: roots.iter().map(|root| root.severity).max(),
        owner: roots.iter().find_map(|root| owner(root)),
        stable_id,
        labels: unique,
        next_step: one_line(&shown.diagnosis.next_step),
        findings: roots
            .into_iter()
            .map(|root| TicketFinding {
                rule: root.id.clone(),
                stable_id: report.stable_id(Some(&root.id)),
                title: one_line(&root.title),
                status: root.status,
                severity: root.severity,
                owner: owner(root),
                labels: labels_of(root),
                steps: root
                    .remedy
                    .iter()
                    .flat_map(|remedy| remedy.steps.iter().map(|step| one_line(step)))
                    .collect(),
                recheck_at: root.recheck_at.clone(),
            })
            .collect(),
    }
}

fn owner(finding: &Finding) -> Option<String> {
    let remedy = finding.remedy.as_ref();
    let remedy = remedy.filter(|_| finding.status != Status::Pending)?;
    Some(remedy.owner.clone())
}

fn labels_of(finding: &Finding) -> Vec<String> {
    let mut labels = vec![
        format!("area:{}", finding.area),
        format!("rule:{}", finding.id),
        format!("severity:{}", finding.severity),
    ];
    labels.extend(finding.explains.iter().map(|code| format!("code:{code}")));
    labels
}
