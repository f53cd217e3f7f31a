//! `check`: evidence in, one diagnosis out.

pub(super) mod arguments;
mod compare;
mod live;
mod many;

use arguments::{CheckArgs, Evidence, keep_inputs, refuse_contradictions, targets};

use super::exit::Exit;
use crate::ask::AnswersFile;
use crate::cli::args::case::{before_evidence, seen_error};
use crate::cli::args::output::OutputTarget;
use crate::cli::ask;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::demo;
use crate::cli::io::inputs::{self, Input, InputError};
use crate::cli::live_run;
use crate::cli::settings::config::Config;
use crate::decode::Decoded;
use crate::diagnosis::report::Outcome;
use crate::diagnosis::{Assumed, Diagnosed, Doctor, Question, Selection};
use crate::documents::interview::with_answers;
use crate::facts::{self, Context, Expectations};
use crate::render::{self, Format, Style};
use crate::snapshot::Snapshot;

/// Runs the command.
pub(super) fn run(
    arguments: &CheckArgs,
    config: &Config,
    no_progress: bool,
    console: &Console,
) -> Result<Exit, Failure> {
    if arguments.demo.as_deref() == Some("list") {
        let list = demo::names().join("\n") + "\n";
        console.deliver(&list, None)?;
        return Ok(Exit::Healthy);
    }
    let kind = arguments.evidence();
    refuse_contradictions(arguments, config, kind)?;
    if let Some(folder) = &arguments.record {
        live_run::keep_recordings_apart(folder)?;
    }
    let targets = targets(arguments, kind != Evidence::Many)?;
    keep_inputs(arguments, &targets)?;
    let expectations = expectations(arguments, config)?;
    let doctor = arguments.select.rules.doctor()?;
    doctor
        .check_acceptances(&config.acceptances)
        .map_err(|error| config.complaint(&error))?;
    let selection = arguments.select.of(doctor)?;
    let assumed = (!arguments.assume_fixed.is_empty())
        .then(|| Assumed::of(&arguments.assume_fixed, doctor))
        .transpose()
        .map_err(|error| error.to_string())?;
    let examination = Examination {
        assumed,
        arguments,
        config,
        doctor,
        expectations,
        error: error(arguments, console)?,
        selection,
        answers: arguments
            .answers
            .as_deref()
            .map(|path| ask::answers("--answers", path))
            .transpose()?,
        twin: compare::read(arguments.compare_with.as_deref())?,
    };
    let exit = match (kind, &arguments.demo) {
        (_, Some(name)) => examination.one(&demo::named(name)?, &targets, console)?,
        (Evidence::Live, None) => examination.live(&targets, no_progress, console)?,
        (Evidence::One, None) => {
            let input = inputs::all(&arguments.snapshot)
                .next()
                .ok_or("no snapshot was named")?;
            examination.one(&input, &targets, console)?
        }
        (Evidence::Many, None) => examination.many(&targets, console)?,
    };
    Ok(match exit {
        Exit::Fault | Exit::Gap if arguments.exit_zero => Exit::Healthy,
        exit => exit,
    })
}

/// The error of `--error`, decoded.
fn error(arguments: &CheckArgs, console: &Console) -> Result<Option<Decoded>, Failure> {
    let Some(text) = arguments.error.as_deref() else {
        return Ok(None);
    };
    if text == "-" && arguments.snapshot.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::from(
            "--error - and --snapshot - both want stdin; give the error as @FILE",
        ));
    }
    seen_error(text, console).map(Some)
}

fn expectations(arguments: &CheckArgs, config: &Config) -> Result<Expectations, Failure> {
    Ok(Expectations {
        addresses: arguments.ip.clone(),
        country: arguments.country.clone(),
        ..arguments.expected.expectations(config)?
    })
}

/// Everything that is the same for every snapshot of a run.
pub(super) struct Examination<'a> {
    pub(super) arguments: &'a CheckArgs,
    pub(super) config: &'a Config,
    pub(super) doctor: &'a Doctor,
    pub(super) expectations: Expectations,
    pub(super) error: Option<Decoded>,
    pub(super) selection: Selection,
    /// What a person reported.
    pub(super) answers: Option<AnswersFile>,
    /// What is assumed to be fixed.
    pub(super) assumed: Option<Assumed>,
    /// The account to compare with.
    pub(super) twin: Option<Snapshot>,
}

impl Examination<'_> {
    pub(super) fn examine(&self, input: &Input) -> Result<(Snapshot, Diagnosed), InputError> {
        let snapshot = self.answered(input.load()?);
        let diagnosed = self.diagnose(&snapshot);
        Ok((snapshot, diagnosed))
    }

    /// The snapshot with what a person reported.
    pub(super) fn answered(&self, snapshot: Snapshot) -> Snapshot {
        match &self.answers {
            Some(answers) => with_answers(snapshot, answers),
            None => snapshot,
        }
    }

    pub(super) fn diagnose(&self, snapshot: &Snapshot) -> Diagnosed {
        let question = Question {
            profile: self.arguments.profile,
            now: self.arguments.now,
            expectations: &self.expectations,
            fail_on: self.arguments.fail_on,
            selection: &self.selection,
            error: self.error.as_ref(),
            acceptances: &self.config.acceptances,
        };
        let mut diagnosed = self.doctor.diagnose(snapshot, &question);
        diagnosed.report.rehearsal = self
            .assumed
            .as_ref()
            .map(|assumed| self.doctor.rehearse(snapshot, &question, assumed));
        self.config.name_found_exceptions(&mut diagnosed.report);
        if let Some(twin) = &self.twin {
            let comparison = self.doctor.compare(snapshot, &question, &diagnosed.report, twin);
            diagnosed.report.comparison = Some(comparison);
        }
        diagnosed
    }

    pub(super) fn text(&self, format: Format, diagnosed: &Diagnosed, style: Style) -> String {
        let style = Style {
            audience: self.arguments.audience.map(Into::into),
            ..style
        };
        render::report(format, &diagnosed.report, self.doctor.words(), style)
    }

    fn one(&self, input: &Input, targets: &[OutputTarget], console: &Console) -> Result<Exit, Failure> {
        match self.examine(input) {
            Ok((snapshot, diagnosed)) => {
                if let Some(note) = before_evidence(self.arguments.now, snapshot.captured_at) {
                    console.note(&note);
                }
                let exit = self.answer(&snapshot, &diagnosed, targets, console);
                // The process ends here: taking both apart, value by value, serves nobody.
                std::mem::forget((snapshot, diagnosed));
                exit
            }
            Err(error) => {
                console.complain(&input.complaint(&error));
                for target in targets.iter().filter(|target| target.format == Format::Ndjson) {
                    let line = render::error_line(&input.name, input.line, error.path(), &error.to_string());
                    console.deliver(&line, target.path.as_deref())?;
                }
                Ok(Exit::Unusable)
            }
        }
    }

    pub(super) fn answer(
        &self,
        snapshot: &Snapshot,
        diagnosed: &Diagnosed,
        targets: &[OutputTarget],
        console: &Console,
    ) -> Result<Exit, Failure> {
        if self.arguments.write_expected {
            self.write_expected(snapshot, diagnosed, console)?;
        }
        for target in targets {
            let path = target.path.as_deref();
            let mut text = self.text(target.format, diagnosed, console.style(path));
            if let (Format::Table, None, Some(pages)) = (target.format, path, console.pages()) {
                text = render::with_links(&text, &diagnosed.report, pages);
            }
            console.deliver(&text, path)?;
        }
        Ok(Exit::of(diagnosed, self.arguments.strict))
    }

    /// Records the state of the account, provided that nothing is wrong with it.
    fn write_expected(
        &self,
        snapshot: &Snapshot,
        diagnosed: &Diagnosed,
        console: &Console,
    ) -> Result<(), Failure> {
        if diagnosed.report.summary.outcome != Outcome::Healthy {
            return Err(Failure::Usage(format!(
                "--write-expected records a healthy account, and this one is {}",
                diagnosed.report.summary.outcome.word()
            )));
        }
        let now = self.arguments.now.unwrap_or(snapshot.captured_at);
        let context = Context::new(snapshot, &self.expectations, diagnosed.report.profile, now);
        let state = facts::present_state(&context);
        let path = self.config.write_expected_state(&state)?;
        console.note(&format!(
            "the state of {} is recorded in {}",
            state.account,
            path.display()
        ));
        Ok(())
    }
}
