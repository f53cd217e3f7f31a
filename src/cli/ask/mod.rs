//! `ask`: the next best question, as an interview on a terminal and as one step elsewhere.

mod closed_cases;
mod dialogue;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use super::exit::Exit;
use crate::ask::{AnswersFile, Questions, Rung};
use crate::cli::args::case::{CaseArgs, before_evidence};
use crate::cli::args::output::{Answers, Outputs};
use crate::cli::args::select::RuleSource;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::whole_file::write_private;
use crate::cli::io::{files, inputs};
use crate::cli::settings::config::Config;
use crate::documents::interview::{self, Interview};
use crate::documents::symptoms::{list, symptom_of};
use crate::render::pages::ask::{AskState, AskStep, ask, ask_list, ask_markdown};
use crate::render::{self, Format};
use crate::snapshot::Snapshot;
use closed_cases::ClosedCases;

/// The formats of `ask`.
#[derive(Debug, Clone)]
pub(super) struct AskFormats;

impl Answers for AskFormats {
    const COMMAND: &'static str = "ask";
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Markdown];
}

/// The largest file of answers that is read, in bytes.
const MAXIMUM_ANSWERS: u64 = 1024 * 1024;

/// Arguments of `ask`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # an interview, on a terminal
  work365-doctor ask
  work365-doctor ask --symptom reset-fails --rights user
  work365-doctor ask --symptom \"invoices are not generated\" --save answers.json
  work365-doctor ask --snapshot case.snapshot.json --answers answers.json -o json
  work365-doctor ask --error \"@error.txt\" --rights dynamics
  # every symptom and question
  work365-doctor ask --list
  # the case is closed: that was it
  work365-doctor ask --symptom reset-fails --record mfa-per-user

Exit codes: 0 asking, or settled without a fault, 1 settled on a fault, 2 usage or bad answers,
3 nothing left that this person can see.")]
pub(super) struct AskArgs {
    /// What was seen: a symptom's id, or your own words
    #[arg(long, value_name = "ID|TEXT")]
    symptom: Option<String>,
    /// Evidence that is known already
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// What was answered already (work365-doctor/answers/v1)
    #[arg(long, env = "WORK365_DOCTOR_ANSWERS", value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Where the answers are kept: it goes on from that file if there is one; check --answers reads it too
    #[arg(long, env = "WORK365_DOCTOR_SAVE", value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    case: CaseArgs,
    #[command(flatten)]
    rules: RuleSource,
    /// What this person can see: none, user, helpdesk, dynamics, global; each includes those before it
    #[arg(long, env = "WORK365_DOCTOR_RIGHTS", default_value = "user", value_name = "RIGHTS", value_parser = rung)]
    rights: Rung,
    /// Interview line by line, without redrawing: for screen readers and simple terminals
    #[arg(long, env = "WORK365_DOCTOR_PLAIN")]
    plain: bool,
    /// Print every symptom and question
    #[arg(long)]
    list: bool,
    /// Note in your own local file that this was the cause; later questions are ordered by it
    #[arg(long, value_name = "CAUSE", conflicts_with_all = ["list", "snapshot", "answers"])]
    record: Option<String>,
    #[command(flatten)]
    output: Outputs<AskFormats>,
}

fn rung(text: &str) -> Result<Rung, Failure> {
    Rung::ALL
        .into_iter()
        .find(|rung| rung.name() == text)
        .ok_or_else(|| {
            Failure::Usage(format!(
                "`{text}` is none of none, user, helpdesk, dynamics, global"
            ))
        })
}

/// Runs the command.
pub(super) fn run(arguments: &AskArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    if arguments.list {
        let list = list();
        Outputs::<AskFormats>::deliver(&targets, console, |format, style| match format {
            Format::Table => Some(ask_list(&list, style)),
            Format::Json => Some(render::json(&list)),
            _ => None,
        })?;
        return Ok(Exit::Healthy);
    }
    let outputs = targets.iter().filter_map(|target| target.path.as_deref());
    let given = [&arguments.snapshot, &arguments.answers];
    files::keep_inputs(given.into_iter().flatten().map(PathBuf::as_path), outputs)?;
    let doctor = arguments.rules.doctor()?;
    let symptom = symptom(arguments, console)?;
    let cases = ClosedCases::read()?;
    if let Some(cause) = &arguments.record {
        if doctor.book().find(cause).is_none() {
            let nearest = doctor.nearest(cause).map(|id| format!("; did you mean `{id}`?"));
            return Err(Failure::Usage(format!(
                "no rule is called `{cause}`{}",
                nearest.unwrap_or_default()
            )));
        }
        let path = cases.record(
            cause,
            symptom.as_deref(),
            arguments.case.now.unwrap_or_else(Timestamp::now),
        )?;
        console.note(&format!("noted in {}", path.display()));
        return Ok(Exit::Healthy);
    }
    let evidence = evidence(arguments, console)?;
    if let Some(note) = before_evidence(arguments.case.now, evidence.snapshot.captured_at) {
        console.note(&note);
    }
    let expectations = arguments.case.expectations(config)?;
    let error = arguments.case.seen_error(console)?;
    let mut session = Interview {
        doctor,
        now: arguments.case.now.unwrap_or(evidence.snapshot.captured_at),
        snapshot: evidence.snapshot,
        choice: arguments.case.profile,
        expectations: &expectations,
        error,
        symptom: symptom.or_else(|| evidence.answers.symptom.clone()),
        cases: Some(&cases),
        rights: arguments.rights,
        answers: evidence.answers,
    };
    let is_interview =
        arguments.output.is_default() && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if is_interview {
        // Such a terminal knows no way back up.
        let is_plain = arguments.plain || std::env::var_os("TERM").is_some_and(|kind| kind == "dumb");
        dialogue::run(&mut session, is_plain, arguments.save.as_deref(), console)?;
    }
    if let Some(path) = &arguments.save {
        write_private(path, &render::json(session.kept()))
            .map_err(|error| files::unwritable(path, &error))?;
        console.note(&format!("the answers are kept in {}", path.display()));
    }
    let step = session.step();
    Outputs::<AskFormats>::deliver(&targets, console, |format, style| match format {
        Format::Table => Some(ask(&step, style)),
        Format::Json => Some(render::json(&step)),
        Format::Markdown => Some(ask_markdown(&step, style)),
        _ => None,
    })?;
    Ok(exit(&step))
}

fn exit(step: &AskStep) -> Exit {
    match step.state {
        AskState::Asking => Exit::Healthy,
        AskState::Settled if step.is_fault() => Exit::Fault,
        AskState::Settled => Exit::Healthy,
        AskState::Exhausted => Exit::NoVerdict,
    }
}

/// The symptom that was named, or that the words tell.
fn symptom(arguments: &AskArgs, console: &Console) -> Result<Option<String>, Failure> {
    let Some(said) = arguments.symptom.as_deref() else {
        return Ok(None);
    };
    let found = symptom_of(said).map_err(|error| error.to_string())?;
    if found.is_none() {
        console
            .note("--symptom: no known symptom is told by these words, so every cause is weighed as usual");
    }
    Ok(found)
}

/// What is known before the first question.
struct Evidence {
    snapshot: Snapshot,
    answers: AnswersFile,
}

fn evidence(arguments: &AskArgs, console: &Console) -> Result<Evidence, Failure> {
    let given = match (&arguments.answers, &arguments.save) {
        (Some(path), _) => Some(answers("--answers", path)?),
        (None, Some(path)) if path.exists() => {
            console.note(&format!("goes on from the answers in {}", path.display()));
            Some(answers("--save", path)?)
        }
        (None, _) => None,
    };
    let snapshot = match &arguments.snapshot {
        Some(path) => load(path)?,
        None => interview::nothing(arguments.case.now.unwrap_or_else(Timestamp::now))
            .map_err(|error| error.to_string())?,
    };
    let stored = AnswersFile::of_snapshot(&snapshot);
    let answers = match given {
        Some(given) => given.over(stored),
        None => stored,
    };
    Ok(Evidence { snapshot, answers })
}

/// Reads the answers file that a flag names.
///
/// # Errors
///
/// It cannot be read, or an answer in it is wrong.
pub(super) fn answers(flag: &str, path: &std::path::Path) -> Result<AnswersFile, Failure> {
    let bytes = files::read(path, MAXIMUM_ANSWERS)
        .map_err(|error| files::complaint(format_args!("{flag} {}", path.display()), &error))?;
    AnswersFile::from_bytes(&bytes, Questions::builtin())
        .map_err(|error| Failure::input(format_args!("{flag} {}", path.display()), error))
}

fn load(path: &PathBuf) -> Result<Snapshot, Failure> {
    if !inputs::is_single(std::slice::from_ref(path)) {
        return Err(Failure::from("`ask` is about one account; name one snapshot"));
    }
    let paths = [path.clone()];
    let input = inputs::all(&paths).next().ok_or("no snapshot was named")?;
    Ok(input.load().map_err(|error| input.complaint(&error))?)
}
