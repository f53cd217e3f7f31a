//! Sign-in: one token for each service, by the way that the user chose.
//!
//! The token client is ours: status and body of a refused sign-in are evidence (`DESIGN.md` section 5).

mod assertion;
mod azure_cli;
mod browser;
mod device_code;
mod given;
mod random;
mod token_client;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Cloud;
use super::call::Service;
use super::http::Http;
use crate::secret::Secret;

pub(super) use assertion::client_assertion;
pub use device_code::DeviceCode;
pub use given::GivenTokens;
pub use token_client::SignInFailure;
pub(super) use token_client::{Grant, request};

/// Microsoft's public client for Graph: Graph Command Line Tools (`CONTRACT.md` section 8).
const GRAPH_CLIENT: &str = "14d82eec-204b-4c2f-b7e8-296a70dab67e";
/// Microsoft's public client for Dataverse samples, also used by the probe (api-facts 3.4).
pub(super) const DATAVERSE_CLIENT: &str = "51f81489-12ee-4a9e-aaae-a2591f45987d";

/// How to sign in.
#[derive(Debug)]
pub enum Auth {
    /// Tokens that the user already has.
    AccessToken(GivenTokens),
    /// An application with a secret.
    ClientSecret(Secret),
    /// An application with a certificate: PEM text with certificate and unencrypted private key.
    ClientCertificate(Secret),
    /// A person enters a code in a browser anywhere.
    DeviceCode,
    /// A person signs in with the browser of this machine.
    Browser,
    /// The account that the Azure CLI is signed in with.
    AzureCli,
}

impl Auth {
    /// Whether a person signs in, who can be asked once more.
    pub(super) fn is_person(&self) -> bool {
        matches!(self, Auth::DeviceCode | Auth::Browser)
    }
}

/// What came of signing in to one service.
#[derive(Debug)]
pub(super) enum Access {
    Granted(Secret),
    /// Not tried, and why.
    Missing(String),
    Refused(SignInFailure),
}

/// Everything that sign-in needs.
pub(super) struct SignIn<'a> {
    pub(super) http: &'a Arc<Http>,
    pub(super) auth: &'a Auth,
    pub(super) cloud: Cloud,
    pub(super) tenant: &'a str,
    pub(super) client_id: Option<&'a str>,
}

const SERVICES: [Service; 3] = [Service::Graph, Service::Dataverse, Service::Admin];

impl SignIn<'_> {
    /// Signs in to every service.
    pub(super) async fn run(&self) -> BTreeMap<Service, Access> {
        match self.auth {
            Auth::AccessToken(tokens) => tokens.access(self.cloud, &self.http.origins),
            Auth::ClientSecret(_) | Auth::ClientCertificate(_) => self.as_application().await,
            Auth::AzureCli => self.by_azure_cli().await,
            Auth::DeviceCode | Auth::Browser => self.as_person().await,
        }
    }

    /// The audience of a token, whatever host is asked in its place (`CONTRACT.md` section 8).
    fn audience(&self, service: Service) -> String {
        match service {
            Service::Graph | Service::Login => self.cloud.graph().to_string(),
            Service::Dataverse => self.http.origins.dataverse.to_string(),
            Service::Admin => self.cloud.admin_audience().to_owned(),
        }
    }

    fn scope(&self, service: Service, is_person: bool) -> String {
        let permission = match service {
            Service::Dataverse if is_person => "user_impersonation",
            _ => ".default",
        };
        format!("{}/{permission}", self.audience(service))
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
            tasks.spawn(async move { (service, access_of(request(&http, &tenant, &grant, service).await)) });
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

    /// One sign-in serves all services when the customer's own application is named; Microsoft's public clients serve
    /// one service each.
    async fn as_person(&self) -> BTreeMap<Service, Access> {
        let Some(client) = self.client_id else {
            self.http.observer.note(
                "no --client-id: signing in with Microsoft's public clients, once for Graph and once for the environment",
            );
            let mut access = BTreeMap::new();
            for (service, client) in [
                (Service::Graph, GRAPH_CLIENT),
                (Service::Dataverse, DATAVERSE_CLIENT),
            ] {
                let outcome = self.person(client, service, None).await;
                access.insert(service, access_of(outcome));
            }
            access.insert(Service::Admin, Access::Missing("needs --client-id".to_owned()));
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
        request(self.http, self.tenant, &grant, service).await
    }

    /// One more sign-in by the person, for services that refused their tokens and named the claims that they want
    /// (api-facts 3.6). With the customer's own application it serves all of them.
    pub(super) async fn again(&self, demands: &BTreeMap<Service, String>) -> BTreeMap<Service, Access> {
        let mut access = BTreeMap::new();
        let mut refresh = None;
        for (service, claims) in demands {
            let client = match (self.client_id, service) {
                (Some(client), _) => client,
                (None, Service::Graph) => GRAPH_CLIENT,
                (None, _) => DATAVERSE_CLIENT,
            };
            let outcome = match &refresh {
                Some(refresh) if self.client_id.is_some() => {
                    self.hop(client, *service, refresh, Some(claims)).await
                }
                _ => self.person(client, *service, Some(claims)).await,
            };
            if let Ok(granted) = &outcome {
                refresh = granted.refresh_token.clone();
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
        let scope = format!("{} offline_access openid profile", self.scope(service, true));
        match self.auth {
            Auth::Browser => browser::sign_in(self.http, self.tenant, client, &scope, claims, service).await,
            _ => device_code::sign_in(self.http, self.tenant, client, &scope, claims, service).await,
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

fn access_of(outcome: Result<token_client::Granted, SignInFailure>) -> Access {
    match outcome {
        Ok(granted) => Access::Granted(granted.access_token),
        Err(failure) => Access::Refused(failure),
    }
}
