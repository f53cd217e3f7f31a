//! A claims challenge: a service that refuses a token and says which claims a new one must bring (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
//!
//! Continuous access evaluation sends it when a token was revoked, or when a policy wants more than the token shows.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Longest challenge that is taken: the claims go into an address, which has its limits too.
const LONGEST: usize = 8 * 1024;

/// The claims, as JSON text, that the `WWW-Authenticate` headers of a 401 demand.
pub(crate) fn of_headers<'a>(headers: impl IntoIterator<Item = &'a str>) -> Option<String> {
    headers.into_iter().find_map(|header| {
        if parameter(header, "error").as_deref() != Some("insufficient_claims") {
            return None;
        }
        json_of(&parameter(header, "claims")?)
    })
}

/// What a person is told when a new sign-in is needed and this run cannot make it.
pub(crate) const ADVICE: &str = "the token was revoked, or a policy demands more than it shows (insufficient_claims): \
                                 sign in anew and run the command again";

/// The value of `name="…"`, or `name=…` up to the next comma. Fields come in any order.
fn parameter(header: &str, name: &str) -> Option<String> {
    let lower = header.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(name)?;
        from = at + name.len();
        let is_whole = lower[..at]
            .chars()
            .next_back()
            .is_none_or(|before| matches!(before, ' ' | ',' | '\t'));
        let rest = header.get(from..)?.trim_start();
        let Some(value) = rest.strip_prefix('=').filter(|_| is_whole) else {
            continue;
        };
        let value = value.trim_start();
        return Some(match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next().unwrap_or_default().to_owned(),
            None => value.split(',').next().unwrap_or_default().trim().to_owned(),
        });
    }
}

/// Base64 in any of its spellings, or JSON as it is; nothing else is ever sent on.
fn json_of(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let bytes = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .into_iter()
        .find_map(|alphabet| alphabet.decode(text).ok())?;
    let json = String::from_utf8(bytes).ok()?;
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&json).ok()?;
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::of_headers;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1767600000"}}}"#;

    #[test]
    fn claims_are_taken_from_any_order_and_spelling() {
        let encoded = STANDARD.encode(CLAIMS);
        let url_safe = URL_SAFE_NO_PAD.encode(CLAIMS);
        for header in [
            format!(
                "Bearer realm=\"\", authorization_uri=\"https://login.example/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"{encoded}\""
            ),
            format!("Bearer claims=\"{encoded}\", Error=\"insufficient_claims\""),
            format!("bearer error=insufficient_claims, claims={url_safe}"),
        ] {
            assert_eq!(
                of_headers(["Negotiate", &header]).as_deref(),
                Some(CLAIMS),
                "{header}"
            );
        }
    }

    #[test]
    fn other_challenges_and_what_is_no_json_demand_nothing() {
        let encoded = STANDARD.encode("not json");
        for header in [
            "Bearer error=\"invalid_token\", claims=\"e30=\"".to_owned(),
            "Bearer error=\"insufficient_claims\"".to_owned(),
            format!("Bearer error=\"insufficient_claims\", claims=\"{encoded}\""),
            format!(
                "Bearer error=\"insufficient_claims\", claims=\"{}\"",
                "A".repeat(9000)
            ),
            "Bearer authorization_uri=https://login.example/x, resource_id=y".to_owned(),
        ] {
            assert_eq!(of_headers([header.as_str()]), None, "{header}");
        }
    }
}
