//! Which changes could explain the codes that were seen, and in which order. Nearness alone explains nothing: a change that
//! cannot lead to a code stays without a rank, however near it is.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use super::catalogue::Catalogue;
use super::records::Found;
use super::sign_ins::{Course, Named, written};
use super::{Change, Fault};
use crate::facts::{self, Context};
use crate::text::fill;

/// How far back a change is looked for: as long as the logs are kept. Source: <https://learn.microsoft.com/graph/api/resources/signin>.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What works at the next sign-in has shown by then: tokens live for about an hour.
const SHOWN_AFTER: SignedDuration = SignedDuration::from_mins(60);

/// So many changes are listed on each side of the first failure.
const LISTED: usize = 30;

/// The changes on both sides of the first failure.
pub(super) struct Explained {
    pub(super) before: Vec<Change>,
    pub(super) after: Vec<Change>,
    pub(super) left_out: usize,
}

/// How well a change explains what was seen; the order is the order of the ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// It leads to none of the codes.
    Nothing,
    /// It leads to codes, but as the policy stands now it does not reach the account.
    Spares,
    /// It leads to no code, but a rule that fails looks at what it breaks.
    Finding,
    /// It leads to a code seen later.
    LaterCode,
    /// It leads to the code of the first failure.
    FirstCode,
    /// The refused sign-ins name it.
    Named,
}

pub(super) fn explain(
    context: &Context<'_>,
    catalogue: &Catalogue,
    course: &Course<'_>,
    found: Vec<Found<'_>>,
    faults: &[Fault],
    errors: &[String],
) -> Explained {
    let began = course.began();
    let reference = began.unwrap_or(context.now);
    let mut codes = course.trouble_codes();
    codes.extend(
        errors
            .iter()
            .filter(|code| !codes.contains(code))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let judge = Judge {
        context,
        catalogue,
        course,
        named: course.named(),
        codes,
        faults,
        began,
        succeeded: course.succeeded(),
        succeeded_alike: course.succeeded_alike(),
    };
    let mut before = Vec::new();
    let mut after = Vec::new();
    for one in found {
        if one.record.at > context.now || reference.duration_since(one.record.at) > LOOK_BACK {
            continue;
        }
        let (strength, change) = judge.change(&one);
        if one.record.at > reference {
            after.push(Change {
                could_explain: Vec::new(),
                because: String::new(),
                survived: false,
                ..change
            });
        } else {
            before.push((strength, one.record.at, one.record.target.id, change));
        }
    }
    leave_the_newest(&mut before, &catalogue.words.nothing);
    // Stable: changes of one instant keep the order that does not depend on the file.
    before.sort_by_key(|(strength, at, ..)| (Reverse(*strength), Reverse(*at)));
    let left_out = before.len().saturating_sub(LISTED) + after.len().saturating_sub(LISTED);
    after.truncate(LISTED);
    let ranked = before.into_iter().take(LISTED).enumerate();
    let before = ranked
        .map(|(position, (strength, _, _, change))| Change {
            rank: (strength > Strength::Nothing).then_some(position + 1),
            ..change
        })
        .collect();
    Explained {
        before,
        after,
        left_out,
    }
}

/// A fault is told of by the newest change of its kind on the same object: what was before is superseded by it.
fn leave_the_newest(changes: &mut [(Strength, Timestamp, Option<String>, Change)], nothing: &str) {
    let newest: Vec<(String, Option<String>, Timestamp)> = changes
        .iter()
        .map(|(_, at, target, change)| (change.kind.clone(), target.clone(), *at))
        .collect();
    for (strength, at, target, change) in changes {
        let is_superseded = newest
            .iter()
            .any(|(kind, other, later)| kind == &change.kind && other == target && later > at);
        if *strength == Strength::Finding && is_superseded {
            *strength = Strength::Nothing;
            nothing.clone_into(&mut change.because);
        }
    }
}

struct Judge<'a, 'e> {
    context: &'a Context<'e>,
    catalogue: &'a Catalogue,
    course: &'a Course<'a>,
    named: Named,
    /// The codes of the trouble, that of the first failure first, then those that somebody saw.
    codes: Vec<String>,
    faults: &'a [Fault],
    began: Option<Timestamp>,
    succeeded: Option<Timestamp>,
    /// The same of a kind of sign-in that fails now.
    succeeded_alike: Option<Timestamp>,
}

impl Judge<'_, '_> {
    fn change(&self, one: &Found<'_>) -> (Strength, Change) {
        let (possible, mut because, rules) = self.effect(one);
        let failing_rules = self.failing(one, &rules);
        let named = self.named_codes(one);
        let mut could_explain: Vec<String> = self
            .codes
            .iter()
            .filter(|code| possible.contains(code) || named.contains(code))
            .filter(|code| !self.is_seen_before(code, one.record.at))
            .cloned()
            .collect();
        let words = &self.catalogue.words;
        let mut strength = if !named.is_empty() {
            Strength::Named
        } else if self
            .codes
            .first()
            .is_some_and(|first| could_explain.contains(first))
        {
            Strength::FirstCode
        } else if !could_explain.is_empty() {
            Strength::LaterCode
        } else if !failing_rules.is_empty() {
            Strength::Finding
        } else {
            Strength::Nothing
        };
        let mut remark = "";
        if matches!(strength, Strength::FirstCode | Strength::LaterCode) && !one.record.policies.is_empty() {
            if could_explain.iter().all(|code| self.is_always_named(code)) {
                strength = Strength::Nothing;
                could_explain.clear();
                remark = &words.other_named;
            } else if self.spares(one) {
                strength = Strength::Spares;
                remark = &words.spares;
            }
        }
        if self.is_outlived(one) && strength > Strength::Nothing {
            strength = Strength::Nothing;
            could_explain.clear();
            remark = &words.outlived;
        }
        if because.is_empty() {
            because = words.nothing.clone();
        }
        let template = match strength {
            Strength::Named if touches_only(one) => &words.named_through,
            Strength::Named => &words.named,
            Strength::FirstCode | Strength::LaterCode | Strength::Spares => &words.explains,
            Strength::Finding => &words.by_finding,
            Strength::Nothing if remark.is_empty() => &words.nothing,
            Strength::Nothing => "",
        };
        let survived = self.survived(one.record.at);
        let mut sentences = vec![fill(
            template,
            &[("codes", &could_explain.join(", ")), ("because", &because)],
        )];
        sentences.push(remark.to_owned());
        if survived && strength > Strength::Nothing {
            sentences.push(words.survived.clone());
        }
        sentences.retain(|sentence| !sentence.is_empty());
        let minutes = self
            .began
            .map(|began| began.duration_since(one.record.at).as_secs().div_euclid(60));
        let change = Change {
            rank: None,
            at: written(one.record.at),
            minutes_before_first_failure: minutes.filter(|minutes| *minutes >= 0),
            kind: one.kind.kind.clone(),
            what: fill(&one.kind.what, &[("target", &one.record.target_in_words())]),
            by: one.record.by.clone(),
            could_explain,
            because: sentences.join(" "),
            survived,
            rules,
            failing_rules,
            sections: one.sections.iter().map(|section| (*section).to_owned()).collect(),
        };
        (strength, change)
    }

    /// The codes that it can lead to, why, and the rules that look at it.
    fn effect(&self, one: &Found<'_>) -> (Vec<String>, String, Vec<String>) {
        let mut codes = one.kind.codes.clone();
        let mut because: Vec<&str> = vec![&one.kind.because];
        let mut rules = one.kind.rules.clone();
        if one.kind.by_controls {
            let effects = one
                .record
                .controls
                .iter()
                .filter_map(|control| self.catalogue.controls.get(control));
            for effect in effects {
                // Of several controls only those speak that fit what was seen.
                if effect.codes.iter().any(|code| self.codes.contains(code)) {
                    because.push(&effect.because);
                }
                codes.extend(effect.codes.iter().cloned());
                rules.extend(
                    effect
                        .rules
                        .iter()
                        .filter(|rule| !rules.contains(rule))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
            }
            if because.iter().all(|text| text.is_empty()) {
                let any = one.record.controls.iter().next();
                because.extend(
                    any.and_then(|control| self.catalogue.controls.get(control))
                        .map(|effect| effect.because.as_str()),
                );
            }
        }
        because.retain(|text| !text.is_empty());
        (codes, because.join(" "), rules)
    }

    /// The codes of refused sign-ins that name it.
    fn named_codes(&self, one: &Found<'_>) -> Vec<String> {
        if one.kind.codes.is_empty() && !one.kind.by_controls {
            return Vec::new();
        }
        let by_policy = one
            .record
            .policies
            .iter()
            .filter_map(|id| self.named.policies.get(id));
        let by_provider = one
            .kind
            .named_by
            .iter()
            .filter_map(|provider| self.named.providers.get(provider));
        by_policy.chain(by_provider).flatten().cloned().collect()
    }

    /// Whether every refused sign-in with this code names the policy that refused it.
    fn is_always_named(&self, code: &String) -> bool {
        let is_named = self.named.policies.values().any(|codes| codes.contains(code));
        is_named && !self.named.unnamed.contains(code)
    }

    fn spares(&self, one: &Found<'_>) -> bool {
        one.record
            .policies
            .iter()
            .all(|id| facts::policy_spares_account(self.context, id) == Some(true))
    }

    /// The rules that look at it and fail. A finding that names policies speaks of these alone.
    fn failing(&self, one: &Found<'_>, rules: &[String]) -> Vec<String> {
        let policies = &one.record.policies;
        let is_policy = |text: &&String| self.named_policy(text);
        self.faults
            .iter()
            .filter(|fault| rules.contains(&fault.rule))
            .filter(|fault| {
                let mut named = fault.evidence.iter().filter(is_policy).peekable();
                policies.is_empty()
                    || named.peek().is_none()
                    || named.any(|id| policies.contains(&id.to_lowercase()))
            })
            .map(|fault| fault.rule.clone())
            .collect()
    }

    /// Whether a text of the evidence is the id of a policy.
    fn named_policy(&self, text: &str) -> bool {
        facts::policy_spares_account(self.context, text).is_some()
    }

    /// Whether nothing fails now, and the log shows the code only before the change: then somebody saw it in that time.
    fn is_seen_before(&self, code: &str, at: Timestamp) -> bool {
        self.began.is_none() && self.course.last_seen(code).is_some_and(|last| last < at)
    }

    /// Whether it works at once, and a sign-in of the kind that fails now succeeded long after it.
    fn is_outlived(&self, one: &Found<'_>) -> bool {
        let lasted = |success: Timestamp| success.duration_since(one.record.at) > SHOWN_AFTER;
        one.kind.at_once && self.began.is_some() && self.succeeded_alike.is_some_and(lasted)
    }

    /// Whether a sign-in succeeded between the change and the first failure.
    fn survived(&self, at: Timestamp) -> bool {
        self.began.is_some() && self.succeeded.is_some_and(|success| success > at)
    }
}

/// Whether what was changed is no policy itself, but something that policies refer to, as a group.
fn touches_only(one: &Found<'_>) -> bool {
    let target = one.record.target.id.as_ref();
    let policies = &one.record.policies;
    !policies.is_empty() && target.is_none_or(|id| !policies.contains(id))
}
