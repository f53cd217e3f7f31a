//! `table`: the report for a person at a terminal. Readable at 80 columns, without colour, and piped.

use colored::Color;

use super::rows::lacks_only_an_expectation;
use super::shown::{
    UNDOCUMENTED, contradiction_in_words, counts, for_customer, look_in_words, unreadable_in_words,
    unrecognised_in_lines, value_in_words, was_never_collected, ways,
};
use super::{coming, letter, timeline};
use crate::diagnosis::Words;
use crate::diagnosis::report::{ExceptionState, Finding, Outcome, Report, Status};
use crate::render::page::Page;
use crate::render::{Audience, Style, Verbosity};
use crate::text::one_line;

/// The whole report.
pub fn table(report: &Report, words: &Words, style: Style) -> String {
    let style = match style.audience {
        Some(Audience::Customer) if style.verbosity == Verbosity::Quiet => {
            let mut page = Page::new(style);
            page.head(&for_customer(report), words);
            return page.into_text();
        }
        Some(Audience::Customer) => return letter::customer(report, words, style),
        Some(Audience::Ticket) => return letter::ticket(report, words, style),
        Some(Audience::Engineer) => Style {
            verbosity: Verbosity::Verbose,
            ..style
        },
        None => style,
    };
    let mut page = Page::new(style);
    page.head(report, words);
    if style.verbosity == Verbosity::Quiet {
        return page.into_text();
    }
    page.errors(report);
    page.findings(report);
    page.unreadable(report);
    page.looks(report);
    page.not_told(report);
    page.not_collected(report);
    page.timeline(report);
    page.root_causes(report);
    page.rehearsal(report);
    page.coming(report);
    page.comparison(report);
    if style.verbosity == Verbosity::Verbose {
        page.evidence(report);
    }
    page.exceptions(report);
    page.checklist(report);
    page.foot(report);
    page.verdict_again(report);
    page.into_text()
}

/// A page with more lines than this has scrolled its verdict away.
const SCREENFUL: usize = 40;

impl Page {
    fn head(&mut self, report: &Report, words: &Words) {
        let outcome = self.outcome(report);
        let account = one_line(&report.subject.account);
        let account = self.strong(&account);
        self.line(&format!("{outcome}  {account}"));
        self.blank();
        self.labelled(0, "Diagnosis", &report.diagnosis.headline);
        self.labelled(0, "Do next", &report.diagnosis.next_step);
        self.labelled(0, "Password", &words.password(report));
        // Reports of older versions do not say why.
        let judged_as = Some(report.diagnosis.judged_as.as_str()).filter(|line| !line.is_empty());
        self.labelled(0, "Profile", judged_as.unwrap_or(report.profile.name()));
        if let Some(environment) = &report.subject.environment {
            self.labelled(0, "Where", environment);
        }
        self.labelled(
            0,
            "Evidence",
            &format!("of {}, judged as of {}", report.captured_at, report.generated_at),
        );
        self.labelled(0, "Checks", &counts(report));
    }

    fn outcome(&self, report: &Report) -> String {
        let color = match report.summary.outcome {
            Outcome::Healthy => Color::Green,
            Outcome::Unhealthy => Color::Red,
            Outcome::Pending | Outcome::Incomplete => Color::Yellow,
        };
        self.paint(&report.summary.outcome.word().to_uppercase(), color)
    }

    /// The verdict once more, on one line, where the first one has scrolled away.
    fn verdict_again(&mut self, report: &Report) {
        if self.lines() <= SCREENFUL {
            return;
        }
        let word = report.summary.outcome.word();
        let room = self.style.width.saturating_sub(word.len() + 2);
        let headline = shortened(&one_line(&report.diagnosis.headline), room);
        let outcome = self.outcome(report);
        self.line(&format!("{outcome}  {headline}"));
    }

    /// The errors that were seen, each with what the findings say about it.
    fn errors(&mut self, report: &Report) {
        if let Some(unrecognised) = &report.unrecognised_error {
            self.heading("The error that was given");
            for line in unrecognised_in_lines(unrecognised) {
                self.item(&line);
            }
        }
        if report.errors.is_empty() {
            return;
        }
        self.heading("Errors that were seen");
        for error in &report.errors {
            let text = |key: &str| {
                error
                    .get(key)
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default()
            };
            let says = ["note", "meaning"]
                .map(text)
                .into_iter()
                .find(|says| !says.is_empty())
                .unwrap_or(UNDOCUMENTED);
            let named = format!("{} {}", text("code"), text("name"));
            self.item(&format!("{}: {says}", named.trim_end()));
            for way in ways(error) {
                self.nested(&way);
            }
        }
    }

    /// What could not be judged, by the right that would settle it.
    fn unreadable(&mut self, report: &Report) {
        let groups = &report.diagnosis.unreadable;
        if groups.is_empty() || self.style.verbosity == Verbosity::Verbose {
            return;
        }
        self.heading("Not judged, by what would settle it");
        for group in groups {
            self.item(&unreadable_in_words(group));
        }
        if let Some(url) = groups.iter().find_map(|group| group.consent_url.as_deref()) {
            self.labelled(2, "Consent", url);
        }
    }

    /// The looks that would tell most, and the answers that the evidence contradicts.
    fn looks(&mut self, report: &Report) {
        if !report.questions.is_empty() {
            self.heading("What would settle it, the best look first");
            for look in &report.questions {
                self.item(&look_in_words(look));
            }
        }
        if !report.contradictions.is_empty() {
            self.heading("Answered, and read otherwise");
            for one in &report.contradictions {
                self.item(&contradiction_in_words(one));
            }
        }
    }

    /// Questions that only the user can answer: one line each, so that they do not drown what the evidence says.
    fn not_told(&mut self, report: &Report) {
        let open: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| lacks_only_an_expectation(finding))
            .collect();
        if open.is_empty() {
            return;
        }
        self.heading("Not checked, because nobody said what to expect");
        for finding in open {
            let detail = finding
                .unknown_because
                .iter()
                .find_map(|cause| cause.detail.as_deref())
                .unwrap_or_default();
            self.item(&format!("{}: {detail}", finding.id));
        }
    }

    /// Questions that count as unknown, and of which nothing can be said but that nobody collected their evidence.
    fn not_collected(&mut self, report: &Report) {
        let open = report
            .findings
            .iter()
            .filter(|finding| was_never_collected(finding));
        let open: Vec<&str> = open.map(|finding| finding.id.as_str()).collect();
        if !open.is_empty() {
            self.heading("Not checked, because nobody collected the evidence");
            self.item(&open.join(", "));
        }
    }

    /// Since when it fails, and the changes before that could explain it.
    fn timeline(&mut self, report: &Report) {
        let is_verbose = self.style.verbosity == Verbosity::Verbose;
        let told = timeline::to_tell(report).or(report.timeline.as_ref().filter(|_| is_verbose));
        let Some(told) = told else { return };
        let room = |number: usize| if is_verbose { usize::MAX } else { number };
        self.blank();
        self.labelled(0, "Timeline", &told.summary);
        if let Some(codes) = timeline::codes_in_words(told) {
            self.labelled(2, "Codes", &codes);
        }
        for gap in timeline::refused(told).take(room(1)) {
            self.labelled(2, "Not read", &timeline::gap_in_words(gap));
        }
        for (rank, change) in timeline::ranked(told).take(room(timeline::CHANGES)) {
            let mut text = timeline::change_in_words(change);
            // The first one is argued for; the others only when there is room.
            if rank == 1 || is_verbose {
                text = format!("{text} {}", change.because);
            }
            self.labelled(2, &format!("Change {rank}"), &text);
        }
        if !is_verbose {
            if let Some(others) = timeline::others(told) {
                self.labelled(2, "Others", &others);
            }
            return;
        }
        let silent = told.changes.iter().filter(|change| change.rank.is_none());
        for change in silent {
            self.labelled(2, "Before", &timeline::change_in_words(change));
        }
        for change in &told.later_changes {
            self.labelled(2, "After", &timeline::change_in_words(change));
        }
    }

    /// What will break, and when.
    fn coming(&mut self, report: &Report) {
        let is_verbose = self.style.verbosity == Verbosity::Verbose;
        let told = coming::to_tell(report, is_verbose);
        if told.is_empty() {
            return;
        }
        self.heading("Coming up");
        for event in told {
            self.labelled(2, event.day, &event.entry.what);
            // What can happen any day has no date to meet.
            let act = event.act().filter(|_| event.has_day || is_verbose);
            if let Some(act) = act {
                self.labelled(2, "", &act);
            }
        }
    }

    fn root_causes(&mut self, report: &Report) {
        let roots = &report.diagnosis.root_causes;
        for (position, id) in roots.iter().enumerate() {
            let Some(finding) = report.findings.iter().find(|finding| finding.id == *id) else {
                continue;
            };
            // What time alone should cure needs no hand.
            let act = if finding.status == Status::Pending {
                "Wait"
            } else {
                "Fix"
            };
            self.heading(&format!("{act} {} of {}: {id}", position + 1, roots.len()));
            self.labelled(2, "What", &finding.title);
            self.labelled(2, "Why", &finding.why);
            if let Some(remedy) = &finding.remedy {
                self.remedy(remedy);
            }
            self.labelled(
                2,
                "Guidance",
                &format!("{} ({})", finding.guidance.source, finding.guidance.date),
            );
        }
    }

    fn evidence(&mut self, report: &Report) {
        self.heading("Evidence");
        for finding in report
            .findings
            .iter()
            .filter(|finding| !finding.evidence.is_empty())
        {
            self.line(&format!("  {} {}", finding.status.word(), finding.id));
            for evidence in &finding.evidence {
                let value = value_in_words(&evidence.value);
                let text = format!("{} = {value} ({})", evidence.fact, evidence.section);
                self.item(&text);
            }
        }
    }

    /// Exceptions that no longer hold: they hide nothing, and somebody has to look at them.
    fn exceptions(&mut self, report: &Report) {
        let lapsed: Vec<_> = report
            .exceptions
            .iter()
            .filter(|exception| exception.state != ExceptionState::Applied)
            .collect();
        if lapsed.is_empty() {
            return;
        }
        self.heading("Exceptions that hold no longer");
        for exception in lapsed {
            self.item(&format!(
                "{}: {} ({})",
                exception.rule, exception.detail, exception.owner
            ));
        }
    }

    fn checklist(&mut self, report: &Report) {
        if report.diagnosis.checklist.is_empty() {
            return;
        }
        self.heading("After the fix");
        for (position, step) in report.diagnosis.checklist.iter().enumerate() {
            self.labelled(2, &format!("{}.", position + 1), step);
        }
    }

    fn foot(&mut self, report: &Report) {
        self.blank();
        let pack = &report.rule_pack;
        let hash = pack.sha256.get(..12).unwrap_or(&pack.sha256);
        let line = format!(
            "{} {}, rules {} {} ({hash})",
            report.tool.name, report.tool.version, pack.name, pack.version
        );
        self.line(&line);
    }
}

/// At most so many characters, with a mark where some were left out.
fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
