//! The ways to sign in, as the sign-in service meets them.

use std::time::Duration;

use serde_json::{Value, json};
use work365_doctor::collect::{Auth, CollectError, Consent, GivenTokens, Order, Session};
use work365_doctor::secret::Secret;

use crate::server::Response;
use crate::tenant::{Consented, Tenant};
use crate::{ACCOUNT, Watcher, collected, healthy, key_and_certificate, order};

fn signing_in(tenant: &Tenant, auth: Auth, client_id: Option<&str>) -> Order {
    Order {
        auth,
        client_id: client_id.map(str::to_owned),
        ..order(tenant, ACCOUNT)
    }
}

fn outcome(document: &Value, section: &str) -> (String, String) {
    let section = &document["sections"][section];
    (
        section["outcome"].as_str().unwrap().to_owned(),
        section["detail"].as_str().unwrap_or_default().to_owned(),
    )
}

fn refused(order: Order) -> CollectError {
    let mut session = Session::new(order, std::sync::Arc::new(Watcher::default())).unwrap();
    session.collect().unwrap_err()
}

#[test]
fn an_application_signs_in_with_its_secret_to_every_service() {
    let (tenant, _) = healthy();
    let secrets = &tenant.state.secrets;
    secrets
        .lock()
        .unwrap()
        .insert("client_secret".into(), "s+e&c%r et".into());
    let secret = Auth::ClientSecret(Secret::new("s+e&c%r et"));
    let (session, _) = collected(signing_in(&tenant, secret, Some("client")));
    for section in ["graph.user", "dataverse.who_am_i", "admin.environment"] {
        assert_eq!(outcome(&session.snapshot(), section).0, "ok", "{section}");
    }
    assert!(session.requests().len() <= 25);
}

#[test]
fn a_wrong_secret_is_a_sign_in_failure_with_the_services_own_words() {
    let (tenant, _) = healthy();
    let secret = Auth::ClientSecret(Secret::new("wrong"));
    match refused(signing_in(&tenant, secret, Some("client"))) {
        CollectError::SignIn(failure) => {
            assert!(failure.text.starts_with("AADSTS7000215"), "{}", failure.text)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn one_service_that_refuses_leaves_the_others_alone() {
    let (tenant, _) = healthy();
    tenant
        .state
        .secrets
        .lock()
        .unwrap()
        .insert("client_secret".into(), "right".into());
    let refusal = json!({"error": "invalid_resource", "error_description": "AADSTS500011: no such resource", "error_codes": [500011]});
    // The first of the three token requests to arrive is refused.
    tenant.fault("/oauth2/v2.0/token", Response::json(400, &refusal), 1);
    let secret = Auth::ClientSecret(Secret::new("right"));
    let (session, _) = collected(signing_in(&tenant, secret, Some("client")));
    let document = session.snapshot();
    let failed: Vec<_> = ["graph.organization", "dataverse.who_am_i", "admin.environment"]
        .into_iter()
        .filter(|section| outcome(&document, section).1.contains("AADSTS500011"))
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
}

#[test]
fn a_certificate_signs_an_assertion() {
    let (key, certificate) = key_and_certificate();
    let pem = key + &certificate;
    let (tenant, _) = healthy();
    let (session, _) = collected(signing_in(
        &tenant,
        Auth::ClientCertificate(Secret::new(pem)),
        Some("client"),
    ));
    assert_eq!(outcome(&session.snapshot(), "graph.user").0, "ok");

    let encrypted = Auth::ClientCertificate(Secret::new("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    match refused(signing_in(&tenant, encrypted, Some("client"))) {
        CollectError::SignIn(failure) => assert!(failure.text.contains("without a passphrase")),
        other => panic!("{other}"),
    }
}

#[test]
fn a_device_code_is_polled_and_one_sign_in_serves_all_services() {
    let (tenant, _) = healthy();
    let pending = json!({"error": "authorization_pending", "error_description": "AADSTS70016: pending", "error_codes": [70016]});
    tenant.fault("poll", Response::json(400, &pending), 1);
    let (session, watcher) = collected(signing_in(&tenant, Auth::DeviceCode, Some("client")));
    assert!(
        watcher
            .notes
            .lock()
            .unwrap()
            .contains(&"code ABCD-EFGH".to_owned())
    );
    for section in ["graph.user", "dataverse.who_am_i", "admin.environment"] {
        assert_eq!(outcome(&session.snapshot(), section).0, "ok", "{section}");
    }
    let codes = session
        .requests()
        .iter()
        .filter(|entry| entry.url.ends_with("/devicecode"))
        .count();
    assert_eq!(codes, 1);
}

#[test]
fn without_an_application_of_its_own_two_codes_serve_all_three_services() {
    let (tenant, _) = healthy();
    let (session, watcher) = collected(signing_in(&tenant, Auth::DeviceCode, None));
    let document = session.snapshot();
    for section in ["graph.user", "dataverse.who_am_i", "admin.environment"] {
        assert_eq!(outcome(&document, section).0, "ok", "{section}");
    }
    let notes = watcher.notes.lock().unwrap().clone();
    assert!(
        notes
            .iter()
            .any(|note| note.contains("Microsoft's public clients"))
    );
    let codes = notes.iter().filter(|note| note.starts_with("code ")).count();
    assert_eq!(codes, 2, "{notes:?}");
}

/// The sections of Graph that were read.
fn read_of_graph(document: &Value) -> usize {
    document["sections"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, section)| {
            name.starts_with("graph.") && name.as_str() != "graph.operator" && section["outcome"] == "ok"
        })
        .count()
}

#[test]
fn in_a_fresh_tenant_the_named_permissions_read_everything_and_what_was_consented_before_reads_nothing() {
    let (tenant, _) = healthy();
    let (all, _) = collected(order(&tenant, ACCOUNT));
    let readable = read_of_graph(&all.snapshot());
    assert!(readable > 20, "{readable}");
    *tenant.state.consented.lock().unwrap() = Consented::ByAdministrator(Vec::new());

    let (asked, watcher) = collected(signing_in(&tenant, Auth::DeviceCode, None));
    assert_eq!(read_of_graph(&asked.snapshot()), readable);
    let notes = watcher.notes.lock().unwrap().clone();
    let position = |words: &str| notes.iter().position(|note| note.contains(words));
    let scopes = position("the sign-in asks for AuditLog.Read.All, Directory.Read.All,");
    let advice = position("Need admin approval");
    let last_code = notes.iter().rposition(|note| note.starts_with("code "));
    assert!(
        scopes.is_some() && scopes < advice && advice < last_code,
        "{notes:?}"
    );
    let link = notes
        .iter()
        .find(|note| note.contains("/v2.0/adminconsent?client_id=14d82eec-"))
        .unwrap();
    assert!(link.contains("Policy.Read.All"), "{link}");

    let granted = Order {
        consent: Consent::Granted,
        ..signing_in(&tenant, Auth::DeviceCode, None)
    };
    let (granted, _) = collected(granted);
    let document = granted.snapshot();
    assert_eq!(read_of_graph(&document), 0);
    for section in ["dataverse.who_am_i", "admin.environment"] {
        assert_eq!(outcome(&document, section).0, "ok", "{section}");
    }
}

#[test]
fn a_selection_asks_for_the_permissions_of_its_sections_only() {
    let (tenant, _) = healthy();
    *tenant.state.consented.lock().unwrap() = Consented::ByAdministrator(Vec::new());
    let narrow = Order {
        sections: Some(vec!["graph.user", "graph.license_details"]),
        ..signing_in(&tenant, Auth::DeviceCode, None)
    };
    let (session, watcher) = collected(narrow);
    let notes = watcher.notes.lock().unwrap().clone();
    assert!(
        notes.contains(&"Graph: the sign-in asks for User.Read.All".to_owned()),
        "{notes:?}"
    );
    let document = session.snapshot();
    assert_eq!(outcome(&document, "graph.user").0, "ok");
    assert_eq!(outcome(&document, "graph.sign_ins").0, "denied");
}

#[test]
fn a_declined_code_ends_the_run() {
    let (tenant, _) = healthy();
    let declined = json!({"error": "authorization_declined", "error_description": "declined"});
    tenant.fault("poll", Response::json(400, &declined), usize::MAX);
    assert!(matches!(
        refused(signing_in(&tenant, Auth::DeviceCode, Some("client"))),
        CollectError::SignIn(_)
    ));
}

/// A person who follows the page that a sign-in opens, and agrees.
pub(crate) fn agrees(watcher: std::sync::Arc<Watcher>) {
    let query = browsed(&watcher);
    let value = |name: &str| query.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let back = value("redirect_uri").replace("http://localhost", "127.0.0.1");
    knock(&back, &format!("/?code=right&state={}", value("state")));
}

/// A page of a browser: what it is answered.
fn knock(back: &str, target: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(back).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What the page is asked for, as soon as the person is sent there.
fn browsed(watcher: &Watcher) -> Vec<(String, String)> {
    loop {
        let notes = watcher.notes.lock().unwrap().clone();
        match notes.iter().find_map(|note| note.strip_prefix("browse ")) {
            Some(url) => return crate::login::form(url.split_once('?').unwrap().1.as_bytes()),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[test]
fn the_browser_comes_back_with_a_code_and_our_state() {
    let (tenant, _) = healthy();
    let order = signing_in(&tenant, Auth::Browser, Some("client"));
    let watcher = std::sync::Arc::new(Watcher::default());
    let observer = std::sync::Arc::clone(&watcher);
    let person = std::thread::spawn(move || {
        let query = browsed(&observer);
        let value = |name: &str| query.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!(value("code_challenge_method"), "S256");
        let back = value("redirect_uri").replace("http://localhost", "127.0.0.1");
        let knock = |target: &str| knock(&back, target);
        // A connection that is opened and not used holds up nobody.
        let _idle = std::net::TcpStream::connect(&back).unwrap();
        let asked = std::time::Instant::now();
        assert!(knock("/favicon.ico").starts_with("HTTP/1.1 404"));
        assert!(asked.elapsed() < Duration::from_secs(4));
        assert!(knock("/?code=stolen&state=guessed").starts_with("HTTP/1.1 404"));
        assert!(knock(&format!("/?code=right&state={}", value("state"))).starts_with("HTTP/1.1 200"));
    });
    let mut session = Session::new(order, watcher).unwrap();
    session.collect().unwrap();
    person.join().unwrap();
    assert_eq!(outcome(&session.snapshot(), "graph.user").0, "ok");
}

#[test]
fn a_refusal_that_comes_back_without_our_state_ends_the_wait() {
    let (tenant, _) = healthy();
    let watcher = std::sync::Arc::new(Watcher::default());
    let observer = std::sync::Arc::clone(&watcher);
    let person = std::thread::spawn(move || {
        let query = browsed(&observer);
        let redirect = query.iter().find(|(name, _)| name == "redirect_uri").unwrap();
        let back = redirect.1.replace("http://localhost", "127.0.0.1");
        knock(
            &back,
            "/?error=access_denied&error_description=AADSTS65004%3A+declined.",
        );
    });
    let mut session = Session::new(signing_in(&tenant, Auth::Browser, Some("client")), watcher).unwrap();
    let error = session.collect().unwrap_err();
    person.join().unwrap();
    assert!(error.to_string().contains("AADSTS65004: declined."), "{error}");
}

#[test]
fn a_browser_sign_in_without_consent_takes_what_was_consented_before_in_one_more_step() {
    let (tenant, _) = healthy();
    *tenant.state.consented.lock().unwrap() =
        Consented::WithoutAdministrator(vec!["User.Read.All".to_owned()]);
    let watcher = std::sync::Arc::new(Watcher::default());
    let observer = std::sync::Arc::clone(&watcher);
    // The environment, Graph by name, and Graph once more.
    let person = std::thread::spawn(move || {
        for number in 0..3 {
            let url = loop {
                let notes = observer.notes.lock().unwrap().clone();
                match notes
                    .iter()
                    .filter_map(|note| note.strip_prefix("browse "))
                    .nth(number)
                {
                    Some(url) => break url.to_owned(),
                    None => std::thread::sleep(Duration::from_millis(20)),
                }
            };
            let query: Vec<(String, String)> = crate::login::form(url.split_once('?').unwrap().1.as_bytes());
            let value = |name: &str| query.iter().find(|(known, _)| known == name).unwrap().1.clone();
            let back = value("redirect_uri").replace("http://localhost", "127.0.0.1");
            knock(&back, &format!("/?code=right&state={}", value("state")));
        }
    });
    let mut session = Session::new(signing_in(&tenant, Auth::Browser, None), watcher).unwrap();
    session.collect().unwrap();
    person.join().unwrap();
    let document = session.snapshot();
    assert_eq!(outcome(&document, "graph.user").0, "ok");
    assert_eq!(
        outcome(&document, "graph.conditional_access_policies").0,
        "denied"
    );
    assert_eq!(outcome(&document, "dataverse.who_am_i").0, "ok");
}

#[test]
fn a_service_without_its_token_is_skipped() {
    let (tenant, _) = healthy();
    let tokens = GivenTokens {
        graph: Some(Secret::new(tenant.token("https://graph.microsoft.com"))),
        ..GivenTokens::default()
    };
    let (session, _) = collected(signing_in(&tenant, Auth::AccessToken(tokens), None));
    let document = session.snapshot();
    assert_eq!(outcome(&document, "graph.user").0, "ok");
    for section in ["dataverse.who_am_i", "dataverse.user_roles", "admin.environment"] {
        assert_eq!(outcome(&document, section).0, "skipped", "{section}");
    }
    assert!(matches!(
        refused(signing_in(
            &tenant,
            Auth::AccessToken(GivenTokens::default()),
            None
        )),
        CollectError::SignIn(_)
    ));
}

#[test]
fn the_probe_is_sent_once_whatever_comes_back_and_after_every_read() {
    let (tenant, _) = healthy();
    tenant.state.snapshot.lock().unwrap()["sections"]
        .as_object_mut()
        .unwrap()
        .remove("login.probe");
    tenant
        .state
        .secrets
        .lock()
        .unwrap()
        .insert("password".into(), "right".into());
    for (password, fault) in [("wrong", false), ("right", false), ("right", true)] {
        tenant.state.seen.lock().unwrap().clear();
        if fault {
            let busy = Response::json(429, &json!({"error": "busy"})).with("Retry-After", "0");
            tenant.fault("/oauth2/v2.0/token", busy, 1);
        }
        let mut order = order(&tenant, ACCOUNT);
        order.probe = Some(Secret::new(password));
        let (session, _) = collected(order);
        let seen = tenant.state.seen.lock().unwrap().clone();
        let probes: Vec<_> = seen.iter().filter(|request| request.contains("/token")).collect();
        assert_eq!(probes.len(), 1);
        assert!(seen.last().unwrap().contains("/token"), "{:?}", seen.last());
        let document = session.snapshot();
        let probe = &document["sections"]["login.probe"];
        assert_eq!(probe["outcome"], "ok", "{probe}");
        if password == "wrong" {
            assert_eq!(probe["body"]["error_codes"], json!([50126]));
        } else if !fault {
            assert!(probe["body"]["claims"].is_object());
        }
        for canary in ["refresh-canary", "\"access_token\"", "\"right\"", "\"wrong\""] {
            assert!(!document.to_string().contains(canary), "{canary}");
        }
    }
}

#[test]
fn a_probe_that_was_refused_or_had_no_answer_is_said() {
    let (tenant, _) = healthy();
    tenant.state.snapshot.lock().unwrap()["sections"]
        .as_object_mut()
        .unwrap()
        .remove("login.probe");
    let said = |tenant: &Tenant| -> Vec<String> {
        let mut order = order(tenant, ACCOUNT);
        order.probe = Some(Secret::new("wrong-canary"));
        let notes = collected(order).1.notes.lock().unwrap().clone();
        let of_probe = notes
            .into_iter()
            .filter(|note| note.starts_with("--probe-sign-in"));
        of_probe.collect()
    };
    let refused = said(&tenant);
    assert!(
        refused.len() == 1 && refused[0].contains("was refused: AADSTS50126"),
        "{refused:?}"
    );
    let page = Response::text(502, "text/html", "<html>");
    tenant.fault("/oauth2/v2.0/token", page, 1);
    let unanswered = said(&tenant);
    assert!(
        unanswered.len() == 1 && unanswered[0].contains("no answer says anything about the password"),
        "{unanswered:?}"
    );
    assert!(!format!("{refused:?}{unanswered:?}").contains("canary"));
    let mut secrets = tenant.state.secrets.lock().unwrap();
    secrets.insert("password".into(), "wrong-canary".into());
    drop(secrets);
    assert!(said(&tenant).is_empty());
}
