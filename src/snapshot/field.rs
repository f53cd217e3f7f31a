//! JSON values with Microsoft's habits: null and missing told apart.

use std::cell::Cell;

use serde::de::{Deserialize, Deserializer};

/// A property of a service's answer.
///
/// Graph leaves out what was not selected and writes `null` for what is unset or hidden from the caller: the first says
/// nothing, the second may be an answer. A model that mixes them up reports a healthy account as blocked.
///
/// There is no default: a property that is absent carries its own name, and whoever reads it as if it were there
/// ([`value`](Field::value), [`text`](Field::text), [`items`](Field::items)) leaves a note, see `noting_absence`: no
/// verdict rests on it, whether or not its author thought of that. [`known`](Field::known) leaves none, for callers
/// that say themselves what absence means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// The answer does not have the property.
    Missing(Absent),
    /// The property is there, and null.
    Null,
    /// The property has a value.
    Value(T),
}

/// A property that an answer does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Absent {
    /// The section of the answer.
    pub section: &'static str,
    /// The property, as the model calls it.
    name: &'static str,
    /// How the service spells what the model calls `snake_case`.
    style: &'static str,
}

impl Absent {
    /// The property's name as the service spells it.
    pub fn property(&self) -> String {
        if self.style == "snake_case" {
            return self.name.to_owned();
        }
        let words = self.name.split('_').enumerate().map(|(position, word)| {
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if position > 0 || self.style == "PascalCase" => {
                    first.to_uppercase().chain(letters).collect()
                }
                _ => word.to_owned(),
            }
        });
        words.collect()
    }
}

thread_local! {
    /// The section that is being parsed.
    static SECTION: Cell<&'static str> = const { Cell::new("") };
    /// The first absent property that was read as if it were there.
    static NOTED: Cell<Option<Absent>> = const { Cell::new(None) };
}

/// Parses a section's body: what is absent in it will name the section.
pub(super) fn within_section<T>(section: &'static str, parse: impl FnOnce() -> T) -> T {
    let outer = SECTION.replace(section);
    let parsed = parse();
    SECTION.set(outer);
    parsed
}

/// Computes something, with the first absent property that the computation read as if it were there.
pub(crate) fn noting_absence<T>(compute: impl FnOnce() -> T) -> (T, Option<Absent>) {
    let outer = NOTED.replace(None);
    let computed = compute();
    (computed, NOTED.replace(outer))
}

/// What the absence of a property means, where it means something.
///
/// Each is documented by the service, or is so by the form of the answer itself. Everywhere else absence says nothing.
const MEANS_NULL: &[(&str, &str)] = &[
    // An environment without Dataverse has no such property.
    // Source: https://learn.microsoft.com/power-platform/admin/control-user-access
    ("admin.environment", "linked_environment_metadata"),
    // A token carries the claims of its version and kind only.
    // Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    ("graph.operator", "upn"),
    ("graph.operator", "preferred_username"),
    ("graph.operator", "ipaddr"),
    ("graph.operator", "scp"),
    ("graph.operator", "amr"),
    ("graph.operator", "roles"),
    // A success has no error, and an error no token.
    // Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
    ("login.probe", "*"),
    // A question may be asked without an address or a country.
    // Source: https://learn.microsoft.com/graph/api/resources/signinconditions
    ("graph.conditional_access_evaluation", "ip_address"),
    ("graph.conditional_access_evaluation", "country"),
    // The place of an address is not always known.
    // Source: https://learn.microsoft.com/graph/api/resources/signin
    ("graph.sign_ins", "location"),
    ("graph.sign_ins", "country_or_region"),
    // The full list of privileges was asked for, not certain ones.
    // Source: https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges
    ("dataverse.user_privileges", "asked"),
    ("dataverse.user_privileges_cached", "asked"),
    ("dataverse.operator_privileges", "asked"),
    // An active role has a template, an eligibility a definition; a group has neither.
    // Source: https://learn.microsoft.com/graph/api/resources/unifiedroleeligibilityschedule
    ("graph.eligible_roles", "role_template_id"),
    ("graph.directory_roles", "role_definition_id"),
];

#[cfg(test)]
thread_local! {
    static WHOLE: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, the answers of a unit test stand for whole ones, in which everything that they leave out is null.
#[cfg(test)]
pub(crate) struct WholeAnswers(());

/// Starts that for the test that runs on this thread.
#[cfg(test)]
pub(crate) fn whole_answers() -> WholeAnswers {
    WHOLE.set(true);
    WholeAnswers(())
}

#[cfg(test)]
impl Drop for WholeAnswers {
    fn drop(&mut self) {
        WHOLE.set(false);
    }
}

impl<T> Field<T> {
    /// A property that is not in the answer: nothing, or what absence means for it.
    pub(super) fn absent(style: &'static str, name: &'static str) -> Self {
        let section = SECTION.get();
        let means_null =
            |&(known, property): &(&str, &str)| known == section && (property == name || property == "*");
        if MEANS_NULL.iter().any(means_null) {
            return Field::Null;
        }
        #[cfg(test)]
        if WHOLE.get() {
            return Field::Null;
        }
        Field::Missing(Absent { section, name, style })
    }

    /// The value, if there is one; that the property is absent is noted.
    pub fn value(&self) -> Option<&T> {
        if let Field::Missing(absent) = self {
            NOTED.set(NOTED.get().or(Some(*absent)));
        }
        self.known()
    }

    /// The value, if there is one, for a caller that says itself what null and absence mean.
    pub fn known(&self) -> Option<&T> {
        match self {
            Field::Value(value) => Some(value),
            Field::Missing(_) | Field::Null => None,
        }
    }

    /// Whether the answer lacks the property.
    pub fn is_missing(&self) -> bool {
        matches!(self, Field::Missing(_))
    }
}

impl Field<String> {
    /// The text, if there is one and it is not blank, without blanks around it; that the property is absent is noted.
    pub fn text(&self) -> Option<&str> {
        self.value()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }
}

impl<T> Field<Vec<T>> {
    /// The elements; none when the list is null or absent, which is noted.
    pub fn items(&self) -> &[T] {
        self.value().map_or(&[], Vec::as_slice)
    }
}

/// The typed body of a section.
pub trait Body {
    /// Whether it has none of the properties that are read: then it is no answer to the section's question.
    fn says_nothing(&self) -> bool;

    /// What the absence of a property means may depend on what was `asked` for, which the list around it says.
    fn settle(&mut self, _asked: bool) {}
}

impl Body for serde_json::Value {
    fn says_nothing(&self) -> bool {
        self.as_object().is_none_or(serde_json::Map::is_empty)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Field::Null, Field::Value))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    #![expect(unreachable_pub, reason = "bodies are public")]

    use super::{Field, noting_absence, within_section};
    use crate::snapshot::{Collection, Single};

    body!(
        "camelCase",
        /// A body with two properties.
        Sample {
            /// Text.
            some_id: String,
            /// Truth.
            on: bool,
        }
    );

    fn sample(text: &str) -> Sample {
        within_section("graph.user", || serde_json::from_str(text)).unwrap()
    }

    #[test]
    fn null_absent_and_present_are_three_things() {
        let sample = sample(r#"{"someId":null}"#);
        assert_eq!(sample.some_id, Field::Null);
        assert!(sample.on.is_missing());
        assert_eq!(super::tests::sample(r#"{"on":false}"#).on, Field::Value(false));
    }

    #[test]
    fn who_reads_an_absent_property_leaves_a_note_that_names_it() {
        let sample = sample(r#"{"on":true}"#);
        let (text, absent) = noting_absence(|| sample.some_id.text().map(str::to_owned));
        assert_eq!(text, None);
        let absent = absent.unwrap();
        assert_eq!(
            (absent.section, absent.property().as_str()),
            ("graph.user", "someId")
        );
        assert_eq!(noting_absence(|| sample.on.value().copied()), (Some(true), None));
        assert_eq!(noting_absence(|| sample.some_id.known().cloned()), (None, None));
        let (_, outer) = noting_absence(|| noting_absence(|| sample.some_id.text().is_some()));
        assert_eq!(outer, None);
    }

    #[test]
    fn a_single_object_is_read_bare_wrapped_in_a_list_or_wrapped_in_an_object() {
        for text in [
            r#"{"someId":"x"}"#,
            r#"{"value":[{"someId":"x"}]}"#,
            r#"{"value":{"someId":"x"}}"#,
        ] {
            let single: Single<Sample> = serde_json::from_str(text).unwrap();
            assert_eq!(single.0.unwrap().some_id.text(), Some("x"), "{text}");
        }
        assert!(
            serde_json::from_str::<Single<Sample>>(r#"{"value":[]}"#)
                .unwrap()
                .0
                .is_none()
        );
    }

    #[test]
    fn a_collection_without_its_list_is_an_error() {
        assert!(serde_json::from_str::<Collection<Sample>>("{}").is_err());
    }
}
