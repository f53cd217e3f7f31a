//! `report timeline`: what a store knows of one account over time, further back than the services keep their logs.

use std::path::{Path, PathBuf};

use clap::Args;

use super::private::{is_folder, read};
use super::recorder::kept;
use super::store::reports;
use crate::cli::args::output::{Answers, Outputs, paths};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::diagnosis::report::{self, Report};
use crate::diagnosis::{Doctor, Question, Selection, Words};
use crate::facts::Expectations;
use crate::fleet::evidence::{Together, together};
use crate::fleet::folder::candidates;
use crate::fleet::history::{History, Judgement, SCHEMA};
use crate::profile::Choice;
use crate::render::pages::fleet::history as pages;
use crate::render::{self, Format};
use crate::rules::{RuleBook, Severity};
use crate::snapshot::Snapshot;

/// So many names are told when the one that was asked for is not there.
const NAMES: usize = 10;

/// Arguments of `report timeline`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor report timeline contoso --store reports
  work365-doctor report timeline contoso --store reports -o markdown

The evidence is what `fleet --store` kept. Names in it are pseudonyms unless it was kept with --no-redact; the map beside the
store (reports.keys/) leads back.
Exit codes: 0 shown, 2 no such account, or usage.")]
pub(crate) struct HistoryArgs {
    /// The account, as the list of `fleet` calls it
    #[arg(value_name = "NAME")]
    name: String,
    /// The store of `fleet`
    #[arg(long, env = "WORK365_DOCTOR_STORE", value_name = "DIR")]
    store: PathBuf,
    #[command(flatten)]
    output: Outputs<HistoryFormats>,
}

/// The formats of `report timeline`.
#[derive(Debug, Clone)]
struct HistoryFormats;

impl Answers for HistoryFormats {
    const COMMAND: &'static str = "report timeline";
    const FORMATS: &'static [Format] = &[Format::Table, Format::Json, Format::Markdown];
}

/// Runs the command.
pub(crate) fn run(arguments: &HistoryArgs, console: &Console) -> Result<Exit, Failure> {
    let targets = arguments.output.targets()?;
    files::keep_inputs([arguments.store.as_path()], paths(&targets))?;
    let history = history(&arguments.name, &arguments.store)?;
    Outputs::<HistoryFormats>::deliver(&targets, console, |format, style| {
        Some(match format {
            Format::Json => render::json(&history),
            Format::Markdown => pages::markdown(&history),
            _ => pages::table(&history, style),
        })
    })?;
    Ok(Exit::Healthy)
}

fn history(name: &str, store: &Path) -> Result<History, Failure> {
    let places = candidates(name).map(|folder| store.join(folder));
    let folder = places.iter().find(|folder| is_folder(folder));
    let folder = folder.ok_or_else(|| unknown(name, store))?;
    let reports: Vec<Report> = reports(folder)
        .iter()
        .filter_map(|name| report::from_bytes(&read(&folder.join(name))?).ok())
        .collect();
    let all = together(kept(folder));
    let Some(newest) = reports.last() else {
        return Err(unknown(name, store));
    };
    let mut history = History {
        schema: SCHEMA.to_owned(),
        name: name.to_owned(),
        account: Some(newest.subject.account.clone()),
        environment: newest.subject.environment.clone(),
        since: None,
        until: None,
        pieces: 0,
        redacted: false,
        judgements: reports.iter().map(Judgement::of).collect(),
        gaps: Vec::new(),
        timeline: None,
    };
    if let Some(all) = all {
        put_in(&mut history, all)?;
    }
    Ok(history)
}

/// Judges all the evidence at once: the timeline of a report, over everything that was kept.
fn put_in(history: &mut History, all: Together) -> Result<(), Failure> {
    let bytes = all.document.to_string();
    let snapshot = Snapshot::from_bytes(bytes.as_bytes())
        .map_err(|error| format!("the evidence of {} is damaged: {error}", history.name))?;
    let book = RuleBook::builtin().map_err(|complaints| complaints.to_string())?;
    let doctor = Doctor::new(book, Words::builtin()?);
    let question = Question {
        profile: Choice::default(),
        now: None,
        expectations: &Expectations::default(),
        fail_on: Severity::Medium,
        selection: &Selection::default(),
        error: None,
        acceptances: &[],
    };
    history.timeline = doctor.diagnose(&snapshot, &question).report.timeline;
    history.redacted = snapshot.redacted;
    history.since = Some(all.since);
    history.until = Some(snapshot.captured_at.to_string());
    history.pieces = all.files;
    history.gaps = all.gaps;
    Ok(())
}

/// That the store knows nobody of that name, and some whom it knows.
fn unknown(name: &str, store: &Path) -> Failure {
    let entries = std::fs::read_dir(store).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| is_folder(&entry.path()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let known = match (names.is_empty(), more) {
        (true, _) => "it holds no account".to_owned(),
        (false, 0) => format!("it holds {}", names.join(", ")),
        (false, more) => format!("it holds {} and {more} more", names.join(", ")),
    };
    Failure::input(
        store.display(),
        format_args!("no report of `{name}` in this store; {known}"),
    )
}
