//! Opens a case file in memory: bounds, names and sums first, then its documents.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use super::manifest::{Manifest, sum};
use super::names::{ANSWERS, ERROR, LEDGER, LIMITS, MANIFEST, REPORT, SNAPSHOT, SUMMARY};
use super::zip_reader::{self, ArchiveError};
use crate::diagnosis::report::{self, Report, Request};
use crate::json_reader;
use crate::render::pages::case_file::CaseFilePage;
use crate::snapshot::Snapshot;

/// The schema name of the ledger.
const LEDGER_SCHEMA: &str = "work365-doctor/ledger/v1";
/// The schema name of an opened case file.
const SCHEMA: &str = "work365-doctor/report-open/v1";

pub(super) const NAMES: [&str; 8] = [
    SUMMARY, REPORT, SNAPSHOT, ERROR, ANSWERS, LEDGER, LIMITS, MANIFEST,
];
/// Without one of these it is no case file.
const NEEDED: [&str; 6] = [SUMMARY, REPORT, SNAPSHOT, LEDGER, LIMITS, MANIFEST];

/// Every request that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ledger {
    /// Always `work365-doctor/ledger/v1`.
    #[schemars(extend("const" = LEDGER_SCHEMA))]
    schema: String,
    /// In the order in which they were made.
    requests: Vec<Request>,
}

impl Ledger {
    pub(super) fn of(requests: Vec<Request>) -> Self {
        Self {
            schema: LEDGER_SCHEMA.to_owned(),
            requests,
        }
    }
}

/// A case file that was verified.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct OpenedCase {
    /// Always `work365-doctor/report-open/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub(crate) schema: &'static str,
    /// What it holds; every sum is right.
    pub(crate) manifest: Manifest,
    /// The summary.
    pub(crate) summary: String,
    /// What it cannot show.
    pub(crate) limits: String,
    /// The report.
    pub(crate) report: Report,
    /// The error that was seen, decoded.
    pub(crate) error: Option<Value>,
    /// What a person reported.
    pub(crate) answers: Option<Value>,
    /// Every request that was made.
    pub(crate) ledger: Ledger,
}

impl OpenedCase {
    /// Its first lines for a person.
    pub(crate) fn manifest_page(&self) -> CaseFilePage<'_> {
        let tool = &self.manifest.tool;
        CaseFilePage {
            made_by: format!("{} {}", tool.name, tool.version),
            entries: self
                .manifest
                .files
                .iter()
                .map(|file| (file.name.as_str(), file.bytes))
                .collect(),
            limits: self
                .limits
                .lines()
                .filter_map(|line| line.strip_prefix("- "))
                .collect(),
        }
    }
}

/// Why bytes are no case file, or a damaged one.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// The archive itself.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// An entry that has to be there.
    #[error("`{0}` is missing: no case file, or a damaged one")]
    Missing(&'static str),
    /// The sum is another than the list says.
    #[error("`{0}` was changed or damaged: its SHA-256 is not the one in manifest.json")]
    Sum(String),
    /// An entry that the list does not have.
    #[error("`{0}` is not in manifest.json")]
    Unlisted(String),
    /// An entry that the list has, and the archive has not.
    #[error("manifest.json names `{0}`, which is missing")]
    Absent(String),
    /// A document that cannot be read.
    #[error("`{entry}` cannot be read: {why}")]
    Document {
        /// The entry.
        entry: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// The case file in `bytes`.
///
/// # Errors
///
/// It is none, it is damaged, or it is beyond the bounds.
pub(crate) fn open(bytes: &[u8]) -> Result<OpenedCase, OpenError> {
    let entries = zip_reader::entries(bytes, &NAMES)?;
    if let Some(missing) = NEEDED.iter().find(|name| !entries.contains_key(**name)) {
        return Err(OpenError::Missing(missing));
    }
    let manifest: Manifest = document(&entries, MANIFEST)?;
    if !manifest.is_known() {
        return Err(OpenError::Document {
            entry: MANIFEST,
            why: format!(
                "its schema is `{}`, which this version does not know",
                manifest.schema
            ),
        });
    }
    for listed in &manifest.files {
        match entries.get(&listed.name) {
            None => return Err(OpenError::Absent(listed.name.clone())),
            Some(content) if sum(content) != listed.sha256 => {
                return Err(OpenError::Sum(listed.name.clone()));
            }
            Some(_) => {}
        }
    }
    let is_listed = |name: &str| manifest.files.iter().any(|listed| listed.name == name);
    if let Some(unlisted) = entries.keys().find(|name| *name != MANIFEST && !is_listed(name)) {
        return Err(OpenError::Unlisted(unlisted.clone()));
    }
    let report = report::from_bytes(content(&entries, REPORT)?)
        .map_err(|why| OpenError::Document { entry: REPORT, why })?;
    Snapshot::from_bytes(content(&entries, SNAPSHOT)?).map_err(|error| OpenError::Document {
        entry: SNAPSHOT,
        why: error.to_string(),
    })?;
    Ok(OpenedCase {
        schema: SCHEMA,
        summary: text(&entries, SUMMARY)?,
        limits: text(&entries, LIMITS)?,
        report,
        error: optional(&entries, ERROR)?,
        answers: optional(&entries, ANSWERS)?,
        ledger: document(&entries, LEDGER)?,
        manifest,
    })
}

fn content<'e>(entries: &'e BTreeMap<String, Vec<u8>>, entry: &'static str) -> Result<&'e [u8], OpenError> {
    entries
        .get(entry)
        .map(Vec::as_slice)
        .ok_or(OpenError::Missing(entry))
}

fn text(entries: &BTreeMap<String, Vec<u8>>, entry: &'static str) -> Result<String, OpenError> {
    Ok(String::from_utf8_lossy(content(entries, entry)?).into_owned())
}

fn document<T: DeserializeOwned>(
    entries: &BTreeMap<String, Vec<u8>>,
    entry: &'static str,
) -> Result<T, OpenError> {
    json_reader::from_bytes(content(entries, entry)?).map_err(|error| OpenError::Document {
        entry,
        why: error.to_string(),
    })
}

fn optional(entries: &BTreeMap<String, Vec<u8>>, entry: &'static str) -> Result<Option<Value>, OpenError> {
    match entries.contains_key(entry) {
        true => document(entries, entry).map(Some),
        false => Ok(None),
    }
}
