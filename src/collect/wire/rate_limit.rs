//! The pace of the report family: five requests in ten seconds for an application in a tenant.
//!
//! Runs of many accounts share the pace of their tenant, and ask one after another.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::lock::lock;
use super::observer::Observer;

const REQUESTS: usize = 5;
const WINDOW: Duration = Duration::from_secs(10);

/// The paces of many tenants, for runs that go on side by side.
#[derive(Debug, Default)]
pub struct Paces(Mutex<BTreeMap<String, Arc<RateLimit>>>);

impl Paces {
    /// The pace of a tenant.
    pub(crate) fn of(&self, tenant: &str) -> Arc<RateLimit> {
        let mut paces = lock(&self.0);
        Arc::clone(paces.entry(tenant.to_lowercase()).or_default())
    }
}

/// When the last requests of the family were sent, and whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    sent: Mutex<VecDeque<Instant>>,
    turn: tokio::sync::Mutex<()>,
}

/// The turn of one request of the family, until it is dropped.
pub(crate) type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

impl RateLimit {
    /// Waits until no other account of the tenant asks the family.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        self.turn.lock().await
    }

    /// Waits until `count` requests of the family may be sent, and counts them.
    pub(crate) async fn admit(&self, count: usize, observer: &dyn Observer) {
        let count = count.min(REQUESTS);
        while let Some(pause) = self.pause(count, Instant::now()) {
            observer.waiting("keeping the pace that Microsoft Graph allows for logs", pause);
            tokio::time::sleep(pause.min(Duration::from_secs(1))).await;
        }
    }

    /// How long `count` requests still have to wait; if not at all, they count from now on.
    fn pause(&self, count: usize, now: Instant) -> Option<Duration> {
        if count == 0 {
            return None;
        }
        let mut sent = lock(&self.sent);
        while sent
            .front()
            .is_some_and(|first| now.duration_since(*first) >= WINDOW)
        {
            sent.pop_front();
        }
        let excess = (sent.len() + count).saturating_sub(REQUESTS);
        match excess.checked_sub(1).and_then(|last| sent.get(last)) {
            Some(blocking) => Some(WINDOW.saturating_sub(now.duration_since(*blocking))),
            None => {
                sent.extend(std::iter::repeat_n(now, count));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RateLimit, WINDOW};
    use std::time::{Duration, Instant};

    #[test]
    fn the_sixth_request_waits_until_the_first_is_ten_seconds_old() {
        let pace = RateLimit::default();
        let start = Instant::now();
        assert_eq!(pace.pause(3, start), None);
        assert_eq!(pace.pause(2, start + Duration::from_secs(4)), None);
        assert_eq!(
            pace.pause(1, start + Duration::from_secs(4)),
            Some(Duration::from_secs(6))
        );
        assert_eq!(pace.pause(3, start + WINDOW), None);
    }
}
