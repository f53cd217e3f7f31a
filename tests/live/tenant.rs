//! A tenant on loopback: serves the sections of a snapshot as the four services would, on a port each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::habits::Habits;
use crate::latency::Waves;
use crate::replay::Recording;
use crate::server::{How, Request, Response, serve};
use crate::{dataverse, graph, login, scopes};
use work365_doctor::snapshot::SECTIONS;

/// Signs every token of the tenant.
pub(crate) const KEY: &[u8] = b"loopback tenant";

/// Where the tenant's services are.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) login: String,
    pub(crate) graph: String,
    pub(crate) dataverse: String,
    pub(crate) admin: String,
}

/// Misbehaviour: a request whose decoded target contains `part` gets `response`, `times` times.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) part: String,
    pub(crate) response: Response,
    pub(crate) times: usize,
}

/// What the tenant knows and how it behaves.
pub(crate) struct Tenant {
    pub(crate) addresses: Addresses,
    pub(crate) state: Arc<State>,
}

/// Shared by the four services.
pub(crate) struct State {
    pub(crate) snapshot: Mutex<Value>,
    pub(crate) addresses: Mutex<Option<Addresses>>,
    pub(crate) faults: Mutex<Vec<Fault>>,
    /// Every request, batched ones included, as `METHOD target`.
    pub(crate) seen: Mutex<Vec<String>>,
    /// Connections' worth of requests: what really travelled.
    pub(crate) travelled: Mutex<Vec<(String, String)>>,
    pub(crate) latency: Mutex<Duration>,
    pub(crate) page_size: Mutex<usize>,
    /// Whether `$batch` of the environment works.
    pub(crate) has_dataverse_batch: Mutex<bool>,
    pub(crate) secrets: Mutex<BTreeMap<String, String>>,
    /// The `claims` of every sign-in that had some.
    pub(crate) claims: Mutex<Vec<String>>,
    /// The id of every request, by service and header.
    pub(crate) request_ids: Mutex<Vec<(String, String)>>,
    /// Permissions that no token of this tenant carries.
    pub(crate) withheld: Mutex<Vec<String>>,
    /// Requests that are being answered, and the most that ever were.
    pub(crate) under_way: AtomicUsize,
    pub(crate) most_at_once: AtomicUsize,
    /// Lets requests through in waves, where the waves are counted.
    pub(crate) waves: Mutex<Option<Arc<Waves>>>,
    /// What somebody consented to before anybody signed in, for Microsoft's own clients; nothing in a fresh tenant.
    pub(crate) consented: Mutex<Consented>,
    /// How it behaves where real tenants differ.
    pub(crate) habits: Mutex<Habits>,
    /// What was recorded of another tenant, served in place of the snapshot.
    pub(crate) recording: Mutex<Option<Recording>>,
}

/// Who may consent, and what was consented to before.
#[derive(Debug, Clone, Default)]
pub(crate) enum Consented {
    /// Everything that the scenario needed.
    #[default]
    Everything,
    /// Only these permissions; the person is an administrator, who can consent to more.
    ByAdministrator(Vec<String>),
    /// Only these permissions, and the person cannot consent.
    WithoutAdministrator(Vec<String>),
}

impl Tenant {
    /// A tenant that serves this snapshot.
    pub(crate) fn new(snapshot: Value) -> Self {
        let state = Arc::new(State {
            snapshot: Mutex::new(snapshot),
            addresses: Mutex::default(),
            faults: Mutex::default(),
            seen: Mutex::default(),
            travelled: Mutex::default(),
            latency: Mutex::default(),
            page_size: Mutex::new(usize::MAX),
            has_dataverse_batch: Mutex::new(true),
            secrets: Mutex::default(),
            claims: Mutex::default(),
            request_ids: Mutex::default(),
            withheld: Mutex::default(),
            under_way: AtomicUsize::default(),
            most_at_once: AtomicUsize::default(),
            waves: Mutex::default(),
            consented: Mutex::default(),
            habits: Mutex::default(),
            recording: Mutex::default(),
        });
        let start = |service: fn(&State, &Request) -> Response, name: &'static str| {
            let state = Arc::clone(&state);
            serve(Arc::new(move |request| state.answer(name, service, &request)))
        };
        let addresses = Addresses {
            login: start(login::answer, "login"),
            graph: start(graph::answer, "graph"),
            dataverse: start(dataverse::answer, "dataverse"),
            admin: start(admin, "admin"),
        };
        *state.addresses.lock().unwrap() = Some(addresses.clone());
        Self { addresses, state }
    }

    /// A token that the tenant accepts for an audience.
    pub(crate) fn token(&self, audience: &str) -> String {
        self.state.token(audience)
    }

    pub(crate) fn fault(&self, part: &str, response: Response, times: usize) {
        self.state.faults.lock().unwrap().push(Fault {
            part: part.to_owned(),
            response,
            times,
        });
    }
}

impl State {
    pub(crate) fn answer(
        &self,
        name: &str,
        service: fn(&State, &Request) -> Response,
        request: &Request,
    ) -> Response {
        // The lock must not be held while sleeping: requests are served side by side.
        let latency = *self.latency.lock().unwrap();
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(under_way, Ordering::SeqCst);
        std::thread::sleep(latency);
        let waves = self.waves.lock().unwrap().clone();
        if let Some(waves) = waves {
            waves.pass();
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let entry = format!("{} {}", request.method, request.target);
        self.travelled.lock().unwrap().push((
            name.to_owned(),
            request.header("authorization").unwrap_or_default().to_owned(),
        ));
        self.seen.lock().unwrap().push(entry);
        for header in ["client-request-id", "x-ms-client-request-id"] {
            if let Some(id) = request.header(header) {
                let mut ids = self.request_ids.lock().unwrap();
                ids.push((format!("{name} {header}"), id.to_owned()));
            }
        }
        self.faulty(&request.target)
            .or_else(|| self.replayed(&request.target, false))
            .unwrap_or_else(|| service(self, request))
    }

    /// The recorded answer to a target, if this tenant is a recorded one.
    pub(crate) fn replayed(&self, target: &str, is_batched: bool) -> Option<Response> {
        let addresses = self.addresses();
        let origin = if target.starts_with("/api/data/") {
            &addresses.dataverse
        } else {
            &addresses.graph
        };
        let mut recording = self.recording.lock().unwrap();
        recording.as_mut()?.answer(target, is_batched, origin)
    }

    /// The misbehaviour for a target, if one was ordered.
    pub(crate) fn faulty(&self, target: &str) -> Option<Response> {
        let mut faults = self.faults.lock().unwrap();
        let fault = faults
            .iter_mut()
            .find(|fault| fault.times > 0 && target.contains(&fault.part))?;
        fault.times -= 1;
        Some(fault.response.clone())
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.lock().unwrap().clone().unwrap()
    }

    /// A section of the snapshot, or null.
    pub(crate) fn section(&self, name: &str) -> Value {
        self.snapshot.lock().unwrap()["sections"][name].clone()
    }

    /// The body of a section that was answered.
    pub(crate) fn body(&self, name: &str) -> Option<Value> {
        let section = self.section(name);
        (section["outcome"] == "ok").then(|| section["body"].clone())
    }

    /// A token of the operator for an audience, with what the tenant granted for it.
    pub(crate) fn token(&self, audience: &str) -> String {
        let claims = self
            .body("graph.operator")
            .and_then(|body| body["claims"].as_object().cloned())
            .unwrap_or_default();
        let is_application = self
            .body("graph.operator")
            .is_some_and(|body| body["kind"] == "application");
        self.issue(claims, audience, is_application)
    }

    /// A token of an application that signed in by itself.
    pub(crate) fn application_token(&self, audience: &str) -> String {
        self.application_token_of(None, audience)
    }

    /// The same, of a tenant that is named by its id.
    pub(crate) fn application_token_of(&self, tenant: Option<&str>, audience: &str) -> String {
        let mut claims = Map::new();
        let subject = self.snapshot.lock().unwrap()["subject"]["tenant_id"].clone();
        claims.insert("tid".into(), tenant.map_or(subject, |tenant| json!(tenant)));
        claims.insert("idtyp".into(), json!("app"));
        self.issue(claims, audience, true)
    }

    /// A token of Graph with these permissions and no other.
    pub(crate) fn token_with(&self, permissions: &[String]) -> String {
        let claims = self
            .body("graph.operator")
            .and_then(|body| body["claims"].as_object().cloned())
            .unwrap_or_default();
        self.sign(claims, scopes::GRAPH, false, permissions)
    }

    fn issue(&self, claims: Map<String, Value>, audience: &str, is_application: bool) -> String {
        self.sign(claims, audience, is_application, &self.permissions())
    }

    fn sign(
        &self,
        mut claims: Map<String, Value>,
        audience: &str,
        is_application: bool,
        permissions: &[String],
    ) -> String {
        claims.remove("scp");
        claims.remove("roles");
        match (
            [scopes::GRAPH, scopes::GRAPH_ID].contains(&audience),
            is_application,
        ) {
            (true, true) => claims.insert("roles".into(), json!(permissions)),
            (true, false) => claims.insert("scp".into(), json!(permissions.join(" "))),
            (false, true) => None,
            (false, false) => claims.insert("scp".into(), json!(scopes::IMPERSONATION)),
        };
        claims.insert("aud".into(), json!(audience));
        claims.insert("exp".into(), json!(jiff::Timestamp::now().as_second() + 3600));
        let key = jsonwebtoken::EncodingKey::from_secret(KEY);
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    }

    /// 401 unless the request carries a token of this tenant for this audience.
    pub(crate) fn unauthorised(&self, request: &Request, audience: &str) -> Option<Response> {
        let token = request
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
        // Graph's tokens of every cloud can carry its id in place of its address.
        let id = if audience == scopes::GRAPH {
            scopes::GRAPH_ID
        } else {
            audience
        };
        validation.set_audience(&[audience, id]);
        let key = jsonwebtoken::DecodingKey::from_secret(KEY);
        let claims = token.and_then(|token| jsonwebtoken::decode::<Value>(token, &key, &validation).ok());
        let Some(claims) = claims.map(|token| token.claims) else {
            return Some(Response::json(
                401,
                &json!({"error": {"code": "InvalidAuthenticationToken", "message": "Access token is empty or for another audience."}}),
            ));
        };
        // A person's token for anything but Graph must say that it may be used in the person's name.
        let is_without = audience != scopes::GRAPH
            && claims["scp"]
                .as_str()
                .is_some_and(|scopes| !scopes.split(' ').any(|scope| scope == scopes::IMPERSONATION));
        is_without.then(|| {
            Response::json(
                403,
                &json!({"error": {"code": "Forbidden", "message": "The token lacks user_impersonation."}}),
            )
        })
    }

    /// What the operator was granted: what the scenario's token says, and what it must have had to read what it read.
    fn permissions(&self) -> Vec<String> {
        let claims = self.body("graph.operator").map(|body| body["claims"].clone());
        let claims = claims.unwrap_or_default();
        let delegated = claims["scp"]
            .as_str()
            .unwrap_or_default()
            .split(' ')
            .map(str::to_owned);
        let own = claims["roles"].as_array().into_iter().flatten();
        let read = SECTIONS
            .iter()
            .filter(|section| section.name.starts_with("graph."))
            .filter_map(|section| section.permission.map(str::to_owned));
        let mut permissions: Vec<String> = delegated
            .chain(own.filter_map(|role| role.as_str().map(str::to_owned)))
            .chain(read)
            .collect();
        let withheld = self.withheld.lock().unwrap();
        permissions.retain(|permission| !permission.is_empty() && !withheld.contains(permission));
        permissions.sort();
        permissions.dedup();
        permissions
    }

    /// A section as an answer; `change` fits the body of an answered one.
    pub(crate) fn respond(&self, name: &str, change: impl FnOnce(Value) -> Value) -> Response {
        let section = self.section(name);
        let status = section["http_status"]
            .as_u64()
            .map(|status| u16::try_from(status).unwrap());
        match section["outcome"].as_str() {
            Some("ok") => Response::json(status.unwrap_or(200), &change(section["body"].clone())),
            Some("denied" | "not_found" | "failed") if status.is_some() => {
                Response::json(status.unwrap(), &section["body"])
            }
            Some("failed") => Response::json(200, &json!({})).sent(How::Hangup),
            _ => Response::json(
                501,
                &json!({"error": {"code": "NotInScenario", "message": "The scenario does not hold this."}}),
            ),
        }
    }

    /// One page of a collection, honouring `$select` and the page size.
    pub(crate) fn shaped(&self, origin: &str, target: &str, mut body: Value) -> Value {
        if let Some(columns) = parameter(target, "$select") {
            let columns: Vec<&str> = columns.split(',').collect();
            let keep = |object: &mut Value| {
                if let Some(object) = object.as_object_mut() {
                    object.retain(|name, _| {
                        name.starts_with('@') || columns.contains(&name.split('@').next().unwrap())
                    });
                }
            };
            match body.get_mut("value").and_then(Value::as_array_mut) {
                Some(items) => items.iter_mut().for_each(keep),
                None => keep(&mut body),
            }
        }
        let size = *self.page_size.lock().unwrap();
        let start: usize = parameter(target, "$skiptoken")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        if let Some(items) = body.get_mut("value").and_then(Value::as_array_mut) {
            let count = items.len();
            let page: Vec<Value> = items.iter().skip(start).take(size).cloned().collect();
            *items = page;
            let end = start.saturating_add(size);
            if end < count {
                let base = target.split("&$skiptoken=").next().unwrap();
                let base = base.split("?$skiptoken=").next().unwrap();
                let joint = if base.contains('?') { '&' } else { '?' };
                let link = format!("{origin}{base}{joint}$skiptoken={end}")
                    .replace(' ', "%20")
                    .replace('#', "%23");
                body["@odata.nextLink"] = json!(link);
            }
        }
        body
    }
}

/// A query parameter of a decoded target.
pub(crate) fn parameter<'a>(target: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = target.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn admin(state: &State, request: &Request) -> Response {
    if let Some(refusal) = state.unauthorised(request, "https://service.powerapps.com") {
        return refusal;
    }
    if request.path().ends_with("/environments") {
        return state.respond("admin.environment", |body| json!({"value": [body]}));
    }
    state.respond("admin.environment", |body| body)
}
