//! What a store knows of one account over time: the frozen machine format `work365-doctor/timeline/v1`. Keys are only ever
//! added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::Gap;
use crate::diagnosis::report::{Outcome, Report};
use crate::timeline::Timeline;

/// The schema name.
pub const SCHEMA: &str = "work365-doctor/timeline/v1";

/// One account over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// [`SCHEMA`].
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// What the list calls the account.
    pub name: String,
    /// UPN or application id, by the newest report.
    pub account: Option<String>,
    /// Address of the environment, by the newest report.
    pub environment: Option<String>,
    /// When the oldest evidence that was kept was collected.
    pub since: Option<String>,
    /// When the newest was.
    pub until: Option<String>,
    /// How many pieces of evidence were put together.
    pub pieces: usize,
    /// Whether names in the evidence are pseudonyms.
    pub redacted: bool,
    /// Every stored report, the oldest first.
    pub judgements: Vec<Judgement>,
    /// Times of which no log was kept: nothing that happened then is told.
    pub gaps: Vec<Gap>,
    /// Everything that was kept, in one order; null when no evidence was kept.
    pub timeline: Option<Timeline>,
}

/// What one stored report came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Judgement {
    /// When its evidence was collected.
    pub captured_at: String,
    /// What its findings come to.
    pub outcome: Outcome,
    /// Rule ids in the order to fix them.
    pub root_causes: Vec<String>,
}

impl Judgement {
    /// The judgement of a report.
    pub fn of(report: &Report) -> Self {
        Self {
            captured_at: report.captured_at.clone(),
            outcome: report.summary.outcome,
            root_causes: report.diagnosis.root_causes.clone(),
        }
    }
}

impl History {
    /// The judgements that differ from the one before them.
    pub fn turns(&self) -> Vec<&Judgement> {
        let mut turns: Vec<&Judgement> = Vec::new();
        for judgement in &self.judgements {
            let is_same = turns.last().is_some_and(|last| {
                last.outcome == judgement.outcome && last.root_causes == judgement.root_causes
            });
            if !is_same {
                turns.push(judgement);
            }
        }
        turns
    }
}
