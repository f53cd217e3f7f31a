//! Whether a fact is the same for two accounts: what is compared, and what each account has its own of.

use super::definition::Comparable;
use super::reading::{Reason, Unknown};
use super::table::{FactId, Facts};
use super::value::FactValue;

/// How a fact of one account relates to the same fact of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness<'a> {
    /// The same.
    Same,
    /// Known on both sides, and not the same.
    Different,
    /// Known there only; what stood in the way here.
    UnknownHere(&'a Unknown),
    /// Known here only; what stood in the way there.
    UnknownThere(&'a Unknown),
    /// Known on neither side, or asked on one side only because the user said what to expect.
    Unknown,
    /// Each account has its own; whether the two readings are the same all the same.
    Own {
        /// They are, so that there is nothing to mention.
        alike: bool,
    },
}

impl Facts<'_> {
    /// Compares one fact with the same fact of another account.
    pub fn likeness<'a>(&'a self, there: &'a Facts<'_>, id: FactId) -> Likeness<'a> {
        let (here, there) = (self.get(id), there.get(id));
        let comparable = id.definition().comparable();
        if comparable == Comparable::Nothing {
            return Likeness::Own {
                alike: here.is_err() || there.is_err() || here == there,
            };
        }
        match (here, there) {
            (Ok(here), Ok(there)) if is_same(comparable, here, there) => Likeness::Same,
            (Ok(_), Ok(_)) => Likeness::Different,
            (Err(unknown), Ok(_)) if is_about_evidence(unknown) => Likeness::UnknownHere(unknown),
            (Ok(_), Err(unknown)) if is_about_evidence(unknown) => Likeness::UnknownThere(unknown),
            _ => Likeness::Unknown,
        }
    }
}

fn is_same(comparable: Comparable, here: &FactValue, there: &FactValue) -> bool {
    match (comparable, here, there) {
        (Comparable::Presence, here, there) => says_something(here) == says_something(there),
        // Lists come in the order of the services, which differs from run to run.
        (_, FactValue::Texts(here), FactValue::Texts(there)) => sorted(here) == sorted(there),
        (_, here, there) => here == there,
    }
}

fn says_something(value: &FactValue) -> bool {
    match value {
        FactValue::Null => false,
        FactValue::Texts(texts) => !texts.is_empty(),
        _ => true,
    }
}

fn sorted(texts: &[String]) -> Vec<&str> {
    let mut sorted: Vec<&str> = texts.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}

/// An expectation that was given for one account only says nothing about the evidence of either.
fn is_about_evidence(reading: &Unknown) -> bool {
    let causes = reading.causes();
    causes
        .iter()
        .any(|cause| cause.reason != Reason::ExpectationMissing)
}

#[cfg(test)]
mod tests {
    use super::{Comparable, Likeness};
    use crate::facts::{FactValue, Facts, Kind, Reading, Reason, Unknown, definitions, find};

    fn likeness(name: &str, here: Reading<FactValue>, there: Reading<FactValue>) -> String {
        let id = find(name).unwrap();
        let (here, there) = (Facts::given([(id, here)]), Facts::given([(id, there)]));
        match here.likeness(&there, id) {
            Likeness::UnknownHere(_) => "unknown here".to_owned(),
            Likeness::UnknownThere(_) => "unknown there".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn values_are_compared_lists_whatever_their_order() {
        assert_eq!(likeness("user.enabled", Ok(true.into()), Ok(true.into())), "Same");
        assert_eq!(
            likeness("user.enabled", Ok(true.into()), Ok(false.into())),
            "Different"
        );
        let list = |names: &[&str]| {
            Ok(FactValue::from(
                names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(),
            ))
        };
        assert_eq!(
            likeness("mfa.methods", list(&["a", "b"]), list(&["b", "a"])),
            "Same"
        );
        assert_eq!(
            likeness("mfa.methods", list(&["a", "b"]), list(&["b"])),
            "Different"
        );
    }

    #[test]
    fn of_a_tenants_own_words_only_the_presence_is_compared() {
        let fact = "conditional_access.mfa_policies";
        let list = |name: &str| Ok(FactValue::from(vec![name.to_owned()]));
        assert_eq!(likeness(fact, list("MFA for all"), list("Require MFA")), "Same");
        assert_eq!(
            likeness(fact, list("MFA for all"), Ok(Vec::<String>::new().into())),
            "Different"
        );
    }

    #[test]
    fn what_could_not_be_read_on_one_side_is_no_difference() {
        let denied = || Err(Unknown::because("graph.user", Reason::Denied, "403"));
        assert_eq!(
            likeness("user.enabled", denied(), Ok(true.into())),
            "unknown here"
        );
        assert_eq!(
            likeness("user.enabled", Ok(true.into()), denied()),
            "unknown there"
        );
        assert_eq!(likeness("user.enabled", denied(), denied()), "Unknown");
        let unasked = || {
            Err(Unknown::because(
                "arguments",
                Reason::ExpectationMissing,
                "--time-zone",
            ))
        };
        assert_eq!(
            likeness("settings.time_zone_matches", Ok(true.into()), unasked()),
            "Unknown"
        );
    }

    #[test]
    fn times_ids_and_names_are_each_accounts_own() {
        for fact in definitions() {
            let is_id = fact.name.ends_with("_id") || fact.name.ends_with(".id");
            // Work 365's own application ids are the vendor's: the same ones in every tenant.
            let is_vendors = fact.name.starts_with("consent.application_id");
            if fact.kind == Kind::Time || (is_id && !is_vendors) {
                assert_eq!(fact.comparable(), Comparable::Nothing, "{}", fact.name);
            }
        }
        assert_eq!(
            likeness("user_row.id", Ok("1".into()), Ok("2".into())),
            "Own { alike: false }"
        );
    }
}
