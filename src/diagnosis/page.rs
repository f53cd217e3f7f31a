//! The page of a rule: what it asks, why, and what to do, without an account.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Doctor;
use super::report::Guidance;
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::rules::{Rule, Severity};

/// The schema name of a page.
const SCHEMA: &str = "work365-doctor/explain/v1";

/// The answer of `explain RULE-ID` (`work365-doctor/explain/v1`).
#[derive(Debug, Serialize, JsonSchema)]
pub struct RulePage {
    /// `work365-doctor/explain/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// `rule`.
    pub kind: &'static str,
    /// Rule id.
    pub id: String,
    /// Area.
    pub area: String,
    /// Place in the order of questions, 0 to 14.
    pub gate: u8,
    /// Severity, where a profile does not say otherwise.
    pub severity: Severity,
    /// What a fault means under each profile.
    pub applies: BTreeMap<Profile, &'static str>,
    /// What is wrong, with placeholders.
    pub title: String,
    /// What is as it should be.
    pub expectation: String,
    /// Why it breaks Work 365.
    pub why: String,
    /// The condition that is true when the fault is there.
    pub when: String,
    /// Rules whose failure makes the question meaningless.
    pub requires: Vec<String>,
    /// Rules whose failure explains this fault.
    pub explained_by: Vec<String>,
    /// What to do.
    pub remedy: Remedy,
    /// What to do under a profile where it differs.
    pub remedies: BTreeMap<Profile, Remedy>,
    /// Whose guidance decides, per profile.
    pub guidance: BTreeMap<Profile, Guidance>,
}

impl Doctor {
    /// The page of a rule; nothing when there is no rule of this id.
    pub fn page(&self, id: &str) -> Option<RulePage> {
        self.book.find(id).map(page)
    }
}

fn page(rule: &Rule) -> RulePage {
    RulePage {
        schema: SCHEMA,
        kind: "rule",
        id: rule.id.clone(),
        area: rule.area.clone(),
        gate: rule.gate,
        severity: rule.severity,
        applies: Profile::ALL
            .into_iter()
            .map(|profile| (profile, rule.word_under(profile)))
            .collect(),
        title: rule.title.render_open(),
        expectation: rule.expectation.render_open(),
        why: rule.why.render_open(),
        when: rule.when.source().to_owned(),
        requires: rule.requires.clone(),
        explained_by: rule.explained_by.clone(),
        remedy: rule.guarded(rule.remedy.render_open()),
        remedies: rule
            .remedies
            .iter()
            .map(|(profile, remedy)| (*profile, rule.guarded(remedy.render_open())))
            .collect(),
        guidance: rule
            .guidance
            .iter()
            .map(|(profile, guidance)| {
                (
                    *profile,
                    Guidance {
                        source: guidance.source.clone(),
                        date: guidance.date.clone(),
                    },
                )
            })
            .collect(),
    }
}
