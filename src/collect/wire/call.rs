//! One request and its answer, as the collector sees them.

use std::time::Duration;

use serde_json::Value;

use crate::snapshot::Family;
pub use crate::snapshot::Service;

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
pub(crate) enum Repeat {
    /// After throttling and after a transport error: GETs.
    Always,
    /// After throttling only, when the service says that it did nothing: read-only POSTs.
    WhenThrottled,
    /// Never: token requests, and above all the probe.
    Never,
}

/// A request body.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) service: Service,
    pub(crate) method: Method,
    /// Path and query, percent-encoded, from the leading slash.
    pub(crate) path: String,
    /// The path as it may be shown: names and ids replaced by placeholders.
    pub(crate) template: String,
    /// The section that it feeds; empty for a sign-in and for a batch as a whole.
    pub(crate) section: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) repeat: Repeat,
    /// Whether the service's token goes along.
    pub(crate) signed: bool,
    /// How many requests of the report family this is (<https://learn.microsoft.com/graph/throttling-limits>).
    pub(crate) paced: usize,
    /// Which of Graph's limits it counts against.
    pub(crate) family: Family,
}

impl Call {
    /// A plain GET with the service's token.
    pub(crate) fn get(service: Service, path: String, template: String) -> Self {
        Self {
            service,
            method: Method::Get,
            path,
            template,
            section: "",
            headers: Vec::new(),
            body: None,
            repeat: Repeat::Always,
            signed: true,
            paced: 0,
            family: Family::None,
        }
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// Every `WWW-Authenticate` header.
    pub(crate) challenges: Vec<String>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// The service's clock, of the `Date` header.
    pub(crate) date: Option<jiff::Timestamp>,
    /// The id that the request carried (<https://learn.microsoft.com/graph/best-practices-concept>): Microsoft support finds the request by it.
    pub(crate) request_id: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// What came of one read: a status with a JSON body, or nothing usable.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
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
pub(crate) struct Trace {
    /// The id that the request carried.
    pub(crate) request_id: Option<String>,
    /// The claims that a new token must bring, in JSON: a token was revoked, or a policy wants more (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
    pub(crate) claims: Option<String>,
}

impl Reply {
    /// An answer in JSON that says nothing beside it.
    #[cfg(test)]
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Reply::Json {
            status,
            body,
            retry_after: None,
            trace: Trace::default(),
        }
    }

    /// Whether the service answered that it does not know such a request.
    pub(crate) fn is_unknown_question(&self) -> bool {
        matches!(self.status(), Some(400 | 404 | 405 | 501))
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> Option<&Value> {
        match self {
            Reply::Json { status, body, .. } if (200..300).contains(status) => Some(body),
            _ => None,
        }
    }

    /// The claims that the service demands.
    pub(crate) fn demanded_claims(&self) -> Option<&str> {
        match self {
            Reply::Json { trace, .. } => trace.claims.as_deref(),
            Reply::Broken { .. } => None,
        }
    }

    /// The HTTP status, if there was one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Reply::Json { status, .. } => Some(*status),
            Reply::Broken { status, .. } => *status,
        }
    }
}
