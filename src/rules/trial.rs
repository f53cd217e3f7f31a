//! What `rules test` runs: the tests that rules carry, and whether what a remedy changes cures its own rule and no other.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::profile::Profile;
use crate::rules::RuleBook;
use crate::rules::condition::cel_values::RawEvidence;
use crate::rules::expect::{Expect, RuleTest};
use crate::rules::guard;
use crate::rules::rule::{Meaning, Rule, Status};
use crate::rules::rule_test::{self, RuleTestFailure, RuleTestReport};

/// Tries every rule.
pub fn run(book: &RuleBook) -> Vec<RuleTestReport> {
    book.rules()
        .iter()
        .map(|rule| {
            let mut report = rule_test::run_rule(rule);
            report.failures.extend(cures_itself(rule));
            report.failures.extend(cures_no_other(book, rule));
            report.failures.extend(unguarded(rule));
            report
        })
        .collect()
}

/// The rule's own faults that are still there after its cures.
fn cures_itself(rule: &Rule) -> Vec<RuleTestFailure> {
    if rule.cures.is_empty() {
        return Vec::new();
    }
    faults(rule)
        .filter_map(|test| {
            let status = after(rule, rule, test);
            (status != Status::Pass).then(|| RuleTestFailure {
                line: test.line,
                expected: "pass after cures",
                got: status.name(),
                because: vec!["`cures` does not cure this fault".to_owned()],
            })
        })
        .collect()
}

/// Other rules whose faults are gone after this rule's cures, though neither is the other's cause or condition.
fn cures_no_other(book: &RuleBook, rule: &Rule) -> Vec<RuleTestFailure> {
    let changed: BTreeSet<_> = rule.cures.iter().map(|(fact, _)| *fact).collect();
    let kin = kin(book, rule);
    book.rules()
        .iter()
        .filter(|other| !kin.contains(other.id.as_str()))
        .filter(|other| other.facts().any(|fact| changed.contains(&fact)))
        .filter_map(|other| {
            let cured = faults(other)
                .filter(|test| rule.asks_under(test.profile))
                .find(|test| after(rule, other, test) == Status::Pass)?;
            Some(RuleTestFailure {
                line: rule.place.line,
                expected: "fail after cures",
                got: Status::Pass.name(),
                because: vec![format!(
                    "`cures` also cures {} (its test in line {}), which neither requires nor explains it",
                    other.id, cured.line
                )],
            })
        })
        .collect()
}

/// Advice that could lock somebody out, without the line that says so.
fn unguarded(rule: &Rule) -> Vec<RuleTestFailure> {
    rule.all_remedies()
        .flat_map(|remedy| guard::missing(&remedy.render_open()))
        .map(|guard| RuleTestFailure {
            line: rule.place.line,
            expected: "a guarded remedy",
            got: "one that could lock somebody out",
            because: vec![format!("`{}` of rules/guards.yaml: {}", guard.id, guard.line)],
        })
        .collect()
}

fn faults(rule: &Rule) -> impl Iterator<Item = &RuleTest> {
    rule.tests
        .iter()
        .filter(|test| matches!(test.expect, Expect::Fail | Expect::Pending))
}

/// How `judged` sees the facts of its test once the remedy of `fixed` is done.
fn after(fixed: &Rule, judged: &Rule, test: &RuleTest) -> Status {
    let facts = Facts::given(test.facts.iter().chain(&fixed.cures).cloned());
    let raw = RawEvidence::Given(&test.sections);
    judged.judge_with(&facts, &raw, test.profile, test.now).status
}

/// The rule, and every rule that it can be reached from or that reaches it by `requires` and `explained-by`: what one of
/// them mends may well mend the other.
fn kin<'b>(book: &'b RuleBook, rule: &'b Rule) -> BTreeSet<&'b str> {
    let mut kin = BTreeSet::from([rule.id.as_str()]);
    kin.extend(reach(rule, |at| named_by(book, at)));
    kin.extend(reach(rule, |at| naming(book, at)));
    kin
}

fn reach<'b>(from: &'b Rule, next: impl Fn(&'b Rule) -> Vec<&'b Rule>) -> BTreeSet<&'b str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for rule in next(at) {
            if found.insert(rule.id.as_str()) {
                open.push(rule);
            }
        }
    }
    found
}

fn named_by<'b>(book: &'b RuleBook, rule: &'b Rule) -> Vec<&'b Rule> {
    let ids = rule.requires.iter().chain(&rule.explained_by);
    ids.filter_map(|id| book.find(id)).collect()
}

fn naming<'b>(book: &'b RuleBook, rule: &'b Rule) -> Vec<&'b Rule> {
    book.rules()
        .iter()
        .filter(|other| other.requires.contains(&rule.id) || other.explained_by.contains(&rule.id))
        .collect()
}

impl Rule {
    /// Whether a true condition is a fault under the profile.
    fn asks_under(&self, profile: Profile) -> bool {
        matches!(self.meaning(profile), Meaning::Fault(_) | Meaning::FaultAfterLag)
    }
}
