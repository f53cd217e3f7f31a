//! Microsoft Graph of the loopback tenant.

use serde_json::{Value, json};

use crate::server::{How, Request, Response};
use crate::tenant::State;
use crate::{habits, scopes};

pub(crate) fn answer(state: &State, request: &Request) -> Response {
    if let Some(refusal) = state.unauthorised(request, "https://graph.microsoft.com") {
        return refusal;
    }
    if request.path() == "/v1.0/$batch" {
        return batch(state, request);
    }
    let target = plain(&request.target);
    let is_advanced = target.contains("$count=true");
    assert_eq!(
        is_advanced,
        request.header("ConsistencyLevel") == Some("eventual"),
        "{target}"
    );
    scopes::refusal(request, &target)
        .unwrap_or_else(|| single(state, &request.method, &target, &request.body))
}

/// A user by key, `users('…')`, is a user by a segment of the path; only a name with `$` before it needs the former.
fn plain(target: &str) -> String {
    let Some((before, rest)) = target.split_once("/users('") else {
        assert!(!target.contains("/users/$"), "{target}");
        return target.to_owned();
    };
    let (name, after) = rest.split_once("')").unwrap();
    assert!(name.starts_with('$'), "{target}");
    format!("{before}/users/{name}{after}")
}

fn batch(state: &State, request: &Request) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let requests = body["requests"].as_array().unwrap();
    assert!(requests.len() <= 20, "Graph takes twenty requests in a batch");
    let responses: Vec<Value> = requests
        .iter()
        // The order of answers is not that of the requests.
        .rev()
        .map(|item| {
            let target = format!("/v1.0{}", crate::server::decode(item["url"].as_str().unwrap()));
            let method = item["method"].as_str().unwrap();
            state
                .seen
                .lock()
                .unwrap()
                .push(format!("batched {method} {target}"));
            let is_advanced = target.contains("$count=true");
            let has_header = item["headers"]["ConsistencyLevel"] == "eventual";
            assert_eq!(is_advanced, has_header, "{target}");
            let response = state
                .faulty(&target)
                .or_else(|| state.replayed(&target, true))
                .or_else(|| scopes::refusal(request, &plain(&target)))
                .unwrap_or_else(|| single(state, method, &plain(&target), &[]));
            let headers: serde_json::Map<String, Value> = response
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            let body: Value = match response.how {
                How::Hangup => json!("garbled"),
                _ => serde_json::from_slice(&response.body).unwrap_or_else(|_| json!("bm90IGpzb24=")),
            };
            json!({"id": item["id"], "status": response.status, "headers": headers, "body": body})
        })
        .collect();
    Response::json(200, &json!({"responses": responses}))
}

fn single(state: &State, method: &str, target: &str, body: &[u8]) -> Response {
    if let Some(refusal) = habits::of_graph(state, target) {
        return refusal;
    }
    let path = target.split('?').next().unwrap();
    let graph = state.addresses().graph;
    let shaped = |name: &str| state.respond(name, |body| state.shaped(&graph, target, body));
    let plain = |name: &str| state.respond(name, |body| body);
    let words: Vec<&str> = path.split('/').skip(2).collect();
    match words.as_slice() {
        ["users", _] if target.contains("passwordProfile") => shaped("graph.user"),
        ["users", _] => shaped("graph.user"),
        ["users", _, "licenseDetails"] => shaped("graph.license_details"),
        ["users", _, "authentication", "methods"] => shaped("graph.authentication_methods"),
        ["users", _, "authentication", "requirements"] if path.starts_with("/beta/") => {
            plain("graph.per_user_mfa")
        }
        ["users", _, "transitiveMemberOf", "microsoft.graph.group"] => shaped("graph.group_memberships"),
        ["users", _, "transitiveMemberOf", "microsoft.graph.directoryRole"] => {
            shaped("graph.directory_roles")
        }
        ["users", _, "checkMemberGroups"] if method == "POST" => {
            let asked: Value = serde_json::from_slice(body).unwrap();
            membership(state, "transitive", |is_member| {
                let groups = if is_member {
                    asked["groupIds"].clone()
                } else {
                    json!([])
                };
                json!({"value": groups})
            })
        }
        ["groups", id, "members"] if target.contains("$top=1") => {
            let is_direct = own_assignments(state)
                .iter()
                .any(|one| one["principalId"] == **id);
            let members = if is_direct {
                json!([{"id": "member"}])
            } else {
                json!([])
            };
            Response::json(200, &json!({"value": members}))
        }
        ["groups", _, "members"] => membership(state, "direct", |is_member| {
            let members = if is_member {
                json!([{"id": "member"}])
            } else {
                json!([])
            };
            json!({"value": members})
        }),
        ["subscribedSkus"] => shaped("graph.subscribed_skus"),
        ["directory", "subscriptions"] => shaped("graph.subscriptions"),
        ["directory", "deletedItems", "microsoft.graph.user"] => shaped("graph.deleted_users"),
        ["reports", "authenticationMethods", "userRegistrationDetails", _] => {
            plain("graph.registration_details")
        }
        ["policies", "authenticationMethodsPolicy"] => shaped("graph.registration_campaign"),
        ["policies", "identitySecurityDefaultsEnforcementPolicy"] => plain("graph.security_defaults"),
        ["policies", "authenticationStrengthPolicies"] => shaped("graph.authentication_strengths"),
        ["policies", "homeRealmDiscoveryPolicies"] => shaped("graph.home_realm_policies"),
        ["identity", "conditionalAccess", "policies"] => shaped("graph.conditional_access_policies"),
        ["identity", "conditionalAccess", "namedLocations"] => shaped("graph.named_locations"),
        ["identity", "conditionalAccess", "evaluate"] if method == "POST" => {
            let asked: Value = serde_json::from_slice(body).unwrap();
            assert_eq!(
                asked["signInIdentity"]["@odata.type"],
                "#microsoft.graph.userSignIn"
            );
            assert!(asked["signInContext"].is_object() && asked["signInConditions"].is_object());
            state.respond("graph.conditional_access_evaluation", |mut body| {
                if let Some(body) = body.as_object_mut() {
                    body.remove("asked");
                }
                body
            })
        }
        ["auditLogs", "signIns"] => state.respond("graph.sign_ins", |mut body| {
            if let Some(body) = body.as_object_mut() {
                body.remove("asked");
            }
            state.shaped(&graph, target, body)
        }),
        ["auditLogs", "directoryAudits"] => {
            let wants_policies = target.contains("category eq 'Policy'");
            state.respond("graph.directory_audits", |mut body| {
                if let Some(entries) = body["value"].as_array_mut() {
                    entries.retain(|entry| (entry["category"] == "Policy") == wants_policies);
                }
                body
            })
        }
        ["domains", _] => plain("graph.domain"),
        ["organization"] => shaped("graph.organization"),
        ["roleManagement", "directory", "roleEligibilityScheduleInstances"] => shaped("graph.eligible_roles"),
        ["roleManagement", "directory", "roleAssignmentScheduleInstances"] => shaped("graph.active_roles"),
        ["identityProtection", "riskyUsers", _] => plain("graph.risky_user"),
        ["servicePrincipals"] => shaped("graph.service_principal"),
        ["servicePrincipals", _, "oauth2PermissionGrants"] => shaped("graph.permission_grants"),
        ["servicePrincipals", id, "appRoleAssignedTo"] => state
            .respond("graph.app_role_assignments", |body| {
                state.shaped(&graph, target, everybodys_assignments(state, id, body))
            }),
        [one] if one.starts_with("servicePrincipals(appId=") => {
            resource(state, "appId", "00000007-0000-0000-c000-000000000000")
        }
        ["servicePrincipals", id] => resource(state, "id", id),
        _ => panic!("the loopback tenant knows no {method} {target}"),
    }
}

/// What the fixture says of the account is part of what the service says of everybody: beside it stand somebody else, and
/// every group that holds the account, none of which admits it unless the fixture says so.
fn everybodys_assignments(state: &State, application: &str, body: Value) -> Value {
    let Some(own) = body["value"].as_array() else {
        return body;
    };
    let stranger = json!({"id": "assignment-of-a-stranger", "principalType": "User",
        "principalId": "5a5a5a5a-0000-4000-8000-000000000001", "resourceId": application});
    let of_group = |group: &String| {
        json!({"id": format!("assignment-of-{group}"), "principalType": "Group", "principalId": group,
            "resourceId": application})
    };
    let mut all: Vec<Value> = vec![stranger];
    all.extend(nesting_groups(state).iter().map(of_group));
    all.extend(own.iter().filter(|one| one["resourceId"] == application).cloned());
    json!({"value": all})
}

fn own_assignments(state: &State) -> Vec<Value> {
    let body = state.body("graph.app_role_assignments").unwrap_or_default();
    body["value"].as_array().cloned().unwrap_or_default()
}

/// The account's groups, but for those that the fixture assigns.
fn nesting_groups(state: &State) -> Vec<String> {
    let body = state.body("graph.group_memberships").unwrap_or_default();
    let assigned = own_assignments(state);
    body["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|group| group["id"].as_str().map(str::to_owned))
        .filter(|id| !assigned.iter().any(|one| one["principalId"] == **id))
        .collect()
}

fn membership(state: &State, key: &str, body: impl FnOnce(bool) -> Value) -> Response {
    let section = state.section("graph.security_group_membership");
    match (section["outcome"].as_str(), section["body"][key].as_bool()) {
        (Some("ok"), Some(is_member)) => Response::json(200, &body(is_member)),
        (Some("ok"), None) => Response::json(
            403,
            &json!({"error": {"code": "Authorization_RequestDenied", "message": "no"}}),
        ),
        _ => state.respond("graph.security_group_membership", |body| body),
    }
}

/// The service principal behind a grant, or Dataverse's own, as far as the scenario holds it.
fn resource(state: &State, key: &str, wanted: &str) -> Response {
    let resources = state.body("graph.grant_resources").unwrap_or_default();
    let found = resources["value"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one[key] == wanted));
    match found {
        Some(found) => Response::json(200, found),
        None => Response::json(
            404,
            &json!({"error": {"code": "Request_ResourceNotFound", "message": "gone"}}),
        ),
    }
}
