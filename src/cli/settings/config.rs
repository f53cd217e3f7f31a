//! `work365-doctor.toml`: found walking up from the current folder, then in the user's configuration folder.
//!
//! Its values become the defaults of the flags, so the order is the flag, the variable, the file, the default.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Command;
use serde::Deserialize;

use super::trusted;
use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::io::read_places;
use crate::cli::io::whole_file::rewrite;
use crate::diagnosis::Acceptance;
use crate::diagnosis::report::Report;
use crate::facts::ExpectedState;

/// The longest file of settings.
const MAXIMUM: u64 = 1 << 20;

/// Name of the file.
const NAME: &str = "work365-doctor.toml";

/// What a file may set that was merely found in or above the current folder: what changes a judgement, but not where the
/// program connects, what it loads or what it writes.
pub(crate) const FOUND_MAY_SET: &[&str] = &[
    "profile",
    "time-zone",
    "configured-identity",
    "ip",
    "country",
    "audience",
    "fail-on",
    "select",
    "ignore",
    "strict",
    "color",
    "accept",
    "expected-state",
];

/// What the file may say. Unknown keys are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    profile: Option<String>,
    time_zone: Option<String>,
    configured_identity: Option<String>,
    #[serde(default)]
    ip: Vec<String>,
    country: Option<String>,
    audience: Option<String>,
    #[serde(default)]
    rules: Vec<PathBuf>,
    #[serde(default)]
    select: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
    fail_on: Option<String>,
    strict: Option<bool>,
    exit_zero: Option<bool>,
    #[serde(default)]
    output: Vec<String>,
    color: Option<String>,
    /// What a live run is about and how it signs in.
    #[serde(default)]
    pub live: LiveConfig,
    /// Faults that somebody accepted.
    #[serde(default, rename = "accept")]
    pub acceptances: Vec<Acceptance>,
    /// The state that a healthy account was in.
    pub expected_state: Option<ExpectedState>,
    /// Whether nobody named the file: it lay in or above the current folder.
    #[serde(skip)]
    pub is_found: bool,
    /// Where the file is.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// `[live]`: no secret can stand here.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LiveConfig {
    pub account: Option<String>,
    pub environment: Option<String>,
    pub environment_id: Option<String>,
    pub auth: Option<String>,
    pub tenant: Option<String>,
    pub client_id: Option<String>,
    pub consent: Option<String>,
    pub cloud: Option<String>,
}

impl Config {
    /// The file that applies to these arguments; the empty one if there is none.
    ///
    /// # Errors
    ///
    /// The named file cannot be read, or a file is not as it should be. The message names file, line and key.
    pub(crate) fn find(arguments: &[OsString]) -> Result<Self, Failure> {
        match wish(arguments) {
            Wish::None => Ok(Self::default()),
            Wish::File(path) => Self::load(&path, false),
            Wish::Search => match (found(), of_user().filter(|path| path.is_file())) {
                (Some(path), of_user) => Self::load(&path, of_user.as_ref() != Some(&path)),
                (None, Some(path)) => Self::load(&path, false),
                (None, None) => Ok(Self::default()),
            },
        }
    }

    fn load(path: &Path, is_found: bool) -> Result<Self, Failure> {
        read_places::is_read(path);
        let text = files::text(path, MAXIMUM).map_err(|error| files::complaint(path.display(), &error))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| complaint(path, &text, &error))?;
        if is_found {
            refuse_reach(path, &text)?;
        }
        config.path = Some(path.to_owned());
        config.is_found = is_found;
        let folder = path.parent().unwrap_or(Path::new("."));
        for rules in &mut config.rules {
            *rules = folder.join(&*rules);
        }
        Ok(config)
    }

    /// A fault that disappeared by a file which nobody named must not disappear in silence.
    pub(crate) fn name_found_exceptions(&self, report: &mut Report) {
        if let Some(file) = self.found_file() {
            name_exceptions(&file, report);
        }
    }

    /// The name of the file, where nobody named it and it was found.
    pub(crate) fn found_file(&self) -> Option<String> {
        let path = self.path.as_ref().filter(|_| self.is_found)?;
        Some(
            path.file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
        )
    }

    /// What is wrong with what the file says, with its name.
    pub(crate) fn complaint(&self, error: &dyn std::fmt::Display) -> String {
        match &self.path {
            Some(path) => format!("{}: {error}", path.display()),
            None => error.to_string(),
        }
    }

    /// Writes `[expected-state]` into the file that was read, or into one in the current folder; the rest of the file
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or is no TOML.
    pub(crate) fn write_expected_state(&self, state: &ExpectedState) -> Result<PathBuf, Failure> {
        let path = self.path.clone().unwrap_or_else(|| PathBuf::from(NAME));
        let complaint = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = if self.path.is_some() {
            files::text(&path, MAXIMUM).map_err(|error| complaint(&error))?
        } else {
            String::new()
        };
        let mut document: toml_edit::DocumentMut = text.parse().map_err(|error| complaint(&error))?;
        let table = toml::to_string(state).map_err(|error| complaint(&error))?;
        let table: toml_edit::DocumentMut = table.parse().map_err(|error| complaint(&error))?;
        document.insert("expected-state", toml_edit::Item::Table(table.as_table().clone()));
        rewrite(&path, &document.to_string()).map_err(|error| complaint(&error))?;
        Ok(path)
    }

    /// Whether the file sets any.
    pub(crate) fn has_defaults(&self) -> bool {
        self.values().next().is_some()
    }

    /// The command with the file's values as defaults.
    pub(crate) fn defaults(&self, command: Command) -> Command {
        self.values()
            .fold(command, |command, (id, values)| set_default(command, id, &values))
    }

    /// Whether the file has a value for this argument.
    pub(super) fn sets(&self, argument: &str) -> bool {
        self.values().any(|(id, _)| id == argument)
    }

    /// The file's values by the arguments that they are for.
    fn values(&self) -> impl Iterator<Item = (&'static str, Vec<String>)> {
        let texts = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let flags = |value: Option<bool>| {
            value
                .map(|value| value.to_string())
                .into_iter()
                .collect::<Vec<_>>()
        };
        let rules = self.rules.iter().map(|path| path.display().to_string()).collect();
        let values: [(&'static str, Vec<String>); 14] = [
            ("profile", texts(&self.profile)),
            ("time_zone", texts(&self.time_zone)),
            ("configured_identity", texts(&self.configured_identity)),
            ("ip", self.ip.clone()),
            ("country", texts(&self.country)),
            ("audience", texts(&self.audience)),
            ("rules", rules),
            ("select", self.select.clone()),
            ("ignore", self.ignore.clone()),
            ("fail_on", texts(&self.fail_on)),
            ("strict", flags(self.strict)),
            ("exit_zero", flags(self.exit_zero)),
            ("output", self.output.clone()),
            ("color", texts(&self.color)),
        ];
        values.into_iter().filter(|(_, values)| !values.is_empty())
    }
}

/// Sets the default of an argument wherever the command or a subcommand has it.
fn set_default(command: Command, id: &'static str, values: &[String]) -> Command {
    let has = |command: &Command| command.get_arguments().any(|argument| argument.get_id() == id);
    let command = if has(&command) {
        let values = values.to_vec();
        command.mut_arg(id, |argument| argument.default_values(values))
    } else {
        command
    };
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| set_default(command, id, values))
    })
}

/// What is wrong, and where. The line itself is not shown: somebody may have put a secret there.
fn complaint(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let place = error.span().and_then(|span| {
        let before = text.get(..span.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before
            .chars()
            .rev()
            .take_while(|character| *character != '\n')
            .count()
            + 1;
        Some(format!(":{line}:{column}"))
    });
    format!(
        "{}{}: {}",
        path.display(),
        place.unwrap_or_default(),
        error.message()
    )
}

enum Wish {
    None,
    File(PathBuf),
    Search,
}

/// Whether an agent's server is started: its configuration comes from its command line, and from nowhere else.
fn is_for_an_agent(arguments: &[OsString]) -> bool {
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        match &*text {
            // These take the next word.
            "--config" | "--color" => {
                rest.next();
            }
            flag if flag.starts_with('-') => {}
            command => return command == "mcp",
        }
    }
    false
}

/// `--config FILE` and `--no-config` decide before the arguments are parsed: the file is what they are parsed with.
fn wish(arguments: &[OsString]) -> Wish {
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if text == "--" {
            break;
        }
        // A file that must be trusted first cannot forbid that.
        if text == "--no-config" || text == "trust" {
            return Wish::None;
        }
        if text == "--config" {
            return rest.next().map_or(Wish::None, |path| Wish::File(path.into()));
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Wish::File(path.into());
        }
    }
    if is_for_an_agent(arguments) {
        return Wish::None;
    }
    let is_unwanted = std::env::var("WORK365_DOCTOR_NO_CONFIG").is_ok_and(|value| value == "true");
    match std::env::var_os("WORK365_DOCTOR_CONFIG").filter(|path| !path.is_empty()) {
        _ if is_unwanted => Wish::None,
        Some(path) => Wish::File(path.into()),
        None => Wish::Search,
    }
}

/// The file in the current folder or the nearest one above it.
pub(crate) fn found() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors()
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file())
}

/// The user's own file, whether it is there or not.
fn of_user() -> Option<PathBuf> {
    trusted::user_folder().map(|folder| folder.join(NAME))
}

/// Adds to the headline which faults were accepted by a file that was found.
pub(crate) fn name_exceptions(file: &str, report: &mut Report) {
    let rules = report.accepted_rules().collect::<Vec<_>>().join(", ");
    if !rules.is_empty() {
        let headline = &mut report.diagnosis.headline;
        *headline = format!(
            "{} Accepted by {file}, which was found: {rules}.",
            headline.trim_end()
        );
    }
}

/// Refuses a key that a found file may not set, unless the user trusts the file as it is. A file that is no TOML is
/// complained about by its reader.
fn refuse_reach(path: &Path, text: &str) -> Result<(), Failure> {
    let Ok(document) = text.parse::<toml_edit::Document<String>>() else {
        return Ok(());
    };
    let beyond = document
        .as_table()
        .iter()
        .find(|(key, _)| !FOUND_MAY_SET.contains(key));
    let Some((key, item)) = beyond else { return Ok(()) };
    if trusted::is_trusted(path, text.as_bytes()) {
        return Ok(());
    }
    let start = document
        .as_table()
        .key(key)
        .and_then(toml_edit::Key::span)
        .or_else(|| item.span())
        .map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    let path = path.display();
    Err(Failure::Usage(format!(
        "{path}:{line}: a configuration that was found may not set `{key}`; name the file with --config {path}, or trust it \
         as it is: work365-doctor trust {path}"
    )))
}
