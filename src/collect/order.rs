//! What a run is asked for, and why it may give no evidence at all.

use std::path::PathBuf;

use jiff::Timestamp;

use super::auth::{Auth, Consent, SignInFailure};
use super::wire::cloud::Cloud;
use super::wire::limits::Limits;
use super::wire::origin::Origins;
use crate::secret::Secret;

/// What to collect, and how to get in.
#[derive(Debug)]
pub struct Order {
    /// UPN, or application id of an application user.
    pub account: String,
    /// Power Platform environment id, if the user knows it.
    pub environment_id: Option<String>,
    /// The cloud.
    pub cloud: Cloud,
    /// Where its services are; the environment among them.
    pub origins: Origins,
    /// Tenant id or domain, if the user names one.
    pub tenant: Option<String>,
    /// The customer's own application, if there is one.
    pub client_id: Option<String>,
    /// How to sign in.
    pub auth: Auth,
    /// Which permissions of Graph a person is asked for.
    pub consent: Consent,
    /// The sections whose permissions are asked for; all of them if none are named.
    pub sections: Option<Vec<&'static str>>,
    /// The account's password, for one sign-in as it.
    pub probe: Option<Secret>,
    /// The way that requests take where variables name a proxy, in a sentence without its password.
    pub way: Option<String>,
    /// The file of trusted certificates that the environment of the program names.
    pub certificates: Option<PathBuf>,
    /// How long things may take.
    pub limits: Limits,
    /// The instant that ages will be judged at, if it is not now: logs are read from thirty days before the earlier.
    pub now: Option<Timestamp>,
}

/// Why a run gave no evidence.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// Nobody could be signed in anywhere.
    #[error("sign-in failed: {}", .0.text)]
    SignIn(Box<SignInFailure>),
    /// There is no such environment, or it is another tenant's.
    #[error("{0}")]
    Environment(String),
    /// The person pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// This machine could not even start.
    #[error("{0}")]
    Machine(String),
}
