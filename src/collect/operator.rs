//! Who asks: the claims of the Graph token, and what it cannot read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::probe::claims;
use super::section::Record;
use crate::secret::Secret;
use crate::snapshot::SECTIONS;

/// What the token says of its owner.
pub(super) struct Operator {
    /// `graph.operator`.
    pub(super) record: Record,
    /// The tenant that issued the token.
    pub(super) tenant: Option<String>,
    /// Permissions of the catalogue that the token does not hold, each with the sections that only it reads.
    pub(super) missing: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Reads the claims of a Graph token.
pub(super) fn of_token(token: &Secret) -> Operator {
    let Some(claims) = claims(token) else {
        return Operator {
            record: Record::failed(None, "malformed token"),
            tenant: None,
            missing: BTreeMap::new(),
        };
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_application = text("idtyp") == Some("app") || text("scp").is_none();
    let kind = if is_application { "application" } else { "user" };
    Operator {
        tenant: text("tid").map(str::to_owned),
        missing: missing(&claims),
        record: Record::ok(None, json!({"kind": kind, "claims": claims})),
    }
}

fn missing(claims: &Map<String, Value>) -> BTreeMap<&'static str, Vec<&'static str>> {
    let delegated = claims.get("scp").and_then(Value::as_str).unwrap_or_default();
    let own = claims
        .get("roles")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let held: BTreeSet<&str> = delegated
        .split_whitespace()
        .chain(own.filter_map(Value::as_str))
        .collect();
    let mut missing: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for section in SECTIONS
        .iter()
        .filter(|section| section.name.starts_with("graph."))
    {
        if let Some(permission) = section.permission.filter(|wanted| !is_covered(wanted, &held)) {
            missing.entry(permission).or_default().push(section.name);
        }
    }
    missing
}

/// What the broad directory permission reads as well (api-facts G-00, "replaces several above").
const DIRECTORY: [&str; 6] = [
    "User.Read.All",
    "Organization.Read.All",
    "Domain.Read.All",
    "GroupMember.Read.All",
    "Application.Read.All",
    "RoleManagement.Read.Directory",
];

/// Whether a permission is held, as itself, as the one that also writes, or as a part of the directory's.
fn is_covered(wanted: &str, held: &BTreeSet<&str>) -> bool {
    let has =
        |name: &str| held.contains(name) || held.contains(name.replacen(".Read.", ".ReadWrite.", 1).as_str());
    has(wanted) || (DIRECTORY.contains(&wanted) && has("Directory.Read.All"))
}

#[cfg(test)]
mod tests {
    use super::missing;
    use serde_json::json;

    #[test]
    fn permissions_of_either_kind_count_as_held() {
        let claims = json!({"scp": "User.Read.All Policy.Read.All", "roles": ["AuditLog.Read.All"]});
        let missing = missing(claims.as_object().unwrap());
        for held in ["User.Read.All", "Policy.Read.All", "AuditLog.Read.All"] {
            assert!(!missing.contains_key(held), "{held}");
        }
        assert_eq!(missing["Domain.Read.All"], ["graph.domain"]);
        let broad = json!({"roles": ["Directory.Read.All", "Policy.ReadWrite.All"]});
        let left = super::missing(broad.as_object().unwrap());
        for held in ["Domain.Read.All", "Directory.Read.All", "Policy.Read.All"] {
            assert!(!left.contains_key(held), "{held}");
        }
        assert!(left.contains_key("AuditLog.Read.All"));
    }
}
