//! What a run can say before its first request: where it goes, by which way, and what it will not be able to read.

use super::Observer;
use super::auth::Auth;
use super::call::Service;
use super::session::Order;
use crate::snapshot::SECTIONS;

/// The variables that name a proxy for https, in the order in which the HTTP client looks at them.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Says it.
pub(super) fn announce(observer: &dyn Observer, order: &Order, tenant: Option<&str>) {
    let tenant = tenant.unwrap_or("not known yet");
    observer.note(&format!(
        "environment {}, cloud {}, tenant {tenant}",
        order.origins.dataverse, order.cloud
    ));
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let goes_out = [Service::Login, Service::Graph, Service::Dataverse, Service::Admin]
        .into_iter()
        .any(|service| !order.origins.of(service).is_plain());
    if goes_out && let Some(proxy) = proxy(variable) {
        observer.note(&proxy);
    }
    for (service, why) in unread(&order.auth, order.client_id.is_some()) {
        observer.note(&format!(
            "{} will not be asked ({why}): {} stay open",
            service.name(),
            sections_of(service)
        ));
    }
}

/// The proxy in use, without the name and password that its address may hold.
fn proxy(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let (name, address) = PROXIES
        .into_iter()
        .find_map(|name| Some((name, variable(name)?)))?;
    let (scheme, rest) = address
        .trim()
        .split_once("://")
        .unwrap_or(("http", address.trim()));
    // Whatever stands before the last @ of the authority is a secret, also when it holds a slash.
    let (credentials, host) = rest
        .rsplit_once('@')
        .map_or((false, rest), |(_, host)| (true, host));
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let signs_in = if credentials {
        ", with a sign-in of its own"
    } else {
        ""
    };
    let exceptions = ["NO_PROXY", "no_proxy"]
        .into_iter()
        .any(|name| variable(name).is_some());
    let exceptions = if exceptions {
        "; NO_PROXY makes exceptions"
    } else {
        ""
    };
    Some(format!(
        "requests go through the proxy {scheme}://{host} ({name}{signs_in}){exceptions}"
    ))
}

/// The services that this way to sign in cannot reach, and why.
fn unread(auth: &Auth, has_client: bool) -> Vec<(Service, String)> {
    match auth {
        Auth::AccessToken(tokens) => tokens
            .all()
            .into_iter()
            .filter(|(_, token, _)| token.is_none())
            .map(|(service, _, variable)| (service, format!("no token in {variable}")))
            .collect(),
        Auth::DeviceCode | Auth::Browser if !has_client => {
            vec![(Service::Admin, "that needs --client-id".to_owned())]
        }
        _ => Vec::new(),
    }
}

fn sections_of(service: Service) -> String {
    let prefix = match service {
        Service::Login => "login.",
        Service::Graph => "graph.",
        Service::Dataverse => "dataverse.",
        Service::Admin => "admin.",
    };
    let names: Vec<&str> = SECTIONS
        .iter()
        .map(|section| section.name)
        .filter(|name| name.starts_with(prefix))
        .collect();
    match names.as_slice() {
        [only] => format!("what {only} would tell"),
        all => format!("all {} sections {prefix}*", all.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{proxy, unread};
    use crate::collect::auth::{Auth, GivenTokens};
    use crate::collect::call::Service;
    use crate::secret::Secret;

    fn told(variables: &[(&str, &str)]) -> Option<String> {
        proxy(|wanted| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        assert_eq!(told(&[]), None);
        for address in [
            "http://name:canary@proxy.example:8080",
            "http://name:can@ry/canary@proxy.example:8080/",
            "name:canary@proxy.example:8080",
        ] {
            let text = told(&[("HTTPS_PROXY", address), ("NO_PROXY", "localhost")]).unwrap();
            assert!(
                text.contains("http://proxy.example:8080 (HTTPS_PROXY, with a sign-in"),
                "{text}"
            );
            assert!(
                text.contains("NO_PROXY") && !text.contains("canary") && !text.contains("name"),
                "{text}"
            );
        }
        let text = told(&[("all_proxy", "socks5h://proxy.example")]).unwrap();
        assert!(text.contains("socks5h://proxy.example (all_proxy)"), "{text}");
    }

    #[test]
    fn what_a_way_to_sign_in_cannot_reach_is_known_beforehand() {
        let services = |auth: &Auth, has_client| -> Vec<Service> {
            unread(auth, has_client)
                .into_iter()
                .map(|(service, _)| service)
                .collect()
        };
        assert_eq!(services(&Auth::DeviceCode, false), [Service::Admin]);
        assert_eq!(services(&Auth::DeviceCode, true), []);
        let tokens = GivenTokens {
            graph: Some(Secret::new("x")),
            ..GivenTokens::default()
        };
        assert_eq!(
            services(&Auth::AccessToken(tokens), false),
            [Service::Dataverse, Service::Admin]
        );
    }
}
