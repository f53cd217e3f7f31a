//! The environment of the loopback tenant.

use serde_json::{Value, json};

use crate::server::{How, Request, Response};
use crate::tenant::State;
use crate::{habits, jobs};

const BASE: &str = "/api/data/v9.2/";
const SET: &str = "RetrieveUserSetOfPrivilegesByNames";

pub(crate) fn answer(state: &State, request: &Request) -> Response {
    if request.target == BASE {
        return challenge(state);
    }
    if let Some(refusal) = state.unauthorised(request, &state.addresses().dataverse) {
        return refusal;
    }
    if request.target == "/api/data/v9.2/$batch" {
        return if *state.has_dataverse_batch.lock().unwrap() {
            batch(state, request)
        } else {
            Response::json(404, &json!({"error": {"code": "", "message": "no batch here"}}))
        };
    }
    assert_eq!(request.method, "GET");
    // Asked alone and without the header, the environment answers from its cache.
    let asks_for_operator = state.body("dataverse.who_am_i").is_some_and(|body| {
        let operator = body["UserId"].as_str().unwrap_or("nobody");
        request.target.contains(&format!("systemusers({operator})"))
    });
    if request.target.contains(SET) && request.header("Consistency").is_none() && !asks_for_operator {
        return match state.section("dataverse.user_privileges_cached") {
            Value::Null => single(state, &request.target),
            _ => state.respond("dataverse.user_privileges_cached", |body| body),
        };
    }
    single(state, &request.target)
}

fn challenge(state: &State) -> Response {
    let section = state.section("login.challenge");
    match section["outcome"].as_str() {
        Some("ok") => Response::text(401, "text/plain", "").with(
            "WWW-Authenticate",
            &format!(
                "Bearer authorization_uri={}, resource_id={}",
                section["body"]["authorization_uri"].as_str().unwrap_or_default(),
                section["body"]["resource_id"].as_str().unwrap_or_default()
            ),
        ),
        _ => state.respond("login.challenge", |body| body),
    }
}

fn batch(state: &State, request: &Request) -> Response {
    let text = std::str::from_utf8(&request.body).unwrap();
    let mut body = String::new();
    for line in text.lines().filter(|line| line.ends_with(" HTTP/1.1")) {
        let target = line
            .strip_prefix("GET ")
            .unwrap()
            .strip_suffix(" HTTP/1.1")
            .unwrap();
        let target = crate::server::decode(target);
        state.seen.lock().unwrap().push(format!("batched GET {target}"));
        let response = state
            .faulty(&target)
            .or_else(|| state.replayed(&target, true))
            .unwrap_or_else(|| single(state, &target));
        body.push_str("--batchresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
        body.push_str(&format!("HTTP/1.1 {} X\r\n", response.status));
        for (name, value) in &response.headers {
            body.push_str(&format!("{name}: {value}\r\n"));
        }
        body.push_str("OData-Version: 4.0\r\n\r\n");
        if response.how != How::Hangup {
            body.push_str(std::str::from_utf8(&response.body).unwrap());
        }
        body.push_str("\r\n");
    }
    body.push_str("--batchresponse_1--\r\n");
    Response::text(200, "multipart/mixed; boundary=batchresponse_1", body)
}

fn single(state: &State, target: &str) -> Response {
    if let Some(refusal) = habits::of_dataverse(state, target) {
        return refusal;
    }
    let origin = state.addresses().dataverse;
    let shaped = |name: &str| state.respond(name, |body| state.shaped(&origin, target, body));
    let rest = target.strip_prefix(BASE).unwrap();
    let path = rest.split('?').next().unwrap();
    let operator = state
        .body("dataverse.who_am_i")
        .map(|body| body["UserId"].clone());
    let key = path
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(key, _)| key);
    let is_operator = operator.as_ref().and_then(Value::as_str) == key && key.is_some();
    let navigation = path.rsplit('/').next().unwrap();
    match (path, navigation) {
        ("WhoAmI", _) => shaped("dataverse.who_am_i"),
        ("organizations", _) => shaped("dataverse.organization"),
        ("RetrieveProvisionedLanguages()", _) => shaped("dataverse.provisioned_languages"),
        ("systemusers", _) => rows(state, target),
        ("audits", _) => state.respond("dataverse.user_audit", |body| {
            state.shaped(&origin, target, habits::of_audit(target, body))
        }),
        ("solutions", _) => state.respond("dataverse.solutions", |body| body),
        ("workflows", _) => state.respond("dataverse.workflows", |body| body),
        ("plugintracelogs", _) => state.respond("dataverse.plugin_traces", |body| body),
        ("entities", _) => state.respond("dataverse.work365_tables", |body| body),
        ("asyncoperations", _) => jobs::of_dataverse(state, target),
        ("EntityDefinitions", _) => jobs::definitions(state),
        (_, "Attributes") => jobs::columns(state, key.unwrap()),
        _ if jobs::is_table(state, path) => jobs::of_work_365(state, target),
        _ if path.starts_with("RetrieveRecordChangeHistory(") => {
            assert!(target.contains("{'@odata.id':'systemusers("), "{target}");
            state.respond("dataverse.user_audit", |body| habits::of_history(state, &body))
        }
        _ if path.starts_with("RetrieveCurrentOrganization") => organization(state),
        _ if path.starts_with("RetrieveAadUserRoles") => {
            state.respond("dataverse.aad_user_roles", |body| body)
        }
        _ if path.starts_with("usersettingscollection(") => shaped("dataverse.user_settings"),
        _ if path.starts_with("businessunits(") => shaped("dataverse.business_unit"),
        (_, "systemuserroles_association") if is_operator => shaped("dataverse.operator_roles"),
        (_, "systemuserroles_association") => shaped("dataverse.user_roles"),
        (_, "teammembership_association") => shaped("dataverse.user_teams"),
        (_, "teamroles_association") => of_team(state, key.unwrap(), "roles"),
        (_, "teamprofiles_association") => of_team(state, key.unwrap(), "column_security_profiles"),
        (_, "systemuserprofiles_association") => shaped("dataverse.column_security_profiles"),
        (_, "Microsoft.Dynamics.CRM.RetrieveUserPrivileges()") => {
            let (privileges, roles) = if is_operator {
                ("dataverse.operator_privileges", "dataverse.operator_roles")
            } else {
                ("dataverse.user_privileges", "dataverse.user_roles")
            };
            state.respond(privileges, |body| habits::of_full_list(state, roles, body))
        }
        (_, "Microsoft.Dynamics.CRM.RetrieveUserLicenseInfo()") => shaped("dataverse.license_info"),
        _ if path.contains(SET) => {
            let section = if is_operator {
                "dataverse.operator_privileges"
            } else {
                "dataverse.user_privileges"
            };
            // A list without the names that were asked for comes from an environment that cannot be asked by name.
            let has_set = state.body(section).is_none_or(|body| body["asked"].is_array());
            if has_set {
                state.respond(section, |mut body| {
                    body.as_object_mut().unwrap().remove("asked");
                    body
                })
            } else {
                Response::json(
                    400,
                    &json!({"error": {"code": "0x80060888", "message": "Resource not found for the segment."}}),
                )
            }
        }
        _ => panic!("the loopback environment knows no {target}"),
    }
}

/// Rows by the column that the filter names; nobody else's.
fn rows(state: &State, target: &str) -> Response {
    let origin = state.addresses().dataverse;
    let filter = crate::tenant::parameter(target, "$filter").unwrap();
    if filter == "applicationid ne null" {
        return state.respond("dataverse.application_users", |body| {
            state.shaped(&origin, target, body)
        });
    }
    let (column, wanted) = filter.split_once(" eq ").unwrap();
    let wanted = wanted.trim_matches('\'').replace("''", "'");
    state.respond("dataverse.system_users", |mut body| {
        if let Some(rows) = body["value"].as_array_mut() {
            rows.retain(|row| {
                row[column]
                    .as_str()
                    .is_some_and(|value| value.eq_ignore_ascii_case(&wanted))
            });
        }
        state.shaped(&origin, target, body)
    })
}

/// The organisation knows its environment id whenever the environment answers at all.
fn organization(state: &State) -> Response {
    let who = state.section("dataverse.who_am_i");
    if who["outcome"] != "ok" {
        return state.respond("dataverse.who_am_i", |body| body);
    }
    let id = state
        .body("admin.environment")
        .and_then(|body| body["name"].as_str().map(str::to_owned))
        .unwrap_or_else(|| "33333333-3333-4333-8333-333333333333".to_owned());
    Response::json(200, &json!({"Detail": {"EnvironmentId": id, "State": "Enabled"}}))
}

fn of_team(state: &State, team: &str, key: &str) -> Response {
    let teams = state.body("dataverse.user_teams").unwrap();
    let team = teams["value"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["teamid"] == team)
        .unwrap();
    match team.get(key) {
        Some(list) => Response::json(200, &json!({"value": list})),
        None => Response::json(
            403,
            &json!({"error": {"code": "0x80040220", "message": "missing prvReadRole"}}),
        ),
    }
}
