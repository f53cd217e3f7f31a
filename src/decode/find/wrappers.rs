//! Codes that only carry another failure.

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
