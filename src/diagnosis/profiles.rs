//! Whose guidance decides: the profile that the user named, or the one that the evidence speaks for.
//!
//! The ladder: what the account is, what Work 365 displays, how it signs in, what it was given, what was refused; the guidance
//! of 2018 where nothing speaks. A rung that could not be read is passed over, and the line says so.

use super::report::SpeaksFor;
use super::words::ProfileLines;
use crate::facts::{self, FactValue, Facts, Reason};
use crate::profile::{Choice, Profile};
use crate::text::fill;

/// One rung of the ladder: a fact, and the profile that it speaks for when it is true or set.
struct Rung {
    fact: &'static str,
    profile: Profile,
}

const LADDER: [Rung; 10] = [
    rung("profile.is_application_id", Profile::ApplicationUser),
    rung("profile.configured_application", Profile::ApplicationUser),
    rung("profile.application_sign_in", Profile::ApplicationUser),
    rung("profile.work_365_sign_in", Profile::Consent),
    rung("profile.work_365_refused", Profile::Consent),
    rung("profile.password_sign_in", Profile::LegacyPassword),
    rung("profile.application_user", Profile::ApplicationUser),
    rung("profile.consent", Profile::Consent),
    rung("profile.consent_role", Profile::Consent),
    rung("profile.stored_token_refused", Profile::Consent),
];

const fn rung(fact: &'static str, profile: Profile) -> Rung {
    Rung { fact, profile }
}

/// The profile that decides.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub profile: Profile,
    /// "judged as … because …".
    pub line: String,
    /// Another profile that the evidence speaks for, when the user named one.
    pub hint: Option<Profile>,
    /// Whether nothing speaks for it, or for any other.
    pub is_default: bool,
    /// The profiles that a rung which could not be read may still speak for; the chosen one alone when none was passed over.
    pub possible: Vec<Profile>,
}

/// What a rung says.
enum Step {
    Speaks(FactValue),
    Silent,
    /// The section that could not be read.
    Unread(String),
}

fn look(facts: &Facts<'_>, rung: &Rung) -> Step {
    let Some(id) = facts::find(rung.fact) else {
        return Step::Silent;
    };
    match facts.get(id) {
        Ok(FactValue::Bool(false) | FactValue::Null) => Step::Silent,
        Ok(value) => Step::Speaks(value.clone()),
        Err(unknown) => match unknown.causes().first() {
            // An answer that holds nothing on the matter is no answer to wait for.
            Some(cause) if !matches!(cause.reason, Reason::NotFound | Reason::ExpectationMissing) => {
                Step::Unread(cause.section.clone())
            }
            _ => Step::Silent,
        },
    }
}

pub(super) fn choose(choice: Choice, facts: &Facts<'_>, words: &ProfileLines) -> Chosen {
    match choice {
        Choice::Named(profile) => named(profile, facts, words),
        Choice::Auto => by_evidence(facts, words),
    }
}

fn named(profile: Profile, facts: &Facts<'_>, words: &ProfileLines) -> Chosen {
    let suggested = facts::find("profile.suggested").and_then(|id| facts.get(id).as_ref().ok());
    let hint: Option<Profile> = suggested
        .and_then(FactValue::in_words)
        .and_then(|name| name.parse().ok())
        .filter(|suggested| *suggested != profile);
    let reason = hint.and_then(|hint| {
        let mut rungs = LADDER.iter().filter(|rung| rung.profile == hint);
        rungs.find_map(|rung| match look(facts, rung) {
            Step::Speaks(value) => Some(reason(words, rung.fact, &value)),
            Step::Silent | Step::Unread(_) => None,
        })
    });
    let line = match hint.zip(reason) {
        Some((hint, reason)) => fill(
            &words.named_but,
            &[
                ("profile", profile.name()),
                ("reason", &reason),
                ("other", hint.name()),
            ],
        ),
        None => fill(&words.named, &[("profile", profile.name())]),
    };
    Chosen {
        profile,
        line,
        hint,
        is_default: false,
        possible: vec![profile],
    }
}

fn by_evidence(facts: &Facts<'_>, words: &ProfileLines) -> Chosen {
    let is_known_person = facts.is_true("profile.configured_account");
    let mut unread: Option<String> = None;
    let mut possible = Vec::new();
    let allowed = |rung: &&Rung| {
        // Work 365 displays an address: whatever application there is, it is not the one that is used.
        !(is_known_person && rung.profile == Profile::ApplicationUser && rung.fact != LADDER[0].fact)
    };
    for rung in LADDER.iter().filter(allowed) {
        match look(facts, rung) {
            Step::Silent => {}
            Step::Unread(section) => {
                unread.get_or_insert(section);
                possible.push(rung.profile);
            }
            Step::Speaks(value) => {
                let reason = reason(words, rung.fact, &value);
                let line = fill(
                    &words.line,
                    &[("profile", rung.profile.name()), ("reason", &reason)],
                );
                return chosen(rung.profile, line, unread, possible, words);
            }
        }
    }
    let profile = Profile::LegacyPassword;
    let line = fill(&words.default, &[("profile", profile.name())]);
    Chosen {
        is_default: true,
        ..chosen(profile, line, unread, possible, words)
    }
}

fn chosen(
    profile: Profile,
    line: String,
    unread: Option<String>,
    mut possible: Vec<Profile>,
    words: &ProfileLines,
) -> Chosen {
    possible.push(profile);
    possible.sort_unstable();
    possible.dedup();
    let line = match unread.filter(|_| possible.len() > 1) {
        Some(section) => fill(&words.skipped, &[("line", &line), ("section", &section)]),
        None => line,
    };
    Chosen {
        profile,
        line,
        hint: None,
        is_default: false,
        possible,
    }
}

fn reason(words: &ProfileLines, fact: &str, value: &FactValue) -> String {
    let template = words.reasons.get(fact).map_or(fact, String::as_str);
    fill(template, &[("value", &value.in_words().unwrap_or_default())])
}

/// Every fact that speaks for the profile.
pub(super) fn speaks_for(profile: Profile, facts: &Facts<'_>) -> Vec<SpeaksFor> {
    let rungs = LADDER.iter().filter(|rung| rung.profile == profile);
    rungs
        .filter_map(|rung| match look(facts, rung) {
            Step::Speaks(value) => Some(SpeaksFor {
                fact: rung.fact.to_owned(),
                value: serde_json::to_value(&value).unwrap_or_default(),
                section: facts::find(rung.fact)
                    .map(|id| facts.source(id).0.to_owned())
                    .unwrap_or_default(),
            }),
            Step::Silent | Step::Unread(_) => None,
        })
        .collect()
}
