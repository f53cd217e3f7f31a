//! Evidence from the services as they are: sign-in, reads, and a ledger of both. Reads only, see the guard.
//!
//! A [`Session`] signs in once and collects every section of `CONTRACT.md` section 3 in as few dependent rounds as the
//! data allows. A section that is refused, missing, slow or broken becomes that section's outcome and nothing else.

mod answer;
mod assemble;
mod auth;
mod batch;
mod call;
mod claims;
mod cloud;
mod echo;
mod expand;
mod guard;
mod http;
pub mod key_set;
mod learn;
mod ledger;
mod multipart;
mod operator;
mod origin;
mod outlook;
mod pace;
mod pages;
mod preflight;
mod probe;
mod question;
mod request_id;
mod retry;
mod rounds;
mod run;
mod script;
mod section;
mod session;
mod table;
mod trouble;

pub use auth::{Auth, DeviceCode, GivenTokens, SignInFailure};
pub use call::{Method, Service};
pub use cloud::Cloud;
pub use expand::placeholders;
pub use http::Origins;
pub use ledger::LedgerEntry;
pub use origin::Origin;
pub use script::{Language, ScriptOrder, script};
pub use session::{CollectError, Order, Session};
pub use table::{About, PRIVILEGES, READS, Read, meaning, with_leads};

use std::time::Duration;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One request, from connecting to the last byte.
    pub request: Duration,
    /// The whole collection, sign-in excluded.
    pub total: Duration,
    /// All waiting that services ask for together.
    pub waiting: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            total: Duration::from_secs(300),
            waiting: Duration::from_secs(120),
        }
    }
}

/// Who watches a run: progress, and the few things a person must see or do.
pub trait Observer: Send + Sync {
    /// Reading goes on: what, and how many of how many sections are done.
    fn reading(&self, what: &str, done: usize, total: usize);
    /// A service asked to wait; this much is left.
    fn throttled(&self, service: &str, left: Duration);
    /// Something worth knowing before or during the run.
    fn note(&self, text: &str);
    /// A request was sent, and this came of it.
    fn sent(&self, _: &LedgerEntry) {}
    /// A person has to enter a code in a browser.
    fn device_code(&self, code: &DeviceCode);
    /// A person has to sign in at this address; the browser may have been opened already.
    fn browse(&self, url: &str);
}
