//! `rules`: what the rules are, what they may speak of, whether they are sound, and how to write one.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::case_facts;
use super::exit::Exit;
use super::rules_docs::{self, DocsArgs};
use crate::cli::args::case::CaseArgs;
use crate::cli::args::output::TableOrJson;
use crate::cli::args::select::{RuleSource, no_rule_in};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::settings::config::Config;
use crate::render::pages::case_facts::case_facts as case_facts_page;
use crate::render::{self, FactList, LinkList, LintReport, RuleList, TestReport};
use crate::rules::knowledge::{self, Claim};
use crate::rules::{AREAS, Complaints, RuleBook, is_rule_id, mermaid, schema, skeleton, trial};

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
  # what masks and explains what, as a Mermaid chart
  work365-doctor rules list --graph > rules.mmd
  # with your own rules
  work365-doctor rules list --rules our-rules/")]
    List(ListArgs),
    /// List every fact that a rule may use
    #[command(after_help = "\
Examples:
  work365-doctor rules facts
  # what is known of a case
  work365-doctor rules facts --snapshot case.snapshot.json
  work365-doctor rules facts -o json | jq -r '.facts[] | select(.type == \"time\") | .name'")]
    Facts(FactsArgs),
    /// Check rule files: every complaint at once, with its place
    #[command(after_help = "\
Examples:
  # the built-in rules
  work365-doctor rules lint
  # your own, together with the built-in ones
  work365-doctor rules lint our-rules/
  work365-doctor rules lint our-rules/vip.yaml -o json
  # what nobody has compared with its page since
  work365-doctor rules lint --stale 180d

Exit codes: 0 no complaints, 1 complaints or something stale, 2 a path that cannot be read.")]
    Lint(LintArgs),
    /// List every address that rules, menus and the error catalogue name, for a person to walk
    #[command(after_help = "\
Examples:
  work365-doctor rules links
  work365-doctor rules links -o json | jq -r '.links[] | [.address, .used_by[0]] | @tsv'")]
    Links(LinksArgs),
    /// Write one page a check and one a code as HTML, so that tickets can link to them
    #[command(after_help = "\
Examples:
  work365-doctor rules docs --html pages/
  work365-doctor rules docs --html pages/ --rules our-rules/

On a terminal the ids of a report lead to these pages, where WORK365_DOCTOR_PAGES says their address.")]
    Docs(DocsArgs),
    /// Run the tests that rules carry
    #[command(after_help = "\
Examples:
  # the built-in rules
  work365-doctor rules test
  # your own
  work365-doctor rules test our-rules/

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
    /// What is known of this case, fact by fact
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    case: CaseArgs,
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
struct LintArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// List what nobody has compared with its page for this long: 180d, 6mo
    #[arg(long, value_name = "DURATION")]
    stale: Option<jiff::Span>,
    /// Judge as of this instant (RFC 3339); default: now
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
}

#[derive(Debug, Args)]
struct LinksArgs {
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

fn area(text: &str) -> Result<String, Failure> {
    if AREAS.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(Failure::Usage(format!(
            "no area is called `{text}`; there are {}",
            AREAS.join(", ")
        )))
    }
}

/// Runs the command.
pub(super) fn run(arguments: &RulesArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::List(arguments) => list(arguments, console),
        Action::Facts(arguments) => facts(arguments, config, console),
        Action::Lint(arguments) => lint(arguments, console),
        Action::Docs(arguments) => rules_docs::run(arguments, console),
        Action::Links(arguments) => links(arguments, console),
        Action::Test(arguments) => test(arguments, console),
        Action::Schema(arguments) => {
            let schema = schema::rule_file_schema(&arguments.rules.book()?);
            console.deliver(&render::json(&schema), None)?;
            Ok(Exit::Healthy)
        }
        Action::New(arguments) => new(arguments, console),
    }
}

fn list(arguments: &ListArgs, console: &Console) -> Result<Exit, Failure> {
    let book = arguments.rules.book()?;
    if arguments.graph {
        console.deliver(&mermaid(&book), None)?;
        return Ok(Exit::Healthy);
    }
    let list = RuleList::of(&book);
    arguments
        .answer
        .deliver("rules list", console, &list, |style| list.table(style))?;
    Ok(Exit::Healthy)
}

fn facts(arguments: &FactsArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    if let Some(path) = &arguments.snapshot {
        files::keep_inputs([path.as_path()], arguments.answer.path())?;
        let facts = case_facts::of(path, &arguments.case, config, console)?;
        arguments
            .answer
            .deliver("rules facts", console, &facts, |style| {
                case_facts_page(&facts, style)
            })?;
        return Ok(Exit::Healthy);
    }
    let list = FactList::all();
    arguments
        .answer
        .deliver("rules facts", console, &list, |style| list.table(style))?;
    Ok(Exit::Healthy)
}

fn lint(arguments: &LintArgs, console: &Console) -> Result<Exit, Failure> {
    let paths = arguments.files.all_paths();
    let (book, complaints) = RuleBook::lint(&paths);
    own_rules(&paths, &book, &complaints, console)?;
    let claims = knowledge::claims(&book)?;
    let stale = stale(arguments, &claims)?;
    let report = LintReport::of(&book, &complaints, &stale);
    arguments
        .files
        .answer
        .deliver("rules lint", console, &report, |_| {
            let count = match complaints.len() {
                0 => "no complaints".to_owned(),
                1 => "1 complaint".to_owned(),
                more => format!("{more} complaints"),
            };
            let old = match (arguments.stale, stale.len()) {
                (None, _) => String::new(),
                (Some(_), 0) => ", nothing stale".to_owned(),
                (Some(_), some) => format!(", {some} stale"),
            };
            let lines = render::stale_lines(&stale);
            format!(
                "{complaints}{lines}{} sound rules, {count}{old}\n",
                book.rules().len()
            )
        })?;
    Ok(match exit_of(&complaints) {
        Exit::Healthy if !stale.is_empty() => Exit::Fault,
        exit => exit,
    })
}

/// What nobody has compared with its page for as long as `--stale` says.
fn stale<'c>(arguments: &LintArgs, claims: &'c [Claim]) -> Result<Vec<&'c Claim>, Failure> {
    let Some(age) = arguments.stale else {
        return Ok(Vec::new());
    };
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let since = today
        .checked_sub(age)
        .map_err(|error| format!("--stale {age}: {error}"))?;
    Ok(knowledge::unchecked_since(claims, since).collect())
}

fn links(arguments: &LinksArgs, console: &Console) -> Result<Exit, Failure> {
    let book = arguments.rules.book()?;
    let list = LinkList::of(knowledge::links(&knowledge::claims(&book)?));
    arguments
        .answer
        .deliver("rules links", console, &list, |_| list.lines())?;
    Ok(Exit::Healthy)
}

/// Says which built-in rules are replaced, and refuses paths without a rule: a wrong path must not look green.
fn own_rules(
    paths: &[PathBuf],
    book: &RuleBook,
    complaints: &Complaints,
    console: &Console,
) -> Result<(), Failure> {
    let own: Vec<&str> = book
        .rules()
        .iter()
        .filter(|rule| !rule.place.builtin)
        .map(|rule| rule.id.as_str())
        .collect();
    if own.is_empty() && complaints.is_empty() && !paths.is_empty() {
        return Err(no_rule_in(paths));
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

fn test(arguments: &FilesArgs, console: &Console) -> Result<Exit, Failure> {
    let paths = arguments.all_paths();
    let (book, complaints) = RuleBook::lint(&paths);
    own_rules(&paths, &book, &complaints, console)?;
    if !complaints.is_empty() {
        // An unsound rule cannot be tested, and a summary without it would look green.
        console.deliver(&format!("{complaints}The tests run once these are gone.\n"), None)?;
        return Ok(exit_of(&complaints));
    }
    let mut reports = trial::run(&book);
    if !arguments.paths.is_empty() {
        reports.retain(|report| !report.builtin);
    }
    let report = TestReport::of(reports);
    arguments
        .answer
        .deliver("rules test", console, &report, |_| report.lines())?;
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

fn new(arguments: &NewArgs, console: &Console) -> Result<Exit, Failure> {
    if !is_rule_id(&arguments.id) {
        return Err(Failure::Usage(format!(
            "`{}` is no rule id: lower-case words joined by hyphens, as `license-missing`",
            arguments.id
        )));
    }
    console.deliver(&skeleton(&arguments.id, &arguments.area), None)?;
    tell_replaced(&[&arguments.id], console);
    Ok(Exit::Healthy)
}
