//! What was sent and what came back, kept for a contributor who lets others see how a real tenant answers.
//!
//! Nothing here is fit to be shown: bodies are as they came. [`crate::collect::recording`] takes the names out.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::answer::parse;
use super::call::{Answer, Call, Reply, Service};
use super::lock::lock;
use super::transport_error::TransportError;
use crate::collect::requests::table::Read;
use crate::snapshot::sections;
use crate::text::is_guid;

/// One request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// The section that it feeds; empty for a sign-in and for a batch as a whole.
    pub(crate) section: &'static str,
    /// What is told of it without any name.
    pub(crate) told: Value,
    /// The ids in its path: whom it was about.
    pub(crate) ids: Vec<String>,
    /// The answer's JSON, names included.
    pub(crate) body: Option<Value>,
}

/// Every exchange of a run, in the order of the answers.
#[derive(Debug, Default)]
pub(crate) struct Recorder(Mutex<Vec<Exchange>>);

impl Recorder {
    /// Keeps a request that travelled by itself, or a batch without what is in it.
    pub(crate) fn keep(&self, call: &Call, outcome: &Result<Answer, TransportError>) {
        let mut told = told(call.method.name(), call.service, &call.template, &call.headers);
        let mut body = None;
        match outcome {
            Ok(answer) => {
                told["status"] = json!(answer.status);
                told["headers"] = headers(answer);
                if may_be_kept(call, answer) {
                    body = parse(&answer.body).ok().filter(|body| !body.is_null());
                    told["json"] = json!(body.is_some());
                    told["bytes"] = json!(answer.body.len());
                }
            }
            Err(trouble) => told["failure"] = json!(trouble.kind()),
        }
        self.push(Exchange {
            section: call.section,
            told,
            ids: ids(&call.path),
            body,
        });
    }

    /// Keeps one answer out of a batch.
    pub(crate) fn keep_batched(&self, read: &Read, path: &str, reply: &Reply) {
        let sent: Vec<_> = read
            .headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let mut told = told("GET", read.service, read.path, &sent);
        told["batched"] = json!(true);
        told["status"] = json!(reply.status());
        let mut body = None;
        if let Reply::Json {
            body: answered,
            retry_after,
            trace,
            ..
        } = reply
        {
            body = Some(answered.clone()).filter(|body| !body.is_null());
            told["json"] = json!(body.is_some());
            let mut headers = json!({});
            if let Some(pause) = retry_after {
                headers["retry-after"] = json!(pause.as_secs());
            }
            if trace.claims.is_some() {
                headers["www-authenticate"] = json!("claims");
            }
            told["headers"] = headers;
        }
        self.push(Exchange {
            section: read.section,
            told,
            ids: ids(path),
            body,
        });
    }

    /// Everything so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.0).clone()
    }

    fn push(&self, exchange: Exchange) {
        lock(&self.0).push(exchange);
    }
}

fn told(method: &str, service: Service, path: &str, sent: &[(&'static str, String)]) -> Value {
    let sent: serde_json::Map<String, Value> = sent
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), json!(value)))
        .collect();
    json!({"method": method, "service": service.key(), "path": path, "sent": sent})
}

/// The ids in a path; those of a page that the service linked to may stand in another form, and are left out.
fn ids(path: &str) -> Vec<String> {
    path.replace("%20", " ")
        .split(|mark: char| !mark.is_ascii_hexdigit() && mark != '-')
        .filter(|word| is_guid(word))
        .map(str::to_owned)
        .collect()
}

/// The headers that decide what is done with an answer. None of them names anybody: of a challenge it is told only what
/// kind it is.
fn headers(answer: &Answer) -> Value {
    let mut headers = json!({});
    if !answer.content_type.is_empty() {
        headers["content-type"] = json!(answer.content_type.split(';').next().unwrap_or_default().trim());
    }
    if let Some(pause) = answer.retry_after {
        headers["retry-after"] = json!(pause.as_secs());
    }
    if let Some(date) = answer.date {
        headers["date"] = json!(date.to_string());
    }
    let mut challenges = answer.challenges.iter();
    if !answer.challenges.is_empty() {
        let is_demand = challenges.any(|challenge| challenge.contains("claims="));
        headers["www-authenticate"] = json!(if is_demand { "claims" } else { "bearer" });
    }
    if answer.location.is_some() {
        headers["location"] = json!("elsewhere");
    }
    headers
}

/// What the sign-in service grants is a secret; of a batch, what is in it is kept by itself.
fn may_be_kept(call: &Call, answer: &Answer) -> bool {
    let is_granted = call.service == Service::Login && call.section != sections::REALM && answer.status < 400;
    !is_granted && !call.path.ends_with("/$batch")
}
