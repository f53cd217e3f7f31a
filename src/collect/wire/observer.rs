//! Who watches a run.

use std::time::Duration;

use super::ledger::LedgerEntry;

/// What a person has to do.
#[derive(Debug, Clone)]
pub struct DeviceCode {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// What the sign-in is for.
    pub purpose: &'static str,
    /// Which of the sign-ins of this run it is.
    pub number: usize,
    /// How many there are.
    pub count: usize,
    /// How long the code is good for.
    pub expires_in: Duration,
}

/// Who watches a run: progress, and the few things a person must see or do.
pub trait Observer: Send + Sync {
    /// Reading goes on: what, and how many of how many sections are done.
    fn reading(&self, what: &str, done: usize, total: usize);
    /// A service asked to wait; this much is left.
    fn throttled(&self, service: &str, left: Duration);
    /// A person or another program is waited for; this much time is left.
    fn waiting(&self, _what: &str, _left: Duration) {}
    /// Something worth knowing before or during the run.
    fn note(&self, text: &str);
    /// A request was sent, and this came of it.
    fn sent(&self, _: &LedgerEntry) {}
    /// A person has to enter a code in a browser.
    fn device_code(&self, code: &DeviceCode);
    /// A person has to sign in at this address; the browser may have been opened already.
    fn browse(&self, url: &str);
}
