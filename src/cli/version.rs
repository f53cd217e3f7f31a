//! `version`: what this program is, for a bug report.

use clap::Args;

use super::exit::Exit;
use super::io::console::Console;
use crate::cli::failure::Failure;
use crate::rules::RuleBook;

/// Arguments of `version`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor version")]
pub(super) struct VersionArgs {}

/// Runs the command.
pub(super) fn run(console: &Console) -> Result<Exit, Failure> {
    let book = RuleBook::builtin().map_err(|complaints| complaints.to_string())?;
    let pack = book.pack();
    console.deliver(
        &format!(
            "work365-doctor {}\nrules {} {}, {} of them, sha256 {}\nbuilt for {} {}\n",
            env!("CARGO_PKG_VERSION"),
            pack.name,
            pack.version,
            book.rules().len(),
            pack.sha256,
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        None,
    )?;
    Ok(Exit::Healthy)
}
