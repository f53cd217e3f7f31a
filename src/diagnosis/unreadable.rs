//! What stands between a run and a full answer, grouped by the right that would settle it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::report::{Finding, Remaining, Status, Unreadable};
use crate::facts::{Reason, UnknownBecause};
use crate::snapshot::{Outcome, Snapshot, section_info};

/// Microsoft's own client for Graph, Graph Command Line Tools: it exists in every tenant.
const GRAPH_CLIENT: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";

type Right = (Option<String>, Option<String>, Option<String>, Option<Remaining>);

/// The groups, the smallest set of rights first, and of equal ones the one that answers the most checks.
pub(super) fn unreadable<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    snapshot: Option<&Snapshot>,
) -> Vec<Unreadable> {
    let mut groups: BTreeMap<Right, Unreadable> = BTreeMap::new();
    for finding in findings.filter(|finding| finding.status == Status::Unknown) {
        let causes: Vec<_> = finding
            .unknown_because
            .iter()
            .filter(|cause| !matches!(cause.reason, Reason::NotFound | Reason::ExpectationMissing))
            .filter(|cause| section_info(&cause.section).is_some_and(|info| !info.is_optional))
            .collect();
        // A licence costs money: it is asked for only where no other right answers the question.
        let without_license = causes.iter().any(|cause| cause.license.is_none());
        for cause in causes {
            if cause.license.is_some() && without_license {
                continue;
            }
            let right = (
                cause.permission.clone(),
                cause.role.clone(),
                cause.license.clone(),
                remaining(cause, snapshot),
            );
            let group = groups.entry(right.clone()).or_insert_with(|| Unreadable {
                permission: right.0,
                role: right.1,
                license: right.2,
                settled_by: right.3,
                sections: Vec::new(),
                checks: Vec::new(),
                consent_url: None,
            });
            note(&mut group.sections, &cause.section);
            note(&mut group.checks, &finding.id);
        }
    }
    let mut groups: Vec<Unreadable> = groups.into_values().collect();
    groups.sort_by_key(|group| {
        (
            size(group),
            std::cmp::Reverse(group.checks.len()),
            group.permission.clone(),
        )
    });
    let consent_url = snapshot.and_then(|snapshot| consent_url(&groups, snapshot));
    for group in &mut groups {
        if is_of_graph(group) {
            group.consent_url.clone_from(&consent_url);
        }
    }
    groups
}

/// What settles it where no right does.
fn remaining(cause: &UnknownBecause, snapshot: Option<&Snapshot>) -> Option<Remaining> {
    if cause.permission.is_some() || cause.role.is_some() || cause.license.is_some() {
        return None;
    }
    let section = snapshot.and_then(|snapshot| snapshot.section(&cause.section));
    Some(match cause.reason {
        Reason::Denied if cause.http_status == Some(401) => Remaining::SignIn,
        Reason::Denied => Remaining::Person,
        Reason::Skipped | Reason::Absent => Remaining::Capture,
        _ if section.is_some_and(|section| section.outcome == Outcome::Ok) => Remaining::Capture,
        _ => Remaining::Retry,
    })
}

fn note(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

/// How much has to be given; what no right settles (a broken answer) comes last.
fn size(group: &Unreadable) -> usize {
    let rights = [&group.permission, &group.role, &group.license];
    match rights.into_iter().flatten().count() {
        0 => rights.len() + 1,
        count => count,
    }
}

fn is_of_graph(group: &Unreadable) -> bool {
    group.permission.is_some() && group.sections.iter().all(|section| section.starts_with("graph."))
}

/// Microsoft's consent page for administrators, with every permission that is missing.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/v2-admin-consent>.
fn consent_url(groups: &[Unreadable], snapshot: &Snapshot) -> Option<String> {
    let (login, graph) = match snapshot.subject.cloud.as_deref() {
        None | Some("public" | "gcc") => ("login.microsoftonline.com", "graph.microsoft.com"),
        Some("gcc-high") => ("login.microsoftonline.us", "graph.microsoft.us"),
        Some("dod") => ("login.microsoftonline.us", "dod-graph.microsoft.us"),
        Some("china") => (
            "login.partner.microsoftonline.cn",
            "microsoftgraph.chinacloudapi.cn",
        ),
        Some(_) => return None,
    };
    let tenant = snapshot
        .subject
        .tenant_id
        .as_deref()
        .filter(|tenant| {
            tenant
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        })
        .filter(|tenant| !tenant.is_empty())
        .unwrap_or("organizations");
    let mut permissions: Vec<&str> = groups
        .iter()
        .filter(|group| is_of_graph(group))
        .filter_map(|group| group.permission.as_deref())
        .collect();
    permissions.sort_unstable();
    permissions.dedup();
    let mut scope = String::new();
    for permission in &permissions {
        let separator = if scope.is_empty() { "" } else { "%20" };
        write!(scope, "{separator}https%3A%2F%2F{graph}%2F{permission}").ok()?;
    }
    (!permissions.is_empty()).then(|| {
        format!(
            "https://{login}/{tenant}/v2.0/adminconsent?client_id={GRAPH_CLIENT}&scope={scope}&redirect_uri=http%3A%2F%2Flocalhost"
        )
    })
}
