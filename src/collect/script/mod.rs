//! A collector for those who may not run this program: the request table as a bash or PowerShell script that writes the
//! same snapshot.
//!
//! What is asked, of whom, and with which right comes from the table; the templates beside this file hold only how to
//! send it. `tests/live/script.rs` runs the bash script and compares its snapshot with that of [`super::Session`].

use serde_json::{Map, Value, json};

use crate::collect::requests::permissions::permissions;
use crate::collect::requests::placeholders::{placeholders, varying};
use crate::collect::requests::table::{About, PRIVILEGES, READS, Read, leads, meaning};
use crate::collect::wire::batch::ODATA;
use crate::collect::wire::call::Service;
use crate::collect::wire::cloud::Cloud;
use crate::embedded;
use crate::snapshot::{SCHEMA, section_info, sections};
use crate::well_known::{DATAVERSE_APPLICATION, WORK_365_APPLICATIONS};

const BASH: &str = "src/collect/script/collector.sh";
const POWERSHELL: &str = "src/collect/script/collector.ps1";
const PROGRAM: &str = "src/collect/script/collector.jq";

/// What the script is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// bash with `curl` and `jq`; tokens of the Azure CLI.
    Bash,
    /// Windows PowerShell 5.1 or PowerShell 7; tokens of Microsoft's modules.
    PowerShell,
}

/// What the script is for. What is not named here is a parameter of the script.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScriptOrder<'a> {
    /// UPN or application id.
    pub account: Option<&'a str>,
    /// Origin of the environment.
    pub environment: Option<&'a str>,
    /// Power Platform environment id.
    pub environment_id: Option<&'a str>,
    /// Tenant id or domain to sign in to.
    pub tenant: Option<&'a str>,
    /// Whose hosts are asked.
    pub cloud: Cloud,
    /// Only these sections; everything if not given.
    pub sections: Option<&'a [&'static str]>,
}

/// Account names are at most this long, in bytes; so is everything else that is put into a script.
const LONGEST: usize = 1024;

/// Writes the script.
///
/// # Errors
///
/// A sentence when a given text holds control characters or is longer than any such name: it is no name then.
pub fn script(language: Language, order: &ScriptOrder<'_>) -> Result<String, String> {
    let given = [
        ("--account", order.account),
        ("--environment", order.environment),
        ("--environment-id", order.environment_id),
        ("--tenant", order.tenant),
    ];
    for (flag, text) in given {
        if text.is_some_and(|text| text.len() > LONGEST || text.chars().any(char::is_control)) {
            return Err(format!(
                "{flag}: control characters, or more than {LONGEST} bytes"
            ));
        }
    }
    let (template, quote): (&str, fn(&str) -> String) = match language {
        Language::Bash => (embedded::text(BASH), quoted_for_bash),
        Language::PowerShell => (embedded::text(POWERSHELL), quoted_for_powershell),
    };
    let reads: Vec<&Read> = READS
        .iter()
        .filter(|read| is_sent(read, order.sections) && read.is_in(order.cloud))
        .collect();
    let given = |text: Option<&str>| quote(text.unwrap_or_default());
    Ok(filled(template, |name| match name {
        "version" => env!("CARGO_PKG_VERSION").to_owned(),
        "cloud" => order.cloud.name().to_owned(),
        "account" => given(order.account),
        "environment" => given(order.environment),
        "environment_id" => given(order.environment_id),
        "tenant" => given(order.tenant),
        "login" => order.cloud.login().to_string(),
        "graph" => order.cloud.graph().to_string(),
        "admin" => order.cloud.admin().to_string(),
        "graph_audience" => quote(order.cloud.graph().as_str()),
        "admin_audience" => quote(order.cloud.admin_audience()),
        "scopes" => scopes(&reads).join(" "),
        "sections" => overview(&reads),
        "requests" => requests(&reads, order.cloud),
        "program" => embedded::text(PROGRAM).trim_end().to_owned(),
        _ => String::new(),
    }))
}

/// Whether a script asks this: `checkMemberGroups` is left to the list of the account's groups, so that all is GET.
fn is_sent(read: &Read, sections: Option<&[&str]>) -> bool {
    let is_wanted = |section: &str| sections.is_none_or(|wanted| wanted.contains(&section));
    let leads_to_membership =
        read.section == sections::GROUP_MEMBERSHIPS && is_wanted(sections::SECURITY_GROUP_MEMBERSHIP);
    !read.is_post() && (is_wanted(read.section) || leads_to_membership)
}

/// The text between `@@` and `@@` is a name; one pass, so that no value is taken for a name.
fn filled(template: &str, value_of: impl Fn(&str) -> String) -> String {
    template
        .split("@@")
        .enumerate()
        .map(|(position, piece)| {
            if position % 2 == 0 {
                piece.to_owned()
            } else {
                value_of(piece)
            }
        })
        .collect()
}

/// The request list: a JSON document with one request a line.
fn requests(reads: &[&Read], cloud: Cloud) -> String {
    let names: Map<String, Value> = reads
        .iter()
        .flat_map(|read| placeholders(read.path))
        .map(|name| (name.to_owned(), json!(meaning(name))))
        .collect();
    let lines: Vec<String> = reads.iter().map(|read| request(read).to_string()).collect();
    format!(
        "{{\"schema\":{},\"tool\":{},\"cloud\":{},\"privileges\":{},\"own\":{},\n\"meanings\":{},\n\"reads\":[\n{}\n]}}",
        json!(SCHEMA),
        json!({"name": "work365-doctor", "version": env!("CARGO_PKG_VERSION")}),
        json!(cloud.name()),
        json!(PRIVILEGES),
        json!({"resource": DATAVERSE_APPLICATION, "applications": WORK_365_APPLICATIONS}),
        json!(names),
        lines.join(",\n")
    )
}

fn request(read: &Read) -> Value {
    let own = if read.service == Service::Dataverse && read.is_signed() {
        &ODATA[..]
    } else {
        &[]
    };
    let headers: Map<String, Value> = [("Accept", "application/json")]
        .iter()
        .chain(own)
        .chain(read.headers)
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    json!({
        "section": read.section,
        "part": read.part.name(),
        "service": read.service.key(),
        "path": read.path,
        "headers": headers,
        "about": match read.about {
            About::Both => "both",
            About::User => "user",
            About::Application => "application",
        },
        "signed": read.is_signed(),
        "paced": read.is_log(),
        "each": varying(read.path),
        "leads": leads(read.section),
        "permission": read.permission,
        "license": section_info(read.section).and_then(|info| info.license),
    })
}

/// The sections as comment lines, each with what reads it.
fn overview(reads: &[&Read]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut section = "";
    for read in reads {
        let Some(info) = section_info(read.section).filter(|info| info.name != section) else {
            continue;
        };
        section = info.name;
        let needs: Vec<&str> = [info.permission, info.role, info.license]
            .into_iter()
            .flatten()
            .collect();
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!(" ({})", needs.join(" + "))
        };
        lines.push(format!("#   {section}: {}{needs}", info.holds));
    }
    lines.join("\n")
}

/// The Graph permissions of the requests: as few as read them all, sorted.
fn scopes(reads: &[&Read]) -> Vec<&'static str> {
    let names: Vec<&str> = reads.iter().map(|read| read.section).collect();
    permissions(Some(&names))
}

/// One word of bash that means exactly this text.
fn quoted_for_bash(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// One expression of PowerShell that means exactly this text. ASCII only: Windows PowerShell takes a file without a
/// mark for the system's code page, and PowerShell knows five more characters as a single quote.
fn quoted_for_powershell(text: &str) -> String {
    let mut quoted = String::from("('");
    for character in text.chars() {
        match character {
            '\'' => quoted.push_str("''"),
            ' '..='~' => quoted.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    quoted.push_str(&format!("' + [char]{unit} + '"));
                }
            }
        }
    }
    quoted.push_str("')");
    quoted
}
