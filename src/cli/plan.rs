//! `plan`: each request that `check` would make, with its least permission, role and licence. Nothing is sent.
//!
//! With `--script` the same requests become a script, for those who may not run this program.

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::sections;
use crate::cli::args::live::LiveArgs;
use crate::cli::args::output::{Answers, Outputs};
use crate::cli::args::select::SelectArgs;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::settings::config::Config;
use crate::collect::{
    About, Cloud, Language, Origins, READS, Read, ScriptOrder, Service, needs_administrator, script,
};
use crate::render::pages::plan::{self, Plan, Planned, SCHEMA};
use crate::render::pages::schedule::{Checked, Scheduler, schedule};
use crate::render::{self, Format};
use crate::snapshot::section_info;

/// The formats of `plan`.
#[derive(Debug, Clone)]
pub(super) struct PlanFormats;

impl Answers for PlanFormats {
    const COMMAND: &'static str = "plan";
    const FORMATS: &'static [Format] = &[
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Short,
        Format::Markdown,
    ];
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # everything that a check reads
  work365-doctor plan
  # only what these rules need
  work365-doctor plan --select sign-in,credential
  # for a script, with the hosts of another cloud
  work365-doctor plan -o json --cloud gcc-high
  # for az, curl and jq: it writes the snapshot of a check
  work365-doctor plan --script bash > collect.sh
  work365-doctor plan --script powershell --account svc@contoso.com --environment https://contoso.crm4.dynamics.com > collect.ps1
  # a check every morning; task-scheduler, github-actions, azure-automation
  work365-doctor plan --schedule cron
  # redacts what such a script wrote
  work365-doctor capture --from FILE

Nothing is sent, and nobody is signed in.")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    output: Outputs<PlanFormats>,
    /// Print a read-only script instead, which collects the snapshot with tools that the customer already has
    #[arg(long, value_enum, value_name = "SHELL", conflicts_with = "output")]
    script: Option<ScriptLanguage>,
    /// Print a recipe instead for a check that runs by itself, with least rights, secrets and what exit codes mean
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["output", "script"])]
    schedule: Option<ScheduleChoice>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// `--schedule`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScheduleChoice {
    /// A task of the Windows Task Scheduler (XML)
    TaskScheduler,
    /// A file for /etc/cron.d, with a word on systemd
    Cron,
    /// A workflow of GitHub Actions that needs no secret
    GithubActions,
    /// A runbook of Azure Automation that needs no secret
    AzureAutomation,
}

/// `--script`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScriptLanguage {
    /// Windows PowerShell 5.1 or 7, with Microsoft's modules Microsoft.Graph.Authentication and Az.Accounts
    Powershell,
    /// bash with curl and jq, and the Azure CLI for the sign-in
    Bash,
}

/// Runs the command.
pub(super) fn run(arguments: &PlanArgs, config: &Config, console: &Console) -> Result<Exit, Failure> {
    if let Some(language) = arguments.script {
        console.deliver(&collector(language, arguments, config)?, None)?;
        return Ok(Exit::Healthy);
    }
    if let Some(choice) = arguments.schedule {
        console.deliver(&recipe(choice, arguments, config)?, None)?;
        return Ok(Exit::Healthy);
    }
    let targets = arguments.output.targets()?;
    let plan = planned_reads(arguments, config)?;
    Outputs::<PlanFormats>::deliver(&targets, console, |format, _| {
        Some(match format {
            Format::Table => plan::table(&plan),
            Format::Json => render::json(&plan),
            Format::Ndjson => render::ndjson(&plan),
            Format::Short => plan::short(&plan),
            Format::Markdown => plan::markdown(&plan),
            _ => return None,
        })
    })?;
    Ok(Exit::Healthy)
}

/// The script of `--script`. What the arguments do not name are parameters of the script.
fn collector(language: ScriptLanguage, arguments: &PlanArgs, config: &Config) -> Result<String, Failure> {
    let (cloud, origins) = arguments.live.origins(config)?;
    let sections = wanted_sections(arguments)?;
    let account = arguments.live.account(config)?;
    let environment_id = arguments.live.environment_id(config);
    let tenant = arguments.live.tenant(config)?;
    let language = match language {
        ScriptLanguage::Powershell => Language::PowerShell,
        ScriptLanguage::Bash => Language::Bash,
    };
    let text = script(
        language,
        &ScriptOrder {
            account: account.as_deref(),
            environment: origins.as_ref().map(|origins| origins.dataverse.as_str()),
            environment_id: environment_id.as_deref(),
            tenant: tenant.as_deref(),
            cloud,
            sections: sections.as_deref(),
        },
    );
    text.map_err(Failure::Program)
}

/// The recipe of `--schedule`. What the arguments do not name stays open in it.
fn recipe(choice: ScheduleChoice, arguments: &PlanArgs, config: &Config) -> Result<String, Failure> {
    let (_, origins) = arguments.live.origins(config)?;
    let scheduler = match choice {
        ScheduleChoice::TaskScheduler => Scheduler::WindowsTask,
        ScheduleChoice::Cron => Scheduler::Cron,
        ScheduleChoice::GithubActions => Scheduler::GithubActions,
        ScheduleChoice::AzureAutomation => Scheduler::AzureAutomation,
    };
    let checked = Checked {
        account: arguments.live.account(config)?,
        environment: origins.map(|origins| origins.dataverse.to_string()),
        tenant: arguments.live.tenant(config)?,
        client_id: arguments.live.client_id(config),
    };
    Ok(schedule(scheduler, &checked))
}

/// Every request, in the public cloud.
pub(super) fn everything() -> Plan {
    plan_of(Cloud::default(), None, None)
}

fn planned_reads(arguments: &PlanArgs, config: &Config) -> Result<Plan, Failure> {
    let (cloud, origins) = arguments.live.origins(config)?;
    let sections = wanted_sections(arguments)?;
    Ok(plan_of(cloud, origins.as_ref(), sections.as_deref()))
}

fn plan_of(cloud: Cloud, origins: Option<&Origins>, sections: Option<&[&'static str]>) -> Plan {
    let host = |service: Service| match (origins, service) {
        (Some(origins), service) => origins.of(service).to_string(),
        (None, Service::Login) => cloud.login().to_string(),
        (None, Service::Graph) => cloud.graph().to_string(),
        (None, Service::Admin) => cloud.admin().to_string(),
        (None, Service::Dataverse) => "{environment}".to_owned(),
    };
    let requests = READS
        .iter()
        .filter(|read| read.is_in(cloud))
        .filter(|read| sections.is_none_or(|wanted| wanted.contains(&read.section)))
        .filter_map(|read| planned(read, &host(read.service)))
        .collect();
    Plan {
        schema: SCHEMA,
        cloud: cloud.name(),
        requests,
    }
}

fn planned(read: &Read, host: &str) -> Option<Planned> {
    let info = section_info(read.section)?;
    Some(Planned {
        section: read.section,
        holds: info.holds,
        method: if read.is_post() { "POST" } else { "GET" },
        url: format!("{host}{}", read.path),
        about: match read.about {
            About::Both => "any account",
            About::User => "a user",
            About::Application => "an application user",
        },
        permission: read.permission,
        admin_consent: read
            .permission
            .filter(|_| read.service == Service::Graph)
            .map(needs_administrator),
        // A question to another service than the section's own needs nothing of that service.
        role: info
            .role
            .filter(|_| info.requests.first().map(|first| first.service) == Some(read.service)),
        license: info.license,
    })
}

/// The sections behind the selected rules, and those that lead to them; nothing when every rule is selected.
fn wanted_sections(arguments: &PlanArgs) -> Result<Option<Vec<&'static str>>, Failure> {
    if arguments.select.is_everything() {
        return Ok(None);
    }
    let doctor = arguments.select.rules.doctor()?;
    let selection = arguments.select.of(doctor)?;
    Ok(Some(sections::behind(doctor, &selection)))
}
