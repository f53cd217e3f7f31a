//! The arguments that every command takes.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::io::console::ColorChoice;
use super::settings::env as variables;
use crate::render::Verbosity;

/// How answers look; for every command.
#[derive(Debug, Args)]
pub(super) struct Looks {
    /// When to colour
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        value_enum,
        default_value_t,
        env = "WORK365_DOCTOR_COLOR",
        value_name = "WHEN"
    )]
    pub(super) color: ColorChoice,
    /// Show only the diagnosis [env: WORK365_DOCTOR_QUIET]
    #[arg(
        short,
        long,
        global = true,
        help_heading = "For every command",
        conflicts_with = "verbose"
    )]
    quiet: bool,
    /// Show also what is right, and the evidence; -vv each request of a live run [env: WORK365_DOCTOR_VERBOSE]
    #[arg(short, long, global = true, help_heading = "For every command", action = clap::ArgAction::Count)]
    verbose: u8,
    /// Configuration file; default: work365-doctor.toml, found walking up, then in the user's folder
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        env = "WORK365_DOCTOR_CONFIG",
        value_name = "FILE"
    )]
    config: Option<PathBuf>,
    /// Read no configuration file [env: WORK365_DOCTOR_NO_CONFIG]
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        conflicts_with = "config"
    )]
    no_config: bool,
    /// Never show progress
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        env = "WORK365_DOCTOR_NO_PROGRESS"
    )]
    pub(super) no_progress: bool,
}

impl Looks {
    /// How much is shown, and whether each request is. A flag wins over both variables: they must not clash with it.
    pub(super) fn verbosity(&self) -> Result<(Verbosity, bool), Failure> {
        let is_said = self.quiet || self.verbose > 0;
        let is_quiet = self.quiet || (!is_said && variables::is_set("QUIET")?);
        let level = match self.verbose {
            0 if !is_said && !is_quiet => variables::level("VERBOSE")?,
            level => level,
        };
        Ok(match (is_quiet, level) {
            (true, _) => (Verbosity::Quiet, false),
            (_, 0) => (Verbosity::Normal, false),
            (_, level) => (Verbosity::Verbose, level > 1),
        })
    }
}
