//! A run as a folder that others may see: every exchange without a name, and the snapshot that came of it.
//!
//! The names go out by the snapshot's own redaction, under one key for all files, so that what belongs together still
//! does: an id in an answer and the same id in a later question have one pseudonym. Whoever has the folder can serve it
//! as a tenant again, which is what `tests/live/replay.rs` does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire::recorder::Exchange;
use crate::snapshot::redact::{CaseKey, RedactError, redact};
use crate::snapshot::sections;

/// Stands for the address of the next page, which can hold names.
const NEXT: &str = "{next}";

/// The name of the redacted snapshot in the folder.
pub const SNAPSHOT: &str = "snapshot.json";

/// The files of a recording by name: the snapshot, and one for each exchange.
///
/// # Errors
///
/// The redaction would have let something through; then there is no recording.
pub(crate) fn files(
    snapshot: &Value,
    exchanges: &[Exchange],
    key: &CaseKey,
) -> Result<BTreeMap<String, Value>, RedactError> {
    let mut whole = snapshot.clone();
    let bodies: Vec<Value> = exchanges
        .iter()
        .map(|exchange| nameable(exchange, snapshot))
        .collect();
    whole["value"] = Value::Array(bodies);
    let redacted = redact(whole.to_string().as_bytes(), key)?;
    let mut document = redacted.document;
    let bodies = document
        .as_object_mut()
        .and_then(|document| document.remove("value"))
        .unwrap_or_default();
    let mut files = BTreeMap::from([(SNAPSHOT.to_owned(), document)]);
    for (position, exchange) in exchanges.iter().enumerate() {
        let mut told = exchange.told.clone();
        let named = &bodies[position]["sections"][section(exchange)];
        if exchange.body.is_some() || exchange.section == sections::CHALLENGE {
            told["body"] = named["body"].clone();
        }
        // To the redaction the stand-in is a text like any other.
        if let Some(link) = told["body"].get_mut("@odata.nextLink") {
            *link = json!(NEXT);
        }
        if named["value"] != json!([]) {
            told["ids"] = named["value"].clone();
        }
        told["section"] = json!(exchange.section);
        let name = if exchange.section.is_empty() {
            "other"
        } else {
            exchange.section
        };
        files.insert(format!("{:03}-{name}.json", position + 1), told);
    }
    Ok(files)
}

/// What can hold names, at the place where the redaction knows what it is.
fn nameable(exchange: &Exchange, snapshot: &Value) -> Value {
    let mut body = exchange.body.clone().unwrap_or_default();
    // The challenge stands in a header, in a form of its own.
    if exchange.section == sections::CHALLENGE {
        body = snapshot["sections"][sections::CHALLENGE]["body"].clone();
    }
    if let Some(link) = body.get_mut("@odata.nextLink") {
        *link = json!(NEXT);
    }
    json!({"sections": {section(exchange): {"body": body, "value": exchange.ids}}})
}

/// The section whose words an exchange has; a refused sign-in is told in those of the probe.
fn section(exchange: &Exchange) -> &'static str {
    if exchange.section.is_empty() {
        sections::PROBE
    } else {
        exchange.section
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SNAPSHOT, files};
    use crate::collect::wire::recorder::Exchange;
    use crate::snapshot::redact::CaseKey;

    #[test]
    fn an_id_has_one_pseudonym_in_all_files_and_no_name_is_in_any() {
        let id = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
        let snapshot = json!({
            "schema": crate::snapshot::SCHEMA, "captured_at": "2026-01-05T10:11:12Z",
            "subject": {"account": "svc@fabrikam.com", "environment": "https://fabrikam.crm4.dynamics.com"},
            "sections": {"graph.user": {"outcome": "ok", "body": {"id": id, "userPrincipalName": "svc@fabrikam.com"}}}
        });
        let exchange = |section: &'static str, body| Exchange {
            section,
            told: json!({"method": "GET", "path": "/v1.0/users/{account}"}),
            ids: vec![id.to_owned()],
            body: Some(body),
        };
        let exchanges = [
            exchange(
                "graph.user",
                json!({"id": id, "userPrincipalName": "svc@fabrikam.com"}),
            ),
            exchange(
                "graph.license_details",
                json!({"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users/svc@fabrikam.com"}),
            ),
        ];
        let files = files(&snapshot, &exchanges, &CaseKey::new("a key of the case")).unwrap();
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            ["001-graph.user.json", "002-graph.license_details.json", SNAPSHOT]
        );
        let all = json!(files).to_string();
        assert!(!all.contains("fabrikam") && !all.contains(id), "{all}");
        let pseudonym = &files["001-graph.user.json"]["body"]["id"];
        assert_eq!(
            *pseudonym,
            files[SNAPSHOT]["sections"]["graph.user"]["body"]["id"]
        );
        assert_eq!(*pseudonym, files["002-graph.license_details.json"]["ids"][0]);
        assert_eq!(
            files["002-graph.license_details.json"]["body"]["@odata.nextLink"],
            "{next}"
        );
    }
}
