//! Background jobs of the loopback tenant: those of Dataverse, and the table of Work 365.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::equality::{Judge, Trial, with_room};
use crate::server::Response;
use crate::tenant::{State, parameter};
use crate::{collected, scenario};

const BASE: &str = "/api/data/v9.2/";
const LABEL: &str = "@OData.Community.Display.V1.FormattedValue";

fn rows(body: &mut Value) -> &mut Vec<Value> {
    body["value"].as_array_mut().unwrap()
}

/// The first rows, as many as `$top` allows.
fn top(target: &str, rows: &mut Vec<Value>) {
    if let Some(limit) = parameter(target, "$top").and_then(|text| text.parse().ok()) {
        rows.truncate(limit);
    }
}

fn answered(state: &State, section: &str, change: impl FnOnce(&mut Vec<Value>)) -> Response {
    state.respond(section, |mut body| {
        change(rows(&mut body));
        json!({"value": body["value"]})
    })
}

/// `asyncoperations`, by what the filter names.
pub(crate) fn of_dataverse(state: &State, target: &str) -> Response {
    let filter = parameter(target, "$filter").unwrap();
    let owner = filter
        .split_once("_ownerid_value eq ")
        .map(|(_, rest)| rest.split(' ').next().unwrap().to_owned());
    let wants_success = filter.contains("statuscode eq 30");
    answered(state, "dataverse.system_jobs", |rows| {
        rows.retain(|row| {
            let name = row["name"].as_str().unwrap_or_default().to_lowercase();
            let is_named = name.contains("ork 365") || name.contains("ork365");
            let is_success = row["statuscode"] == 30;
            let is_meant = match &owner {
                Some(owner) => row["_ownerid_value"] == owner.as_str(),
                None => is_named,
            };
            is_meant && is_success == wants_success
        });
        top(target, rows);
    })
}

/// The set name of the table of jobs.
fn set_name(state: &State) -> Option<String> {
    let tables = state.body("dataverse.work365_tables")?;
    let tables = tables["value"].as_array()?;
    let table = tables.iter().find(|table| {
        table["logicalname"]
            .as_str()
            .is_some_and(|name| name.ends_with("job"))
    })?;
    table["entitysetname"].as_str().map(str::to_owned)
}

/// Whether a path is the set of the table of jobs.
pub(crate) fn is_table(state: &State, path: &str) -> bool {
    set_name(state).is_some_and(|name| name == path)
}

/// `EntityDefinitions`: the same tables, spelled as metadata spells them.
pub(crate) fn definitions(state: &State) -> Response {
    state.respond("dataverse.work365_tables", |body| {
        let rows: Vec<Value> = body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| json!({"LogicalName": row["logicalname"], "EntitySetName": row["entitysetname"], "SchemaName": row["name"]}))
            .chain([json!({"LogicalName": "account", "EntitySetName": "accounts", "SchemaName": "Account"})])
            .collect();
        json!({"value": rows})
    })
}

/// The columns of the table of jobs: those of its rows, and some that nobody needs.
pub(crate) fn columns(state: &State, key: &str) -> Response {
    assert!(key.starts_with("LogicalName='work365_"), "{key}");
    state.respond("dataverse.work365_jobs", |body| {
        let mut columns: BTreeMap<String, &str> = BTreeMap::new();
        columns.insert("statuscode".to_owned(), "Status");
        columns.insert("work365_customerid".to_owned(), "Lookup");
        columns.insert("work365_amount".to_owned(), "Money");
        for row in body["value"].as_array().unwrap() {
            for name in row.as_object().unwrap().keys().filter(|name| !name.contains('@')) {
                let kind = match name.as_str() {
                    "statuscode" => "Status",
                    "statecode" => "State",
                    name if name.ends_with("on") || name.contains("schedul") => "DateTime",
                    name if name.contains("result") => "Memo",
                    name if name.contains("status") || name.ends_with("type") => "Picklist",
                    name if name.ends_with("jobid") => "Uniqueidentifier",
                    _ => "String",
                };
                columns.insert(name.clone(), kind);
            }
        }
        let rows: Vec<Value> = columns
            .iter()
            .map(|(name, kind)| json!({"LogicalName": name, "AttributeType": kind}))
            .collect();
        json!({"value": rows})
    })
}

/// Values of the state's column by label, those of the rows first.
fn values(body: &Value) -> (String, BTreeMap<String, i64>) {
    let mut column = "statuscode".to_owned();
    let mut values = BTreeMap::new();
    for row in body["value"].as_array().unwrap() {
        for (name, label) in row.as_object().unwrap() {
            let Some(of) = name.strip_suffix(LABEL).filter(|of| of.contains("status")) else {
                continue;
            };
            let label = label.as_str().unwrap();
            if work365_doctor::snapshot::work365_jobs::JobState::of(label).is_some() {
                of.clone_into(&mut column);
                values.insert(label.to_owned(), row[of].as_i64().unwrap());
            }
        }
    }
    for (label, next) in body["counts"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .zip(900..)
    {
        values.entry(label.clone()).or_insert(next);
    }
    (column, values)
}

/// The rows of the table, or how many there are of each state.
pub(crate) fn of_work_365(state: &State, target: &str) -> Response {
    assert!(target.starts_with(BASE));
    state.respond("dataverse.work365_jobs", |mut body| {
        let (column, by_label) = values(&body);
        if parameter(target, "$apply").is_some() {
            let counts = body["counts"].as_object().cloned().unwrap_or_default();
            let rows: Vec<Value> = counts
                .iter()
                .map(|(label, count)| {
                    json!({column.as_str(): by_label[label], format!("{column}{LABEL}"): label, "count": count})
                })
                .collect();
            return json!({"value": rows});
        }
        let filter = parameter(target, "$filter").unwrap();
        let wanted: Vec<i64> = filter
            .split(&format!("{column} eq "))
            .skip(1)
            .map(|rest| rest.split([' ', ')']).next().unwrap().parse().unwrap())
            .collect();
        let rows = rows(&mut body);
        rows.retain(|row| row[column.as_str()].as_i64().is_some_and(|value| wanted.contains(&value)));
        top(target, rows);
        json!({"value": rows})
    })
}

fn trial(name: &str) -> Trial {
    let folders = scenario::folders();
    let folder = folders.iter().find(|folder| folder.ends_with(name)).unwrap();
    Trial::of(folder).unwrap()
}

/// The jobs' first questions travel with others; only those that need an answer before them add requests.
#[test]
fn jobs_add_a_few_requests_and_the_whole_stays_within_25() {
    let with_jobs = trial("jobs-say-aadsts53003-conditional-access-blocks");
    let all = collected(with_jobs.order()).0.requests().len();
    {
        let mut served = with_jobs.tenant.state.snapshot.lock().unwrap();
        served["sections"]["dataverse.work365_tables"]["body"]["value"] = json!([]);
    }
    let without_a_table = collected(with_jobs.order()).0.requests().len();
    println!("{all} requests, {without_a_table} where Work 365 has no table of jobs");
    assert!(all <= without_a_table + 5, "{all}, {without_a_table}");
    assert!(all <= 25, "{all}");
}

/// Nobody typed an error: the jobs hold it.
#[test]
fn what_the_jobs_say_finds_the_cause_when_nobody_typed_an_error() {
    for (name, cause, code) in [
        (
            "jobs-say-aadsts53003-conditional-access-blocks",
            "conditional-access-blocks",
            "AADSTS53003",
        ),
        (
            "jobs-say-0x80040220-system-administrator-missing",
            "system-administrator-missing",
            "MSG:principal_missing_privilege",
        ),
        (
            "jobs-fail-at-partner-center-legacy-password",
            "work365-provider-refused",
            "MSG:partner_center_mfa",
        ),
    ] {
        let trial = trial(name);
        let report = with_room(|| trial.report(&Judge::new(), &collected(trial.order()).0.snapshot()));
        let diagnosis = &report["diagnosis"];
        println!("{name}: {} {}", diagnosis["headline"], diagnosis["next_step"]);
        assert_eq!(diagnosis["root_causes"], json!([cause]), "{name}");
        let errors = report["errors"].as_array().unwrap();
        let seen = errors.iter().find(|error| error["code"] == code);
        let seen = seen.unwrap_or_else(|| panic!("{name}: {errors:?}"));
        let source = seen["source"].as_str().unwrap();
        assert!(
            ["system_job", "work365_job"].contains(&source),
            "{name}: {source}"
        );
        assert!(!diagnosis["next_step"].as_str().unwrap().is_empty(), "{name}");
    }
}
