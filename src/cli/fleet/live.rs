//! A row that is read from its tenant: how it signs in, and what came of it. Nobody is asked for a secret here: it comes
//! from a variable.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum as _;
use jiff::Timestamp;

use crate::cli::args::account::account;
use crate::cli::args::live::{AuthChoice, ConsentChoice};
use crate::cli::failure::Failure;
use crate::cli::io::progress::Progress;
use crate::cli::live_run::request;
use crate::cli::settings::config::Config;
use crate::cli::settings::env::{limit, overridden, setting, token};
use crate::cli::settings::proxy::{named_certificates, way};
use crate::collect::{
    Auth, Cloud, CollectError, Consent, DeviceCode, GivenTokens, LedgerEntry, Limits, Observer, Order,
    Origin, Origins, Paces, Session,
};
use crate::diagnosis::report::Request;
use crate::fleet::account::NoReport;
use crate::fleet::list::LiveRow;
use crate::secret::Secret;
use crate::snapshot::Snapshot;

/// Variable of the secret of a row that names none.
const SECRET: &str = "WORK365_DOCTOR_CLIENT_SECRET";

/// Variable of the certificate of a row that names none.
const CERTIFICATE: &str = "WORK365_DOCTOR_CLIENT_CERTIFICATE";

/// What was read.
pub(super) struct Collected {
    pub(super) snapshot: Snapshot,
    /// The same, as it was written.
    pub(super) bytes: Vec<u8>,
    pub(super) requests: Vec<Request>,
}

/// Who watches the reading of all accounts.
#[derive(Clone)]
pub(super) struct Reading(Arc<Progress>);

impl Reading {
    /// Shown where a single run would be.
    pub(super) fn new(progress: Arc<Progress>) -> Self {
        Self(progress)
    }

    /// Says something of one account that nobody may miss.
    pub(super) fn tell(&self, text: &str) {
        self.0.tell(text);
    }
}

/// Everything that a run needs: of the row, else of the variables, else of the file.
pub(super) fn order(
    row: &LiveRow,
    config: &Config,
    now: Option<Timestamp>,
    sections: Option<Vec<&'static str>>,
) -> Result<Order, Failure> {
    let live = &config.live;
    let dataverse: Origin = row
        .environment
        .parse()
        .map_err(|error| format!("environment: {error}"))?;
    let cloud = match setting(None, "CLOUD", live.cloud.as_ref()) {
        Some(text) => text.parse()?,
        None => Cloud::of_host(dataverse.host()).unwrap_or_default(),
    };
    let origins = Origins {
        login: overridden("LOGIN_URL", cloud.login())?,
        graph: overridden("GRAPH_URL", cloud.graph())?,
        admin: overridden("ADMIN_URL", cloud.admin())?,
        dataverse,
    };
    let client_id = setting(row.client_id.as_ref(), "CLIENT_ID", live.client_id.as_ref());
    let mut limits = Limits::default();
    limits.request = limit(None, "TIMEOUT")?.unwrap_or(limits.request);
    limits.total = limit(None, "DEADLINE")?.unwrap_or(limits.total);
    Ok(Order {
        account: account(&row.account)?,
        environment_id: None,
        cloud,
        origins,
        tenant: tenant(row, config)?,
        auth: auth(row, config, client_id.is_some())?,
        client_id,
        consent: consent(config)?,
        sections,
        probe: None,
        certificates: named_certificates(),
        way: way(),
        limits,
        now,
    })
}

fn tenant(row: &LiveRow, config: &Config) -> Result<Option<String>, Failure> {
    let tenant = setting(row.tenant.as_ref(), "TENANT", config.live.tenant.as_ref());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    match tenant {
        Some(tenant) if !tenant.bytes().all(is_plain) => Err(Failure::Usage(format!(
            "tenant: `{tenant}` is neither a tenant id nor a domain"
        ))),
        tenant => Ok(tenant),
    }
}

fn consent(config: &Config) -> Result<Consent, Failure> {
    let named = setting(None, "CONSENT", config.live.consent.as_ref())
        .map(|text| ConsentChoice::from_str(&text, false))
        .transpose()
        .map_err(|_| "consent is ask or granted".to_owned())?;
    Ok(match named {
        Some(ConsentChoice::Granted) => Consent::Granted,
        None | Some(ConsentChoice::Ask) => Consent::Ask,
    })
}

fn auth(row: &LiveRow, config: &Config, has_client_id: bool) -> Result<Auth, Failure> {
    let named = setting(row.auth.as_ref(), "AUTH", config.live.auth.as_ref()).ok_or(
        "the row names no sign-in: auth is client-secret, client-certificate, azure-cli, access-token, device-code or \
         browser",
    )?;
    let choice =
        AuthChoice::from_str(&named, false).map_err(|_| format!("auth: no sign-in is called `{named}`"))?;
    let needs_client = matches!(choice, AuthChoice::ClientSecret | AuthChoice::ClientCertificate);
    if needs_client && !has_client_id {
        return Err(Failure::from("an application signs in with its id: client-id"));
    }
    if !needs_client && row.secret_variable.is_some() {
        return Err(Failure::Usage(format!(
            "secret-variable is for client-secret and client-certificate; {named} takes no secret from it"
        )));
    }
    let variable = row.secret_variable.as_deref();
    Ok(match choice {
        AuthChoice::Browser => Auth::Browser,
        AuthChoice::DeviceCode => Auth::DeviceCode,
        AuthChoice::AzureCli => Auth::AzureCli,
        AuthChoice::ClientSecret => Auth::ClientSecret(secret(variable.unwrap_or(SECRET))?),
        AuthChoice::ClientCertificate => {
            let variable = variable.unwrap_or(CERTIFICATE);
            let path = secret(variable)?;
            // The path is not quoted: it may be the certificate itself, with its key.
            let text = std::fs::read_to_string(path.expose()).map_err(|error| {
                format!("{variable} holds the path of a PEM file, which cannot be read: {error}")
            })?;
            Auth::ClientCertificate(Secret::new(text))
        }
        AuthChoice::AccessToken => Auth::AccessToken(GivenTokens {
            graph: token("GRAPH_TOKEN"),
            dataverse: token("DATAVERSE_TOKEN"),
            admin: token("ADMIN_TOKEN"),
        }),
    })
}

/// The secret that a variable holds. Nobody is there to be asked for it.
fn secret(variable: &str) -> Result<Secret, Failure> {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(Secret::new(value)),
        _ => Err(Failure::Usage(format!("the variable {variable} holds no secret"))),
    }
}

/// Signs in and reads everything.
pub(super) fn collect(
    name: &str,
    order: Order,
    paces: &Arc<Paces>,
    reading: &Reading,
) -> Result<Collected, NoReport> {
    let observer = Arc::new(OfOne {
        name: name.to_owned(),
        all: Arc::clone(&reading.0),
    });
    let no_answer = |error: CollectError| match error {
        CollectError::Interrupted => NoReport::Interrupted,
        error => NoReport::NoAnswer(error.to_string()),
    };
    let mut session = Session::among_many(order, observer, Arc::clone(paces)).map_err(no_answer)?;
    session.collect().map_err(no_answer)?;
    let bytes = session.snapshot().to_string().into_bytes();
    let snapshot = Snapshot::from_bytes(&bytes).map_err(|error| {
        NoReport::Bad(format!(
            "the evidence is no snapshot at {}: {error}",
            error.path()
        ))
    })?;
    Ok(Collected {
        snapshot,
        bytes,
        requests: session.requests().into_iter().map(request).collect(),
    })
}

/// Watches one account among many: what is said names it, and the progress is that of all.
struct OfOne {
    name: String,
    all: Arc<Progress>,
}

impl Observer for OfOne {
    fn reading(&self, _: &str, _: usize, _: usize) {}

    fn throttled(&self, _: &str, _: Duration) {}

    fn note(&self, text: &str) {
        self.all.note(&format!("{}: {text}", self.name));
    }

    fn sent(&self, entry: &LedgerEntry) {
        self.all.sent(entry);
    }

    fn device_code(&self, code: &DeviceCode) {
        self.all.tell(&format!("{}:", self.name));
        self.all.device_code(code);
    }

    fn browse(&self, url: &str) {
        self.all.tell(&format!("{}:", self.name));
        self.all.browse(url);
    }
}
