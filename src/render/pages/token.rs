//! What a token says, for a person. The token itself is no part of the report.

use crate::render::Style;
use crate::render::page::Page;
use crate::token::TokenReport;

/// The whole report.
pub fn token(report: &TokenReport, style: Style) -> String {
    let mut page = Page::new(style);
    let verdict = if report.refused_because.is_empty() {
        match report.service {
            Some(service) => format!("Nothing in this token makes {} refuse it.", service.word()),
            None => "This token is for another service: Dataverse and Graph refuse it.".to_owned(),
        }
    } else {
        let service = report.service.map_or("the service", |service| service.word());
        format!(
            "{service} would refuse this token: {}.",
            report.refused_because.join(", ")
        )
    };
    let verdict = page.strong(&verdict);
    page.line(&verdict);
    page.blank();
    let reason = report
        .signature
        .reason
        .as_deref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    page.labelled(0, "Signature", &format!("{}{reason}", report.signature.status));
    let texts = [
        ("Kind", &report.kind),
        ("User", &report.user),
        ("Object id", &report.object_id),
        ("Tenant", &report.tenant_id),
        ("App id", &report.application_id),
        ("Audience", &report.audience),
        ("Issuer", &report.issuer),
        ("Address", &report.ip_address),
        ("Issued", &report.issued_at),
        ("From", &report.valid_from),
        ("Expires", &report.expires_at),
    ];
    for (label, value) in texts {
        if let Some(value) = value {
            page.labelled(0, label, value);
        }
    }
    let lists = [
        ("Scopes", &report.scopes),
        ("Roles", &report.roles),
        ("Dir roles", &report.directory_roles),
        ("Methods", &report.authentication_methods),
    ];
    for (label, values) in lists {
        if !values.is_empty() {
            page.labelled(0, label, &values.join(" "));
        }
    }
    page.labelled(0, "Judged", &format!("as of {}", report.judged_at));
    page.heading("What each service needs, and what this token has");
    for need in &report.needs {
        let met = match need.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "unknown",
        };
        let has = if need.has.is_empty() { "nothing" } else { &need.has };
        page.item(&format!(
            "{} {}: {met}. Needs {}; has {has}.",
            need.service.word(),
            need.requirement,
            need.needed
        ));
    }
    page.into_text()
}

/// One line.
pub fn token_short(report: &TokenReport) -> String {
    let service = report.service.map_or("another service", |service| service.word());
    let verdict = if report.refused_because.is_empty() {
        "no reason to refuse it".to_owned()
    } else {
        format!("refused: {}", report.refused_because.join(", "))
    };
    format!("{service}: {verdict}; signature {}\n", report.signature.status)
}
