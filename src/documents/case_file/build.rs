//! Makes a case file. Everything in it comes from the redacted snapshot, by one key, and is looked at for leaks once more.

use serde_json::{Value, json};
use thiserror::Error;

use super::limits::CaseFileWords;
use super::manifest::Manifest;
use super::names::{ANSWERS, ERROR, LEDGER, LIMITS, MANIFEST, REPORT, SNAPSHOT, SUMMARY};
use super::open::Ledger;
use super::zip_writer;
use crate::ask::AnswersFile;
use crate::decode::{Decoded, decode_text};
use crate::diagnosis::report::{Report, Request};
use crate::diagnosis::{Doctor, Question, Selection};
use crate::facts::Expectations;
use crate::profile::Choice;
use crate::render::{self, Audience, Format, Style, Verbosity};
use crate::rules::Severity;
use crate::snapshot::redact::{Leak, Redacted};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::text::fill;

/// Columns of the summary.
const WIDTH: usize = 80;

/// What a case file is made of.
pub(crate) struct Case<'a> {
    /// The redacted evidence, what a person reported included.
    pub(crate) redacted: &'a mut Redacted,
    /// The error that was seen, as it was seen.
    pub(crate) error: Option<&'a str>,
    /// The requests that were made; none when the evidence came from a file.
    pub(crate) requests: Vec<Request>,
    /// Who judges.
    pub(crate) doctor: &'a Doctor,
}

/// Why there is no case file.
#[derive(Debug, Error)]
pub(crate) enum CaseFileError {
    /// The redacted evidence cannot be read.
    #[error("the redacted evidence is no snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// An entry would have told something.
    #[error("nothing was written, because {entry} would have leaked: {leak}")]
    Leak {
        /// The entry.
        entry: &'static str,
        /// What, and where.
        leak: Leak,
    },
    /// The words that the program carries; a test keeps them sound.
    #[error("{0}")]
    Words(String),
    /// Beyond what the format can hold.
    #[error("the case is too large for one file (4 GiB)")]
    Large,
}

/// The archive, and the report in it.
///
/// # Errors
///
/// Something in it leaks, or cannot be read.
pub(crate) fn build(case: Case<'_>) -> Result<(Vec<u8>, Report), CaseFileError> {
    let words = CaseFileWords::builtin().map_err(CaseFileError::Words)?;
    let snapshot = Snapshot::from_bytes(case.redacted.document.to_string().as_bytes())?;
    let error: Option<Decoded> = case
        .error
        .map(|text| decode_text(case.redacted.text(text).as_bytes()));
    let answers = AnswersFile::of_snapshot(&snapshot);
    let has_answers = !answers.answers.is_empty();
    let mut report = judged(case.doctor, &snapshot, error.as_ref());
    report.requests = case.requests;
    let ledger = Ledger::of(report.requests.clone());
    let summary = summary(case.doctor, &report, &words);
    let limits = words.limits(&report, &snapshot, has_answers);

    let mut documents: Vec<(&'static str, Value)> = vec![
        (SUMMARY, Value::String(summary)),
        (REPORT, json!(report)),
        (SNAPSHOT, case.redacted.document.clone()),
    ];
    documents.extend(error.map(|error| (ERROR, json!(error))));
    if has_answers {
        documents.push((ANSWERS, json!(answers)));
    }
    documents.push((LEDGER, json!(ledger)));
    documents.push((LIMITS, Value::String(limits)));
    for (entry, document) in &documents {
        if let Some(leak) = case.redacted.leaks_in(document).into_iter().next() {
            return Err(CaseFileError::Leak { entry, leak });
        }
    }
    let mut entries: Vec<(&'static str, Vec<u8>)> = documents
        .into_iter()
        .map(|(name, document)| match document {
            Value::String(text) => (name, text.into_bytes()),
            document => (name, render::json(&document).into_bytes()),
        })
        .collect();
    let manifest = Manifest::of(
        report.tool.clone(),
        report.rule_pack.clone(),
        report.captured_at.clone(),
        &entries,
    );
    entries.push((MANIFEST, render::json(&manifest).into_bytes()));
    let archive = zip_writer::archive(&entries).ok_or(CaseFileError::Large)?;
    Ok((archive, report))
}

fn judged(doctor: &Doctor, snapshot: &Snapshot, error: Option<&Decoded>) -> Report {
    let question = Question {
        profile: Choice::default(),
        now: None,
        expectations: &Expectations::default(),
        fail_on: Severity::Medium,
        selection: &Selection::default(),
        error,
        acceptances: &[],
    };
    doctor.diagnose(snapshot, &question).report
}

/// Plain text for a ticket: what is wrong and what to do, then the facts and hashes.
fn summary(doctor: &Doctor, report: &Report, words: &CaseFileWords) -> String {
    let style = |verbosity, audience| Style {
        color: false,
        width: WIDTH,
        verbosity,
        audience,
    };
    let tool = format!("{} {}", report.tool.name, report.tool.version);
    let page = |style| render::report(Format::Table, report, doctor.words(), style);
    format!(
        "{}\n\n{}\n{}\n{}\n",
        fill(&words.summary.opening, &[("tool", &tool)]),
        page(style(Verbosity::Quiet, None)),
        page(style(Verbosity::Normal, Some(Audience::Ticket))),
        words.summary.closing
    )
}
