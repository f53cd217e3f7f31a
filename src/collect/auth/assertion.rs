//! The signed statement that proves an application's certificate (<https://learn.microsoft.com/entra/identity-platform/certificate-credentials>): PS256, ten minutes, used once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::random;
use crate::collect::wire::origin::Origin;
use crate::secret::Secret;

/// Signs an assertion with the key of a PEM file that also holds the certificate.
///
/// # Errors
///
/// What is wrong with the file, without quoting it.
pub(crate) fn client_assertion(
    pem: &Secret,
    login: &Origin,
    tenant: &str,
    client_id: &str,
) -> Result<Secret, String> {
    let text = pem.expose();
    if text.contains("ENCRYPTED") {
        return Err(
            "the private key of the certificate file is encrypted; give one without a passphrase".to_owned(),
        );
    }
    let certificate =
        block(text, "CERTIFICATE").ok_or("the certificate file holds no BEGIN CERTIFICATE block")?;
    let key = ["PRIVATE KEY", "RSA PRIVATE KEY"]
        .into_iter()
        .find_map(|label| block_text(text, label))
        .ok_or("the certificate file holds no private key")?;
    let key = EncodingKey::from_rsa_pem(key.as_bytes())
        .map_err(|error| format!("the private key is not a usable RSA key: {error}"))?;
    let now = jiff::Timestamp::now().as_second();
    let header = Header {
        x5t_s256: Some(random::base64url(&Sha256::digest(&certificate))),
        ..Header::new(Algorithm::PS256)
    };
    let claims = json!({
        "aud": format!("{login}/{tenant}/oauth2/v2.0/token"),
        "iss": client_id,
        "sub": client_id,
        "jti": random::token()?,
        "nbf": now,
        "iat": now,
        "exp": now + 600,
    });
    jsonwebtoken::encode(&header, &claims, &key)
        .map(Secret::new)
        .map_err(|error| format!("the assertion could not be signed: {error}"))
}

fn block_text<'a>(pem: &'a str, label: &str) -> Option<&'a str> {
    let start = pem.find(&format!("-----BEGIN {label}-----"))?;
    let end_mark = format!("-----END {label}-----");
    let length = pem[start..].find(&end_mark)? + end_mark.len();
    Some(&pem[start..start + length])
}

fn block(pem: &str, label: &str) -> Option<Vec<u8>> {
    let text: String = block_text(pem, label)?
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(|line| line.chars().filter(|character| !character.is_whitespace()))
        .collect();
    STANDARD.decode(text).ok()
}
