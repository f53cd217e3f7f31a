//! The sentences of the diagnosis and the profiles, read from `rules/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::access::Access;
use super::report::{Guidance, Report, Status};
use crate::embedded;
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::upcoming::{self, UpcomingWords};
use crate::text::{fill, is_environment};
use crate::timeline::Catalogue;

/// Everything that the diagnosis says in its own voice.
#[derive(Debug)]
pub struct Words {
    pub(super) diagnosis: DiagnosisWords,
    pub(super) timeline: Catalogue,
    pub(super) upcoming: UpcomingWords,
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
    /// Rules whose remedy may be a new password although the present one is accepted.
    pub new_password: Vec<String>,
    pub error: JoinWords,
    pub hand_off: HandOff,
    pub ask: AskWords,
    pub question: String,
    pub stale_evidence: StaleEvidence,
    pub profile: ProfileLines,
    /// Kinds of changes of the timeline, by code, else by its category.
    pub mended_by: BTreeMap<String, Vec<String>>,
    /// Rules that look at faults of the same kind, by category of the code.
    pub same_kind: BTreeMap<String, Vec<String>>,
    /// What keeps those who usually act from this one account.
    pub protected: Vec<Protection>,
}

/// What an account has that takes it out of the hands of those who usually act.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Protection {
    /// The fact that says so.
    pub fact: String,
    /// Ids of `rules/owners.yaml` that it binds.
    pub owners: Vec<String>,
    /// Ids of the rules whose remedy it concerns.
    pub rules: Vec<String>,
    /// Said before the steps.
    pub says: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AskWords {
    pub opening: String,
    pub found: String,
    pub act: String,
    pub act_unless: String,
    pub proof: String,
    pub look: String,
    pub item: String,
    pub nothing: String,
    pub closing: String,
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
    pub pending_refusal: String,
    pub cause_not_read: String,
    pub incomplete: String,
    pub unsettled: String,
    pub as_reported: String,
    pub unexplained: String,
    pub healthy: String,
    pub healthy_in_part: String,
    pub healthy_with_notes: String,
    pub healthy_unsettled: String,
    pub undecided: String,
    pub refused_all_the_same: String,
    pub stale: String,
    pub no_verdict: BTreeMap<Access, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NextSteps {
    pub fix: String,
    pub cause_first: String,
    pub wait: String,
    pub refused_all_the_same: String,
    pub run_one_job: String,
    pub read: String,
    pub open: String,
    pub healthy: String,
    pub all_at_once: String,
    pub identity: String,
    pub ask: String,
    pub as_reported: String,
    pub no_verdict: BTreeMap<Access, String>,
}

/// When evidence is old, and how that is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StaleEvidence {
    pub after_days: i64,
}

/// Whose guidance decided, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ProfileLines {
    pub line: String,
    pub named: String,
    pub named_but: String,
    pub default: String,
    pub skipped: String,
    /// By the name of the fact that speaks.
    pub reasons: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct JoinWords {
    pub explained: String,
    pub stranger: String,
    pub one_person: String,
    pub provider: String,
    pub before_job: String,
    pub wrapper: String,
    pub beside: String,
    pub related: String,
    pub service: String,
    pub older: String,
    pub in_the_log: String,
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
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChecklistItem {
    /// The step.
    pub text: String,
    /// Only after a root cause of one of these areas or rules; empty is any.
    #[serde(default)]
    pub when: Vec<String>,
    /// Not when every root cause is of one of these areas or rules.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Also when time alone is expected to cure every root cause.
    #[serde(default)]
    pub while_pending: bool,
}

impl Words {
    /// The message at the end of an interview: what is wrong, which looks (person, text, place) are left, and who does what
    /// against it: each person is asked once.
    pub fn ask_message(
        &self,
        account: &str,
        symptom: Option<&str>,
        found: Option<(&str, &Remedy)>,
        looks: &[(&str, &str, &str)],
    ) -> String {
        let words = &self.diagnosis.ask;
        let account = match account {
            "" => String::new(),
            account => format!(" ({account})"),
        };
        let symptom = symptom.map(|symptom| format!(": {symptom}")).unwrap_or_default();
        let mut lines = vec![fill(
            &words.opening,
            &[("account", &account), ("symptom", &symptom)],
        )];
        lines.extend(found.map(|(headline, _)| fill(&words.found, &[("headline", headline)])));
        let mut persons: Vec<&str> = Vec::new();
        for (person, ..) in looks {
            if !persons.contains(person) {
                persons.push(person);
            }
        }
        for person in &persons {
            lines.push(fill(&words.look, &[("person", person)]));
            let own = looks.iter().filter(|(of, ..)| of == person);
            lines.extend(own.map(|(_, text, place)| {
                format!("- {}", fill(&words.item, &[("text", text), ("place", place)]))
            }));
        }
        if let Some((_, remedy)) = found {
            let act = if persons.is_empty() {
                &words.act
            } else {
                &words.act_unless
            };
            lines.push(fill(act, &[("owner", &remedy.owner)]));
            lines.extend(remedy.steps.iter().map(|step| format!("- {step}")));
            lines.push(fill(&words.proof, &[("verify", &remedy.verify)]));
        }
        if !persons.is_empty() {
            lines.push(words.closing.clone());
        } else if found.is_none() {
            lines.push(words.nothing.clone());
        }
        lines.join("\n")
    }

    /// The built-in words.
    ///
    /// # Errors
    ///
    /// A message naming the file that is not as it should be; a test keeps that from happening.
    pub fn builtin() -> Result<Self, String> {
        let mut profiles = BTreeMap::new();
        for path in embedded::trees("rules/profiles/") {
            let words: ProfileWords = embedded::data(path)?;
            profiles.insert(words.name, words);
        }
        for profile in Profile::ALL {
            if !profiles.contains_key(&profile) {
                return Err(format!("rules/profiles has no words for `{profile}`"));
            }
        }
        Ok(Self {
            diagnosis: embedded::data("rules/diagnosis.yaml")?,
            timeline: Catalogue::builtin()?,
            upcoming: embedded::data(upcoming::FILE_NAME)?,
            profiles,
        })
    }

    /// The words of a profile.
    pub fn profile(&self, profile: Profile) -> Option<&ProfileWords> {
        self.profiles.get(&profile)
    }

    /// How a report's verdict on the password is said.
    pub fn password(&self, report: &Report) -> String {
        let words = &self.diagnosis.password;
        let word = report.diagnosis.password.word();
        let is_at_stake = report.findings.iter().any(|finding| {
            matches!(finding.status, Status::Fail | Status::Pending)
                && self.diagnosis.new_password.contains(&finding.id)
        });
        let but = words.get(&format!("{word}-but")).filter(|_| is_at_stake);
        but.or_else(|| words.get(word))
            .cloned()
            .unwrap_or_else(|| word.to_owned())
    }

    /// The first sentence of a message to the person who must act.
    pub fn hand_off_opening(&self, account: &str, environment: Option<&str>, captured_at: &str) -> String {
        let words = &self.diagnosis.hand_off;
        let place = environment
            .filter(|address| is_environment(address))
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
        let book = crate::rules::RuleBook::builtin().unwrap();
        for id in &words.diagnosis.new_password {
            assert!(book.find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn what_protects_an_account_names_a_fact_and_rules_whose_owners_it_binds() {
        let book = crate::rules::RuleBook::builtin().unwrap();
        for protection in Words::builtin().unwrap().diagnosis.protected {
            assert!(
                crate::facts::find(&protection.fact).is_some(),
                "{}",
                protection.fact
            );
            for id in &protection.rules {
                let rule = book.find(id).unwrap();
                let facts = crate::facts::Facts::given([]);
                let owner = &rule.remedy_for(Profile::LegacyPassword, &facts).owner;
                assert!(protection.owners.contains(owner), "{id}: {owner}");
            }
        }
    }
}
