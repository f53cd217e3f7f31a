//! What a case file cannot show, in words: `rules/case-file.yaml`.

use serde::Deserialize;

use crate::diagnosis::report::Report;
use crate::embedded;
use crate::snapshot::Snapshot;
use crate::text::fill;

/// `rules/case-file.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFileWords {
    pub(super) summary: SummaryWords,
    limits: LimitWords,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SummaryWords {
    pub(super) opening: String,
    pub(super) closing: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LimitWords {
    heading: String,
    always: Vec<String>,
    answers: String,
    offline: String,
    unread: String,
    truncated: String,
    another_try: String,
}

impl CaseFileWords {
    /// The words that the program carries.
    pub(super) fn builtin() -> Result<Self, String> {
        embedded::data("rules/case-file.yaml")
    }

    /// Everything that the file cannot show, one a line.
    pub(super) fn limits(&self, report: &Report, snapshot: &Snapshot, has_answers: bool) -> String {
        let words = &self.limits;
        let mut lines: Vec<String> = words
            .always
            .iter()
            .map(|line| fill(line, &[("captured_at", &report.captured_at)]))
            .collect();
        if has_answers {
            lines.push(words.answers.clone());
        }
        if report.requests.is_empty() {
            lines.push(words.offline.clone());
        }
        for group in &report.diagnosis.unreadable {
            let needs = [&group.permission, &group.role, &group.license];
            let needs: Vec<&str> = needs.into_iter().filter_map(|need| need.as_deref()).collect();
            let need = match needs.is_empty() {
                true => words.another_try.clone(),
                false => needs.join(", "),
            };
            lines.push(fill(
                &words.unread,
                &[("sections", &group.sections.join(", ")), ("need", &need)],
            ));
        }
        let cut: Vec<&str> = snapshot
            .sections
            .iter()
            .filter(|(_, section)| {
                let body = section.body.as_ref().map(|body| body.get());
                body.is_some_and(|body| {
                    body.contains("\"truncated\":true") || body.contains("\"truncated\": true")
                })
            })
            .map(|(name, _)| name.as_str())
            .collect();
        if !cut.is_empty() {
            lines.push(fill(&words.truncated, &[("sections", &cut.join(", "))]));
        }
        let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
        format!("{}\n\n{lines}", words.heading)
    }
}
