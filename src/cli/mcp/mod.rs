//! `mcp`: the same answers for an agent, over the Model Context Protocol on stdin and stdout. Reads only.

mod allowed;
mod calls;
mod desk;
mod resources;
mod server;
mod stream;
mod tools;
mod untrusted;

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use crate::cli::args::country::country;
use crate::cli::args::select::book;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::settings::config::Config;
use crate::diagnosis::{Doctor, Words};
use crate::facts::{self, Expectations};
use crate::profile::Choice;
use crate::rules::Severity;
use allowed::Allowed;
use desk::Desk;

/// What an agent should know about the work, as a skill file.
const SKILL: &str = include_str!("skill.md");

/// Arguments of `mcp`. None has a variable: what judges is said where the server is started, and nowhere else.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # decode, ask, explain; check of snapshots that are sent
  work365-doctor mcp
  # and of snapshot files below a folder
  work365-doctor mcp --allow /srv/cases
  # how an agent triages a case with it
  work365-doctor mcp --skill > SKILL.md

A client starts it and speaks JSON-RPC over stdin and stdout, one message a line. It signs in nowhere,
writes nothing, and reads no file outside the folders of --allow.

Exit codes: 0 at the end of input, 2 usage, configuration or rules.")]
pub(super) struct McpArgs {
    /// Folder below which `snapshot` may name files (repeatable); without it no file is read
    #[arg(long, value_name = "DIR")]
    allow: Vec<PathBuf>,
    /// Print how an agent triages a case with these tools, as a skill file
    #[arg(long)]
    skill: bool,
    /// Folder with rule files that add to or override the built-in ones (repeatable)
    #[arg(long, value_name = "DIR", value_delimiter = ',')]
    rules: Vec<PathBuf>,
    /// Whose guidance decides where a call names none
    #[arg(long, default_value_t, value_name = "PROFILE")]
    profile: Choice,
    /// The company's time zone where a call names none
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The identity that Work 365 itself displays: UPN or application id
    #[arg(long, value_name = "IDENTITY")]
    configured_identity: Option<String>,
    /// Address that Work 365 signs in from (repeatable)
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',')]
    ip: Vec<IpAddr>,
    /// Country that Work 365 signs in from, as two letters
    #[arg(long, value_name = "CC", value_parser = country)]
    country: Option<String>,
    /// Only these rules or areas count (repeatable)
    #[arg(long, value_name = "RULE|AREA", value_delimiter = ',')]
    select: Vec<String>,
    /// Not these rules or areas (repeatable)
    #[arg(long, value_name = "RULE|AREA", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Faults below this severity do not change the outcome: blocker, high, medium, low
    #[arg(long, default_value = "medium", value_name = "SEVERITY", value_parser = super::args::severity::threshold)]
    fail_on: Severity,
}

/// Runs the command.
pub(super) fn run(arguments: &McpArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    if arguments.skill {
        console.deliver(SKILL, None)?;
        return Ok(Exit::Healthy);
    }
    let desk = desk(arguments, config)?;
    server::serve(desk).map_err(|error| format!("mcp: {error}"))?;
    Ok(Exit::Healthy)
}

fn desk(arguments: &McpArgs, config: &Config) -> Result<Desk, Failure> {
    let doctor = Doctor::new(book(&arguments.rules)?, Words::builtin()?);
    doctor
        .check_acceptances(&config.acceptances)
        .map_err(|error| config.complaint(&error))?;
    let selection = doctor
        .selection(&arguments.select, &arguments.ignore)
        .map_err(|error| error.to_string())?;
    let time_zone = arguments
        .time_zone
        .as_deref()
        .map(facts::expected_time_zone)
        .transpose()
        .map_err(|error| format!("--time-zone: {error}"))?;
    Ok(Desk {
        allowed: Allowed::new(&arguments.allow).map_err(|error| error.to_string())?,
        doctor,
        profile: arguments.profile,
        expectations: Expectations {
            time_zone,
            state: config.expected_state.clone(),
            configured_identity: arguments.configured_identity.clone(),
            addresses: arguments.ip.clone(),
            country: arguments.country.clone(),
        },
        fail_on: arguments.fail_on,
        selection,
        acceptances: config.acceptances.clone(),
        found_file: config.found_file(),
    })
}
