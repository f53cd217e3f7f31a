//! The account beside a working one: only the facts that differ, those behind the root causes first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::Value;

use super::finding::unknown_because;
use super::report::{ComparedWith, Comparison, Difference, DifferenceKind, Finding, Outcome, Report, Status};
use super::{Doctor, Question};
use crate::facts::{self, Context, Expectations, FactId, Facts, Likeness, Unknown};
use crate::profile::Profile;
use crate::rules::Severity;
use crate::snapshot::Snapshot;

impl Doctor {
    /// Compares a snapshot, whose report is `report`, with that of another account. Both are judged by one profile, each
    /// as of its own time.
    pub fn compare(
        &self,
        snapshot: &Snapshot,
        question: &Question<'_>,
        report: &Report,
        other: &Snapshot,
    ) -> Comparison {
        let expectations = expected_of(other, snapshot, question.expectations);
        let now = question.now.unwrap_or(snapshot.captured_at);
        // Evidence of one time is judged as of one time.
        let then = match other.captured_at == snapshot.captured_at {
            true => now,
            false => other.captured_at,
        };
        let here = Facts::of(Context::new(snapshot, question.expectations, report.profile, now));
        let there = Facts::of(Context::new(other, &expectations, report.profile, then));
        let judged = self.diagnose(
            other,
            &Question {
                profile: report.profile.into(),
                now: Some(then),
                expectations: &expectations,
                error: None,
                acceptances: &[],
                ..question.clone()
            },
        );
        let with = ComparedWith {
            account: other.subject.account.clone(),
            environment: other.subject.environment.clone(),
            captured_at: other.captured_at.to_string(),
            outcome: judged.report.summary.outcome,
            root_causes: judged.report.diagnosis.root_causes.clone(),
        };
        let notes = notes(snapshot, other, report, &judged.report);
        self.side_by_side(&Sides { here, there }, report, with, notes)
    }

    /// Fact by fact, what differs first where it stands behind a root cause.
    fn side_by_side(
        &self,
        sides: &Sides<'_>,
        report: &Report,
        with: ComparedWith,
        notes: Vec<String>,
    ) -> Comparison {
        let mut comparison = Comparison {
            with,
            notes,
            differences: Vec::new(),
            same: 0,
            unknown_on_both: 0,
            not_comparable: Vec::new(),
        };
        let uses = self.uses(report);
        let mut ranked: Vec<(Rank, Difference)> = Vec::new();
        for id in facts::ids() {
            let (kind, unknown) = match sides.here.likeness(&sides.there, id) {
                Likeness::Same => {
                    comparison.same += 1;
                    continue;
                }
                Likeness::Unknown => {
                    comparison.unknown_on_both += 1;
                    continue;
                }
                Likeness::Own { alike } => {
                    if !alike {
                        comparison.not_comparable.push(id.definition().name.to_owned());
                    }
                    continue;
                }
                Likeness::Different => (DifferenceKind::Differs, None),
                Likeness::UnknownHere(unknown) => (DifferenceKind::UnknownHere, Some(unknown)),
                Likeness::UnknownThere(unknown) => (DifferenceKind::UnknownThere, Some(unknown)),
            };
            let uses = uses.get(&id).map_or(&[][..], Vec::as_slice);
            ranked.push((Rank::of(kind, uses), sides.difference(id, kind, unknown, uses)));
        }
        // Stable: facts of equal rank stay in the order of the table of facts.
        ranked.sort_by_key(|(rank, _)| *rank);
        comparison.differences = ranked.into_iter().map(|(_, difference)| difference).collect();
        comparison
    }

    /// For each fact the findings of the rules that look at it, the most telling first.
    fn uses<'a>(&self, report: &'a Report) -> BTreeMap<FactId, Vec<Use<'a>>> {
        let mut uses: BTreeMap<FactId, Vec<Use<'a>>> = BTreeMap::new();
        for (gate, finding) in report.findings.iter().enumerate() {
            let Some(rule) = self.book.rules().iter().find(|rule| rule.id == finding.id) else {
                continue;
            };
            let rank = rule_rank(report, finding, gate);
            for (place, id) in rule.facts().enumerate() {
                let users = uses.entry(id).or_default();
                if users.iter().all(|user| user.finding.id != finding.id) {
                    users.push(Use { finding, rank, place });
                }
            }
        }
        for users in uses.values_mut() {
            users.sort_by_key(|user| user.rank);
        }
        uses
    }
}

/// The two accounts' facts.
struct Sides<'s> {
    here: Facts<'s>,
    there: Facts<'s>,
}

impl Sides<'_> {
    fn difference(
        &self,
        id: FactId,
        kind: DifferenceKind,
        unknown: Option<&Unknown>,
        uses: &[Use<'_>],
    ) -> Difference {
        let known_side = match kind {
            DifferenceKind::UnknownHere => &self.there,
            _ => &self.here,
        };
        let first = uses.first();
        Difference {
            fact: id.definition().name.to_owned(),
            meaning: id.definition().meaning.to_owned(),
            kind,
            here: value(&self.here, id),
            there: value(&self.there, id),
            section: known_side.source(id).0.to_owned(),
            rules: uses.iter().map(|user| user.finding.id.clone()).collect(),
            status: first.map(|user| user.finding.status),
            root_cause: first.is_some_and(|user| user.finding.root_cause),
            unknown_because: unknown.map(unknown_because).unwrap_or_default(),
        }
    }
}

/// A rule that looks at a fact.
struct Use<'a> {
    finding: &'a Finding,
    rank: RuleRank,
    /// Its place among the facts of the rule: the condition's come before those that are only shown.
    place: usize,
}

/// How much a rule's answer has to do with what is wrong: tier, order among the root causes, severity, gate.
type RuleRank = (u8, usize, Reverse<Option<Severity>>, usize);

/// Of a fact that no selected rule looks at.
const LAST: RuleRank = (4, 0, Reverse(None), 0);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    rule: RuleRank,
    is_unknown: bool,
    place: usize,
}

impl Rank {
    fn of(kind: DifferenceKind, uses: &[Use<'_>]) -> Self {
        let first = uses.first();
        Self {
            rule: first.map_or(LAST, |user| user.rank),
            is_unknown: kind != DifferenceKind::Differs,
            place: first.map_or(0, |user| user.place),
        }
    }
}

fn rule_rank(report: &Report, finding: &Finding, gate: usize) -> RuleRank {
    let root = report
        .diagnosis
        .root_causes
        .iter()
        .position(|root| *root == finding.id);
    let severity = Reverse(Some(finding.severity));
    match (root, finding.status) {
        (Some(root), _) => (0, root, severity, gate),
        (None, Status::Fail | Status::Pending | Status::Unknown) => (1, 0, severity, gate),
        (None, Status::Pass) => (2, 0, severity, gate),
        (None, Status::NotApplicable) => (3, 0, severity, gate),
    }
}

fn value(facts: &Facts<'_>, id: FactId) -> Value {
    let known = facts.get(id).as_ref().ok();
    known
        .and_then(|value| serde_json::to_value(value).ok())
        .unwrap_or(Value::Null)
}

/// What is expected of the other account. What Work 365 displays, and the recorded state, are those of one account.
fn expected_of(other: &Snapshot, snapshot: &Snapshot, expectations: &Expectations) -> Expectations {
    match is_same(&snapshot.subject.account, &other.subject.account) {
        true => expectations.clone(),
        false => Expectations {
            configured_identity: None,
            state: None,
            ..expectations.clone()
        },
    }
}

fn is_same(here: &str, there: &str) -> bool {
    here.trim_end_matches('/')
        .eq_ignore_ascii_case(there.trim_end_matches('/'))
}

fn notes(here: &Snapshot, there: &Snapshot, report: &Report, other: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let differ = |here: &Option<String>, there: &Option<String>| matches!((here, there), (Some(here), Some(there)) if !is_same(here, there));
    if differ(&here.subject.tenant_id, &there.subject.tenant_id) {
        notes.push(
            "the other account belongs to another tenant: settings of the tenant can differ for that reason"
                .to_owned(),
        );
    } else if differ(&here.subject.environment, &there.subject.environment) {
        notes.push(
            "the other account works in another environment: settings of the environment can differ for that reason"
                .to_owned(),
        );
    }
    let speaks_for = |report: &Report| report.diagnosis.profile_hint.unwrap_or(report.profile);
    let (mine, others): (Profile, Profile) = (speaks_for(report), speaks_for(other));
    if mine != others {
        notes.push(format!(
            "the evidence speaks for the profile {mine} here and {others} there; both were judged by {}",
            report.profile
        ));
    }
    if other.summary.outcome != Outcome::Healthy {
        let roots = &other.diagnosis.root_causes;
        let because = if roots.is_empty() {
            String::new()
        } else {
            format!(" ({})", roots.join(", "))
        };
        notes.push(format!(
            "the other account is {} itself{because}",
            other.summary.outcome.word()
        ));
    }
    notes
}
