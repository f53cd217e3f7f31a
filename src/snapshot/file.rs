//! One snapshot: who it is about, every section as it came, and the typed evidence.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::evidence::{Unread, raw_answer};
use super::outcome::{Outcome, Section, Subject};
use super::section::Evidence;

/// The evidence of one account in one environment.
#[derive(Debug)]
pub struct Snapshot {
    /// When the evidence was collected.
    pub captured_at: jiff::Timestamp,
    /// Whether names and ids were replaced by pseudonyms.
    pub redacted: bool,
    /// What was asked about.
    pub subject: Subject,
    /// Every section as it came, known to us or not.
    pub sections: BTreeMap<String, Section>,
    /// The sections that rules judge, typed.
    pub evidence: Evidence,
    /// [`evidence_of_another_row`](Self::evidence_of_another_row)
    pub(super) of_another_row: OnceLock<Box<Evidence>>,
}

impl Snapshot {
    /// Puts a section that was answered, in place of one of that name. The typed evidence stays as it was read.
    pub fn put(&mut self, name: &str, body: &serde_json::Value, read_at: jiff::Timestamp) {
        let section = Section {
            outcome: Outcome::Ok,
            read_at: Some(read_at.to_string()),
            http_status: None,
            detail: None,
            body: serde_json::value::to_raw_value(body).ok(),
        };
        self.sections.insert(name.to_owned(), section);
    }

    /// The same evidence as it speaks of another row than the one that it was collected for: what was asked about that one
    /// row was not asked about this.
    pub(crate) fn evidence_of_another_row(&self) -> &Evidence {
        self.of_another_row
            .get_or_init(|| Box::new(self.evidence.of_another_row()))
    }

    /// A section by name, if the snapshot has it.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(name)
    }

    /// The body of a section as it came, or why there is none to judge.
    pub(crate) fn raw_answer(&self, name: &str) -> Result<&str, Unread> {
        raw_answer(self.section(name), false)
    }
}
