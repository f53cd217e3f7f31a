//! What a bearer token says, and why Dataverse, Graph or Work 365 would refuse it. The token itself is never
//! shown.
//!
//! Claims are read without a key; [`verify`] checks the signature against a key set. Tokens of Microsoft Graph
//! carry a `nonce` and cannot be verified by anyone but Graph: that is said, and is not a bad signature.

mod needs;
mod signature;

use jsonwebtoken::dangerous::insecure_decode_claims;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::secret::Secret;

pub use needs::{Need, Service};
pub use signature::{KeySetError, Signature, verify};

/// The schema id of a token report.
pub const SCHEMA: &str = "work365-doctor/token/v1";

/// The longest input that is looked at, in bytes. Real tokens stay below 16 KiB.
const LONGEST: usize = 1 << 20;

/// Clock difference that services forgive, in seconds (Source: jsonwebtoken's and Entra's default of minutes).
const LEEWAY: i64 = 300;

/// Why an input is no readable token. The input is never part of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing but white space.
    #[error("the input is empty")]
    Empty,
    /// More than a token can be.
    #[error("the input is longer than a token can be")]
    TooLong,
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

/// What a token says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenReport {
    /// Always [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The instant that the times are judged by, RFC 3339.
    pub judged_at: String,
    /// Whether the signature was checked, and with what result.
    pub signature: Signature,
    /// `user` (delegated) or `application`.
    pub kind: Option<String>,
    /// The service that the audience names: `dataverse`, `graph`, or none of them.
    pub service: Option<Service>,
    /// The audience.
    pub audience: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// The tenant.
    pub tenant_id: Option<String>,
    /// The client application.
    pub application_id: Option<String>,
    /// The user's name.
    pub user: Option<String>,
    /// The object id of the user or service principal.
    pub object_id: Option<String>,
    /// The egress address that the sign-in service saw.
    pub ip_address: Option<String>,
    /// Delegated permissions.
    pub scopes: Vec<String>,
    /// Application permissions or application roles.
    pub roles: Vec<String>,
    /// Template ids of the directory roles.
    pub directory_roles: Vec<String>,
    /// How the user signed in (`pwd`, `mfa`, …); version 1 tokens only.
    pub authentication_methods: Vec<String>,
    /// Issued at, RFC 3339.
    pub issued_at: Option<String>,
    /// Valid from, RFC 3339.
    pub valid_from: Option<String>,
    /// Expires at, RFC 3339.
    pub expires_at: Option<String>,
    /// Valid at `judged_at`, five minutes of clock difference forgiven; none without the times.
    pub valid_now: Option<bool>,
    /// Algorithm, key id and token version.
    pub header: HeaderReport,
    /// What each service needs, and what this token has.
    pub needs: Vec<Need>,
    /// The needs of the token's own service that are not met, in short.
    pub refused_because: Vec<String>,
}

/// The part of a token's header that is worth showing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderReport {
    /// The signature algorithm.
    pub algorithm: Option<String>,
    /// The id of the signing key.
    pub key_id: Option<String>,
    /// The token type.
    pub token_type: Option<String>,
    /// A `nonce` stands in the header: only the audience can verify the signature.
    pub nonce: bool,
}

/// Reads a token: bare, after `Bearer`, in quotes, broken over lines, or as `access_token` of a JSON answer.
///
/// `now` is in Unix seconds; `environment` is the origin of the Dataverse environment, if it is known.
///
/// # Errors
///
/// [`TokenError`] says what the input is instead. It never holds any of it.
pub fn read(input: &str, now: i64, environment: Option<&str>) -> Result<TokenReport, TokenError> {
    let token = isolate(input)?;
    let header = header_of(token.expose())?;
    let claims: Map<String, Value> = insecure_decode_claims(token.expose()).map_err(|_| {
        TokenError::Malformed("the second part is no base64url text of a JSON object".to_owned())
    })?;
    Ok(report(&header, &claims, now, environment))
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

fn header_of(token: &str) -> Result<HeaderReport, TokenError> {
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

fn report(
    header: &HeaderReport,
    claims: &Map<String, Value>,
    now: i64,
    environment: Option<&str>,
) -> TokenReport {
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| claims.get(*key)?.as_str())
            .map(str::to_owned)
    };
    let number = |key: &str| claims.get(key).and_then(Value::as_i64);
    let list = |key: &str| -> Vec<String> {
        match claims.get(key) {
            Some(Value::Array(items)) => items
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(words)) => words.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let scopes = list("scp");
    let audience = text(&["aud"]).or_else(|| list("aud").into_iter().next());
    let kind = match text(&["idtyp"]).as_deref() {
        Some("app") => Some("application"),
        Some("user") => Some("user"),
        _ if !scopes.is_empty() => Some("user"),
        _ if text(&["upn", "unique_name", "preferred_username"]).is_some() => Some("user"),
        _ if text(&["appid", "azp"]).is_some() => Some("application"),
        _ => None,
    };
    let valid_now = match (number("nbf").or_else(|| number("iat")), number("exp")) {
        (from, Some(to)) => Some(
            from.is_none_or(|from| from <= now.saturating_add(LEEWAY)) && now < to.saturating_add(LEEWAY),
        ),
        (_, None) => None,
    };
    let mut report = TokenReport {
        schema: SCHEMA.to_owned(),
        judged_at: instant(now).unwrap_or_default(),
        signature: Signature::unverified(),
        kind: kind.map(str::to_owned),
        service: audience
            .as_deref()
            .and_then(|audience| Service::of(audience, environment)),
        audience,
        issuer: text(&["iss"]),
        tenant_id: text(&["tid"]),
        application_id: text(&["appid", "azp"]),
        user: text(&["upn", "preferred_username", "unique_name"]),
        object_id: text(&["oid"]),
        ip_address: text(&["ipaddr"]),
        scopes,
        roles: list("roles"),
        directory_roles: list("wids"),
        authentication_methods: list("amr"),
        issued_at: number("iat").and_then(instant),
        valid_from: number("nbf").and_then(instant),
        expires_at: number("exp").and_then(instant),
        valid_now,
        header: header.clone(),
        needs: Vec::new(),
        refused_because: Vec::new(),
    };
    report.needs = needs::of(&report, environment);
    report.refused_because = report
        .needs
        .iter()
        .filter(|need| Some(need.service) == report.service && need.met == Some(false))
        .map(|need| need.requirement.clone())
        .collect();
    report
}

fn instant(seconds: i64) -> Option<String> {
    jiff::Timestamp::from_second(seconds)
        .ok()
        .map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::{Service, TokenError, isolate, read};

    const NOW: i64 = 1_700_000_000;

    fn token(claims: &serde_json::Value) -> String {
        encode(&Header::default(), claims, &EncodingKey::from_secret(b"test")).unwrap()
    }

    fn dataverse() -> serde_json::Value {
        json!({"aud": "https://contoso.crm4.dynamics.com", "iss": "https://sts.windows.net/t/", "tid": "t", "oid": "o",
               "appid": "51f81489-12ee-4a9e-aaae-a2591f45987d", "upn": "svc@contoso.com", "scp": "user_impersonation",
               "amr": ["pwd", "mfa"], "iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 3600})
    }

    #[test]
    fn a_good_token_meets_the_needs_of_its_own_service_only() {
        let report = read(&token(&dataverse()), NOW, None).unwrap();
        assert_eq!(report.service, Some(Service::Dataverse));
        assert_eq!(report.kind.as_deref(), Some("user"));
        assert_eq!(report.refused_because, Vec::<String>::new());
        let graph = report
            .needs
            .iter()
            .find(|need| need.service == Service::Graph && need.requirement == "audience");
        assert_eq!(graph.unwrap().met, Some(false));
    }

    #[test]
    fn each_reason_for_a_refusal_is_named() {
        for (claim, value, reason) in [
            ("exp", json!(NOW - 3600), "lifetime"),
            ("scp", json!("User.Read"), "permission"),
        ] {
            let mut claims = dataverse();
            claims[claim] = value;
            assert_eq!(
                read(&token(&claims), NOW, None).unwrap().refused_because,
                [reason]
            );
        }
        let report = read(
            &token(&dataverse()),
            NOW,
            Some("https://fabrikam.crm.dynamics.com"),
        )
        .unwrap();
        assert_eq!(report.refused_because, ["audience"]);
    }

    #[test]
    fn every_wrapping_is_taken_off_and_every_other_thing_is_named() {
        let bare = token(&dataverse());
        let broken = bare
            .as_bytes()
            .chunks(40)
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect::<Vec<_>>()
            .join("\n");
        for wrapped in [
            format!("Bearer {bare}"),
            format!("Authorization: Bearer {bare}"),
            format!("\"{bare}\"\n"),
            broken,
            json!({"token_type": "Bearer", "access_token": bare}).to_string(),
        ] {
            assert_eq!(isolate(&wrapped).unwrap().expose(), bare);
        }
        assert_eq!(isolate("  ").unwrap_err(), TokenError::Empty);
        assert_eq!(isolate("a.b.c.d.e").unwrap_err(), TokenError::Encrypted);
        assert_eq!(
            isolate("0.AAAA").unwrap_err(),
            TokenError::Malformed("it has 2 parts instead of 3".to_owned())
        );
        assert_eq!(isolate("opaque").unwrap_err(), TokenError::Opaque);
        assert!(matches!(read("a.b.c", NOW, None), Err(TokenError::Malformed(_))));
    }

    #[test]
    fn neither_report_nor_error_holds_the_token() {
        let bare = token(&dataverse());
        let report = read(&bare, NOW, None).unwrap();
        let shown = format!("{report:?}{}", serde_json::to_string(&report).unwrap());
        for part in bare.split('.') {
            assert!(!shown.contains(part));
        }
    }

    #[test]
    fn algorithms_that_the_library_does_not_know_are_still_shown() {
        // {"alg":"none"}.{"aud":"x"}.
        let report = read("eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.", NOW, None).unwrap();
        assert_eq!(report.header.algorithm.as_deref(), Some("none"));
        assert_eq!(report.valid_now, None);
    }
}
