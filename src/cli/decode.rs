//! `decode`: error text in, the cause and the next step out.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::decode_files::{Source, decode_all as decode_all_inputs};
use super::exit::Exit;
use crate::cli::args::output::{Answers, AudienceChoice, OutputTarget, Outputs, paths};
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::lines::{Line, TOO_LONG, next_line};
use crate::cli::io::{files, inputs};
use crate::decode::many::batch::{self, Batch};
use crate::decode::many::merge;
use crate::decode::{Decoded, decode_text};
use crate::diagnosis::report;
use crate::documents::grants;
use crate::profile::Choice;
use crate::render::pages::reply::reply;
use crate::render::{self, Format, Style};

/// Files from this size on show progress: smaller ones are done before it could be read.
const WORTH_PROGRESS: u64 = 64 << 20;

/// The formats of `decode`.
#[derive(Debug, Clone)]
pub(super) struct DecodeFormats;

impl Answers for DecodeFormats {
    const COMMAND: &'static str = "decode";
    const FORMATS: &'static [Format] = &[
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Short,
        Format::Markdown,
        Format::Html,
    ];
}

/// Arguments of `decode`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor decode \"AADSTS50076: Due to a configuration change ...\"
  work365-doctor decode error.txt capture.har jobs.log.gz
  az rest ... 2>&1 | work365-doctor decode -
  work365-doctor decode --batch tickets.jsonl
  # which grant is the smallest
  work365-doctor decode error.txt --snapshot case.snapshot.json
  # the reply to who sent it
  work365-doctor decode error.txt -o markdown --audience customer

An existing path is a file, `-` is stdin, anything else is text. Several files give one merged answer.

Exit codes: 0 something was recognised, 2 usage or unreadable input, 3 nothing recognised.")]
pub(super) struct DecodeArgs {
    /// Text, files, or `-` for stdin
    #[arg(
        value_name = "TEXT|FILE",
        required_unless_present = "batch",
        allow_negative_numbers = true
    )]
    inputs: Vec<String>,
    /// Decode one text a line (JSON strings, or objects with a `text`) and cluster them by cause; `-` for stdin
    #[arg(long, value_name = "FILE.jsonl", conflicts_with = "inputs")]
    batch: Option<PathBuf>,
    /// Snapshot of the account that was refused: what would give it the missing right, the smallest grant first
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    snapshot: Option<PathBuf>,
    /// With --snapshot: whose guidance decides which role is asked for
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Choice,
    /// With --snapshot: judge ages as of this instant (RFC 3339); default: when the snapshot was taken
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
    #[command(flatten)]
    output: Outputs<DecodeFormats>,
    /// With -o markdown: the reply to who sent the error, in plain words (customer) or with codes and ids
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
}

/// Completes each missing right with what the snapshot knows of the account.
fn solve(answer: &mut Decoded, path: &Path, arguments: &DecodeArgs) -> Result<(), Failure> {
    let paths = [path.to_path_buf()];
    if !inputs::is_single(&paths) {
        return Err(Failure::from(
            "`decode --snapshot` takes one snapshot; name one file",
        ));
    }
    let input = inputs::all(&paths).next().ok_or("no snapshot was named")?;
    let snapshot = input.load().map_err(|error| input.complaint(&error))?;
    if answer.errors.iter().all(|error| error.grant.is_none()) {
        return Ok(());
    }
    let doctor = RuleSource { rules: Vec::new() }.doctor()?;
    grants::with_evidence(answer, &snapshot, doctor, arguments.profile, arguments.now);
    Ok(())
}

/// What an argument means.
enum Input {
    Text(String),
    File(PathBuf),
    Stdin,
}

/// Runs the command.
pub(super) fn run(arguments: &DecodeArgs, no_progress: bool, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    files::keep_inputs(
        arguments
            .inputs
            .iter()
            .map(Path::new)
            .chain(arguments.batch.as_deref())
            .chain(arguments.snapshot.as_deref()),
        paths(&targets),
    )?;
    if let Some(path) = &arguments.batch {
        return run_batch(path, &targets, console);
    }
    let inputs = arguments
        .inputs
        .iter()
        .map(|argument| input(argument))
        .collect::<Result<Vec<_>, _>>()?;
    let mut answer = decode_all(&inputs, no_progress)?;
    if let Some(path) = &arguments.snapshot {
        solve(&mut answer, path, arguments)?;
    }
    Outputs::<DecodeFormats>::deliver(&targets, console, |format, style| {
        Some(match format {
            Format::Table => render::decoded(&answer, style),
            Format::Json => render::json(&answer),
            Format::Ndjson => render::ndjson(&answer),
            Format::Short => render::decoded_short(&answer),
            Format::Markdown if arguments.audience.is_some() => {
                return arguments
                    .audience
                    .and_then(|audience| reply(&answer, audience.into()).ok());
            }
            Format::Markdown => render::framed_markdown(&render::decoded(&answer, framed(style))),
            Format::Html => render::framed_html("Decoded errors", &render::decoded(&answer, framed(style))),
            _ => return None,
        })
    })?;
    Ok(if answer.recognised {
        Exit::Healthy
    } else {
        Exit::NoVerdict
    })
}

/// How a page looks inside another document: without colours, as wide as people read.
fn framed(style: Style) -> Style {
    Style {
        color: false,
        width: 100,
        ..style
    }
}

/// An existing path is a file, `-` is stdin, a path that does not exist is a usage
/// error, anything else is text.
fn input(argument: &str) -> Result<Input, Failure> {
    if argument == "-" {
        return Ok(Input::Stdin);
    }
    let path = Path::new(argument);
    // A name too long for the file system is an error to ask about, and then it is text.
    if path.try_exists().unwrap_or(false) {
        return if path.is_dir() {
            Err(Failure::Usage(format!(
                "{argument}: a folder; name the files in it"
            )))
        } else if is_report(path) {
            Err(Failure::Usage(format!(
                "{argument}: a report of this program, whose words are no error; `report render` shows it"
            )))
        } else {
            Ok(Input::File(path.to_owned()))
        };
    }
    if looks_like_a_path(argument) {
        return Err(Failure::Usage(format!("{argument}: no such file")));
    }
    Ok(Input::Text(argument.to_owned()))
}

/// One word with a folder in it or with the extension of a file that people decode.
fn looks_like_a_path(argument: &str) -> bool {
    const EXTENSIONS: [&str; 14] = [
        "log", "txt", "json", "jsonl", "ndjson", "har", "gz", "html", "htm", "xml", "csv", "out", "err",
        "eml",
    ];
    let one_word =
        !argument.contains(char::is_whitespace) && !argument.contains(['"', '{', '=', '?', '<', '&']);
    let address = argument.contains("://");
    let folder = argument.contains(['/', '\\']) || argument.starts_with('~');
    let extension = argument
        .rsplit_once('.')
        .is_some_and(|(_, extension)| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()));
    one_word && !address && (folder || extension)
}

fn decode_all(inputs: &[Input], no_progress: bool) -> Result<Decoded, Failure> {
    let mut answers = Vec::new();
    let mut sources = Vec::new();
    let mut names = Vec::new();
    let mut total = 0;
    for input in inputs {
        match input {
            Input::Text(text) => answers.push(decode_text(text.as_bytes())),
            Input::Stdin => {
                sources.push(Source::Stream(Box::new(io::stdin())));
                names.push("stdin".to_owned());
            }
            Input::File(path) => {
                total += path.metadata().map_or(0, |metadata| metadata.len());
                sources.push(Source::File(path.clone()));
                names.push(path.display().to_string());
            }
        }
    }
    let progress = progress(total, no_progress);
    let scanned = decode_all_inputs(sources, |bytes| progress.inc(bytes));
    progress.finish_and_clear();
    answers.extend(scanned.map_err(|unread| {
        files::complaint(
            names.get(unread.input).map_or("input", String::as_str),
            &unread.error,
        )
    })?);
    // One input is its own answer, exactly; merging is for several.
    if answers.len() == 1
        && let Some(answer) = answers.pop()
    {
        return Ok(answer);
    }
    Ok(merge::merge(answers))
}

/// A bar on stderr; it hides itself when stderr is no terminal.
fn progress(total: u64, no_progress: bool) -> ProgressBar {
    if no_progress || total < WORTH_PROGRESS {
        return ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) =
        ProgressStyle::with_template("{bytes} of {total_bytes}  {wide_bar}  {bytes_per_sec}  {eta}")
    {
        bar.set_style(style);
    }
    bar
}

/// Whether a file starts as a report does: it speaks of many errors that nobody has seen.
fn is_report(path: &Path) -> bool {
    // A pipe gives its bytes once.
    if !path.is_file() {
        return false;
    }
    let mut start = Vec::with_capacity(256);
    files::open(path)
        .and_then(|file| file.take(256).read_to_end(&mut start))
        .is_ok_and(|_| {
            let schema = report::SCHEMA.as_bytes();
            start.starts_with(b"{") && memchr::memmem::find(&start, schema).is_some()
        })
}

fn run_batch(path: &Path, targets: &[OutputTarget], console: &Console) -> Result<Exit, Failure> {
    let name = if path.as_os_str() == "-" {
        "stdin".to_owned()
    } else {
        path.display().to_string()
    };
    let complain = |error: io::Error| files::complaint(&name, &error);
    let mut reader = BufReader::new(files::open(path).map_err(complain)?);
    let mut batch = Batch::new();
    let mut items = String::new();
    let mut is_broken = false;
    let wants_items = targets.iter().any(|target| target.format == Format::Ndjson);
    let mut number = 0;
    while let Some(line) = next_line(&mut reader).map_err(complain)? {
        number += 1;
        let Line::Whole(line) = line else {
            console.complain(&format!("{name}: line {number}: {TOO_LONG}"));
            is_broken = true;
            continue;
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        // One line that is no JSON must not cost the answers for all others.
        let item = match batch::item(number, &line) {
            Ok(item) => item,
            Err(error) => {
                console.complain(&format!("{name}: {error}"));
                is_broken = true;
                continue;
            }
        };
        if wants_items {
            items.push_str(&render::ndjson(&item));
        }
        batch.add(&item);
    }
    let batch = batch.finish();
    // An answer about no text would look like a mailbox without errors.
    if is_broken && batch.texts == 0 {
        return Ok(Exit::Unusable);
    }
    Outputs::<DecodeFormats>::deliver(targets, console, |format, style| {
        Some(match format {
            Format::Table => render::batch(&batch, style),
            Format::Json => render::json(&batch),
            Format::Ndjson => items.clone(),
            Format::Short => render::batch_short(&batch),
            Format::Markdown => render::framed_markdown(&render::batch(&batch, framed(style))),
            Format::Html => render::framed_html("Decoded errors", &render::batch(&batch, framed(style))),
            _ => return None,
        })
    })?;
    Ok(match batch.recognised {
        _ if is_broken => Exit::Unusable,
        0 => Exit::NoVerdict,
        _ => Exit::Healthy,
    })
}

#[cfg(test)]
mod tests {
    use super::looks_like_a_path;

    #[test]
    fn paths_and_texts_are_told_apart() {
        for path in [
            "logs/missing.log",
            "missing.har",
            "./x",
            "C:\\logs\\jobs.txt",
            "error.json",
        ] {
            assert!(looks_like_a_path(path), "{path}");
        }
        for text in [
            "AADSTS50076",
            "0x80040220",
            "http://localhost/cb?error=consent_required",
            "https://localhost/cb",
            "{\"error\":\"invalid_grant\"}",
            "see /var/log for AADSTS50076",
            "wst:FailedAuthentication",
            "a sentence.",
        ] {
            assert!(!looks_like_a_path(text), "{text}");
        }
    }
}
