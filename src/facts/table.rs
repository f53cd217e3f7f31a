//! The table of all facts, and the facts of one run.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use super::context::Context;
use super::definition::FactDefinition;
use super::reading::{Reading, Reason, Unknown, complete};
use super::reported;
use super::sign_in::entry::SEEN;
use super::value::FactValue;
use super::{
    access_mode, column_security, consent, credential, dataverse_user, environment, identity, jobs,
    licensing, operator, roles, settings, sign_in,
};
use crate::profile::Profile;
use crate::profile::shared::Shared;

/// The position of a fact in the table of [`definitions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(usize);

static DEFINITIONS: LazyLock<Vec<&'static FactDefinition>> = LazyLock::new(|| {
    [
        identity::subject::FACTS,
        identity::account::FACTS,
        identity::mixup::FACTS,
        credential::password::FACTS,
        credential::risk::FACTS,
        credential::tokens::FACTS,
        sign_in::mfa::FACTS,
        sign_in::methods::FACTS,
        sign_in::strength::FACTS,
        sign_in::policies::FACTS,
        sign_in::service_evaluation::FACTS,
        sign_in::newest::FACTS,
        sign_in::deciding::FACTS,
        consent::grants::FACTS,
        consent::version::FACTS,
        consent::resources::FACTS,
        consent::lost_mfa::FACTS,
        consent::profile_hint::FACTS,
        consent::profile_evidence::FACTS,
        environment::state::FACTS,
        environment::limits::FACTS,
        environment::app_access::FACTS,
        licensing::license::FACTS,
        licensing::term::FACTS,
        dataverse_user::row::FACTS,
        roles::in_force::FACTS,
        roles::elevation::FACTS,
        access_mode::mode::FACTS,
        column_security::profiles::FACTS,
        settings::options::FACTS,
        settings::expected_state::FACTS,
        jobs::workflows::FACTS,
        jobs::verdicts::FACTS,
        operator::rights::FACTS,
        operator::refused::FACTS,
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

    /// Its value as JSON has it; `None` when it is not of the fact's type.
    pub fn value_of_json(self, value: &serde_json::Value) -> Option<FactValue> {
        let definition = self.definition();
        FactValue::of_json(definition.kind, value)
            .filter(|value| definition.nullable || *value != FactValue::Null)
    }
}

/// The facts of one run, computed on first use. What the evidence does not know is taken from what a person reported
/// (section `answers`): read evidence wins, whatever its age.
#[derive(Debug)]
pub struct Facts<'a> {
    context: Option<Context<'a>>,
    /// The same for every profile under which the same evidence is judged.
    cells: Arc<[Shared<Reading<FactValue>>]>,
    /// The same evidence without the answers, to tell what rests on them.
    read: OnceLock<Option<Context<'a>>>,
    /// The same evidence without the errors that somebody saw or told, for the same purpose.
    unheard: OnceLock<Option<Context<'a>>>,
}

impl<'a> Facts<'a> {
    /// The facts of a snapshot.
    pub fn of(context: Context<'a>) -> Self {
        Self {
            context: Some(context),
            cells: empty_cells().collect(),
            read: OnceLock::new(),
            unheard: OnceLock::new(),
        }
    }

    /// Whether the fact of this name is known and true.
    pub fn is_true(&self, name: &str) -> bool {
        find(name).is_some_and(|id| self.get(id) == &Ok(FactValue::Bool(true)))
    }

    /// The facts of the same evidence under another profile; what comes out the same under both is computed once.
    pub fn under(&self, profile: Profile) -> Self {
        Self {
            context: self.context.as_ref().map(|context| context.under(profile)),
            cells: Arc::clone(&self.cells),
            read: OnceLock::new(),
            unheard: OnceLock::new(),
        }
    }

    /// What would be if these facts were so: they, and of the others those that are `needed`.
    pub fn supposing(
        &self,
        values: &[(FactId, FactValue)],
        needed: impl IntoIterator<Item = FactId>,
    ) -> Facts<'static> {
        let known = needed.into_iter().map(|id| (id, self.get(id).clone()));
        let supposed = values.iter().map(|(id, value)| (*id, Ok(value.clone())));
        Facts::given(known.chain(supposed))
    }

    /// Facts given by hand, for a rule's own tests; what is not given is unknown ("absent").
    pub fn given(values: impl IntoIterator<Item = (FactId, Reading<FactValue>)>) -> Facts<'static> {
        let mut cells: Vec<_> = empty_cells().collect();
        for (id, value) in values {
            cells[id.0] = Shared::from(value);
        }
        Facts {
            context: None,
            cells: cells.into(),
            read: OnceLock::new(),
            unheard: OnceLock::new(),
        }
    }

    /// One fact.
    pub fn get(&self, id: FactId) -> &Reading<FactValue> {
        let Some(context) = &self.context else {
            return self.cells[id.0].under(Profile::default(), || {
                let section = id.definition().sections.first().copied().unwrap_or("facts");
                Err(Unknown::because(
                    section,
                    Reason::Absent,
                    "not given in this test",
                ))
            });
        };
        context.once(&self.cells[id.0], || {
            match context.supposed.value(id.definition().name) {
                Some(supposed) => supposed.clone(),
                None => self.told(id, context),
            }
        })
    }

    /// What they are computed from; nothing for facts given by hand.
    pub fn context(&self) -> Option<&Context<'a>> {
        self.context.as_ref()
    }

    /// Whether a known fact rests on what a person reported: what was read does not tell it.
    pub fn is_reported(&self, id: FactId) -> bool {
        let context = self.read.get_or_init(|| {
            let context = self
                .context
                .as_ref()
                .filter(|context| !context.reported.is_empty());
            context.map(Context::without_answers)
        });
        let Some(context) = context else {
            return false;
        };
        self.get(id).is_ok() && complete(|| (id.definition().compute)(context)) != *self.get(id)
    }

    /// What the evidence says, else what a person answered. An answer about the matter itself wins over what an error implies.
    fn told(&self, id: FactId, context: &Context<'a>) -> Reading<FactValue> {
        let computed = complete(|| (id.definition().compute)(context));
        let Some(reported) = self.reported_value(id) else {
            return computed;
        };
        match computed {
            Ok(value) if value == reported || !self.rests_on_hearsay(id, &value) => Ok(value),
            _ => Ok(reported),
        }
    }

    /// Whether a known fact rests on the error that somebody saw: what was read tells it otherwise, or not at all.
    pub fn rests_on_error(&self, id: FactId) -> bool {
        let is_seen = self
            .context
            .as_ref()
            .is_some_and(|context| context.error.is_some());
        let value = self.get(id).as_ref();
        is_seen && value.is_ok_and(|value| self.rests_on_hearsay(id, value))
    }

    /// Whether a fact is known only because an error implies it, and nobody looked.
    pub fn is_implied(&self, id: FactId) -> bool {
        let value = self.get(id).as_ref();
        let is_of_the_attempt = id.definition().name.starts_with("attempt.");
        !is_of_the_attempt
            && self.reported_value(id).is_none()
            && value.is_ok_and(|value| self.rests_on_hearsay(id, value))
    }

    /// Whether the evidence says otherwise, or nothing, without the errors that somebody saw or told.
    fn rests_on_hearsay(&self, id: FactId, value: &FactValue) -> bool {
        let context = self.unheard.get_or_init(|| {
            let context = self.context.as_ref().filter(|context| context.has_hearsay());
            context.map(Context::without_hearsay)
        });
        let Some(context) = context else {
            return false;
        };
        complete(|| (id.definition().compute)(context)).as_ref() != Ok(value)
    }

    /// What a person reported and the evidence says otherwise: the fact, as reported, as read.
    pub fn contradictions(&self) -> Vec<(FactId, FactValue, FactValue)> {
        let reported = self.context.iter().flat_map(|context| context.reported.names());
        reported
            .filter_map(find)
            .filter_map(|id| {
                let reported = self.reported_value(id)?;
                let read = self.get(id).as_ref().ok()?;
                (*read != reported).then(|| (id, reported, read.clone()))
            })
            .collect()
    }

    fn reported_value(&self, id: FactId) -> Option<FactValue> {
        let context = self.context.as_ref()?;
        id.value_of_json(context.reported.value(id.definition().name)?)
    }

    /// The section that a known fact came from: the first of its sections that was answered, and when it was read.
    /// `error` where it is the error that somebody saw.
    pub fn source(&self, id: FactId) -> (&'static str, Option<&str>) {
        if self.is_reported(id) {
            let reported = self.context.as_ref().map(|context| &context.reported);
            let at = reported.and_then(|reported| reported.at(id.definition().name));
            return (reported::SECTION, at);
        }
        if self.rests_on_error(id) {
            return (SEEN, None);
        }
        let sections = id.definition().sections;
        let answered = self.context.as_ref().and_then(|context| {
            sections.iter().find_map(|name| {
                let section = context.snapshot.section(name)?;
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

fn empty_cells() -> impl Iterator<Item = Shared<Reading<FactValue>>> {
    std::iter::repeat_with(Shared::default).take(DEFINITIONS.len())
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
