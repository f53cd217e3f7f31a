//! `trust`: a configuration file that was found may set everything, as it is now.

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use super::io::console::Console;
use super::io::files;
use super::settings::{config, trusted};
use crate::cli::failure::Failure;

/// Arguments of `trust`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # the file that is found from here
  work365-doctor trust
  work365-doctor trust ./work365-doctor.toml

A trusted file that changes asks again. `work365-doctor help configuration` says what a file may set without it.")]
pub(super) struct TrustArgs {
    /// The configuration file; default: the one found walking up from the current folder
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(arguments: &TrustArgs, console: &Console) -> Result<Exit, Failure> {
    let file = arguments
        .file
        .clone()
        .or_else(config::found)
        .ok_or("no work365-doctor.toml is here or above; name the file")?;
    let bytes = files::whole(&file, 1 << 20).map_err(|error| files::complaint(file.display(), &error))?;
    let list = trusted::record(&file, &bytes)?;
    console.deliver(
        &format!(
            "{} is trusted as it is now (recorded in {}); a change asks again\n",
            file.display(),
            list.display()
        ),
        None,
    )?;
    Ok(Exit::Healthy)
}
