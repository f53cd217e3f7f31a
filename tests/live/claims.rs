//! Claims challenges: a service that refuses its token and names claims. One more sign-in by a person, never a loop.

use base64::Engine as _;
use serde_json::{Value, json};
use work365_doctor::collect::{Auth, Order};

use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, collected, healthy, order};

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1767600000"}}}"#;

fn challenge() -> Response {
    let claims = base64::engine::general_purpose::STANDARD.encode(CLAIMS);
    let body = json!({"error": {"code": "InvalidAuthenticationToken", "message": "Continuous access evaluation resulted in challenge."}});
    Response::json(401, &body).with(
        "WWW-Authenticate",
        &format!(
            "Bearer realm=\"\", authorization_uri=\"https://login.example/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"{claims}\""
        ),
    )
}

fn with_device_code(tenant: &Tenant, client_id: Option<&str>) -> Order {
    Order {
        auth: Auth::DeviceCode,
        client_id: client_id.map(str::to_owned),
        ..order(tenant, ACCOUNT)
    }
}

fn outcome<'a>(document: &'a Value, section: &str) -> &'a str {
    document["sections"][section]["outcome"].as_str().unwrap()
}

fn sign_ins(tenant: &Tenant) -> usize {
    let seen = tenant.state.seen.lock().unwrap();
    seen.iter()
        .filter(|request| request.ends_with("/devicecode"))
        .count()
}

/// The claims that the sign-in service was asked to put into a token.
fn asked(tenant: &Tenant) -> Vec<String> {
    tenant.state.claims.lock().unwrap().clone()
}

#[test]
fn a_person_signs_in_once_more_with_the_claims_and_the_reads_are_repeated() {
    let (tenant, _) = healthy();
    let (before, _) = collected(order(&tenant, ACCOUNT));
    let before = before.snapshot();
    // A whole batch is refused, an item of one, and a read that goes alone; by Graph or by the environment.
    for (part, client_id, codes) in [
        ("/v1.0/$batch", Some("client"), 2),
        ("/licenseDetails", Some("client"), 2),
        ("/authentication/requirements", Some("client"), 2),
        ("/api/data/v9.2/$batch", Some("client"), 2),
        ("usersettingscollection", None, 3),
    ] {
        let (tenant, _) = healthy();
        tenant.fault(part, challenge(), 1);
        let (after, watcher) = collected(with_device_code(&tenant, client_id));
        let after = after.snapshot();
        for name in before["sections"].as_object().unwrap().keys() {
            let is_unasked = name.starts_with("admin.") || name == "graph.security_group_membership";
            if client_id.is_some() || !is_unasked {
                assert_eq!(outcome(&before, name), outcome(&after, name), "{part}: {name}");
            }
        }
        assert_eq!(sign_ins(&tenant), codes, "{part}: one more sign-in");
        assert!(!asked(&tenant).is_empty(), "{part}: the claims were passed on");
        assert!(asked(&tenant).iter().all(|claims| claims == CLAIMS), "{part}");
        let notes = watcher.notes.lock().unwrap().clone();
        assert!(
            notes.iter().any(|note| note.contains("insufficient_claims")),
            "{notes:?}"
        );
    }
}

#[test]
fn a_service_that_goes_on_demanding_is_an_outcome_and_no_loop() {
    let (tenant, _) = healthy();
    tenant.fault("/api/data/v9.2/$batch", challenge(), usize::MAX);
    tenant.fault("/api/data/v9.2/W", challenge(), usize::MAX);
    let (session, _) = collected(with_device_code(&tenant, Some("client")));
    let document = session.snapshot();
    assert_eq!(sign_ins(&tenant), 2);
    assert!(session.requests().len() < 40, "{}", session.requests().len());
    let section = &document["sections"]["dataverse.who_am_i"];
    assert_eq!(
        (section["outcome"].as_str(), section["http_status"].as_u64()),
        (Some("denied"), Some(401))
    );
    let detail = section["detail"].as_str().unwrap();
    assert!(
        detail.contains("insufficient_claims") && detail.contains("sign in anew"),
        "{detail}"
    );
    assert_eq!(outcome(&document, "graph.user"), "ok");
}

#[test]
fn a_token_that_nobody_can_renew_is_denied_with_what_to_do() {
    let (tenant, snapshot) = healthy();
    tenant.fault("/authentication/requirements", challenge(), usize::MAX);
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let document = session.snapshot();
    let section = &document["sections"]["graph.per_user_mfa"];
    assert_eq!(section["outcome"], "denied");
    assert!(
        section["detail"].as_str().unwrap().contains("sign in anew"),
        "{section}"
    );
    assert_eq!(sign_ins(&tenant), 0);
    // The finding says so too, beside the service's own words.
    let now = snapshot["captured_at"].as_str().unwrap();
    let command = crate::program::with_tokens(&tenant, &["-o", "json", "--now", now]);
    let (_, stdout, _) = crate::program::run(command);
    assert!(
        stdout.contains("Continuous access evaluation resulted in challenge."),
        "{stdout}"
    );
    assert!(
        stdout.contains("sign in anew and run the command again"),
        "{stdout}"
    );
}

#[test]
fn a_policy_that_wants_more_for_one_service_asks_the_person_once() {
    let (tenant, _) = healthy();
    let demand = json!({"error": "interaction_required", "error_description": "AADSTS50076: multifactor", "error_codes": [50076], "claims": CLAIMS});
    tenant.fault("hop", Response::json(400, &demand), 1);
    let (session, _) = collected(with_device_code(&tenant, Some("client")));
    let document = session.snapshot();
    assert_eq!(outcome(&document, "dataverse.who_am_i"), "ok");
    assert_eq!(sign_ins(&tenant), 2);
    assert!(asked(&tenant).contains(&CLAIMS.to_owned()));
}
