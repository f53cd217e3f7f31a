//! What Microsoft enforces from a day on, or until one. The days, and what is said about them, are data in
//! `rules/enforcement.yaml`.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

use crate::embedded;

/// Read when first needed. The file is embedded and a test reads it; were it broken all the same, nothing is dated.
static CHANGES: LazyLock<Vec<DatedChange>> =
    LazyLock::new(|| embedded::data("rules/enforcement.yaml").unwrap_or_default());

/// One announced change of what is enforced.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DatedChange {
    /// Its name, one of those that the evaluator asks for.
    pub id: String,
    /// The grant control, by its name on the wire, that is no longer enforced; null when the change is about another
    /// part of a policy.
    #[serde(default)]
    pub control: Option<String>,
    /// The day of the change. It holds from the day after; on the day itself both are said.
    pub date: Date,
    /// What is said on the day; `{policy}` and `{controls}` are filled in.
    pub on_the_day: String,
    /// What is said afterwards.
    pub afterwards: String,
    /// Microsoft's page.
    pub source: String,
    /// The day on which somebody last compared this with that page.
    pub checked: Date,
}

/// Where a day stands to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Before,
    OnTheDay,
    Afterwards,
}

impl DatedChange {
    pub(super) fn standing(&self, day: Date) -> Standing {
        match day.cmp(&self.date) {
            std::cmp::Ordering::Less => Standing::Before,
            std::cmp::Ordering::Equal => Standing::OnTheDay,
            std::cmp::Ordering::Greater => Standing::Afterwards,
        }
    }

    /// What is to be said about it on a day, of one policy; nothing before.
    pub(super) fn note(&self, day: Date, policy: &str, controls: &[String]) -> Option<String> {
        let words = match self.standing(day) {
            Standing::Before => return None,
            Standing::OnTheDay => &self.on_the_day,
            Standing::Afterwards => &self.afterwards,
        };
        Some(
            words
                .replace("{controls}", &controls.join(", "))
                .replace("{policy}", policy),
        )
    }
}

/// What Microsoft enforces from a day on, or until one.
pub fn dated_changes() -> &'static [DatedChange] {
    &CHANGES
}

/// The change of this name.
pub(super) fn change(id: &str) -> Option<&'static DatedChange> {
    dated_changes().iter().find(|change| change.id == id)
}

/// The change that ends the enforcement of a grant control.
pub(super) fn end_of(control: &str) -> Option<&'static DatedChange> {
    dated_changes()
        .iter()
        .find(|change| change.control.as_deref() == Some(control))
}

/// Sign-ins for basic scopes alone are no longer spared by "all resources" policies that leave a resource out.
pub(super) const BASIC_SCOPES: &str = "all-resources-basic-scopes";

/// Whether such sign-ins are reached, or may be, on a day: from the day of the change on.
pub(super) fn basic_scopes_are_enforced(day: Date) -> bool {
    change(BASIC_SCOPES).is_some_and(|change| change.standing(day) != Standing::Before)
}

/// Whether a grant control, by its name on the wire, is still enforced on a day.
pub fn is_enforced(control: &str, day: Date) -> bool {
    end_of(control).is_none_or(|change| change.standing(day) != Standing::Afterwards)
}
