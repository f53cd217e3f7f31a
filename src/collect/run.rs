//! One run against a tenant: look around, sign in, read everything, and keep what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Observer;
use super::assemble::Material;
use super::auth::{Access, Auth, SignIn, SignInFailure};
use super::call::Service;
use super::http::Http;
use super::learn::Given;
use super::ledger::LedgerEntry;
use super::operator;
use super::outlook;
use super::preflight::{self, Challenge, is_guid};
use super::probe::Probe;
use super::rounds::Reading;
use super::section::Record;
use super::session::{CollectError, Order};
use crate::secret::Secret;
use crate::snapshot::{SCHEMA, SECTIONS};

/// Logs are read this far back; Entra keeps sign-ins for thirty days (api-facts G-11).
const LOG_DAYS: i64 = 30;

/// The privileges of the row as they are, and as the servers have them cached.
const PRIVILEGES: [&str; 2] = ["dataverse.user_privileges", "dataverse.user_privileges_cached"];

/// The state of a run.
pub(super) struct Run {
    http: Arc<Http>,
    order: Order,
    reading: Reading,
    unavailable: BTreeMap<Service, Record>,
    apart: BTreeMap<&'static str, Record>,
    ready: BTreeSet<Service>,
    challenge_tenant: Option<String>,
    token_tenant: Option<String>,
    probed_object_id: Option<String>,
    captured_at: Timestamp,
    read_at: BTreeMap<&'static str, Timestamp>,
}

impl Run {
    /// A run before its first request.
    pub(super) fn new(order: Order, observer: Arc<dyn Observer>) -> Self {
        Self {
            http: Arc::new(Http::new(order.origins.clone(), order.limits, observer)),
            order,
            reading: Reading::default(),
            unavailable: BTreeMap::new(),
            apart: BTreeMap::new(),
            ready: BTreeSet::from([Service::Login]),
            challenge_tenant: None,
            token_tenant: None,
            probed_object_id: None,
            captured_at: whole_seconds(Timestamp::now()),
            read_at: BTreeMap::new(),
        }
    }

    /// Every request that was sent.
    pub(super) fn requests(&self) -> Vec<LedgerEntry> {
        self.http.ledger()
    }

    /// How many rounds of dependent reads there were.
    pub(super) fn rounds(&self) -> usize {
        self.reading.rounds
    }

    /// Looks around, signs in, reads everything.
    pub(super) async fn collect(&mut self) -> Result<(), CollectError> {
        self.learn_basics();
        let http = Arc::clone(&self.http);
        let needs_challenge_first =
            !matches!(self.order.auth, Auth::AccessToken(_)) && self.order.tenant.is_none();
        if needs_challenge_first {
            let realm: &[&str] = &["login.realm"];
            let (challenge, ()) = tokio::join!(preflight::challenge(&http), self.read(Some(realm)));
            self.take(challenge);
        }
        let tenant = self.order.tenant.as_deref().or(self.challenge_tenant.as_deref());
        outlook::announce(&*http.observer, &self.order, tenant);
        self.sign_in().await?;
        self.set_tenant();
        http.restart_clocks();
        if needs_challenge_first {
            self.read(None).await;
        } else {
            let (challenge, ()) = tokio::join!(preflight::challenge(&http), self.read(None));
            self.take(challenge);
        }
        self.meet_claims().await;
        self.probe().await;
        self.stamp(|_| true);
        Ok(())
    }

    async fn read(&mut self, only: Option<&[&str]>) {
        let is_application = is_guid(&self.order.account);
        let given = Given {
            account: &self.order.account,
            is_application,
            environment: self.order.origins.dataverse.as_str(),
            environment_id: self.order.environment_id.as_deref(),
            probed_object_id: self.probed_object_id.as_deref(),
            dataverse_is_ready: self.ready.contains(&Service::Dataverse),
        };
        self.reading.run(&self.http, &given, &self.ready, only).await;
    }

    fn learn_basics(&mut self) {
        let order = &self.order;
        let known = &mut self.reading.known;
        let start = order
            .now
            .map_or(self.captured_at, |now| now.min(self.captured_at));
        let since = start.as_second() - LOG_DAYS * 24 * 3600;
        if let Ok(since) = Timestamp::from_second(since) {
            known.set("since", vec![since.to_string()]);
        }
        known.set("account", vec![order.account.clone()]);
        if is_guid(&order.account) {
            known.set("application", vec![order.account.clone()]);
        }
        if let Some((_, domain)) = order.account.rsplit_once('@') {
            known.set("domain", vec![domain.to_lowercase()]);
        }
        known.set("privileges", vec![json!(super::PRIVILEGES).to_string()]);
    }

    fn take(&mut self, challenge: Option<Challenge>) {
        if let Some(challenge) = challenge {
            if let Some(detail) = challenge.record.failure() {
                let environment = &self.order.origins.dataverse;
                let observer = &self.http.observer;
                observer.note(&format!(
                    "the environment {environment} gives no challenge: {detail}"
                ));
            }
            self.challenge_tenant = challenge.tenant;
            self.apart.insert("login.challenge", challenge.record);
        }
    }

    /// The tenant to sign in to: named by the user, else by the environment, else the account's domain.
    fn sign_in_tenant(&self) -> String {
        let domain = self.order.account.rsplit_once('@').map(|(_, domain)| domain);
        self.order
            .tenant
            .as_deref()
            .or(self.challenge_tenant.as_deref())
            .or(self.token_tenant.as_deref())
            .or(domain)
            .unwrap_or("organizations")
            .to_owned()
    }

    fn way_in<'run>(&'run self, tenant: &'run str) -> SignIn<'run> {
        SignIn {
            http: &self.http,
            auth: &self.order.auth,
            cloud: self.order.cloud,
            tenant,
            client_id: self.order.client_id.as_deref(),
        }
    }

    async fn sign_in(&mut self) -> Result<(), CollectError> {
        let tenant = self.sign_in_tenant();
        let access = self.way_in(&tenant).run().await;
        let mut failure = None;
        for (service, access) in access {
            match access {
                Access::Granted(token) => {
                    self.admit(service, token);
                    self.ready.insert(service);
                }
                Access::Missing(why) => {
                    self.unavailable.insert(service, Record::skipped(why));
                }
                Access::Refused(refusal) => {
                    let detail = format!("sign-in failed: {}", first_line(&refusal.text));
                    self.unavailable
                        .insert(service, Record::failed(refusal.status, detail));
                    failure.get_or_insert(refusal);
                }
            }
        }
        if self.ready.len() > 1 {
            return Ok(());
        }
        Err(CollectError::SignIn(Box::new(failure.unwrap_or_else(|| {
            SignInFailure::local("no token for any service was given".to_owned())
        }))))
    }

    /// A service that refuses its token and names claims gets a new one by one more sign-in of the person, and its reads
    /// are repeated. What it says then stands: a second demand is an outcome, never a loop.
    async fn meet_claims(&mut self) {
        let demands = self.reading.replies.demanded_claims();
        let names: Vec<&str> = demands.keys().map(|service| service.name()).collect();
        if demands.is_empty() || !self.order.auth.is_person() {
            return;
        }
        self.http.observer.note(&format!(
            "{} refused the token and demands a new sign-in (insufficient_claims); sign in once more",
            names.join(" and ")
        ));
        let tenant = self.sign_in_tenant();
        let access = self.way_in(&tenant).again(&demands).await;
        self.http.restart_clocks();
        let mut is_granted = false;
        for (service, access) in access {
            match access {
                Access::Granted(token) => {
                    self.admit(service, token);
                    self.reading.replies.forget_refusals_of(service);
                    is_granted = true;
                }
                Access::Refused(refusal) => self.http.observer.note(&format!(
                    "the sign-in for {} failed: {}",
                    service.name(),
                    first_line(&refusal.text)
                )),
                Access::Missing(_) => {}
            }
        }
        if is_granted {
            self.read(None).await;
        }
    }

    fn admit(&mut self, service: Service, token: Secret) {
        if service == Service::Graph {
            self.learn_operator(&token);
        }
        self.http.set_token(service, token);
    }

    fn learn_operator(&mut self, token: &Secret) {
        let operator = operator::of_token(token);
        self.token_tenant = operator.tenant;
        // Said before the first read, so that nobody waits for what cannot come.
        if !operator.missing.is_empty() {
            let lacks: Vec<String> = operator
                .missing
                .iter()
                .map(|(permission, sections)| format!("{permission} ({})", sections.join(", ")))
                .collect();
            self.http.observer.note(&format!(
                "the Graph token lacks {}; what only they can read stays unknown",
                lacks.join(", ")
            ));
        }
        self.apart.insert("graph.operator", operator.record);
    }

    fn set_tenant(&mut self) {
        if !self.ready.contains(&Service::Graph) && !self.apart.contains_key("graph.operator") {
            let record = self
                .unavailable
                .get(&Service::Graph)
                .cloned()
                .unwrap_or_else(|| Record::skipped("no token for Microsoft Graph"));
            self.apart.insert("graph.operator", record);
        }
        let tenant = self.token_tenant.clone().unwrap_or_else(|| self.sign_in_tenant());
        self.reading.known.set("tenant", vec![tenant]);
    }

    async fn probe(&mut self) {
        let Some(password) = &self.order.probe else {
            self.apart
                .insert("login.probe", Record::skipped("not asked: --probe-sign-in"));
            return;
        };
        let tenant = self.sign_in_tenant();
        let (record, object_id) = Probe {
            account: &self.order.account,
            password,
            tenant: &tenant,
            client_id: self.order.client_id.as_deref(),
            auth: &self.order.auth,
        }
        .run(&self.http)
        .await;
        self.apart.insert("login.probe", record);
        // The password is needed once, and may be sent once.
        self.order.probe = None;
        if object_id.is_some() {
            self.probed_object_id = object_id;
            self.read(None).await;
        }
    }

    /// Reads some sections once more.
    pub(super) async fn read_again(&mut self, sections: &[&str]) {
        self.http.restart_clocks();
        let mut sections = sections.to_vec();
        // Two views of one thing: judged together, they are read together.
        if PRIVILEGES.iter().any(|view| sections.contains(view)) {
            sections.extend(PRIVILEGES);
        }
        for section in &sections {
            self.reading.replies.forget(section);
        }
        self.read(None).await;
        self.stamp(|name| sections.contains(&name));
    }

    fn stamp(&mut self, is_fresh: impl Fn(&str) -> bool) {
        let now = whole_seconds(Timestamp::now());
        self.captured_at = now;
        for section in SECTIONS.iter().filter(|section| is_fresh(section.name)) {
            self.read_at.insert(section.name, now);
        }
    }

    /// The evidence as a snapshot file.
    pub(super) fn snapshot(&self) -> Value {
        let material = Material {
            reading: &self.reading,
            is_application: is_guid(&self.order.account),
            environment: self.order.origins.dataverse.as_str(),
            unavailable: &self.unavailable,
            apart: &self.apart,
        };
        let sections: Map<String, Value> = material
            .sections()
            .into_iter()
            .map(|(name, record)| {
                let read_at = self.read_at.get(name).unwrap_or(&self.captured_at).to_string();
                let record = record.checked(name, &read_at);
                (name.to_owned(), record.to_json(Some(&read_at)))
            })
            .collect();
        let named = self.order.tenant.as_deref().filter(|tenant| is_guid(tenant));
        let tenant = named
            .or(self.token_tenant.as_deref())
            .or(self.challenge_tenant.as_deref());
        json!({
            "schema": SCHEMA,
            "captured_at": self.captured_at.to_string(),
            "tool": {"name": "work365-doctor", "version": env!("CARGO_PKG_VERSION")},
            "redacted": false,
            "subject": {
                "account": self.order.account,
                "environment": self.order.origins.dataverse.as_str(),
                "tenant_id": tenant,
                "cloud": self.order.cloud.name(),
            },
            "sections": sections,
        })
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// Fractions of a second tell nothing about evidence that took seconds to collect.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
