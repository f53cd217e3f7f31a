//! What a rule's remedy changes.

use super::tests_of_rule::{entries, given_fact};
use crate::embedded::tree::Node;
use crate::facts::{FactId, FactValue, Reading};

use super::RuleParser;

impl RuleParser<'_> {
    /// Facts and what they are once the remedy is done; nothing if one of them is unsound.
    pub(crate) fn cures(&self, node: &Node<'_>) -> Option<Vec<(FactId, Reading<FactValue>)>> {
        let facts: Vec<_> = entries(self.desk, node, "cures")?
            .iter()
            .map(|entry| given_fact(self.desk, entry))
            .collect();
        facts.into_iter().collect()
    }
}
