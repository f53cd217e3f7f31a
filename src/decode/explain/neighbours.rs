//! What can be said about a code that the catalogue does not explain: `tables/undocumented.yml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded::table;
use super::tables::TABLES;
use crate::decode::model::Family;
use crate::portal;
use crate::remedy::Remedy;

/// How many neighbours are named.
const NAMED: usize = 3;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for the reader of the file")]
    checked: String,
    unlisted: String,
    listed: String,
    near: String,
    families: BTreeMap<String, OfFamily>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfFamily {
    about: String,
    remedy: Remedy,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    crate::embedded::value_of_yaml(&portal::expand(table("undocumented.yml"))).unwrap_or_default()
});

/// What the family and the neighbours of an Entra or Dataverse code are about; none for codes of other families.
pub(crate) fn of(code: &str) -> Option<String> {
    let family = FILE.families.get(Family::of(code).word())?;
    let listed = TABLES
        .known(code)
        .filter(|known| known.documented && !known.name.is_empty());
    let first = match listed {
        Some(known) => FILE.listed.replace("{name}", known.name),
        None => FILE.unlisted.clone(),
    };
    let rest = near(code).unwrap_or_else(|| family.about.clone());
    Some(format!("{first} {rest}").replace("{code}", code))
}

/// What to send to whom about such a code.
pub(crate) fn remedy(code: &str) -> Option<Remedy> {
    let family = FILE.families.get(Family::of(code).word())?;
    Some(family.remedy.clone())
}

/// A sentence about the published codes next to a code; none when nothing published is near, or when what is near is about something
/// else than the published name of the code itself.
fn near(code: &str) -> Option<String> {
    let own = TABLES
        .known(code)
        .map(|known| known.category)
        .filter(|own| *own != "other");
    let prefix = match Family::of(code) {
        Family::Aadsts => "AADSTS",
        Family::Dataverse => "0x",
        _ => return None,
    };
    let digits = code.strip_prefix(prefix)?;
    // Codes were given out in blocks: the longest common start with published codes is the block.
    let longest = digits.len().checked_sub(1)?;
    let shortest = if prefix == "0x" {
        5
    } else {
        digits.len().saturating_sub(2).max(3)
    };
    (shortest..=longest).rev().find_map(|length| {
        let start = format!("{prefix}{}", digits.get(..length)?);
        let mut near: Vec<_> = TABLES
            .codes()
            .filter(|known| {
                known.documented
                    && known.code != code
                    && known.code.len() == code.len()
                    && known.code.starts_with(&start)
            })
            .collect();
        near.sort_by_key(|known| (!known.relevant, known.code));
        let first = near.first()?;
        let category = first.category;
        if own.is_some_and(|own| own != category) {
            return None;
        }
        let same: Vec<&str> = near
            .iter()
            .filter(|known| known.category == category)
            .map(|known| known.code)
            .take(NAMED)
            .collect();
        let said = FILE.near.replace("{codes}", &same.join(", "));
        Some(said.replace("{category}", category))
    })
}

#[cfg(test)]
mod tests {
    use super::{of, remedy};

    #[test]
    fn neighbours_are_named_and_nothing_is_claimed_about_the_code_itself() {
        let says = of("AADSTS53012").unwrap();
        assert!(
            says.contains("AADSTS5301") && says.contains("AADSTS53012"),
            "{says}"
        );
        assert_eq!(of("OAuth:invalid_grant"), None);
    }

    #[test]
    fn every_code_without_an_entry_has_a_family_and_somebody_to_ask() {
        for code in ["AADSTS50999", "AADSTS123456", "0x8006ffff", "0x80040999"] {
            let says = of(code).unwrap();
            assert!(
                says.starts_with(&format!("Nothing is published about {code}.")),
                "{says}"
            );
            assert!(!says.contains('{'), "{says}");
            assert!(remedy(code).unwrap().steps.len() >= 2);
        }
        let listed = of("AADSTS700007").unwrap();
        assert!(!listed.contains("about tenant"), "{listed}");
        let listed = of("0x8005f213").unwrap();
        assert!(
            listed.starts_with("The published list has 0x8005f213 as "),
            "{listed}"
        );
    }
}
