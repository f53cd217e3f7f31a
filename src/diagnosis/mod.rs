//! From verdicts to one diagnosis: masking, root causes, the headline, the next step.
//!
//! Rules answer alone; here they are looked at together. Everything that a renderer shows is settled in the
//! [`report::Report`] before a renderer runs.

mod accept;
mod assemble;
pub mod comparison;
pub mod diff;
mod finding;
mod join;
mod mask;
mod page;
mod place;
pub mod report;
mod sentences;
mod words;

pub use accept::{Acceptance, AcceptanceError};
pub use page::RulePage;
pub use words::{ChecklistItem, ProfileWords, Words};

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decode::Decoded;
use crate::facts::{Expectations, Facts, Inputs, Reason};
use crate::profile::Profile;
use crate::rules::{self, Rule, RuleBook, Severity};
use crate::snapshot::Snapshot;

use mask::{Node, resolve};
use report::{Report, Status};

/// A rule book with its graph and the words of the diagnosis: made once, asked often.
#[derive(Debug)]
pub struct Clinic {
    book: RuleBook,
    words: Words,
    requires: Vec<Vec<usize>>,
    explained_by: Vec<Vec<usize>>,
}

/// What is asked of one snapshot.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Whose guidance decides.
    pub profile: Profile,
    /// Ages are judged as of this instant; the snapshot's `captured_at` if not given.
    pub now: Option<Timestamp>,
    /// What the user expects.
    pub expectations: &'a Expectations,
    /// Faults below this severity are listed, but do not count.
    pub fail_on: Severity,
    /// Which rules count.
    pub selection: &'a Selection,
    /// The error that somebody saw, decoded.
    pub error: Option<&'a Decoded>,
    /// Faults that somebody accepted.
    pub acceptances: &'a [Acceptance],
}

/// Which rules count: positions in the rule book.
#[derive(Debug, Clone, Default)]
pub struct Selection(Option<Vec<bool>>);

/// A report, and what its exit code follows from.
#[derive(Debug)]
pub struct Diagnosed {
    /// The report.
    pub report: Report,
    /// Whether a fail or pending finding stands at or above the threshold.
    pub has_fault: bool,
    /// Whether an unknown finding that could hide one stands there.
    pub has_gap: bool,
    /// Whether anything about the account could be judged at all.
    pub has_verdict: bool,
}

/// A name after `--select` or `--ignore` that is neither a rule id nor an area.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SelectionError {
    /// No such rule or area.
    #[error("no rule or area is called `{name}`{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Unknown {
        /// As written.
        name: String,
        /// The nearest known one.
        suggestion: Option<String>,
    },
    /// Nothing is left to judge.
    #[error("--select and --ignore leave no rule to judge")]
    Nothing,
}

impl Clinic {
    /// Prepares a rule book.
    pub fn new(book: RuleBook, words: Words) -> Self {
        let positions: BTreeMap<&str, usize> = book
            .rules()
            .iter()
            .enumerate()
            .map(|(position, rule)| (rule.id.as_str(), position))
            .collect();
        let resolve_all = |ids: fn(&Rule) -> &[String]| -> Vec<Vec<usize>> {
            book.rules()
                .iter()
                .map(|rule| {
                    ids(rule)
                        .iter()
                        .filter_map(|id| positions.get(id.as_str()).copied())
                        .collect()
                })
                .collect()
        };
        let requires = resolve_all(|rule| &rule.requires);
        let explained_by = resolve_all(|rule| &rule.explained_by);
        Self {
            book,
            words,
            requires,
            explained_by,
        }
    }

    /// The rules.
    pub fn book(&self) -> &RuleBook {
        &self.book
    }

    /// The words.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The rules that `--select` and `--ignore` leave, each name a rule id or an area.
    ///
    /// # Errors
    ///
    /// A name that is neither, or a selection that leaves nothing: zero rules are never a green run.
    pub fn selection(&self, select: &[String], ignore: &[String]) -> Result<Selection, SelectionError> {
        if select.is_empty() && ignore.is_empty() {
            return Ok(Selection(None));
        }
        for name in select.iter().chain(ignore) {
            if !self.book.rules().iter().any(|rule| is_named(rule, name)) {
                return Err(SelectionError::Unknown {
                    name: name.clone(),
                    suggestion: self.nearest(name),
                });
            }
        }
        let selected: Vec<bool> = self
            .book
            .rules()
            .iter()
            .map(|rule| {
                (select.is_empty() || select.iter().any(|name| is_named(rule, name)))
                    && !ignore.iter().any(|name| is_named(rule, name))
            })
            .collect();
        if selected.contains(&true) {
            Ok(Selection(Some(selected)))
        } else {
            Err(SelectionError::Nothing)
        }
    }

    /// The sections that can answer the selected rules' questions, with repetitions.
    pub fn sections<'a>(&'a self, selection: &'a Selection) -> impl Iterator<Item = &'a str> {
        self.book
            .rules()
            .iter()
            .enumerate()
            .filter(|(position, _)| selection.has(*position))
            .flat_map(|(_, rule)| rule.sections())
    }

    /// The rule id or area that looks most like `name`.
    pub fn nearest(&self, name: &str) -> Option<String> {
        self.book
            .rules()
            .iter()
            .flat_map(|rule| [rule.id.as_str(), rule.area.as_str()])
            .map(|known| (strsim::jaro_winkler(name, known), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, known)| known.to_owned())
    }

    /// Judges one snapshot. Every rule is evaluated; only the selected ones count.
    pub fn diagnose(&self, snapshot: &Snapshot, question: &Question<'_>) -> Diagnosed {
        let now = question.now.unwrap_or(snapshot.captured_at);
        let facts = Facts::of(Inputs::new(
            snapshot,
            question.expectations,
            question.profile,
            now,
        ));
        let verdicts: Vec<_> = self
            .book
            .rules()
            .iter()
            .map(|rule| rule.judge(&facts, question.profile, now))
            .collect();
        let nodes: Vec<Node<'_>> = verdicts
            .iter()
            .enumerate()
            .map(|(position, verdict)| Node {
                status: match Status::from(verdict.status) {
                    Status::Unknown if is_unasked(&self.book.rules()[position], verdict) => {
                        Status::NotApplicable
                    }
                    status => status,
                },
                requires: &self.requires[position],
                explained_by: &self.explained_by[position],
            })
            .collect();
        let resolved = resolve(&nodes);
        assemble::report(self, question, now, &facts, &verdicts, &resolved)
    }
}

/// Whether the evidence is beyond an ordinary collection, and nobody asked for it: then there was no question either.
fn is_unasked(rule: &Rule, verdict: &rules::Verdict) -> bool {
    let mut causes = verdict
        .unknown
        .iter()
        .flat_map(|unknown| unknown.causes())
        .peekable();
    rule.optional_evidence
        && causes.peek().is_some()
        && causes.all(|cause| matches!(cause.reason, Reason::Absent | Reason::Skipped))
}

impl Selection {
    fn has(&self, position: usize) -> bool {
        self.0
            .as_ref()
            .is_none_or(|selected| selected.get(position).copied().unwrap_or(false))
    }
}

fn is_named(rule: &Rule, name: &str) -> bool {
    rule.id == name || rule.area == name
}
