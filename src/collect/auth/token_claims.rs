//! What a token says, unverified.

use serde_json::{Map, Value};

use crate::secret::Secret;

/// The claims of a token, unverified: it came straight from the sign-in service, or is ours to show. Opaque and
/// per-session claims are left out; nobody judges them.
pub(crate) fn claims(token: &Secret) -> Option<Map<String, Value>> {
    let claims: Value = jsonwebtoken::dangerous::insecure_decode_claims(token.expose()).ok()?;
    let Value::Object(claims) = claims else {
        return None;
    };
    Some(
        claims
            .into_iter()
            .filter(|(name, _)| {
                !matches!(name.as_str(), "aio" | "rh" | "uti" | "sid") && !name.starts_with("xms_")
            })
            .collect(),
    )
}
