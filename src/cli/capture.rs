//! `capture`: the snapshot of a case, redacted unless told otherwise.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use age::x25519::Recipient;
use clap::{ArgGroup, Args};

use super::case_file::CaseFileArgs;
use super::exit::Exit;
use super::schemas;
use super::seal;
use crate::cli::args::live::LiveArgs;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::inputs::not_a_snapshot;
use crate::cli::io::readers;
use crate::cli::io::turn;
use crate::cli::io::whole_file::{WholeFile, write_private, write_whole_bytes};
use crate::cli::live_run;
use crate::cli::settings::case_key::case_key;
use crate::cli::settings::config::Config;
use crate::diagnosis::report::Request;
use crate::diagnosis::{Doctor, Words};
use crate::documents::case_file::{Case, build};
use crate::documents::redaction::{RedactionMap, suggested_name};
use crate::render;
use crate::rules::RuleBook;
use crate::secret::Secret;
use crate::snapshot::redact::{CaseKey, RedactError, Redacted, redact_without};
use crate::snapshot::{self, MAXIMUM_BYTES, Snapshot};

/// Arguments of `capture`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("evidence").args(["account", "from", "schema"]))]
#[command(after_help = "\
Examples:
  work365-doctor capture --account svc@contoso.com --environment https://contoso.crm4.dynamics.com
  # redacted, beside a map that stays with you
  work365-doctor capture --from evidence.json
  work365-doctor capture --from evidence.json case.snapshot.json
  # what would be replaced, nothing is written
  work365-doctor capture --from evidence.json --preview
  # the same pseudonyms in a second file
  work365-doctor capture --from later.json --map case.map.json
  # from stdin to stdout
  cat evidence.json | work365-doctor capture --from - -
  # without the sign-in log
  work365-doctor capture --from evidence.json --drop graph.sign_ins
  # everything for support
  work365-doctor capture --from evidence.json --case case.zip --error \"@error.txt\"
  # and for nobody else
  work365-doctor capture --from evidence.json --case case.zip.age --encrypt-to age1...
  work365-doctor capture --schema > snapshot.schema.json

WORK365_DOCTOR_CASE_KEY holds the key of the case, when it is not that of the map.
Send the snapshot, keep the map: only the map leads back to the names.")]
pub(super) struct CaptureArgs {
    /// Where the snapshot goes; `-` for stdout. Default: <account>-<time>.snapshot.json
    #[arg(value_name = "PATH|-")]
    path: Option<PathBuf>,
    #[command(flatten)]
    live: LiveArgs,
    /// Take an existing snapshot; `-` for stdin
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Show what would be replaced, and write nothing
    #[arg(long, conflicts_with_all = ["no_redact", "schema"])]
    preview: bool,
    /// Leave every name as it is; the file's name says so
    #[arg(long, conflicts_with_all = ["map", "schema"])]
    no_redact: bool,
    /// The file that leads back from pseudonyms to names; read first if it is there. Default: beside the snapshot
    #[arg(
        long,
        env = "WORK365_DOCTOR_MAP",
        value_name = "FILE",
        conflicts_with = "schema"
    )]
    map: Option<PathBuf>,
    /// Leave this section out, as if nobody had asked (repeatable)
    #[arg(long, value_name = "SECTION", value_delimiter = ',', conflicts_with_all = ["no_redact", "schema"])]
    drop: Vec<String>,
    /// Print the JSON Schema of a snapshot
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    case_file: CaseFileArgs,
}

impl CaptureArgs {
    /// The map of a snapshot: the one that was named, else the one beside it.
    fn map_of(&self, snapshot: Option<&Path>) -> Option<PathBuf> {
        self.map.clone().or_else(|| map_beside(snapshot?))
    }

    /// Two captures of one case at once would each make a key: the second waits, and takes the key of the first.
    fn turn(&self, snapshot: Option<&Path>) -> Result<Option<File>, Failure> {
        match self.map_of(snapshot).filter(|_| !self.preview) {
            Some(map) => turn::wait_for(&map).map_err(|error| files::unwritable(&map, &error)),
            None => Ok(None),
        }
    }
}

/// Runs the command.
pub(super) fn run(
    arguments: &CaptureArgs,
    config: &Config,
    no_progress: bool,
    console: &Console,
) -> Result<Exit, Failure> {
    let is_live = arguments.from.is_none() && !arguments.schema;
    if !is_live && let Some(flag) = arguments.live.first_flag() {
        return Err(Failure::Usage(format!(
            "{flag} is for a live capture; it has no place beside --from or --schema"
        )));
    }
    if arguments.schema {
        console.deliver(schemas::of("snapshot"), None)?;
        return Ok(Exit::Healthy);
    }
    let beside: Vec<PathBuf> = arguments.case_file.inputs().collect();
    let outputs = [&arguments.path, &arguments.case_file.case, &arguments.map];
    files::keep_inputs(
        arguments
            .from
            .as_deref()
            .into_iter()
            .chain(beside.iter().map(PathBuf::as_path)),
        outputs.iter().filter_map(|path| path.as_deref()),
    )?;
    let alone = arguments.case_file.readers()?;
    let (name, bytes, requests) = match &arguments.from {
        Some(from) => {
            let name = from.display().to_string();
            let bytes = files::read(from, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
            (name, bytes, Vec::new())
        }
        None => match live_run::collect(&arguments.live, config, None, None, false, no_progress, console)? {
            Ok(live) => (
                "the evidence".to_owned(),
                live.evidence()?.1.to_string().into_bytes(),
                live.requests(),
            ),
            Err(exit) => return Ok(exit),
        },
    };
    match &arguments.case_file.case {
        Some(path) => {
            let evidence = (name.as_str(), bytes.as_slice());
            case(evidence, requests, path, &alone, arguments, console)
        }
        None => take(&name, &bytes, arguments, console),
    }
}

/// Writes a case file, for some readers alone if any are named, and keeps the map beside it.
fn case(
    (name, bytes): (&str, &[u8]),
    requests: Vec<Request>,
    path: &Path,
    alone: &[Recipient],
    arguments: &CaptureArgs,
    console: &Console,
) -> Result<Exit, Failure> {
    let error = arguments.case_file.error()?;
    let mut document = snapshot::redact::document(bytes).map_err(|error| not_a_snapshot(name, &error))?;
    Snapshot::from_bytes(bytes).map_err(|error| not_a_snapshot(name, &error))?;
    arguments.case_file.with_answers(&mut document)?;
    let bytes = document.to_string();
    let turn = arguments.turn(Some(path))?;
    let (mut redacted, key, known) = redacted(name, bytes.as_bytes(), Some(path), arguments)?;
    let doctor = Doctor::new(
        RuleBook::builtin().map_err(|complaints| complaints.to_string())?,
        Words::builtin()?,
    );
    let (archive, _) = build(Case {
        redacted: &mut redacted,
        error: error.as_deref(),
        requests,
        doctor: &doctor,
    })
    .map_err(|error| format!("{name}: {error}"))?;
    let archive = if alone.is_empty() {
        archive
    } else {
        seal::sealed(&archive, alone).map_err(|error| Failure::input(path.display(), error))?
    };
    write_whole_bytes(path, &archive).map_err(|error| files::unwritable(path, &error))?;
    keep_map(path, &redacted, &key, known, arguments, console)?;
    drop(turn);
    Ok(Exit::Healthy)
}

/// The redacted snapshot, the key of the case, and the map that was there already.
fn redacted(
    name: &str,
    bytes: &[u8],
    path: Option<&Path>,
    arguments: &CaptureArgs,
) -> Result<(Redacted, Secret, Option<RedactionMap>), Failure> {
    let known = match arguments.map_of(path) {
        Some(path) => read_map(&path)?,
        None => None,
    };
    let key = case_key(known.as_ref())?;
    let redacted =
        redact_without(bytes, &CaseKey::new(key.expose()), &arguments.drop).map_err(
            |error| match &error {
                RedactError::Snapshot(inner) => not_a_snapshot(name, inner),
                RedactError::Leaks(_) => format!("{name}: {error}"),
                RedactError::NoSection(_) => error.to_string(),
            },
        )?;
    Ok((redacted, key, known))
}

/// Writes the snapshot in `bytes`, redacted unless told otherwise.
fn take(name: &str, bytes: &[u8], arguments: &CaptureArgs, console: &Console) -> Result<Exit, Failure> {
    if arguments.no_redact {
        let parsed = Snapshot::from_bytes(bytes).map_err(|error| not_a_snapshot(name, &error))?;
        return unredacted(bytes, &parsed, arguments, console);
    }
    let turn = arguments.turn(arguments.path.as_deref())?;
    let (redacted, key, known) = redacted(name, bytes, arguments.path.as_deref(), arguments)?;
    if arguments.preview {
        console.deliver(&render::redaction_preview(&redacted), None)?;
        return Ok(Exit::Healthy);
    }
    let path = arguments
        .path
        .clone()
        .unwrap_or_else(|| suggested_name(&redacted.document, "").into());
    files::keep_inputs(
        arguments.from.as_deref(),
        [Some(path.as_path()), arguments.map_of(Some(&path)).as_deref()]
            .into_iter()
            .flatten(),
    )?;
    let text = render::json(&redacted.document);
    if path.as_os_str() == "-" {
        keep_map(&path, &redacted, &key, known, arguments, console)?;
        console.deliver(&text, None)?;
    } else {
        // The map first: a snapshot whose key is lost leads nowhere.
        let mut file = WholeFile::create(&path).map_err(|error| files::unwritable(&path, &error))?;
        file.write(&text)
            .map_err(|error| files::unwritable(&path, &error))?;
        keep_map(&path, &redacted, &key, known, arguments, console)?;
        file.finish().map_err(|error| files::unwritable(&path, &error))?;
    }
    drop(turn);
    Ok(Exit::Healthy)
}

/// The snapshot as it is: the user said so, and the name of the file says so too.
fn unredacted(
    bytes: &[u8],
    parsed: &Snapshot,
    arguments: &CaptureArgs,
    console: &Console,
) -> Result<Exit, Failure> {
    let document: serde_json::Value = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => return Err(Failure::Usage(format!("--no-redact copies UTF-8 only: {error}"))),
    };
    let mark = if parsed.redacted { "" } else { ".UNREDACTED" };
    let path = arguments
        .path
        .clone()
        .unwrap_or_else(|| suggested_name(&document, mark).into());
    let text = render::json(&document);
    match path.as_os_str() == "-" {
        true => console.deliver(&text, None)?,
        // Names and ids are in it: its owner alone reads it.
        false if !parsed.redacted => {
            write_private(&path, &text).map_err(|error| files::unwritable(&path, &error))?;
            readers::tell(&path, console);
        }
        false => console.deliver(&text, Some(&path))?,
    }
    if !parsed.redacted {
        console.note("the snapshot is not redacted: it holds names, addresses and ids of your tenant");
    }
    Ok(Exit::Healthy)
}

/// The map of `case.snapshot.json` is `case.map.json`.
fn map_beside(snapshot: &Path) -> Option<PathBuf> {
    let name = snapshot.file_name()?.to_string_lossy().into_owned();
    let stem = name
        .strip_suffix(".snapshot.json")
        .or_else(|| name.strip_suffix(".zip"))
        .or_else(|| name.strip_suffix(".json"));
    (name != "-").then(|| snapshot.with_file_name(format!("{}.map.json", stem.unwrap_or(&name))))
}

/// The map at `path`; none if there is no file yet.
fn read_map(path: &Path) -> Result<Option<RedactionMap>, Failure> {
    let text = match files::text(path, MAXIMUM_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(files::complaint(path.display(), &error)),
    };
    RedactionMap::read(&text)
        .map(Some)
        .map_err(|error| Failure::input(path.display(), error))
}

fn keep_map(
    snapshot: &Path,
    redacted: &Redacted,
    key: &Secret,
    known: Option<RedactionMap>,
    arguments: &CaptureArgs,
    console: &Console,
) -> Result<(), Failure> {
    let to_stdout = snapshot.as_os_str() == "-";
    let Some(path) = arguments.map_of(Some(snapshot)) else {
        console.note("no map was kept: name one with --map to find the way back from the pseudonyms");
        return Ok(());
    };
    let map = RedactionMap::of(redacted, key, known);
    // Only its owner can read it.
    write_private(&path, &render::json(&map)).map_err(|error| files::unwritable(&path, &error))?;
    if to_stdout {
        console.note(&format!(
            "{} leads back to the names: keep it, do not send it",
            path.display()
        ));
    } else {
        console.note(&format!(
            "{} can be sent; {} leads back to the names: keep it, do not send it",
            snapshot.display(),
            path.display()
        ));
    }
    readers::tell(&path, console);
    Ok(())
}
