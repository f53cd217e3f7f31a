//! The only place that writes: answers to stdout or files, everything else to stderr.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use super::files;
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
    /// For a ticket.
    Markdown,
    /// One page for a browser.
    Html,
    /// For a pipeline.
    Junit,
    /// For code scanning.
    Sarif,
}

/// `FORMAT[=PATH]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputTarget {
    /// The format.
    pub format: Format,
    /// Where it goes; stdout if not given.
    pub path: Option<PathBuf>,
}

/// `-o` of a command that answers once, for a person or for a program.
#[derive(Debug, Args)]
pub(super) struct TableOrJson {
    /// Format of the answer: table, json
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        default_value = "table",
        env = "WORK365_DOCTOR_OUTPUT"
    )]
    pub output: OutputTarget,
}

const FORMATS: [(&str, Format); 8] = [
    ("table", Format::Table),
    ("json", Format::Json),
    ("ndjson", Format::Ndjson),
    ("short", Format::Short),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
    ("junit", Format::Junit),
    ("sarif", Format::Sarif),
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

impl Format {
    /// Whether one file or stream can hold the answers for many accounts.
    pub(super) fn can_hold_many(self) -> bool {
        matches!(
            self,
            Format::Table | Format::Ndjson | Format::Short | Format::Markdown
        )
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FORMATS.iter().find(|(_, format)| format == self);
        formatter.write_str(name.map_or("", |(name, _)| name))
    }
}

impl fmt::Display for OutputTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(formatter, "{}={}", self.format, path.display()),
            None => self.format.fmt(formatter),
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
    /// Whether each request of a live run is told on stderr (`-vv`).
    pub is_traced: bool,
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
        Self {
            color,
            verbosity,
            is_traced: false,
        }
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
            audience: None,
        }
    }

    /// Writes a piece of the answer to stdout. A reader that went away (`| head`) ends the answer, not the run.
    pub(super) fn answer(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        // Flushed here: what fails when the process ends, as on a full disk, would be told to nobody.
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a whole answer to a file, or to stdout.
    pub(super) fn deliver(&self, text: &str, path: Option<&Path>) -> Result<(), String> {
        match path {
            None => self.answer(text).map_err(|error| format!("stdout: {error}")),
            Some(path) => write_whole(path, text).map_err(|error| files::unwritable(path, &error)),
        }
    }

    /// Tells something beside the answer, on stderr.
    pub(super) fn note(&self, message: &str) {
        if self.verbosity > Verbosity::Quiet {
            // Nothing is left to tell anybody when stderr is closed.
            let _ = writeln!(io::stderr().lock(), "{}", crate::text::terminal_safe(message));
        }
    }

    /// Shows a page on stderr that is not the answer; it has been made safe by its renderer.
    pub(super) fn aside(&self, page: &str) {
        // Nothing is left to tell anybody when stderr is closed.
        let _ = io::stderr().lock().write_all(page.as_bytes());
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

/// A file that is written beside its place and renamed when it is complete: a reader, and a run that is interrupted,
/// see the old file or the new one. Dropped before [`WholeFile::finish`], it leaves nothing behind.
#[derive(Debug)]
pub(super) struct WholeFile {
    writer: BufWriter<File>,
    place: PathBuf,
    /// Where it is written until then; nowhere else for a device or a pipe, which cannot be replaced.
    beside: Option<PathBuf>,
}

impl WholeFile {
    /// Starts a file that replaces the one at `path`, if there is one, with its permissions.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let old = fs::metadata(path).ok();
        let new = Self::start(path, OpenOptions::new())?;
        if let (Some(old), true) = (old, new.beside.is_some()) {
            new.writer.get_ref().set_permissions(old.permissions())?;
        }
        Ok(new)
    }

    fn start(path: &Path, mut options: OpenOptions) -> io::Result<Self> {
        options.write(true).create(true).truncate(true);
        // A link stays a link: what it points to is replaced.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_replaceable = fs::symlink_metadata(&place).map_or(true, |file| file.is_file());
        let beside = place.file_name().filter(|_| is_replaceable).map(|name| {
            let mut beside = OsString::from(".");
            beside.push(name);
            beside.push(format!(".{}.tmp", std::process::id()));
            place.with_file_name(beside)
        });
        let file = options.open(beside.as_ref().unwrap_or(&place))?;
        Ok(Self {
            writer: BufWriter::new(file),
            place,
            beside,
        })
    }

    /// Adds text.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())
    }

    /// Puts the file in its place.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        if let Some(beside) = &self.beside {
            fs::rename(beside, &self.place)?;
        }
        self.beside = None;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(beside) = self.beside.take() {
            // What is left of a failed write helps nobody.
            let _ = fs::remove_file(beside);
        }
    }
}

/// Writes a whole file at once.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    file.write(text)?;
    file.finish()
}

/// Writes a whole file at once that only its owner can read.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = WholeFile::start(path, options)?;
    file.write(text)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::{Format, OutputTarget, WholeFile, write_whole};

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        for text in ["first", "second"] {
            write_whole(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_whole(&folder.path().join("missing").join("report.json"), "").is_err());
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reports.ndjson");
        write_whole(&path, "old").unwrap();
        let mut file = WholeFile::create(&path).unwrap();
        file.write("new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        write_whole(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

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
