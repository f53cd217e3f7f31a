//! What is asked where the first question is refused: the environment's own entry in the admin center, the tables.

use serde_json::json;

use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order};

fn asked(tenant: &Tenant, part: &str) -> usize {
    let seen = tenant.state.seen.lock().unwrap();
    seen.iter().filter(|request| request.contains(part)).count()
}

#[test]
fn an_environment_that_does_not_tell_its_id_is_found_by_its_organization_and_else_in_the_list() {
    for (is_filtered, lists) in [(true, 0), (false, 1)] {
        let (tenant, _) = healthy();
        let unknown =
            json!({"error": {"code": "0x80060888", "message": "Resource not found for the segment."}});
        tenant.fault(
            "RetrieveCurrentOrganization",
            Response::json(404, &unknown),
            usize::MAX,
        );
        if !is_filtered {
            let refused = json!({"error": {"code": "InvalidFilter", "message": "no such filter"}});
            tenant.fault("resourceId eq", Response::json(400, &refused), usize::MAX);
        }
        let snapshot = collected(order(&tenant, ACCOUNT)).0.snapshot();
        assert_eq!(
            snapshot["sections"]["admin.environment"]["outcome"], "ok",
            "{is_filtered}"
        );
        assert_eq!(asked(&tenant, "resourceId eq"), 1);
        assert_eq!(
            asked(&tenant, "/environments?api-version"),
            lists,
            "{is_filtered}"
        );
    }
}

#[test]
fn an_application_that_the_power_platform_does_not_know_is_told_how_it_is_registered() {
    let (tenant, _) = healthy();
    let message = "The service principal with id 'x' for application y does not have permission to access the path 'z'.";
    let refused = json!({"error": {"code": "Forbidden", "message": message}});
    tenant.fault(
        "/scopes/admin/environments",
        Response::json(403, &refused),
        usize::MAX,
    );
    let snapshot = collected(order(&tenant, ACCOUNT)).0.snapshot();
    let section = &snapshot["sections"]["admin.environment"];
    assert_eq!(section["outcome"], "denied");
    let detail = section["detail"].as_str().unwrap();
    assert!(detail.contains("New-PowerAppManagementApp"), "{detail}");
}

#[test]
fn tables_that_cannot_be_asked_for_by_their_beginning_are_chosen_from_all_definitions() {
    let (tenant, _) = healthy();
    tenant.state.snapshot.lock().unwrap()["sections"]["dataverse.work365_tables"] = json!({"outcome": "ok", "http_status": 200,
        "body": {"value": [{"logicalname": "work365_job", "entitysetname": "work365_jobs", "name": "work365_Job"}]}});
    let refused =
        json!({"error": {"code": "0x8006088a", "message": "The query parameter is not supported."}});
    for status in [400, 501] {
        tenant.state.seen.lock().unwrap().clear();
        tenant.fault("/entities?", Response::json(status, &refused), 2);
        let snapshot = collected(order(&tenant, ACCOUNT)).0.snapshot();
        let section = &snapshot["sections"]["dataverse.work365_tables"];
        assert_eq!(section["outcome"], "ok", "{status}: {section}");
        let tables = section["body"]["value"].as_array().unwrap();
        assert_eq!(tables.len(), 1, "{tables:?}");
        assert_eq!(asked(&tenant, "/EntityDefinitions?"), 1, "{status}");
        tenant.state.faults.lock().unwrap().clear();
    }
}
