//! The case file on the command line: what `capture --case` puts into it, and `report open`.

use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use clap::Args;

use super::exit::Exit;
use super::seal;
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
    /// With --case: the error that was seen: text, "@FILE" (quoted for PowerShell), or - for stdin [env: WORK365_DOCTOR_ERROR]
    #[arg(long, value_name = "TEXT|@FILE|-", requires = "case")]
    error: Option<String>,
    /// With --case: what a person reported (work365-doctor/answers/v1) [env: WORK365_DOCTOR_ANSWERS]
    #[arg(long, value_name = "FILE", requires = "case")]
    answers: Option<PathBuf>,
    /// With --case: encrypt it to this public key of age (age1...), so that only its owner can open it (repeatable) [env: WORK365_DOCTOR_ENCRYPT_TO]
    #[arg(long, value_name = "KEY", requires = "case", value_delimiter = ',')]
    encrypt_to: Vec<String>,
}

impl CaseFileArgs {
    /// Who alone shall read the case file; nobody, if everybody may. Asked before anything is collected.
    pub(super) fn readers(&self) -> Result<Vec<Recipient>, Failure> {
        let named = variable("ENCRYPT_TO").filter(|_| self.encrypt_to.is_empty() && self.case.is_some());
        let named = named.iter().flat_map(|text| text.split(','));
        let keys = self.encrypt_to.iter().map(String::as_str).chain(named);
        keys.map(seal::recipient)
            .collect::<Result<_, _>>()
            .map_err(|why| Failure::input("--encrypt-to", why))
    }

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
  # one that was encrypted for you
  work365-doctor report open case.zip.age --identity key.txt

Nothing is unpacked to disk. The sums show damage on the way; they do not show who made the file.
Exit codes: 0 opened, 2 no case file, or a damaged one.")]
pub(super) struct OpenArgs {
    /// A case file that `capture --case` wrote
    #[arg(value_name = "FILE.zip")]
    file: PathBuf,
    /// The file with your secret key, where the case file was encrypted
    #[arg(long, value_name = "FILE", env = "WORK365_DOCTOR_IDENTITY")]
    identity: Option<PathBuf>,
    #[command(flatten)]
    output: Outputs<OpenFormats>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
}

/// Verifies a case file and shows it.
pub(super) fn run(arguments: &OpenArgs, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    let inputs = std::iter::once(&arguments.file).chain(&arguments.identity);
    files::keep_inputs(inputs.map(PathBuf::as_path), paths(&targets))?;
    let opened = read(&arguments.file, arguments.identity.as_deref())?;
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

fn read(path: &Path, identity: Option<&Path>) -> Result<OpenedCase, Failure> {
    let name = path.display();
    let bytes = files::read(path, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(Failure::Usage(format!(
            "{name}: no case file: larger than 256 MiB"
        )));
    }
    let bytes = if seal::is_sealed(&bytes) {
        seal::opened(&bytes, identity).map_err(|why| Failure::input(&name, why))?
    } else {
        bytes
    };
    open(&bytes).map_err(|error| Failure::input(name, error))
}
