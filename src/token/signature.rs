//! The signature of a token, checked against a key set (JWKS).

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, decode_header};
#[cfg(feature = "live")]
use jsonwebtoken::{DecodingKey, Validation, decode};
#[cfg(feature = "live")]
use serde_json::{Map, Value};

use super::isolate::{TokenError, header_of, isolate};
use super::report::Signature;

/// A key set that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no JSON Web Key Set: {0}")]
pub struct KeySetError(#[from] serde_json::Error);

impl Signature {
    /// Nobody asked for a check.
    pub fn unverified() -> Self {
        Self::new("unverified", Some("no key set was given"))
    }

    /// A token that says itself that nobody signed it.
    pub(super) fn missing() -> Self {
        Self::new(
            "unverified",
            Some("its header says alg none: nobody signed it, and no service accepts that"),
        )
    }

    fn new(status: &str, reason: Option<&str>) -> Self {
        Self {
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
        }
    }
}

/// Checks the signature of the token in `input` against a key set. Times and audience are no part of it.
///
/// # Errors
///
/// [`KeySetError`] when `key_set` is no JWKS document. An input that is no token gives `unverifiable`.
pub fn verify(input: &str, key_set: &[u8]) -> Result<Signature, KeySetError> {
    let keys: JwkSet = serde_json::from_slice(key_set)?;
    let token = match isolate(input) {
        Ok(token) => token,
        Err(error) => {
            return Ok(Signature::new(
                "unverifiable",
                Some(&TokenError::to_string(&error)),
            ));
        }
    };
    let token = token.expose();
    if header_of(token).is_ok_and(|header| header.nonce) {
        let reason = "the header has a nonce, as Microsoft Graph tokens do: only Graph itself can verify it";
        return Ok(Signature::new("unverifiable", Some(reason)));
    }
    let Ok(header) = decode_header(token) else {
        return Ok(Signature::new(
            "unverifiable",
            Some("the algorithm is none or one that is not supported"),
        ));
    };
    let candidates: Vec<&Jwk> = match header.kid.as_deref().or(header.x5t.as_deref()) {
        Some(kid) => keys
            .keys
            .iter()
            .filter(|key| key.common.key_id.as_deref() == Some(kid))
            .collect(),
        None => keys.keys.iter().collect(),
    };
    if candidates.is_empty() {
        return Ok(Signature::new(
            "unverifiable",
            Some("the key set has no key with the token's key id"),
        ));
    }
    let suitable: Vec<&Jwk> = candidates
        .into_iter()
        .filter(|key| suits(key, header.alg))
        .collect();
    if suitable.is_empty() {
        return Ok(Signature::new(
            "unverifiable",
            Some("the key set's key is of another kind than the token's algorithm"),
        ));
    }
    Ok(check(token, &suitable, header.alg))
}

#[cfg(feature = "live")]
fn check(token: &str, keys: &[&Jwk], algorithm: Algorithm) -> Signature {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let verified = keys.iter().any(|key| {
        DecodingKey::from_jwk(key)
            .is_ok_and(|key| decode::<Map<String, Value>>(token, &key, &validation).is_ok())
    });
    if verified {
        Signature::new("verified", None)
    } else {
        Signature::new(
            "invalid",
            Some("the signature does not match the key: the token was changed or is from another issuer"),
        )
    }
}

/// The pure part of the library has no cryptography.
#[cfg(not(feature = "live"))]
fn check(_token: &str, _keys: &[&Jwk], _algorithm: Algorithm) -> Signature {
    Signature::new("unverifiable", Some("this build checks no signatures"))
}

/// A public key must never be used as an HMAC secret: the algorithm has to fit the kind of the key.
fn suits(key: &Jwk, algorithm: Algorithm) -> bool {
    match key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(
            algorithm,
            Algorithm::RS256
                | Algorithm::RS384
                | Algorithm::RS512
                | Algorithm::PS256
                | Algorithm::PS384
                | Algorithm::PS512
        ),
        AlgorithmParameters::EllipticCurve(_) => matches!(algorithm, Algorithm::ES256 | Algorithm::ES384),
        AlgorithmParameters::OctetKeyPair(_) => matches!(algorithm, Algorithm::EdDSA),
        AlgorithmParameters::OctetKey(_) => {
            matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::json;

    use super::verify;

    fn signed() -> (String, Vec<u8>) {
        let key = EncodingKey::from_secret(b"a secret of at least thirty-two bytes");
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::HS256).unwrap()).unwrap();
        jwk["kid"] = json!("k1");
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("k1".to_owned());
        let token = encode(&header, &json!({"aud": "x", "exp": 1}), &key).unwrap();
        (
            token,
            serde_json::to_vec(&json!({"keys": [jwk, {"kty": "unheard-of"}]})).unwrap(),
        )
    }

    #[test]
    fn a_signature_is_verified_and_a_changed_token_is_not() {
        let (token, keys) = signed();
        assert_eq!(verify(&token, &keys).unwrap().status, "verified");
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[1] = "eyJhdWQiOiJ5In0";
        assert_eq!(verify(&parts.join("."), &keys).unwrap().status, "invalid");
    }

    #[test]
    fn what_cannot_be_verified_is_no_bad_signature() {
        let (token, keys) = signed();
        assert_eq!(verify(&token, br#"{"keys":[]}"#).unwrap().status, "unverifiable");
        // {"alg":"RS256","nonce":"n"}.{"aud":"x"}.AA
        let nonce = "eyJhbGciOiJSUzI1NiIsIm5vbmNlIjoibiJ9.eyJhdWQiOiJ4In0.AA";
        assert_eq!(verify(nonce, &keys).unwrap().status, "unverifiable");
        assert_eq!(
            verify("eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.", &keys)
                .unwrap()
                .status,
            "unverifiable"
        );
        assert!(verify(&token, b"{}").is_err());
    }
}
