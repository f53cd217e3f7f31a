//! `explain`: the page of a rule or of an error code.

use clap::Args;

use super::exit::Exit;
use crate::cli::args::output::TableOrJson;
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::documents::explain::ExplainPage;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor explain mfa-conditional-access
  work365-doctor explain user-not-synced -o json
  work365-doctor explain AADSTS50076
  work365-doctor explain reset-fails
  work365-doctor explain -- -2147220960")]
pub(super) struct ExplainArgs {
    /// Rule id, error code in any spelling, or symptom
    #[arg(value_name = "RULE-ID|CODE|SYMPTOM", allow_negative_numbers = true)]
    name: String,
    #[command(flatten)]
    answer: TableOrJson,
    #[command(flatten)]
    rules: RuleSource,
}

/// Runs the command.
pub(super) fn run(arguments: &ExplainArgs, console: &Console) -> Result<Exit, Failure> {
    let doctor = arguments.rules.doctor()?;
    let page = ExplainPage::of(&arguments.name, doctor).map_err(|unknown| unknown.to_string())?;
    arguments
        .answer
        .deliver("explain", console, &page, |style| page.text(style))?;
    Ok(Exit::Healthy)
}
