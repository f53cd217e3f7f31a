//! One request to the token endpoint. What is refused keeps its status and its body (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use serde_json::Value;

use crate::collect::wire::answer::reply;
use crate::collect::wire::call::{Body, Call, Method, Repeat, Reply, Service};
use crate::collect::wire::encoding::{encode, form};
use crate::collect::wire::http::Http;
use crate::collect::wire::request_id::signed;
use crate::secret::Secret;
use crate::text::one_line;

/// The fields of a token request.
pub(crate) struct Grant {
    fields: Vec<(&'static str, Secret)>,
    secrets: Vec<&'static str>,
}

impl Grant {
    pub(crate) fn new(grant_type: &str, client_id: &str) -> Self {
        Self::client(client_id).with("grant_type", grant_type)
    }

    /// The start of a device-code sign-in, which has no grant yet.
    pub(crate) fn client(client_id: &str) -> Self {
        Self {
            fields: Vec::new(),
            secrets: Vec::new(),
        }
        .with("client_id", client_id)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, Secret::new(value)));
        self
    }

    pub(crate) fn with_secret(mut self, name: &'static str, value: Secret) -> Self {
        self.secrets.push(name);
        self.fields.push((name, value));
        self
    }

    /// The claims that a service demanded, if it did (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
    pub(crate) fn with_claims(self, claims: Option<&str>) -> Self {
        match claims {
            Some(claims) => self.with("claims", claims),
            None => self,
        }
    }

    /// The fields that must not come back as somebody's words.
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.fields
            .iter()
            .filter(|(name, _)| self.secrets.contains(name))
            .map(|(_, value)| value)
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
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) token_type: String,
    pub(crate) scope: String,
}

/// What to do about an answer that the sign-in service itself never gives.
const ADVICE: &str = "what answered is not the sign-in service as it should be: look at the proxy and at the address, or try again later";

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
    pub(crate) fn local(text: String) -> Self {
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
                text: match status {
                    Some(_) => format!("{detail}; {ADVICE}"),
                    None => detail,
                },
            },
            Reply::Json {
                status, body, trace, ..
            } => {
                let field = |name: &str| body[name].as_str().map(str::to_owned);
                // The service ends its lines with CR and LF; a message is one line.
                let words = field("error_description").or_else(|| field("error"));
                let text = match words.as_deref().map(one_line).filter(|text| !text.is_empty()) {
                    Some(words) => words,
                    None => {
                        let what = format!("HTTP {status} without an OAuth answer; {ADVICE}");
                        signed(&what, trace.request_id.as_deref())
                    }
                };
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
    pub(crate) fn wants_person(&self) -> Option<Option<String>> {
        let claims = self.body["claims"].as_str().map(str::to_owned);
        (self.error() == "interaction_required" || claims.is_some()).then_some(claims)
    }

    /// Whether nobody consented to what was asked for, and this person cannot: AADSTS65001, 90094 and 90095.
    pub(crate) fn lacks_consent(&self) -> bool {
        let codes = self.body["error_codes"].as_array().into_iter().flatten();
        let mut numbers = codes.filter_map(Value::as_u64);
        numbers.any(|code| matches!(code, 65_001 | 90_094 | 90_095))
            || ["AADSTS65001", "AADSTS90094", "AADSTS90095"]
                .iter()
                .any(|code| self.text.contains(code))
    }

    /// Whether the sign-in service could not be asked, or could not answer: a later request may fare better.
    pub(crate) fn is_passing(&self) -> bool {
        let has_no_answer = self.service.is_some() && self.status.is_none();
        has_no_answer || matches!(self.status, Some(408 | 429 | 500 | 502..=504))
    }

    /// The OAuth error word.
    pub(crate) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

/// Asks the token endpoint once; never again, whatever comes back.
pub(crate) async fn request(
    http: &Http,
    tenant: &str,
    grant: &Grant,
    service: Service,
) -> Result<Granted, SignInFailure> {
    granted(service, post(http, tenant, "token", grant, Repeat::Never).await)
}

/// Asks the token endpoint, and again when it was busy or the connection was cut: for grants that are not used up by one
/// request.
pub(crate) async fn request_patiently(
    http: &Http,
    tenant: &str,
    grant: &Grant,
    service: Service,
) -> Result<Granted, SignInFailure> {
    granted(service, post(http, tenant, "token", grant, Repeat::Always).await)
}

fn granted(service: Service, reply: Reply) -> Result<Granted, SignInFailure> {
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
pub(crate) async fn post(http: &Http, tenant: &str, endpoint: &str, grant: &Grant, repeat: Repeat) -> Reply {
    grant.secrets().for_each(|secret| http.remember(secret));
    let call = Call {
        method: Method::Post,
        repeat,
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
pub(crate) fn refusal(service: Service, reply: Reply) -> SignInFailure {
    SignInFailure::of(service, reply)
}
