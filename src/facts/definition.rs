//! How a fact is defined: name, type, sections, meaning, and the function that computes it.

use super::context::Context;
use super::reading::Reading;
use super::value::{FactValue, Kind};

/// What of a fact can be compared between two accounts, or between two runs of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparable {
    /// Its value.
    Value,
    /// Whether there is anything: the words are each tenant's own, such as names of its policies and teams.
    Presence,
    /// Nothing: ids, names and addresses of this account, tenant or run. Times too, by their type.
    Nothing,
}

/// One row of the table of facts.
#[derive(Debug)]
pub struct FactDefinition {
    /// `namespace.name`, as conditions write it.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether a known value may be null ("unset").
    pub nullable: bool,
    /// The sections it comes from, the deciding one first.
    pub sections: &'static [&'static str],
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What of it can be compared between two accounts.
    pub(crate) comparable: Comparable,
    /// Computes it.
    pub(crate) compute: fn(&Context<'_>) -> Reading<FactValue>,
}

/// Starts the definition of a fact.
pub(crate) const fn fact(
    name: &'static str,
    kind: Kind,
    sections: &'static [&'static str],
    meaning: &'static str,
    compute: fn(&Context<'_>) -> Reading<FactValue>,
) -> FactDefinition {
    FactDefinition {
        name,
        kind,
        nullable: false,
        sections,
        meaning,
        comparable: Comparable::Value,
        compute,
    }
}

impl FactDefinition {
    /// The same fact, whose known value may be null.
    pub(crate) const fn nullable(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }

    /// The same fact, of which every account, tenant or run has its own.
    pub(crate) const fn its_own(self) -> Self {
        Self {
            comparable: Comparable::Nothing,
            ..self
        }
    }

    /// The same fact, whose words are each tenant's own, so that only their presence says something.
    pub(crate) const fn its_own_words(self) -> Self {
        Self {
            comparable: Comparable::Presence,
            ..self
        }
    }

    /// What of it can be compared.
    pub fn comparable(&self) -> Comparable {
        match self.kind {
            // Two accounts are never created, licensed and signed in at the same instant.
            Kind::Time => Comparable::Nothing,
            _ => self.comparable,
        }
    }
}
