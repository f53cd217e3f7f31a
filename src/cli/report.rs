//! `report`: saved reports in another format, two of them compared, the schema.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::case_file::{self, OpenArgs};
use super::exit::Exit;
use super::fleet::history::{self, HistoryArgs};
use super::schemas;
use crate::cli::args::expected::ExpectedArgs;
use crate::cli::args::output::{Answers, AudienceChoice, Outputs, SavedReportFormats, paths};
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::inputs::not_a_snapshot;
use crate::cli::settings::config::Config;
use crate::diagnosis::report::{self, Report};
use crate::diagnosis::{Question, Selection, Words, diff};
use crate::profile::Choice;
use crate::render::{self, Format, Style, pages};
use crate::rules::Severity;
use crate::snapshot::{self, Snapshot};

/// No report of one account is near this size.
const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(subcommand)]
    command: ReportCommand,
}

#[derive(Debug, Subcommand)]
enum ReportCommand {
    /// Print a saved report in another format
    Render(RenderArgs),
    /// Compare two reports or snapshots of one account
    Diff(DiffArgs),
    /// Show one account over time, from a store
    Timeline(HistoryArgs),
    /// Verify and show a case file of `capture --case`
    Open(OpenArgs),
    /// Print the JSON Schema of a report or of another document
    Schema(SchemaArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report render case.report.json -o html=case.html
  work365-doctor report render case.report.json -o markdown --audience ticket
  work365-doctor check --demo -o json | work365-doctor report render -")]
struct RenderArgs {
    /// A report that `check -o json` wrote; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    output: Outputs<SavedReportFormats>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report diff before.report.json after.report.json
  work365-doctor report diff before.snapshot.json after.snapshot.json --time-zone Europe/Berlin
  work365-doctor report diff before.report.json after.report.json -o json
  # the reply
  work365-doctor report diff before.report.json after.report.json -o markdown --audience customer

A snapshot is judged first; a report stays as it was judged.
Exit codes: 0 nothing got worse, 1 something did, 2 usage, unreadable input, or reports of different accounts.")]
struct DiffArgs {
    /// The older report or snapshot
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer report or snapshot
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    output: Outputs<DiffFormats>,
    /// Who reads the Markdown: the customer gets a reply in plain words
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
    #[command(flatten)]
    judging: Judging,
}

/// The formats of a comparison.
#[derive(Debug, Clone)]
struct DiffFormats;

impl Answers for DiffFormats {
    const COMMAND: &'static str = "report diff";
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Markdown, Format::Html];
}

/// How a snapshot is judged.
#[derive(Debug, Args)]
struct Judging {
    /// Of a snapshot: whose guidance decides: auto, legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Choice,
    #[command(flatten)]
    expected: ExpectedArgs,
    /// Of a snapshot: judge ages as of this instant (RFC 3339); default: when it was captured
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
    #[command(flatten)]
    rules: RuleSource,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report schema > report.schema.json
  work365-doctor report schema decode > decode.schema.json
  work365-doctor report schema --diff

Keys are only ever added within v1. The schema of a rule file is printed by `rules schema`.")]
struct SchemaArgs {
    /// Which document: the middle part of its `schema` key
    #[arg(value_name = "DOCUMENT", default_value = "report", value_parser = PossibleValuesParser::new(schemas::names()))]
    document: String,
    /// The same as `report-diff`
    #[arg(long, conflicts_with = "document")]
    diff: bool,
}

/// Runs the command.
pub(super) fn run(arguments: &ReportArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    match &arguments.command {
        ReportCommand::Render(arguments) => render(arguments, console),
        ReportCommand::Diff(arguments) => compare(arguments, config, console),
        ReportCommand::Timeline(arguments) => history::run(arguments, console),
        ReportCommand::Open(arguments) => case_file::run(arguments, console),
        ReportCommand::Schema(arguments) => {
            let document = if arguments.diff {
                "report-diff"
            } else {
                &arguments.document
            };
            console.deliver(schemas::of(document), None)?;
            Ok(Exit::Healthy)
        }
    }
}

fn render(arguments: &RenderArgs, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    files::keep_inputs([arguments.file.as_path()], paths(&targets))?;
    let report = read(&arguments.file)?;
    let words = Words::builtin()?;
    Outputs::<SavedReportFormats>::deliver(&targets, console, |format, style| {
        let style = Style {
            audience: arguments.audience.map(Into::into),
            ..style
        };
        Some(render::report(format, &report, &words, style))
    })?;
    Ok(Exit::Healthy)
}

fn compare(arguments: &DiffArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    files::keep_inputs(
        [arguments.old.as_path(), arguments.new.as_path()],
        paths(&targets),
    )?;
    let old = read_or_judge(&arguments.old, &arguments.judging, config)?;
    let new = read_or_judge(&arguments.new, &arguments.judging, config)?;
    let diff = diff::diff(&old, &new).map_err(|error| error.to_string())?;
    let reply = match arguments.audience {
        Some(AudienceChoice::Customer) => Some(pages::diff::reply::reply(&diff)?),
        _ => None,
    };
    Outputs::<DiffFormats>::deliver(&targets, console, |format, style| {
        Some(match (format, &reply) {
            (Format::Json, _) => render::json(&diff),
            (Format::Html, _) => pages::diff::html::html(&diff),
            (Format::Markdown, Some(reply)) => reply.clone(),
            (Format::Markdown, None) => pages::diff::markdown::markdown(&diff),
            _ => render::diff(&diff, style),
        })
    })?;
    Ok(if diff.worse { Exit::Fault } else { Exit::Healthy })
}

/// A saved report. The message names the file, and the place in it.
fn read(path: &Path) -> Result<Report, Failure> {
    as_report(path, bytes_of(path, "a report")?)
}

fn bytes_of(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    let name = path.display();
    let bytes = files::read(path, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(Failure::Usage(format!("{name}: not {what}: larger than 64 MiB")));
    }
    Ok(bytes)
}

fn as_report(path: &Path, bytes: Vec<u8>) -> Result<Report, Failure> {
    report::from_bytes(&without_controls(bytes))
        .map_err(|error| Failure::input(path.display(), format_args!("not a report: {error}")))
}

/// A saved report as it was judged, or a snapshot, judged now.
fn read_or_judge(path: &Path, judging: &Judging, config: &Config) -> Result<Report, Failure> {
    let bytes = bytes_of(path, "a report or snapshot")?;
    let document = snapshot::redact::document(&bytes).ok();
    let schema = document
        .as_ref()
        .and_then(|document| document.get("schema")?.as_str());
    if schema != Some(snapshot::SCHEMA) {
        return as_report(path, bytes);
    }
    let snapshot =
        Snapshot::from_bytes(&bytes).map_err(|error| not_a_snapshot(&path.display().to_string(), &error))?;
    let expectations = judging.expected.expectations(config)?;
    let doctor = judging.rules.doctor()?;
    doctor
        .check_acceptances(&config.acceptances)
        .map_err(|error| config.complaint(&error))?;
    let question = Question {
        profile: judging.profile,
        now: judging.now,
        expectations: &expectations,
        fail_on: Severity::Medium,
        selection: &Selection::default(),
        error: None,
        acceptances: &config.acceptances,
    };
    let mut report = doctor.diagnose(&snapshot, &question).report;
    config.name_found_exceptions(&mut report);
    Ok(report)
}

/// The report with every control character in a text spelled out: whoever sends a report can have put anything anywhere.
fn without_controls(bytes: Vec<u8>) -> Vec<u8> {
    // What is no JSON is complained about as it is.
    serde_json::from_slice(&bytes).map_or(bytes, |document: serde_json::Value| {
        render::neutralised(&document).to_string().into_bytes()
    })
}
