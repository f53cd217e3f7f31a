//! Durations as people write them.

use crate::cli::failure::Failure;
use std::time::Duration;

/// A duration as `90s`, `20m` or `1h30m`.
///
/// # Errors
///
/// A text that is none, or a negative one.
pub(crate) fn duration(text: &str) -> Result<Duration, Failure> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| Failure::Usage(format!("`{text}` is no duration, as 90s, 20m or 1h30m")))
}
