//! Answers that mean something else than their status says.

use serde_json::{Value, json};

use crate::server::Response;
use crate::{ACCOUNT, collected, healthy, order};

fn gone() -> Response {
    Response::json(
        404,
        &json!({"error": {"code": "ResourceNotFound", "message": "gone"}}),
    )
}

fn section(part: &str, response: Response, page_size: usize, name: &str) -> Value {
    let (tenant, _) = healthy();
    *tenant.state.page_size.lock().unwrap() = page_size;
    tenant.fault(part, response, usize::MAX);
    let (session, _) = collected(order(&tenant, ACCOUNT));
    session.snapshot()["sections"][name].clone()
}

#[test]
fn a_list_of_what_was_found_is_empty_at_most_and_never_not_found() {
    for (part, name) in [
        ("/authentication/methods", "graph.authentication_methods"),
        ("/licenseDetails", "graph.license_details"),
        (
            "/transitiveMemberOf/microsoft.graph.group",
            "graph.group_memberships",
        ),
        ("/systemuserroles_association", "dataverse.user_roles"),
        ("/teammembership_association", "dataverse.user_teams"),
        ("RetrieveUserLicenseInfo", "dataverse.license_info"),
    ] {
        let record = section(part, gone(), usize::MAX, name);
        assert_eq!(
            (record["outcome"].as_str(), record["http_status"].as_u64()),
            (Some("failed"), Some(404)),
            "{name}"
        );
    }
    // An object itself may be missing; and of an account that is not there, everything is.
    for (part, name) in [
        ("/riskyUsers/", "graph.risky_user"),
        ("/userRegistrationDetails/", "graph.registration_details"),
        ("usersettingscollection", "dataverse.user_settings"),
        ("/v1.0/users/", "graph.license_details"),
    ] {
        assert_eq!(
            section(part, gone(), usize::MAX, name)["outcome"],
            "not_found",
            "{name}"
        );
    }
}

#[test]
fn a_later_page_that_is_not_there_costs_the_list() {
    let record = section("/licenseDetails?$skiptoken=1", gone(), 1, "graph.license_details");
    assert_eq!(record["outcome"], "failed");
    assert!(
        record["detail"].as_str().unwrap().contains("later page"),
        "{record}"
    );
    assert!(record["body"].is_null(), "{record}");
}

#[test]
fn a_link_beside_one_object_leads_nowhere() {
    let body = json!({"perUserMfaState": "disabled", "@odata.nextLink": "https://evil.example/next"});
    let record = section(
        "/authentication/requirements",
        Response::json(200, &body),
        usize::MAX,
        "graph.per_user_mfa",
    );
    assert_eq!(record["outcome"], "ok", "{record}");
}
