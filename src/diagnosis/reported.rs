//! What rests on a person's answers: checks that pass on them alone, and answers that the evidence contradicts.

use jiff::Timestamp;

use super::report::Contradiction;
use crate::facts::Facts;
use crate::rules::{Rule, Severity, Status};

/// Every answer that the evidence contradicts, by the name of its fact.
pub(super) fn contradictions(facts: &Facts<'_>) -> Vec<Contradiction> {
    let found = facts.contradictions().into_iter().map(|(id, answered, read)| {
        let (section, read_at) = facts.source(id);
        Contradiction {
            fact: id.definition().name.to_owned(),
            answered: serde_json::json!(answered),
            read: serde_json::json!(read),
            section: section.to_owned(),
            read_at: read_at.map(str::to_owned),
        }
    });
    found.collect()
}

/// Whether a check that could stop Work 365 passes, and would be unknown without what a person said.
pub(super) fn passes_as_reported<'r>(
    facts: &Facts<'_>,
    mut rules: impl Iterator<Item = &'r Rule>,
    now: Timestamp,
) -> bool {
    let Some(context) = facts.context().filter(|context| context.has_answers()) else {
        return false;
    };
    let profile = context.profile();
    let read = Facts::of(context.without_answers());
    rules.any(|rule| {
        rule.severity_under(profile) == Severity::Blocker
            && matches!(rule.judge(facts, profile, now).status, Status::Pass)
            && matches!(rule.judge(&read, profile, now).status, Status::Unknown)
    })
}
