//! What a bearer token says, and why Dataverse, Graph or Work 365 would refuse it. The token itself is never
//! shown.
//!
//! Claims are read without a key; [`verify`] checks the signature against a key set. Tokens of Microsoft Graph
//! carry a `nonce` and cannot be verified by anyone but Graph: that is said, and is not a bad signature.

mod isolate;
mod needs;
mod report;
mod signature;

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde_json::{Map, Value};

use isolate::header_of;

pub use isolate::{TokenError, isolate};
pub use report::{HeaderReport, Need, SCHEMA, Service, Signature, TokenReport};
pub use signature::{KeySetError, verify};

/// Clock difference that services forgive, in seconds (Source: jsonwebtoken's and Entra's default of minutes).
const LEEWAY: i64 = 300;

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
    // Seconds beyond any calendar, or no number at all: a service reads no time from it and refuses the token.
    let lacks_end = claims.contains_key("exp") && number("exp").and_then(instant).is_none();
    let valid_now = match (number("nbf").or_else(|| number("iat")), number("exp")) {
        _ if lacks_end => Some(false),
        (from, Some(to)) => Some(
            from.is_none_or(|from| from <= now.saturating_add(LEEWAY)) && now < to.saturating_add(LEEWAY),
        ),
        (_, None) => None,
    };
    let mut report = TokenReport {
        schema: SCHEMA.to_owned(),
        judged_at: instant(now).unwrap_or_default(),
        signature: match header.algorithm.as_deref() {
            Some(none) if none.eq_ignore_ascii_case("none") => Signature::missing(),
            _ => Signature::unverified(),
        },
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
    if lacks_end {
        let lifetimes = report
            .needs
            .iter_mut()
            .filter(|need| need.requirement == "lifetime");
        lifetimes.for_each(|need| "an exp that is no time".clone_into(&mut need.has));
    }
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

    #[test]
    fn what_no_service_accepts_is_said() {
        let mut claims = dataverse();
        claims["exp"] = json!(1e300);
        let report = read(&token(&claims), NOW, None).unwrap();
        assert_eq!(report.refused_because, ["lifetime"]);
        assert!(report.needs.iter().any(|need| need.has.contains("no time")));
        // {"alg":"none"}
        let unsigned = token(&dataverse());
        let (_, rest) = unsigned.split_once('.').unwrap();
        let report = read(&format!("eyJhbGciOiJub25lIn0.{rest}"), NOW, None).unwrap();
        assert!(
            report
                .signature
                .reason
                .is_some_and(|reason| reason.contains("alg none"))
        );
        let two = format!("{unsigned}\n{unsigned}\n");
        assert_eq!(read(&two, NOW, None).unwrap_err(), TokenError::Several);
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
