//! One request to the token endpoint. What is refused keeps its status and its body (api-facts 3.2).

use serde_json::Value;

use super::super::answer::reply;
use super::super::call::{Body, Call, Method, Repeat, Reply, Service};
use super::super::expand::{encode, form};
use super::super::http::Http;
use crate::secret::Secret;

/// The fields of a token request.
pub(in crate::collect) struct Grant {
    fields: Vec<(&'static str, Secret)>,
}

impl Grant {
    pub(in crate::collect) fn new(grant_type: &str, client_id: &str) -> Self {
        Self { fields: Vec::new() }
            .with("grant_type", grant_type)
            .with("client_id", client_id)
    }

    /// The start of a device-code sign-in, which has no grant yet.
    pub(super) fn client(client_id: &str) -> Self {
        Self { fields: Vec::new() }.with("client_id", client_id)
    }

    pub(in crate::collect) fn with(self, name: &'static str, value: &str) -> Self {
        self.with_secret(name, Secret::new(value))
    }

    pub(in crate::collect) fn with_secret(mut self, name: &'static str, value: Secret) -> Self {
        self.fields.push((name, value));
        self
    }

    /// The claims that a service demanded, if it did (api-facts 3.6).
    pub(super) fn with_claims(self, claims: Option<&str>) -> Self {
        match claims {
            Some(claims) => self.with("claims", claims),
            None => self,
        }
    }

    fn body(&self) -> Body {
        let fields: Vec<(&str, &str)> = self
            .fields
            .iter()
            .map(|(name, value)| (*name, value.expose()))
            .collect();
        Body {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            bytes: form(&fields).into_bytes(),
        }
    }
}

/// What a sign-in gave.
#[derive(Debug)]
pub(in crate::collect) struct Granted {
    pub(in crate::collect) access_token: Secret,
    pub(in crate::collect) refresh_token: Option<Secret>,
    pub(in crate::collect) token_type: String,
    pub(in crate::collect) scope: String,
}

/// A sign-in that gave no token.
#[derive(Debug, Clone)]
pub struct SignInFailure {
    /// For which service, when it was refused by the sign-in service.
    pub service: Option<Service>,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The answer in OAuth form, or null.
    pub body: Value,
    /// The same in one sentence.
    pub text: String,
}

impl SignInFailure {
    /// A failure before anything was sent.
    pub(in crate::collect) fn local(text: String) -> Self {
        Self {
            service: None,
            status: None,
            body: Value::Null,
            text,
        }
    }

    fn of(service: Service, reply: Reply) -> Self {
        match reply {
            Reply::Broken { status, detail } => Self {
                service: Some(service),
                status,
                body: Value::Null,
                text: detail,
            },
            Reply::Json { status, body, .. } => {
                let field = |name: &str| body[name].as_str().map(str::to_owned);
                let text = field("error_description")
                    .or_else(|| field("error"))
                    .unwrap_or_else(|| format!("HTTP {status} without an OAuth answer"));
                Self {
                    service: Some(service),
                    status: Some(status),
                    body,
                    text,
                }
            }
        }
    }

    /// Whether the sign-in service wants the person once more, and the claims that it names.
    pub(super) fn wants_person(&self) -> Option<Option<String>> {
        let claims = self.body["claims"].as_str().map(str::to_owned);
        (self.error() == "interaction_required" || claims.is_some()).then_some(claims)
    }

    /// The OAuth error word.
    pub(super) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

/// Asks the token endpoint once; never again, whatever comes back.
pub(in crate::collect) async fn request(
    http: &Http,
    tenant: &str,
    grant: &Grant,
    service: Service,
) -> Result<Granted, SignInFailure> {
    let reply = post(http, tenant, "token", grant).await;
    let Some(body) = reply.ok() else {
        return Err(SignInFailure::of(service, reply));
    };
    let field = |name: &str| body[name].as_str().map(str::to_owned);
    match field("access_token") {
        Some(token) => Ok(Granted {
            access_token: Secret::new(token),
            refresh_token: field("refresh_token").map(Secret::new),
            token_type: field("token_type").unwrap_or_default(),
            scope: field("scope").unwrap_or_default(),
        }),
        None => Err(SignInFailure {
            service: Some(service),
            status: reply.status(),
            body: Value::Null,
            text: "the sign-in service answered without a token".to_owned(),
        }),
    }
}

/// Posts a form to an endpoint of the sign-in service.
pub(super) async fn post(http: &Http, tenant: &str, endpoint: &str, grant: &Grant) -> Reply {
    let call = Call {
        method: Method::Post,
        repeat: Repeat::Never,
        signed: false,
        body: Some(grant.body()),
        ..Call::get(
            Service::Login,
            format!("/{}/oauth2/v2.0/{endpoint}", encode(tenant)),
            format!("/{{tenant}}/oauth2/v2.0/{endpoint}"),
        )
    };
    reply(http.send(&call).await)
}

/// A refusal as the device-code endpoint gives it.
pub(super) fn refusal(service: Service, reply: Reply) -> SignInFailure {
    SignInFailure::of(service, reply)
}
