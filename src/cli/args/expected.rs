//! What the user expects of an account, wherever it is judged.

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::settings::config::Config;
use crate::facts::{self, Expectations};

/// Arguments of the commands that judge an account.
#[derive(Debug, Args)]
pub(crate) struct ExpectedArgs {
    /// The company's time zone: IANA name, Windows name, or Dataverse code
    #[arg(long, env = "WORK365_DOCTOR_TIME_ZONE", value_name = "ZONE")]
    time_zone: Option<String>,
    /// The identity that Work 365 itself displays: UPN or application id
    #[arg(long, env = "WORK365_DOCTOR_CONFIGURED_IDENTITY", value_name = "IDENTITY")]
    configured_identity: Option<String>,
}

impl ExpectedArgs {
    /// What the user expects, the recorded state of the account included.
    ///
    /// # Errors
    ///
    /// A time zone that nobody knows.
    pub(crate) fn expectations(&self, config: &Config) -> Result<Expectations, Failure> {
        let time_zone = self
            .time_zone
            .as_deref()
            .map(facts::expected_time_zone)
            .transpose()
            .map_err(|error| format!("--time-zone: {error}"))?;
        Ok(Expectations {
            time_zone,
            state: config.expected_state.clone(),
            configured_identity: self.configured_identity.clone(),
            ..Expectations::default()
        })
    }
}
