//! Who asks: the claims of the Graph token, and what it cannot read.

use std::collections::BTreeSet;

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
    /// Permissions of the catalogue that the token does not hold, sorted.
    pub(super) missing: Vec<&'static str>,
}

/// Reads the claims of a Graph token.
pub(super) fn of_token(token: &Secret) -> Operator {
    let Some(claims) = claims(token) else {
        return Operator {
            record: Record::failed(None, "malformed token"),
            tenant: None,
            missing: Vec::new(),
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

fn missing(claims: &Map<String, Value>) -> Vec<&'static str> {
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
    let missing: BTreeSet<&'static str> = SECTIONS
        .iter()
        .filter(|section| section.name.starts_with("graph."))
        .filter_map(|section| section.permission)
        .filter(|permission| !held.contains(permission))
        .collect();
    missing.into_iter().collect()
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
            assert!(!missing.contains(&held), "{held}");
        }
        assert!(missing.contains(&"Domain.Read.All"));
    }
}
