//! Codes that only carry another failure, and what tells it in their place.

use crate::decode::explain::catalogue;
use crate::decode::model::Family;

/// Dataverse codes that say "something failed inside": the generic error, an aborted plug-in, a SQL error, a
/// payload that could not be read.
const DATAVERSE_WRAPPERS: [&str; 6] = [
    "0x80040216",
    "0x80040265",
    "0x80044150",
    "0x80048d19",
    "0x80040224",
    "0x80050135",
];

/// Entra codes that only announce the next one.
const ENTRA_WRAPPERS: [&str; 3] = ["AADSTS70002", "AADSTS90019", "AADSTS50000"];

/// True for codes that carry another failure.
pub(crate) fn is_wrapper(code: &str) -> bool {
    DATAVERSE_WRAPPERS.contains(&code) || ENTRA_WRAPPERS.contains(&code)
}

/// Messages that say themselves that the cause stands elsewhere: in the inner exception, in the next line, in an answer that could
/// not be read.
const TOLD_WRAPPERS: [&str; 4] = [
    "MSG:connect_failed",
    "MSG:unable_to_login_dynamics_crm",
    "MSG:sdk_not_connected",
    "MSG:oauth_answer_unreadable",
];

/// True for messages that carry another failure.
pub(crate) fn is_told_wrapper(code: &str) -> bool {
    TOLD_WRAPPERS.contains(&code)
}

/// True for an HTTP status that names the cause by itself: the proxy wants a sign-in, too many calls, the service is away. A 401,
/// 403 or 500 only repeats that something was refused or failed.
pub(crate) fn is_telling_status(code: &str) -> bool {
    matches!(
        code,
        "HTTP:407" | "HTTP:429" | "HTTP:502" | "HTTP:503" | "HTTP:504"
    )
}

/// True for a Dataverse code that the catalogue does not explain and whose published name speaks of no refusal: a sentence beside it
/// tells more.
pub(crate) fn is_unexplained(code: &str) -> bool {
    Family::of(code) == Family::Dataverse
        && matches!(catalogue::table_category(code), "validation" | "plugin" | "other")
        && catalogue::entry(code).is_none()
}
