//! Which permission a request to Graph needs, by the tool's own request table, and what Graph says without it.

use serde_json::{Value, json};
use work365_doctor::collect::{READS, Read, Service};
use work365_doctor::snapshot::section_info;

use crate::replay::NEXT;
use crate::server::{Request, Response};

/// The audience of Graph's tokens.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";

/// The same by its application id.
pub(crate) const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// What a person's token for the environment carries.
pub(crate) const IMPERSONATION: &str = "user_impersonation";

/// The row of the request table that a decoded target was made of.
pub(crate) fn row_of(target: &str) -> Option<&'static Read> {
    READS
        .iter()
        .filter(|read| read.service == Service::Graph)
        .find(|read| fits(read.path, target) || fits(&without_advanced_query(read.path), target))
}

/// How memberships by kind are asked for in a tenant that takes no advanced query.
fn without_advanced_query(path: &str) -> String {
    if path.contains("/transitiveMemberOf/") {
        path.replacen("$count=true&", "", 1)
    } else {
        path.to_owned()
    }
}

/// Whether `target` is `template` with something in place of each placeholder, or a later page of that.
pub(crate) fn fits(template: &str, target: &str) -> bool {
    let Some((literal, rest)) = template.split_once('{') else {
        let Some(tail) = target.strip_prefix(template) else {
            return false;
        };
        return tail.is_empty() || tail[1..].starts_with("$skiptoken=");
    };
    let (_, after) = rest.split_once('}').unwrap();
    let Some(tail) = target.strip_prefix(literal) else {
        return false;
    };
    // No name or id of the fixtures holds a slash, and a value is never empty.
    let end = tail.find('/').unwrap_or(tail.len());
    (1..=end)
        .filter(|end| tail.is_char_boundary(*end))
        .any(|end| fits(after, &tail[end..]))
}

/// 403 in Graph's form when the token lacks the least permission of the request.
pub(crate) fn refusal(request: &Request, target: &str) -> Option<Response> {
    // A later page of a recording is addressed by its number: the first page was asked for by its row.
    if target.contains(NEXT) {
        return None;
    }
    let read = row_of(target).unwrap_or_else(|| panic!("no row of the request table asks {target}"));
    let info = section_info(read.section)?;
    let permission = info.permission?;
    let token = request.header("authorization")?.strip_prefix("Bearer ")?;
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap();
    let has = |wanted: &str| {
        let delegated = claims["scp"].as_str().unwrap_or_default();
        let own = claims["roles"].as_array().into_iter().flatten();
        delegated
            .split(' ')
            .chain(own.filter_map(Value::as_str))
            .any(|held| held == wanted)
    };
    if has(permission) || info.covered_by.iter().any(|wider| has(wider)) {
        return None;
    }
    let (code, message) = match read.path {
        path if path.contains("/auditLogs/") || path.contains("/reports/") => (
            "Authentication_MSGraphPermissionMissing",
            "Calling principal does not have required MSGraph permissions.",
        ),
        path if path.contains("/policies/") || path.contains("/conditionalAccess/") => (
            "AccessDenied",
            "You cannot perform the requested operation, required scopes are missing in the token.",
        ),
        _ => (
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ),
    };
    let id = request.header("client-request-id").unwrap_or_default();
    let inner = json!({"date": "2026-01-05T10:11:12", "request-id": "server-side", "client-request-id": id});
    Some(Response::json(
        403,
        &json!({"error": {"code": code, "message": message, "innerError": inner}}),
    ))
}

#[test]
fn every_request_of_the_table_is_recognised() {
    for read in READS.iter().filter(|read| read.service == Service::Graph) {
        let target = work365_doctor::collect::placeholders(read.path)
            .fold(read.path.to_owned(), |target, name| {
                target.replacen(&format!("{{{name}}}"), "11111111-1111-4111-8111-111111111111", 1)
            });
        let found = row_of(&target).unwrap_or_else(|| panic!("{target}"));
        assert_eq!(found.section, read.section, "{target}");
    }
    assert!(row_of("/v1.0/users/x/messages").is_none());
}
