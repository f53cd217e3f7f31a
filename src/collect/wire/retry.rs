//! When a request is sent again, and how long before.

use std::time::Duration;

use jiff::Timestamp;

use crate::snapshot::Family;

/// A request is sent at most this often.
const MAXIMUM_ATTEMPTS: u32 = 4;

/// Whether a status means "later" (<https://learn.microsoft.com/graph/throttling-limits>): 429, and 503 or 504.
pub(crate) fn is_throttled(status: u16) -> bool {
    matches!(status, 429 | 503 | 504)
}

/// Conditional Access and identity protection answer one request a second for the whole tenant, all applications
/// together, and name no time to wait: patience of ten seconds, a second at a time.
const ONE_A_SECOND: (Duration, u32) = (Duration::from_secs(1), 10);

/// The pause before the next attempt after throttling: what the service asks for, else what is known of its limit, else
/// a growing one.
pub(crate) fn after_throttling(
    retry_after: Option<Duration>,
    attempts: u32,
    family: Family,
) -> Option<Duration> {
    if retry_after.is_none() && family == Family::ConditionalAccess {
        let (pause, most) = ONE_A_SECOND;
        return (attempts <= most).then_some(pause);
    }
    (attempts < MAXIMUM_ATTEMPTS).then(|| retry_after.unwrap_or_else(|| growing(attempts)))
}

/// The pause after a transport error, which is tried only once more: a second failure is the answer.
pub(crate) fn after_trouble(attempts: u32) -> Option<Duration> {
    (attempts < 2).then(|| growing(attempts))
}

fn growing(attempts: u32) -> Duration {
    Duration::from_millis(500 << attempts.saturating_sub(1).min(5))
}

/// The longest pause that a service can ask for. No run waits that long; numbers without a bound are no numbers to count with.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// `Retry-After`: seconds, or an HTTP date.
pub(crate) fn pause_of(text: &str) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds are as long as anything can be.
        return Some(LONGEST.min(Duration::from_secs(text.parse().unwrap_or(u64::MAX))));
    }
    let left = http_date(text)?.as_second() - Timestamp::now().as_second();
    Some(LONGEST.min(Duration::from_secs(u64::try_from(left).unwrap_or(0))))
}

/// An HTTP date, as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::{after_throttling, after_trouble, http_date, pause_of};
    use crate::snapshot::Family;
    use std::time::Duration;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(pause_of("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause_of("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(pause_of("soon"), None);
        assert_eq!(pause_of(""), None);
        for endless in [
            "18446744073709551615",
            "18446744073709551616",
            "Thu, 31 Dec 9998 23:59:59 GMT",
        ] {
            assert_eq!(pause_of(endless), Some(super::LONGEST), "{endless}");
        }
        assert_eq!(
            http_date("Sun, 06 Nov 1994 08:49:37 GMT").map(|time| time.to_string()),
            Some("1994-11-06T08:49:37Z".to_owned())
        );
    }

    #[test]
    fn attempts_are_bounded() {
        let asked = Some(Duration::from_secs(9));
        assert_eq!(after_throttling(asked, 3, Family::None), asked);
        assert_eq!(after_throttling(asked, 4, Family::None), None);
        let second = Some(Duration::from_secs(1));
        assert_eq!(after_throttling(None, 10, Family::ConditionalAccess), second);
        assert_eq!(after_throttling(None, 11, Family::ConditionalAccess), None);
        assert_eq!(after_throttling(asked, 2, Family::ConditionalAccess), asked);
        assert!(after_trouble(1).is_some());
        assert_eq!(after_trouble(2), None);
    }
}
