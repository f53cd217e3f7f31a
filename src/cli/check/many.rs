//! `check` of many snapshots: side by side, answered in their order.

use std::path::PathBuf;

use super::Examination;
use crate::cli::args::case::before_evidence;
use crate::cli::args::output::OutputTarget;
use crate::cli::exit::{Exit, Tally};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::inputs::{self, Input};
use crate::cli::io::parallel;
use crate::cli::io::whole_file::WholeFile;
use crate::render::{self, Format};
use crate::text::terminal_safe;

impl Examination<'_> {
    /// Judges every snapshot; a bad one is a line of its own and never ends the run.
    pub(super) fn many(&self, targets: &[OutputTarget], console: &Console) -> Result<Exit, Failure> {
        let mut sinks = targets.iter().map(Sink::open).collect::<Result<Vec<_>, _>>()?;
        let mut tally = Tally::default();
        let work = |input: Input| {
            let mut note = None;
            let examined = self.examine(&input).map(|(snapshot, mut diagnosed)| {
                note = before_evidence(self.arguments.now, snapshot.captured_at);
                diagnosed.report.input = Some(input.place());
                diagnosed
            });
            let texts: Vec<String> = targets
                .iter()
                .map(|target| match &examined {
                    Ok(diagnosed) => {
                        let text = self.text(target.format, diagnosed, console.style(target.path.as_deref()));
                        headed(&input, target.format, text)
                    }
                    Err(error) if target.format == Format::Ndjson => {
                        render::error_line(&input.name, input.line, error.path(), &error.to_string())
                    }
                    Err(_) => String::new(),
                })
                .collect();
            let complaint = examined.as_ref().err().map(|error| input.complaint(error));
            let exit = examined.map_or(Exit::Unusable, |diagnosed| {
                Exit::of(&diagnosed, self.arguments.strict)
            });
            let note = note.map(|note| format!("{}: {note}", input.place()));
            (texts, note, complaint, exit)
        };
        parallel::in_order(
            inputs::all(&self.arguments.snapshot),
            work,
            |(texts, note, complaint, exit)| {
                if let Some(note) = note {
                    console.note(&note);
                }
                tally.add(exit);
                if let Some(complaint) = complaint {
                    console.complain(&complaint);
                }
                sinks
                    .iter_mut()
                    .zip(&texts)
                    .try_for_each(|(sink, text)| sink.write(text, console))
            },
        )?;
        sinks.into_iter().try_for_each(Sink::finish)?;
        if tally.is_empty() {
            return Err(Failure::from(
                "--snapshot: there was nothing to read; expected is one snapshot a line, as in: work365-doctor check --snapshot - < cases.ndjson",
            ));
        }
        Ok(tally.exit())
    }
}

/// Several tables of one account would look alike: each says first which input it is about. The other formats say it
/// where they name the account.
fn headed(input: &Input, format: Format, text: String) -> String {
    if format != Format::Table {
        return text;
    }
    format!("--- {}\n\n{text}\n", terminal_safe(&input.place()))
}

/// Where the answers of many snapshots go, one after another.
enum Sink {
    Stdout,
    File(PathBuf, WholeFile),
}

impl Sink {
    fn open(target: &OutputTarget) -> Result<Self, Failure> {
        Ok(match &target.path {
            None => Sink::Stdout,
            Some(path) => Sink::File(
                path.clone(),
                WholeFile::create(path).map_err(|error| files::unwritable(path, &error))?,
            ),
        })
    }

    fn write(&mut self, text: &str, console: &Console) -> Result<(), Failure> {
        match self {
            Sink::Stdout => console.deliver(text, None),
            Sink::File(path, file) => file.write(text).map_err(|error| files::unwritable(path, &error)),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Sink::Stdout => Ok(()),
            Sink::File(path, file) => file.finish().map_err(|error| files::unwritable(&path, &error)),
        }
    }
}
