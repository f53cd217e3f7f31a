//! `check`: evidence in, one diagnosis out.

mod compare;
mod live;
mod many;

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::exit::Exit;
use crate::ask::AnswersFile;
use crate::cli::args::case::error_bytes;
use crate::cli::args::country::country;
use crate::cli::args::expected::ExpectedArgs;
use crate::cli::args::live::LiveArgs;
use crate::cli::args::output::{AudienceChoice, OutputTarget, Outputs, ReportFormats, paths};
use crate::cli::args::select::SelectArgs;
use crate::cli::args::severity::threshold;
use crate::cli::ask;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::demo;
use crate::cli::io::files;
use crate::cli::io::inputs::{self, Input, InputError};
use crate::cli::live_run;
use crate::cli::settings::config::Config;
use crate::cli::settings::duration::duration;
use crate::cli::settings::env as variables;
use crate::decode::{Decoded, decode_text};
use crate::diagnosis::report::Outcome;
use crate::diagnosis::{Assumed, Diagnosed, Doctor, Question, Selection};
use crate::documents::interview::with_answers;
use crate::facts::{self, Context, Expectations};
use crate::profile::Choice;
use crate::render::{self, Format, Style};
use crate::rules::Severity;
use crate::snapshot::Snapshot;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("evidence").args(["snapshot", "demo", "account"]))]
#[command(after_help = "\
Examples:
  work365-doctor check --account svc@contoso.com --environment https://contoso.crm4.dynamics.com
  work365-doctor check --demo                                  a representative case
  work365-doctor check --demo list                             which cases there are
  work365-doctor check --snapshot case.snapshot.json           one account
  work365-doctor check --snapshot case.snapshot.json --time-zone Europe/Berlin
  work365-doctor check --snapshot cases/ -o ndjson > out       every snapshot in a folder, a report a line
  work365-doctor check --snapshot - -o ndjson < all.ndjson     a snapshot a line on stdin
  work365-doctor check --snapshot c.json -o table -o json=c.report.json -o html=c.html
  work365-doctor check --snapshot c.json --audience customer   plain words, and messages ready to send
  work365-doctor check --demo --assume-fixed all               what fails next, step by step until healthy
  work365-doctor check --snapshot c.json --compare-with ok.json   only what differs from a working account

Exit codes: 0 nothing at or above --fail-on, 1 a fault, 2 usage or unreadable input, 3 no verdict,
4 (only with --strict) an unanswered question.")]
pub(super) struct CheckArgs {
    /// Snapshot to judge: files, folders, `-` for one a line on stdin
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub(super) snapshot: Vec<PathBuf>,
    /// Judge an embedded snapshot; `list` names them
    #[arg(long, num_args = 0..=1, value_name = "NAME", default_missing_value = demo::REPRESENTATIVE)]
    demo: Option<String>,
    #[command(flatten)]
    pub(super) live: LiveArgs,
    /// Look again until what time can cure is cured, for at most this long, as 20m [env: WORK365_DOCTOR_WAIT]
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with_all = ["snapshot", "demo"])]
    pub(super) wait: Option<Duration>,
    /// With --wait: time between two looks; default 30s [env: WORK365_DOCTOR_WAIT_INTERVAL]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(super) wait_interval: Option<Duration>,
    /// Keep every exchange with the services, without names, in a folder that is new: for people who develop this program
    #[arg(long, value_name = "DIR", hide_short_help = true, conflicts_with_all = ["snapshot", "demo"])]
    pub(super) record: Option<PathBuf>,
    #[command(flatten)]
    output: Outputs<ReportFormats>,
    /// Whose guidance decides: auto (what Work 365 itself does), legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Choice,
    #[command(flatten)]
    expected: ExpectedArgs,
    /// Address that Work 365 signs in from (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_IP",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    ip: Vec<IpAddr>,
    /// Country that Work 365 signs in from, as two letters
    #[arg(long, env = "WORK365_DOCTOR_COUNTRY", value_name = "CC", value_parser = country)]
    country: Option<String>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    audience: Option<AudienceChoice>,
    #[command(flatten)]
    select: SelectArgs,
    /// Faults below this severity do not change the outcome: blocker, high, medium, low
    #[arg(long, default_value = "medium", env = "WORK365_DOCTOR_FAIL_ON", value_name = "SEVERITY", value_parser = threshold)]
    fail_on: Severity,
    /// Exit with 4 when a question at or above the threshold stays open
    #[arg(long, env = "WORK365_DOCTOR_STRICT")]
    pub(super) strict: bool,
    /// Exit with 0 even if there are faults
    #[arg(long, env = "WORK365_DOCTOR_EXIT_ZERO")]
    exit_zero: bool,
    /// Judge ages as of this instant (RFC 3339); default: when the snapshot was captured
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    pub(super) now: Option<Timestamp>,
    /// The error that was seen: text, @FILE, or - for stdin; joined with the findings
    // The help does not show the variable's value: error texts hold tokens.
    #[arg(
        long,
        env = "WORK365_DOCTOR_ERROR",
        hide_env_values = true,
        value_name = "TEXT|@FILE|-"
    )]
    error: Option<String>,
    /// What a person reported (work365-doctor/answers/v1): weaker than what was read, better than nothing
    #[arg(long, env = "WORK365_DOCTOR_ANSWERS", value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Snapshot of an account that works, or of this one when it did (demo:NAME for a demonstration): show what differs
    #[arg(long, env = "WORK365_DOCTOR_COMPARE_WITH", value_name = "SNAPSHOT")]
    compare_with: Option<PathBuf>,
    /// Judge again as if these findings were fixed (rule ids, or all): what fails next, and what the fix would break
    #[arg(
        long,
        env = "WORK365_DOCTOR_ASSUME_FIXED",
        value_name = "ID",
        value_delimiter = ','
    )]
    assume_fixed: Vec<String>,
    /// Record the state of this healthy account in the configuration file; later runs report drift from it
    #[arg(long)]
    write_expected: bool,
}

/// Time between two looks of `--wait`, if nothing else is said.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

/// The shortest time between two looks.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(5);

impl CheckArgs {
    /// How long to look again at most, and the time between two looks: of the flags, else of the variables. The variables
    /// are no flags, so that they leave a check of a snapshot alone.
    pub(super) fn waiting(&self) -> Result<(Option<Duration>, Duration), Failure> {
        let wait = variables::limit(self.wait, "WAIT")?;
        let interval = variables::limit(self.wait_interval, "WAIT_INTERVAL")?;
        let interval = interval.unwrap_or(BETWEEN_LOOKS);
        if interval < SHORTEST_INTERVAL {
            return Err(Failure::from(
                "--wait-interval is at least 5s: the services answer no sooner than that in another way",
            ));
        }
        Ok((wait, interval))
    }
}

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
    let selection = arguments.select.of(&doctor)?;
    let assumed = (!arguments.assume_fixed.is_empty())
        .then(|| Assumed::of(&arguments.assume_fixed, &doctor))
        .transpose()
        .map_err(|error| error.to_string())?;
    let examination = Examination {
        assumed,
        arguments,
        config,
        doctor: &doctor,
        expectations,
        error: seen_error(arguments, console)?,
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

/// What a run judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// What the services answer now.
    Live,
    /// One snapshot or demonstration.
    One,
    /// Several snapshots.
    Many,
}

impl CheckArgs {
    fn evidence(&self) -> Evidence {
        match (&self.demo, self.snapshot.is_empty()) {
            (None, true) => Evidence::Live,
            (Some(_), _) => Evidence::One,
            (None, false) if inputs::is_single(&self.snapshot) => Evidence::One,
            (None, false) => Evidence::Many,
        }
    }
}

/// Flags that say nothing beside this evidence are mistakes: nobody should believe that they counted.
fn refuse_contradictions(arguments: &CheckArgs, config: &Config, kind: Evidence) -> Result<(), Failure> {
    let is_live = kind == Evidence::Live;
    if !is_live && let Some(flag) = arguments.live.first_flag() {
        return Err(Failure::Usage(format!(
            "{flag} is for a live check; it has no place beside --snapshot or --demo"
        )));
    }
    if arguments.answers.is_some() && is_live && !arguments.live.names_an_account(config) {
        return Err(Failure::from(
            "--answers alone is no evidence to check; `work365-doctor ask --answers FILE` goes on from answers",
        ));
    }
    if arguments.wait_interval.is_some() && arguments.waiting()?.0.is_none() {
        return Err(Failure::from(
            "--wait-interval says how often to look again: with --wait only",
        ));
    }
    if arguments.write_expected && kind == Evidence::Many {
        return Err(Failure::from(
            "--write-expected records one account; name one snapshot",
        ));
    }
    Ok(())
}

/// No answer is written over what it is made from.
fn keep_inputs(arguments: &CheckArgs, targets: &[OutputTarget]) -> Result<(), Failure> {
    let error_file = arguments
        .error
        .as_deref()
        .and_then(|error| error.strip_prefix('@'));
    let inputs = arguments.snapshot.iter().map(PathBuf::as_path);
    files::keep_inputs(
        inputs
            .chain(arguments.compare_with.as_deref().map(Path::new))
            .chain(error_file.map(Path::new))
            .chain(arguments.answers.as_deref()),
        paths(targets),
    )
}

/// The formats asked for. Not every format can hold several reports.
fn targets(arguments: &CheckArgs, is_single: bool) -> Result<Vec<OutputTarget>, Failure> {
    let targets = arguments.output.targets()?;
    if !is_single && let Some(target) = targets.iter().find(|target| !target.format.can_hold_many()) {
        return Err(Failure::Usage(format!(
            "several reports are no single {} document; use -o ndjson, one report a line",
            target.format
        )));
    }
    Ok(targets)
}

/// The error of `--error`, decoded.
fn seen_error(arguments: &CheckArgs, console: &Console) -> Result<Option<Decoded>, Failure> {
    let Some(text) = arguments.error.as_deref() else {
        return Ok(None);
    };
    if text == "-" && arguments.snapshot.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::from(
            "--error - and --snapshot - both want stdin; give the error as @FILE",
        ));
    }
    let bytes = error_bytes(text)?;
    let decoded = decode_text(&bytes);
    if !decoded.recognised {
        console.note(
            "--error: no known error was recognised in the text, so it says nothing about the findings",
        );
    }
    Ok(Some(decoded))
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
            Ok((snapshot, diagnosed)) => self.answer(&snapshot, &diagnosed, targets, console),
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
