//! `sarif`: SARIF 2.1.0 with logical locations: a fault stands in a tenant, not in a file.
//!
//! Own types for the part of the standard that is used. Source: OASIS SARIF 2.1.0, section 3.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::shown::{because_in_words, neutralised, numbered_lines};
use crate::diagnosis::report::{Finding, Report, Status};
use crate::render::json as to_json;
use crate::rules::Severity;
use crate::text::hex;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    automation_details: AutomationDetails,
    results: Vec<SarifResult>,
    properties: Value,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: String,
    semantic_version: String,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    full_description: Message,
    default_configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
    properties: Value,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    name: String,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

/// The report as SARIF.
pub fn sarif(report: &Report) -> String {
    let report = &neutralised(report);
    let results = report.findings.iter().enumerate();
    to_json(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: report.tool.name.clone(),
                    semantic_version: report.tool.version.clone(),
                    rules: report.findings.iter().map(descriptor).collect(),
                },
            },
            automation_details: AutomationDetails {
                id: format!("{}/{}", report.subject.account, report.captured_at),
            },
            results: results
                .map(|(index, finding)| result(report, index, finding))
                .collect(),
            properties: json!({
                "outcome": report.summary.outcome,
                "headline": report.diagnosis.headline,
                "nextStep": report.diagnosis.next_step,
                "password": report.diagnosis.password,
                "rootCauses": report.diagnosis.root_causes,
                "profile": report.profile,
                "rulePack": report.rule_pack,
            }),
        }],
    })
}

fn descriptor(finding: &Finding) -> Descriptor {
    let remedy = finding.remedy.as_ref();
    let link = |links: &Vec<String>| links.iter().find(|link| link.starts_with("https://")).cloned();
    Descriptor {
        id: finding.id.clone(),
        full_description: Message {
            text: finding.why.clone(),
        },
        default_configuration: Configuration {
            level: level(finding.severity),
        },
        help_uri: remedy.and_then(|remedy| link(&remedy.links)),
        help: remedy.map(|remedy| Message {
            text: format!(
                "{}:\n{}\nAvoid: {}\nProof: {}",
                remedy.owner,
                numbered_lines(&remedy.steps, '.').join("\n"),
                remedy.avoid,
                remedy.verify
            ),
        }),
        properties: json!({"area": finding.area, "severity": finding.severity, "guidance": finding.guidance}),
    }
}

fn result(report: &Report, index: usize, finding: &Finding) -> SarifResult {
    let (kind, level) = match finding.status {
        Status::Fail => ("fail", level(finding.severity)),
        // The standard allows a level beside `fail` only.
        Status::Pending => ("review", "none"),
        Status::Unknown => ("open", "none"),
        Status::Pass => ("pass", "none"),
        Status::NotApplicable => ("notApplicable", "none"),
    };
    let mut text = finding.title.clone();
    for cause in &finding.unknown_because {
        text.push_str("\nNot read: ");
        text.push_str(&because_in_words(cause));
    }
    let subject = &report.subject;
    let place = [
        subject.tenant_id.as_deref().unwrap_or("tenant"),
        subject.environment.as_deref().unwrap_or("environment"),
        &subject.account,
        &finding.area,
    ];
    let accepted = finding.accepted.iter().map(|accepted| Suppression {
        kind: "external",
        justification: format!(
            "{} ({}, until {})",
            accepted.reason, accepted.owner, accepted.expires
        ),
    });
    SarifResult {
        rule_id: finding.id.clone(),
        rule_index: index,
        kind,
        level,
        message: Message { text },
        locations: [Location {
            logical_locations: [LogicalLocation {
                name: subject.account.clone(),
                fully_qualified_name: place.join("/"),
                kind: "resource",
            }],
        }],
        partial_fingerprints: json!({"work365-doctor/v1": fingerprint(report, &finding.id)}),
        suppressions: accepted.collect(),
        properties: json!({
            "status": finding.status,
            "rootCause": finding.root_cause,
            "explainedBy": finding.explained_by,
            "blockedBy": finding.blocked_by,
            "evidence": finding.evidence,
            "recheckAt": finding.recheck_at,
        }),
    }
}

/// Same account, environment and rule: the same result in the next run.
fn fingerprint(report: &Report, id: &str) -> String {
    let environment = report.subject.environment.as_deref().unwrap_or_default();
    let name = format!("{}\n{environment}\n{id}", report.subject.account);
    hex(&Sha256::digest(name.as_bytes())[..16])
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}
