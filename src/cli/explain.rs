//! `explain`: the page of a rule or of an error code.

use clap::Args;

use super::RuleSource;
use super::exit::Exit;
use super::output::{Console, Format, OutputTarget};
use crate::decode::explain::{Explanation, explain};
use crate::diagnosis::Clinic;
use crate::render;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor explain mfa-conditional-access
  work365-doctor explain user-not-synced -o json
  work365-doctor explain AADSTS50076
  work365-doctor explain -- -2147220960")]
pub(super) struct ExplainArgs {
    /// Rule id, or error code in any spelling
    #[arg(value_name = "RULE-ID|CODE", allow_negative_numbers = true)]
    name: String,
    /// Format of the answer: table, json
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        default_value = "table",
        env = "WORK365_DOCTOR_OUTPUT"
    )]
    output: OutputTarget,
    #[command(flatten)]
    rules: RuleSource,
}

/// Runs the command.
pub(super) fn run(arguments: &ExplainArgs, console: &Console) -> Result<Exit, String> {
    let clinic = arguments.rules.clinic()?;
    let path = arguments.output.path.as_deref();
    let style = console.style(path);
    let text = if let Some(page) = clinic.page(&arguments.name) {
        match arguments.output.format {
            Format::Table => render::rule_page(&page, style),
            Format::Json => render::json(&page),
            _ => return Err("`explain` answers as table or json".to_owned()),
        }
    } else {
        match explain(&arguments.name) {
            Explanation::Code(code) => match arguments.output.format {
                Format::Table => render::code_page(&code, style),
                Format::Json => render::json(&code),
                _ => return Err("`explain` answers as table or json".to_owned()),
            },
            Explanation::Unknown { suggestions } => return Err(unknown(arguments, &clinic, suggestions)),
        }
    };
    console.deliver(&text, path)?;
    Ok(Exit::Healthy)
}

fn unknown(arguments: &ExplainArgs, clinic: &Clinic, suggestions: Vec<String>) -> String {
    let mut near: Vec<String> = clinic.nearest(&arguments.name).into_iter().collect();
    near.extend(suggestions);
    let hint = match near.as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        several => format!("; did you mean one of {}?", several.join(", ")),
    };
    format!("no rule and no error code is called `{}`{hint}", arguments.name)
}
