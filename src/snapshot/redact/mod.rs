//! Redaction: the snapshot of a case without the customer's names, for a ticket.
//!
//! What a rule judges stays what it is: states, codes, times, plan and role ids, role names, platform rows, which id
//! equals which, which address lies in which range. Everything that names somebody becomes a pseudonym, keyed per
//! case. What is not known to be harmless is replaced. At the end `verify` looks for leaks with means of its own.
//!
//! Source: `DESIGN.md` section 8, `CONTRACT.md` sections 1 and 3.

mod address;
mod classes;
mod known;
mod pseudonym;
mod text;
mod verify;
mod walk;

pub use pseudonym::{CaseKey, Kind, Replacement};
pub use verify::Leak;

use serde_json::Value;
use thiserror::Error;

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
}

/// Why a snapshot was not redacted.
#[derive(Debug, Error)]
pub enum RedactError {
    /// The input is no snapshot.
    #[error("not a snapshot: {0}")]
    Snapshot(#[from] SnapshotError),
    /// The result would have told something that it must not.
    #[error("nothing was written, because something would have leaked: {}", places(.0))]
    Leaks(Vec<Leak>),
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
}

/// Replaces every name in the snapshot of `bytes`. The same key gives the same pseudonyms in every file of a case.
///
/// # Errors
///
/// The bytes are no snapshot, or the verifier found a leak.
pub fn redact(bytes: &[u8], key: &CaseKey) -> Result<Redacted, RedactError> {
    let snapshot = Snapshot::from_bytes(bytes)?;
    let original = document(bytes)?;
    let mut walk = Walk::new(Pseudonyms::new(key), &original, &snapshot.subject);
    let document = walk.snapshot(&original);
    let leaks = verify::leaks(&document, &walk.secrets());
    if !leaks.is_empty() {
        return Err(RedactError::Leaks(leaks));
    }
    Ok(Redacted {
        document,
        replacements: walk.replacements(),
        walk,
    })
}

/// The whole document, unknown keys too.
fn document(bytes: &[u8]) -> Result<Value, SnapshotError> {
    super::parse::document(bytes)
}
