//! Redaction: the snapshot of a case without the customer's names, for a ticket.
//!
//! What a rule judges stays what it is: states, codes, times, plan and role ids, role names, platform rows, which id
//! equals which, which address lies in which range. Everything that names somebody becomes a pseudonym, keyed per
//! case. What is not known to be harmless is replaced: a property whose meaning is not known, and in a sentence every
//! word that is not of everybody. At the end `verify` looks for leaks with means of its own.

mod address;
mod classes;
mod fold;
mod gather;
mod known;
mod pseudonym;
mod replace;
mod sentence;
mod text;
mod verify;
mod vocabulary;
mod walk;

pub use pseudonym::{CaseKey, Kind, Replacement};
pub use verify::Leak;
use verify::Originals;

use serde_json::Value;
use thiserror::Error;

use super::section::section_info;
use super::{Snapshot, SnapshotError};
use pseudonym::Pseudonyms;
use walk::Walk;

/// A snapshot without names, and the way back.
#[derive(Debug)]
pub struct Redacted {
    /// The snapshot, `redacted` set.
    pub document: Value,
    /// What was replaced, in the order of kinds and originals. For the customer alone.
    pub replacements: Vec<Replacement>,
    walk: Walk,
    originals: Originals,
}

/// Why a snapshot was not redacted.
#[derive(Debug, Error)]
pub enum RedactError {
    /// The input is no snapshot.
    #[error("not a snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The result would have told something that it must not.
    #[error("nothing was written, because something would have leaked: {}{}", places(.0), way_out(.0))]
    Leaks(Vec<Leak>),
    /// A section that was to be left out is not there, and no section is called that.
    #[error("no section is called `{0}`; `work365-doctor plan` lists them")]
    NoSection(String),
}

/// Which section to leave out, where that helps.
fn way_out(leaks: &[Leak]) -> String {
    let sections: std::collections::BTreeSet<&str> = leaks
        .iter()
        .map(|leak| leak.section.as_str())
        .filter(|section| !section.is_empty())
        .collect();
    let flags: Vec<String> = sections
        .iter()
        .map(|section| format!("--drop {section}"))
        .collect();
    if flags.is_empty() {
        String::new()
    } else {
        format!("; to leave that out: {}", flags.join(" "))
    }
}

fn places(leaks: &[Leak]) -> String {
    let shown: Vec<String> = leaks.iter().take(5).map(ToString::to_string).collect();
    let more = leaks.len().saturating_sub(shown.len());
    if more == 0 {
        shown.join("; ")
    } else {
        format!("{}; and {more} more", shown.join("; "))
    }
}

impl Redacted {
    /// The same replacement for a text from elsewhere, as an argument of the command line.
    pub fn text(&mut self, text: &str) -> String {
        self.walk.free_text(text)
    }

    /// What another document that was made from this snapshot would tell: tokens, and originals that were replaced here.
    /// A text stands for itself.
    pub fn leaks_in(&self, document: &Value) -> Vec<Leak> {
        verify::leaks_elsewhere(document, &self.originals)
    }
}

/// Replaces every name in the snapshot of `bytes`. The same key gives the same pseudonyms in every file of a case.
///
/// # Errors
///
/// The bytes are no snapshot, or the verifier found a leak.
pub fn redact(bytes: &[u8], key: &CaseKey) -> Result<Redacted, RedactError> {
    redact_without(bytes, key, &[])
}

/// As [`redact`], and leaves these sections out first: absent, as if nobody had asked.
///
/// # Errors
///
/// Those of [`redact`], and a section that there is not.
pub fn redact_without(bytes: &[u8], key: &CaseKey, dropped: &[String]) -> Result<Redacted, RedactError> {
    let snapshot = Snapshot::from_bytes(bytes)?;
    let mut original = document(bytes)?;
    for section in dropped {
        let sections = original.get_mut("sections").and_then(Value::as_object_mut);
        let was_there = sections.is_some_and(|sections| sections.remove(section).is_some());
        if !was_there && section_info(section).is_none() {
            return Err(RedactError::NoSection(section.clone()));
        }
    }
    let mut walk = Walk::new(Pseudonyms::new(key), &original, &snapshot.subject);
    let document = walk.snapshot(&original);
    let originals = walk.originals(&original);
    let leaks = verify::leaks(&document, &originals);
    if !leaks.is_empty() {
        return Err(RedactError::Leaks(leaks));
    }
    Ok(Redacted {
        document,
        replacements: walk.replacements(),
        walk,
        originals,
    })
}

/// The whole document, unknown keys too.
pub(crate) fn document(bytes: &[u8]) -> Result<Value, SnapshotError> {
    super::parse::document(bytes)
}
