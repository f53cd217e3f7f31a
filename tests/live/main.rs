//! Live runs against a tenant on loopback: real HTTP, signed tokens, and every kind of misbehaviour.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod announcement;
mod answers;
mod before;
mod canary;
mod claims;
mod dataverse;
mod equality;
mod fallbacks;
mod fault_table;
mod faults;
mod fleet;
mod fleet_measure;
mod graph;
mod habits;
mod jobs;
mod latency;
mod login;
mod partial;
mod permissions;
mod program;
mod replay;
mod scenario;
mod scopes;
mod script;
mod server;
mod sign_in;
mod tenant;
mod way;
mod ways_in;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use work365_doctor::collect::{
    Auth, Cloud, Consent, DeviceCode, GivenTokens, Limits, Observer, Order, Origins, Session,
};
use work365_doctor::secret::Secret;

use tenant::Tenant;

/// Remembers what a person would have seen.
#[derive(Default)]
pub(crate) struct Watcher {
    pub(crate) notes: Mutex<Vec<String>>,
}

impl Observer for Watcher {
    fn reading(&self, _: &str, _: usize, _: usize) {}
    fn throttled(&self, service: &str, left: Duration) {
        self.notes
            .lock()
            .unwrap()
            .push(format!("throttled by {service}: {}", left.as_secs()));
    }
    fn note(&self, text: &str) {
        self.notes.lock().unwrap().push(text.to_owned());
    }
    fn device_code(&self, code: &DeviceCode) {
        self.notes
            .lock()
            .unwrap()
            .push(format!("code {}", code.user_code));
    }
    fn browse(&self, url: &str) {
        self.notes.lock().unwrap().push(format!("browse {url}"));
    }
}

/// The tenant's origins.
pub(crate) fn origins(tenant: &Tenant) -> Origins {
    let addresses = &tenant.addresses;
    Origins {
        login: addresses.login.parse().unwrap(),
        graph: addresses.graph.parse().unwrap(),
        dataverse: addresses.dataverse.parse().unwrap(),
        admin: addresses.admin.parse().unwrap(),
    }
}

/// An order with tokens that the tenant accepts.
pub(crate) fn order(tenant: &Tenant, account: &str) -> Order {
    Order {
        account: account.to_owned(),
        environment_id: None,
        cloud: Cloud::Public,
        origins: origins(tenant),
        tenant: None,
        client_id: None,
        consent: Consent::default(),
        sections: None,
        auth: Auth::AccessToken(GivenTokens {
            graph: Some(Secret::new(tenant.token("https://graph.microsoft.com"))),
            dataverse: Some(Secret::new(tenant.token(&tenant.addresses.dataverse))),
            admin: Some(Secret::new(tenant.token("https://service.powerapps.com"))),
        }),
        probe: None,
        certificates: None,
        way: None,
        limits: Limits {
            request: Duration::from_secs(5),
            total: Duration::from_secs(60),
            waiting: Duration::from_secs(10),
        },
        now: None,
    }
}

/// Collects; the session has snapshot and ledger.
pub(crate) fn collected(order: Order) -> (Session, Arc<Watcher>) {
    let watcher = Arc::new(Watcher::default());
    let observer = Arc::clone(&watcher) as Arc<dyn Observer>;
    let mut session = Session::new(order, observer).unwrap();
    session.collect().unwrap();
    (session, watcher)
}

/// The healthy base, and a tenant that serves it.
pub(crate) fn healthy() -> (Tenant, Value) {
    let text = std::fs::read_to_string("fixtures/bases/healthy-legacy-password.json").unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    scenario::tenant_of(&snapshot)
}

/// The account of the healthy base.
pub(crate) const ACCOUNT: &str = "svc-work365@fabrikam.com";

/// A private key of RSA and a certificate of it, as PEM.
pub(crate) fn key_and_certificate() -> (String, String) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["test".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    (key.serialize_pem(), certificate.pem())
}
