//! A run as its caller sees it: an order in, a snapshot and a ledger out; Ctrl-C ends it at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::order::{CollectError, Order};
use super::recording;
use super::run::Run;
use super::wire::ledger::LedgerEntry;
use super::wire::observer::Observer;
use super::wire::rate_limit::Paces;
use crate::snapshot::redact::{CaseKey, RedactError};

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

    /// The same for one of many runs, which share the pace of their tenant.
    ///
    /// # Errors
    ///
    /// As of [`Session::new`].
    pub fn among_many(
        order: Order,
        observer: Arc<dyn Observer>,
        paces: Arc<Paces>,
    ) -> Result<Self, CollectError> {
        let mut session = Self::new(order, observer)?;
        session.run.share(paces);
        Ok(session)
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

    /// Keeps what is sent and answered from now on, for [`Session::recording`].
    pub fn keep_exchanges(&self) {
        self.run.keep_exchanges();
    }

    /// Every exchange that was kept, and the snapshot, without names: the files of a folder.
    ///
    /// # Errors
    ///
    /// The redaction would have let something through.
    pub fn recording(&self, key: &CaseKey) -> Result<BTreeMap<String, Value>, RedactError> {
        recording::files(&self.run.snapshot(), &self.run.exchanges(), key)
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

/// Does something that waits for a person, as a prompt does, until it is done or Ctrl-C is pressed.
///
/// # Errors
///
/// [`CollectError::Interrupted`], or [`CollectError::Machine`] when it could not be watched.
pub fn interruptible<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CollectError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CollectError::Machine(error.to_string()))?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nobody waits for it any more after Ctrl-C.
        let _ = sender.send(work());
    });
    runtime.block_on(until_interrupted(async {
        receiver
            .await
            .map_err(|error| CollectError::Machine(error.to_string()))
    }))
}

async fn until_interrupted<T>(
    work: impl Future<Output = Result<T, CollectError>>,
) -> Result<T, CollectError> {
    tokio::select! {
        outcome = work => outcome,
        _ = tokio::signal::ctrl_c() => Err(CollectError::Interrupted),
    }
}
