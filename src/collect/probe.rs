//! `--probe-sign-in`: one password sign-in as the account, after all reads, never repeated whatever comes back.

use serde_json::{Map, Value, json};

use super::Auth;
use super::auth::{DATAVERSE_CLIENT, Grant, client_assertion, request};
use super::call::Service;
use super::http::Http;
use super::section::Record;
use crate::secret::Secret;

/// Whom to sign in, and how.
pub(super) struct Probe<'a> {
    pub(super) account: &'a str,
    pub(super) password: &'a Secret,
    pub(super) tenant: &'a str,
    pub(super) client_id: Option<&'a str>,
    pub(super) auth: &'a Auth,
}

impl Probe<'_> {
    /// Signs in once. The result never holds a token; the object id is that of the token's owner.
    pub(super) async fn run(&self, http: &Http) -> (Record, Option<String>) {
        let client = self.client_id.unwrap_or(DATAVERSE_CLIENT);
        let scope = format!("{}/user_impersonation", http.origins.dataverse);
        let mut grant = Grant::new("password", client)
            .with("scope", &scope)
            .with("username", self.account)
            .with_secret("password", self.password.clone());
        // A confidential client has to prove itself here too (api-facts 3.1).
        match self.auth {
            Auth::ClientSecret(secret) => grant = grant.with_secret("client_secret", secret.clone()),
            Auth::ClientCertificate(pem) => {
                match client_assertion(pem, &http.origins.login, self.tenant, client) {
                    Ok(assertion) => {
                        grant = grant
                            .with(
                                "client_assertion_type",
                                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                            )
                            .with_secret("client_assertion", assertion);
                    }
                    Err(text) => return (Record::failed(None, text), None),
                }
            }
            _ => {}
        }
        match request(http, self.tenant, &grant, Service::Dataverse).await {
            Ok(granted) => {
                let claims = claims(&granted.access_token).unwrap_or_default();
                let object_id = claims.get("oid").and_then(Value::as_str).map(str::to_owned);
                let body = json!({
                    "token_type": granted.token_type,
                    "scope": granted.scope,
                    "claims": claims,
                });
                (Record::ok(Some(200), body), object_id)
            }
            Err(failure) if failure.body["error"].is_string() => {
                (Record::ok(failure.status, without_tokens(failure.body)), None)
            }
            Err(failure) => (Record::failed(failure.status, failure.text), None),
        }
    }
}

fn without_tokens(mut body: Value) -> Value {
    if let Some(object) = body.as_object_mut() {
        object.retain(|name, _| !name.ends_with("_token"));
    }
    body
}

/// The claims of a token, unverified: it came straight from the sign-in service, or is ours to show. Opaque and
/// per-session claims are left out; nobody judges them.
pub(super) fn claims(token: &Secret) -> Option<Map<String, Value>> {
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token.expose()).ok()?;
    let Value::Object(claims) = claims else {
        return None;
    };
    Some(
        claims
            .into_iter()
            .filter(|(name, _)| {
                !matches!(name.as_str(), "aio" | "rh" | "uti" | "sid") && !name.starts_with("xms_")
            })
            .collect(),
    )
}
