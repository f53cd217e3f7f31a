//! The only place that writes: answers to stdout or files, everything else to stderr.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::render::{Style, Verbosity};

/// A format of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One document a line.
    Ndjson,
    /// One line a finding.
    Short,
}

/// `FORMAT[=PATH]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputTarget {
    /// The format.
    pub format: Format,
    /// Where it goes; stdout if not given.
    pub path: Option<PathBuf>,
}

const FORMATS: [(&str, Format); 4] = [
    ("table", Format::Table),
    ("json", Format::Json),
    ("ndjson", Format::Ndjson),
    ("short", Format::Short),
];

impl FromStr for OutputTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = text
            .split_once('=')
            .map_or((text, None), |(name, path)| (name, Some(path)));
        let Some((_, format)) = FORMATS.iter().find(|(known, _)| *known == name) else {
            let known = FORMATS.map(|(name, _)| name).join(", ");
            return Err(format!("no format is called `{name}`; there are {known}"));
        };
        match path {
            Some("") => Err(format!("`{text}` names no file after the equals sign")),
            path => Ok(OutputTarget {
                format: *format,
                path: path.map(PathBuf::from),
            }),
        }
    }
}

impl fmt::Display for OutputTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FORMATS
            .iter()
            .find(|(_, format)| *format == self.format)
            .map_or("", |(name, _)| name);
        match &self.path {
            Some(path) => write!(formatter, "{name}={}", path.display()),
            None => formatter.write_str(name),
        }
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Also when piped.
    Always,
    /// Not at all.
    Never,
}

/// Where answers and complaints go, and how they look.
#[derive(Debug)]
pub(super) struct Console {
    /// Colour of stdout.
    color: bool,
    /// How much is shown.
    pub verbosity: Verbosity,
}

impl Console {
    /// Settles the colour once for the whole run (`CRATES.md` section 5): the flag, then `CLICOLOR_FORCE`, `NO_COLOR`,
    /// `TERM=dumb`, then whether stdout is a terminal.
    pub(super) fn new(choice: ColorChoice, verbosity: Verbosity) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name: &str, wanted: &str| std::env::var_os(name) == Some(OsString::from(wanted));
        let color = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if is_set("NO_COLOR") => false,
            ColorChoice::Auto
                if (is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0")) || is_set("FORCE_COLOR") =>
            {
                true
            }
            ColorChoice::Auto => io::stdout().is_terminal() && !is("TERM", "dumb"),
        };
        colored::control::set_override(color);
        Self { color, verbosity }
    }

    /// How an answer on `path`, or on stdout, should look.
    pub(super) fn style(&self, path: Option<&Path>) -> Style {
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok());
        let terminal = || comfy_table::Table::new().width();
        let width: u16 = columns.or_else(terminal).unwrap_or(80);
        Style {
            color: self.color && path.is_none(),
            width: usize::from(width.clamp(40, 120)),
            verbosity: self.verbosity,
        }
    }

    /// Writes a piece of the answer to stdout. A reader that went away (`| head`) ends the answer, not the run.
    pub(super) fn answer(&self, text: &str) -> io::Result<()> {
        match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a whole answer to a file, or to stdout.
    pub(super) fn deliver(&self, text: &str, path: Option<&Path>) -> Result<(), String> {
        match path {
            None => self.answer(text).map_err(|error| format!("stdout: {error}")),
            Some(path) => std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display())),
        }
    }

    /// Tells something beside the answer, on stderr.
    pub(super) fn note(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            // Nothing is left to tell anybody when stderr is closed.
            let _ = writeln!(io::stderr().lock(), "{}", crate::text::terminal_safe(message));
        }
    }

    /// Complains on stderr.
    pub(super) fn complain(&self, message: &str) {
        let text = crate::text::terminal_safe(message);
        // Nothing is left to tell anybody when stderr is closed.
        let label = if text.starts_with("error: ") {
            ""
        } else {
            "error: "
        };
        let _ = writeln!(io::stderr().lock(), "{label}{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, OutputTarget};

    #[test]
    fn an_output_is_a_format_with_or_without_a_path() {
        let target: OutputTarget = "json=out=1.json".parse().unwrap();
        assert_eq!(
            target,
            OutputTarget {
                format: Format::Json,
                path: Some("out=1.json".into())
            }
        );
        assert_eq!("table".parse::<OutputTarget>().unwrap().path, None);
        for wrong in ["yaml", "json=", ""] {
            assert!(wrong.parse::<OutputTarget>().is_err(), "{wrong}");
        }
    }
}
