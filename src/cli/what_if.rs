//! `what-if`: Conditional Access, judged offline for one sign-in of the account in a snapshot.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use jiff::Timestamp;

use super::check::country;
use super::exit::Exit;
use super::files;
use super::inputs;
use super::output::{Console, Format, TableOrJson};
use crate::conditional_access::{
    ClientApp, DATAVERSE, Decision, Flow, Platform, RiskLevel, SignIn, WhatIf, evaluate,
};
use crate::facts::{Expectations, Inputs};
use crate::profile::Profile;
use crate::render;

/// Arguments of `what-if`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor what-if --snapshot case.snapshot.json
  work365-doctor what-if --snapshot case.snapshot.json --ip 203.0.113.10 --country DE --platform linux
  work365-doctor what-if --snapshot case.snapshot.json --device-code -o json

What is not given is unspecified: a policy that depends on it is undetermined, and `missing` names the flag.
Which conditions and controls are decided, and when they are not: README, \"Conditional Access, offline\".

Exit codes: 0 allowed, 1 blocked or more is required, 2 usage or unreadable input, 3 undetermined.")]
pub(super) struct WhatIfArgs {
    /// Snapshot that holds the policies and the account
    #[arg(long, value_name = "PATH")]
    snapshot: PathBuf,
    /// Application that is signed in to; default: Dataverse
    #[arg(long, default_value = DATAVERSE, value_name = "APPID")]
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
    /// Whose identity signs in: application-user means the service principal
    #[arg(long, default_value_t, env = "WORK365_DOCTOR_PROFILE", value_name = "PROFILE")]
    profile: Profile,
    /// Judge as of this instant (RFC 3339); policies know no time, so it changes nothing but is accepted everywhere
    #[arg(long, env = "WORK365_DOCTOR_NOW", value_name = "TIME")]
    now: Option<Timestamp>,
    #[command(flatten)]
    answer: TableOrJson,
}

fn named<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is none of the names"))
}

/// Runs the command.
pub(super) fn run(arguments: &WhatIfArgs, console: &Console) -> Result<Exit, String> {
    let path = arguments.answer.output.path.as_deref();
    let as_table = match arguments.answer.output.format {
        Format::Table => true,
        Format::Json => false,
        _ => return Err("`what-if` answers as table or json".to_owned()),
    };
    if !inputs::is_single(std::slice::from_ref(&arguments.snapshot)) {
        return Err("`what-if` judges one snapshot; name one file".to_owned());
    }
    files::keep_inputs([arguments.snapshot.as_path()], path)?;
    let paths = [arguments.snapshot.clone()];
    let input = inputs::all(&paths).next().ok_or("no snapshot was named")?;
    let snapshot = input.load().map_err(|error| input.complaint(&error))?;
    let expectations = Expectations::default();
    let now = arguments.now.unwrap_or(snapshot.captured_at);
    let facts = Inputs::new(&snapshot, &expectations, arguments.profile, now);
    let answer = match facts.policies() {
        Ok(policies) => {
            let sign_in = sign_in(arguments, &facts);
            WhatIf::new(&policies, &sign_in, &evaluate(&policies, &sign_in))
        }
        Err(unknown) => {
            let causes: Vec<String> = unknown
                .causes()
                .iter()
                .map(|cause| cause.section.clone())
                .collect();
            console.complain(&format!(
                "the snapshot has no Conditional Access policies to judge: {} was not read",
                causes.join(", ")
            ));
            WhatIf::without_policies()
        }
    };
    let text = if as_table {
        render::what_if(&answer, console.style(path))
    } else {
        render::json(&answer)
    };
    console.deliver(&text, path)?;
    Ok(match answer.decision {
        Decision::Allow => Exit::Healthy,
        Decision::Block | Decision::ControlsRequired => Exit::Fault,
        Decision::Undetermined => Exit::NoVerdict,
    })
}

/// The sign-in that the arguments describe; what they leave out is unspecified.
fn sign_in(arguments: &WhatIfArgs, facts: &Inputs<'_>) -> SignIn {
    let mut sign_in = SignIn::new(facts.conditional_access_subject());
    sign_in.application.clone_from(&arguments.app);
    sign_in.client_app = arguments.client_app;
    sign_in.ip = arguments.ip;
    sign_in.country.clone_from(&arguments.country);
    sign_in.platform = arguments.platform;
    sign_in.sign_in_risk = arguments.sign_in_risk;
    sign_in.user_risk = arguments.user_risk;
    if arguments.device_code {
        sign_in.flow = Some(Flow::DeviceCode);
    }
    sign_in
}
