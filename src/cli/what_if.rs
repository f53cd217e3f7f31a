//! `what-if`: Conditional Access, judged offline for one sign-in of the account in a snapshot.

use std::fmt::Display;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;

use super::exit::Exit;
use crate::cli::args::case::before_evidence;
use crate::cli::args::country::country;
use crate::cli::args::output::TableOrJson;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;
use crate::cli::io::inputs;
use crate::conditional_access::{ClientApp, Decision, DraftPolicy, Platform, RiskLevel};
use crate::documents::what_if::{AskedSignIn, joined, what_if};
use crate::profile::Choice;
use crate::render;
use crate::snapshot::MAXIMUM_BYTES;
use crate::text::is_guid;
use crate::well_known::DATAVERSE_APPLICATION;

/// Arguments of `what-if`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor what-if --snapshot case.snapshot.json
  work365-doctor what-if --snapshot case.snapshot.json --ip 203.0.113.10 --country DE --platform linux
  work365-doctor what-if --snapshot case.snapshot.json --device-code -o json
  # before and after a draft
  work365-doctor what-if --snapshot case.snapshot.json --policy draft.json
  # the same for several accounts
  work365-doctor what-if --snapshot a.json b.json --policy draft.json

What is not given is unspecified: a policy that depends on it is undetermined, and `missing` names the flag.
Which conditions and controls are decided, and when they are not: work365-doctor help conditional-access.

Exit codes: 0 allowed, 1 blocked or more is required, 2 usage or unreadable input, 3 undetermined.")]
pub(super) struct WhatIfArgs {
    /// Snapshot that holds the policies and the account; several, or a folder, only with --policy
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    snapshot: Vec<PathBuf>,
    /// A policy as Graph JSON, judged as if it were enabled: one with the same id is replaced, another is added (repeatable)
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// Application that is signed in to; default: Dataverse
    #[arg(long, default_value = DATAVERSE_APPLICATION, value_name = "APPID", value_parser = application)]
    app: String,
    /// browser, mobileAppsAndDesktopClients, exchangeActiveSync, other
    #[arg(long, default_value = "mobileAppsAndDesktopClients", value_name = "KIND", value_parser = named::<ClientApp>)]
    client_app: ClientApp,
    /// Address that the sign-in comes from
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// Country that it comes from, as two letters
    #[arg(long, value_name = "CC", value_parser = country)]
    country: Option<String>,
    /// android, iOS, windows, windowsPhone, macOS, linux
    #[arg(long, value_name = "PLATFORM", value_parser = named::<Platform>)]
    platform: Option<Platform>,
    /// none, low, medium, high
    #[arg(long, value_name = "LEVEL", value_parser = named::<RiskLevel>)]
    sign_in_risk: Option<RiskLevel>,
    /// none, low, medium, high
    #[arg(long, value_name = "LEVEL", value_parser = named::<RiskLevel>)]
    user_risk: Option<RiskLevel>,
    /// The sign-in uses the device code flow
    #[arg(long)]
    device_code: bool,
    /// Whose identity signs in: application-user means the service principal; auto means what the account is
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Choice,
    /// Judge as of this instant (RFC 3339): what is enforced changes from day to day; default: when the snapshot was taken
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
    #[command(flatten)]
    answer: TableOrJson,
}

fn application(text: &str) -> Result<String, Failure> {
    if is_guid(text.trim()) {
        return Ok(text.trim().to_owned());
    }
    let complaint = format!("an application is named by its id, as {DATAVERSE_APPLICATION}");
    Err(Failure::Usage(complaint))
}

fn named<T: FromStr<Err: Display>>(text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error| Failure::Usage(format!("`{text}` is {error}")))
}

/// Runs the command.
pub(super) fn run(arguments: &WhatIfArgs, console: &Console) -> Result<Exit, Failure> {
    if arguments.policy.is_empty() && !inputs::is_single(&arguments.snapshot) {
        return Err(Failure::from(
            "`what-if` judges one snapshot; name one file (several only with --policy)",
        ));
    }
    let read = arguments.snapshot.iter().chain(&arguments.policy);
    files::keep_inputs(read.map(PathBuf::as_path), arguments.answer.path())?;
    let drafts = drafts(&arguments.policy)?;
    let asked = asked(arguments);
    let mut answers = Vec::new();
    for input in inputs::all(&arguments.snapshot) {
        let snapshot = input.load().map_err(|error| input.complaint(&error))?;
        if let Some(note) = before_evidence(arguments.now, snapshot.captured_at) {
            console.note(&format!("{}: {note}", input.place()));
        }
        let (answer, unread) = what_if(&snapshot, &asked, &drafts);
        if !unread.is_empty() {
            console.complain(&format!(
                "{}: the snapshot has no Conditional Access policies to judge: {} was not read",
                input.place(),
                unread.join(", ")
            ));
        }
        answers.push(answer);
    }
    let answer = joined(answers).ok_or("no snapshot was named")?;
    arguments.answer.deliver("what-if", console, &answer, |style| {
        render::what_if(&answer, style)
    })?;
    Ok(match answer.decision {
        Decision::Allow => Exit::Healthy,
        Decision::Block | Decision::ControlsRequired => Exit::Fault,
        Decision::Undetermined => Exit::NoVerdict,
    })
}

/// The policies of the files of `--policy`.
fn drafts(paths: &[PathBuf]) -> Result<Vec<DraftPolicy>, Failure> {
    let mut drafts = Vec::new();
    for path in paths {
        let name = path.display();
        let bytes = files::read(path, MAXIMUM_BYTES).map_err(|error| files::complaint(&name, &error))?;
        let stem = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy();
        let found = DraftPolicy::read(&bytes, &stem).map_err(|error| format!("--policy {name}: {error}"))?;
        drafts.extend(found);
    }
    Ok(drafts)
}

/// The sign-in that the arguments describe; what they leave out is unspecified.
fn asked(arguments: &WhatIfArgs) -> AskedSignIn {
    AskedSignIn {
        app: arguments.app.clone(),
        client_app: arguments.client_app,
        ip: arguments.ip,
        country: arguments.country.clone(),
        platform: arguments.platform,
        sign_in_risk: arguments.sign_in_risk,
        user_risk: arguments.user_risk,
        device_code: arguments.device_code,
        profile: arguments.profile,
        now: arguments.now,
    }
}
