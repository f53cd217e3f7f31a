//! `plan`: each request of a live check with what it takes.

use schemars::JsonSchema;
use serde::Serialize;

/// The schema name of the JSON answer.
pub(crate) const SCHEMA: &str = "work365-doctor/plan/v1";

/// The JSON answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Plan {
    /// Always `work365-doctor/plan/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: &'static str,
    /// The cloud whose hosts stand in the addresses.
    pub(crate) cloud: &'static str,
    /// Every request, in the order of the sections.
    pub(crate) requests: Vec<Planned>,
}

/// One request.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Planned {
    /// The section of the snapshot that it fills.
    pub(crate) section: &'static str,
    /// What the section holds.
    pub(crate) holds: &'static str,
    /// HTTP method.
    pub(crate) method: &'static str,
    /// Address, with placeholders in braces.
    pub(crate) url: String,
    /// Which kind of account it is asked for.
    pub(crate) about: &'static str,
    /// The smallest permission that reads it, the same for a person and for an application.
    pub(crate) permission: Option<&'static str>,
    /// Whether only an administrator can consent to that permission; null where nobody consents.
    pub(crate) admin_consent: Option<bool>,
    /// The smallest role that reads it.
    pub(crate) role: Option<&'static str>,
    /// The tenant licence that it needs.
    pub(crate) license: Option<&'static str>,
}

/// One line a request, and below it what it needs: a path must stay whole to be copied.
pub(crate) fn table(plan: &Plan) -> String {
    let mut text = String::new();
    let (mut section, mut permission) = ("", None);
    for request in &plan.requests {
        if request.section != section {
            section = request.section;
            permission = request.permission;
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
        if let Some(other) = request.permission.filter(|_| request.permission != permission) {
            text.push_str(&format!("    needs {other}\n"));
        }
    }
    format!(
        "{}\n\n{} requests at most, all of them reads; several travel together as one $batch of GETs.\n\
         Signing in asks the token endpoint of the sign-in service besides.\n",
        text.trim(),
        plan.requests.len()
    )
}

/// One row a request: what it takes to read it.
pub(crate) fn markdown(plan: &Plan) -> String {
    let mut text = String::from(
        "| section | request | permission | who consents | role | licence |\n|---|---|---|---|---|---|\n",
    );
    let mut rows: Vec<String> = Vec::new();
    for request in plan.requests.iter() {
        let cell = |value: Option<&'static str>| value.unwrap_or("–");
        let consents = match request.admin_consent {
            Some(true) => "an administrator",
            Some(false) => "anybody",
            None => "–",
        };
        let row = format!(
            "| `{}` | `{} {}` | {} | {consents} | {} | {} |\n",
            request.section,
            request.method,
            path(&request.url),
            cell(request.permission),
            cell(request.role),
            cell(request.license)
        );
        // Requests that differ in what they select need the same.
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    text.push_str(&rows.concat());
    text
}

/// What an address asks for, without host and selection.
fn path(url: &str) -> &str {
    let url = url.split('?').next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/')
        .and_then(|start| rest.get(start..))
        .unwrap_or_default()
}

/// One row a section: what it holds.
pub(crate) fn holdings(plan: &Plan) -> String {
    let mut text = String::from("| section | holds |\n|---|---|\n");
    let mut section = "";
    for request in &plan.requests {
        if request.section != section {
            section = request.section;
            text.push_str(&format!("| `{section}` | {} |\n", request.holds));
        }
    }
    text
}

/// One line a request.
pub(crate) fn short(plan: &Plan) -> String {
    plan.requests
        .iter()
        .map(|request| format!("{} {} {}\n", request.section, request.method, request.url))
        .collect()
}
