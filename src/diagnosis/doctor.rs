//! A rule book made ready to judge, and what is asked of it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::acceptance::Acceptance;
use super::report::Report;
use super::words::Words;
use crate::decode::Decoded;
use crate::facts::Expectations;
use crate::profile::Choice;
use crate::rules::{Rule, RuleBook, Severity};

/// A rule book with its graph and the words of the diagnosis: made once, asked often.
#[derive(Debug)]
pub struct Doctor {
    pub(super) book: RuleBook,
    pub(super) words: Words,
    pub(super) requires: Vec<Vec<usize>>,
    pub(super) explained_by: Vec<Vec<usize>>,
}

/// What is asked of one snapshot.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// Whose guidance decides.
    pub profile: Choice,
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

impl Doctor {
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

    /// The rules that `--select` and `--ignore` leave, each name a rule id, the beginning of one, or an area.
    ///
    /// # Errors
    ///
    /// A name that is neither, or a selection that leaves nothing: zero rules are never a green run.
    pub fn selection(&self, select: &[String], ignore: &[String]) -> Result<Selection, SelectionError> {
        if select.is_empty() && ignore.is_empty() {
            return Ok(Selection(None));
        }
        let chosen = select.iter().map(|name| self.called(name));
        let chosen = chosen.collect::<Result<Vec<_>, _>>()?.concat();
        let left_out = ignore.iter().map(|name| self.called(name));
        let left_out = left_out.collect::<Result<Vec<_>, _>>()?.concat();
        let selected: Vec<bool> = (0..self.book.rules().len())
            .map(|rule| (select.is_empty() || chosen.contains(&rule)) && !left_out.contains(&rule))
            .collect();
        if selected.contains(&true) {
            Ok(Selection(Some(selected)))
        } else {
            Err(SelectionError::Nothing)
        }
    }

    /// The rules that a name means: of that id or area, else those whose id begins with it.
    fn called(&self, name: &str) -> Result<Vec<usize>, SelectionError> {
        let all = |is: fn(&Rule, &str) -> bool| -> Vec<usize> {
            let rules = self.book.rules().iter().enumerate();
            rules
                .filter(|(_, rule)| is(rule, name))
                .map(|(position, _)| position)
                .collect()
        };
        let named = all(is_named);
        let meant = if named.is_empty() { all(begins_with) } else { named };
        if meant.is_empty() {
            return Err(SelectionError::Unknown {
                name: name.to_owned(),
                suggestion: self.nearest(name),
            });
        }
        Ok(meant)
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
}

impl Selection {
    /// Whether the rule at this position counts.
    pub(super) fn has(&self, position: usize) -> bool {
        self.0
            .as_ref()
            .is_none_or(|selected| selected.get(position).copied().unwrap_or(false))
    }
}

fn is_named(rule: &Rule, name: &str) -> bool {
    rule.id == name || rule.area == name
}

/// Whether the rule's id begins with these words: `mfa` is the beginning of `mfa-missing`.
fn begins_with(rule: &Rule, words: &str) -> bool {
    rule.id
        .strip_prefix(words)
        .is_some_and(|rest| rest.starts_with('-'))
}
