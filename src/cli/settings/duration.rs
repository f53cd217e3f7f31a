//! Durations as people write them.

use std::time::Duration;

/// A duration as `90s`, `20m` or `1h30m`.
///
/// # Errors
///
/// A text that is none, or a negative one.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| format!("`{text}` is no duration, as 90s, 20m or 1h30m"))
}
