//! When a request is sent again, and how long before.

use std::time::Duration;

use jiff::Timestamp;

/// A request is sent at most this often.
const MAXIMUM_ATTEMPTS: u32 = 4;

/// Whether a status means "later" (api-facts 1.4): 429, and 503 or 504.
pub(super) fn is_throttled(status: u16) -> bool {
    matches!(status, 429 | 503 | 504)
}

/// The pause before the next attempt after throttling: what the service asks for, else a growing one.
pub(super) fn after_throttling(retry_after: Option<Duration>, attempts: u32) -> Option<Duration> {
    (attempts < MAXIMUM_ATTEMPTS).then(|| retry_after.unwrap_or_else(|| growing(attempts)))
}

/// The pause after a transport error, which is tried only once more: a second failure is the answer.
pub(super) fn after_trouble(attempts: u32) -> Option<Duration> {
    (attempts < 2).then(|| growing(attempts))
}

fn growing(attempts: u32) -> Duration {
    Duration::from_millis(500 << attempts.saturating_sub(1).min(5))
}

/// `Retry-After`: seconds, or an HTTP date.
pub(super) fn pause_of(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let left = http_date(text)?.as_second() - Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// An HTTP date, as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{after_throttling, after_trouble, http_date, pause_of};
    use std::time::Duration;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(pause_of("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(pause_of("soon"), None);
        assert_eq!(
            http_date("Sun, 06 Nov 1994 08:49:37 GMT").map(|time| time.to_string()),
            Some("1994-11-06T08:49:37Z".to_owned())
        );
    }

    #[test]
    fn attempts_are_bounded() {
        assert_eq!(
            after_throttling(Some(Duration::from_secs(9)), 3),
            Some(Duration::from_secs(9))
        );
        assert_eq!(after_throttling(Some(Duration::from_secs(9)), 4), None);
        assert!(after_trouble(1).is_some());
        assert_eq!(after_trouble(2), None);
    }
}
