//! `explain`: the page of a rule or of an error code.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::exit::Exit;
use crate::ask::Symptoms;
use crate::cli::args::output::TableOrJson;
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::decode::explain::page::{ExplainedCode, Explanation, explain};
use crate::diagnosis::{Doctor, RulePage};
use crate::render;
use crate::render::pages::symptom::{SymptomPage, symptom_page};

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

/// The JSON answer: the page of a rule or of an error code.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum ExplainPage {
    /// `kind` is `rule`.
    Rule(Box<RulePage>),
    /// It has a `code`.
    Code(Box<ExplainedCode>),
    /// It has a `symptom`.
    Symptom(Box<SymptomPage>),
}

/// Runs the command.
pub(super) fn run(arguments: &ExplainArgs, console: &Console) -> Result<Exit, Failure> {
    let doctor = arguments.rules.doctor()?;
    let page = page(&doctor, &arguments.name)?;
    arguments
        .answer
        .deliver("explain", console, &page, |style| match &page {
            ExplainPage::Rule(rule) => render::rule_page(rule, style),
            ExplainPage::Code(code) => render::code_page(code, style),
            ExplainPage::Symptom(symptom) => symptom_page(symptom, style),
        })?;
    Ok(Exit::Healthy)
}

/// The page of a rule, an error code or a symptom.
///
/// # Errors
///
/// Nothing has this name.
pub(super) fn page(doctor: &Doctor, name: &str) -> Result<ExplainPage, Failure> {
    if let Some(rule) = doctor.page(name) {
        return Ok(ExplainPage::Rule(Box::new(rule)));
    }
    if let Some(symptom) = Symptoms::builtin().find(name) {
        return Ok(ExplainPage::Symptom(Box::new(SymptomPage::of(
            symptom,
            doctor.book(),
        ))));
    }
    match explain(name) {
        Explanation::Code(code) => Ok(ExplainPage::Code(code)),
        Explanation::Unknown { suggestions } => Err(unknown(name, doctor, suggestions)),
    }
}

fn unknown(name: &str, doctor: &Doctor, suggestions: Vec<String>) -> Failure {
    let mut near: Vec<String> = doctor.nearest(name).into_iter().collect();
    near.extend(suggestions);
    let hint = match near.as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        several => format!("; did you mean one of {}?", several.join(", ")),
    };
    Failure::Usage(format!(
        "no rule, no error code and no symptom is called `{name}`{hint}"
    ))
}
