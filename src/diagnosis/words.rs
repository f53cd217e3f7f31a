//! The sentences of the diagnosis and the profiles, read from `rules/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::report::Guidance;
use crate::profile::Profile;
use crate::text::fill;
use crate::timeline::Catalogue;

/// Everything that the diagnosis says in its own voice.
#[derive(Debug)]
pub struct Words {
    pub(super) diagnosis: DiagnosisWords,
    pub(super) timeline: Catalogue,
    profiles: BTreeMap<Profile, ProfileWords>,
}

/// `rules/diagnosis.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DiagnosisWords {
    pub headline: Headlines,
    pub next_step: NextSteps,
    pub need: Needs,
    pub password: BTreeMap<String, String>,
    pub error: JoinWords,
    pub hand_off: HandOff,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HandOff {
    pub opening: String,
    pub r#where: String,
    pub closing: String,
    pub support: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Headlines {
    pub one: String,
    pub many: String,
    pub pending: String,
    pub incomplete: String,
    pub unexplained: String,
    pub healthy: String,
    pub healthy_in_part: String,
    pub healthy_with_notes: String,
    pub no_verdict: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NextSteps {
    pub fix: String,
    pub wait: String,
    pub read: String,
    pub open: String,
    pub healthy: String,
    pub no_verdict: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct JoinWords {
    pub explained: String,
    pub contradicted: String,
    pub no_fault: String,
    pub open: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Needs {
    pub permission: String,
    pub role: String,
    pub license: String,
    pub all: String,
}

/// `rules/profiles/<name>.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileWords {
    /// The profile.
    pub name: Profile,
    /// What it asks for, in one line.
    pub summary: String,
    /// The vendor's article behind it.
    pub guidance: Guidance,
    /// Said when the evidence speaks for it and another was asked.
    pub hint: String,
    /// The step that then opens the remedies concerned.
    pub remedy_hint: String,
    /// What to do after the fix.
    pub checklist: Vec<ChecklistItem>,
}

/// One step after the fix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// The step.
    pub text: String,
    /// Only after a root cause of this area.
    pub when: Option<String>,
}

impl Words {
    /// The built-in words.
    ///
    /// # Errors
    ///
    /// A message naming the file that is not as it should be; a test keeps that from happening.
    pub fn builtin() -> Result<Self, String> {
        let diagnosis = parse("rules/diagnosis.yaml", include_str!("../../rules/diagnosis.yaml"))?;
        let files = [
            (
                "rules/profiles/legacy-password.yaml",
                include_str!("../../rules/profiles/legacy-password.yaml"),
            ),
            (
                "rules/profiles/consent.yaml",
                include_str!("../../rules/profiles/consent.yaml"),
            ),
            (
                "rules/profiles/application-user.yaml",
                include_str!("../../rules/profiles/application-user.yaml"),
            ),
        ];
        let mut profiles = BTreeMap::new();
        for (file, text) in files {
            let words: ProfileWords = parse(file, text)?;
            profiles.insert(words.name, words);
        }
        for profile in Profile::ALL {
            if !profiles.contains_key(&profile) {
                return Err(format!("rules/profiles has no words for `{profile}`"));
            }
        }
        Ok(Self {
            diagnosis,
            timeline: Catalogue::builtin()?,
            profiles,
        })
    }

    /// The words of a profile.
    pub fn profile(&self, profile: Profile) -> Option<&ProfileWords> {
        self.profiles.get(&profile)
    }

    /// How a password verdict is said.
    pub fn password(&self, word: &str) -> String {
        self.diagnosis
            .password
            .get(word)
            .cloned()
            .unwrap_or_else(|| word.to_owned())
    }

    /// The first sentence of a message to the person who must act.
    pub fn hand_off_opening(&self, account: &str, environment: Option<&str>, captured_at: &str) -> String {
        let words = &self.diagnosis.hand_off;
        let place = environment
            .map(|environment| fill(&words.r#where, &[("environment", environment)]))
            .unwrap_or_default();
        fill(
            &words.opening,
            &[
                ("account", account),
                ("where", &place),
                ("captured_at", captured_at),
            ],
        )
    }

    /// The last sentence of that message.
    pub fn hand_off_closing(&self) -> &str {
        &self.diagnosis.hand_off.closing
    }

    /// What a customer sends to support, and what never.
    pub fn support(&self) -> &str {
        &self.diagnosis.hand_off.support
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, String> {
    serde_saphyr::from_str(text).map_err(|error| format!("{file}: {error}"))
}

/// `3 checks` or `1 check`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("{number} {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use crate::profile::Profile;

    #[test]
    fn the_built_in_words_are_complete() {
        let words = Words::builtin().unwrap();
        for profile in Profile::ALL {
            let words = words.profile(profile).unwrap();
            assert_eq!(words.name, profile);
            assert!(words.checklist.len() >= 3);
        }
        for word in ["accepted", "rejected", "expired", "locked", "unknown"] {
            assert!(words.diagnosis.password.contains_key(word));
        }
    }
}
