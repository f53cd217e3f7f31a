//! `--country`.
use crate::cli::failure::Failure;

/// A country as two letters, in capitals.
///
/// # Errors
///
/// Anything else.
pub(crate) fn country(text: &str) -> Result<String, Failure> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(Failure::from("a country is two letters, as DE"))
    }
}
