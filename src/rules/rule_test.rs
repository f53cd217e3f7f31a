//! Running the tests that a rule carries.

use schemars::JsonSchema;
use serde::Serialize;

use crate::facts::{Facts, Unknown};
use crate::rules::condition::cel_values::RawEvidence;
use crate::rules::expect::Expect;
use crate::rules::rule::{Rule, Status};

/// How a rule's own tests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleTestReport {
    /// The rule.
    pub id: String,
    /// Its file.
    pub file: String,
    /// Whether it belongs to the built-in pack.
    pub builtin: bool,
    /// How many tests expect each verdict: fail, pass, pending, unknown, not applicable.
    pub covered: Covered,
    /// The tests that did not get what they expect.
    pub failures: Vec<RuleTestFailure>,
}

/// Which verdicts a rule's tests ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Covered {
    /// Tests that expect fail.
    pub fail: usize,
    /// Tests that expect pass.
    pub pass: usize,
    /// Tests that expect pending.
    pub pending: usize,
    /// Tests that expect unknown.
    pub unknown: usize,
    /// Tests that expect not applicable.
    pub not_applicable: usize,
}

/// A rule test that did not get what it expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleTestFailure {
    /// Its line in the rule file.
    pub line: usize,
    /// What it expects.
    pub expected: &'static str,
    /// What the rule said.
    pub got: &'static str,
    /// What stood in the way, when the rule said unknown.
    pub because: Vec<String>,
}

impl RuleTestReport {
    /// How many tests the rule has.
    pub fn tests(&self) -> usize {
        let covered = &self.covered;
        covered.fail + covered.pass + covered.pending + covered.unknown + covered.not_applicable
    }

    /// Whether every test passed and fail (or pending), pass and unknown are covered.
    pub fn is_green(&self) -> bool {
        let covered = &self.covered;
        self.failures.is_empty()
            && covered.fail + covered.pending > 0
            && covered.pass > 0
            && covered.unknown > 0
    }
}

/// Runs the tests of one rule.
pub(crate) fn run_rule(rule: &Rule) -> RuleTestReport {
    let mut covered = Covered::default();
    let mut failures = Vec::new();
    for test in &rule.tests {
        *match test.expect {
            Expect::Fail => &mut covered.fail,
            Expect::Pass => &mut covered.pass,
            Expect::Pending => &mut covered.pending,
            Expect::Unknown => &mut covered.unknown,
            Expect::NotApplicable => &mut covered.not_applicable,
        } += 1;
        let facts = Facts::given(test.facts.iter().cloned());
        let raw = RawEvidence::Given(&test.sections);
        let verdict = rule.judge_with(&facts, &raw, test.profile, test.now);
        if verdict.status.name() != test.expect.name() {
            failures.push(RuleTestFailure {
                line: test.line,
                expected: test.expect.name(),
                got: verdict.status.name(),
                because: because(verdict.status, verdict.unknown.as_ref()),
            });
        }
    }
    RuleTestReport {
        id: rule.id.clone(),
        file: rule.place.file.clone(),
        builtin: rule.place.builtin,
        covered,
        failures,
    }
}

fn because(status: Status, unknown: Option<&Unknown>) -> Vec<String> {
    let causes = unknown
        .filter(|_| status == Status::Unknown)
        .map_or(&[][..], Unknown::causes);
    causes
        .iter()
        .map(|cause| {
            format!(
                "{}: {}",
                cause.section,
                cause.detail.as_deref().unwrap_or("absent")
            )
        })
        .collect()
}
