//! What a run says before anybody signs in.

use work365_doctor::collect::{Auth, Cloud, Order};
use work365_doctor::secret::Secret;

use crate::scopes;
use crate::server::Response;
use crate::{ACCOUNT, collected, healthy, order};

/// The notes before the code that a person has to enter.
fn notes_before_sign_in(order: Order) -> Vec<String> {
    let (_, watcher) = collected(order);
    let notes = watcher.notes.lock().unwrap().clone();
    let end = notes.iter().position(|note| note.starts_with("code ")).unwrap();
    notes[..end].to_vec()
}

#[test]
fn tenant_and_cloud_and_what_will_be_missing_are_told_before_anybody_signs_in() {
    let (tenant, snapshot) = healthy();
    let with_device_code = |client_id: Option<&str>| Order {
        auth: Auth::DeviceCode,
        client_id: client_id.map(str::to_owned),
        ..order(&tenant, ACCOUNT)
    };
    let notes = notes_before_sign_in(with_device_code(None));
    let has = |notes: &[String], words: &str| notes.iter().any(|note| note.contains(words));
    let uri = snapshot["sections"]["login.challenge"]["body"]["authorization_uri"]
        .as_str()
        .unwrap();
    let id = uri.split('/').nth(3).unwrap();
    assert!(has(&notes, &format!("cloud public, tenant {id}")), "{notes:?}");
    assert!(has(&notes, "the sign-in asks for AuditLog.Read.All"), "{notes:?}");
    assert!(has(&notes, "then sign in with --auth browser"), "{notes:?}");
    let notes = notes_before_sign_in(with_device_code(Some("client")));
    assert!(
        !has(&notes, "will not be asked") && !has(&notes, "asks for"),
        "{notes:?}"
    );
}

#[test]
fn a_clock_that_is_wrong_is_told_before_anybody_signs_in() {
    let (tenant, _) = healthy();
    let uri = "https://login.microsoftonline.com/f1f1f1f1-0000-4000-8000-000000000001/oauth2/authorize";
    let challenge = Response::text(401, "text/plain", "")
        .with(
            "WWW-Authenticate",
            &format!("Bearer authorization_uri={uri}, resource_id=x"),
        )
        .with("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
    tenant.fault("/api/data/v9.2/", challenge, 1);
    let order = Order {
        auth: Auth::DeviceCode,
        client_id: Some("client".to_owned()),
        ..order(&tenant, ACCOUNT)
    };
    let notes = notes_before_sign_in(order);
    assert!(
        notes
            .iter()
            .any(|note| note.contains("this machine's clock is") && note.contains("ahead of")),
        "{notes:?}"
    );
}

#[test]
fn what_a_cloud_lacks_is_not_asked_and_its_admin_centers_are_named() {
    let (tenant, _) = healthy();
    let mut order = Order {
        cloud: Cloud::China,
        ..order(&tenant, ACCOUNT)
    };
    if let Auth::AccessToken(tokens) = &mut order.auth {
        tokens.graph = Some(Secret::new(tenant.token(scopes::GRAPH_ID)));
    }
    let (session, watcher) = collected(order);
    let notes = watcher.notes.lock().unwrap().clone();
    let named = "Entra https://entra.microsoftonline.cn";
    assert!(notes.iter().any(|note| note.contains(named)), "{notes:?}");
    let snapshot = session.snapshot();
    let seen = tenant.state.seen.lock().unwrap().clone();
    for (section, path) in [
        ("graph.authentication_methods", "/authentication/methods"),
        ("graph.registration_campaign", "/authenticationMethodsPolicy"),
        ("graph.directory_audits", "/directoryAudits"),
        ("graph.risky_user", "/identityProtection/"),
    ] {
        let record = &snapshot["sections"][section];
        assert_eq!(record["outcome"], "skipped", "{section}");
        assert_eq!(record["detail"], "not in this cloud", "{section}");
        assert!(!seen.iter().any(|request| request.contains(path)), "{path}");
    }
    assert_eq!(snapshot["sections"]["graph.user"]["outcome"], "ok");
}
