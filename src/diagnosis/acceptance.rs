//! One exception of the configuration file, and why it could never hold.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// One `[[accept]]` of the configuration file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Rule id.
    pub rule: String,
    /// Only for this account; for every account when not given.
    pub account: Option<String>,
    /// Why the fault is acceptable.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Facts and the values that they had when the fault was accepted.
    pub evidence: BTreeMap<String, Value>,
}

/// An exception that could never hold.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AcceptanceError {
    /// The rule does not exist.
    #[error("[[accept]] names the rule `{rule}`, which does not exist{}", suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
    Rule {
        /// As written.
        rule: String,
        /// The nearest known one.
        suggestion: Option<String>,
    },
    /// No evidence is named.
    #[error(
        "[[accept]] of `{rule}` names no evidence; add what was accepted, as evidence = {{ \"{fact}\" = … }}"
    )]
    NoEvidence {
        /// The rule.
        rule: String,
        /// A fact that the rule reads.
        fact: String,
    },
    /// A fact does not exist.
    #[error("[[accept]] of `{rule}` names the fact `{fact}`, which does not exist; `rules facts` lists them")]
    Fact {
        /// The rule.
        rule: String,
        /// As written.
        fact: String,
    },
}
