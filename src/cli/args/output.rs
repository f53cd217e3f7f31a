//! `-o`: which formats are asked for and where each goes; and who reads.

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::render::{self, Audience, Format, Style};

/// `FORMAT[=PATH]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputTarget {
    /// The format.
    pub format: Format,
    /// Where it goes; stdout if not given.
    pub path: Option<PathBuf>,
}

/// What a command answers with.
pub(crate) trait Answers: fmt::Debug + Clone + Send + Sync + 'static {
    /// Its name, for the complaint.
    const COMMAND: &'static str;
    /// The formats that it knows.
    const FORMATS: &'static [Format];
}

/// The formats of a saved report, for `report render`.
#[derive(Debug, Clone)]
pub(crate) struct SavedReportFormats;

impl Answers for SavedReportFormats {
    const COMMAND: &'static str = "report render";
    const FORMATS: &'static [Format] = &Format::OF_SAVED_REPORT;
}

/// The formats of a report, for `check`.
#[derive(Debug, Clone)]
pub(crate) struct ReportFormats;

impl Answers for ReportFormats {
    const COMMAND: &'static str = "check";
    const FORMATS: &'static [Format] = &Format::OF_REPORT;
}

/// `-o` of a command whose answer can go to several places at once.
#[derive(Debug, Args)]
pub(crate) struct Outputs<A: Answers> {
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        help = help::<A>(),
        env = "WORK365_DOCTOR_OUTPUT",
        value_delimiter = ','
    )]
    output: Vec<OutputTarget>,
    #[arg(skip)]
    answers: PhantomData<A>,
}

fn help<A: Answers>() -> String {
    format!(
        "Format of the answer, and where it goes: {} (repeatable)",
        names(A::FORMATS, ", ")
    )
}

fn names(formats: &[Format], last: &str) -> String {
    let names: Vec<String> = formats.iter().map(Format::to_string).collect();
    match names.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{}{last}{end}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// Says which formats a command has.
fn refusal<A: Answers>() -> String {
    format!("`{}` answers as {}", A::COMMAND, names(A::FORMATS, " or "))
}

impl<A: Answers> Outputs<A> {
    /// Whether no format was asked for.
    pub(crate) fn is_default(&self) -> bool {
        self.output.is_empty()
    }

    /// The formats asked for; the table if none was.
    ///
    /// # Errors
    ///
    /// The command has no such format, or two would end up in one place.
    pub(crate) fn targets(&self) -> Result<Vec<OutputTarget>, Failure> {
        let mut targets = self.output.clone();
        if targets.is_empty() {
            targets.push(OutputTarget {
                format: Format::Table,
                path: None,
            });
        }
        no_clash(&targets)?;
        match targets.iter().all(|target| A::FORMATS.contains(&target.format)) {
            true => Ok(targets),
            false => Err(refusal::<A>().into()),
        }
    }

    /// Delivers the answer in each format.
    ///
    /// # Errors
    ///
    /// A place that cannot be written, or a format that `text` has no answer for.
    pub(crate) fn deliver(
        targets: &[OutputTarget],
        console: &Console,
        text: impl Fn(Format, Style) -> Option<String>,
    ) -> Result<(), Failure> {
        for target in targets {
            let path = target.path.as_deref();
            let text = text(target.format, console.style(path)).ok_or_else(refusal::<A>)?;
            console.deliver(&text, path)?;
        }
        Ok(())
    }
}

/// `-o` of a command that answers once, for a person or for a program.
#[derive(Debug, Args)]
pub(crate) struct TableOrJson {
    /// Format of the answer: table, json
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        default_value = "table",
        env = "WORK365_DOCTOR_OUTPUT"
    )]
    output: OutputTarget,
}

impl TableOrJson {
    /// The file that the answer goes to.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.path.as_deref()
    }

    /// Delivers the answer of `command`: `table` for a person, `document` for a program.
    ///
    /// # Errors
    ///
    /// Another format was asked for, or the file cannot be written.
    pub(crate) fn deliver(
        &self,
        command: &str,
        console: &Console,
        document: &impl Serialize,
        table: impl FnOnce(Style) -> String,
    ) -> Result<(), Failure> {
        let text = match self.output.format {
            Format::Table => table(console.style(self.path())),
            Format::Json => render::json(document),
            _ => return Err(Failure::Usage(format!("`{command}` answers as table or json"))),
        };
        console.deliver(&text, self.path())
    }
}

impl FromStr for OutputTarget {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = text
            .split_once('=')
            .map_or((text, None), |(name, path)| (name, Some(path)));
        let format = name.parse()?;
        match path {
            Some("") => Err(Failure::Usage(format!(
                "`{text}` names no file after the equals sign"
            ))),
            path => Ok(OutputTarget {
                format,
                path: path.map(PathBuf::from),
            }),
        }
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

/// `--audience`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AudienceChoice {
    /// Plain words, click paths, messages to send
    Customer,
    /// Evidence, ids, everything
    Engineer,
    /// Facts and hashes
    Ticket,
}

impl From<AudienceChoice> for Audience {
    fn from(choice: AudienceChoice) -> Self {
        match choice {
            AudienceChoice::Customer => Audience::Customer,
            AudienceChoice::Engineer => Audience::Engineer,
            AudienceChoice::Ticket => Audience::Ticket,
        }
    }
}

/// The files that answers go to.
pub(crate) fn paths(targets: &[OutputTarget]) -> impl Iterator<Item = &Path> + Clone {
    targets.iter().filter_map(|target| target.path.as_deref())
}

/// Refuses formats that would end up in one place.
pub(crate) fn no_clash(targets: &[OutputTarget]) -> Result<(), Failure> {
    if targets.iter().filter(|target| target.path.is_none()).count() > 1 {
        return Err(Failure::from(
            "two formats go to stdout; give all but one a file, as -o json=report.json",
        ));
    }
    let mut paths: Vec<_> = paths(targets).collect();
    paths.sort();
    if paths.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Failure::from("two formats go to the same file"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::OutputTarget;
    use crate::render::Format;

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
