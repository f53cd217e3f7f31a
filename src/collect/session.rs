//! A run as its caller sees it: an order in, a snapshot and a ledger out; Ctrl-C ends it at once.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::auth::{Auth, SignInFailure};
use super::cloud::Cloud;
use super::http::Origins;
use super::ledger::LedgerEntry;
use super::run::Run;
use super::{Limits, Observer};
use crate::secret::Secret;

/// What to collect, and how to get in.
#[derive(Debug)]
pub struct Order {
    /// UPN, or application id of an application user.
    pub account: String,
    /// Power Platform environment id, if the user knows it.
    pub environment_id: Option<String>,
    /// The cloud.
    pub cloud: Cloud,
    /// Where its services are; the environment among them.
    pub origins: Origins,
    /// Tenant id or domain, if the user names one.
    pub tenant: Option<String>,
    /// The customer's own application, if there is one.
    pub client_id: Option<String>,
    /// How to sign in.
    pub auth: Auth,
    /// The account's password, for one sign-in as it.
    pub probe: Option<Secret>,
    /// How long things may take.
    pub limits: Limits,
    /// The instant that ages will be judged at, if it is not now: logs are read from thirty days before the earlier.
    pub now: Option<Timestamp>,
}

/// Why a run gave no evidence.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// Nobody could be signed in anywhere.
    #[error("sign-in failed: {}", .0.text)]
    SignIn(Box<SignInFailure>),
    /// The person pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// This machine could not even start.
    #[error("{0}")]
    Machine(String),
}

/// A run, from sign-in to the snapshot.
pub struct Session {
    runtime: tokio::runtime::Runtime,
    run: Run,
}

impl Session {
    /// Prepares a run; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`CollectError::Machine`] when the operating system gives no event loop.
    pub fn new(order: Order, observer: Arc<dyn Observer>) -> Result<Self, CollectError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| CollectError::Machine(error.to_string()))?;
        Ok(Self {
            runtime,
            run: Run::new(order, observer),
        })
    }

    /// Signs in and reads every section.
    ///
    /// # Errors
    ///
    /// Only when there is no evidence at all: no sign-in, or Ctrl-C.
    pub fn collect(&mut self) -> Result<(), CollectError> {
        let run = &mut self.run;
        self.runtime.block_on(until_interrupted(run.collect()))
    }

    /// Reads some sections once more, with the same sign-in.
    ///
    /// # Errors
    ///
    /// [`CollectError::Interrupted`].
    pub fn read_again(&mut self, sections: &[&str]) -> Result<(), CollectError> {
        let run = &mut self.run;
        self.runtime.block_on(until_interrupted(async {
            run.read_again(sections).await;
            Ok(())
        }))
    }

    /// Waits, unless Ctrl-C is pressed.
    ///
    /// # Errors
    ///
    /// [`CollectError::Interrupted`].
    pub fn pause(&self, pause: std::time::Duration) -> Result<(), CollectError> {
        self.runtime.block_on(until_interrupted(async {
            tokio::time::sleep(pause).await;
            Ok(())
        }))
    }

    /// The evidence as a snapshot file.
    pub fn snapshot(&self) -> Value {
        self.run.snapshot()
    }

    /// Every request that was sent.
    pub fn requests(&self) -> Vec<LedgerEntry> {
        self.run.requests()
    }

    /// How many rounds of dependent reads there were.
    pub fn rounds(&self) -> usize {
        self.run.rounds()
    }
}

async fn until_interrupted<T>(
    work: impl Future<Output = Result<T, CollectError>>,
) -> Result<T, CollectError> {
    tokio::select! {
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err(CollectError::Interrupted),
    }
}
