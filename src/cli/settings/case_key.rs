//! The key that the pseudonyms of a case come from.

use crate::cli::failure::Failure;
use crate::documents::redaction::RedactionMap;
use crate::secret::Secret;
use crate::text::hex;

/// The variable that holds the key of the case: the same key gives the same pseudonyms.
const CASE_KEY: &str = "WORK365_DOCTOR_CASE_KEY";

/// The shortest case key that nobody tries out.
const SHORTEST_KEY: usize = 16;

/// Bytes of a random case key.
const KEY_BYTES: usize = 16;

/// The key of the case: of the variable, else that of the map, else a random one. Never an argument, which every other
/// process could read.
///
/// # Errors
///
/// A key that is too short, or not that of the map.
pub(crate) fn case_key(known: Option<&RedactionMap>) -> Result<Secret, Failure> {
    match (std::env::var(CASE_KEY).ok(), known) {
        (Some(key), None) if key.chars().count() < SHORTEST_KEY => Err(Failure::Usage(format!(
            "{CASE_KEY} is shorter than {SHORTEST_KEY} characters: whoever has the snapshot could guess it, and then try names"
        ))),
        (Some(key), Some(map)) if key != map.key() => Err(Failure::Usage(format!(
            "{CASE_KEY} is not the key of the map; use one of the two"
        ))),
        (Some(key), _) => Ok(Secret::new(key)),
        (None, Some(map)) => Ok(Secret::new(map.key())),
        (None, None) => random_key(),
    }
}

/// A key that nobody can guess.
///
/// # Errors
///
/// The operating system has no randomness to give.
pub(crate) fn random_key() -> Result<Secret, Failure> {
    let mut bytes = [0_u8; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random key: {error}"))?;
    Ok(Secret::new(hex(&bytes)))
}
