//! The pace of the report family: five requests in ten seconds for an application in a tenant (api-facts 1.4).

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Observer;
use super::call::Service;
use super::http::lock;

const REQUESTS: usize = 5;
const WINDOW: Duration = Duration::from_secs(10);

/// When the last requests of the family were sent.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<VecDeque<Instant>>);

impl Pace {
    /// Waits until `count` requests of the family may be sent, and counts them.
    pub(super) async fn admit(&self, count: usize, observer: &dyn Observer) {
        let count = count.min(REQUESTS);
        while let Some(pause) = self.pause(count, Instant::now()) {
            observer.throttled(Service::Graph.name(), pause);
            tokio::time::sleep(pause.min(Duration::from_secs(1))).await;
        }
    }

    /// How long `count` requests still have to wait; if not at all, they count from now on.
    fn pause(&self, count: usize, now: Instant) -> Option<Duration> {
        if count == 0 {
            return None;
        }
        let mut sent = lock(&self.0);
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
    use super::{Pace, WINDOW};
    use std::time::{Duration, Instant};

    #[test]
    fn the_sixth_request_waits_until_the_first_is_ten_seconds_old() {
        let pace = Pace::default();
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
