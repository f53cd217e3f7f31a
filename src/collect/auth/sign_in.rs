//! Sign-in to every service that a run reads, by the way that the user chose.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::access::{Access, access_of};
use super::admin_consent::admin_consent;
use super::assertion::client_assertion;
use super::purpose::Purpose;
use super::token_check::objection;
use super::token_client::{self, Grant, SignInFailure, request_patiently};
use super::way::{Auth, Consent};
use super::{azure_cli, browser, device_code};
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
use crate::collect::wire::http::Http;
use crate::secret::Secret;

/// Microsoft's public client for Graph: Graph Command Line Tools. It has no permission of its own: what it may read is what
/// somebody consented to in the tenant.
const GRAPH_CLIENT: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
/// Azure PowerShell: gets tokens for the environment and for the Power Platform admin API without any consent in the tenant.
/// Microsoft's quick start for the Web API signs in with it.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/quick-start-ps>.
const POWERSHELL_CLIENT: &str = "1950a258-227b-4e31-a9cf-717495945fc2";
/// Microsoft's public client for Dataverse samples: the probe's, because it signs in as a program of the customer would.
pub(crate) const DATAVERSE_CLIENT: &str = "51f81489-12ee-4a9e-aaae-a2591f45987d";

/// Everything that sign-in needs.
pub(crate) struct SignIn<'a> {
    pub(crate) http: &'a Arc<Http>,
    pub(crate) auth: &'a Auth,
    pub(crate) cloud: Cloud,
    pub(crate) tenant: &'a str,
    pub(crate) client_id: Option<&'a str>,
    /// Which permissions of Graph a person is asked for.
    pub(crate) consent: Consent,
    /// The permissions of Graph that this run's requests need.
    pub(crate) permissions: &'a [&'static str],
    /// Whether this run needs anything of Graph.
    pub(crate) needs_graph: bool,
}

const SERVICES: [Service; 3] = [Service::Graph, Service::Dataverse, Service::Admin];

impl SignIn<'_> {
    /// Signs in to every service.
    pub(crate) async fn run(&self) -> BTreeMap<Service, Access> {
        match self.auth {
            Auth::AccessToken(tokens) => tokens.access(self.cloud, &self.http.origins),
            Auth::ClientSecret(_) | Auth::ClientCertificate(_) => self.checked(self.as_application().await),
            Auth::AzureCli => self.checked(self.by_azure_cli().await),
            Auth::DeviceCode | Auth::Browser => self.checked(self.as_person().await),
        }
    }

    /// What was granted, without tokens that are not what was asked for.
    fn checked(&self, access: BTreeMap<Service, Access>) -> BTreeMap<Service, Access> {
        let origins = &self.http.origins;
        let check = |(service, access)| match access {
            Access::Granted(token) => match objection(&token, service, self.cloud, origins) {
                Some(why) => {
                    let name = service.name();
                    let text = format!("the token that was given for {name} {why}, so it was not sent");
                    (service, Access::Refused(SignInFailure::local(text)))
                }
                None => (service, Access::Granted(token)),
            },
            other => (service, other),
        };
        access.into_iter().map(check).collect()
    }

    /// The audience of a token, whatever host is asked in its place.
    fn audience(&self, service: Service) -> String {
        match service {
            Service::Graph | Service::Login => self.cloud.graph().to_string(),
            Service::Dataverse => self.http.origins.dataverse.to_string(),
            Service::Admin => self.cloud.admin_audience().to_owned(),
        }
    }

    fn scope(&self, service: Service, is_person: bool) -> String {
        let permission = match service {
            // Microsoft's own client has what it may have, and no permission can be named for it.
            Service::Dataverse if is_person && self.client_id.is_some() => "user_impersonation",
            _ => ".default",
        };
        format!("{}/{permission}", self.audience(service))
    }

    /// Graph's scopes by name, when a person is to be asked for them.
    fn named_scopes(&self) -> Option<String> {
        let is_asked =
            self.client_id.is_none() && self.consent == Consent::Ask && !self.permissions.is_empty();
        let audience = self.audience(Service::Graph);
        let scopes = self
            .permissions
            .iter()
            .map(|permission| format!("{audience}/{permission}"));
        is_asked.then(|| scopes.collect::<Vec<_>>().join(" "))
    }

    async fn as_application(&self) -> BTreeMap<Service, Access> {
        let mut tasks = tokio::task::JoinSet::new();
        let mut access = BTreeMap::new();
        for service in SERVICES {
            let grant = match self.application_grant(&self.scope(service, false)) {
                Ok(grant) => grant,
                Err(failure) => {
                    access.insert(service, Access::Refused(failure));
                    continue;
                }
            };
            let (http, tenant) = (Arc::clone(self.http), self.tenant.to_owned());
            tasks.spawn(async move {
                (
                    service,
                    access_of(request_patiently(&http, &tenant, &grant, service).await),
                )
            });
        }
        while let Some(outcome) = tasks.join_next().await {
            access.extend(outcome);
        }
        access
    }

    fn application_grant(&self, scope: &str) -> Result<Grant, SignInFailure> {
        let client = self.client_id.unwrap_or_default();
        let mut grant = Grant::new("client_credentials", client).with("scope", scope);
        match self.auth {
            Auth::ClientSecret(secret) => grant = grant.with_secret("client_secret", secret.clone()),
            Auth::ClientCertificate(pem) => {
                let assertion = client_assertion(pem, &self.http.origins.login, self.tenant, client)
                    .map_err(SignInFailure::local)?;
                grant = grant
                    .with(
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    )
                    .with_secret("client_assertion", assertion);
            }
            _ => {}
        }
        Ok(grant)
    }

    /// One sign-in serves all services when the customer's own application is named. Microsoft's public clients need two:
    /// one for Graph, one for the environment and the admin API together.
    async fn as_person(&self) -> BTreeMap<Service, Access> {
        let Some(client) = self.client_id else {
            let mut access = self.by_powershell_client().await;
            let graph = if self.needs_graph {
                access_of(self.graph_person(None).await)
            } else {
                Access::Missing("nothing that was selected needs it".to_owned())
            };
            access.insert(Service::Graph, graph);
            return access;
        };
        let first = match self.person(client, Service::Graph, None).await {
            Ok(first) => first,
            Err(failure) => {
                return SERVICES
                    .into_iter()
                    .map(|service| (service, Access::Refused(failure.clone())))
                    .collect();
            }
        };
        let mut access = BTreeMap::new();
        let refresh = first.refresh_token;
        access.insert(Service::Graph, Access::Granted(first.access_token));
        for service in [Service::Dataverse, Service::Admin] {
            let Some(refresh) = &refresh else {
                let why = "the sign-in gave no refresh token, so one sign-in cannot serve this service too";
                access.insert(service, Access::Missing(why.to_owned()));
                continue;
            };
            let mut outcome = self.hop(client, service, refresh, None).await;
            // A policy may demand more for this service than for the first; the person is asked once, and not again.
            let wants_person = outcome.as_ref().err().and_then(SignInFailure::wants_person);
            if let Some(claims) = wants_person {
                self.http.observer.note(&format!(
                    "{} demands more than the first sign-in brought; sign in once more",
                    service.name()
                ));
                outcome = self.person(client, service, claims.as_deref()).await;
            }
            access.insert(service, access_of(outcome));
        }
        access
    }

    /// The environment and the admin API by one sign-in.
    async fn by_powershell_client(&self) -> BTreeMap<Service, Access> {
        let first = self.person(POWERSHELL_CLIENT, Service::Dataverse, None).await;
        let refresh = first
            .as_ref()
            .ok()
            .and_then(|granted| granted.refresh_token.clone());
        let admin = match refresh {
            Some(refresh) => access_of(self.hop(POWERSHELL_CLIENT, Service::Admin, &refresh, None).await),
            None => Access::Missing(
                "the sign-in for the environment serves it too, and gave nothing to redeem".to_owned(),
            ),
        };
        BTreeMap::from([(Service::Dataverse, access_of(first)), (Service::Admin, admin)])
    }

    /// The person's sign-in for Graph. Where consent is refused in a browser, one more step takes what was consented before.
    async fn graph_person(&self, claims: Option<&str>) -> Result<token_client::Granted, SignInFailure> {
        if self.named_scopes().is_some() {
            let link = admin_consent(self.cloud, self.tenant, GRAPH_CLIENT, self.permissions);
            self.http.observer.note(&format!(
                "if the page says \"Need admin approval\": an administrator consents once at {link} ; without that, --consent granted reads the environment, the admin API, and of Graph what was consented before"
            ));
        }
        let outcome = self.person(GRAPH_CLIENT, Service::Graph, claims).await;
        let lacks_consent = outcome.as_ref().is_err_and(SignInFailure::lacks_consent);
        if !lacks_consent || self.named_scopes().is_none() || !matches!(self.auth, Auth::Browser) {
            return outcome;
        }
        self.http.observer.note(
            "an administrator has not consented to these permissions; signing in once more with what was consented before, as --consent granted does",
        );
        let without = SignIn {
            consent: Consent::Granted,
            ..*self
        };
        without.person(GRAPH_CLIENT, Service::Graph, claims).await
    }

    /// Another service's token for the same sign-in.
    async fn hop(
        &self,
        client: &str,
        service: Service,
        refresh: &Secret,
        claims: Option<&str>,
    ) -> Result<token_client::Granted, SignInFailure> {
        let grant = Grant::new("refresh_token", client)
            .with("scope", &format!("{} offline_access", self.scope(service, true)))
            .with_secret("refresh_token", refresh.clone())
            .with_claims(claims);
        request_patiently(self.http, self.tenant, &grant, service).await
    }

    /// One more sign-in by the person, for services that refused their tokens and named the claims that they want
    /// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>). With the customer's own application it serves all of them.
    pub(crate) async fn again(&self, demands: &BTreeMap<Service, String>) -> BTreeMap<Service, Access> {
        let mut access = BTreeMap::new();
        let mut refresh: BTreeMap<&str, Secret> = BTreeMap::new();
        for (service, claims) in demands {
            let client = match (self.client_id, service) {
                (Some(client), _) => client,
                (None, Service::Graph) => GRAPH_CLIENT,
                (None, _) => POWERSHELL_CLIENT,
            };
            let outcome = match refresh.get(client) {
                Some(refresh) => self.hop(client, *service, refresh, Some(claims)).await,
                None => self.person(client, *service, Some(claims)).await,
            };
            if let Ok(granted) = &outcome
                && let Some(token) = &granted.refresh_token
            {
                refresh.insert(client, token.clone());
            }
            access.insert(*service, access_of(outcome));
        }
        access
    }

    async fn person(
        &self,
        client: &str,
        service: Service,
        claims: Option<&str>,
    ) -> Result<token_client::Granted, SignInFailure> {
        let named = self.named_scopes().filter(|_| service == Service::Graph);
        let scope = named.unwrap_or_else(|| self.scope(service, true));
        let scope = format!("{scope} offline_access openid profile");
        let purpose = match claims {
            Some(_) => Purpose::once_more(service),
            None => Purpose::of(service, self.client_id.is_some(), self.needs_graph),
        };
        match self.auth {
            Auth::Browser => browser::sign_in(self.http, self.tenant, client, &scope, claims, purpose).await,
            _ => device_code::sign_in(self.http, self.tenant, client, &scope, claims, purpose).await,
        }
    }

    async fn by_azure_cli(&self) -> BTreeMap<Service, Access> {
        let mut access = BTreeMap::new();
        for service in SERVICES {
            let outcome = azure_cli::token(&self.audience(service), self.tenant, service).await;
            let outcome = match outcome {
                Ok(token) => Access::Granted(token),
                Err(failure) => Access::Refused(failure),
            };
            access.insert(service, outcome);
        }
        access
    }
}
