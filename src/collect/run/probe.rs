//! `--probe-sign-in`: one password sign-in as the account, after all reads, never repeated whatever comes back.

use serde_json::{Value, json};

use crate::collect::auth::token_claims::claims;
use crate::collect::auth::{Auth, DATAVERSE_CLIENT, Grant, client_assertion, request};
use crate::collect::requests::record::Record;
use crate::collect::wire::call::Service;
use crate::collect::wire::http::Http;
use crate::secret::Secret;

/// Whom to sign in, and how.
pub(crate) struct Probe<'a> {
    pub(crate) account: &'a str,
    pub(crate) password: &'a Secret,
    pub(crate) tenant: &'a str,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) auth: &'a Auth,
}

impl Probe<'_> {
    /// Signs in once. The result never holds a token; the object id is that of the token's owner.
    pub(crate) async fn run(&self, http: &Http) -> (Record, Option<String>) {
        let client = self.client_id.unwrap_or(DATAVERSE_CLIENT);
        let scope = format!("{}/user_impersonation", http.origins.dataverse);
        let mut grant = Grant::new("password", client)
            .with("scope", &scope)
            .with("username", self.account)
            .with_secret("password", self.password.clone());
        // A confidential client has to prove itself here too (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>).
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
