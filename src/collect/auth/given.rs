//! Tokens that the user brings: each goes to the service that it was issued for, and to no other.

use std::collections::BTreeMap;

use super::Access;
use crate::collect::call::Service;
use crate::collect::cloud::Cloud;
use crate::collect::http::Origins;
use crate::collect::probe::claims;
use crate::secret::Secret;
use crate::token;

/// Access tokens by service.
#[derive(Debug, Default)]
pub struct GivenTokens {
    /// For Microsoft Graph.
    pub graph: Option<Secret>,
    /// For the environment.
    pub dataverse: Option<Secret>,
    /// For the Power Platform admin API.
    pub admin: Option<Secret>,
}

impl GivenTokens {
    /// Each service, its token, and the variable that holds it.
    pub(in crate::collect) fn all(&self) -> [(Service, Option<&Secret>, &'static str); 3] {
        [
            (Service::Graph, self.graph.as_ref(), "WORK365_DOCTOR_GRAPH_TOKEN"),
            (
                Service::Dataverse,
                self.dataverse.as_ref(),
                "WORK365_DOCTOR_DATAVERSE_TOKEN",
            ),
            (Service::Admin, self.admin.as_ref(), "WORK365_DOCTOR_ADMIN_TOKEN"),
        ]
    }

    /// What came of them: a token whose audience is known to be another service is not sent.
    pub(super) fn access(&self, cloud: Cloud, origins: &Origins) -> BTreeMap<Service, Access> {
        self.all()
            .into_iter()
            .map(|(service, token, variable)| {
                let access = match token {
                    None => Access::Missing(format!("no token was given ({variable})")),
                    Some(token) => match stranger(token, service, cloud, origins) {
                        Some(owner) => Access::Missing(format!(
                            "the token in {variable} was issued for {owner}, so it was not sent to {}",
                            service.name()
                        )),
                        None => Access::Granted(token.clone()),
                    },
                };
                (service, access)
            })
            .collect()
    }
}

/// The other service that a token was issued for; nothing when it fits, or when its audience says nothing that is known.
fn stranger(token: &Secret, service: Service, cloud: Cloud, origins: &Origins) -> Option<String> {
    let claims = claims(token)?;
    let audience = claims.get("aud")?.as_str()?;
    let owner = owner(audience, cloud)?;
    if owner != service {
        return Some(owner.name().to_owned());
    }
    // Another environment's token. A loopback environment stands for one that is not known here.
    let environment = &origins.dataverse;
    let is_named = audience.to_ascii_lowercase().starts_with("https://");
    let is_other = owner == Service::Dataverse
        && is_named
        && !environment.is_loopback()
        && plain_host(audience) != plain_host(environment.as_str());
    is_other.then(|| format!("the environment {}", plain_host(audience)))
}

fn owner(audience: &str, cloud: Cloud) -> Option<Service> {
    let is = |origin: &str| audience.trim_end_matches('/').eq_ignore_ascii_case(origin);
    if is(cloud.graph().as_str()) {
        return Some(Service::Graph);
    }
    if is(cloud.admin_audience()) {
        return Some(Service::Admin);
    }
    match token::Service::of(audience, None)? {
        token::Service::Graph => Some(Service::Graph),
        token::Service::Dataverse => Some(Service::Dataverse),
        token::Service::Work365 => None,
    }
}

/// The host of an environment; its API has a second name, with `api` in it (api-facts 2).
fn plain_host(address: &str) -> String {
    let address = address.to_ascii_lowercase();
    let rest = address
        .split_once("://")
        .map_or(address.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    host.replacen(".api.", ".", 1)
}

#[cfg(test)]
mod tests {
    use super::stranger;
    use crate::collect::call::Service;
    use crate::collect::cloud::Cloud;
    use crate::collect::http::Origins;
    use crate::secret::Secret;

    fn token(audience: &str) -> Secret {
        let claims = serde_json::json!({"aud": audience});
        let key = jsonwebtoken::EncodingKey::from_secret(b"key");
        let text = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
        Secret::new(text)
    }

    fn owner(audience: &str, service: Service, environment: &str) -> Option<String> {
        let cloud = Cloud::Public;
        let origins = Origins {
            login: cloud.login(),
            graph: cloud.graph(),
            admin: cloud.admin(),
            dataverse: environment.parse().unwrap(),
        };
        stranger(&token(audience), service, cloud, &origins)
    }

    #[test]
    fn a_token_that_was_issued_for_another_service_is_told_apart() {
        let contoso = "https://contoso.crm4.dynamics.com";
        for (audience, service) in [
            ("https://graph.microsoft.com/", Service::Dataverse),
            ("00000003-0000-0000-c000-000000000000", Service::Admin),
            ("https://contoso.crm4.dynamics.com", Service::Graph),
            ("https://service.powerapps.com/", Service::Graph),
            ("https://fabrikam.crm4.dynamics.com/", Service::Dataverse),
        ] {
            assert!(owner(audience, service, contoso).is_some(), "{audience}");
        }
        for (audience, service) in [
            ("https://graph.microsoft.com", Service::Graph),
            ("https://contoso.api.crm4.dynamics.com/", Service::Dataverse),
            ("https://CONTOSO.crm4.dynamics.com/", Service::Dataverse),
            ("00000007-0000-0000-c000-000000000000", Service::Dataverse),
            ("https://service.powerapps.com/", Service::Admin),
            ("urn:unheard-of", Service::Dataverse),
        ] {
            assert_eq!(owner(audience, service, contoso), None, "{audience}");
        }
        assert_eq!(owner(contoso, Service::Dataverse, "http://127.0.0.1:8080"), None);
        let opaque = Secret::new("opaque");
        assert!(super::claims(&opaque).is_none());
    }
}
