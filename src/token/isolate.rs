//! The token within an input, and its header.

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde_json::{Map, Value};

use super::report::HeaderReport;
use crate::secret::Secret;

/// The longest input that is looked at, in bytes. Real tokens stay below 16 KiB.
const LONGEST: usize = 1 << 20;

/// Why an input is no readable token. The input is never part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// More than a token can be.
    #[error("the input is longer than a token can be")]
    TooLong,
    /// One after the other.
    #[error("the input holds several tokens: give one at a time")]
    Several,
    /// Five parts: encrypted for its audience.
    #[error("this is an encrypted token (JWE): only the service it was issued for can read it")]
    Encrypted,
    /// No dots: a refresh token or another opaque string.
    #[error("this is an opaque token, such as a refresh token: it has no claims to show")]
    Opaque,
    /// Three parts, of which one is not what it must be.
    #[error("this is no JSON Web Token: {0}")]
    Malformed(String),
}

/// The token within an input.
///
/// # Errors
///
/// [`TokenError`] when there is none.
pub fn isolate(input: &str) -> Result<Secret, TokenError> {
    if input.len() > LONGEST {
        return Err(TokenError::TooLong);
    }
    let mut text = input.trim();
    let parsed: Option<Value> = text
        .starts_with('{')
        .then(|| serde_json::from_str(text).ok())
        .flatten();
    if let Some(answer) = &parsed {
        let field = ["access_token", "accessToken", "id_token", "token"]
            .iter()
            .find_map(|key| answer.get(*key)?.as_str());
        text =
            field.ok_or_else(|| TokenError::Malformed("the JSON object has no access_token".to_owned()))?;
    }
    let lower = text
        .get(..text.len().min(24))
        .unwrap_or_default()
        .to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("authorization:") {
        text = text
            .get(lower.len() - rest.len()..)
            .unwrap_or_default()
            .trim_start();
    }
    if text
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("bearer "))
    {
        text = text.get(7..).unwrap_or_default();
    }
    let is_whole = |word: &&str| word.starts_with("eyJ") && word.split('.').count() == 3;
    if text.split_whitespace().filter(is_whole).count() > 1 {
        return Err(TokenError::Several);
    }
    let token: String = text
        .chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '"' | '\'' | '`'))
        .collect();
    if token.is_empty() {
        return Err(TokenError::Empty);
    }
    match token.split('.').count() {
        3 => Ok(Secret::new(token)),
        5 => Err(TokenError::Encrypted),
        1 => Err(TokenError::Opaque),
        parts => Err(TokenError::Malformed(format!(
            "it has {parts} parts instead of 3"
        ))),
    }
}

/// The header of a token.
pub(super) fn header_of(token: &str) -> Result<HeaderReport, TokenError> {
    let part = token.split('.').next().unwrap_or_default();
    // The library's own header type is a closed list of algorithms; a header is shown whatever it names. Its
    // claims reader takes any JSON object, so the header is handed to it in the claims' place.
    let fields: Map<String, Value> = insecure_decode_claims(format!("e30.{part}.")).map_err(|_| {
        TokenError::Malformed("the first part is no base64url text of a JSON object".to_owned())
    })?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(HeaderReport {
        algorithm: text("alg"),
        key_id: text("kid").or_else(|| text("x5t")),
        token_type: text("typ"),
        nonce: fields.contains_key("nonce"),
    })
}
