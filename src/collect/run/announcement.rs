//! What a run can say before its first request: where it goes, by which way, and what it will not be able to read.

use std::collections::BTreeMap;

use crate::collect::auth::{Auth, Consent};
use crate::collect::order::Order;
use crate::collect::requests::permissions::is_readable;
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
use crate::collect::wire::observer::Observer;
use crate::snapshot::SECTIONS;

/// Says it.
pub(crate) fn announce(observer: &dyn Observer, order: &Order, known: Option<&str>, permissions: &[&str]) {
    let tenant = known.unwrap_or("not known yet");
    observer.note(&format!(
        "environment {}, cloud {}, tenant {tenant}",
        order.origins.dataverse, order.cloud
    ));
    if order.cloud != Cloud::Public {
        let [entra, microsoft_365, power_platform] = order.cloud.portals();
        observer.note(&format!(
            "the admin centers of this cloud: Entra {entra}, Microsoft 365 {microsoft_365}, Power Platform {power_platform}"
        ));
    }
    let goes_out = [Service::Login, Service::Graph, Service::Dataverse, Service::Admin]
        .into_iter()
        .any(|service| !order.origins.of(service).is_plain());
    if goes_out && let Some(way) = &order.way {
        observer.note(way);
    }
    for (service, why) in unread(&order.auth) {
        observer.note(&format!(
            "{} will not be asked ({why}): {} stay open",
            service.name(),
            sections_of(service)
        ));
    }
    if let Some(hurdle) = hurdle(&order.auth) {
        observer.note(hurdle);
    }
    announce_permissions(observer, order, permissions);
}

/// What may stand in the way of a way to sign in, said before a code is shown: whoever may not use one should not wait for
/// the refusal.
fn hurdle(auth: &Auth) -> Option<&'static str> {
    matches!(auth, Auth::DeviceCode).then_some(DEVICE_CODE)
}

const DEVICE_CODE: &str = "a policy of the tenant may refuse sign-ins by device code (AADSTS530036, 530033; Microsoft has made such a policy in many tenants): then sign in with --auth browser";

/// The permissions that the sign-in will ask for, and the way out for a person who may not grant them.
fn announce_permissions(observer: &dyn Observer, order: &Order, permissions: &[&str]) {
    if !order.auth.is_person() || order.client_id.is_some() {
        if matches!(order.auth, Auth::AzureCli) {
            for (permission, sections) in missing(&AZURE_CLI_PERMISSIONS) {
                observer.note(&format!(
                    "the Azure CLI's token for Microsoft Graph lacks {permission}, whatever role the person has: {} stay open",
                    sections.join(", ")
                ));
            }
        }
        return;
    }
    observer.note(
        "no --client-id: signing in with Microsoft's public clients, once for the environment and the Power Platform admin API, once for Graph (with an application of your own, --client-id, one sign-in does)",
    );
    if order.consent == Consent::Granted {
        observer.note("Graph: --consent granted takes the permissions that somebody consented to before, and asks for none");
        return;
    }
    observer.note(&format!("Graph: the sign-in asks for {}", permissions.join(", ")));
}

/// The permissions that the Azure CLI's tokens for Graph carry, whoever signs in; `Directory.AccessAsUser.All` reads the
/// directory as the person may.
const AZURE_CLI_PERMISSIONS: [&str; 5] = [
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "User.Read.All",
    "LicenseAssignment.Read.All",
];

/// The sections that these permissions do not read, by the least permission that would.
fn missing(held: &[&str]) -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut missing: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for section in SECTIONS
        .iter()
        .filter(|section| section.name.starts_with("graph."))
    {
        if let Some(permission) = section.permission.filter(|_| !is_readable(section, held)) {
            missing.entry(permission).or_default().push(section.name);
        }
    }
    missing
}

/// The services that this way to sign in cannot reach, and why.
fn unread(auth: &Auth) -> Vec<(Service, String)> {
    match auth {
        Auth::AccessToken(tokens) => tokens
            .all()
            .into_iter()
            .filter(|(_, token, _)| token.is_none())
            .map(|(service, _, variable)| (service, format!("no token in {variable}")))
            .collect(),
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
    use super::{AZURE_CLI_PERMISSIONS, hurdle, missing, unread};
    use crate::collect::auth::{Auth, GivenTokens};
    use crate::collect::wire::call::Service;
    use crate::secret::Secret;

    #[test]
    fn what_a_way_to_sign_in_cannot_reach_is_known_beforehand() {
        let services =
            |auth: &Auth| -> Vec<Service> { unread(auth).into_iter().map(|(service, _)| service).collect() };
        assert_eq!(services(&Auth::DeviceCode), []);
        let tokens = GivenTokens {
            graph: Some(Secret::new("x")),
            ..GivenTokens::default()
        };
        assert_eq!(
            services(&Auth::AccessToken(tokens)),
            [Service::Dataverse, Service::Admin]
        );
    }

    #[test]
    fn a_policy_against_device_codes_is_named_with_the_way_out_and_only_there() {
        assert!(
            hurdle(&Auth::DeviceCode)
                .is_some_and(|says| says.contains("530036") && says.contains("--auth browser"))
        );
        assert_eq!(hurdle(&Auth::Browser), None);
        assert_eq!(hurdle(&Auth::AzureCli), None);
    }

    #[test]
    fn the_azure_cli_reads_no_policy_method_or_risk() {
        let missing = missing(&AZURE_CLI_PERMISSIONS);
        for permission in [
            "Policy.Read.All",
            "UserAuthenticationMethod.Read.All",
            "IdentityRiskyUser.Read.All",
        ] {
            assert!(missing.contains_key(permission), "{permission}");
        }
        for permission in [
            "User.Read.All",
            "Directory.Read.All",
            "AuditLog.Read.All",
            "Application.Read.All",
        ] {
            assert!(!missing.contains_key(permission), "{permission}");
        }
    }
}
