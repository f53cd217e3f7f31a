//! Before the run: what is not as it should be ends it in one sentence, and nothing is sent to where it does not belong.

use serde_json::{Value, json};

use crate::program::{live, run, tool, with_tokens};
use crate::server::Response;
use crate::tenant::Tenant;
use crate::{ACCOUNT, healthy};

fn signed_requests(tenant: &Tenant) -> usize {
    let travelled = tenant.state.travelled.lock().unwrap();
    travelled.iter().filter(|(_, token)| !token.is_empty()).count()
}

/// A check with the tenant's tokens, of another environment.
fn of_environment(tenant: &Tenant, environment: &str) -> (i32, String, String) {
    let mut command = tool(
        tenant,
        &["check", "--account", ACCOUNT, "--environment", environment],
    );
    command
        .args(["--auth", "access-token", "-o", "json"])
        .env(
            "WORK365_DOCTOR_GRAPH_TOKEN",
            tenant.token("https://graph.microsoft.com"),
        )
        .env("WORK365_DOCTOR_DATAVERSE_TOKEN", tenant.token(environment));
    run(command)
}

#[test]
fn an_environment_that_is_none_ends_the_run_in_one_sentence() {
    let (tenant, _) = healthy();
    let (code, stdout, stderr) = of_environment(&tenant, "https://no-such-environment.invalid");
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(
        stderr.contains("its name could not be resolved; nothing was read"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for (response, words) in [
        (
            Response::text(200, "text/html", "<html>Welcome</html>"),
            "web page",
        ),
        (
            Response::json(200, &json!({"value": []})),
            "without asking for a sign-in",
        ),
        (Response::text(404, "text/html", "<html>Gone</html>"), "web page"),
        (Response::json(404, &json!({})), "HTTP 404"),
        (
            Response::text(302, "text/html", "").with("Location", "https://parked.example/"),
            "redirected to https://parked.example/",
        ),
    ] {
        let (tenant, _) = healthy();
        tenant.fault("/api/data/v9.2/", response, usize::MAX);
        let (code, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json"]));
        assert_eq!((code, stdout.as_str()), (3, ""), "{words}: {stderr}");
        assert!(stderr.contains("is no Dataverse environment: "), "{stderr}");
        assert!(stderr.contains(words), "{words}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert_eq!(signed_requests(&tenant), 0, "{words}");
    }
    // One that is busy, or keeps strangers out, is an environment all the same.
    for status in [403, 429, 500, 503] {
        let (tenant, _) = healthy();
        tenant.fault(
            "/api/data/v9.2/",
            Response::json(status, &json!({"error": {"code": "0x0", "message": "no"}}))
                .with("Retry-After", "3600"),
            usize::MAX,
        );
        let (_, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json"]));
        let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{status}: {stderr}"));
        assert!(report["summary"]["pass"].as_u64().unwrap() > 0, "{status}");
    }
}

#[test]
fn a_tenant_that_is_not_the_environments_is_said_before_anything_is_read() {
    let (tenant, _) = healthy();
    let other = "bbbbbbbb-0000-4000-8000-00000000000b";
    let (code, stdout, stderr) = run(with_tokens(&tenant, &["--tenant", other]));
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(
        stderr.contains("belongs to the tenant f1f1f1f1-") && stderr.contains(other),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(signed_requests(&tenant), 0);
    let own = "F1F1F1F1-0000-4000-8000-000000000001";
    let (code, _, stderr) = run(with_tokens(&tenant, &["--tenant", own]));
    assert!(code < 2, "{stderr}");
}

#[test]
fn an_account_that_is_none_is_a_usage_error_everywhere() {
    let (tenant, _) = healthy();
    for account in [
        "",
        "   ",
        "noat",
        "@contoso.com",
        "a b@contoso.com",
        "{a@contoso.com}",
        "a@b@c",
    ] {
        for command in ["check", "capture", "plan"] {
            let environment = tenant.addresses.dataverse.as_str();
            let mut arguments = vec![command, "--account", account, "--environment", environment];
            if command == "plan" {
                arguments.extend(["--script", "bash"]);
            }
            let (code, stdout, stderr) = run(tool(&tenant, &arguments));
            assert_eq!(
                (code, stdout.as_str()),
                (2, ""),
                "{command} {account:?}: {stderr}"
            );
            assert!(stderr.contains("is neither an address"), "{stderr}");
        }
    }
    assert!(tenant.state.seen.lock().unwrap().is_empty());
    let (code, stdout, stderr) = run(tool(
        &tenant,
        &[
            "plan",
            "--script",
            "bash",
            "--account",
            "  svc@contoso.com ",
            "--environment",
            "https://Contoso.crm4.dynamics.com.:443/main.aspx?appid=1&x=a@b",
        ],
    ));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("'svc@contoso.com'") && stdout.contains("'https://contoso.crm4.dynamics.com'"));
}

#[test]
fn an_address_is_taken_as_it_stands_in_the_browser() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let pasted = format!(
        "{}/main.aspx?appid=x&pagetype=entitylist",
        tenant.addresses.dataverse
    );
    let mut command = with_tokens(&tenant, &["--now", now, "-o", "json"]);
    let arguments: Vec<String> = command
        .get_args()
        .map(|text| text.to_str().unwrap().to_owned())
        .map(|text| {
            if text == tenant.addresses.dataverse {
                pasted.clone()
            } else {
                text
            }
        })
        .collect();
    let variables: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).skip(1).collect();
    command = tool(&tenant, &arguments);
    command.envs(variables);
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn a_token_goes_to_its_own_service_or_nowhere() {
    let graph = "https://graph.microsoft.com";
    let token = |tenant: &Tenant, audience: &str, seconds: i64| {
        let claims = json!({"aud": audience, "exp": jiff::Timestamp::now().as_second() + seconds, "scp": "User.Read.All"});
        let key = jsonwebtoken::EncodingKey::from_secret(crate::tenant::KEY);
        let _ = tenant;
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    };
    for (audience, seconds, words) in [
        ("dataverse", 3600, "was issued for"),
        (
            "https://management.azure.com/",
            3600,
            "was issued for Azure Resource Manager",
        ),
        (
            "https://graph.microsoft.us",
            3600,
            "was issued for `https://graph.microsoft.us`",
        ),
        (graph, -60, "ended at"),
    ] {
        let (tenant, _) = healthy();
        let audience = if audience == "dataverse" {
            tenant.addresses.dataverse.clone()
        } else {
            audience.to_owned()
        };
        let mut command = with_tokens(&tenant, &["-v", "-o", "json"]);
        command.env("WORK365_DOCTOR_GRAPH_TOKEN", token(&tenant, &audience, seconds));
        let (_, stdout, _) = run(command);
        assert!(stdout.contains(words), "{audience}: {stdout}");
        let travelled = tenant.state.travelled.lock().unwrap();
        assert!(
            travelled.iter().all(|(service, _)| service != "graph"),
            "{audience}"
        );
    }
    // As people copy it.
    for wrap in ["Bearer {}", "\"{}\"", "bearer {} "] {
        let (tenant, snapshot) = healthy();
        let now = snapshot["captured_at"].as_str().unwrap();
        let mut command = with_tokens(&tenant, &["--now", now, "-o", "json"]);
        command.env(
            "WORK365_DOCTOR_GRAPH_TOKEN",
            wrap.replace("{}", &tenant.token(graph)),
        );
        let (code, stdout, stderr) = run(command);
        assert_eq!(code, 0, "{wrap}: {stdout}{stderr}");
    }
}

#[test]
fn a_token_of_the_sign_in_service_is_looked_at_too() {
    let (tenant, _) = healthy();
    let claims = json!({"aud": "https://management.azure.com", "exp": 4_000_000_000_i64});
    let key = jsonwebtoken::EncodingKey::from_secret(crate::tenant::KEY);
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    tenant.fault(
        "/oauth2/v2.0/token",
        Response::json(
            200,
            &json!({"token_type": "Bearer", "access_token": token, "expires_in": 3600}),
        ),
        usize::MAX,
    );
    let mut command = tool(
        &tenant,
        &live(&tenant, &["--auth", "client-secret", "--client-id", "client"]),
    );
    command.env("WORK365_DOCTOR_CLIENT_SECRET", "a-secret");
    let (code, _, stderr) = run(command);
    assert_eq!(code, 3, "{stderr}");
    assert!(
        stderr.contains("was issued for Azure Resource Manager, so it was not sent"),
        "{stderr}"
    );
    assert_eq!(signed_requests(&tenant), 0);
}

#[test]
fn a_busy_sign_in_service_is_met_with_patience_inside_the_life_of_the_code() {
    for (fault, words) in [
        (
            Response::json(429, &json!({"error": "busy"})).with("Retry-After", "1"),
            "busy",
        ),
        (Response::text(503, "text/html", "<html>"), "web page"),
        (
            Response::json(200, &json!({})).sent(crate::server::How::Hangup),
            "connection",
        ),
    ] {
        let (tenant, snapshot) = healthy();
        let now = snapshot["captured_at"].as_str().unwrap();
        tenant.fault("/oauth2/v2.0/token", fault, 1);
        let arguments = [
            "--auth",
            "device-code",
            "--client-id",
            "client",
            "-v",
            "--now",
            now,
            "-o",
            "json",
        ];
        let (code, stdout, stderr) = run(tool(&tenant, &live(&tenant, &arguments)));
        assert_eq!(code, 0, "{words}: {stdout}{stderr}");
        assert!(
            stderr.contains("the code is still good, trying again"),
            "{stderr}"
        );
        assert!(stderr.contains(words), "{words}: {stderr}");
        assert!(
            stderr.contains("Sign in as yourself, not as the service account"),
            "{stderr}"
        );
    }
}

#[test]
fn numbers_of_a_server_are_numbers_with_bounds() {
    let (tenant, snapshot) = healthy();
    let now = snapshot["captured_at"].as_str().unwrap();
    let start = json!({"device_code": "device-canary", "user_code": "ABCD", "verification_uri": "https://login.example/device",
        "expires_in": u64::MAX, "interval": 1});
    // The scope is that of a first, ordinary start.
    tenant.state.secrets.lock().unwrap().insert(
        "device scope".into(),
        "https://graph.microsoft.com/.default offline_access".into(),
    );
    tenant.fault("/devicecode", Response::json(200, &start), usize::MAX);
    let arguments = [
        "--auth",
        "device-code",
        "--client-id",
        "client",
        "--now",
        now,
        "-o",
        "json",
    ];
    let (code, stdout, stderr) = run(tool(&tenant, &live(&tenant, &arguments)));
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.contains("good for 60 minutes"), "{stderr}");
    for after in [
        "18446744073709551615",
        "18446744073709551616",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let (tenant, _) = healthy();
        let busy = Response::json(
            429,
            &json!({"error": {"code": "TooManyRequests", "message": "slow"}}),
        );
        tenant.fault(
            "/authentication/requirements",
            busy.with("Retry-After", after),
            usize::MAX,
        );
        let started = std::time::Instant::now();
        let (code, stdout, stderr) = run(with_tokens(&tenant, &["-o", "json"]));
        assert!(code < 2, "{after}: {stdout}{stderr}");
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{after}");
    }
}

#[test]
fn what_the_sign_in_service_says_is_one_line_and_pages_get_advice() {
    let (tenant, _) = healthy();
    let mut command = tool(
        &tenant,
        &live(&tenant, &["--auth", "client-secret", "--client-id", "client"]),
    );
    command.env("WORK365_DOCTOR_CLIENT_SECRET", "wrong");
    let (_, _, stderr) = run(command);
    assert!(
        stderr.lines().next().unwrap().ends_with("refused. Trace ID: 1"),
        "{stderr}"
    );
    assert!(!stderr.contains("\\u{d}"), "{stderr}");
    tenant.fault(
        "/oauth2/v2.0/token",
        Response::text(200, "text/html", "<html>"),
        usize::MAX,
    );
    let mut command = tool(
        &tenant,
        &live(&tenant, &["--auth", "client-secret", "--client-id", "client"]),
    );
    command.env("WORK365_DOCTOR_CLIENT_SECRET", "wrong");
    let (code, _, stderr) = run(command);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("look at the proxy and at the address"),
        "{stderr}"
    );
}
