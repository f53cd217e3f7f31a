//! Faults that carry codes: another fault that was found and lists one of the codes is the cause.

use super::mask::Resolved;
use super::refusal::Refusal;
use super::report::Status;
use crate::decode;
use crate::facts::{FactValue, Facts};
use crate::rules::{Rule, Severity, Verdict};

/// Adds what the codes of a fault say about its cause, once every rule has its answer.
pub(super) fn resolve(rules: &[Rule], facts: &Facts<'_>, verdicts: &[Verdict], resolved: &mut [Resolved]) {
    let is_fault = |resolved: &Resolved| matches!(resolved.status, Status::Fail | Status::Pending);
    for position in 0..rules.len() {
        let Some(fact) = rules[position].explained_by_codes else {
            continue;
        };
        let (true, Ok(FactValue::Texts(codes))) = (is_fault(&resolved[position]), facts.get(fact)) else {
            continue;
        };
        let causes: Vec<usize> = (0..rules.len())
            .filter(|&other| {
                other != position
                    && is_fault(&resolved[other])
                    && rules[other].area != "operator"
                    && verdicts[other].severity > Severity::Info
                    && codes.iter().any(|code| explains(&rules[other], code, facts))
            })
            .collect();
        let own = &mut resolved[position].explained_by;
        own.extend(causes);
        own.sort_unstable();
        own.dedup();
    }
}

/// Whether a fault of this rule leads to the code, which may also be the rule's own name.
fn explains(rule: &Rule, code: &str, facts: &Facts<'_>) -> bool {
    if rule.catches_refusals {
        return Refusal::of(facts).is_some_and(|refusal| refusal.spelled() == code);
    }
    rule.id == code || decode::describe(code).rules.contains(&rule.id)
}
