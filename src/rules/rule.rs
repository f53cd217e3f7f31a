//! One rule: a question about the evidence, its answer in three-valued logic, and the advice that goes with it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::facts::{FactId, FactValue, Facts, Reading, Unknown};
use crate::portal;
use crate::profile::Profile;
use crate::profile::shared::Shared;
use crate::remedy::{Command, Remedy, Shell};

use crate::rules::condition::cel_values::RawEvidence;
use crate::rules::condition::{Condition, Evaluation};
use crate::rules::expect::RuleTest;
use crate::rules::guard::guarded;
use crate::rules::severity::Severity;
use crate::rules::template::Template;

/// What a true condition means under one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A fault of this severity.
    Fault(Severity),
    /// A fault that time alone may cure while it is young; of the rule's own severity.
    FaultAfterLag,
    /// No fault: the rule passes as soon as its evidence could be read.
    NoFault,
    /// No question at all.
    NotApplicable,
}

/// How long the documented lag of a `pending/fail` rule lasts.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The fact (a time) from which the lag counts.
    pub since: FactId,
    /// After this long it is usually over: when to look again.
    pub usual: SignedDuration,
    /// After this long it is a fault.
    pub limit: SignedDuration,
    /// Who says so.
    pub source: String,
}

/// Which guidance decided, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guidance {
    /// The document's title and publisher.
    pub source: String,
    /// Its date, `2019-02-04`.
    pub date: String,
}

/// Advice with placeholders.
#[derive(Debug, Clone)]
pub struct RemedyTemplate {
    /// Id of `rules/owners.yaml`.
    pub owner: String,
    /// The owner's printed name.
    pub owner_name: String,
    /// What to do, in order.
    pub steps: Vec<Template>,
    /// Commands to paste.
    pub commands: Vec<(Shell, Template)>,
    /// What makes it worse.
    pub avoid: Template,
    /// How to prove that it is fixed.
    pub verify: Template,
    /// `https` addresses.
    pub links: Vec<String>,
}

impl RemedyTemplate {
    /// The advice for one account.
    pub fn render(&self, facts: &Facts<'_>) -> Remedy {
        self.fill(
            |template| template.render(facts),
            |shell, template| template.render_command(facts, shell),
        )
    }

    /// The advice with every placeholder left open.
    pub fn render_open(&self) -> Remedy {
        self.fill(Template::render_open, |_, template| template.render_open())
    }

    fn fill(
        &self,
        prose: impl Fn(&Template) -> String,
        command: impl Fn(Shell, &Template) -> String,
    ) -> Remedy {
        let mut remedy = Remedy {
            owner: self.owner_name.clone(),
            before: Vec::new(),
            steps: self.steps.iter().map(&prose).collect(),
            commands: self
                .commands
                .iter()
                .map(|(shell, text)| Command {
                    shell: *shell,
                    text: command(*shell, text),
                })
                .collect(),
            avoid: prose(&self.avoid),
            verify: prose(&self.verify),
            links: self.links.clone(),
        };
        remedy.before = portal::before(remedy.actions());
        remedy
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The rule file.
    pub file: String,
    /// The line of its id, from 1.
    pub line: usize,
    /// Whether it belongs to the built-in pack.
    pub builtin: bool,
}

/// Advice that holds where a fact says so, under the profiles that have none of their own.
#[derive(Debug)]
pub struct RemedyWhere {
    /// A fact that is true or false.
    pub fact: FactId,
    /// What it has to be.
    pub is: bool,
    /// Whether the fault has a cause of its own there: none of `explained-by` is behind it.
    pub is_independent: bool,
    /// What to do there; where it is only independent, the rule's own advice holds.
    pub remedy: Option<RemedyTemplate>,
}

impl RemedyWhere {
    /// Whether the fact is known to be so.
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        *facts.get(self.fact) == Ok(FactValue::Bool(self.is))
    }
}

/// A validated rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name everywhere.
    pub id: String,
    /// The area, one of [`AREAS`](crate::rules::AREAS).
    pub area: String,
    /// Where its question stands in the order of questions, 0 to 14.
    pub gate: u8,
    /// Its severity where a profile says no other.
    pub severity: Severity,
    /// What a true condition means, by profile in the order of [`Profile::ALL`].
    pub applies: [Meaning; 3],
    /// If one of these fails, this question is meaningless.
    pub requires: Vec<String>,
    /// If one of these fails too, this fault is its consequence.
    pub explained_by: Vec<String>,
    /// Whether the remedy is in vain while one of those stands: until each was looked at, looking comes first.
    pub cause_first: bool,
    /// True when the fault is there.
    pub when: Condition,
    /// What is so once the remedy is done: facts and their values then, or that nobody knows them any more. Empty where
    /// nobody said.
    pub cures: Vec<(FactId, Reading<FactValue>)>,
    /// What the remedy may break elsewhere, a sentence each.
    pub breaks: Vec<Template>,
    /// The lag of a `pending/fail` rule.
    pub pending: Option<Pending>,
    /// What is wrong; shown when it fails.
    pub title: Template,
    /// What is expected; shown when it does not.
    pub expectation: Template,
    /// Why it breaks Work 365.
    pub why: Template,
    /// Whether the remedy opens with the hint to another profile that the evidence speaks for.
    pub opens_with_profile_hint: bool,
    /// Whether the evidence is beyond an ordinary collection, so that its absence leaves no gap worth a word.
    pub optional_evidence: bool,
    /// Whether it catches the refused sign-in that no other fault explains: it passes when one that was found lists the code.
    pub catches_refusals: bool,
    /// Whether older versions did not collect the evidence: where nobody asked for it, the answer is unknown and no gap.
    pub later_evidence: bool,
    /// The fact with the codes that explain the fault: a fault that was found and lists one of them is its cause.
    pub explained_by_codes: Option<FactId>,
    /// Facts shown as evidence beside those that the condition read.
    pub evidence: Vec<FactId>,
    /// What to do.
    pub remedy: RemedyTemplate,
    /// What to do instead, under these profiles.
    pub remedies: BTreeMap<Profile, RemedyTemplate>,
    /// What to do instead where a fact says so: the state of things decides who acts. The first that holds decides.
    pub remedy_where: Vec<RemedyWhere>,
    /// Which guidance decided, by profile.
    pub guidance: BTreeMap<Profile, Guidance>,
    /// When somebody last compared the rule with the pages that it links; `None` = nobody said.
    pub checked: Option<Date>,
    /// The rule's own tests.
    pub tests: Vec<RuleTest>,
    /// Where it is written.
    pub place: Place,
}

/// How one rule, taken alone, judges one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The fault is there.
    Fail,
    /// The fault is not there, or is none under this profile.
    Pass,
    /// The fault is there, and time alone is expected to cure it.
    Pending {
        /// When to look again.
        recheck_at: Timestamp,
    },
    /// The evidence does not say.
    Unknown,
    /// Not asked under this profile.
    NotApplicable,
}

impl Status {
    /// The word used in reports and in rule tests.
    pub fn name(self) -> &'static str {
        match self {
            Status::Fail => "fail",
            Status::Pass => "pass",
            Status::Pending { .. } => "pending",
            Status::Unknown => "unknown",
            Status::NotApplicable => "not_applicable",
        }
    }
}

/// A rule's judgement, before masking by other rules.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The answer.
    pub status: Status,
    /// How much the fault would matter under the profile.
    pub severity: Severity,
    /// The facts that the condition read, in reading order, each once.
    pub reads: Vec<FactId>,
    /// The sections whose raw body the condition read.
    pub raw_reads: Vec<String>,
    /// Everything that stood in the way, when the status is unknown.
    pub unknown: Option<Unknown>,
}

impl Rule {
    /// The facts that it looks at: those of its condition first, then those that it only shows. A fact may come twice.
    pub fn facts(&self) -> impl Iterator<Item = FactId> {
        let since = self.pending.as_ref().map(|pending| pending.since);
        let shown = self.evidence.iter().copied();
        self.when.facts().iter().copied().chain(shown).chain(since)
    }

    /// Whether its condition reads the fact.
    pub fn reads(&self, fact: FactId) -> bool {
        self.when.facts().contains(&fact)
    }

    /// The sections that can answer this rule's question, each once.
    pub fn sections(&self) -> Vec<&str> {
        let mut sections: Vec<&str> = self
            .facts()
            .flat_map(|fact| fact.definition().sections.iter().copied())
            .chain(self.when.sections().iter().map(String::as_str))
            .collect();
        sections.sort_unstable();
        sections.dedup();
        sections
    }

    /// What a true condition means under `profile`.
    pub fn meaning(&self, profile: Profile) -> Meaning {
        self.applies[profile as usize]
    }

    /// The word of `applies` under `profile`: `fail`, another severity, `pass`, `n/a` or `pending/fail`.
    pub fn word_under(&self, profile: Profile) -> &'static str {
        match self.meaning(profile) {
            Meaning::Fault(severity) if severity == self.severity => "fail",
            Meaning::Fault(severity) => severity.name(),
            Meaning::FaultAfterLag => "pending/fail",
            Meaning::NoFault => "pass",
            Meaning::NotApplicable => "n/a",
        }
    }

    /// How much the fault matters under `profile`.
    pub fn severity_under(&self, profile: Profile) -> Severity {
        match self.meaning(profile) {
            Meaning::Fault(severity) => severity,
            Meaning::FaultAfterLag | Meaning::NoFault | Meaning::NotApplicable => self.severity,
        }
    }

    /// The advice for one account: that of the profile, else of the first `remedy-where` that holds, else the general one.
    pub fn remedy_for(&self, profile: Profile, facts: &Facts<'_>) -> &RemedyTemplate {
        let of_state = || self.state(facts).and_then(|there| there.remedy.as_ref());
        let of_profile = self.remedies.get(&profile);
        of_profile.or_else(of_state).unwrap_or(&self.remedy)
    }

    /// What `remedy-where` says of the state that this account is in.
    pub(crate) fn state(&self, facts: &Facts<'_>) -> Option<&RemedyWhere> {
        self.remedy_where.iter().find(|there| there.holds(facts))
    }

    /// Every advice that it can give.
    pub(crate) fn all_remedies(&self) -> impl Iterator<Item = &RemedyTemplate> {
        std::iter::once(&self.remedy)
            .chain(self.remedies.values())
            .chain(self.remedy_where.iter().filter_map(|there| there.remedy.as_ref()))
    }

    /// The rule's advice with the lines that it lacks against a lock-out. The built-in advice lacks none, which `rules test`
    /// holds it to: it is not looked at again each time that it is given.
    pub(crate) fn guarded(&self, remedy: Remedy) -> Remedy {
        if self.place.builtin {
            remedy
        } else {
            guarded(remedy)
        }
    }

    /// The guidance that decided under `profile`; nothing where the rule is not applicable.
    pub fn guidance_under(&self, profile: Profile) -> Option<&Guidance> {
        self.guidance.get(&profile)
    }

    /// Judges one account by this rule alone: no other rule masks or explains it.
    pub fn judge(&self, facts: &Facts<'_>, profile: Profile, now: Timestamp) -> Verdict {
        self.judge_beside(&Shared::default(), facts, profile, now)
    }

    /// The same beside other profiles' judgements of the same evidence, which evaluate the condition once where they can.
    pub(crate) fn judge_beside(
        &self,
        evaluated: &Shared<Evaluation>,
        facts: &Facts<'_>,
        profile: Profile,
        now: Timestamp,
    ) -> Verdict {
        let evaluate = || {
            let raw = facts.context().map_or(RawEvidence::Nothing, |context| {
                RawEvidence::Snapshot(context.snapshot)
            });
            self.when.evaluate(facts, &raw)
        };
        self.verdict(facts, profile, now, || evaluated.under(profile, evaluate).clone())
    }

    pub(crate) fn judge_with(
        &self,
        facts: &Facts<'_>,
        raw: &RawEvidence<'_>,
        profile: Profile,
        now: Timestamp,
    ) -> Verdict {
        self.verdict(facts, profile, now, || self.when.evaluate(facts, raw))
    }

    fn verdict(
        &self,
        facts: &Facts<'_>,
        profile: Profile,
        now: Timestamp,
        evaluate: impl FnOnce() -> Evaluation,
    ) -> Verdict {
        let severity = self.severity_under(profile);
        let meaning = self.meaning(profile);
        if meaning == Meaning::NotApplicable {
            return Verdict {
                status: Status::NotApplicable,
                severity,
                reads: Vec::new(),
                raw_reads: Vec::new(),
                unknown: None,
            };
        }
        let Evaluation {
            truth,
            mut reads,
            raw_reads,
        } = evaluate();
        let (status, unknown) = match (truth, meaning) {
            (Err(unknown), _) => (Status::Unknown, Some(unknown)),
            (Ok(false), _) | (Ok(true), Meaning::NoFault) => (Status::Pass, None),
            (Ok(true), Meaning::FaultAfterLag) => (self.fault_by_age(facts, now, &mut reads), None),
            (Ok(true), _) => (Status::Fail, None),
        };
        Verdict {
            status,
            severity,
            reads,
            raw_reads,
            unknown,
        }
    }

    /// Pending while the fault is younger than its documented lag. Without a known start it is a fault: "wait" would be
    /// a promise that nothing supports.
    fn fault_by_age(&self, facts: &Facts<'_>, now: Timestamp, reads: &mut Vec<FactId>) -> Status {
        let Some(pending) = &self.pending else {
            return Status::Fail;
        };
        let Ok(FactValue::Time(since)) = facts.get(pending.since) else {
            return Status::Fail;
        };
        if !reads.contains(&pending.since) {
            reads.push(pending.since);
        }
        let (Ok(usual), Ok(limit)) = (since.checked_add(pending.usual), since.checked_add(pending.limit))
        else {
            return Status::Fail;
        };
        if now >= limit {
            Status::Fail
        } else {
            let recheck_at = if now < usual { usual } else { limit };
            Status::Pending { recheck_at }
        }
    }
}
