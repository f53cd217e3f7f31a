//! Arguments of `check`: what they mean together, and what does not go together.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use jiff::Timestamp;

use crate::cli::args::country::country;
use crate::cli::args::expected::ExpectedArgs;
use crate::cli::args::live::LiveArgs;
use crate::cli::args::output::{AudienceChoice, OutputTarget, Outputs, ReportFormats, paths};
use crate::cli::args::select::SelectArgs;
use crate::cli::args::severity::threshold;
use crate::cli::failure::Failure;
use crate::cli::io::demo;
use crate::cli::io::files;
use crate::cli::io::inputs;
use crate::cli::settings::config::Config;
use crate::cli::settings::duration::duration;
use crate::cli::settings::env as variables;
use crate::profile::Choice;
use crate::rules::Severity;

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("evidence").args(["snapshot", "demo", "account"]))]
#[command(after_help = "\
Examples:
  work365-doctor check --account svc@contoso.com --environment https://contoso.crm4.dynamics.com
  # a representative case
  work365-doctor check --demo
  # which cases there are
  work365-doctor check --demo list
  # one account
  work365-doctor check --snapshot case.snapshot.json
  work365-doctor check --snapshot case.snapshot.json --time-zone Europe/Berlin
  # every snapshot in a folder, a report a line
  work365-doctor check --snapshot cases/ -o ndjson > out
  # a snapshot a line on stdin
  cat all.ndjson | work365-doctor check --snapshot - -o ndjson
  work365-doctor check --snapshot c.json -o table -o json=c.report.json -o html=c.html
  # plain words, and messages ready to send
  work365-doctor check --snapshot c.json --audience customer
  # what fails next, step by step until healthy
  work365-doctor check --demo --assume-fixed all
  # only what differs from a working account
  work365-doctor check --snapshot c.json --compare-with ok.json

Exit codes: 0 nothing at or above --fail-on, 1 a fault, 2 usage or unreadable input, 3 no verdict,
4 (only with --strict) an unanswered question.")]
pub(crate) struct CheckArgs {
    /// Snapshot to judge: files, folders, `-` for one a line on stdin
    #[arg(long, num_args = 1.., value_name = "PATH")]
    pub(super) snapshot: Vec<PathBuf>,
    /// Judge an embedded snapshot; `list` names them
    #[arg(long, num_args = 0..=1, value_name = "NAME", default_missing_value = demo::REPRESENTATIVE)]
    pub(super) demo: Option<String>,
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
    pub(super) output: Outputs<ReportFormats>,
    /// Whose guidance decides: auto (what Work 365 itself does), legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    pub(super) profile: Choice,
    #[command(flatten)]
    pub(super) expected: ExpectedArgs,
    /// Address that Work 365 signs in from (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_IP",
        value_name = "ADDRESS",
        value_delimiter = ','
    )]
    pub(super) ip: Vec<IpAddr>,
    /// Country that Work 365 signs in from, as two letters
    #[arg(long, env = "WORK365_DOCTOR_COUNTRY", value_name = "CC", value_parser = country)]
    pub(super) country: Option<String>,
    /// Who reads: the customer (plain words), an engineer (evidence and ids), a ticket (facts and hashes)
    #[arg(long, value_enum, env = "WORK365_DOCTOR_AUDIENCE", value_name = "AUDIENCE")]
    pub(super) audience: Option<AudienceChoice>,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Faults below this severity do not change the outcome: blocker, high, medium, low
    #[arg(long, default_value = "medium", env = "WORK365_DOCTOR_FAIL_ON", value_name = "SEVERITY", value_parser = threshold)]
    pub(super) fail_on: Severity,
    /// Exit with 4 when a question at or above the threshold stays open
    #[arg(long, env = "WORK365_DOCTOR_STRICT")]
    pub(super) strict: bool,
    /// Exit with 0 even if there are faults
    #[arg(long, env = "WORK365_DOCTOR_EXIT_ZERO")]
    pub(super) exit_zero: bool,
    /// Judge ages as of this instant (RFC 3339); default: when the snapshot was captured
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    pub(super) now: Option<Timestamp>,
    /// The error that was seen: text, "@FILE" (quoted for PowerShell), or - for stdin; joined with the findings
    // The help does not show the variable's value: error texts hold tokens.
    #[arg(
        long,
        env = "WORK365_DOCTOR_ERROR",
        hide_env_values = true,
        value_name = "TEXT|@FILE|-"
    )]
    pub(super) error: Option<String>,
    /// What a person reported (work365-doctor/answers/v1): weaker than what was read, better than nothing
    #[arg(long, env = "WORK365_DOCTOR_ANSWERS", value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Snapshot of an account that works, or of this one when it did (demo:NAME for a demonstration): show what differs
    #[arg(long, env = "WORK365_DOCTOR_COMPARE_WITH", value_name = "SNAPSHOT")]
    pub(super) compare_with: Option<PathBuf>,
    /// Judge again as if these findings were fixed (rule ids, or all): what fails next, and what the fix would break
    #[arg(
        long,
        env = "WORK365_DOCTOR_ASSUME_FIXED",
        value_name = "ID",
        value_delimiter = ','
    )]
    pub(super) assume_fixed: Vec<String>,
    /// Record the state of this healthy account in the configuration file; later runs report drift from it
    #[arg(long)]
    pub(super) write_expected: bool,
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

/// What a run judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// What the services answer now.
    Live,
    /// One snapshot or demonstration.
    One,
    /// Several snapshots.
    Many,
}

impl CheckArgs {
    /// What this run judges.
    pub(super) fn evidence(&self) -> Evidence {
        match (&self.demo, self.snapshot.is_empty()) {
            (None, true) => Evidence::Live,
            (Some(_), _) => Evidence::One,
            (None, false) if inputs::is_single(&self.snapshot) => Evidence::One,
            (None, false) => Evidence::Many,
        }
    }
}

/// Flags that say nothing beside this evidence are mistakes: nobody should believe that they counted.
pub(super) fn refuse_contradictions(
    arguments: &CheckArgs,
    config: &Config,
    kind: Evidence,
) -> Result<(), Failure> {
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
pub(super) fn keep_inputs(arguments: &CheckArgs, targets: &[OutputTarget]) -> Result<(), Failure> {
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
pub(super) fn targets(arguments: &CheckArgs, is_single: bool) -> Result<Vec<OutputTarget>, Failure> {
    let targets = arguments.output.targets()?;
    if !is_single && let Some(target) = targets.iter().find(|target| !target.format.can_hold_many()) {
        return Err(Failure::Usage(format!(
            "several reports are no single {} document; use -o ndjson, one report a line",
            target.format
        )));
    }
    Ok(targets)
}
