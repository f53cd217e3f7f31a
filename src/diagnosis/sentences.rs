//! The sentences of the diagnosis: headline, next step, checklist.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::access::Access;
use super::cause_first::causes_not_read;
use super::finding::{Case, is_fault, open_questions};
use super::profiles::Chosen;
use super::refusal::Refusal;
use super::report::{
    Diagnosis, Finding, Outcome, ReportSubject, Status, Summary, UnknownBecause, Unreadable,
};
use super::upcoming::Ahead;
use super::words::{ChecklistItem, count};
use super::{Doctor, Question};
use crate::ask::AskQuestion;
use crate::decode::{self, PasswordVerdict};
use crate::facts::Reason;
use crate::profile::Profile;
use crate::remedy::{Remedy, first_step};
use crate::rules::Severity;
use crate::snapshot::section_info;
use crate::text::{fill, is_environment};

/// Everything that the sentences speak of.
pub(super) struct Speaker<'a> {
    pub doctor: &'a Doctor,
    pub question: &'a Question<'a>,
    pub profile: Profile,
    pub cases: &'a [Case<'a>],
    pub summary: &'a Summary,
    pub subject: &'a ReportSubject,
    pub access: Access,
    pub has_verdict: bool,
    /// The refusal of the attempt that decides.
    pub refusal: Option<Refusal>,
    /// How old the evidence is, when it is too old.
    pub stale_days: Option<i64>,
    /// What time brings.
    pub ahead: &'a Ahead,
    /// Healthy under the guidance that nothing speaks for, and not under another that is possible.
    pub is_undecided: bool,
    /// The profiles that are possible come to different outcomes.
    pub identity_is_open: bool,
    pub unreadable: Vec<Unreadable>,
    pub chosen: &'a Chosen,
    /// Codes of the error that was seen that speak of no fault of this account now.
    pub settled: &'a [String],
    /// The looks that would tell most, when the case is not settled.
    pub looks: &'a [AskQuestion],
    /// A check that could stop Work 365 passes on what a person answered alone.
    pub as_reported: bool,
}

impl Speaker<'_> {
    /// The one answer that a reader takes away.
    pub(super) fn diagnosis(self, root_causes: Vec<String>, password: PasswordVerdict) -> Diagnosis {
        let roots: Vec<&Finding> = root_causes
            .iter()
            .filter_map(|id| {
                self.cases
                    .iter()
                    .map(|case| &case.finding)
                    .find(|finding| finding.id == *id)
            })
            .collect();
        // With every cause outside the selection, the first fault itself is the best headline.
        let first = roots.first().copied().or_else(|| {
            self.cases
                .iter()
                .map(|case| &case.finding)
                .find(|finding| is_fault(finding, self.question.fail_on))
        });
        let mut checklist = Vec::new();
        if let (Some(words), true) = (self.doctor.words.profile(self.profile), first.is_some()) {
            let asked = words.checklist.iter().filter(|item| is_asked(item, &roots));
            checklist.extend(asked.map(|item| self.in_this_case(&item.text)));
        }
        let behind = first.map_or_else(Vec::new, |first| causes_not_read(self.cases, &first.id));
        Diagnosis {
            headline: self.headline(first, roots.len(), &behind),
            next_step: self.next_step(first, &behind),
            root_causes,
            password,
            checklist,
            profile_hint: self.chosen.hint,
            judged_as: self.chosen.line.clone(),
            unreadable: self.unreadable,
        }
    }

    /// A step with this account and environment in its command; a name that a shell could misread is left out.
    fn in_this_case(&self, text: &str) -> String {
        let is_safe = |name: &&str| {
            // A sign before the name would make it a flag, or a list of arguments.
            !name.is_empty()
                && !name.starts_with(['-', '@'])
                && name
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || "@._-:/'".contains(character))
        };
        // Double quotes keep an apostrophe in both shells.
        let quoted = |name: &str| match name.contains('\'') {
            true => format!("\"{name}\""),
            false => name.to_owned(),
        };
        let account = Some(self.subject.account.as_str())
            .filter(is_safe)
            .map_or_else(|| "<account>".to_owned(), quoted);
        let environment = self
            .subject
            .environment
            .as_deref()
            .filter(is_safe)
            .filter(|address| is_environment(address))
            .unwrap_or("<environment>");
        fill(text, &[("account", &account), ("environment", environment)])
    }

    fn headline(&self, first: Option<&Finding>, roots: usize, behind: &[&Case<'_>]) -> String {
        let words = &self.doctor.words.diagnosis.headline;
        let mut headline = self.first_sentence(first, roots);
        if !behind.is_empty() {
            headline = fill(&words.cause_not_read, &[("headline", &headline)]);
        }
        if let Some(refusal) = self.untold_refusal() {
            headline = fill(
                &words.refused_all_the_same,
                &[("headline", &headline), ("code", &refusal.spelled())],
            );
        }
        if self.summary.outcome == Outcome::Healthy {
            headline = self.ahead.headline(headline, &self.doctor.words.upcoming);
        }
        match self.stale_days {
            Some(days) => fill(
                &words.stale,
                &[("headline", &headline), ("days", &days.to_string())],
            ),
            None => headline,
        }
    }

    /// The refusal that decides, where no fault that is shown and stands says what it comes from: that one was accepted, or is
    /// none of the checks that were chosen.
    fn untold_refusal(&self) -> Option<Refusal> {
        let refusal = self.refusal?;
        let is_told = || {
            let described = decode::describe(&refusal.spelled());
            self.cases
                .iter()
                .filter(|case| is_fault(&case.finding, Severity::Info))
                .any(|case| case.rule.catches_refusals || described.rules.contains(&case.finding.id))
        };
        let is_silent = matches!(self.summary.outcome, Outcome::Healthy | Outcome::Incomplete);
        let is_partial =
            self.summary.left_out > 0 || self.cases.iter().any(|case| case.finding.accepted.is_some());
        Some(refusal).filter(|_| is_silent || (is_partial && !is_told()))
    }

    fn first_sentence(&self, first: Option<&Finding>, roots: usize) -> String {
        let words = &self.doctor.words.diagnosis.headline;
        match (self.summary.outcome, first) {
            (Outcome::Unhealthy, Some(first)) if roots <= 1 => {
                return fill(&words.one, &[("title", &first.title)]);
            }
            (Outcome::Unhealthy, Some(first)) => {
                return fill(
                    &words.many,
                    &[("title", &first.title), ("more", &(roots - 1).to_string())],
                );
            }
            (Outcome::Pending, Some(first)) => {
                let is_over = self.refusal.filter(|_| self.catches_refusals(first));
                return match (is_over, self.untold_refusal()) {
                    (Some(refusal), _) => fill(&words.pending_refusal, &[("code", &refusal.spelled())]),
                    // Time cures this fault, and not what refuses the sign-ins.
                    (None, Some(_)) => fill(&words.one, &[("title", &first.title)]),
                    (None, None) => fill(&words.pending, &[("title", &first.title)]),
                };
            }
            _ => {}
        }
        if !self.has_verdict {
            return self.said_of_access(&words.no_verdict);
        }
        if let Some((code, _)) = self.unexplained_error() {
            return fill(&words.unexplained, &[("code", &decode::spoken(code))]);
        }
        if self.is_undecided {
            return fill(&words.undecided, &[("profile", self.profile.name())]);
        }
        if self.summary.outcome == Outcome::Incomplete {
            return self.unsettled();
        }
        if self.summary.fail + self.summary.pending > 0 {
            let fail = count(self.summary.fail + self.summary.pending, "finding");
            let threshold = self.question.fail_on.to_string();
            return fill(
                &words.healthy_with_notes,
                &[("threshold", &threshold), ("fail", &fail)],
            );
        }
        let pass = count(self.summary.pass, "check");
        if let Some(open) = self.open_blockers().next() {
            return fill(
                &words.healthy_unsettled,
                &[("pass", &pass), ("title", &open.title)],
            );
        }
        let (template, left_out) = match self.summary.left_out {
            0 => (&words.healthy, String::new()),
            1 => (&words.healthy_in_part, "1 check was".to_owned()),
            more => (&words.healthy_in_part, format!("{more} checks were")),
        };
        fill(template, &[("pass", &pass), ("left-out", &left_out)])
    }

    /// What could not be judged, the gravest first. It never says that no fault was found.
    fn unsettled(&self) -> String {
        let words = &self.doctor.words.diagnosis.headline;
        if self.as_reported {
            return words.as_reported.clone();
        }
        let mut open: Vec<&Finding> = self.gaps().map(|case| &case.finding).collect();
        if open.is_empty() {
            // What leaves no gap is open all the same.
            open.extend(open_questions(self.cases));
        }
        let gaps = open.len();
        let unknown = count(gaps, "check");
        let is_blocker = |finding: &&&Finding| finding.severity == Severity::Blocker;
        let blockers = open.iter().filter(is_blocker).count();
        let which = match blockers {
            1 if gaps == 1 => "it".to_owned(),
            all if all == gaps => "each of these".to_owned(),
            some => format!("{some} of these"),
        };
        match self.open_blockers().next().filter(|_| blockers > 0) {
            Some(open) => fill(
                &words.unsettled,
                &[
                    ("unknown", &unknown),
                    ("blockers", &which),
                    ("title", &open.title),
                ],
            ),
            None => fill(&words.incomplete, &[("unknown", &unknown)]),
        }
    }

    /// Unknown findings that could stop Work 365, and that are not merely a consequence or an expectation nobody gave.
    fn open_blockers(&self) -> impl Iterator<Item = &Finding> {
        self.cases
            .iter()
            .filter(|case| {
                case.finding.status == Status::Unknown && case.finding.severity == Severity::Blocker
            })
            .filter(|case| case.is_gap || case.rule.catches_refusals || was_asked(&case.finding))
            .map(|case| &case.finding)
    }

    fn catches_refusals(&self, finding: &Finding) -> bool {
        let mut cases = self.cases.iter();
        cases.any(|case| case.finding.id == finding.id && case.rule.catches_refusals)
    }

    fn said_of_access(&self, words: &BTreeMap<Access, String>) -> String {
        let environment = self.subject.environment.as_deref();
        let environment = environment
            .filter(|address| is_environment(address))
            .unwrap_or("(no address)");
        let template = words.get(&self.access).map_or("", String::as_str);
        fill(template, &[("environment", environment)])
    }

    fn next_step(&self, first: Option<&Finding>, behind: &[&Case<'_>]) -> String {
        let words = &self.doctor.words.diagnosis.next_step;
        let fix = |remedy: &Remedy| {
            let step = first_step(&remedy.steps);
            fill(&words.fix, &[("owner", &remedy.owner), ("step", &step)])
        };
        if self.identity_is_open {
            return words.identity.clone();
        }
        if let Some(first) = first {
            if let Some(recheck_at) = &first.recheck_at {
                let untold = self.untold_refusal();
                let template = match untold {
                    _ if self.catches_refusals(first) => &words.run_one_job,
                    Some(_) => &words.refused_all_the_same,
                    None => &words.wait,
                };
                let code = untold.map(Refusal::spelled).unwrap_or_default();
                return fill(template, &[("recheck_at", recheck_at), ("code", &code)]);
            }
            // What nothing that was checked explains is mended as its code says.
            let of_the_code = self.refusal.filter(|_| self.catches_refusals(first));
            if let Some(remedy) = of_the_code.and_then(Refusal::remedy) {
                return fix(&remedy);
            }
            if let Some(remedy) = &first.remedy {
                return match behind.is_empty() {
                    true => fix(remedy),
                    false => fill(
                        &words.cause_first,
                        &[("look", &self.look_at(behind)), ("fix", &fix(remedy))],
                    ),
                };
            }
        }
        if !self.has_verdict {
            return self.said_of_access(&words.no_verdict);
        }
        if let Some((_, remedy)) = self.unexplained_error() {
            return fix(remedy);
        }
        if self.as_reported {
            return words.as_reported.clone();
        }
        self.look_at(&self.gaps().collect::<Vec<_>>())
    }

    /// What would tell most of these open checks. Where none is open, each look does.
    fn look_at(&self, gaps: &[&Case<'_>]) -> String {
        let bears_on_one = |look: &&AskQuestion| {
            gaps.is_empty() || gaps.iter().any(|case| look.separates.contains(&case.finding.id))
        };
        match self.looks.iter().find(bears_on_one) {
            Some(look) => self.look_there(look),
            None => self.what_to_read(gaps),
        }
    }

    /// The look that tells most, by whom and where.
    fn look_there(&self, look: &AskQuestion) -> String {
        fill(
            &self.doctor.words.diagnosis.next_step.ask,
            &[
                ("question", &look.text),
                ("where", look.r#where.first().map_or("", String::as_str)),
                ("who", look.who.person()),
            ],
        )
    }

    /// A section that could not be read comes before one that was read and holds nothing on the matter; among those the
    /// one that could hide the gravest fault, and of two the one that needs no licence.
    fn what_to_read(&self, gaps: &[&Case<'_>]) -> String {
        let words = &self.doctor.words.diagnosis.next_step;
        let cheapest = |finding: &'_ Finding| -> Option<UnknownBecause> {
            let mut causes = finding.unknown_because.clone();
            causes.sort_by_key(|because| because.license.is_some());
            causes.into_iter().next()
        };
        let mut gaps: Vec<(&Finding, UnknownBecause)> = gaps
            .iter()
            .filter_map(|case| Some((&case.finding, cheapest(&case.finding)?)))
            .collect();
        gaps.sort_by_key(|(finding, because)| {
            (
                because.reason == Reason::NotFound,
                Reverse(finding.severity),
                because.license.is_some(),
            )
        });
        let Some((finding, because)) = gaps.first() else {
            return words.healthy.clone();
        };
        if because.reason == Reason::NotFound {
            let not_found = format!(
                "{}: the service answered that there is no such thing",
                because.section
            );
            let detail = because.detail.as_deref().unwrap_or(&not_found);
            return fill(&words.open, &[("title", &finding.title), ("detail", detail)]);
        }
        let section = because.section.as_str();
        let holds = section_info(section).map_or(section, |info| info.holds);
        let step = fill(
            &words.read,
            &[
                ("holds", holds),
                ("section", section),
                ("need", &self.need(because)),
            ],
        );
        let consent_url = self.unreadable.iter().find_map(|group| {
            let is_this = group.sections.iter().any(|known| known == section);
            group.consent_url.as_deref().filter(|_| is_this)
        });
        match consent_url {
            Some(url) => fill(&words.all_at_once, &[("step", &step), ("consent-url", url)]),
            None => step,
        }
    }

    /// The unanswered questions that could hide a fault that counts.
    fn gaps(&self) -> impl Iterator<Item = &Case<'_>> {
        self.cases
            .iter()
            .filter(|case| case.is_gap && case.finding.severity >= self.question.fail_on)
    }

    /// The primary error that was seen, with its advice, when no finding explains it.
    fn unexplained_error(&self) -> Option<(&str, &Remedy)> {
        let error = self.question.error?.primary_error()?;
        let primary = error.code.as_str();
        let is_explained = self
            .cases
            .iter()
            .any(|case| case.finding.explains.iter().any(|code| code == primary));
        let speaks_of_the_account = !error.retryable && !self.is_settled_otherwise(primary);
        Some((primary, error.remedy.as_ref()?)).filter(|_| !is_explained && speaks_of_the_account)
    }

    fn need(&self, because: &UnknownBecause) -> String {
        let words = &self.doctor.words.diagnosis.need;
        let needs: Vec<String> = [
            because
                .permission
                .as_deref()
                .map(|name| fill(&words.permission, &[("permission", name)])),
            because
                .role
                .as_deref()
                .map(|name| fill(&words.role, &[("role", name)])),
            because
                .license
                .as_deref()
                .map(|name| fill(&words.license, &[("license", name)])),
        ]
        .into_iter()
        .flatten()
        .collect();
        if needs.is_empty() {
            String::new()
        } else {
            fill(&words.all, &[("needs", &needs.join(", "))])
        }
    }

    /// Whether the evidence says by itself why the code is no matter of this account any more.
    fn is_settled_otherwise(&self, code: &str) -> bool {
        self.settled.iter().any(|settled| settled == code)
    }
}

/// Whether a service was asked for what would tell, and did not tell.
fn was_asked(finding: &Finding) -> bool {
    let causes = &finding.unknown_because;
    causes
        .iter()
        .any(|because| matches!(because.reason, Reason::Denied | Reason::Failed | Reason::NotFound))
}

/// Whether the step belongs after these causes.
fn is_asked(item: &ChecklistItem, roots: &[&Finding]) -> bool {
    let is_one_of =
        |list: &[String], root: &Finding| list.iter().any(|name| *name == root.area || *name == root.id);
    let time_alone = !roots.is_empty() && roots.iter().all(|root| root.status == Status::Pending);
    let wanted = item.when.is_empty() || roots.iter().any(|root| is_one_of(&item.when, root));
    let needless = !roots.is_empty() && roots.iter().all(|root| is_one_of(&item.unless, root));
    wanted && !needless && (!time_alone || item.while_pending)
}
