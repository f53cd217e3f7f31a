//! `plan`: each request that `check` would make, with its least permission, role and licence. Nothing is sent.
//!
//! With `--script` the same requests become a script, for those who may not run this program.

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::RuleSource;
use super::check::targets;
use super::config::Config;
use super::exit::Exit;
use super::live::LiveArgs;
use super::output::{Console, Format, OutputTarget};
use crate::collect::{About, Language, READS, Read, ScriptOrder, Service, script, with_leads};
use crate::render;
use crate::snapshot::section_info;

/// The schema name of the JSON answer.
const SCHEMA: &str = "work365-doctor/plan/v1";

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor plan                                          everything that a check reads
  work365-doctor plan --select sign-in,credential              only what these rules need
  work365-doctor plan -o json --cloud gcc-high                 for a script, with the hosts of another cloud
  work365-doctor plan --script bash > collect.sh               for az, curl and jq: it writes the snapshot of a check
  work365-doctor plan --script powershell --account svc@contoso.com --environment https://contoso.crm4.dynamics.com > collect.ps1
  work365-doctor capture --from FILE                           redacts what such a script wrote

Nothing is sent, and nobody is signed in.")]
pub(super) struct PlanArgs {
    /// Format of the answer, and where it goes: table, json, ndjson, short, markdown (repeatable)
    #[arg(
        short,
        long,
        value_name = "FORMAT[=PATH]",
        env = "WORK365_DOCTOR_OUTPUT",
        value_delimiter = ','
    )]
    output: Vec<OutputTarget>,
    /// Print a read-only script instead, which collects the snapshot with tools that the customer already has
    #[arg(long, value_enum, value_name = "SHELL", conflicts_with = "output")]
    script: Option<ScriptLanguage>,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    rules: RuleSource,
    /// Only what these rules or areas need (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_SELECT",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    select: Vec<String>,
    /// Not what only these rules or areas need (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_IGNORE",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    ignore: Vec<String>,
}

/// `--script`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScriptLanguage {
    /// Windows PowerShell 5.1 or 7, with Microsoft's modules Microsoft.Graph.Authentication and Az.Accounts
    Powershell,
    /// bash with curl and jq, and the Azure CLI for the sign-in
    Bash,
}

/// The JSON answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Plan {
    /// Always `work365-doctor/plan/v1`.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The cloud whose hosts stand in the addresses.
    cloud: &'static str,
    /// Every request, in the order of the sections.
    requests: Vec<Planned>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Planned {
    /// The section of the snapshot that it fills.
    section: &'static str,
    /// What the section holds.
    holds: &'static str,
    /// HTTP method.
    method: &'static str,
    /// Address, with placeholders in braces.
    url: String,
    /// Which kind of account it is asked for.
    about: &'static str,
    /// The smallest permission that reads it.
    permission: Option<&'static str>,
    /// The smallest role that reads it.
    role: Option<&'static str>,
    /// The tenant licence that it needs.
    license: Option<&'static str>,
}

/// Runs the command.
pub(super) fn run(arguments: &PlanArgs, config: &Config, console: &Console) -> Result<Exit, String> {
    if let Some(language) = arguments.script {
        console.deliver(&collector(language, arguments, config)?, None)?;
        return Ok(Exit::Healthy);
    }
    let plan = plan(arguments, config)?;
    for target in &targets(&arguments.output, true)? {
        let path = target.path.as_deref();
        let text = match target.format {
            Format::Table => table(&plan),
            Format::Json => render::json(&plan),
            Format::Ndjson => render::ndjson(&plan),
            Format::Short => short(&plan),
            Format::Markdown => markdown(&plan),
            _ => return Err("`plan` answers as table, json, ndjson, short or markdown".to_owned()),
        };
        console.deliver(&text, path)?;
    }
    Ok(Exit::Healthy)
}

/// The script of `--script`. What the arguments do not name are parameters of the script.
fn collector(language: ScriptLanguage, arguments: &PlanArgs, config: &Config) -> Result<String, String> {
    let (cloud, origins) = arguments.live.origins(config)?;
    let sections = wanted_sections(arguments)?;
    let account = arguments.live.account(config);
    let environment_id = arguments.live.environment_id(config);
    let tenant = arguments.live.tenant(config)?;
    let language = match language {
        ScriptLanguage::Powershell => Language::PowerShell,
        ScriptLanguage::Bash => Language::Bash,
    };
    script(
        language,
        &ScriptOrder {
            account: account.as_deref(),
            environment: origins.as_ref().map(|origins| origins.dataverse.as_str()),
            environment_id: environment_id.as_deref(),
            tenant: tenant.as_deref(),
            cloud,
            sections: sections.as_deref(),
        },
    )
}

fn plan(arguments: &PlanArgs, config: &Config) -> Result<Plan, String> {
    let (cloud, origins) = arguments.live.origins(config)?;
    let host = |service: Service| match (&origins, service) {
        (Some(origins), service) => origins.of(service).to_string(),
        (None, Service::Login) => cloud.login().to_string(),
        (None, Service::Graph) => cloud.graph().to_string(),
        (None, Service::Admin) => cloud.admin().to_string(),
        (None, Service::Dataverse) => "{environment}".to_owned(),
    };
    let sections = wanted_sections(arguments)?;
    let requests = READS
        .iter()
        .filter(|read| {
            sections
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&read.section))
        })
        .filter_map(|read| planned(read, &host(read.service)))
        .collect();
    Ok(Plan {
        schema: SCHEMA,
        cloud: cloud.name(),
        requests,
    })
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
        permission: info.permission,
        role: info.role,
        license: info.license,
    })
}

/// The sections behind the selected rules, and those that lead to them; nothing when every rule is selected.
fn wanted_sections(arguments: &PlanArgs) -> Result<Option<Vec<&'static str>>, String> {
    if arguments.select.is_empty() && arguments.ignore.is_empty() {
        return Ok(None);
    }
    let clinic = arguments.rules.clinic()?;
    let selection = clinic
        .selection(&arguments.select, &arguments.ignore)
        .map_err(|error| error.to_string())?;
    let mut wanted: Vec<&'static str> = clinic
        .sections(&selection)
        .filter_map(|name| section_info(name).map(|info| info.name))
        .collect();
    // Without these nobody knows the tenant, the account or its row.
    wanted.extend([
        "login.challenge",
        "graph.user",
        "dataverse.who_am_i",
        "dataverse.system_users",
    ]);
    Ok(Some(with_leads(wanted)))
}

/// One line a request, and below it what it needs: a path must stay whole to be copied.
fn table(plan: &Plan) -> String {
    let mut text = String::new();
    let mut section = "";
    for request in &plan.requests {
        if request.section != section {
            section = request.section;
            let needs: Vec<&str> = [request.permission, request.role, request.license]
                .into_iter()
                .flatten()
                .collect();
            let needs = if needs.is_empty() {
                "nothing".to_owned()
            } else {
                needs.join(" + ")
            };
            text.push_str(&format!("\n{section}: {}\n  needs {needs}\n", request.holds));
        }
        // The selection of columns is long and says nothing about rights; `-o json` has it.
        let url = request.url.split('?').next().unwrap_or_default();
        text.push_str(&format!("  {} {url}\n", request.method));
    }
    format!(
        "{}\n\n{} requests at most, all of them reads; several travel together as one $batch of GETs.\n\
         Signing in asks the token endpoint of the sign-in service besides.\n",
        text.trim(),
        plan.requests.len()
    )
}

/// One row a section: what it takes to read it. The README's table.
fn markdown(plan: &Plan) -> String {
    let mut text = String::from("| section | holds | permission | role | licence |\n|---|---|---|---|---|\n");
    let mut section = "";
    for request in plan.requests.iter() {
        if request.section == section {
            continue;
        }
        section = request.section;
        let cell = |value: Option<&'static str>| value.unwrap_or("–");
        text.push_str(&format!(
            "| `{section}` | {} | {} | {} | {} |\n",
            request.holds,
            cell(request.permission),
            cell(request.role),
            cell(request.license)
        ));
    }
    text
}

fn short(plan: &Plan) -> String {
    plan.requests
        .iter()
        .map(|request| format!("{} {} {}\n", request.section, request.method, request.url))
        .collect()
}
