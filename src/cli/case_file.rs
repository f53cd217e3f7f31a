//! The case file on the command line: what `capture --case` puts into it, and `report open`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use crate::ask::AnswersFile;
use crate::cli::args::case::error_bytes;
use crate::cli::args::output::{Answers, AudienceChoice, Outputs, paths};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::settings::env::variable;
use crate::decode::to_text;
use crate::diagnosis::Words;
use crate::documents::case_file::{OpenedCase, open};
use crate::documents::interview;
use crate::render::{self, Format, Style};

/// No case file is near this size.
const MAXIMUM_BYTES: u64 = 256 * 1024 * 1024;

/// What `capture --case` takes beside the evidence.
#[derive(Debug, Args)]
pub(super) struct CaseFileArgs {
    /// Write a case file for support: redacted snapshot, report, summary, sums, in one ZIP archive
    #[arg(long, value_name = "FILE.zip", conflicts_with_all = ["path", "preview", "no_redact", "schema"])]
    pub(super) case: Option<PathBuf>,
    /// With --case: the error that was seen: text, @FILE, or - for stdin [env: WORK365_DOCTOR_ERROR]
    #[arg(long, value_name = "TEXT|@FILE|-", requires = "case")]
    error: Option<String>,
    /// With --case: what a person reported (work365-doctor/answers/v1) [env: WORK365_DOCTOR_ANSWERS]
    #[arg(long, value_name = "FILE", requires = "case")]
    answers: Option<PathBuf>,
}

impl CaseFileArgs {
    /// The error that was seen, as it was seen. The variable counts with --case only: other captures have no use for it.
    pub(super) fn error(&self) -> Result<Option<String>, Failure> {
        let Some(text) = self.error.clone().or_else(|| variable("ERROR")) else {
            return Ok(None);
        };
        let bytes = error_bytes(&text)?;
        Ok(Some(to_text(&bytes).into_owned()))
    }

    /// The files that are read beside the evidence.
    pub(super) fn inputs(&self) -> impl Iterator<Item = PathBuf> {
        let error = self.error.as_deref().and_then(|error| error.strip_prefix('@'));
        error.map(PathBuf::from).into_iter().chain(self.answers.clone())
    }

    /// The evidence in `document` with what a person reported.
    pub(super) fn with_answers(&self, document: &mut serde_json::Value) -> Result<(), Failure> {
        let Some(path) = self
            .answers
            .clone()
            .or_else(|| variable("ANSWERS").map(PathBuf::from))
        else {
            return Ok(());
        };
        let given: AnswersFile = super::ask::answers("--answers", &path)?;
        interview::put_answers(document, &given).map_err(|error| Failure::input("the evidence", error))
    }
}

/// The formats of an opened case.
#[derive(Debug, Clone)]
struct OpenFormats;

impl Answers for OpenFormats {
    const COMMAND: &'static str = "report open";
    const FORMATS: &'static [Format] = &[
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Short,
        Format::Markdown,
        Format::Html,
        Format::Ics,
    ];
}

/// Arguments of `report open`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report open case.zip
  work365-doctor report open case.zip -o html=case.html
  work365-doctor report open case.zip -o json

Nothing is unpacked to disk. The sums show damage on the way; they do not show who made the file.
Exit codes: 0 opened, 2 no case file, or a damaged one.")]
pub(super) struct OpenArgs {
    /// A case file that `capture --case` wrote
    #[arg(value_name = "FILE.zip")]
    file: PathBuf,
    #[command(flatten)]
    output: Outputs<OpenFormats>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
}

/// Verifies a case file and shows it.
pub(super) fn run(arguments: &OpenArgs, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    files::keep_inputs([arguments.file.as_path()], paths(&targets))?;
    let opened = read(&arguments.file)?;
    let words = Words::builtin()?;
    let name = arguments.file.display().to_string();
    Outputs::<OpenFormats>::deliver(&targets, console, |format, style| {
        let style = Style {
            audience: arguments.audience.map(Into::into),
            ..style
        };
        Some(match format {
            Format::Json => render::json(&opened),
            Format::Ndjson => render::ndjson(&opened),
            Format::Table => {
                render::pages::case_file::case_file(&name, &opened.manifest_page(), style)
                    + &render::report(format, &opened.report, &words, style)
            }
            _ => render::report(format, &opened.report, &words, style),
        })
    })?;
    Ok(Exit::Healthy)
}

fn read(path: &Path) -> Result<OpenedCase, Failure> {
    let name = path.display();
    let bytes = files::read(path, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(Failure::Usage(format!(
            "{name}: no case file: larger than 256 MiB"
        )));
    }
    open(&bytes).map_err(|error| Failure::input(name, error))
}
