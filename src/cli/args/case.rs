//! How one case is judged: whose guidance, what is expected, as of when, and the error that was seen.

use std::io::Read as _;
use std::path::Path;

use clap::Args;
use jiff::Timestamp;

use crate::cli::args::expected::ExpectedArgs;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::settings::config::Config;
use crate::decode::{Decoded, decode_text};
use crate::facts::Expectations;
use crate::profile::Choice;

/// The largest error text that is read, in bytes.
const MAXIMUM_ERROR: u64 = 64 * 1024 * 1024;

/// Arguments of the commands that look at one case.
#[derive(Debug, Args)]
pub(crate) struct CaseArgs {
    /// Whose guidance decides: auto (what Work 365 itself does), legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    pub(crate) profile: Choice,
    #[command(flatten)]
    expected: ExpectedArgs,
    /// Judge ages as of this instant (RFC 3339); default: when the snapshot was captured, else now
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    pub(crate) now: Option<Timestamp>,
    /// The error that was seen: text, "@FILE" (quoted for PowerShell), or - for stdin
    #[arg(
        long,
        env = "WORK365_DOCTOR_ERROR",
        hide_env_values = true,
        value_name = "TEXT|@FILE|-"
    )]
    error: Option<String>,
}

impl CaseArgs {
    /// What the user expects.
    ///
    /// # Errors
    ///
    /// A time zone that nobody knows.
    pub(crate) fn expectations(&self, config: &Config) -> Result<Expectations, Failure> {
        self.expected.expectations(config)
    }

    /// The error that was seen, decoded.
    ///
    /// # Errors
    ///
    /// A file or stdin that cannot be read.
    pub(crate) fn seen_error(&self, console: &Console) -> Result<Option<Decoded>, Failure> {
        self.error
            .as_deref()
            .map(|text| seen_error(text, console))
            .transpose()
    }
}

/// The error that `--error` says, decoded; that nothing in it is known is told on stderr.
///
/// # Errors
///
/// A file or stdin that cannot be read.
pub(crate) fn seen_error(text: &str, console: &Console) -> Result<Decoded, Failure> {
    let decoded = decode_text(&error_bytes(text)?);
    if !decoded.recognised {
        console.note(&unrecognised(text));
    }
    Ok(decoded)
}

fn unrecognised(text: &str) -> String {
    if Path::new(text).is_file() {
        return format!(
            "--error: no known error was recognised in the text {text}; to read the file of that name write --error \"@{text}\""
        );
    }
    "--error: no known error was recognised in the text, so it says nothing about the findings".to_owned()
}

/// What to say of a `--now` that lies before the evidence.
pub(crate) fn before_evidence(now: Option<Timestamp>, collected: Timestamp) -> Option<String> {
    let now = now.filter(|now| *now < collected)?;
    Some(format!(
        "--now {now} is before the evidence was collected ({collected}): what happened between the two is in it all the same"
    ))
}

/// What `--error` says: the text itself, the file behind `@`, or stdin for `-`.
///
/// # Errors
///
/// A file or stdin that cannot be read.
pub(crate) fn error_bytes(text: &str) -> Result<Vec<u8>, Failure> {
    match text.strip_prefix('@') {
        Some(path) => files::whole(Path::new(path), MAXIMUM_ERROR)
            .map_err(|error| files::complaint(format_args!("--error @{path}"), &error)),
        None if text == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(MAXIMUM_ERROR)
                .read_to_end(&mut bytes)
                .map_err(|error| format!("stdin: {error}"))?;
            Ok(bytes)
        }
        None => Ok(text.as_bytes().to_vec()),
    }
}
