//! Rights in Dynamics 365: which errors refuse one.

use crate::decode::DecodedError;

/// Whether the error refuses a right in Dynamics 365.
pub(crate) fn refuses_a_right(error: &DecodedError) -> bool {
    matches!(
        error.category.as_str(),
        "privilege" | "user-disabled" | "user-missing" | "license"
    )
}
