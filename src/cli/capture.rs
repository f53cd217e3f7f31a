//! `capture`: the snapshot of a case, redacted unless told otherwise.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::exit::Exit;
use super::files;
use super::inputs::not_a_snapshot;
use super::live::{self, LiveArgs};
use super::output::{Console, write_private};
use crate::render;
use crate::secret::Secret;
use crate::snapshot::redact::{CaseKey, Kind, RedactError, Redacted, redact};
use crate::snapshot::{self, MAXIMUM_BYTES, Snapshot};

/// The schema name of the map file.
const MAP_SCHEMA: &str = "work365-doctor/redaction-map/v1";

/// The variable that holds the key of the case: the same key gives the same pseudonyms.
const CASE_KEY: &str = "WORK365_DOCTOR_CASE_KEY";

/// Bytes of a random case key.
const KEY_BYTES: usize = 16;

/// Arguments of `capture`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("evidence").args(["account", "from", "schema"]))]
#[command(after_help = "\
Examples:
  work365-doctor capture --account svc@contoso.com --environment https://contoso.crm4.dynamics.com
  work365-doctor capture --from evidence.json                        redacted, beside a map that stays with you
  work365-doctor capture --from evidence.json case.snapshot.json
  work365-doctor capture --from evidence.json --preview              what would be replaced, nothing is written
  work365-doctor capture --from later.json --map case.map.json       the same pseudonyms in a second file
  work365-doctor capture --from - - < evidence.json                  from stdin to stdout
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
    /// Print the JSON Schema of a snapshot
    #[arg(long)]
    schema: bool,
}

impl CaptureArgs {
    /// The map of a snapshot: the one that was named, else the one beside it.
    fn map_of(&self, snapshot: Option<&Path>) -> Option<PathBuf> {
        self.map.clone().or_else(|| map_beside(snapshot?))
    }
}

/// Runs the command.
pub(super) fn run(
    arguments: &CaptureArgs,
    config: &Config,
    no_progress: bool,
    console: &Console,
) -> Result<Exit, String> {
    let is_live = arguments.from.is_none() && !arguments.schema;
    if !is_live && let Some(flag) = arguments.live.first_flag() {
        return Err(format!(
            "{flag} is for a live capture; it has no place beside --from or --schema"
        ));
    }
    if arguments.schema {
        console.deliver(&render::json(&snapshot::json_schema()), None)?;
        return Ok(Exit::Healthy);
    }
    files::keep_inputs(
        arguments.from.as_deref(),
        arguments
            .path
            .as_deref()
            .into_iter()
            .chain(arguments.map.as_deref()),
    )?;
    let (name, bytes) = match &arguments.from {
        Some(from) => {
            let name = from.display().to_string();
            let bytes = files::read(from, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
            (name, bytes)
        }
        None => match live::collect(&arguments.live, config, None, no_progress, console)? {
            Ok(live) => (
                "the evidence".to_owned(),
                live.evidence()?.1.to_string().into_bytes(),
            ),
            Err(exit) => return Ok(exit),
        },
    };
    take(&name, &bytes, arguments, console)
}

/// Writes the snapshot in `bytes`, redacted unless told otherwise.
fn take(name: &str, bytes: &[u8], arguments: &CaptureArgs, console: &Console) -> Result<Exit, String> {
    if arguments.no_redact {
        let parsed = Snapshot::from_bytes(bytes).map_err(|error| not_a_snapshot(name, &error))?;
        return unredacted(bytes, &parsed, arguments, console);
    }
    let known = match arguments.map_of(arguments.path.as_deref()) {
        Some(path) => MapFile::read(&path)?,
        None => None,
    };
    let key = key(known.as_ref())?;
    let redacted = redact(bytes, &CaseKey::new(key.expose())).map_err(|error| match &error {
        RedactError::Snapshot(inner) => not_a_snapshot(name, inner),
        RedactError::Leaks(_) => format!("{name}: {error}"),
    })?;
    if arguments.preview {
        console.deliver(&preview(&redacted), None)?;
        return Ok(Exit::Healthy);
    }
    let path = arguments
        .path
        .clone()
        .unwrap_or_else(|| default_path(&redacted.document, ""));
    let text = render::json(&redacted.document);
    if path.as_os_str() == "-" {
        console.deliver(&text, None)?;
    } else {
        console.deliver(&text, Some(&path))?;
    }
    keep_map(&path, &redacted, &key, known, arguments, console)?;
    Ok(Exit::Healthy)
}

/// The snapshot as it is: the user said so, and the name of the file says so too.
fn unredacted(
    bytes: &[u8],
    parsed: &Snapshot,
    arguments: &CaptureArgs,
    console: &Console,
) -> Result<Exit, String> {
    let document: serde_json::Value = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => return Err(format!("--no-redact copies UTF-8 only: {error}")),
    };
    let mark = if parsed.redacted { "" } else { ".UNREDACTED" };
    let path = arguments
        .path
        .clone()
        .unwrap_or_else(|| default_path(&document, mark));
    let text = render::json(&document);
    let target = (path.as_os_str() != "-").then_some(path.as_path());
    console.deliver(&text, target)?;
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
        .or_else(|| name.strip_suffix(".json"));
    (name != "-").then(|| snapshot.with_file_name(format!("{}.map.json", stem.unwrap_or(&name))))
}

/// `user-7f3a9c-20260105T101112Z.snapshot.json`: for a redacted snapshot the name is a pseudonym too.
fn default_path(document: &serde_json::Value, mark: &str) -> PathBuf {
    let text = |pointer: &str| {
        document
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    let account = text("/subject/account").split('@').next().unwrap_or_default();
    let safe = |text: &str| -> String {
        text.chars()
            .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
            .collect()
    };
    let time: String = safe(text("/captured_at")).replace('-', "");
    PathBuf::from(format!("{}-{time}{mark}.snapshot.json", safe(account)))
}

/// The key of the case: of the variable, else that of the map, else a random one. Never an argument, which every other
/// process could read.
fn key(known: Option<&MapFile>) -> Result<Secret, String> {
    match (std::env::var(CASE_KEY).ok(), known) {
        (Some(key), _) if key.is_empty() => Err(format!("{CASE_KEY} is empty")),
        (Some(key), Some(map)) if key != map.key => Err(format!(
            "{CASE_KEY} is not the key of the map; use one of the two"
        )),
        (Some(key), _) => Ok(Secret::new(key)),
        (None, Some(map)) => Ok(Secret::new(&map.key)),
        (None, None) => {
            let mut bytes = [0_u8; KEY_BYTES];
            getrandom::fill(&mut bytes).map_err(|error| format!("no random key: {error}"))?;
            Ok(Secret::new(bytes.map(|byte| format!("{byte:02x}")).concat()))
        }
    }
}

/// What the customer keeps: the key of the case, and which name each pseudonym stands for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct MapFile {
    /// Always `work365-doctor/redaction-map/v1`.
    #[schemars(extend("const" = MAP_SCHEMA))]
    schema: String,
    /// The key of the case: the same key gives the same pseudonyms.
    key: String,
    /// Pseudonym to name.
    names: BTreeMap<String, String>,
}

impl MapFile {
    /// The map at `path`; none if there is no file yet.
    fn read(path: &Path) -> Result<Option<Self>, String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(files::complaint(path.display(), &error)),
        };
        let map: Self =
            serde_json::from_str(&text).map_err(|error| format!("{}: not a map: {error}", path.display()))?;
        if map.schema == MAP_SCHEMA {
            Ok(Some(map))
        } else {
            Err(format!(
                "{}: the schema is `{}`, not `{MAP_SCHEMA}`",
                path.display(),
                map.schema
            ))
        }
    }

    /// Writes it so that only its owner can read it.
    fn write(&self, path: &Path) -> Result<(), String> {
        write_private(path, &render::json(self)).map_err(|error| files::unwritable(path, &error))
    }
}

fn keep_map(
    snapshot: &Path,
    redacted: &Redacted,
    key: &Secret,
    known: Option<MapFile>,
    arguments: &CaptureArgs,
    console: &Console,
) -> Result<(), String> {
    let to_stdout = snapshot.as_os_str() == "-";
    let Some(path) = arguments.map_of(Some(snapshot)) else {
        console.note("no map was kept: name one with --map to find the way back from the pseudonyms");
        return Ok(());
    };
    let mut names = known.map(|map| map.names).unwrap_or_default();
    for replacement in &redacted.replacements {
        names.insert(replacement.pseudonym.clone(), replacement.original.clone());
    }
    let map = MapFile {
        schema: MAP_SCHEMA.to_owned(),
        key: key.expose().to_owned(),
        names,
    };
    map.write(&path)?;
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
    Ok(())
}

/// What would be replaced by what, by kind, and how much of the file is left as it is.
fn preview(redacted: &Redacted) -> String {
    let mut lines = Vec::new();
    let mut kind: Option<Kind> = None;
    for replacement in &redacted.replacements {
        if replacement.original == replacement.pseudonym {
            continue;
        }
        if kind != Some(replacement.kind) {
            kind = Some(replacement.kind);
            lines.push(format!("{}:", heading(replacement.kind)));
        }
        let original = crate::text::one_line(&replacement.original);
        lines.push(format!("  {original}  →  {}", replacement.pseudonym));
    }
    lines.push(String::new());
    lines.push("What would leave:".to_owned());
    lines.push(crate::text::terminal_safe(&render::json(&redacted.document)).into_owned());
    lines.join("\n")
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "Accounts",
        Kind::Domain => "Domains",
        Kind::Environment => "Environments",
        Kind::Id => "Ids",
        Kind::Address => "Addresses",
        Kind::Name => "Names",
        Kind::Text => "Other texts",
    }
}
