//! Fault by fault: what each makes of its section, and that it makes nothing of any other.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{How, Response};
use crate::{ACCOUNT, collected, healthy, order};

const ROW: &str = "55555555-5555-4555-8555-5555555555f1";

/// The sections that a healthy tenant answers, so that a fault's reach can be seen.
fn outcomes(document: &Value) -> Vec<(String, String)> {
    document["sections"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, section)| (name.clone(), section["outcome"].as_str().unwrap().to_owned()))
        .collect()
}

fn with_fault(part: &str, response: Response, times: usize) -> (Value, Value, Duration) {
    let (tenant, _) = healthy();
    let (before, _) = collected(order(&tenant, ACCOUNT));
    tenant.fault(part, response, times);
    let mut order = order(&tenant, ACCOUNT);
    order.limits.request = Duration::from_millis(700);
    let started = Instant::now();
    let (session, _) = collected(order);
    (before.snapshot(), session.snapshot(), started.elapsed())
}

/// Only `section` differs; its record comes back.
fn only(section: &str, before: &Value, after: &Value) -> Value {
    let changed: Vec<String> = outcomes(before)
        .into_iter()
        .zip(outcomes(after))
        .filter(|(left, right)| left != right)
        .map(|(_, (name, _))| name)
        .collect();
    assert_eq!(changed, [section]);
    after["sections"][section].clone()
}

#[test]
fn each_fault_becomes_the_outcome_of_its_own_section() {
    let json_fault =
        |status: u16| Response::json(status, &json!({"error": {"code": "Fault", "message": "ordered"}}));
    let always = usize::MAX;
    for (part, section) in [
        ("/authentication/methods", "graph.authentication_methods"),
        ("/authentication/requirements", "graph.per_user_mfa"),
        ("usersettingscollection", "dataverse.user_settings"),
        ("scopes/admin/environments/", "admin.environment"),
    ] {
        for (response, outcome, words) in [
            (json_fault(401), "denied", ""),
            (json_fault(403), "denied", ""),
            (json_fault(500), "failed", "HTTP 500"),
            (
                Response::text(200, "application/json", "{\"id\": nonsense"),
                "failed",
                "not JSON",
            ),
            (Response::json(200, &json!([1, 2])), "failed", "not as documented"),
        ] {
            let (before, after, _) = with_fault(part, response, always);
            // The environment's group is not known without the environment.
            if section == "admin.environment" {
                assert_eq!(after["sections"][section]["outcome"], outcome);
                continue;
            }
            let record = only(section, &before, &after);
            assert_eq!(record["outcome"], outcome, "{section} {words}");
            let detail = record["detail"].as_str().unwrap_or_default();
            assert!(
                detail.contains(words) || part == "/authentication/methods",
                "{section}: {detail}"
            );
        }
    }
    let (before, after, _) = with_fault("/riskyUsers/", json_fault(403), always);
    assert_eq!(only("graph.risky_user", &before, &after)["http_status"], 403);
    let (before, after, _) = with_fault("usersettingscollection", json_fault(404), always);
    assert_eq!(
        only("dataverse.user_settings", &before, &after)["outcome"],
        "not_found"
    );
    // A list or a beta path cannot be "not found": that would be taken for an answer.
    let (before, after, _) = with_fault("/namedLocations", json_fault(404), always);
    assert_eq!(
        only("graph.named_locations", &before, &after)["outcome"],
        "failed"
    );
    let (before, after, _) = with_fault("/authentication/requirements", json_fault(404), always);
    assert_eq!(only("graph.per_user_mfa", &before, &after)["outcome"], "failed");
}

#[test]
fn pages_redirects_and_broken_transports_are_told_apart() {
    let whole = Response::json(200, &json!({"perUserMfaState": "disabled"}));
    for (response, words) in [
        (
            Response::text(200, "text/html", "<html>Sign in</html>"),
            "web page instead of JSON",
        ),
        (
            Response::text(404, "text/html", "<html>Gone</html>"),
            "web page instead of JSON",
        ),
        (
            Response::text(302, "text/html", "").with("Location", "https://evil.example/x?code=1"),
            "redirected to https://evil.example/x;",
        ),
        (
            whole.clone().sent(How::Endless),
            "no complete answer within|larger than 16 MiB",
        ),
        (
            whole.clone().sent(How::Late(3000)),
            "no complete answer within 700 ms",
        ),
        (whole.clone().sent(How::Truncated), "cut off"),
        (whole.clone().sent(How::Hangup), "connection"),
        (Response::text(407, "text/html", "<html>"), "proxy"),
    ] {
        let (before, after, took) = with_fault("/authentication/requirements", response, usize::MAX);
        let record = only("graph.per_user_mfa", &before, &after);
        assert_eq!(record["outcome"], "failed");
        let detail = record["detail"].as_str().unwrap();
        assert!(
            words.split('|').any(|word| detail.contains(word)),
            "{words}: {detail}"
        );
        assert!(took < Duration::from_secs(5), "{words} took {took:?}");
    }
}

#[test]
fn throttling_is_waited_out_inside_a_batch_and_outside_but_not_for_ever() {
    let busy = || {
        Response::json(
            429,
            &json!({"error": {"code": "TooManyRequests", "message": "slow"}}),
        )
        .with("Retry-After", "1")
    };
    for part in [
        "/licenseDetails",
        "/authentication/requirements",
        "usersettingscollection",
        "/v1.0/$batch",
    ] {
        let (before, after, took) = with_fault(part, busy(), 1);
        assert_eq!(outcomes(&before), outcomes(&after), "{part}");
        assert!(took >= Duration::from_secs(1), "{part} took {took:?}");
    }
    let forever = busy().with("Retry-After", "1");
    let mut long = forever.clone();
    long.headers = vec![
        ("Content-Type".into(), "application/json".into()),
        ("Retry-After".into(), "3600".into()),
    ];
    let (before, after, took) = with_fault("/authentication/requirements", long, usize::MAX);
    let record = only("graph.per_user_mfa", &before, &after);
    assert_eq!(
        (record["outcome"].as_str(), record["http_status"].as_u64()),
        (Some("failed"), Some(429))
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_cut_connection_is_tried_once_more_for_a_get() {
    let hangup = Response::json(200, &json!({})).sent(How::Hangup);
    let (before, after, _) = with_fault("/authentication/requirements", hangup, 1);
    assert_eq!(outcomes(&before), outcomes(&after));
}

#[test]
fn without_a_batch_each_read_goes_alone() {
    let (tenant, _) = healthy();
    let (before, _) = collected(order(&tenant, ACCOUNT));
    *tenant.state.has_dataverse_batch.lock().unwrap() = false;
    tenant.fault("/v1.0/$batch", Response::json(500, &json!({})), usize::MAX);
    let (after, _) = collected(order(&tenant, ACCOUNT));
    assert_eq!(outcomes(&before.snapshot()), outcomes(&after.snapshot()));
}

#[test]
fn pages_are_followed_to_the_end_but_never_to_another_host() {
    let (tenant, _) = healthy();
    let (before, _) = collected(order(&tenant, ACCOUNT));
    *tenant.state.page_size.lock().unwrap() = 1;
    let (after, _) = collected(order(&tenant, ACCOUNT));
    for section in [
        "graph.subscribed_skus",
        "graph.group_memberships",
        "dataverse.user_roles",
        "dataverse.user_teams",
    ] {
        let body = |document: &Value| document["sections"][section]["body"]["value"].clone();
        assert_eq!(body(&before.snapshot()), body(&after.snapshot()), "{section}");
    }
    *tenant.state.page_size.lock().unwrap() = usize::MAX;
    let page = json!({"value": [], "@odata.nextLink": "https://evil.example/v1.0/next"});
    tenant.fault("/licenseDetails", Response::json(200, &page), usize::MAX);
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let record = session.snapshot()["sections"]["graph.license_details"].clone();
    assert_eq!(record["outcome"], "failed");
    assert!(record["detail"].as_str().unwrap().contains("another host"));
}

#[test]
fn a_column_that_an_old_version_lacks_is_left_out() {
    let (tenant, _) = healthy();
    let lacks = json!({"error": {"code": "0x0", "message": "Could not find a property named 'enableipbasedcookiebinding' on type 'Microsoft.Dynamics.CRM.organization'."}});
    tenant.fault(
        "enableipbasedcookiebinding",
        Response::json(400, &lacks),
        usize::MAX,
    );
    let (session, _) = collected(order(&tenant, ACCOUNT));
    assert_eq!(
        session.snapshot()["sections"]["dataverse.organization"]["outcome"],
        "ok"
    );
}

#[test]
fn a_token_travels_to_its_own_service_only_and_every_post_is_a_documented_read() {
    let (tenant, _) = healthy();
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let audience = |token: &str| {
        let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap();
        claims["aud"].as_str().unwrap().to_owned()
    };
    for (service, authorization) in tenant.state.travelled.lock().unwrap().iter() {
        let Some(token) = authorization.strip_prefix("Bearer ") else {
            continue;
        };
        let wanted = match service.as_str() {
            "graph" => "https://graph.microsoft.com".to_owned(),
            "dataverse" => tenant.addresses.dataverse.clone(),
            "admin" => "https://service.powerapps.com".to_owned(),
            other => panic!("a token went to {other}"),
        };
        assert_eq!(audience(token), wanted);
    }
    for request in tenant.state.seen.lock().unwrap().iter() {
        let is_read = request.contains("GET ")
            || [
                "$batch",
                "/checkMemberGroups",
                "/v1.0/identity/conditionalAccess/evaluate",
            ]
            .iter()
            .any(|end| request.ends_with(end));
        assert!(is_read, "{request}");
    }
    let requests = session.requests();
    assert!(requests.len() <= 25, "{}", requests.len());
    for entry in &requests {
        assert!(
            !entry.url.contains("svc-work365") && !entry.url.contains(ROW),
            "{}",
            entry.url
        );
    }
}

#[test]
fn where_the_beta_filter_is_refused_only_interactive_sign_ins_were_asked_for() {
    let (tenant, _) = healthy();
    let refused = json!({"error": {"code": "BadRequest", "message": "Invalid filter clause"}});
    tenant.fault(
        "/beta/auditLogs/signIns",
        Response::json(400, &refused),
        usize::MAX,
    );
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let section = session.snapshot()["sections"]["graph.sign_ins"].clone();
    assert_eq!(section["outcome"], "ok");
    assert_eq!(section["body"]["asked"], json!(["interactiveUser"]));
}

#[test]
fn a_batch_that_is_throttled_is_waited_for_or_given_up_and_never_taken_apart() {
    let (tenant, _) = healthy();
    let (before, _) = collected(order(&tenant, ACCOUNT));
    let usual = before.requests().len();
    let busy = Response::json(
        429,
        &json!({"error": {"code": "TooManyRequests", "message": "slow"}}),
    );
    tenant.fault("/v1.0/$batch", busy.with("Retry-After", "3600"), usize::MAX);
    let (session, _) = collected(order(&tenant, ACCOUNT));
    let document = session.snapshot();
    let record = &document["sections"]["graph.license_details"];
    assert_eq!(
        (record["outcome"].as_str(), record["http_status"].as_u64()),
        (Some("failed"), Some(429))
    );
    assert_eq!(document["sections"]["dataverse.who_am_i"]["outcome"], "ok");
    assert!(session.requests().len() <= usual, "{}", session.requests().len());
}
