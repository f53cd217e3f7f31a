//! `rules`: what the rules are, what they may speak of, whether they are sound, and how to write one.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::RuleSource;
use super::exit::Exit;
use super::output::{Console, Format, TableOrJson};
use crate::render::{self, FactList, LintReport, RuleList, TestReport};
use crate::rules::{AREAS, Complaints, RuleBook, is_rule_id, mermaid, own_tests, schema, skeleton};

/// Arguments of `rules`.
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every rule: gate, id, severity, verdict per profile, fault
    #[command(after_help = "\
Examples:
  work365-doctor rules list
  work365-doctor rules list -o json | jq -r '.rules[].id'
  work365-doctor rules list --graph > rules.mmd         what masks and explains what, as a Mermaid chart
  work365-doctor rules list --rules our-rules/          with your own rules")]
    List(ListArgs),
    /// List every fact that a rule may use
    #[command(after_help = "\
Examples:
  work365-doctor rules facts
  work365-doctor rules facts -o json | jq -r '.facts[] | select(.type == \"time\") | .name'")]
    Facts(FactsArgs),
    /// Check rule files: every complaint at once, with its place
    #[command(after_help = "\
Examples:
  work365-doctor rules lint                             the built-in rules
  work365-doctor rules lint our-rules/                  your own, together with the built-in ones
  work365-doctor rules lint our-rules/vip.yaml -o json

Exit codes: 0 no complaints, 1 complaints, 2 a path that cannot be read.")]
    Lint(FilesArgs),
    /// Run the tests that rules carry
    #[command(after_help = "\
Examples:
  work365-doctor rules test                             the built-in rules
  work365-doctor rules test our-rules/                  your own

Exit codes: 0 all green, 1 a test failed, or a rule lacks a fail, pass or unknown test.")]
    Test(FilesArgs),
    /// Print the JSON Schema of a rule file, for editors
    #[command(after_help = "\
Examples:
  work365-doctor rules schema > our-rules/rule.schema.json
  and as the first line of each rule file:  # yaml-language-server: $schema=./rule.schema.json")]
    Schema(SchemaArgs),
    /// Print the skeleton of a new rule
    #[command(after_help = "\
Examples:
  work365-doctor rules new vip-account-locked --area credential > our-rules/vip.yaml
  work365-doctor rules lint our-rules/ && work365-doctor rules test our-rules/
  work365-doctor check --rules our-rules/ --snapshot case.snapshot.json")]
    New(NewArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Print what masks and explains what, as a Mermaid chart
    #[arg(long, conflicts_with = "output")]
    graph: bool,
    #[command(flatten)]
    answer: TableOrJson,
    #[command(flatten)]
    rules: RuleSource,
}

#[derive(Debug, Args)]
struct FactsArgs {
    #[command(flatten)]
    answer: TableOrJson,
}

#[derive(Debug, Args)]
struct FilesArgs {
    /// Rule files or folders; without any, the built-in rules
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    answer: TableOrJson,
    #[command(flatten)]
    rules: RuleSource,
}

#[derive(Debug, Args)]
struct SchemaArgs {
    #[command(flatten)]
    rules: RuleSource,
}

#[derive(Debug, Args)]
struct NewArgs {
    /// Id of the rule: lower-case words joined by hyphens
    #[arg(value_name = "ID")]
    id: String,
    /// Area of the rule
    #[arg(long, value_name = "AREA", default_value = "operator", value_parser = area)]
    area: String,
}

fn area(text: &str) -> Result<String, String> {
    if AREAS.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "no area is called `{text}`; there are {}",
            AREAS.join(", ")
        ))
    }
}

/// Runs the command.
pub(super) fn run(arguments: &RulesArgs, console: &Console) -> Result<Exit, String> {
    match &arguments.action {
        Action::List(arguments) => list(arguments, console),
        Action::Facts(arguments) => facts(arguments, console),
        Action::Lint(arguments) => lint(arguments, console),
        Action::Test(arguments) => test(arguments, console),
        Action::Schema(arguments) => {
            let schema = schema::rule_file_schema(&arguments.rules.book()?);
            console.deliver(&render::json(&schema), None)?;
            Ok(Exit::Healthy)
        }
        Action::New(arguments) => new(arguments, console),
    }
}

fn list(arguments: &ListArgs, console: &Console) -> Result<Exit, String> {
    let book = arguments.rules.book()?;
    let path = arguments.answer.output.path.as_deref();
    let list = RuleList::of(&book);
    let text = match arguments.answer.output.format {
        _ if arguments.graph => mermaid(&book),
        Format::Table => list.table(console.style(path)),
        Format::Json => render::json(&list),
        _ => return Err(table_or_json("rules list")),
    };
    console.deliver(&text, path)?;
    Ok(Exit::Healthy)
}

fn facts(arguments: &FactsArgs, console: &Console) -> Result<Exit, String> {
    let path = arguments.answer.output.path.as_deref();
    let list = FactList::all();
    let text = match arguments.answer.output.format {
        Format::Table => list.table(console.style(path)),
        Format::Json => render::json(&list),
        _ => return Err(table_or_json("rules facts")),
    };
    console.deliver(&text, path)?;
    Ok(Exit::Healthy)
}

fn lint(arguments: &FilesArgs, console: &Console) -> Result<Exit, String> {
    let paths = arguments.all_paths();
    let (book, complaints) = RuleBook::lint(&paths);
    own_rules(&paths, &book, &complaints, console)?;
    let text = match arguments.answer.output.format {
        Format::Table => {
            let count = match complaints.len() {
                0 => "no complaints".to_owned(),
                1 => "1 complaint".to_owned(),
                more => format!("{more} complaints"),
            };
            format!("{complaints}{} sound rules, {count}\n", book.rules().len())
        }
        Format::Json => render::json(&LintReport::of(&book, &complaints)),
        _ => return Err(table_or_json("rules lint")),
    };
    console.deliver(&text, arguments.answer.output.path.as_deref())?;
    Ok(exit_of(&complaints))
}

/// Says which built-in rules are replaced, and refuses paths without a rule: a wrong path must not look green.
fn own_rules(
    paths: &[PathBuf],
    book: &RuleBook,
    complaints: &Complaints,
    console: &Console,
) -> Result<(), String> {
    let own: Vec<&str> = book
        .rules()
        .iter()
        .filter(|rule| !rule.place.builtin)
        .map(|rule| rule.id.as_str())
        .collect();
    if own.is_empty() && complaints.is_empty() && !paths.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(format!(
            "{}: no rule is there; rules are in .yaml files",
            paths.join(", ")
        ));
    }
    tell_replaced(&own, console);
    Ok(())
}

fn tell_replaced(own: &[&str], console: &Console) {
    if own.is_empty() {
        return;
    }
    let builtin = RuleBook::builtin().ok();
    for rule in builtin.iter().flat_map(RuleBook::rules) {
        if own.contains(&rule.id.as_str()) {
            console.note(&format!(
                "{} replaces the built-in rule of this name wherever these files are used",
                rule.id
            ));
        }
    }
}

/// Complaints are what `rules lint` is there to find; a path that cannot be read is a mistake in the call.
fn exit_of(complaints: &Complaints) -> Exit {
    if complaints.is_empty() {
        Exit::Healthy
    } else if complaints.has_unreadable_path() {
        Exit::Unusable
    } else {
        Exit::Fault
    }
}

fn test(arguments: &FilesArgs, console: &Console) -> Result<Exit, String> {
    let paths = arguments.all_paths();
    let (book, complaints) = RuleBook::lint(&paths);
    own_rules(&paths, &book, &complaints, console)?;
    if !complaints.is_empty() {
        // An unsound rule cannot be tested, and a summary without it would look green.
        console.deliver(&format!("{complaints}The tests run once these are gone.\n"), None)?;
        return Ok(exit_of(&complaints));
    }
    let mut reports = own_tests::run(&book);
    if !arguments.paths.is_empty() {
        reports.retain(|report| !report.builtin);
    }
    let report = TestReport::of(reports);
    let text = match arguments.answer.output.format {
        Format::Table => report.lines(),
        Format::Json => render::json(&report),
        _ => return Err(table_or_json("rules test")),
    };
    console.deliver(&text, arguments.answer.output.path.as_deref())?;
    Ok(if report.is_green() {
        Exit::Healthy
    } else {
        Exit::Fault
    })
}

impl FilesArgs {
    fn all_paths(&self) -> Vec<PathBuf> {
        self.paths.iter().chain(&self.rules.rules).cloned().collect()
    }
}

fn new(arguments: &NewArgs, console: &Console) -> Result<Exit, String> {
    if !is_rule_id(&arguments.id) {
        return Err(format!(
            "`{}` is no rule id: lower-case words joined by hyphens, as `license-missing`",
            arguments.id
        ));
    }
    console.deliver(&skeleton(&arguments.id, &arguments.area), None)?;
    tell_replaced(&[&arguments.id], console);
    Ok(Exit::Healthy)
}

fn table_or_json(command: &str) -> String {
    format!("`{command}` answers as table or json")
}
