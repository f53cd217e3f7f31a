//! Whether a token is the one that a service wants: looked at before it is sent, wherever it came from. A token is good
//! for whoever gets it, so one that was issued for another service goes nowhere.

use jiff::Timestamp;
use serde_json::Value;

use super::token_claims::claims;
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
use crate::collect::wire::origin::{Origin, Origins};
use crate::secret::Secret;
use crate::text::without_api;
use crate::token;

/// Azure Resource Manager, whose tokens `az account get-access-token` gives when nobody says otherwise.
const RESOURCE_MANAGER: [&str; 3] = [
    "management.azure.com",
    "management.core.windows.net",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
];

/// The Power Apps service, by its application id.
const POWER_APPS: &str = "475226c6-020e-4fb2-8a90-7a972cbfc1d4";

/// Why a token must not be sent to a service; nothing when it fits, or says nothing that could be judged.
pub(super) fn objection(token: &Secret, service: Service, cloud: Cloud, origins: &Origins) -> Option<String> {
    let text = token.expose();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(
            "is no token: it is empty, or holds blanks or other characters that no token has".to_owned(),
        );
    }
    let claims = claims(token)?;
    let audience = match claims.get("aud") {
        Some(Value::Array(all)) => all.first().and_then(Value::as_str),
        other => other.and_then(Value::as_str),
    };
    if let Some(audience) = audience.filter(|audience| !is_for(audience, service, cloud, origins)) {
        return Some(format!("was issued for {}", owner(audience)));
    }
    let end = claims.get("exp").and_then(Value::as_i64)?;
    let end = Timestamp::from_second(end).ok()?;
    (end <= Timestamp::now()).then(|| format!("ended at {end}"))
}

fn is_for(audience: &str, service: Service, cloud: Cloud, origins: &Origins) -> bool {
    let host = host(audience);
    let is = |origin: &str| host == self::host(origin);
    match service {
        Service::Login => false,
        Service::Graph => {
            let is_id =
                !host.contains('.') && token::Service::of(audience, None) == Some(token::Service::Graph);
            is_id || is(cloud.graph().as_str())
        }
        Service::Admin => {
            host == POWER_APPS
                || is(cloud.admin_audience())
                || is(cloud.admin().as_str())
                || host.contains("service.powerapps.")
        }
        Service::Dataverse => {
            let is_of_dataverse = token::Service::of(audience, None) == Some(token::Service::Dataverse);
            let is_id = is_of_dataverse && !host.contains('.');
            // A loopback environment stands for one that is not known here.
            let stands_for_any = origins.dataverse.is_loopback()
                && (is_of_dataverse || Origin::of_page(audience).is_ok_and(|origin| origin.is_loopback()));
            is_id || stands_for_any || host == self::host(origins.dataverse.as_str())
        }
    }
}

fn owner(audience: &str) -> String {
    let host = host(audience);
    if RESOURCE_MANAGER.contains(&host.as_str()) {
        return "Azure Resource Manager".to_owned();
    }
    match token::Service::of(audience, None) {
        Some(token::Service::Graph) if !host.contains("microsoft.us") && !host.contains("chinacloudapi") => {
            Service::Graph.name().to_owned()
        }
        Some(token::Service::Dataverse) if host.contains('.') => format!("the environment {host}"),
        Some(token::Service::Dataverse) => "Dataverse".to_owned(),
        _ if host == POWER_APPS || host.starts_with("service.powerapps.") => Service::Admin.name().to_owned(),
        _ => format!("`{audience}`"),
    }
}

/// The host of an audience, or the audience itself when it is an id. The API of an environment has a second name, with
/// `api` in it (<https://learn.microsoft.com/graph/deployments>).
fn host(audience: &str) -> String {
    let lower = audience.trim().to_ascii_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.ends_with(".dynamics.com") {
        without_api(host)
    } else {
        host.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::objection;
    use crate::collect::wire::call::Service;
    use crate::collect::wire::cloud::Cloud;
    use crate::collect::wire::origin::Origins;
    use crate::secret::Secret;

    fn token(claims: &serde_json::Value) -> Secret {
        let key = jsonwebtoken::EncodingKey::from_secret(b"key");
        let text = jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key).unwrap();
        Secret::new(text)
    }

    fn of(token: &Secret, service: Service, environment: &str) -> Option<String> {
        let cloud = Cloud::Public;
        let origins = Origins {
            login: cloud.login(),
            graph: cloud.graph(),
            admin: cloud.admin(),
            dataverse: environment.parse().unwrap(),
        };
        objection(token, service, cloud, &origins)
    }

    fn of_audience(audience: &str, service: Service, environment: &str) -> Option<String> {
        of(
            &token(&serde_json::json!({"aud": audience})),
            service,
            environment,
        )
    }

    const CONTOSO: &str = "https://contoso.crm4.dynamics.com";

    #[test]
    fn a_token_of_another_service_is_told_apart() {
        for (audience, service, words) in [
            (
                "https://graph.microsoft.com/",
                Service::Dataverse,
                "Microsoft Graph",
            ),
            (
                "00000003-0000-0000-c000-000000000000",
                Service::Admin,
                "Microsoft Graph",
            ),
            (
                CONTOSO,
                Service::Graph,
                "the environment contoso.crm4.dynamics.com",
            ),
            ("https://service.powerapps.com/", Service::Graph, "admin API"),
            (
                "https://fabrikam.crm4.dynamics.com/",
                Service::Dataverse,
                "fabrikam",
            ),
            (
                "https://management.azure.com",
                Service::Graph,
                "Azure Resource Manager",
            ),
            (
                "https://management.core.windows.net/",
                Service::Admin,
                "Azure Resource Manager",
            ),
            (
                "https://graph.microsoft.us",
                Service::Graph,
                "`https://graph.microsoft.us`",
            ),
            ("urn:unheard-of", Service::Dataverse, "`urn:unheard-of`"),
            (
                "14d82eec-204b-4c2f-b7e8-296a70dab67e",
                Service::Graph,
                "`14d82eec",
            ),
        ] {
            let why = of_audience(audience, service, CONTOSO).unwrap_or_default();
            assert!(why.contains(words), "{audience}: {why}");
        }
        for (audience, service) in [
            ("https://graph.microsoft.com", Service::Graph),
            ("00000003-0000-0000-c000-000000000000", Service::Graph),
            ("https://contoso.api.crm4.dynamics.com/", Service::Dataverse),
            ("https://CONTOSO.crm4.dynamics.com./", Service::Dataverse),
            ("00000007-0000-0000-c000-000000000000", Service::Dataverse),
            ("https://service.powerapps.com/", Service::Admin),
            ("475226c6-020e-4fb2-8a90-7a972cbfc1d4", Service::Admin),
        ] {
            assert_eq!(of_audience(audience, service, CONTOSO), None, "{audience}");
        }
        let loopback = "http://127.0.0.1:8080";
        assert_eq!(of_audience(CONTOSO, Service::Dataverse, loopback), None);
        assert_eq!(
            of_audience("http://localhost:8080/", Service::Dataverse, loopback),
            None
        );
        assert!(of_audience("https://graph.microsoft.com", Service::Dataverse, loopback).is_some());
    }

    #[test]
    fn a_token_at_its_end_or_with_strange_characters_is_not_sent() {
        let graph = "https://graph.microsoft.com";
        let ended = token(&serde_json::json!({"aud": graph, "exp": 1_767_607_872}));
        assert_eq!(
            of(&ended, Service::Graph, CONTOSO).as_deref(),
            Some("ended at 2026-01-05T10:11:12Z")
        );
        for text in ["", "a b", "a\nb", "ä"] {
            assert!(
                of(&Secret::new(text), Service::Graph, CONTOSO).is_some(),
                "{text}"
            );
        }
        assert_eq!(of(&Secret::new("opaque"), Service::Graph, CONTOSO), None);
    }
}
