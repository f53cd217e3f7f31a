//! One row: whom it is about, where the evidence comes from, how it is judged.

use std::path::{Path, PathBuf};

use super::cells::Cells;
use crate::facts::{ExpectedTimeZone, expected_time_zone};
use crate::fleet::account::Named;
use crate::profile::Choice;

/// How the variable of a secret begins.
const VARIABLE: &str = "WORK365_DOCTOR_";

/// One account to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who it is.
    pub named: Named,
    /// Where the evidence comes from.
    pub source: Source,
    /// Whose guidance decides, if the row says so.
    pub profile: Option<Choice>,
    /// The company's time zone.
    pub time_zone: Option<ExpectedTimeZone>,
    /// The identity that Work 365 displays.
    pub configured_identity: Option<String>,
}

/// Where the evidence of a row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    Snapshot(PathBuf),
    /// The snapshot that stands in some bytes of a file, one a line.
    Line {
        /// The file.
        file: PathBuf,
        /// Where the line begins.
        offset: u64,
        /// How long it is.
        length: u64,
    },
    /// The tenant.
    Live(LiveRow),
}

/// How an account is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveRow {
    /// UPN or application id.
    pub account: String,
    /// Address of the environment.
    pub environment: String,
    /// Tenant id or domain.
    pub tenant: Option<String>,
    /// How to sign in.
    pub auth: Option<String>,
    /// The application to sign in with.
    pub client_id: Option<String>,
    /// Name of the variable that holds its secret.
    pub secret_variable: Option<String>,
}

/// A row that cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Who it is, as far as the row says.
    pub named: Named,
    /// What is wrong, and what to do.
    pub error: String,
}

/// Reads a row.
pub(super) fn row(cells: Cells, list: &Path, has_names: bool) -> Result<Row, Box<BadRow>> {
    let place = format!("{}:{}", list.display(), cells.line);
    let name = cells.owned("name").or_else(|| instead_of_name(&cells, has_names));
    let named = Named {
        name: name.clone().unwrap_or_else(|| format!("line {}", cells.line)),
        input: place,
        tenant: cells.owned("tenant"),
        account: cells.owned("account"),
        environment: cells.owned("environment"),
        columns: cells.others.clone(),
    };
    let bad = |error: String| {
        Box::new(BadRow {
            named: named.clone(),
            error,
        })
    };
    if let Some(error) = &cells.error {
        return Err(bad(error.clone()));
    }
    if name.is_none() {
        return Err(bad("the row has no name".to_owned()));
    }
    let profile = cells
        .get("profile")
        .map(str::parse::<Choice>)
        .transpose()
        .map_err(|error| bad(format!("profile: {error}")))?;
    let time_zone = cells
        .get("time-zone")
        .map(expected_time_zone)
        .transpose()
        .map_err(|error| bad(format!("time-zone: {error}")))?;
    let source = source(&cells, list).map_err(bad)?;
    let mut named = named.clone();
    if let Source::Snapshot(path) = &source {
        named.input = path.display().to_string();
    }
    Ok(Row {
        named,
        source,
        profile,
        time_zone,
        configured_identity: cells.owned("configured-identity"),
    })
}

/// A list without the column `name` calls an account by its address, or by the name of its file.
fn instead_of_name(cells: &Cells, has_names: bool) -> Option<String> {
    if has_names {
        return None;
    }
    let of_file = |path: &str| {
        let file = Path::new(path).file_name()?.to_string_lossy().into_owned();
        let stem = file.strip_suffix(".json").unwrap_or(&file);
        Some(stem.strip_suffix(".snapshot").unwrap_or(stem).to_owned())
    };
    cells
        .owned("account")
        .or_else(|| cells.get("snapshot").and_then(of_file))
}

fn source(cells: &Cells, list: &Path) -> Result<Source, String> {
    if let Some(snapshot) = cells.get("snapshot") {
        let folder = list.parent().unwrap_or(Path::new(""));
        return Ok(Source::Snapshot(folder.join(snapshot)));
    }
    let account = cells
        .get("account")
        .ok_or("the row names neither a snapshot nor an account")?;
    let environment = cells.get("environment").ok_or(
        "the row names no environment, as https://contoso.crm4.dynamics.com; without signing in, a row names a snapshot",
    )?;
    // The text is not shown: it may be the secret itself.
    if let Some(variable) = cells.get("secret-variable")
        && !is_variable(variable)
    {
        return Err(format!(
            "secret-variable: the name of a variable begins with {VARIABLE}; what stands here does not, and is not shown \
             in case it is the secret itself"
        ));
    }
    Ok(Source::Live(LiveRow {
        account: account.to_owned(),
        environment: environment.to_owned(),
        tenant: cells.owned("tenant"),
        auth: cells.owned("auth"),
        client_id: cells.owned("client-id"),
        secret_variable: cells.owned("secret-variable"),
    }))
}

fn is_variable(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.strip_prefix(VARIABLE)
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_plain))
}
