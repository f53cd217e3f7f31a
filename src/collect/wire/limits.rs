//! How long a run may take, and how long it may wait.

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
