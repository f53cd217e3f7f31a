//! `token`: what a bearer token says, and why a service would refuse it. The token is never printed.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::exit::Exit;
use crate::cli::args::output::{Answers, Outputs};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::collect::key_set;
use crate::render::{self, Format};
use crate::token::{self, TokenError};

/// More than any token or key set needs.
const LONGEST: u64 = 1 << 20;

/// The formats of `token`.
#[derive(Debug, Clone)]
pub(super) struct TokenFormats;

impl Answers for TokenFormats {
    const COMMAND: &'static str = "token";
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Ndjson, Format::Short];
}

/// Arguments of `token`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  az account get-access-token --resource https://contoso.crm4.dynamics.com | work365-doctor token
  work365-doctor token token.txt --environment https://contoso.crm4.dynamics.com
  work365-doctor token - --jwks https://login.microsoftonline.com/common/discovery/v2.0/keys

A token is read from stdin or a file, never from the command line, where others can see it.

Exit codes: 0 its service has no reason to refuse it, 1 it would be refused or its signature is bad,
2 usage or no token, 3 a token that only its service can read.")]
pub(super) struct TokenArgs {
    /// File with the token, or `-` for stdin
    #[arg(value_name = "FILE", default_value = "-")]
    input: PathBuf,
    /// Key set to verify the signature with: a file or an https address
    #[arg(long, env = "WORK365_DOCTOR_JWKS", value_name = "FILE|URL")]
    jwks: Option<String>,
    /// Address of the environment that the token is meant for
    #[arg(long, env = "WORK365_DOCTOR_ENVIRONMENT", value_name = "URL")]
    environment: Option<String>,
    /// Judge the times as of this instant (RFC 3339); default: now
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
    #[command(flatten)]
    output: Outputs<TokenFormats>,
}

/// Runs the command.
pub(super) fn run(arguments: &TokenArgs, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    let input = read_token(&arguments.input)?;
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let mut report = match token::read(&input, now.as_second(), arguments.environment.as_deref()) {
        Ok(report) => report,
        Err(error @ (TokenError::Encrypted | TokenError::Opaque)) => {
            console.complain(&error.to_string());
            return Ok(Exit::NoVerdict);
        }
        Err(error) => return Err(Failure::Usage(error.to_string())),
    };
    if let Some(source) = &arguments.jwks {
        let keys = read_keys(source)?;
        report.signature = token::verify(&input, &keys).map_err(|error| format!("{source}: {error}"))?;
    }
    Outputs::<TokenFormats>::deliver(&targets, console, |format, style| {
        Some(match format {
            Format::Table => render::token(&report, style),
            Format::Json => render::json(&report),
            Format::Ndjson => render::ndjson(&report),
            Format::Short => render::token_short(&report),
            _ => return None,
        })
    })?;
    let refused = report.service.is_none() || !report.refused_because.is_empty();
    Ok(if refused || report.signature.status == "invalid" {
        Exit::Fault
    } else {
        Exit::Healthy
    })
}

fn read_token(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let name = path.to_string_lossy();
    if name.starts_with("eyJ") || name.to_ascii_lowercase().starts_with("bearer ") {
        return Err(Failure::from(
            "a token on the command line can be read by others; give it on stdin or in a file",
        ));
    }
    let bytes = Zeroizing::new(read_limited(path)?);
    // Windows shells redirect as UTF-16.
    Ok(Zeroizing::new(
        crate::decode::text::encoding::to_text(&bytes).into_owned(),
    ))
}

fn read_keys(source: &str) -> Result<Vec<u8>, Failure> {
    if source.contains("://") {
        return key_set::fetch(source).map_err(|error| Failure::Usage(error.to_string()));
    }
    read_limited(Path::new(source))
}

fn read_limited(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let bytes = files::read(path, LONGEST).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::Usage(format!("{name}: longer than 1 MiB")));
    }
    Ok(bytes)
}
