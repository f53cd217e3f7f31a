//! `explain`: the page of a rule.

use clap::Args;

use super::RuleSource;
use super::exit::Exit;
use super::output::{Console, Format, OutputTarget};
use crate::render;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor explain mfa-conditional-access
  work365-doctor explain user-not-synced -o json")]
pub(super) struct ExplainArgs {
    /// Rule id
    #[arg(value_name = "RULE-ID")]
    name: String,
    /// Format of the answer: table, json
    #[arg(short, long, value_name = "FORMAT[=PATH]", default_value = "table")]
    output: OutputTarget,
    #[command(flatten)]
    rules: RuleSource,
}

/// Runs the command.
pub(super) fn run(arguments: &ExplainArgs, console: &Console) -> Result<Exit, String> {
    let clinic = arguments.rules.clinic()?;
    let Some(page) = clinic.page(&arguments.name) else {
        let hint = clinic
            .nearest(&arguments.name)
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        return Err(format!("no rule is called `{}`{hint}", arguments.name));
    };
    let path = arguments.output.path.as_deref();
    let text = match arguments.output.format {
        Format::Table => render::rule_page(&page, console.style(path)),
        Format::Json => render::json(&page),
        _ => return Err("`explain` answers as table or json".to_owned()),
    };
    console.deliver(&text, path)?;
    Ok(Exit::Healthy)
}
