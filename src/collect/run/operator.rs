//! Who asks: the claims of the Graph token, and what it cannot read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::collect::auth::token_claims::claims;
use crate::collect::requests::record::Record;
use crate::secret::Secret;
use crate::snapshot::{SECTIONS, SectionInfo};

/// What the token says of its owner.
pub(crate) struct Operator {
    /// `graph.operator`.
    pub(crate) record: Record,
    /// The tenant that issued the token.
    pub(crate) tenant: Option<String>,
    /// Permissions of the catalogue that the token does not hold, each with the sections that only it reads.
    pub(crate) missing: BTreeMap<&'static str, Vec<&'static str>>,
    /// The application that a person signed in with.
    pub(crate) client: Option<String>,
    /// The name that the person signed in with.
    pub(crate) name: Option<String>,
}

impl Operator {
    /// What is worth saying before the first read, so that nobody waits for what cannot come.
    pub(crate) fn notes(&self, account: &str, consent_page: impl Fn(&str, &[&str]) -> String) -> Vec<String> {
        let mut notes = Vec::new();
        if self
            .name
            .as_deref()
            .is_some_and(|name| name.eq_ignore_ascii_case(account))
        {
            notes.push(
                "you signed in as the service account itself: it sees little, and its own sign-in is now in the log; sign in as yourself"
                    .to_owned(),
            );
        }
        if !self.missing.is_empty() {
            let lacks: Vec<String> = self
                .missing
                .iter()
                .map(|(permission, sections)| format!("{permission} ({})", sections.join(", ")))
                .collect();
            let names: Vec<&str> = self.missing.keys().copied().collect();
            let page = self.client.as_deref().map(|client| consent_page(client, &names));
            let page = page.map(|page| format!("; an administrator consents to them at {page}"));
            notes.push(format!(
                "the Graph token lacks {}; what only they can read stays unknown{}",
                lacks.join(", "),
                page.unwrap_or_default()
            ));
        }
        notes
    }
}

/// The Azure CLI's own application: nobody can consent to more for it.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// Reads the claims of a Graph token.
pub(crate) fn of_token(token: &Secret) -> Operator {
    let Some(claims) = claims(token) else {
        return Operator {
            record: Record::failed(None, "malformed token"),
            tenant: None,
            missing: BTreeMap::new(),
            client: None,
            name: None,
        };
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_application = text("idtyp") == Some("app") || text("scp").is_none();
    let kind = if is_application { "application" } else { "user" };
    Operator {
        tenant: text("tid").map(str::to_owned),
        missing: missing(&claims),
        client: text("appid")
            .filter(|client| !is_application && *client != AZURE_CLI)
            .map(str::to_owned),
        name: text("upn")
            .or_else(|| text("unique_name"))
            .or_else(|| text("preferred_username"))
            .map(str::to_owned),
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
        if let Some(permission) = section.permission.filter(|_| !is_covered(section, &held)) {
            missing.entry(permission).or_default().push(section.name);
        }
    }
    missing
}

/// Whether a permission is held, as itself or as the one that also writes.
fn has(wanted: &str, held: &BTreeSet<&str>) -> bool {
    held.contains(wanted) || held.contains(wanted.replacen(".Read.", ".ReadWrite.", 1).as_str())
}

/// Whether a section can be read: with its least permission, or with a wider one.
fn is_covered(section: &SectionInfo, held: &BTreeSet<&str>) -> bool {
    let mut readers = section.permission.iter().chain(section.covered_by);
    readers.any(|permission| has(permission, held))
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
