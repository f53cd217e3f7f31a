//! What is assumed to be so: the world after a fix that nobody has made yet.
//!
//! A supposed fact wins over the evidence. Facts that are made of others look here first, so that what follows from a fix
//! follows: MFA is no longer demanded once its last layer is off.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use super::value::FactValue;

/// Facts and refusals that a fix changes. Empty for an ordinary check.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Supposed {
    facts: BTreeMap<&'static str, Reading<FactValue>>,
    cured: BTreeSet<i64>,
}

impl Supposed {
    /// Nothing is assumed but that these facts have these values or are not known, and that refusals with these AADSTS numbers are over.
    pub fn new(
        facts: impl IntoIterator<Item = (&'static str, Reading<FactValue>)>,
        cured: impl IntoIterator<Item = i64>,
    ) -> Self {
        Self {
            facts: facts.into_iter().collect(),
            cured: cured.into_iter().collect(),
        }
    }

    /// What is assumed of the fact of this name.
    pub(crate) fn value(&self, name: &str) -> Option<&Reading<FactValue>> {
        self.facts.get(name)
    }

    /// What is assumed of a yes-or-no fact, else what the evidence says.
    pub(crate) fn truth_or(&self, name: &str, read: impl FnOnce() -> Reading<bool>) -> Reading<bool> {
        match self.value(name) {
            Some(Ok(FactValue::Bool(truth))) => Ok(*truth),
            Some(Err(unknown)) => Err(unknown.clone()),
            _ => read(),
        }
    }

    /// Whether a refusal with this number is over: what caused it is assumed to be fixed.
    pub(crate) fn is_cured(&self, code: i64) -> bool {
        self.cured.contains(&code)
    }
}
