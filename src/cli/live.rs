//! The arguments of a live run, shared by `check` and `capture`: whom to look at, and how to sign in.
//!
//! The order is the flag, the variable, the file's `[live]`, the default. Secrets come from variables, a prompt or
//! stdin, never from arguments.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::config::Config;
use super::exit::Exit;
use super::output::Console;
use super::progress::Progress;
use super::proxy::proxy;
use super::variables::{certificate, is_set, limit, overridden, secret, setting, token};
use crate::collect::{
    Auth, Cloud, CollectError, GivenTokens, LedgerEntry, Limits, Order, Origin, Origins, Session,
};
use crate::decode::decode_text;
use crate::diagnosis::report::Request;
use crate::render;
use crate::snapshot::Snapshot;

/// `--auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AuthChoice {
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

/// Arguments of a live run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Live")]
pub(super) struct LiveArgs {
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

/// A duration as `90s`, `20m` or `1h30m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| format!("`{text}` is no duration, as 90s, 20m or 1h30m"))
}

impl LiveArgs {
    /// The first flag of a live run that was given, for a complaint.
    pub(super) fn first_flag(&self) -> Option<&'static str> {
        [
            ("--account", self.account.is_some()),
            ("--environment", self.environment.is_some()),
            ("--environment-id", self.environment_id.is_some()),
            ("--auth", self.auth.is_some()),
            ("--tenant", self.tenant.is_some()),
            ("--client-id", self.client_id.is_some()),
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
    fn cloud(&self, config: &Config, environment: Option<&Origin>) -> Result<Cloud, String> {
        if let Some(cloud) = self.cloud {
            return Ok(cloud);
        }
        match setting(None, "CLOUD", config.live.cloud.as_ref()) {
            Some(text) => text.parse(),
            None => Ok(environment
                .and_then(|origin| Cloud::of_host(origin.host()))
                .unwrap_or_default()),
        }
    }

    /// The account, wherever it is named.
    pub(super) fn account(&self, config: &Config) -> Option<String> {
        setting(self.account.as_ref(), "ACCOUNT", config.live.account.as_ref())
    }

    /// The environment id, wherever it is named.
    pub(super) fn environment_id(&self, config: &Config) -> Option<String> {
        setting(
            self.environment_id.as_ref(),
            "ENVIRONMENT_ID",
            config.live.environment_id.as_ref(),
        )
    }

    /// The tenant to sign in to, wherever it is named.
    ///
    /// # Errors
    ///
    /// When it is neither an id nor a domain.
    pub(super) fn tenant(&self, config: &Config) -> Result<Option<String>, String> {
        let tenant = setting(self.tenant.as_ref(), "TENANT", config.live.tenant.as_ref());
        if let Some(tenant) = &tenant
            && !tenant
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        {
            return Err(format!(
                "--tenant: `{tenant}` is neither a tenant id nor a domain"
            ));
        }
        Ok(tenant)
    }

    /// Where everything is, for `plan`: services of the cloud, and the environment if it is named.
    pub(super) fn origins(&self, config: &Config) -> Result<(Cloud, Option<Origins>), String> {
        let environment = setting(
            self.environment.as_ref(),
            "ENVIRONMENT",
            config.live.environment.as_ref(),
        )
        .map(|text| {
            text.parse::<Origin>()
                .map_err(|error| format!("--environment: {error}"))
        })
        .transpose()?;
        let cloud = self.cloud(config, environment.as_ref())?;
        let origins = environment
            .map(|dataverse| {
                Ok::<_, String>(Origins {
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
    fn order(&self, config: &Config, now: Option<Timestamp>) -> Result<Order, String> {
        let live = &config.live;
        let account = self
            .account(config)
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
            probe,
            proxy: proxy(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty())),
            limits,
            now,
        })
    }

    fn auth(&self, config: &Config, has_client_id: bool) -> Result<Auth, String> {
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
            return Err("an application signs in with its id: --client-id".to_owned());
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

/// A run that has collected its evidence.
pub(super) struct Live {
    session: Session,
    progress: Arc<Progress>,
}

/// Signs in and reads everything.
///
/// # Errors
///
/// The exit of a run without evidence, after it was explained; or a usage error.
pub(super) fn collect(
    arguments: &LiveArgs,
    config: &Config,
    now: Option<Timestamp>,
    no_progress: bool,
    console: &Console,
) -> Result<Result<Live, Exit>, String> {
    let order = arguments.order(config, now)?;
    let progress = Arc::new(Progress::new(no_progress, console));
    let observer = Arc::clone(&progress) as Arc<dyn crate::collect::Observer>;
    let mut live = Live {
        session: Session::new(order, observer).map_err(|error| error.to_string())?,
        progress,
    };
    let outcome = live.session.collect();
    live.progress.clear();
    Ok(match outcome {
        Ok(()) => Ok(live),
        Err(error) => Err(explain(&error, console)),
    })
}

/// Says why a run has no evidence; a refused sign-in goes through the decoder for its remedy.
fn explain(error: &CollectError, console: &Console) -> Exit {
    match error {
        CollectError::Interrupted => return Exit::Interrupted,
        CollectError::SignIn(failure) => {
            console.complain(&error.to_string());
            let text = if failure.body.is_null() {
                failure.text.clone()
            } else {
                failure.body.to_string()
            };
            let decoded = decode_text(text.as_bytes());
            if decoded.recognised {
                console.aside(&render::decoded(&decoded, console.style(None)));
            }
        }
        CollectError::Machine(_) => console.complain(&error.to_string()),
    }
    Exit::NoVerdict
}

impl Live {
    /// The evidence as it will be judged, and as it would be written.
    pub(super) fn evidence(&self) -> Result<(Snapshot, serde_json::Value), String> {
        let document = self.session.snapshot();
        let snapshot = Snapshot::from_bytes(document.to_string().as_bytes())
            .map_err(|error| format!("the evidence is no snapshot at {}: {error}", error.path()))?;
        Ok((snapshot, document))
    }

    /// The ledger, for the report.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.session.requests().into_iter().map(request).collect()
    }

    /// Waits, then reads these sections once more.
    ///
    /// # Errors
    ///
    /// The exit of an interrupted run.
    pub(super) fn read_again(&mut self, pause: Duration, sections: &[&str]) -> Result<(), Exit> {
        self.session
            .pause(pause)
            .and_then(|()| self.session.read_again(sections))
            .map_err(|_| Exit::Interrupted)
    }
}

fn request(entry: LedgerEntry) -> Request {
    Request {
        method: entry.method.to_owned(),
        url: entry.url,
        status: entry.status,
        milliseconds: entry.milliseconds,
        attempts: entry.attempts,
        client_request_id: entry.client_request_id,
    }
}
