//! What a person reported: section `answers` of a snapshot, each answer the value of a fact.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::snapshot::{Outcome, Snapshot};

/// The section that holds what a person reported.
pub const SECTION: &str = "answers";

/// The fact that tells the code of the newest sign-in; a person who saw the error reports it.
pub(super) const CODE: &str = "attempt.code";

/// Reported values by the name of their fact, with the time of the answer. Weaker than what was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reported(BTreeMap<String, (Value, Option<String>)>);

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    answers: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    fact: String,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    why: Option<String>,
    #[serde(default)]
    at: Option<String>,
}

impl Reported {
    /// Those of a snapshot. A question that was not answered ("cannot see") says nothing.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let body: Option<Body> = snapshot
            .section(SECTION)
            .filter(|section| section.outcome == Outcome::Ok)
            .and_then(|section| section.body.as_ref())
            .and_then(|body| serde_json::from_str(body.get()).ok());
        let rows = body.into_iter().flat_map(|body| body.answers);
        Self(
            rows.filter(|row| row.why.is_none())
                .map(|row| {
                    let at = row.at.filter(|at| at.parse::<Timestamp>().is_ok());
                    (row.fact, (row.value, at))
                })
                .collect(),
        )
    }

    /// The same without what was answered about one fact.
    pub(super) fn without(&self, fact: &str) -> Self {
        let mut less = self.clone();
        less.0.remove(fact);
        less
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn value(&self, fact: &str) -> Option<&Value> {
        self.0.get(fact).map(|(value, _)| value)
    }

    pub(super) fn at(&self, fact: &str) -> Option<&str> {
        self.0.get(fact)?.1.as_deref()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
