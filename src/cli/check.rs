//! `check`: evidence in, one diagnosis out.

use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use super::config::Config;
use super::exit::Exit;
use super::files;
use super::inputs::{self, Input, InputError};
use super::live::{self, LiveArgs};
use super::output::{Console, Format, OutputTarget};
use super::{RuleSource, demo, formats, twin, variables};
use crate::decode::{Decoded, decode_text};
use crate::diagnosis::report::Outcome;
use crate::diagnosis::{Clinic, Diagnosed, Question, Selection};
use crate::facts::{self, Expectations, Inputs};
use crate::profile::Profile;
use crate::render::{self, Style};
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
    #[arg(long, value_name = "DURATION", value_parser = live::duration, conflicts_with_all = ["snapshot", "demo"])]
    pub(super) wait: Option<Duration>,
    /// With --wait: time between two looks; default 30s [env: WORK365_DOCTOR_WAIT_INTERVAL]
    #[arg(long, value_name = "DURATION", value_parser = live::duration)]
    pub(super) wait_interval: Option<Duration>,
    /// Format of the answer, and where it goes: table, json, ndjson, short, markdown, html, junit, sarif (repeatable)
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        env = "WORK365_DOCTOR_OUTPUT",
        value_delimiter = ','
    )]
    output: Vec<OutputTarget>,
    /// Whose guidance decides: legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Profile,
    /// The company's time zone: IANA name, Windows name, or Dataverse code
    #[arg(long, env = "WORK365_DOCTOR_TIME_ZONE", value_name = "ZONE")]
    time_zone: Option<String>,
    /// The identity that Work 365 itself displays: UPN or application id
    #[arg(long, env = "WORK365_DOCTOR_CONFIGURED_IDENTITY", value_name = "IDENTITY")]
    configured_identity: Option<String>,
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
    audience: Option<formats::AudienceChoice>,
    #[command(flatten)]
    rules: RuleSource,
    /// Count only these rules or areas (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_SELECT",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    select: Vec<String>,
    /// Do not count these rules or areas (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_IGNORE",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    ignore: Vec<String>,
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
    /// Snapshot of an account that works, or of this one when it did (demo:NAME for a demonstration): show what differs
    #[arg(long, env = "WORK365_DOCTOR_COMPARE_WITH", value_name = "SNAPSHOT")]
    compare_with: Option<PathBuf>,
    /// Record the state of this healthy account in the configuration file; later runs report drift from it
    #[arg(long)]
    write_expected: bool,
}

/// Time between two looks of `--wait`, if nothing else is said.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);

impl CheckArgs {
    /// How long to look again at most, and the time between two looks: of the flags, else of the variables. The variables
    /// are no flags, so that they leave a check of a snapshot alone.
    pub(super) fn waiting(&self) -> Result<(Option<Duration>, Duration), String> {
        let wait = variables::limit(self.wait, "WAIT")?;
        let interval = variables::limit(self.wait_interval, "WAIT_INTERVAL")?;
        Ok((wait, interval.unwrap_or(BETWEEN_LOOKS)))
    }
}

fn threshold(text: &str) -> Result<Severity, String> {
    [Severity::Blocker, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .find(|severity| severity.name() == text)
        .ok_or_else(|| format!("no severity is called `{text}`; there are blocker, high, medium and low"))
}

pub(super) fn country(text: &str) -> Result<String, String> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err("a country is two letters, as DE".to_owned())
    }
}

/// Runs the command.
pub(super) fn run(
    arguments: &CheckArgs,
    config: &Config,
    no_progress: bool,
    console: &Console,
) -> Result<Exit, String> {
    if arguments.demo.as_deref() == Some("list") {
        let list = demo::names().join("\n") + "\n";
        console.deliver(&list, None)?;
        return Ok(Exit::Healthy);
    }
    let is_live = arguments.demo.is_none() && arguments.snapshot.is_empty();
    if !is_live && let Some(flag) = arguments.live.first_flag() {
        return Err(format!(
            "{flag} is for a live check; it has no place beside --snapshot or --demo"
        ));
    }
    if arguments.wait_interval.is_some() && arguments.waiting()?.0.is_none() {
        return Err("--wait-interval says how often to look again: with --wait only".to_owned());
    }
    let is_single = is_live || arguments.demo.is_some() || inputs::is_single(&arguments.snapshot);
    if arguments.write_expected && !is_single {
        return Err("--write-expected records one account; name one snapshot".to_owned());
    }
    let targets = targets(&arguments.output, is_single)?;
    let error_file = arguments
        .error
        .as_deref()
        .and_then(|error| error.strip_prefix('@'));
    files::keep_inputs(
        arguments
            .snapshot
            .iter()
            .map(PathBuf::as_path)
            .chain(arguments.compare_with.as_deref().map(Path::new))
            .chain(error_file.map(Path::new)),
        formats::paths(&targets),
    )?;
    let expectations = expectations(arguments, config)?;
    let clinic = arguments.rules.clinic()?;
    let selection = clinic
        .selection(&arguments.select, &arguments.ignore)
        .map_err(|error| error.to_string())?;
    let examination = Examination {
        arguments,
        config,
        clinic: &clinic,
        expectations,
        error: seen_error(arguments, console)?,
        selection,
        twin: twin::read(arguments.compare_with.as_deref())?,
    };
    let exit = match &arguments.demo {
        Some(name) => examination.one(&demo::named(name)?, &targets, console)?,
        None if is_live => examination.live(&targets, no_progress, console)?,
        None if is_single => {
            let input = inputs::all(&arguments.snapshot)
                .next()
                .ok_or("no snapshot was named")?;
            examination.one(&input, &targets, console)?
        }
        None => examination.many(&targets, console)?,
    };
    Ok(match exit {
        Exit::Fault | Exit::Gap if arguments.exit_zero => Exit::Healthy,
        exit => exit,
    })
}

/// The formats asked for; the table if none was.
pub(super) fn targets(outputs: &[OutputTarget], is_single: bool) -> Result<Vec<OutputTarget>, String> {
    let mut targets = outputs.to_vec();
    if targets.is_empty() {
        targets.push(OutputTarget {
            format: Format::Table,
            path: None,
        });
    }
    formats::no_clash(&targets)?;
    if !is_single && let Some(target) = targets.iter().find(|target| !target.format.can_hold_many()) {
        return Err(format!(
            "several reports are no single {} document; use -o ndjson, one report a line",
            target.format
        ));
    }
    Ok(targets)
}

/// The error of `--error`, decoded.
fn seen_error(arguments: &CheckArgs, console: &Console) -> Result<Option<Decoded>, String> {
    let Some(text) = arguments.error.as_deref() else {
        return Ok(None);
    };
    let bytes = match text.strip_prefix('@') {
        Some(path) => {
            std::fs::read(path).map_err(|error| files::complaint(format_args!("--error @{path}"), &error))?
        }
        None if text == "-" => {
            if arguments.snapshot.iter().any(|path| path.as_os_str() == "-") {
                return Err("--error - and --snapshot - both want stdin; give the error as @FILE".to_owned());
            }
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| format!("stdin: {error}"))?;
            bytes
        }
        None => text.as_bytes().to_vec(),
    };
    let decoded = decode_text(&bytes);
    if !decoded.recognised {
        console.note(
            "--error: no known error was recognised in the text, so it says nothing about the findings",
        );
    }
    Ok(Some(decoded))
}

fn expectations(arguments: &CheckArgs, config: &Config) -> Result<Expectations, String> {
    let time_zone = arguments
        .time_zone
        .as_deref()
        .map(facts::expected_time_zone)
        .transpose();
    Ok(Expectations {
        time_zone: time_zone.map_err(|error| format!("--time-zone: {error}"))?,
        state: config.expected_state.clone(),
        configured_identity: arguments.configured_identity.clone(),
        addresses: arguments.ip.clone(),
        country: arguments.country.clone(),
    })
}

/// Everything that is the same for every snapshot of a run.
pub(super) struct Examination<'a> {
    pub(super) arguments: &'a CheckArgs,
    pub(super) config: &'a Config,
    pub(super) clinic: &'a Clinic,
    pub(super) expectations: Expectations,
    pub(super) error: Option<Decoded>,
    pub(super) selection: Selection,
    /// The account to compare with.
    pub(super) twin: Option<Snapshot>,
}

impl Examination<'_> {
    pub(super) fn examine(&self, input: &Input) -> Result<(Snapshot, Diagnosed), InputError> {
        let snapshot = input.load()?;
        let diagnosed = self.diagnose(&snapshot);
        Ok((snapshot, diagnosed))
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
        let mut diagnosed = self.clinic.diagnose(snapshot, &question);
        if let Some(twin) = &self.twin {
            let comparison = self.clinic.compare(snapshot, &question, &diagnosed.report, twin);
            diagnosed.report.comparison = Some(comparison);
        }
        diagnosed
    }

    pub(super) fn text(&self, format: Format, diagnosed: &Diagnosed, style: Style) -> String {
        let style = Style {
            audience: self.arguments.audience.map(Into::into),
            ..style
        };
        formats::text(format, &diagnosed.report, self.clinic.words(), style)
    }

    fn one(&self, input: &Input, targets: &[OutputTarget], console: &Console) -> Result<Exit, String> {
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
    ) -> Result<Exit, String> {
        if self.arguments.write_expected {
            self.write_expected(snapshot, diagnosed, console)?;
        }
        for target in targets {
            let path = target.path.as_deref();
            console.deliver(&self.text(target.format, diagnosed, console.style(path)), path)?;
        }
        Ok(Exit::of(diagnosed, self.arguments.strict))
    }

    /// Records the state of the account, provided that nothing is wrong with it.
    fn write_expected(
        &self,
        snapshot: &Snapshot,
        diagnosed: &Diagnosed,
        console: &Console,
    ) -> Result<(), String> {
        if diagnosed.report.summary.outcome != Outcome::Healthy {
            return Err(format!(
                "--write-expected records a healthy account, and this one is {}",
                diagnosed.report.summary.outcome.word()
            ));
        }
        let now = self.arguments.now.unwrap_or(snapshot.captured_at);
        let state = Inputs::new(snapshot, &self.expectations, self.arguments.profile, now).present_state();
        let path = self.config.write_expected_state(&state)?;
        console.note(&format!(
            "the state of {} is recorded in {}",
            state.account,
            path.display()
        ));
        Ok(())
    }
}
