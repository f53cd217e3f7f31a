//! One request and its answer, as the collector sees them.

use std::time::Duration;

use serde_json::Value;

/// A service that the collector talks to. Each has one origin and at most one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The sign-in service.
    Login,
    /// Microsoft Graph.
    Graph,
    /// The environment.
    Dataverse,
    /// The Power Platform admin API.
    Admin,
}

impl Service {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Service::Login => "the sign-in service",
            Service::Graph => "Microsoft Graph",
            Service::Dataverse => "the environment",
            Service::Admin => "the Power Platform admin API",
        }
    }
}

/// The two methods that reads use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST; only the documented reads, see the guard.
    Post,
}

impl Method {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// When a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// After throttling and after a transport error: GETs.
    Always,
    /// After throttling only, when the service says that it did nothing: read-only POSTs.
    WhenThrottled,
    /// Never: token requests, and above all the probe.
    Never,
}

/// A request body.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) method: Method,
    /// Path and query, percent-encoded, from the leading slash.
    pub(super) path: String,
    /// The path as it may be shown: names and ids replaced by placeholders.
    pub(super) template: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
    pub(super) repeat: Repeat,
    /// Whether the service's token goes along.
    pub(super) signed: bool,
    /// How many requests of the report family this is (api-facts 1.4).
    pub(super) paced: usize,
}

impl Call {
    /// A plain GET with the service's token.
    pub(super) fn get(service: Service, path: String, template: String) -> Self {
        Self {
            service,
            method: Method::Get,
            path,
            template,
            headers: Vec::new(),
            body: None,
            repeat: Repeat::Always,
            signed: true,
            paced: 0,
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    /// Every `WWW-Authenticate` header.
    pub(super) challenges: Vec<String>,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<Duration>,
    /// The service's clock, of the `Date` header.
    pub(super) date: Option<jiff::Timestamp>,
    /// The id that the request carried (api-facts 1.1): Microsoft support finds the request by it.
    pub(super) request_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What came of one read: a status with a JSON body, or nothing usable.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// The service answered in JSON (or without a body, which is `null`).
    Json {
        status: u16,
        body: Value,
        retry_after: Option<Duration>,
        trace: Trace,
    },
    /// It did not, or not in JSON.
    Broken { status: Option<u16>, detail: String },
}

/// What an answer says beside its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// The id that the request carried.
    pub(super) request_id: Option<String>,
    /// The claims that a new token must bring, in JSON: a token was revoked, or a policy wants more (api-facts 3.6).
    pub(super) claims: Option<String>,
}

impl Reply {
    /// The body of a 200.
    pub(super) fn ok(&self) -> Option<&Value> {
        match self {
            Reply::Json { status, body, .. } if (200..300).contains(status) => Some(body),
            _ => None,
        }
    }

    /// The claims that the service demands.
    pub(super) fn demanded_claims(&self) -> Option<&str> {
        match self {
            Reply::Json { trace, .. } => trace.claims.as_deref(),
            Reply::Broken { .. } => None,
        }
    }

    /// The HTTP status, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Reply::Json { status, .. } => Some(*status),
            Reply::Broken { status, .. } => *status,
        }
    }
}
