//! What a rehearsal assumes to be fixed, and what that does to verdicts, errors and facts.

use std::collections::BTreeSet;

use crate::facts::{self, Supposed};
use crate::rules::{self, Rule, Verdict};

/// What is assumed to be fixed: positions in the rule book in the order of the fixes, and codes of errors that were seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Fixes {
    pub rules: Vec<usize>,
    pub codes: BTreeSet<String>,
}

impl Fixes {
    /// A rule whose remedy is done finds no fault.
    pub(super) fn settle(&self, verdicts: &mut [Verdict]) {
        for &position in &self.rules {
            if let Some(verdict) = verdicts.get_mut(position)
                && verdict.status != rules::Status::NotApplicable
            {
                verdict.status = rules::Status::Pass;
                verdict.unknown = None;
            }
        }
    }

    /// Whether the cause of an error that was seen is assumed to be fixed.
    pub(super) fn cure(&self, code: &str, primary: Option<&str>) -> bool {
        self.codes.contains(code) || primary.is_some_and(|primary| self.codes.contains(primary))
    }

    /// What is so once they are done: a later fix wins over an earlier one.
    pub(super) fn supposed(&self, rules: &[Rule]) -> Supposed {
        let fixed = self.rules.iter().filter_map(|position| rules.get(*position));
        let facts = fixed.flat_map(|rule| &rule.cures);
        Supposed::new(
            facts.map(|(fact, value)| (fact.definition().name, value.clone())),
            self.codes
                .iter()
                .filter_map(|code| match code.strip_prefix("AADSTS") {
                    Some(number) => number.parse().ok(),
                    // A sentence says what a code says.
                    None => facts::code_of_sentence(code),
                }),
        )
    }
}
