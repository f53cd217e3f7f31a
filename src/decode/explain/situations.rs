//! What stands beside a code and changes the advice: whose connection it is, whose right is missing: `tables/situations.yml`.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;
use serde::Deserialize;

use super::catalogue::owner_name;
use super::embedded::table;
use super::inferences::is_of_an_application;
use crate::decode::model::DecodedError;
use crate::decode::text::pattern;
use crate::portal;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    situations: Vec<Situation>,
}

/// Words, and what they change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Situation {
    /// In small letters, with a `|` between: one of these stands wherever the pattern matches.
    hint: String,
    #[serde(default)]
    pattern: String,
    /// The codes meant, in place of the categories.
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    /// Whether an application must have signed in as itself.
    #[serde(default)]
    by_itself: bool,
    /// Whether the code's own message is searched, and not the whole text.
    #[serde(default)]
    in_message: bool,
    /// In place of what the code usually means for Work 365.
    #[serde(default)]
    says: Option<String>,
    /// In place of the rules of the code.
    #[serde(default)]
    rules: Option<Vec<String>>,
    #[serde(default)]
    owner: Option<String>,
    #[serde(default)]
    first: Vec<String>,
    #[serde(default)]
    instead: Vec<String>,
    #[serde(default)]
    avoid: Option<String>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

/// The hints alone, without parsing the file: few texts have one.
static HINTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let lines = table("situations.yml").lines();
    lines
        .filter_map(|line| line.strip_prefix("- hint: "))
        .map(str::trim)
        .collect()
});

static SITUATIONS: LazyLock<Vec<Situation>> = LazyLock::new(|| {
    crate::embedded::value_of_yaml::<File>(&portal::expand(table("situations.yml")))
        .map(|file| file.situations)
        .unwrap_or_default()
});

/// Changes the advice of an error to the situation that its message, or the text around that, shows.
pub(crate) fn apply(error: &mut DecodedError, message: &str, text: &str) {
    let small = text.to_ascii_lowercase();
    if !HINTS.iter().any(|hint| has_one(&small, hint)) {
        return;
    }
    let situation = SITUATIONS.iter().find(|situation| {
        (situation.categories.contains(&error.category) || situation.codes.contains(&error.code))
            && has_one(&small, &situation.hint)
            && situation.is_shown(if situation.in_message { message } else { text })
    });
    let (Some(situation), Some(remedy)) = (situation, error.remedy.as_mut()) else {
        return;
    };
    if let Some(owner) = &situation.owner {
        owner_name(owner).clone_into(&mut remedy.owner);
    }
    if !situation.instead.is_empty() {
        remedy.steps.clone_from(&situation.instead);
        remedy.commands.clear();
    }
    remedy.steps.splice(0..0, situation.first.iter().cloned());
    remedy.before = portal::before(remedy.actions());
    if let Some(avoid) = &situation.avoid {
        remedy.avoid.clone_from(avoid);
    }
    if let Some(rules) = &situation.rules {
        error.rules.clone_from(rules);
    }
    if let Some(says) = &situation.says {
        error.say_instead(says);
    }
}

fn has_one(small: &str, hints: &str) -> bool {
    hints.split('|').any(|hint| small.contains(hint))
}

impl Situation {
    fn is_shown(&self, text: &str) -> bool {
        if self.by_itself && !is_of_an_application(text) {
            return false;
        }
        let build = || pattern::regex(&format!("(?i){}", self.pattern));
        let regex = self.regex.get_or_init(build).as_ref();
        regex.is_some_and(|regex| regex.is_match(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entry;
    use super::super::tables::CATEGORIES;
    use super::{HINTS, SITUATIONS};
    use crate::decode::text::pattern;

    #[test]
    fn every_situation_can_be_met() {
        assert!(SITUATIONS.len() >= 8);
        assert_eq!(HINTS.len(), SITUATIONS.len());
        for situation in SITUATIONS.iter() {
            assert!(HINTS.contains(&situation.hint.as_str()), "{}", situation.hint);
            assert!(
                pattern::regex(&situation.pattern).is_some(),
                "{}",
                situation.pattern
            );
            assert!(!situation.first.is_empty() || !situation.instead.is_empty());
            assert!(situation.categories.is_empty() != situation.codes.is_empty());
            assert!(situation.codes.iter().all(|code| entry(code).is_some()));
            assert!(
                situation
                    .categories
                    .iter()
                    .all(|category| CATEGORIES.contains(&category.as_str()))
            );
        }
    }
}
