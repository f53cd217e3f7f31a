//! The arguments of a live run, shared by `check`, `capture` and `plan`: whom to look at, and how to sign in.
//!
//! The order is the flag, the variable, the file's `[live]`, the default. Secrets come from variables, a prompt or
//! stdin, never from arguments.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::account::account;
use crate::cli::failure::Failure;
use crate::cli::settings::config::Config;
use crate::cli::settings::duration::duration;
use crate::cli::settings::env::{certificate, is_set, limit, overridden, secret, setting, token};
use crate::cli::settings::proxy::{named_certificates, way};
use crate::collect::{Auth, Cloud, Consent, GivenTokens, Limits, Order, Origin, Origins};

/// `--auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuthChoice {
    /// The browser of this machine
    Browser,
    /// A code to enter in a browser anywhere
    DeviceCode,
    /// The account that the Azure CLI is signed in with
    AzureCli,
    /// An application with WORK365_DOCTOR_CLIENT_SECRET
    ClientSecret,
    /// An application with WORK365_DOCTOR_CLIENT_CERTIFICATE, the path of a PEM file
    ClientCertificate,
    /// WORK365_DOCTOR_GRAPH_TOKEN, _DATAVERSE_TOKEN and _ADMIN_TOKEN
    AccessToken,
}

/// `--consent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConsentChoice {
    /// Ask for the permissions by name: an administrator consents, anybody else is told who can
    Ask,
    /// Take what somebody consented to before
    Granted,
}

/// Arguments of a live run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Live")]
pub(crate) struct LiveArgs {
    /// The service account: UPN, or the application id of an application user [env: WORK365_DOCTOR_ACCOUNT]
    #[arg(long, value_name = "UPN|APPID")]
    account: Option<String>,
    /// Address of the environment, as https://contoso.crm4.dynamics.com [env: WORK365_DOCTOR_ENVIRONMENT]
    #[arg(long, value_name = "URL")]
    environment: Option<String>,
    /// Power Platform environment id, if it cannot be found by the address [env: WORK365_DOCTOR_ENVIRONMENT_ID]
    #[arg(long, value_name = "ID")]
    environment_id: Option<String>,
    /// How to sign in; on a terminal the default is device-code [env: WORK365_DOCTOR_AUTH]
    #[arg(long, value_enum, value_name = "HOW")]
    auth: Option<AuthChoice>,
    /// Tenant id or domain; default: the environment's tenant [env: WORK365_DOCTOR_TENANT]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// Your own app registration to sign in with [env: WORK365_DOCTOR_CLIENT_ID]
    #[arg(long, value_name = "APPID")]
    client_id: Option<String>,
    /// ask: the sign-in names the Graph permissions that this run needs; granted: it takes those that were consented before [env: WORK365_DOCTOR_CONSENT]
    #[arg(long, value_enum, value_name = "HOW")]
    consent: Option<ConsentChoice>,
    /// public, gcc, gcc-high, dod, china; default: what the environment's host name tells [env: WORK365_DOCTOR_CLOUD]
    #[arg(long, value_name = "CLOUD")]
    cloud: Option<Cloud>,
    /// Sign in once as the account with its password (WORK365_DOCTOR_PASSWORD, prompt or stdin), after everything is read [env: WORK365_DOCTOR_PROBE_SIGN_IN]
    #[arg(long)]
    probe_sign_in: bool,
    /// One request may take this long, as 30s [env: WORK365_DOCTOR_TIMEOUT]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Reading everything may take this long, as 5m [env: WORK365_DOCTOR_DEADLINE]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    deadline: Option<Duration>,
}

impl LiveArgs {
    /// The first flag of a live run that was given, for a complaint.
    pub(crate) fn first_flag(&self) -> Option<&'static str> {
        [
            ("--account", self.account.is_some()),
            ("--environment", self.environment.is_some()),
            ("--environment-id", self.environment_id.is_some()),
            ("--auth", self.auth.is_some()),
            ("--tenant", self.tenant.is_some()),
            ("--client-id", self.client_id.is_some()),
            ("--consent", self.consent.is_some()),
            ("--cloud", self.cloud.is_some()),
            ("--probe-sign-in", self.probe_sign_in),
            ("--timeout", self.timeout.is_some()),
            ("--deadline", self.deadline.is_some()),
        ]
        .into_iter()
        .find(|(_, is_given)| *is_given)
        .map(|(name, _)| name)
    }

    /// The cloud as far as the arguments tell.
    fn cloud(&self, config: &Config, environment: Option<&Origin>) -> Result<Cloud, Failure> {
        if let Some(cloud) = self.cloud {
            return Ok(cloud);
        }
        match setting(None, "CLOUD", config.live.cloud.as_ref()) {
            Some(text) => Ok(text.parse()?),
            None => Ok(environment
                .and_then(|origin| Cloud::of_host(origin.host()))
                .unwrap_or_default()),
        }
    }

    fn named_account(&self, config: &Config) -> Option<String> {
        setting(self.account.as_ref(), "ACCOUNT", config.live.account.as_ref())
    }

    /// Whether an account is named anywhere, so that a live run was meant.
    pub(crate) fn names_an_account(&self, config: &Config) -> bool {
        self.named_account(config).is_some()
    }

    /// The account, wherever it is named.
    ///
    /// # Errors
    ///
    /// When it is neither an address nor an application id.
    pub(crate) fn account(&self, config: &Config) -> Result<Option<String>, Failure> {
        let named = self.named_account(config);
        named.map(|text| account(&text)).transpose()
    }

    /// The environment id, wherever it is named.
    pub(crate) fn environment_id(&self, config: &Config) -> Option<String> {
        setting(
            self.environment_id.as_ref(),
            "ENVIRONMENT_ID",
            config.live.environment_id.as_ref(),
        )
    }

    /// The app registration, wherever it is named.
    pub(crate) fn client_id(&self, config: &Config) -> Option<String> {
        setting(
            self.client_id.as_ref(),
            "CLIENT_ID",
            config.live.client_id.as_ref(),
        )
    }

    /// The tenant to sign in to, wherever it is named.
    ///
    /// # Errors
    ///
    /// When it is neither an id nor a domain.
    pub(crate) fn tenant(&self, config: &Config) -> Result<Option<String>, Failure> {
        let tenant = setting(self.tenant.as_ref(), "TENANT", config.live.tenant.as_ref());
        if let Some(tenant) = &tenant
            && !tenant
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        {
            return Err(Failure::Usage(format!(
                "--tenant: `{tenant}` is neither a tenant id nor a domain"
            )));
        }
        Ok(tenant)
    }

    /// Where everything is, for `plan`: services of the cloud, and the environment if it is named.
    pub(crate) fn origins(&self, config: &Config) -> Result<(Cloud, Option<Origins>), Failure> {
        let environment = setting(
            self.environment.as_ref(),
            "ENVIRONMENT",
            config.live.environment.as_ref(),
        )
        .map(|text| Origin::of_page(&text).map_err(|error| format!("--environment: {error}")))
        .transpose()?;
        let cloud = self.cloud(config, environment.as_ref())?;
        let origins = environment
            .map(|dataverse| {
                Ok::<_, Failure>(Origins {
                    login: overridden("LOGIN_URL", cloud.login())?,
                    graph: overridden("GRAPH_URL", cloud.graph())?,
                    admin: overridden("ADMIN_URL", cloud.admin())?,
                    dataverse,
                })
            })
            .transpose()?;
        Ok((cloud, origins))
    }

    /// Everything that a run needs, secrets included.
    pub(crate) fn order(
        &self,
        config: &Config,
        now: Option<Timestamp>,
        sections: Option<Vec<&'static str>>,
    ) -> Result<Order, Failure> {
        let live = &config.live;
        let account = self
            .account(config)?
            .ok_or(
                "name the account: --account svc@contoso.com; without signing in, `check` takes --snapshot or --demo, \
                 and `capture` takes --from",
            )?;
        let (cloud, origins) = self.origins(config)?;
        let origins =
            origins.ok_or("name the environment: --environment https://contoso.crm4.dynamics.com")?;
        let client_id = setting(self.client_id.as_ref(), "CLIENT_ID", live.client_id.as_ref());
        let tenant = self.tenant(config)?;
        let auth = self.auth(config, client_id.is_some())?;
        let wants_probe = self.probe_sign_in || is_set("PROBE_SIGN_IN")?;
        let probe = wants_probe
            .then(|| secret("PASSWORD", &format!("Password of {account}: ")))
            .transpose()?;
        let mut limits = Limits::default();
        limits.request = limit(self.timeout, "TIMEOUT")?.unwrap_or(limits.request);
        limits.total = limit(self.deadline, "DEADLINE")?.unwrap_or(limits.total);
        Ok(Order {
            account,
            environment_id: self.environment_id(config),
            cloud,
            origins,
            tenant,
            client_id,
            auth,
            consent: self.consent(config)?,
            sections,
            probe,
            certificates: named_certificates(),
            way: way(),
            limits,
            now,
        })
    }

    fn consent(&self, config: &Config) -> Result<Consent, Failure> {
        let named = setting(None, "CONSENT", config.live.consent.as_ref())
            .map(|text| {
                ConsentChoice::from_str(&text, false)
                    .map_err(|_| format!("--consent is ask or granted, not `{text}`"))
            })
            .transpose()?;
        Ok(match self.consent.or(named) {
            None | Some(ConsentChoice::Ask) => Consent::Ask,
            Some(ConsentChoice::Granted) => Consent::Granted,
        })
    }

    fn auth(&self, config: &Config, has_client_id: bool) -> Result<Auth, Failure> {
        let named = setting(None, "AUTH", config.live.auth.as_ref())
            .map(|text| {
                AuthChoice::from_str(&text, false).map_err(|_| format!("no sign-in is called `{text}`"))
            })
            .transpose()?;
        let is_terminal = std::io::stderr().is_terminal() && std::io::stdin().is_terminal();
        let choice = self
            .auth
            .or(named)
            .or(is_terminal.then_some(AuthChoice::DeviceCode))
            .ok_or("without a terminal the sign-in must be named: --auth client-secret, client-certificate, azure-cli, access-token, device-code or browser")?;
        let needs_client = matches!(choice, AuthChoice::ClientSecret | AuthChoice::ClientCertificate);
        if needs_client && !has_client_id {
            return Err(Failure::from("an application signs in with its id: --client-id"));
        }
        Ok(match choice {
            AuthChoice::Browser => Auth::Browser,
            AuthChoice::DeviceCode => Auth::DeviceCode,
            AuthChoice::AzureCli => Auth::AzureCli,
            AuthChoice::ClientSecret => Auth::ClientSecret(secret("CLIENT_SECRET", "Client secret: ")?),
            AuthChoice::ClientCertificate => Auth::ClientCertificate(certificate()?),
            AuthChoice::AccessToken => Auth::AccessToken(GivenTokens {
                graph: token("GRAPH_TOKEN"),
                dataverse: token("DATAVERSE_TOKEN"),
                admin: token("ADMIN_TOKEN"),
            }),
        })
    }
}
