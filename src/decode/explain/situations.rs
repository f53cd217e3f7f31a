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
    use crate::decode::decode_text;
    use crate::decode::text::pattern;

    #[test]
    fn what_stands_beside_a_code_decides_its_advice() {
        let blocked = "AADSTS53003: Access has been blocked by Conditional Access policies.";
        for (text, step, rules) in [
            (
                format!("Failed to refresh access token for service: onedrive. Error: {blocked}"),
                "Fix connection",
                Some(0),
            ),
            (
                "Error from token exchange: AADSTS700082: The refresh token has expired due to inactivity.".to_owned(),
                "Fix connection",
                Some(0),
            ),
            (
                format!("Sign-in as a service principal: {blocked}"),
                "exclude the service principal",
                None,
            ),
            (
                format!("The workload identity of our pipeline gets {blocked}"),
                "exclude the service principal",
                None,
            ),
            (format!("The user was refused: {blocked}"), "exclude the service account", None),
            (
                "AADSTS50158: External security challenge not satisfied: Terms of Use pending.".to_owned(),
                "demands the terms of use",
                Some(1),
            ),
            (
                "AADSTS50158: External security challenge not satisfied.".to_owned(),
                "grant control is external",
                Some(3),
            ),
            (
                "AADSTS70000: The account was found in service abuse mode.".to_owned(),
                "Microsoft support",
                Some(0),
            ),
            (
                "AADSTS50079: You must enroll in multi-factor authentication to access '797f4846-ba00-4fd7-ba43-dac1f8f63013'."
                    .to_owned(),
                "managed identity",
                Some(0),
            ),
            (
                "AADSTS50079: You must enroll in multi-factor authentication. A login to 797f4846-ba00-4fd7-ba43-dac1f8f63013 works."
                    .to_owned(),
                "register a method",
                None,
            ),
            (
                "Your organization needs more information to keep your account secure".to_owned(),
                "register a method",
                Some(3),
            ),
            (
                "Ihre Organisation benötigt weitere Informationen, um Ihr Konto zu schützen.".to_owned(),
                "register a method",
                Some(3),
            ),
            (
                "Uw organisatie heeft meer informatie nodig om uw account te beveiligen".to_owned(),
                "register a method",
                Some(3),
            ),
            (
                "AADSTS7000112: Application '00000007-0000-0000-c000-000000000000' (Dataverse) is disabled.".to_owned(),
                "Dataverse or Dynamics CRM",
                Some(1),
            ),
            (
                r#"{"error":{"code":"0x8006088a","message":"Resource not found for the segment 'acounts'."}}"#.to_owned(),
                "$metadata",
                None,
            ),
            (
                r#"{"error":{"code":"0x80060888","message":"Skip Clause is not supported in CRM"}}"#.to_owned(),
                "odata.nextLink",
                None,
            ),
        ] {
            let error = decode_text(text.as_bytes()).errors.remove(0);
            let steps = error.remedy.map(|remedy| remedy.steps.join(" ")).unwrap_or_default();
            assert!(steps.contains(step), "{text}\n{steps}");
            assert!(rules.is_none_or(|rules| rules == error.rules.len()), "{text}: {:?}", error.rules);
        }
    }

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
