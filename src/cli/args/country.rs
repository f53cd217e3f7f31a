//! `--country`.

/// A country as two letters, in capitals.
///
/// # Errors
///
/// Anything else.
pub(crate) fn country(text: &str) -> Result<String, String> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err("a country is two letters, as DE".to_owned())
    }
}
