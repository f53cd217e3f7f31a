//! What a run can say before its first request: where it goes, by which way, and what it will not be able to read.

use super::Observer;
use super::auth::Auth;
use super::call::Service;
use super::session::Order;
use crate::snapshot::SECTIONS;

/// Says it.
pub(super) fn announce(observer: &dyn Observer, order: &Order, tenant: Option<&str>) {
    let tenant = tenant.unwrap_or("not known yet");
    observer.note(&format!(
        "environment {}, cloud {}, tenant {tenant}",
        order.origins.dataverse, order.cloud
    ));
    let goes_out = [Service::Login, Service::Graph, Service::Dataverse, Service::Admin]
        .into_iter()
        .any(|service| !order.origins.of(service).is_plain());
    if goes_out && let Some(proxy) = &order.proxy {
        observer.note(&format!("requests go through the proxy {proxy}"));
    }
    for (service, why) in unread(&order.auth, order.client_id.is_some()) {
        observer.note(&format!(
            "{} will not be asked ({why}): {} stay open",
            service.name(),
            sections_of(service)
        ));
    }
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
    use super::unread;
    use crate::collect::auth::{Auth, GivenTokens};
    use crate::collect::call::Service;
    use crate::secret::Secret;

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
