//! `explain`: the page of a rule or of an error code.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::RuleSource;
use super::exit::Exit;
use super::output::{Console, Format, TableOrJson};
use crate::decode::explain::{ExplainedCode, Explanation, explain};
use crate::diagnosis::{Clinic, RulePage};
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
    #[command(flatten)]
    answer: TableOrJson,
    #[command(flatten)]
    rules: RuleSource,
}

/// The JSON answer: the page of a rule or of an error code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ExplainPage {
    /// `kind` is `rule`.
    Rule(Box<RulePage>),
    /// It has a `code`.
    Code(Box<ExplainedCode>),
}

/// Runs the command.
pub(super) fn run(arguments: &ExplainArgs, console: &Console) -> Result<Exit, String> {
    let page = page(arguments)?;
    let path = arguments.answer.output.path.as_deref();
    let style = console.style(path);
    let text = match (arguments.answer.output.format, &page) {
        (Format::Json, page) => render::json(page),
        (Format::Table, ExplainPage::Rule(rule)) => render::rule_page(rule, style),
        (Format::Table, ExplainPage::Code(code)) => render::code_page(code, style),
        _ => return Err("`explain` answers as table or json".to_owned()),
    };
    console.deliver(&text, path)?;
    Ok(Exit::Healthy)
}

fn page(arguments: &ExplainArgs) -> Result<ExplainPage, String> {
    let clinic = arguments.rules.clinic()?;
    if let Some(rule) = clinic.page(&arguments.name) {
        return Ok(ExplainPage::Rule(Box::new(rule)));
    }
    match explain(&arguments.name) {
        Explanation::Code(code) => Ok(ExplainPage::Code(code)),
        Explanation::Unknown { suggestions } => Err(unknown(arguments, &clinic, suggestions)),
    }
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
