//! Typed, documented, named facts computed from a snapshot: Rust computes, rules judge (`DESIGN.md` section 4).
//!
//! Each area's file holds a table of [`FactDefinition`]s; [`definitions`] joins them. A fact is computed when a
//! condition first reads it, once a run, and is either known or unknown with section, reason and the least right that
//! would make it known.

mod access_mode;
mod column_security;
mod consent;
mod credential;
mod dataverse_user;
mod environment;
mod expected_state;
mod identity;
mod inputs;
mod licensing;
mod likeness;
mod mfa;
mod mixup;
mod operator;
mod password_expiry;
mod policies;
mod policy_log;
mod policy_service;
mod policy_sign_in;
mod profile_hint;
mod reading;
mod risk;
mod roles;
#[cfg(test)]
mod sample;
mod settings;
mod sign_in;
mod sign_in_log;
mod subject;
mod time_zone;
mod tokens;
mod value;
mod version;

pub use expected_state::ExpectedState;
pub use inputs::{Expectations, ExpectedTimeZone, Inputs};
pub use likeness::{Comparable, Likeness};
pub use reading::{Cause, Reading, Reason, Unknown, UnknownBecause};
pub use time_zone::{TimeZoneError, expected_time_zone};
pub use value::{FactValue, Kind};

pub(crate) use reading::read;
pub(crate) use sign_in_log::{
    Attempt, concerns_work_365, is_application_sign_in, is_non_interactive, is_work_365, time_of,
};
pub(crate) use value::parse_time;

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

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
    comparable: Comparable,
    compute: fn(&Inputs<'_>) -> Reading<FactValue>,
}

/// Starts the definition of a fact.
const fn fact(
    name: &'static str,
    kind: Kind,
    sections: &'static [&'static str],
    meaning: &'static str,
    compute: fn(&Inputs<'_>) -> Reading<FactValue>,
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
    const fn nullable(self) -> Self {
        Self {
            nullable: true,
            ..self
        }
    }
}

/// The position of a fact in the table of [`definitions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(usize);

static DEFINITIONS: LazyLock<Vec<&'static FactDefinition>> = LazyLock::new(|| {
    [
        subject::FACTS,
        identity::FACTS,
        mixup::FACTS,
        credential::FACTS,
        risk::FACTS,
        tokens::FACTS,
        mfa::FACTS,
        policies::FACTS,
        policy_service::FACTS,
        sign_in::FACTS,
        consent::FACTS,
        version::FACTS,
        profile_hint::FACTS,
        environment::FACTS,
        licensing::FACTS,
        dataverse_user::FACTS,
        roles::FACTS,
        access_mode::FACTS,
        column_security::FACTS,
        settings::FACTS,
        expected_state::FACTS,
        operator::FACTS,
    ]
    .into_iter()
    .flatten()
    .collect()
});

static BY_NAME: LazyLock<BTreeMap<&'static str, FactId>> = LazyLock::new(|| {
    DEFINITIONS
        .iter()
        .enumerate()
        .map(|(position, definition)| (definition.name, FactId(position)))
        .collect()
});

/// Every fact that a rule may use, area by area.
pub fn definitions() -> &'static [&'static FactDefinition] {
    &DEFINITIONS
}

/// Every fact, in the order of [`definitions`].
pub fn ids() -> impl Iterator<Item = FactId> {
    (0..DEFINITIONS.len()).map(FactId)
}

/// The fact of this name.
pub fn find(name: &str) -> Option<FactId> {
    BY_NAME.get(name).copied()
}

impl FactId {
    /// Its row in the table.
    pub fn definition(self) -> &'static FactDefinition {
        DEFINITIONS[self.0]
    }
}

/// The facts of one run, computed on first use.
#[derive(Debug)]
pub struct Facts<'a> {
    inputs: Option<Inputs<'a>>,
    cells: Vec<OnceLock<Reading<FactValue>>>,
}

impl<'a> Facts<'a> {
    /// The facts of a snapshot.
    pub fn of(inputs: Inputs<'a>) -> Self {
        Self {
            inputs: Some(inputs),
            cells: empty_cells(),
        }
    }

    /// Facts given by hand, for a rule's own tests; what is not given is unknown ("absent").
    pub fn given(values: impl IntoIterator<Item = (FactId, Reading<FactValue>)>) -> Facts<'static> {
        let mut cells = empty_cells();
        for (id, value) in values {
            cells[id.0] = OnceLock::from(value);
        }
        Facts { inputs: None, cells }
    }

    /// One fact.
    pub fn get(&self, id: FactId) -> &Reading<FactValue> {
        self.cells[id.0].get_or_init(|| match &self.inputs {
            Some(inputs) => (id.definition().compute)(inputs),
            None => {
                let section = id.definition().sections.first().copied().unwrap_or("facts");
                Err(Unknown::because(
                    section,
                    Reason::Absent,
                    "not given in this test",
                ))
            }
        })
    }

    /// What they are computed from; nothing for facts given by hand.
    pub fn inputs(&self) -> Option<&Inputs<'a>> {
        self.inputs.as_ref()
    }

    /// The section that a known fact came from: the first of its sections that was answered, and when it was read.
    pub fn source(&self, id: FactId) -> (&'static str, Option<&str>) {
        let sections = id.definition().sections;
        let answered = self.inputs.as_ref().and_then(|inputs| {
            sections.iter().find_map(|name| {
                let section = inputs.snapshot.section(name)?;
                matches!(
                    section.outcome,
                    crate::snapshot::Outcome::Ok | crate::snapshot::Outcome::NotFound
                )
                .then_some((*name, section.read_at.as_deref()))
            })
        });
        answered.unwrap_or((sections.first().copied().unwrap_or("arguments"), None))
    }
}

fn empty_cells() -> Vec<OnceLock<Reading<FactValue>>> {
    std::iter::repeat_with(OnceLock::new)
        .take(DEFINITIONS.len())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{BY_NAME, definitions};
    use crate::snapshot::section_info;

    #[test]
    fn fact_names_are_unique_have_one_dot_and_are_explained() {
        assert_eq!(BY_NAME.len(), definitions().len());
        for fact in definitions() {
            assert_eq!(fact.name.matches('.').count(), 1, "{}", fact.name);
            assert!(
                fact.meaning.ends_with('.') && fact.meaning.len() > 12,
                "{}",
                fact.name
            );
        }
    }

    #[test]
    fn every_fact_names_sections_of_the_catalogue() {
        for fact in definitions() {
            assert!(
                fact.sections.iter().all(|name| section_info(name).is_some()),
                "{}",
                fact.name
            );
        }
    }
}
