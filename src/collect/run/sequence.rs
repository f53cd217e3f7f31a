//! One run against a tenant: look around, sign in, read everything, and keep what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::announcement;
use super::operator;
use super::preflight::{self, Challenge};
use super::probe::Probe;
use super::rounds::Reading;
use crate::collect::auth::token_claims::claims;
use crate::collect::auth::{Access, Auth, SignIn, SignInFailure, admin_consent};
use crate::collect::order::{CollectError, Order};
use crate::collect::requests::assemble::assemble;
use crate::collect::requests::discover::Given;
use crate::collect::requests::material::Material;
use crate::collect::requests::permissions::permissions;
use crate::collect::requests::record::Record;
use crate::collect::requests::table::PRIVILEGES;
use crate::collect::wire::call::Service;
use crate::collect::wire::http::Http;
use crate::collect::wire::ledger::LedgerEntry;
use crate::collect::wire::observer::Observer;
use crate::collect::wire::rate_limit::Paces;
use crate::collect::wire::recorder::{Exchange, Recorder};
use crate::secret::Secret;
use crate::snapshot::{Outcome, SCHEMA, SECTIONS, sections};
use crate::text::is_guid;

/// Logs are read this far back; Entra keeps sign-ins for thirty days (<https://learn.microsoft.com/graph/api/resources/signin>).
const LOG_DAYS: i64 = 30;

/// A token that ends sooner than this may end in the middle of reading.
const RENEWAL_SECONDS: i64 = 300;
/// Jobs are read this far back: what failed before is history.
const JOB_DAYS: i64 = 14;

/// The privileges of the row as they are, and as the servers have them cached.
const PRIVILEGE_VIEWS: [&str; 2] = [sections::USER_PRIVILEGES, sections::USER_PRIVILEGES_CACHED];

/// The state of a run.
pub(crate) struct Run {
    http: Arc<Http>,
    order: Order,
    reading: Reading,
    unavailable: BTreeMap<Service, Record>,
    apart: BTreeMap<&'static str, Record>,
    ready: BTreeSet<Service>,
    challenge_tenant: Option<String>,
    token_tenant: Option<String>,
    /// When the first of the tokens ends.
    token_end: Option<Timestamp>,
    probed_object_id: Option<String>,
    permissions: Vec<&'static str>,
    captured_at: Timestamp,
    read_at: BTreeMap<&'static str, Timestamp>,
    paces: Option<Arc<Paces>>,
}

impl Run {
    /// A run before its first request.
    pub(crate) fn new(order: Order, observer: Arc<dyn Observer>) -> Self {
        let permissions = permissions(order.sections.as_deref());
        Self {
            http: Arc::new(Http::new(
                order.origins.clone(),
                order.limits,
                order.certificates.clone(),
                observer,
            )),
            order,
            reading: Reading::default(),
            unavailable: BTreeMap::new(),
            apart: BTreeMap::new(),
            ready: BTreeSet::from([Service::Login]),
            challenge_tenant: None,
            token_tenant: None,
            token_end: None,
            probed_object_id: None,
            permissions,
            captured_at: whole_seconds(Timestamp::now()),
            read_at: BTreeMap::new(),
            paces: None,
        }
    }

    /// Shares the pace of its tenant with other runs.
    pub(crate) fn share(&mut self, paces: Arc<Paces>) {
        self.paces = Some(paces);
    }

    /// Keeps what is sent and answered from now on.
    pub(crate) fn keep_exchanges(&self) {
        self.http.keep_exchanges();
    }

    /// What was kept.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.http.recorder().map(Recorder::exchanges).unwrap_or_default()
    }

    /// Every request that was sent.
    pub(crate) fn requests(&self) -> Vec<LedgerEntry> {
        self.http.ledger()
    }

    /// How many rounds of dependent reads there were.
    pub(crate) fn rounds(&self) -> usize {
        self.reading.rounds
    }

    /// Looks around, signs in, reads everything.
    pub(crate) async fn collect(&mut self) -> Result<(), CollectError> {
        self.learn_basics();
        let http = Arc::clone(&self.http);
        // Tokens that were given are looked at before anything is sent.
        let is_signed_in = matches!(self.order.auth, Auth::AccessToken(_));
        if is_signed_in {
            self.sign_in().await?;
        }
        let realm: &[&str] = &[sections::REALM];
        let (challenge, ()) = tokio::join!(preflight::challenge(&http), self.read(Some(realm)));
        self.take(challenge)?;
        let tenant = self.order.tenant.as_deref().or(self.challenge_tenant.as_deref());
        announcement::announce(&*http.observer, &self.order, tenant, &self.permissions);
        if !is_signed_in {
            self.sign_in().await?;
        }
        self.set_tenant();
        http.restart_clocks();
        self.read(None).await;
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
            cloud: self.order.cloud,
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
        if let Some(since) = since(start, self.captured_at) {
            known.set("since", vec![since.to_string()]);
        }
        let days = SignedDuration::from_hours(JOB_DAYS * 24);
        let jobs_since = start.checked_sub(days).ok().map(|since| since.to_string());
        known.set("jobs_since", jobs_since.into_iter().collect());
        known.set("account", vec![order.account.clone()]);
        if is_guid(&order.account) {
            known.set("application", vec![order.account.clone()]);
        }
        if let Some((_, domain)) = order.account.rsplit_once('@') {
            known.set("domain", vec![domain.to_lowercase()]);
        }
        known.set("privileges", vec![json!(PRIVILEGES).to_string()]);
    }

    /// What the environment says before anybody signs in; nothing more is read when it is none, or another tenant's.
    fn take(&mut self, challenge: Option<Challenge>) -> Result<(), CollectError> {
        let Some(challenge) = challenge else {
            return Ok(());
        };
        let environment = &self.order.origins.dataverse;
        if let Some(why) = challenge.is_absent {
            return Err(CollectError::Environment(format!(
                "{environment} {why}; nothing was read, check --environment"
            )));
        }
        if let Some(detail) = challenge.record.failure() {
            let observer = &self.http.observer;
            observer.note(&format!(
                "the environment {environment} gives no challenge: {detail}"
            ));
        }
        if let (Some(named), Some(own)) = (self.order.tenant.as_deref(), challenge.tenant.as_deref())
            && is_guid(named)
            && !named.eq_ignore_ascii_case(own)
        {
            return Err(CollectError::Environment(format!(
                "{environment} belongs to the tenant {own}, and --tenant names {named}; nothing was read, check both"
            )));
        }
        self.challenge_tenant = challenge.tenant;
        // The logs refuse a start before midnight thirty days ago, by the service's clock.
        if let Some(today) = challenge.date {
            let start = self.order.now.map_or(today, |now| now.min(today));
            let since = since(start, today).map(|since| since.to_string());
            self.reading.known.set("since", since.into_iter().collect());
        }
        self.apart.insert(sections::CHALLENGE, challenge.record);
        Ok(())
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
            consent: self.order.consent,
            permissions: &self.permissions,
            needs_graph: self
                .order
                .sections
                .as_ref()
                .is_none_or(|wanted| wanted.iter().any(|section| section.starts_with("graph."))),
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
            SignInFailure::local("no token for any service was given: WORK365_DOCTOR_GRAPH_TOKEN, WORK365_DOCTOR_DATAVERSE_TOKEN and WORK365_DOCTOR_ADMIN_TOKEN hold one each"
                    .to_owned())
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
        let claims = claims(&token).unwrap_or_default();
        let end = claims.get("exp").and_then(Value::as_i64);
        if let Some(end) = end.and_then(|end| Timestamp::from_second(end).ok()) {
            self.token_end = Some(self.token_end.map_or(end, |known| known.min(end)));
        }
        if service == Service::Graph {
            self.learn_operator(&token);
        }
        self.http.set_token(service, token);
    }

    fn learn_operator(&mut self, token: &Secret) {
        let operator = operator::of_token(token);
        let tenant = operator.tenant.clone().unwrap_or_else(|| self.sign_in_tenant());
        let page = |client: &str, missing: &[&str]| admin_consent(self.order.cloud, &tenant, client, missing);
        for note in operator.notes(&self.order.account, page) {
            self.http.observer.note(&note);
        }
        self.token_tenant = operator.tenant;
        self.apart.insert(sections::OPERATOR, operator.record);
    }

    fn set_tenant(&mut self) {
        if !self.ready.contains(&Service::Graph) && !self.apart.contains_key(sections::OPERATOR) {
            let record = self
                .unavailable
                .get(&Service::Graph)
                .cloned()
                .unwrap_or_else(|| Record::skipped("no token for Microsoft Graph"));
            self.apart.insert(sections::OPERATOR, record);
        }
        let tenant = self.token_tenant.clone().unwrap_or_else(|| self.sign_in_tenant());
        if let Some(paces) = &self.paces {
            self.http.share_pace(paces.of(&tenant));
        }
        self.reading.known.set("tenant", vec![tenant]);
    }

    async fn probe(&mut self) {
        let Some(password) = &self.order.probe else {
            self.apart
                .insert(sections::PROBE, Record::skipped("not asked: --probe-sign-in"));
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
        if let Some(refusal) = record.words_of_oauth() {
            let refusal = first_line(&refusal).to_owned();
            self.http.observer.note(&format!(
                "--probe-sign-in: the password sign-in was refused: {refusal}"
            ));
        } else if let Some(detail) = record.failure() {
            self.http.observer.note(&format!(
                "--probe-sign-in: no answer says anything about the password: {}",
                first_line(detail)
            ));
        }
        self.apart.insert(sections::PROBE, record);
        // The password is needed once, and may be sent once.
        self.order.probe = None;
        if object_id.is_some() {
            self.probed_object_id = object_id;
            self.read(None).await;
        }
    }

    /// Reads some sections once more. One that cannot be read now stays as it was read last: what was pending stays so.
    pub(crate) async fn read_again(&mut self, sections: &[&str]) {
        self.http.restart_clocks();
        self.renew().await;
        let mut sections = sections.to_vec();
        // Two views of one thing: judged together, they are read together.
        if PRIVILEGE_VIEWS.iter().any(|view| sections.contains(view)) {
            sections.extend(PRIVILEGE_VIEWS);
        }
        let (earlier, answered) = (self.reading.replies.clone(), self.answered());
        for section in &sections {
            self.reading.replies.forget(section);
        }
        self.read(None).await;
        let now_answered = self.answered();
        let (lost, fresh): (Vec<&str>, Vec<&str>) = sections
            .iter()
            .partition(|section| answered.contains(*section) && !now_answered.contains(*section));
        if !lost.is_empty() {
            self.http.observer.note(&format!(
                "{} could not be read again; what was read before still counts",
                lost.join(", ")
            ));
            for section in lost {
                self.reading.replies.restore(section, &earlier);
            }
            self.read(None).await;
        }
        self.stamp(|name| fresh.contains(&name));
    }

    /// The sections that a service answered.
    fn answered(&self) -> BTreeSet<&'static str> {
        let sections = assemble(&self.material());
        let answered = sections
            .into_iter()
            .filter(|(_, record)| matches!(record.outcome, Outcome::Ok | Outcome::NotFound));
        answered.map(|(name, _)| name).collect()
    }

    /// Signs in once more when a token is about to end: an application and the Azure CLI can, by themselves.
    async fn renew(&mut self) {
        let is_ending = self
            .token_end
            .is_some_and(|end| end.as_second() - Timestamp::now().as_second() < RENEWAL_SECONDS);
        if !is_ending || matches!(self.order.auth, Auth::AccessToken(_)) {
            return;
        }
        self.token_end = None;
        self.http
            .observer
            .note("a token is about to end: signing in once more");
        if let Err(error) = self.sign_in().await {
            self.http.observer.note(&error.to_string());
        }
    }

    fn stamp(&mut self, is_fresh: impl Fn(&str) -> bool) {
        let now = whole_seconds(Timestamp::now());
        self.captured_at = now;
        for section in SECTIONS.iter().filter(|section| is_fresh(section.name)) {
            self.read_at.insert(section.name, now);
        }
    }

    fn material(&self) -> Material<'_> {
        Material {
            known: &self.reading.known,
            replies: &self.reading.replies,
            is_application: is_guid(&self.order.account),
            cloud: self.order.cloud,
            environment: self.order.origins.dataverse.as_str(),
            unavailable: &self.unavailable,
            apart: &self.apart,
        }
    }

    /// The evidence as a snapshot file.
    pub(crate) fn snapshot(&self) -> Value {
        let sections: Map<String, Value> = assemble(&self.material())
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

/// From when on the logs are read: thirty days before `start`, but never before midnight (UTC) thirty days before the
/// service's day, which is as far back as the services look.
fn since(start: Timestamp, today: Timestamp) -> Option<Timestamp> {
    const DAY: i64 = 24 * 3600;
    let earliest = today.as_second().div_euclid(DAY) * DAY - LOG_DAYS * DAY;
    Timestamp::from_second((start.as_second() - LOG_DAYS * DAY).max(earliest)).ok()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// Fractions of a second tell nothing about evidence that took seconds to collect.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn logs_are_never_asked_for_earlier_than_the_service_looks_back() {
        for (start, today, expected) in [
            (
                "2026-11-29T15:00:00Z",
                "2026-11-29T15:00:00Z",
                "2026-10-30T15:00:00Z",
            ),
            // Judged at a moment in the past, or by a clock that is slow.
            (
                "2026-01-05T10:00:00Z",
                "2026-11-29T15:00:00Z",
                "2026-10-30T00:00:00Z",
            ),
            (
                "2026-11-28T23:00:00Z",
                "2026-11-29T15:00:00Z",
                "2026-10-30T00:00:00Z",
            ),
        ] {
            let since = since(start.parse().unwrap(), today.parse().unwrap());
            assert_eq!(since.unwrap().to_string(), expected);
        }
    }
}
