//! The sentences of the diagnosis: headline, next step, checklist.

use std::cmp::Reverse;

use super::finding::{Case, is_fault};
use super::report::{Diagnosis, Finding, Outcome, ReportSubject, Summary, UnknownBecause};
use super::words::count;
use super::{Clinic, Question};
use crate::decode::PasswordVerdict;
use crate::facts::Reason;
use crate::profile::Profile;
use crate::remedy::Remedy;
use crate::snapshot::section_info;
use crate::text::fill;

/// Everything that the sentences speak of.
pub(super) struct Speaker<'a> {
    pub clinic: &'a Clinic,
    pub question: &'a Question<'a>,
    pub cases: &'a [Case<'a>],
    pub summary: &'a Summary,
    pub subject: &'a ReportSubject,
    pub has_verdict: bool,
}

impl Speaker<'_> {
    /// The one answer that a reader takes away.
    pub(super) fn diagnosis(
        &self,
        root_causes: Vec<String>,
        password: PasswordVerdict,
        hint: Option<Profile>,
    ) -> Diagnosis {
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
        let checklist = match self.clinic.words.profile(self.question.profile) {
            Some(words) if first.is_some() => words
                .checklist
                .iter()
                .filter(|item| {
                    item.when
                        .as_ref()
                        .is_none_or(|area| roots.iter().any(|root| root.area == *area))
                })
                .map(|item| self.in_this_case(&item.text))
                .collect(),
            _ => Vec::new(),
        };
        Diagnosis {
            headline: self.headline(first, roots.len()),
            next_step: self.next_step(first),
            root_causes,
            password,
            checklist,
            profile_hint: hint,
        }
    }

    /// A step with this account and environment in its command; a name that a shell could misread is left out.
    fn in_this_case(&self, text: &str) -> String {
        let is_safe = |name: &&str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || "@._-:/".contains(character))
        };
        let account = Some(self.subject.account.as_str())
            .filter(is_safe)
            .unwrap_or("<account>");
        let environment = self
            .subject
            .environment
            .as_deref()
            .filter(is_safe)
            .unwrap_or("<environment>");
        fill(text, &[("account", account), ("environment", environment)])
    }

    fn headline(&self, first: Option<&Finding>, roots: usize) -> String {
        let words = &self.clinic.words.diagnosis.headline;
        if !self.has_verdict {
            return words.no_verdict.clone();
        }
        match (self.summary.outcome, first) {
            (Outcome::Unhealthy, Some(first)) if roots <= 1 => fill(&words.one, &[("title", &first.title)]),
            (Outcome::Unhealthy, Some(first)) => fill(
                &words.many,
                &[("title", &first.title), ("more", &(roots - 1).to_string())],
            ),
            (Outcome::Pending, Some(first)) => fill(&words.pending, &[("title", &first.title)]),
            (Outcome::Incomplete | Outcome::Healthy, None)
                if let Some((code, _)) = self.unexplained_error() =>
            {
                fill(&words.unexplained, &[("code", code)])
            }
            (Outcome::Incomplete, _) => fill(
                &words.incomplete,
                &[("unknown", &count(self.gaps().count(), "check"))],
            ),
            _ if self.summary.fail + self.summary.pending > 0 => {
                let fail = self.summary.fail + self.summary.pending;
                let threshold = self.question.fail_on.to_string();
                let fail = count(fail, "finding");
                fill(
                    &words.healthy_with_notes,
                    &[("threshold", &threshold), ("fail", &fail)],
                )
            }
            _ => {
                let pass = count(self.summary.pass, "check");
                let (template, left_out) = match self.summary.left_out {
                    0 => (&words.healthy, String::new()),
                    1 => (&words.healthy_in_part, "1 check was".to_owned()),
                    more => (&words.healthy_in_part, format!("{more} checks were")),
                };
                fill(template, &[("pass", &pass), ("left-out", &left_out)])
            }
        }
    }

    fn next_step(&self, first: Option<&Finding>) -> String {
        let words = &self.clinic.words.diagnosis.next_step;
        if !self.has_verdict {
            return words.no_verdict.clone();
        }
        if let Some(first) = first {
            if let Some(recheck_at) = &first.recheck_at {
                return fill(&words.wait, &[("recheck_at", recheck_at)]);
            }
            if let Some(remedy) = &first.remedy {
                let step = remedy.steps.first().map(String::as_str).unwrap_or_default();
                return fill(&words.fix, &[("owner", &remedy.owner), ("step", step)]);
            }
        }
        if let Some((_, remedy)) = self.unexplained_error() {
            let step = remedy.steps.first().map(String::as_str).unwrap_or_default();
            return fill(&words.fix, &[("owner", &remedy.owner), ("step", step)]);
        }
        // A section that could not be read comes before one that was read and holds nothing on the matter; among those the
        // one that could hide the gravest fault.
        let mut gaps: Vec<(&Finding, &UnknownBecause)> = self
            .gaps()
            .filter_map(|case| Some((&case.finding, case.finding.unknown_because.first()?)))
            .collect();
        gaps.sort_by_key(|(finding, because)| {
            (because.reason == Reason::NotFound, Reverse(finding.severity))
        });
        match gaps.first() {
            Some((finding, because)) if because.reason == Reason::NotFound => {
                let detail = because.detail.as_deref().unwrap_or_default();
                fill(&words.open, &[("title", &finding.title), ("detail", detail)])
            }
            Some((_, because)) => {
                let section = because.section.as_str();
                let holds = section_info(section).map_or(section, |info| info.holds);
                let need = self.need(because);
                fill(
                    &words.read,
                    &[("holds", holds), ("section", section), ("need", &need)],
                )
            }
            None => words.healthy.clone(),
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
        let decoded = self.question.error?;
        let primary = decoded.primary.as_deref()?;
        let is_explained = self
            .cases
            .iter()
            .any(|case| case.finding.explains.iter().any(|code| code == primary));
        let error = decoded.errors.iter().find(|error| error.code == primary)?;
        Some((primary, error.remedy.as_ref()?)).filter(|_| !is_explained)
    }

    fn need(&self, because: &UnknownBecause) -> String {
        let words = &self.clinic.words.diagnosis.need;
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
}
