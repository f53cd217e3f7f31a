//! The severity from which on a fault counts.

use crate::cli::failure::Failure;
use crate::rules::Severity;

/// The severity of this name.
///
/// # Errors
///
/// There is none that a threshold can have.
pub(crate) fn threshold(text: &str) -> Result<Severity, Failure> {
    [Severity::Blocker, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .find(|severity| severity.name() == text)
        .ok_or_else(|| {
            Failure::Usage(format!(
                "no severity is called `{text}`; there are blocker, high, medium and low"
            ))
        })
}
