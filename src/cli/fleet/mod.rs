//! `fleet`: many accounts, live or from snapshots, side by side; and what one cause breaks for many.

pub(super) mod history;
mod live;
mod look;
mod outputs;
mod private;
mod recorder;
mod rows;
mod store;
mod workers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use super::exit::Exit;
use crate::cli::args::output::{OutputTarget, Outputs, paths};
use crate::cli::args::select::SelectArgs;
use crate::cli::args::severity::threshold;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::progress::Progress;
use crate::cli::sections;
use crate::cli::settings::config::Config;
use crate::cli::settings::duration::duration;
use crate::facts;
use crate::fleet::account::{Looked, NoReport, without_report};
use crate::fleet::document::{ChangeKind, Fleet};
use crate::fleet::folder::folders;
use crate::fleet::list::{Listed, LiveRow, Source};
use crate::fleet::overview;
use crate::fleet::schedule::Schedule;
use crate::profile::Choice;
use crate::rules::Severity;

use live::Reading;
use look::Looking;
use outputs::FleetFormats;
use recorder::Recorder;
use store::Store;
use workers::Interrupt;

/// So many accounts are read at once from their tenants, unless `--jobs` says otherwise: most of the time each waits.
const LIVE_JOBS: usize = 32;

/// More workers than this would only wait for each other.
const MOST_JOBS: usize = 512;

/// Arguments of `fleet`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # every account of the list, the worst first
  work365-doctor fleet customers.csv
  # every snapshot in a folder
  work365-doctor fleet cases/
  # keep each report, and say what changed since the last run
  work365-doctor fleet customers.csv --store reports
  # go on after an interruption; judge the rest
  work365-doctor fleet customers.csv --store reports --resume
  work365-doctor fleet customers.csv --store reports --only-changed --fail-on-new
  work365-doctor fleet customers.csv -o html=fleet.html -o csv=fleet.csv

A list is CSV (comma, semicolon or tab), NDJSON or TOML. Columns: name, account, environment, tenant, profile, time-zone,
configured-identity, snapshot (relative to the list; then nobody signs in), auth, client-id, secret-variable (the name of a
variable that begins with WORK365_DOCTOR_). `work365-doctor help fleet` says more.

Exit codes: 0 nothing at or above --fail-on, 1 a fault, 2 usage, or a bad row and no fault, 3 no verdict,
4 (only with --strict) an unanswered question, 130 interrupted.")]
pub(super) struct FleetArgs {
    /// The list of accounts, or a folder of snapshots
    #[arg(value_name = "LIST|FOLDER")]
    list: PathBuf,
    /// Keep each account's reports in a folder of its own here
    #[arg(long, env = "WORK365_DOCTOR_STORE", value_name = "DIR")]
    store: Option<PathBuf>,
    /// Keep the evidence beside the reports as it is; without this every name in it becomes a pseudonym
    #[arg(long, env = "WORK365_DOCTOR_NO_REDACT", requires = "store")]
    no_redact: bool,
    /// So many accounts at once; default: 32 of tenants, of files as many as there are cores
    #[arg(long, env = "WORK365_DOCTOR_JOBS", value_name = "N", value_parser = jobs)]
    jobs: Option<usize>,
    /// Leave out what the store shows to be judged less than --stale ago
    #[arg(long, env = "WORK365_DOCTOR_RESUME", requires = "store")]
    resume: bool,
    /// With --resume: how old a judgement may be, as 12h; default 24h
    #[arg(long, env = "WORK365_DOCTOR_STALE", value_name = "DURATION", value_parser = duration)]
    stale: Option<Duration>,
    /// Show only accounts that changed since their last report
    #[arg(long, env = "WORK365_DOCTOR_ONLY_CHANGED", requires = "store")]
    only_changed: bool,
    /// Exit with 1 only for what is new or worse since the last report
    #[arg(long, env = "WORK365_DOCTOR_FAIL_ON_NEW", requires = "store")]
    fail_on_new: bool,
    #[command(flatten)]
    output: Outputs<FleetFormats>,
    /// CSV files begin with a byte order mark: Excel then reads them as UTF-8
    #[arg(long, env = "WORK365_DOCTOR_BOM")]
    bom: bool,
    /// Whose guidance decides where the list does not say: auto, legacy-password, consent, application-user
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Choice,
    /// The time zone of companies where the list does not say: IANA name, Windows name, or Dataverse code
    #[arg(long, env = "WORK365_DOCTOR_TIME_ZONE", value_name = "ZONE")]
    time_zone: Option<String>,
    #[command(flatten)]
    select: SelectArgs,
    /// Faults below this severity do not change the outcome: blocker, high, medium, low
    #[arg(long, default_value = "medium", env = "WORK365_DOCTOR_FAIL_ON", value_name = "SEVERITY", value_parser = threshold)]
    fail_on: Severity,
    /// Exit with 4 when a question at or above the threshold stays open
    #[arg(long, env = "WORK365_DOCTOR_STRICT")]
    strict: bool,
    /// Exit with 0 even if there are faults
    #[arg(long, env = "WORK365_DOCTOR_EXIT_ZERO")]
    exit_zero: bool,
    /// Judge ages as of this instant (RFC 3339); default: when the evidence was collected
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
}

/// A judgement of yesterday is good enough for a run that is resumed.
const STALE: Duration = Duration::from_secs(24 * 3600);

fn jobs(text: &str) -> Result<usize, Failure> {
    match text.parse() {
        Ok(jobs) if (1..=MOST_JOBS).contains(&jobs) => Ok(jobs),
        _ => Err(Failure::Usage(format!(
            "`{text}` is no number from 1 to {MOST_JOBS}"
        ))),
    }
}

/// Runs the command.
pub(super) fn run(
    arguments: &FleetArgs,
    config: &Config,
    no_progress: bool,
    console: &Console,
) -> Result<Exit, Failure> {
    if arguments.stale.is_some() && !arguments.resume {
        return Err(Failure::from(
            "--stale says what --resume leaves out: with --resume only",
        ));
    }
    let targets = arguments.output.targets()?;
    let time_zone = arguments.time_zone.as_deref().map(facts::expected_time_zone);
    let time_zone = time_zone
        .transpose()
        .map_err(|error| format!("--time-zone: {error}"))?;
    let listed = rows::rows(&arguments.list)?;
    keep_inputs(arguments, &listed, &targets)?;
    let doctor = arguments.select.rules.doctor()?;
    doctor
        .check_acceptances(&config.acceptances)
        .map_err(|error| config.complaint(&error))?;
    let selection = arguments.select.of(doctor)?;
    let store = arguments.store.as_deref().map(Store::open).transpose()?;
    let recorder = arguments.store.as_deref();
    let recorder = recorder.map(|store| Recorder::new(store, !arguments.no_redact));
    let recorder = recorder.transpose()?;
    let progress = Arc::new(Progress::new(no_progress, console));
    let looking = Looking {
        doctor,
        selection: &selection,
        sections: (!arguments.select.is_everything()).then(|| sections::behind(doctor, &selection)),
        config,
        profile: arguments.profile,
        time_zone,
        fail_on: arguments.fail_on,
        now: arguments.now,
        store: store.as_ref(),
        recorder: recorder.as_ref(),
        stale: arguments.resume.then(|| arguments.stale.unwrap_or(STALE)),
        paces: Arc::default(),
        reading: Reading::new(Arc::clone(&progress)),
    };
    let interrupt = Interrupt::watched();
    let looked = all(&looking, &listed, arguments.jobs, &interrupt, &progress)?;
    progress.clear();
    let exit = exit(&looked, arguments);
    let mut fleet = fleet(looked, arguments);
    let has_accepted = fleet.accounts.iter().any(|account| !account.accepted.is_empty());
    fleet.accepted_by = config.found_file().filter(|_| has_accepted);
    outputs::deliver(&fleet, &targets, arguments.bom, console)?;
    Ok(if interrupt.is_set() {
        Exit::Interrupted
    } else {
        exit
    })
}

/// Looks at every row; the answers in the order of the list.
fn all(
    looking: &Looking<'_>,
    listed: &[Listed],
    jobs: Option<usize>,
    interrupt: &Interrupt,
    progress: &Progress,
) -> Result<Vec<Looked>, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let tenants: Vec<Option<String>> = listed.iter().map(tenant).collect();
    let has_live = tenants.iter().any(Option::is_some);
    let jobs = jobs.unwrap_or(if has_live { LIVE_JOBS } else { cores });
    let rows = tenants.iter().map(Option::as_deref).enumerate();
    let schedule = Schedule::new(rows, cores.min(jobs));
    let folders = folders(listed.iter().map(name));
    let mut answers: Vec<Option<Looked>> = listed.iter().map(|_| None).collect();
    let mut done = 0;
    let work = |row: usize| {
        let listed = listed.get(row)?;
        let folder = folders.get(name(listed)).map_or("", String::as_str);
        Some(looking.look(listed, folder))
    };
    workers::run(
        schedule,
        jobs.min(listed.len()).max(1),
        interrupt,
        work,
        |row, looked| {
            done += 1;
            progress.counted("accounts", done, listed.len());
            if let Some(place) = answers.get_mut(row) {
                *place = looked;
            }
        },
    )?;
    let in_order = answers.into_iter().zip(listed);
    Ok(in_order
        .map(|(looked, listed)| looked.unwrap_or_else(|| not_looked_at(listed)))
        .collect())
}

fn not_looked_at(listed: &Listed) -> Looked {
    let named = match listed {
        Ok(row) => &row.named,
        Err(bad) => &bad.named,
    };
    without_report(named.clone(), NoReport::Interrupted, ChangeKind::Same)
}

fn name(listed: &Listed) -> &str {
    match listed {
        Ok(row) => &row.named.name,
        Err(bad) => &bad.named.name,
    }
}

/// Which tenant a row asks, as far as the list tells; nothing for files.
fn tenant(listed: &Listed) -> Option<String> {
    let Ok(row) = listed else { return None };
    let Source::Live(LiveRow {
        account,
        environment,
        tenant,
        ..
    }) = &row.source
    else {
        return None;
    };
    let domain = account.rsplit_once('@').map(|(_, domain)| domain.to_owned());
    let known = tenant.clone().or(domain).unwrap_or_else(|| environment.clone());
    Some(known.to_lowercase())
}

/// The answer, with what is to be shown.
fn fleet(looked: Vec<Looked>, arguments: &FleetArgs) -> Fleet {
    let newest = looked
        .iter()
        .filter_map(|looked| looked.account.captured_at.clone())
        .max();
    let generated_at = arguments.now.map(|now| now.to_string()).or(newest);
    let generated_at = generated_at.unwrap_or_else(|| Timestamp::now().to_string());
    let mut fleet = overview::fleet(generated_at, looked);
    if arguments.only_changed {
        overview::only_changed(&mut fleet);
    }
    fleet
}

/// 1 for a fault; else 2 for a bad row; else 3 when nothing could be judged; else 4; else 0.
fn exit(looked: &[Looked], arguments: &FleetArgs) -> Exit {
    let is_new = |looked: &Looked| {
        let change = looked.account.change;
        !arguments.fail_on_new || matches!(change, ChangeKind::First | ChangeKind::New | ChangeKind::Worse)
    };
    let any = |is: &dyn Fn(&Looked) -> bool| looked.iter().any(is);
    if any(&|looked| looked.standing.has_fault && is_new(looked)) && !arguments.exit_zero {
        Exit::Fault
    } else if any(&|looked| looked.account.error.is_some() && !looked.is_without_answer) {
        Exit::Unusable
    } else if !any(&|looked| looked.standing.has_verdict) {
        Exit::NoVerdict
    } else if arguments.strict && !arguments.exit_zero && any(&|looked| looked.standing.has_gap) {
        Exit::Gap
    } else {
        Exit::Healthy
    }
}

/// No output takes the place of the list or of evidence, and none comes to lie where evidence is looked for.
fn keep_inputs(arguments: &FleetArgs, listed: &[Listed], targets: &[OutputTarget]) -> Result<(), Failure> {
    let evidence = listed
        .iter()
        .filter_map(|listed| match &listed.as_ref().ok()?.source {
            Source::Snapshot(path) => Some(path.as_path()),
            Source::Line { file, .. } => Some(file.as_path()),
            Source::Live(_) => None,
        });
    files::keep_inputs(evidence.chain([arguments.list.as_path()]), paths(targets))?;
    if !arguments.list.is_dir() {
        return Ok(());
    }
    let written = paths(targets).chain(arguments.store.as_deref());
    match written.clone().find(|path| lies_in(path, &arguments.list)) {
        Some(path) => Err(Failure::Usage(format!(
            "{}: what is written there would be read as evidence by the next run; name a place outside {}",
            path.display(),
            arguments.list.display()
        ))),
        None => Ok(()),
    }
}

/// Whether a path, which need not be there yet, lies in a folder.
fn lies_in(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else {
        return false;
    };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let nearest = absolute.ancestors().find_map(|above| above.canonicalize().ok());
    nearest.is_some_and(|above| above.starts_with(folder))
}
