//! The ledger: every request that was sent, by its URL template. It goes into the report and proves the run read-only.

/// One request of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// HTTP method.
    pub method: &'static str,
    /// URL with placeholders for names and ids.
    pub url: String,
    /// HTTP status of the last attempt, if there was an answer.
    pub status: Option<u16>,
    /// Milliseconds over all attempts, waiting included.
    pub milliseconds: u64,
    /// How often it was sent.
    pub attempts: u32,
    /// The id that the last attempt carried: Microsoft support finds the request by it.
    pub client_request_id: Option<String>,
}

/// The entries in the order in which the requests started.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<LedgerEntry>);

impl Ledger {
    /// Notes that a request starts; the position is for [`Ledger::close`].
    pub(crate) fn open(&mut self, method: &'static str, url: String) -> usize {
        self.0.push(LedgerEntry {
            method,
            url,
            status: None,
            milliseconds: 0,
            attempts: 0,
            client_request_id: None,
        });
        self.0.len() - 1
    }

    /// Notes how it ended; the whole entry comes back if anything was sent.
    pub(crate) fn close(
        &mut self,
        position: usize,
        status: Option<u16>,
        milliseconds: u64,
        attempts: u32,
        client_request_id: Option<String>,
    ) -> Option<LedgerEntry> {
        let entry = self.0.get_mut(position)?;
        entry.status = status;
        entry.milliseconds = milliseconds;
        entry.attempts = attempts;
        entry.client_request_id = client_request_id;
        (attempts > 0).then(|| entry.clone())
    }

    /// What was sent. A request that the guard refused, or that no time was left for, is not among it.
    pub(crate) fn entries(&self) -> Vec<LedgerEntry> {
        self.0
            .iter()
            .filter(|entry| entry.attempts > 0)
            .cloned()
            .collect()
    }
}
