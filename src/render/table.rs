//! `table`: the report for a person at a terminal. Readable at 80 columns, without colour, and piped.

use colored::Color;
use comfy_table::{Attribute, Cell, Color as CellColor, ColumnConstraint, ContentArrangement, Table, Width};

use super::page::Page;
use super::shown::{UNDOCUMENTED, because_in_words, counts, value_in_words};
use super::{Audience, Style, Verbosity, letter, timeline};
use crate::diagnosis::Words;
use crate::diagnosis::report::{ExceptionState, Finding, Outcome, Report, Status, UnknownBecause};
use crate::facts::Reason;
use crate::text::one_line;

/// The whole report.
pub fn table(report: &Report, words: &Words, style: Style) -> String {
    let style = match style.audience {
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
    page.not_told(report);
    page.timeline(report);
    page.root_causes(report);
    page.comparison(report);
    if style.verbosity == Verbosity::Verbose {
        page.evidence(report);
    }
    page.exceptions(report);
    page.checklist(report);
    page.foot(report);
    page.into_text()
}

impl Page {
    fn head(&mut self, report: &Report, words: &Words) {
        let summary = &report.summary;
        let color = match summary.outcome {
            Outcome::Healthy => Color::Green,
            Outcome::Unhealthy => Color::Red,
            Outcome::Pending | Outcome::Incomplete => Color::Yellow,
        };
        let outcome = summary.outcome.word().to_uppercase();
        let outcome = self.paint(&outcome, color);
        let account = one_line(&report.subject.account);
        let account = self.strong(&account);
        self.line(&format!("{outcome}  {account}"));
        self.blank();
        self.labelled(0, "Diagnosis", &report.diagnosis.headline);
        self.labelled(0, "Do next", &report.diagnosis.next_step);
        self.labelled(0, "Password", &words.password(report.diagnosis.password.word()));
        if let Some(hint) = report.diagnosis.profile_hint.and_then(|hint| words.profile(hint)) {
            self.labelled(
                0,
                "Profile",
                &format!(
                    "{}, by which this was judged, may be the wrong one. {}",
                    report.profile, hint.hint
                ),
            );
        } else {
            self.labelled(0, "Profile", report.profile.name());
        }
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

    /// The errors that were seen, each with what the findings say about it.
    fn errors(&mut self, report: &Report) {
        if report.errors.is_empty() {
            return;
        }
        self.blank();
        let title = self.strong("Errors that were seen");
        self.line(&title);
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
        }
    }

    fn findings(&mut self, report: &Report) {
        let mut shown: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| match finding.status {
                Status::Fail | Status::Pending => true,
                Status::Unknown => !lacks_only_an_expectation(finding),
                Status::Pass | Status::NotApplicable => self.style.verbosity == Verbosity::Verbose,
            })
            .collect();
        if shown.is_empty() {
            return;
        }
        let roots = &report.diagnosis.root_causes;
        shown.sort_by_key(|finding| {
            let place = roots
                .iter()
                .position(|root| *root == finding.id)
                .unwrap_or(roots.len());
            (place, rank(finding.status))
        });
        let mut table = Table::new();
        table.load_style(comfy_table::presets::ASCII_HORIZONTAL_ONLY);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(self.style.width).unwrap_or(80));
        if self.style.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table.set_header(["STATUS", "SEVERITY", "CHECK"]);
        let mut told = Vec::new();
        for finding in shown {
            table.add_row([
                self.status_cell(finding),
                Cell::new(finding.severity.name()),
                Cell::new(what(finding, &mut told)),
            ]);
        }
        if let Some(column) = table.column_mut(0) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(10)));
        }
        if let Some(column) = table.column_mut(1) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(10)));
        }
        self.blank();
        let rendered = table.to_string();
        for line in rendered.lines() {
            self.line(line.trim_end());
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
        self.blank();
        let title = self.strong("Not checked, because nobody said what to expect");
        self.line(&title);
        for finding in open {
            let detail = finding
                .unknown_because
                .iter()
                .find_map(|cause| cause.detail.as_deref())
                .unwrap_or_default();
            self.item(&format!("{}: {detail}", finding.id));
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

    fn status_cell(&self, finding: &Finding) -> Cell {
        let word = match finding.status {
            Status::NotApplicable => "N/A".to_owned(),
            status => status.word().to_uppercase(),
        };
        let cell = Cell::new(word);
        if !self.style.color {
            return cell;
        }
        match finding.status {
            Status::Fail => cell.fg(CellColor::Red).add_attribute(Attribute::Bold),
            Status::Pending => cell.fg(CellColor::Yellow).add_attribute(Attribute::Bold),
            Status::Unknown => cell.fg(CellColor::Yellow),
            Status::Pass => cell.fg(CellColor::Green),
            Status::NotApplicable => cell.fg(CellColor::DarkGrey),
        }
    }

    fn root_causes(&mut self, report: &Report) {
        let roots = &report.diagnosis.root_causes;
        for (position, id) in roots.iter().enumerate() {
            let Some(finding) = report.findings.iter().find(|finding| finding.id == *id) else {
                continue;
            };
            self.blank();
            // What time alone should cure needs no hand.
            let act = if finding.status == Status::Pending {
                "Wait"
            } else {
                "Fix"
            };
            let title = format!("{act} {} of {}: {id}", position + 1, roots.len());
            let title = self.strong(&title);
            self.line(&title);
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
        self.blank();
        let title = self.strong("Evidence");
        self.line(&title);
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
        self.blank();
        let title = self.strong("Exceptions that hold no longer");
        self.line(&title);
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
        self.blank();
        let title = self.strong("After the fix");
        self.line(&title);
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

/// The text of a row: the sentence, the rule id, and what stands behind the status. A section that did not answer is
/// explained the first time; `told` holds those that were.
fn what<'a>(finding: &'a Finding, told: &mut Vec<&'a UnknownBecause>) -> String {
    let mut lines = vec![one_line(&finding.title), finding.id.clone()];
    if finding.root_cause {
        lines[1].push_str("  (root cause)");
    }
    if !finding.explains.is_empty() {
        lines.push(format!("this is why you saw {}", finding.explains.join(", ")));
    }
    if !finding.explained_by.is_empty() {
        lines.push(format!("because of {}", finding.explained_by.join(", ")));
    }
    if !finding.blocked_by.is_empty() {
        lines.push(format!(
            "cannot be judged before {} is fixed",
            finding.blocked_by.join(", ")
        ));
    }
    for cause in &finding.unknown_because {
        if told.contains(&cause) {
            lines.push(format!("{}, as above", cause.section));
        } else {
            told.push(cause);
            lines.push(because_in_words(cause));
        }
    }
    if let Some(recheck_at) = &finding.recheck_at {
        lines.push(format!("look again at {recheck_at}"));
    }
    if let Some(accepted) = &finding.accepted {
        lines.push(one_line(&format!(
            "accepted until {} by {}: {}",
            accepted.expires, accepted.owner, accepted.reason
        )));
    }
    lines.join("\n")
}

fn lacks_only_an_expectation(finding: &Finding) -> bool {
    !finding.unknown_because.is_empty()
        && finding
            .unknown_because
            .iter()
            .all(|cause| cause.reason == Reason::ExpectationMissing)
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Fail => 0,
        Status::Pending => 1,
        Status::Unknown => 2,
        Status::Pass => 3,
        Status::NotApplicable => 4,
    }
}
