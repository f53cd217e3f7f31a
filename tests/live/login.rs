//! The sign-in service of the loopback tenant.

use serde_json::{Value, json};

use crate::server::{Request, Response, decode};
use crate::tenant::{Consented, State};

pub(crate) fn answer(state: &State, request: &Request) -> Response {
    let path = request.path();
    if path.starts_with("/common/userrealm/") {
        return state.respond("login.realm", |body| body);
    }
    if path.ends_with("/oauth2/v2.0/devicecode") {
        // The scope of a device code is that of its start; polling does not repeat it.
        let fields = form(&request.body);
        note_claims(state, &fields);
        let scope = fields.iter().find(|(name, _)| name == "scope").unwrap().1.clone();
        state.secrets.lock().unwrap().insert("device scope".into(), scope);
        return Response::json(
            200,
            &json!({"device_code": "device-canary", "user_code": "ABCD-EFGH", "verification_uri": "https://login.example/device", "expires_in": 60, "interval": 1}),
        );
    }
    assert!(path.ends_with("/oauth2/v2.0/token"), "{path}");
    let fields = form(&request.body);
    note_claims(state, &fields);
    token(state, path, &fields)
}

fn note_claims(state: &State, fields: &[(String, String)]) {
    let claims = fields.iter().filter(|(name, _)| name == "claims");
    let mut known = state.claims.lock().unwrap();
    known.extend(claims.map(|(_, value)| value.clone()));
}

/// The fields of a form.
pub(crate) fn form(body: &[u8]) -> Vec<(String, String)> {
    std::str::from_utf8(body)
        .unwrap()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), decode(value)))
        .collect()
}

fn token(state: &State, path: &str, fields: &[(String, String)]) -> Response {
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let expected = |name: &str| {
        state
            .secrets
            .lock()
            .unwrap()
            .get(name)
            .cloned()
            .unwrap_or_default()
    };
    let is_device = field("grant_type").ends_with("device_code");
    let scope = if is_device {
        expected("device scope")
    } else {
        field("scope").to_owned()
    };
    let audience = scope
        .split(' ')
        .next()
        .unwrap()
        .rsplit_once('/')
        .map(|(audience, _)| audience)
        .unwrap_or("https://graph.microsoft.com");
    let refuse = |number: u32, error: &str| {
        Response::json(
            400,
            &json!({"error": error, "error_description": format!("AADSTS{number}: refused.\r\nTrace ID: 1"), "error_codes": [number]}),
        )
    };
    if field("grant_type") == "password"
        && let Some(probe) = state.body("login.probe")
    {
        if probe["error"].is_string() {
            return state.respond("login.probe", |body| body);
        }
        let key = jsonwebtoken::EncodingKey::from_secret(crate::tenant::KEY);
        let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &probe["claims"], &key).unwrap();
        return Response::json(
            200,
            &json!({"token_type": probe["token_type"], "scope": probe["scope"], "expires_in": 3600, "access_token": token}),
        );
    }
    match field("grant_type") {
        "client_credentials"
            if field("client_secret") == expected("client_secret") && !field("client_secret").is_empty() => {}
        "client_credentials" if !field("client_assertion").is_empty() => {
            let header = jsonwebtoken::decode_header(field("client_assertion")).unwrap();
            assert_eq!(header.alg, jsonwebtoken::Algorithm::PS256);
            assert!(header.x5t_s256.is_some());
            let claims: Value =
                jsonwebtoken::dangerous::insecure_decode_claims(field("client_assertion")).unwrap();
            assert_eq!(claims["iss"], field("client_id"));
        }
        "client_credentials" => return refuse(7000215, "invalid_client"),
        "urn:ietf:params:oauth:grant-type:device_code" => {
            if let Some(pending) = state.faulty("poll") {
                return pending;
            }
        }
        "refresh_token" => {
            assert_eq!(field("refresh_token"), "refresh-canary");
            if let Some(refusal) = state.faulty("hop") {
                return refusal;
            }
        }
        "authorization_code" => assert!(!field("code_verifier").is_empty()),
        "password" if field("password") != expected("password") => return refuse(50126, "invalid_grant"),
        "password" => {}
        other => panic!("no grant is called {other}"),
    }
    let is_public_client = field("client_id") == "14d82eec-204b-4c2f-b7e8-296a70dab67e";
    let consented = match is_public_client.then(|| consented(state, &scope)) {
        Some(Err(number)) => return refuse(number, "invalid_grant"),
        Some(Ok(permissions)) => permissions,
        None => None,
    };
    let access_token = if let Some(permissions) = consented {
        state.token_with(&permissions)
    } else if field("grant_type") == "client_credentials" {
        // An application has its token of the tenant that it asked, of which there are many in a fleet.
        let tenant = path.split('/').find(|part| part.len() == 36);
        state.application_token_of(tenant, audience)
    } else {
        state.token(audience)
    };
    Response::json(
        200,
        &json!({"token_type": "Bearer", "scope": scope, "expires_in": 3600, "access_token": access_token, "refresh_token": "refresh-canary"}),
    )
}

/// The permissions of Graph that a sign-in for these scopes gets, as the tenant consents; nothing where everything was
/// consented to before.
///
/// `.default` gives what was consented to before. Named permissions are granted by an administrator on the spot, and
/// refused to anybody else (AADSTS65001).
fn consented(state: &State, scope: &str) -> Result<Option<Vec<String>>, u32> {
    let named: Vec<String> = scope
        .split(' ')
        .filter_map(|scope| scope.strip_prefix("https://graph.microsoft.com/"))
        .map(str::to_owned)
        .collect();
    let (before, is_administrator) = match &*state.consented.lock().unwrap() {
        Consented::Everything => return Ok(None),
        Consented::ByAdministrator(before) => (before.clone(), true),
        Consented::WithoutAdministrator(before) => (before.clone(), false),
    };
    if named.iter().any(|name| name == ".default") {
        return Ok(Some(before));
    }
    if is_administrator || named.iter().all(|name| before.contains(name)) {
        return Ok(Some(before.into_iter().chain(named).collect()));
    }
    Err(65001)
}
