//! Small snapshots for the unit tests of the areas that start from a matched row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use crate::facts::{Context, Expectations, ExpectedTimeZone, FactValue, Facts, Reading, find};
use crate::profile::Profile;
use crate::snapshot::Snapshot;

/// Object id of the account.
pub(crate) const OBJECT_ID: &str = "11111111-1111-4111-8111-111111111111";

/// A section that was answered with this collection.
pub(crate) fn ok(value: Value) -> Value {
    json!({"outcome": "ok", "http_status": 200, "body": {"value": value}})
}

/// A section that was refused.
pub(crate) fn denied() -> Value {
    json!({"outcome": "denied", "http_status": 403})
}

/// A snapshot with the account's row (with these columns added) and further sections.
pub(crate) fn with_row(columns: Value, sections: Value) -> Snapshot {
    let mut row = json!({
        "systemuserid": "55555555-5555-4555-8555-555555555555",
        "azureactivedirectoryobjectid": OBJECT_ID,
        "_businessunitid_value": "root",
    });
    merge(&mut row, columns);
    let mut all = json!({
        "graph.user": {"outcome": "ok", "body": {"id": OBJECT_ID}},
        "graph.service_principal": ok(json!([{"id": OBJECT_ID, "appId": "svc@contoso.com"}])),
        "dataverse.system_users": ok(json!([row])),
    });
    merge(&mut all, sections);
    let snapshot = json!({
        "schema": "work365-doctor/snapshot/v1",
        "captured_at": "2026-01-05T10:30:00Z",
        "subject": {"account": "svc@contoso.com", "environment": "https://contoso.crm4.dynamics.com"},
        "sections": all,
    });
    Snapshot::from_bytes(snapshot.to_string().as_bytes()).unwrap()
}

/// One fact of it.
pub(crate) fn fact_of(snapshot: &Snapshot, profile: Profile, name: &str) -> Reading<FactValue> {
    value(snapshot, &Expectations::default(), profile, name)
}

/// One fact of it, with an expected time zone.
pub(crate) fn expecting(snapshot: &Snapshot, zone: ExpectedTimeZone, name: &str) -> Reading<FactValue> {
    let expectations = Expectations {
        time_zone: Some(zone),
        ..Expectations::default()
    };
    value(snapshot, &expectations, Profile::LegacyPassword, name)
}

fn value(
    snapshot: &Snapshot,
    expectations: &Expectations,
    profile: Profile,
    name: &str,
) -> Reading<FactValue> {
    let context = Context::new(snapshot, expectations, profile, snapshot.captured_at);
    Facts::of(context).get(find(name).unwrap()).clone()
}

fn merge(target: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (key, value) in more {
        target[key] = value;
    }
}
