//! `work365-doctor.toml`: found walking up from the current folder, then in the user's configuration folder.
//!
//! Its values become the defaults of the flags, so the order is the flag, the variable, the file, the default.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Command;
use serde::Deserialize;

use super::files;
use super::output::write_whole;
use crate::diagnosis::Acceptance;
use crate::facts::ExpectedState;

/// Name of the file.
const NAME: &str = "work365-doctor.toml";

/// What the file may say. Unknown keys are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Config {
    profile: Option<String>,
    time_zone: Option<String>,
    configured_identity: Option<String>,
    #[serde(default)]
    ip: Vec<String>,
    country: Option<String>,
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
    /// Where the file is.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// `[live]`: no secret can stand here.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LiveConfig {
    pub account: Option<String>,
    pub environment: Option<String>,
    pub environment_id: Option<String>,
    pub auth: Option<String>,
    pub tenant: Option<String>,
    pub client_id: Option<String>,
    pub cloud: Option<String>,
}

impl Config {
    /// The file that applies to these arguments; the empty one if there is none.
    ///
    /// # Errors
    ///
    /// The named file cannot be read, or a file is not as it should be. The message names file, line and key.
    pub(super) fn find(arguments: &[OsString]) -> Result<Self, String> {
        match wish(arguments) {
            Wish::None => Ok(Self::default()),
            Wish::File(path) => Self::load(&path),
            Wish::Search => candidates()
                .find(|path| path.is_file())
                .map_or(Ok(Self::default()), |path| Self::load(&path)),
        }
    }

    fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| files::complaint(path.display(), &error))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| complaint(path, &text, &error))?;
        config.path = Some(path.to_owned());
        let folder = path.parent().unwrap_or(Path::new("."));
        for rules in &mut config.rules {
            *rules = folder.join(&*rules);
        }
        Ok(config)
    }

    /// Writes `[expected-state]` into the file that was read, or into one in the current folder; the rest of the file
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or is no TOML.
    pub(super) fn write_expected_state(&self, state: &ExpectedState) -> Result<PathBuf, String> {
        let path = self.path.clone().unwrap_or_else(|| PathBuf::from(NAME));
        let complaint = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = if self.path.is_some() {
            std::fs::read_to_string(&path).map_err(|error| complaint(&error))?
        } else {
            String::new()
        };
        let mut document: toml_edit::DocumentMut = text.parse().map_err(|error| complaint(&error))?;
        let table = toml::to_string(state).map_err(|error| complaint(&error))?;
        let table: toml_edit::DocumentMut = table.parse().map_err(|error| complaint(&error))?;
        document.insert("expected-state", toml_edit::Item::Table(table.as_table().clone()));
        write_whole(&path, &document.to_string()).map_err(|error| complaint(&error))?;
        Ok(path)
    }

    /// The command with the file's values as defaults.
    pub(super) fn defaults(&self, command: Command) -> Command {
        let texts = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let flags = |value: Option<bool>| {
            value
                .map(|value| value.to_string())
                .into_iter()
                .collect::<Vec<_>>()
        };
        let rules = self.rules.iter().map(|path| path.display().to_string()).collect();
        let values: [(&'static str, Vec<String>); 13] = [
            ("profile", texts(&self.profile)),
            ("time_zone", texts(&self.time_zone)),
            ("configured_identity", texts(&self.configured_identity)),
            ("ip", self.ip.clone()),
            ("country", texts(&self.country)),
            ("rules", rules),
            ("select", self.select.clone()),
            ("ignore", self.ignore.clone()),
            ("fail_on", texts(&self.fail_on)),
            ("strict", flags(self.strict)),
            ("exit_zero", flags(self.exit_zero)),
            ("output", self.output.clone()),
            ("color", texts(&self.color)),
        ];
        values
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .fold(command, |command, (id, values)| set_default(command, id, &values))
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

/// `--config FILE` and `--no-config` decide before the arguments are parsed: the file is what they are parsed with.
fn wish(arguments: &[OsString]) -> Wish {
    let mut rest = arguments.iter().skip(1);
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if text == "--" {
            break;
        }
        if text == "--no-config" {
            return Wish::None;
        }
        if text == "--config" {
            return rest.next().map_or(Wish::None, |path| Wish::File(path.into()));
        }
        if let Some(path) = text.strip_prefix("--config=") {
            return Wish::File(path.into());
        }
    }
    let is_unwanted = std::env::var("WORK365_DOCTOR_NO_CONFIG").is_ok_and(|value| value == "true");
    match std::env::var_os("WORK365_DOCTOR_CONFIG").filter(|path| !path.is_empty()) {
        _ if is_unwanted => Wish::None,
        Some(path) => Wish::File(path.into()),
        None => Wish::Search,
    }
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let above: Vec<PathBuf> = here.ancestors().map(|folder| folder.join(NAME)).collect();
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let of_user = variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .map(|folder| folder.join("work365-doctor").join(NAME));
    above.into_iter().chain(of_user)
}
