//! The tenant's policies together with its named locations and authentication strengths.

use serde_json::Value;

use super::list::has_more_pages;
use super::locations::NamedLocations;
use super::policy::{Policy, PolicyState};
use super::policy_reader;
use super::strength::Strengths;

/// The tenant's policies with what is needed to judge them.
#[derive(Debug, Clone)]
pub struct PolicySet {
    pub(super) policies: Vec<Policy>,
    pub(super) locations: Option<NamedLocations>,
    /// The list of policies has further pages that were not read.
    pub(super) incomplete: bool,
    /// Graph's beta gave the list. The list of v1.0 leaves out policies that use a preview feature.
    pub(super) read_from_beta: bool,
}

/// The body is not a list of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body holds no list of policies under `value`")]
pub struct NotAPolicyList;

impl PolicySet {
    /// Reads the bodies of `graph.conditional_access_policies`, `graph.named_locations` and
    /// `graph.authentication_strengths`. `None`, or a body that is no list, stands for
    /// evidence that could not be read.
    ///
    /// # Errors
    ///
    /// [`NotAPolicyList`] when the first body has no array `value`.
    pub fn parse(
        policies: &Value,
        named_locations: Option<&Value>,
        authentication_strengths: Option<&Value>,
    ) -> Result<Self, NotAPolicyList> {
        let strengths = Strengths::parse(authentication_strengths);
        let list = policies
            .get("value")
            .and_then(Value::as_array)
            .ok_or(NotAPolicyList)?;
        Ok(Self {
            policies: list
                .iter()
                .map(|policy| policy_reader::policy(policy, &strengths))
                .collect(),
            locations: named_locations.and_then(NamedLocations::parse),
            incomplete: has_more_pages(policies),
            read_from_beta: policies
                .get("@odata.context")
                .and_then(Value::as_str)
                .is_some_and(|context| context.contains("/beta/")),
        })
    }

    /// The same with one policy more, or in the place of the one with its id; it counts as enabled whatever its state.
    #[must_use]
    pub fn with_draft(mut self, raw: &Value, name: &str, authentication_strengths: Option<&Value>) -> Self {
        let strengths = Strengths::parse(authentication_strengths);
        let mut draft = policy_reader::policy(raw, &strengths);
        draft.state = PolicyState::Enabled;
        draft.unrecognised.retain(|path| path != "state");
        if draft.name.is_empty() {
            name.clone_into(&mut draft.name);
        }
        if draft.id.is_empty() {
            draft.id.clone_from(&draft.name);
        }
        match self
            .policies
            .iter_mut()
            .find(|known| known.id.eq_ignore_ascii_case(&draft.id))
        {
            Some(known) => *known = draft,
            None => self.policies.push(draft),
        }
        self
    }

    /// How many policies there are, in whatever state.
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether the tenant has no policy.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && !self.incomplete
    }
}
