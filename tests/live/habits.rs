//! How the loopback tenant behaves where real ones differ: licences, casts, the floor of the logs, limits, young columns,
//! names in the audit. A run reads what each of them lets it read.

use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use work365_doctor::collect::ScriptOrder;

use crate::equality::{Judge, first_difference};
use crate::partial::finding;
use crate::script::{Desk, comparable, runnable};
use crate::server::Response;
use crate::tenant::{State, Tenant, parameter};
use crate::{ACCOUNT, collected, healthy, order};

/// The default is a tenant with every licence that takes what Microsoft documents.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    /// Microsoft Entra ID P1: sign-in log, registration report, evaluation of policies.
    pub(crate) has_p1: bool,
    /// Microsoft Entra ID P2: eligible and active roles, risk.
    pub(crate) has_p2: bool,
    /// Whether `$count=true` with `ConsistencyLevel` is taken.
    pub(crate) takes_advanced_queries: bool,
    /// Whether a list of memberships by kind is refused without them.
    pub(crate) casts_need_them: bool,
    /// Whether Conditional Access and identity protection answer one request a second, and others with 429 alone.
    pub(crate) is_slow_with_policies: bool,
    /// Whether rows have the columns of 2025.
    pub(crate) has_young_columns: bool,
    /// What the environment tells of what an update of the row changed.
    pub(crate) changes: Changes,
    /// Whether the full list of privileges shows what comes through teams at depth Basic, as Microsoft documents it.
    /// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges>.
    pub(crate) shows_privileges_of_teams_at_basic: bool,
    /// When it last answered a question about policies.
    pub(crate) policies_at: Option<Instant>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            has_p1: true,
            has_p2: true,
            takes_advanced_queries: true,
            casts_need_them: true,
            is_slow_with_policies: false,
            has_young_columns: true,
            changes: Changes::Table,
            shows_privileges_of_teams_at_basic: true,
            policies_at: None,
        }
    }
}

/// Where the columns that an update changed are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changes {
    /// By `changedata` of the audit table.
    Table,
    /// The table has no such column; the record's history tells them, without times, as Microsoft documents it.
    History,
    /// The table is closed to the caller, and the history has its records, as clients in use find them.
    TimedHistory,
}

fn refusal(status: u16, code: &str, message: &str) -> Option<Response> {
    let error = json!({"error": {"code": code, "message": message}});
    Some(Response::json(status, &error))
}

/// What Graph of such a tenant answers in place of the evidence.
pub(crate) fn of_graph(state: &State, target: &str) -> Option<Response> {
    let mut habits = state.habits.lock().unwrap();
    let is_about = |words: &[&str]| words.iter().any(|word| target.contains(word));
    let unlicensed = "Your tenant is not licensed for this feature.";
    if !habits.has_p1 && is_about(&["/auditLogs/signIns", "/userRegistrationDetails/"]) {
        return refusal(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        );
    }
    if !habits.has_p1 && is_about(&["/conditionalAccess/evaluate"]) {
        return refusal(403, "AccessDenied", unlicensed);
    }
    if !habits.has_p1 && is_about(&["/conditionalAccess/policies"]) {
        return Some(Response::json(200, &json!({"value": []})));
    }
    if !habits.has_p2
        && is_about(&[
            "/roleEligibilityScheduleInstances",
            "/roleAssignmentScheduleInstances",
        ])
    {
        let message =
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.";
        return refusal(400, "AadPremiumLicenseRequired", message);
    }
    if !habits.has_p2 && is_about(&["/riskyUsers/"]) {
        return refusal(403, "Forbidden", unlicensed);
    }
    let is_advanced = target.contains("$count=true");
    let is_cast = target.contains("/transitiveMemberOf/microsoft.graph.");
    if (is_advanced && !habits.takes_advanced_queries)
        || (is_cast && !is_advanced && habits.casts_need_them && habits.takes_advanced_queries)
    {
        return refusal(400, "Request_UnsupportedQuery", "Unsupported Query.");
    }
    if is_about(&["/auditLogs/"])
        && let Some(filter) = parameter(target, "$filter")
        && is_below_the_floor(filter)
    {
        let message = "Query date is outside the allowed range. Minimum allowed time is thirty days ago.";
        let is_audit = target.contains("directoryAudits");
        return refusal(400, if is_audit { "UnknownError" } else { "BadRequest" }, message);
    }
    if habits.is_slow_with_policies && is_about(&["/conditionalAccess/", "/identityProtection/"]) {
        let is_too_soon = habits
            .policies_at
            .is_some_and(|last| last.elapsed().as_millis() < 1000);
        if is_too_soon {
            return refusal(429, "TooManyRequests", "Too many requests.");
        }
        habits.policies_at = Some(Instant::now());
    }
    None
}

/// Whether a log is asked for from before midnight (UTC) thirty days before this day on.
fn is_below_the_floor(filter: &str) -> bool {
    let day = 24 * 3600;
    let floor = Timestamp::now().as_second() / day * day - 30 * day;
    let start = filter
        .split_once("DateTime ge ")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse::<Timestamp>().ok());
    start.is_some_and(|start| start.as_second() < floor)
}

/// What the environment of such a tenant answers in place of the evidence.
pub(crate) fn of_dataverse(state: &State, target: &str) -> Option<Response> {
    if target.contains("/audits?") {
        return refusal_of_audit(state, target);
    }
    if state.habits.lock().unwrap().has_young_columns {
        return None;
    }
    let columns = parameter(target, "$select")?;
    let young = columns
        .split(',')
        .find(|name| matches!(*name, "isallowedbyipfirewall" | "systemmanagedusertype"))?;
    // In the language of the user.
    let message = format!(
        "Eine Eigenschaft namens „{young}“ wurde im Typ „Microsoft.Dynamics.CRM.systemuser“ nicht gefunden."
    );
    refusal(400, "0x80060888", &message)
}

fn refusal_of_audit(state: &State, target: &str) -> Option<Response> {
    match state.habits.lock().unwrap().changes {
        Changes::History if target.contains("changedata") => refusal(
            400,
            "0x80060888",
            "Could not find a property named 'changedata' on type 'Microsoft.Dynamics.CRM.audit'.",
        ),
        Changes::TimedHistory => refusal(403, "0x80040220", "missing prvReadAuditSummary"),
        _ => None,
    }
}

/// The history of the row: what the audit table holds, in the form of `RetrieveRecordChangeHistory`.
pub(crate) fn of_history(state: &State, audit: &Value) -> Value {
    let has_records = state.habits.lock().unwrap().changes == Changes::TimedHistory;
    let entries = audit["value"].as_array().into_iter().flatten();
    let details: Vec<Value> = entries.map(|entry| detail(entry, has_records)).collect();
    json!({"AuditDetailCollection": {
        "MoreRecords": audit["truncated"] == true, "PagingCookie": "", "TotalRecordCount": -1, "AuditDetails": details}})
}

fn detail(entry: &Value, has_record: bool) -> Value {
    let changed: Value = entry["changedata"]
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let mut detail = match changed["changedAttributes"].as_array() {
        Some(changes) => {
            let side = |value: &str| -> Value {
                let named = |change: &Value| {
                    let name = change["logicalName"].as_str().unwrap();
                    let read_as = match name.ends_with("id") {
                        true => format!("_{name}_value"),
                        false => name.to_owned(),
                    };
                    (!change[value].is_null()).then(|| (read_as, change[value].clone()))
                };
                let kind = (
                    "@odata.type".to_owned(),
                    json!("#Microsoft.Dynamics.CRM.systemuser"),
                );
                std::iter::once(kind)
                    .chain(changes.iter().filter_map(named))
                    .collect()
            };
            json!({"@odata.type": "#Microsoft.Dynamics.CRM.AttributeAuditDetail", "InvalidNewValueAttributes": [],
                "LocLabelLanguageCode": 0, "DeletedAttributes": {"Count": 0, "Keys": [], "Values": []},
                "OldValue": side("oldValue"), "NewValue": side("newValue")})
        }
        None => {
            json!({"@odata.type": "#Microsoft.Dynamics.CRM.RelationshipAuditDetail", "RelationshipName": "systemuserroles_association"})
        }
    };
    if has_record {
        detail["AuditRecord"] = json!({"createdon": entry["createdon"], "action": entry["action"],
            "operation": entry["operation"], "objecttypecode": "systemuser"});
    }
    detail
}

/// Changes without the names of their columns, where the question does not name the object.
pub(crate) fn of_audit(target: &str, mut body: Value) -> Value {
    let columns = parameter(target, "$select").unwrap_or_default();
    if columns.contains("_objectid_value") && columns.contains("objecttypecode") {
        return body;
    }
    for entry in body["value"].as_array_mut().into_iter().flatten() {
        if let Some(text) = entry["changedata"].as_str()
            && let Ok(mut data) = serde_json::from_str::<Value>(text)
        {
            for change in data["changedAttributes"].as_array_mut().into_iter().flatten() {
                change["logicalName"] = Value::Null;
            }
            entry["changedata"] = json!(data.to_string());
        }
    }
    body
}

/// The full list of privileges of somebody: where no role is held directly, all of it comes through teams.
pub(crate) fn of_full_list(state: &State, roles: &str, mut body: Value) -> Value {
    let direct = state.body(roles);
    let is_through_teams = direct.is_some_and(|roles| roles["value"] == json!([]));
    if is_through_teams && state.habits.lock().unwrap().shows_privileges_of_teams_at_basic {
        for privilege in body["RolePrivileges"].as_array_mut().into_iter().flatten() {
            privilege["Depth"] = json!("Basic");
        }
    }
    body
}

fn with(change: impl FnOnce(&mut Habits)) -> (Tenant, Value) {
    let (tenant, _) = healthy();
    change(&mut tenant.state.habits.lock().unwrap());
    let snapshot = collected(order(&tenant, ACCOUNT)).0.snapshot();
    (tenant, snapshot)
}

fn ended(snapshot: &Value, section: &str) -> (String, String) {
    let section = &snapshot["sections"][section];
    let text = |name: &str| section[name].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("detail"))
}

#[test]
fn a_licence_that_the_tenant_lacks_is_named_and_no_permission() {
    let (_, snapshot) = with(|habits| {
        habits.has_p1 = false;
        habits.has_p2 = false;
    });
    for (section, license) in [
        ("graph.sign_ins", "Microsoft Entra ID P1"),
        ("graph.registration_details", "Microsoft Entra ID P1"),
        ("graph.conditional_access_evaluation", "Microsoft Entra ID P1"),
        ("graph.eligible_roles", "Microsoft Entra ID P2"),
        ("graph.active_roles", "Microsoft Entra ID P2"),
        ("graph.risky_user", "Microsoft Entra ID P2"),
    ] {
        let (outcome, detail) = ended(&snapshot, section);
        assert_eq!(outcome, "denied", "{section}: {detail}");
        assert!(
            detail.starts_with(&format!("the tenant has no {license} licence")),
            "{section}: {detail}"
        );
    }
    for section in ["graph.directory_audits", "graph.conditional_access_policies"] {
        assert_eq!(ended(&snapshot, section).0, "ok", "{section}");
    }
}

#[test]
fn memberships_are_read_where_casts_need_an_advanced_query_and_where_none_is_taken() {
    for takes in [true, false] {
        let (_, snapshot) = with(|habits| habits.takes_advanced_queries = takes);
        for section in ["graph.group_memberships", "graph.directory_roles"] {
            assert_eq!(ended(&snapshot, section).0, "ok", "{section}, {takes}");
        }
        let deleted = ended(&snapshot, "graph.deleted_users").0;
        assert_eq!(deleted, if takes { "ok" } else { "failed" });
    }
}

#[test]
fn logs_are_asked_for_no_earlier_than_the_service_looks_back() {
    let (tenant, _) = healthy();
    let mut judged_in_the_past = order(&tenant, ACCOUNT);
    judged_in_the_past.now = Some("2026-01-05T10:00:00Z".parse().unwrap());
    let snapshot = collected(judged_in_the_past).0.snapshot();
    for section in ["graph.sign_ins", "graph.directory_audits"] {
        assert_eq!(
            ended(&snapshot, section),
            ("ok".to_owned(), String::new()),
            "{section}"
        );
    }
    // The tenant does refuse what is earlier.
    assert!(is_below_the_floor("activityDateTime ge 2020-01-01T00:00:00Z"));
}

#[test]
fn one_question_a_second_about_policies_loses_no_section() {
    let (tenant, snapshot) = with(|habits| habits.is_slow_with_policies = true);
    for section in ["graph.conditional_access_policies", "graph.named_locations"] {
        assert_eq!(ended(&snapshot, section).0, "ok", "{section}");
    }
    assert!(tenant.state.habits.lock().unwrap().policies_at.is_some());
}

#[test]
fn rows_without_the_columns_of_2025_are_rows_all_the_same() {
    let (_, snapshot) = with(|habits| habits.has_young_columns = false);
    assert_eq!(ended(&snapshot, "dataverse.system_users").0, "ok");
    let rows = snapshot["sections"]["dataverse.system_users"]["body"]["value"]
        .as_array()
        .unwrap();
    assert!(
        !rows.is_empty() && rows[0].get("isallowedbyipfirewall").is_none(),
        "{rows:?}"
    );
}

#[test]
fn changes_come_with_the_names_of_their_columns_because_the_question_names_the_object() {
    let change = json!({"changedAttributes": [{"logicalName": "isdisabled", "oldValue": "false", "newValue": "true"}]});
    let audited = json!({"value": [{"createdon": "2026-01-05T10:11:12Z", "action": 2, "operation": 2,
        "changedata": change.to_string(), "objecttypecode": "systemuser"}]});
    let (tenant, _) = healthy();
    tenant.state.snapshot.lock().unwrap()["sections"]["dataverse.user_audit"] =
        json!({"outcome": "ok", "http_status": 200, "body": audited});
    let snapshot = collected(order(&tenant, ACCOUNT)).0.snapshot();
    let entry = &snapshot["sections"]["dataverse.user_audit"]["body"]["value"][0];
    assert!(
        entry["changedata"].as_str().unwrap().contains("isdisabled"),
        "{entry}"
    );
    let nameless = of_audit("/api/data/v9.2/audits?$select=changedata", audited);
    assert!(!nameless.to_string().contains("isdisabled"));
}

#[test]
fn an_operator_who_is_administrator_through_a_team_is_not_said_to_lack_the_role() {
    let privileges: Vec<Value> = [
        "prvReadUser",
        "prvReadRole",
        "prvReadOrganization",
        "prvWriteUser",
        "prvAssignRole",
    ]
    .map(|name| json!({"PrivilegeName": name, "Depth": "Global"}))
    .to_vec();
    for (at_basic, status) in [(true, "unknown"), (false, "pass")] {
        let (tenant, snapshot) = healthy();
        {
            let mut served = tenant.state.snapshot.lock().unwrap();
            let sections = &mut served["sections"];
            sections["dataverse.operator_roles"]["body"]["value"] = json!([]);
            // No names that were asked for: an environment that gives the full list only.
            sections["dataverse.operator_privileges"] =
                json!({"outcome": "ok", "http_status": 200, "body": {"RolePrivileges": privileges}});
            tenant
                .state
                .habits
                .lock()
                .unwrap()
                .shows_privileges_of_teams_at_basic = at_basic;
        }
        let live = collected(order(&tenant, ACCOUNT)).0.snapshot();
        let now = snapshot["captured_at"].as_str().unwrap();
        let report = Judge::new().report(&live, &["--now".to_owned(), now.to_owned()]);
        let finding = finding(&report, "operator-lacks-system-administrator");
        assert_eq!(finding["status"], status, "at Basic: {at_basic}: {finding}");
    }
}

#[test]
fn what_changed_is_read_from_the_history_of_the_row_where_the_audit_table_does_not_tell() {
    let change = json!({"changedAttributes": [{"logicalName": "businessunitid", "oldValue": "a", "newValue": "b"},
        {"logicalName": "isdisabled", "oldValue": false, "newValue": true}]});
    let audited = json!({"value": [
        {"createdon": "2026-01-05T10:11:12Z", "action": 2, "operation": 2, "changedata": change.to_string(), "objecttypecode": "systemuser"},
        {"createdon": "2026-01-04T10:11:12Z", "action": 55, "operation": 2, "changedata": null, "objecttypecode": "systemuser"}]});
    for changes in [Changes::History, Changes::TimedHistory] {
        let (tenant, _) = healthy();
        tenant.state.habits.lock().unwrap().changes = changes;
        tenant.state.snapshot.lock().unwrap()["sections"]["dataverse.user_audit"] =
            json!({"outcome": "ok", "http_status": 200, "body": audited});
        let live = collected(order(&tenant, ACCOUNT)).0.snapshot();
        let entries = &live["sections"]["dataverse.user_audit"]["body"]["value"];
        let told = entries[0]["changedata"].as_str().unwrap_or_default();
        assert!(
            told.contains("\"logicalName\":\"businessunitid\""),
            "{changes:?}: {entries}"
        );
        // The table has the time of what it does tell; of the history, whatever was sent.
        assert_eq!(
            entries[0]["createdon"].is_string(),
            changes == Changes::TimedHistory
        );
        assert_eq!(entries[1]["createdon"], "2026-01-04T10:11:12Z", "{changes:?}");
        for language in runnable() {
            let desk = Desk::new(language, &tenant, &ScriptOrder::default());
            let by_script = comparable(&desk.snapshot(&tenant, ACCOUNT));
            let section = "dataverse.user_audit";
            let (here, there) = (
                &comparable(&live)["sections"][section],
                &by_script["sections"][section],
            );
            assert_eq!(first_difference("", here, there), "", "{language:?}, {changes:?}");
        }
    }
}
