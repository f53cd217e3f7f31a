//! Changes of the account's row by the record's own history, where the audit table does not name what changed.
//!
//! The description of the audit table has no `changedata`, so an environment may refuse that column; who may not read the
//! table may still read the history of a record. Microsoft's reference says that the history comes without times
//! (<https://learn.microsoft.com/power-apps/developer/data-platform/auditing/retrieve-audit-data>, read 2026-11-30); clients
//! in use find them in `AuditRecord`. An entry keeps what it was sent with: a change without a time is still a change.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::record::Record;
use super::replies::items;
use crate::collect::wire::call::Reply;

/// `action` of a change of columns.
const UPDATE: i64 = 2;

/// Whether the audit table was refused, or leaves out what an update changed.
pub(crate) fn is_wanted(audit: &Reply) -> bool {
    match audit.ok() {
        Some(body) => items(body)
            .into_iter()
            .any(|entry| entry["action"] == UPDATE && entry["changedata"].is_null()),
        None => audit.status() == Some(403) || audit.is_unknown_question(),
    }
}

/// The section: every change of columns by the history; other events by the audit table if that was read, since they need no
/// columns and have their times there. A table that was refused stays refused where the history has no times in its place.
pub(crate) fn record(history: &Value, audit: &Record) -> Record {
    let collection = &history["AuditDetailCollection"];
    let Some(details) = collection["AuditDetails"].as_array() else {
        return audit.clone();
    };
    let mut entries: Vec<Value> = details.iter().filter_map(change).collect();
    match audit.ok_body() {
        Some(body) => entries.extend(
            items(body)
                .into_iter()
                .filter(|entry| entry["action"] != UPDATE)
                .cloned(),
        ),
        None if details.iter().any(has_no_time) => return audit.clone(),
        None => entries.extend(
            details
                .iter()
                .filter(|detail| change(detail).is_none())
                .map(event),
        ),
    }
    Record::list(entries, collection["MoreRecords"] == true || audit.is_truncated())
}

fn has_no_time(detail: &Value) -> bool {
    !detail["AuditRecord"]["createdon"].is_string()
}

/// A change of columns in the form of the audit table.
fn change(detail: &Value) -> Option<Value> {
    let (old, new) = (&detail["OldValue"], &detail["NewValue"]);
    if !old.is_object() && !new.is_object() {
        return None;
    }
    let names: BTreeSet<&String> = [old, new]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|values| values.keys())
        .filter(|name| !name.contains('@'))
        .collect();
    let changed: Vec<Value> = names
        .into_iter()
        .map(|name| json!({"logicalName": column(name), "oldValue": old[name], "newValue": new[name]}))
        .collect();
    let mut entry = event(detail);
    entry["changedata"] = json!(json!({ "changedAttributes": changed }).to_string());
    Some(entry)
}

/// When and what, as far as it was sent.
fn event(detail: &Value) -> Value {
    let mut entry = json!({});
    for name in ["createdon", "action"] {
        let value = &detail["AuditRecord"][name];
        if !value.is_null() {
            entry[name] = value.clone();
        }
    }
    entry
}

/// A lookup is read by another name than that of its column: `_businessunitid_value`.
fn column(name: &str) -> &str {
    name.strip_prefix('_')
        .and_then(|rest| rest.strip_suffix("_value"))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{is_wanted, record};
    use crate::collect::requests::record::Record;
    use crate::collect::wire::call::Reply;

    #[test]
    fn the_history_is_asked_for_where_the_table_does_not_name_what_changed() {
        let of = |entry: Value| Reply::json(200, json!({"value": [entry]}));
        for (audit, wanted) in [
            (of(json!({"action": 2, "changedata": "{}"})), false),
            (of(json!({"action": 2})), true),
            (of(json!({"action": 2, "changedata": null})), true),
            (of(json!({"action": 55})), false),
            (Reply::json(200, json!({"value": []})), false),
            (Reply::json(400, json!({})), true),
            (Reply::json(403, json!({})), true),
            (Reply::json(401, json!({})), false),
            (Reply::json(503, json!({})), false),
        ] {
            assert_eq!(is_wanted(&audit), wanted, "{audit:?}");
        }
    }

    fn history(details: Value) -> Value {
        json!({"AuditDetailCollection": {"MoreRecords": false, "AuditDetails": details}})
    }

    fn value(record: &Record) -> Value {
        record.ok_body().unwrap()["value"].clone()
    }

    #[test]
    fn changes_come_from_the_history_and_the_rest_from_the_table() {
        let details = json!([
            {"OldValue": {"@odata.type": "#x", "isdisabled": false, "_businessunitid_value": "a"},
             "NewValue": {"isdisabled": true, "_businessunitid_value": "b", "_businessunitid_value@x": "y"}},
            {"RelationshipName": "systemuserroles"},
        ]);
        let audit = Record::list(
            vec![
                json!({"action": 2, "createdon": "2026-01-05T00:00:00Z"}),
                json!({"action": 55, "createdon": "2026-01-04T00:00:00Z"}),
            ],
            false,
        );
        let changed = "{\"changedAttributes\":[\
            {\"logicalName\":\"businessunitid\",\"newValue\":\"b\",\"oldValue\":\"a\"},\
            {\"logicalName\":\"isdisabled\",\"newValue\":true,\"oldValue\":false}]}";
        assert_eq!(
            value(&record(&history(details), &audit)),
            json!([{"changedata": changed}, {"action": 55, "createdon": "2026-01-04T00:00:00Z"}])
        );
    }

    #[test]
    fn without_the_table_every_event_comes_from_the_history_with_the_time_that_it_was_sent_with() {
        let details = json!([
            {"AuditRecord": {"createdon": "2026-01-05T00:00:00Z", "action": 2, "_userid_value": "u"}, "NewValue": {"isdisabled": true}},
            {"AuditRecord": {"createdon": "2026-01-04T00:00:00Z", "action": 55}},
        ]);
        let refused = Record::failed(Some(400), "HTTP 400");
        let entries = value(&record(&history(details), &refused));
        assert_eq!(entries[0]["createdon"], "2026-01-05T00:00:00Z");
        assert_eq!(entries[0]["action"], 2);
        assert_eq!(
            entries[1],
            json!({"createdon": "2026-01-04T00:00:00Z", "action": 55})
        );
        let timeless = record(&history(json!([{"NewValue": {"isdisabled": true}}])), &refused);
        assert_eq!(timeless.status(), Some(400));
    }

    #[test]
    fn a_history_that_goes_on_says_so_and_one_without_a_list_is_none() {
        let mut long = history(json!([]));
        long["AuditDetailCollection"]["MoreRecords"] = json!(true);
        let refused = Record::failed(Some(400), "HTTP 400");
        assert!(record(&long, &refused).is_truncated());
        assert_eq!(record(&json!({}), &refused).status(), Some(400));
    }
}
