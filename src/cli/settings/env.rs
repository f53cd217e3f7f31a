//! Settings and secrets of a live run: flags before variables before the file; secrets never from arguments.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::collect::{CollectError, Origin, interruptible};
use crate::secret::Secret;

/// The text of a variable, trimmed; an empty one is none.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(format!("WORK365_DOCTOR_{name}"))
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// A setting: of the flag, else of its variable, else of the file.
pub(crate) fn setting(flag: Option<&String>, name: &str, file: Option<&String>) -> Option<String> {
    flag.cloned().or_else(|| variable(name)).or_else(|| file.cloned())
}

/// Whether the variable of a switch says `true`.
pub(crate) fn is_set(name: &str) -> Result<bool, Failure> {
    match variable(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(Failure::Usage(format!(
            "WORK365_DOCTOR_{name}: `{other}` is neither true nor false"
        ))),
    }
}

/// How often a switch that counts is given by its variable: `true` is once.
pub(crate) fn level(name: &str) -> Result<u8, Failure> {
    match variable(name).as_deref().map(str::parse) {
        Some(Ok(level)) => Ok(level),
        _ => is_set(name).map(u8::from),
    }
}

/// A duration of a flag, else of a variable.
pub(crate) fn limit(flag: Option<Duration>, name: &str) -> Result<Option<Duration>, Failure> {
    match (flag, variable(name)) {
        (Some(flag), _) => Ok(Some(flag)),
        (None, Some(text)) => super::duration::duration(&text)
            .map(Some)
            .map_err(|error| Failure::input(format_args!("WORK365_DOCTOR_{name}"), error)),
        (None, None) => Ok(None),
    }
}

/// The address of a service: of its variable, else the cloud's.
pub(crate) fn overridden(name: &str, default: Origin) -> Result<Origin, Failure> {
    match variable(name) {
        Some(text) => text
            .parse()
            .map_err(|error| Failure::input(format_args!("WORK365_DOCTOR_{name}"), error)),
        None => Ok(default),
    }
}

/// A token of a variable.
pub(crate) fn token(name: &str) -> Option<Secret> {
    variable(name).map(Secret::new)
}

/// A secret from its variable, else from a prompt on a terminal, else the first line of stdin.
pub(crate) fn secret(name: &str, prompt: &str) -> Result<Secret, Failure> {
    // Not trimmed: a blank may belong to a password.
    if let Ok(value) = std::env::var(format!("WORK365_DOCTOR_{name}"))
        && !value.is_empty()
    {
        return Ok(Secret::new(value));
    }
    let line = if std::io::stdin().is_terminal() {
        prompted(prompt)?
    } else {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| format!("stdin: {error}"))?;
        line
    };
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(Failure::Usage(format!(
            "no secret was given: WORK365_DOCTOR_{name}, a prompt or stdin"
        )));
    }
    Ok(Secret::new(line))
}

/// What is typed after a prompt, without being shown. Ctrl-C leaves the terminal as it was: it shows again what is typed.
fn prompted(prompt: &str) -> Result<String, Failure> {
    let terminal = terminal_settings();
    let prompt = prompt.to_owned();
    match interruptible(move || rpassword::prompt_password(prompt)) {
        Ok(outcome) => outcome.map_err(|error| Failure::Program(format!("no secret could be read: {error}"))),
        Err(CollectError::Interrupted) => {
            if let Some(settings) = terminal {
                // Nothing more can be done for a terminal that takes no settings.
                let _ = stty(&[&settings]);
            }
            // The thread that reads the terminal cannot be woken; with the process it ends.
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        Err(error) => Err(Failure::Program(error.to_string())),
    }
}

/// The settings of the terminal, in the words of `stty`; Windows restores its console by itself.
fn terminal_settings() -> Option<String> {
    let settings = stty(&["-g"])?;
    let is_whole = !settings.is_empty() && settings.bytes().all(|byte| byte.is_ascii_graphic());
    is_whole.then_some(settings)
}

fn stty(arguments: &[&str]) -> Option<String> {
    if cfg!(windows) {
        return None;
    }
    let output = Command::new("stty")
        .args(arguments)
        .stdin(Stdio::inherit())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The PEM file that the variable names.
pub(crate) fn certificate() -> Result<Secret, Failure> {
    let path = variable("CLIENT_CERTIFICATE")
        .ok_or("WORK365_DOCTOR_CLIENT_CERTIFICATE names no file (PEM, with the private key)")?;
    // The value is not quoted: it may be the certificate itself, with its key.
    std::fs::read_to_string(&path).map(Secret::new).map_err(|error| {
        Failure::Usage(format!(
            "WORK365_DOCTOR_CLIENT_CERTIFICATE holds the path of a PEM file, and what it names cannot be read: {error}"
        ))
    })
}
