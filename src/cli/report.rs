//! `report`: saved reports in another format, two of them compared, the schema.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::exit::Exit;
use super::files;
use super::formats::{self, AudienceChoice};
use super::output::{Console, Format, OutputTarget, TableOrJson};
use super::schemas;
use crate::diagnosis::Words;
use crate::diagnosis::diff;
use crate::diagnosis::report::{self, Report};
use crate::render::{self, Style};

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
    /// Print a saved JSON report in another format
    Render(RenderArgs),
    /// Compare two reports of one account: new, fixed, changed, still unknown
    Diff(DiffArgs),
    /// Print the JSON Schema of a report, or of any other document that the tool prints
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
    /// Format of the answer, and where it goes: table, json, ndjson, short, markdown, html, junit, sarif (repeatable)
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        default_value = "table",
        value_delimiter = ',',
        env = "WORK365_DOCTOR_OUTPUT"
    )]
    output: Vec<OutputTarget>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report diff before.report.json after.report.json
  work365-doctor report diff before.report.json after.report.json -o json

Exit codes: 0 nothing got worse, 1 something did, 2 usage, unreadable input, or reports of different accounts.")]
struct DiffArgs {
    /// The older report
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The newer report
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    answer: TableOrJson,
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
pub(super) fn run(arguments: &ReportArgs, console: &Console) -> Result<Exit, String> {
    match &arguments.command {
        ReportCommand::Render(arguments) => render(arguments, console),
        ReportCommand::Diff(arguments) => compare(arguments, console),
        ReportCommand::Schema(arguments) => {
            let document = if arguments.diff {
                "report-diff"
            } else {
                &arguments.document
            };
            let schema = schemas::of(document).ok_or("no such document")?;
            console.deliver(&render::json(&schema), None)?;
            Ok(Exit::Healthy)
        }
    }
}

fn render(arguments: &RenderArgs, console: &Console) -> Result<Exit, String> {
    formats::no_clash(&arguments.output)?;
    files::keep_inputs([arguments.file.as_path()], formats::paths(&arguments.output))?;
    let report = read(&arguments.file)?;
    let words = Words::builtin()?;
    for target in &arguments.output {
        let path = target.path.as_deref();
        let style = Style {
            audience: arguments.audience.map(Into::into),
            ..console.style(path)
        };
        console.deliver(&formats::text(target.format, &report, &words, style), path)?;
    }
    Ok(Exit::Healthy)
}

fn compare(arguments: &DiffArgs, console: &Console) -> Result<Exit, String> {
    let path = arguments.answer.output.path.as_deref();
    files::keep_inputs([arguments.old.as_path(), arguments.new.as_path()], path)?;
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let diff = diff::diff(&old, &new).map_err(|error| error.to_string())?;
    let text = match arguments.answer.output.format {
        Format::Table => render::diff(&diff, console.style(path)),
        Format::Json => render::json(&diff),
        _ => return Err("`report diff` answers as table or json".to_owned()),
    };
    console.deliver(&text, path)?;
    Ok(if diff.worse { Exit::Fault } else { Exit::Healthy })
}

/// A saved report. The message names the file, and the place in it.
fn read(path: &Path) -> Result<Report, String> {
    let name = path.display();
    let bytes = files::read(path, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(format!("{name}: not a report: larger than 64 MiB"));
    }
    report::from_bytes(&bytes).map_err(|error| format!("{name}: not a report: {error}"))
}
