//! `markdown`: the report for a ticket. Pastes into GitHub, Jira and Zendesk; under 40 lines for one root cause.

use super::coming::{self, Coming};
use super::compared;
use super::handoff::messages;
use super::marks::{code, escaped, longest_run};
use super::rehearsed;
use super::shown::{
    self, because_in_words, for_customer, neutralised, other_faults, root_causes, value_in_words,
    was_never_collected,
};
use super::timeline;
use crate::diagnosis::Words;
use crate::diagnosis::report::{Finding, Report, Status};
use crate::remedy::{Command, Remedy, Shell, places};
use crate::render::{Audience, Style};
use crate::timeline::Timeline;

/// The first command that is no longer than this stands in a ticket; all of them stand in the other formats.
const MAXIMUM_COMMAND_LINES: usize = 4;

/// The report as Markdown.
pub fn markdown(report: &Report, words: &Words, style: Style) -> String {
    let digest = shown::digest(report);
    let report = &neutralised(report);
    let mut page = Page::default();
    match style.audience {
        Some(Audience::Customer) => customer(&mut page, &for_customer(report), words),
        audience => {
            head(&mut page, report, words);
            for (position, root) in root_causes(report).into_iter().enumerate() {
                cause(&mut page, position + 1, root, audience);
            }
            missing_rights(&mut page, report);
            rehearsal(&mut page, report);
            comparison(&mut page, report, audience);
            rest(&mut page, report, audience);
            foot(&mut page, report, &digest);
        }
    }
    page.text
}

/// Lines of Markdown; everything that comes from a report goes through [`escaped`] or [`code`].
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    fn labelled(&mut self, label: &str, text: &str) {
        self.paragraph(&format!("**{label}.** {}", escaped(text)));
    }

    fn numbered(&mut self, steps: &[String]) {
        for (position, place) in places(steps).iter().enumerate() {
            self.line(&format!("{}. {}", position + 1, escaped(place.step)));
            for alternative in &place.alternatives {
                self.line(&format!("   - *or* {}", escaped(alternative)));
            }
        }
    }

    fn block(&mut self, language: &str, text: &str) {
        let fence = "`".repeat(longest_run(text).max(2) + 1);
        self.line(&format!("{fence}{language}"));
        self.line(text.trim_end());
        self.line(&fence);
    }
}

fn head(page: &mut Page, report: &Report, words: &Words) {
    let outcome = report.summary.outcome.word().to_uppercase();
    page.line(&format!("## {outcome}: {}", escaped(&report.diagnosis.headline)));
    page.paragraph(&format!("**Do next.** {}", escaped(&report.diagnosis.next_step)));
    page.line("");
    input(page, report);
    let subject = &report.subject;
    let known = [
        ("account", Some(&subject.account)),
        ("environment", subject.environment.as_ref()),
        ("tenant", subject.tenant_id.as_ref()),
        ("object id", subject.object_id.as_ref()),
    ];
    let known: Vec<String> = known
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", code(value?))))
        .collect();
    page.line(&format!("* Subject: {}", known.join(", ")));
    let password = words.password(report);
    page.line(&format!("* Password: {}", escaped(&password)));
    let judged_as = &report.diagnosis.judged_as;
    let profile = match judged_as.is_empty() {
        true => format!("judged by the profile {}", report.profile),
        false => judged_as.clone(),
    };
    page.line(&format!(
        "* Evidence of {}, as of {}, {}",
        escaped(&report.captured_at),
        escaped(&report.generated_at),
        escaped(&profile)
    ));
    page.line(&format!("* Checks: {}", escaped(&shown::counts(report))));
    if let Some(told) = timeline::to_tell(report) {
        since(page, told);
    }
    for look in &report.questions {
        page.line(&format!(
            "* Would settle it: {}",
            escaped(&shown::look_in_words(look))
        ));
    }
    for line in report
        .unrecognised_error
        .iter()
        .flat_map(shown::unrecognised_in_lines)
    {
        page.line(&format!("* The error that was given: {}", escaped(&line)));
    }
    for one in &report.contradictions {
        let told = shown::contradiction_in_words(one);
        page.line(&format!("* Answered, and read otherwise: {}", escaped(&told)));
    }
    for event in coming::to_tell(report, false) {
        page.line(&format!("* Coming up, {}", escaped(&in_words(&event))));
    }
}

/// Which of many accounts this is.
fn input(page: &mut Page, report: &Report) {
    if let Some(input) = &report.input {
        page.line(&format!("* Input: {}", code(input)));
    }
}

/// An event with who does what about it.
fn in_words(event: &Coming<'_>) -> String {
    let told = format!("{}: {}", event.day, event.entry.what);
    match event.act() {
        Some(act) => format!("{told} {act}"),
        None => told,
    }
}

/// Since when, and the changes that could explain it, on one line: a ticket stays short.
fn since(page: &mut Page, told: &Timeline) {
    let mut line = format!("* Timeline: {}", escaped(&told.summary));
    for (rank, change) in timeline::ranked(told).take(timeline::CHANGES) {
        let text = format!("{} {}", timeline::change_in_words(change), change.because);
        line.push_str(&format!(" **Change {rank}**, {}", escaped(&text)));
    }
    for gap in timeline::refused(told).take(1) {
        line.push_str(&format!(
            " **Not read**: {}",
            escaped(&timeline::gap_in_words(gap))
        ));
    }
    page.line(&line);
}

fn cause(page: &mut Page, number: usize, root: &Finding, audience: Option<Audience>) {
    let title = escaped(&root.title);
    page.paragraph(&format!("### {number}. {title}"));
    let recheck = root
        .recheck_at
        .as_ref()
        .map(|at| format!(", look again at {}", escaped(at)))
        .unwrap_or_default();
    page.line(&format!(
        "{} {} {}{recheck}",
        root.status.word().to_uppercase(),
        root.severity,
        code(&root.id)
    ));
    if audience != Some(Audience::Ticket) {
        page.labelled("Why", &root.why);
        if let Some(remedy) = &root.remedy {
            advice(page, remedy);
        }
    } else if let Some(remedy) = &root.remedy {
        page.labelled("Who", &remedy.owner);
        for need in &remedy.before {
            page.labelled("First", need);
        }
    }
    let facts: Vec<String> = root
        .evidence
        .iter()
        .map(|item| {
            let place = if audience == Some(Audience::Engineer) {
                let at = item
                    .read_at
                    .as_ref()
                    .map(|at| format!(", {at}"))
                    .unwrap_or_default();
                format!(" ({}{})", escaped(&item.section), escaped(&at))
            } else {
                String::new()
            };
            format!(
                "{} = {}{place}",
                code(&item.fact),
                code(&value_in_words(&item.value))
            )
        })
        .collect();
    if !facts.is_empty() {
        page.paragraph(&format!("**Evidence.** {}", facts.join("; ")));
    }
}

fn advice(page: &mut Page, remedy: &Remedy) {
    page.labelled("Who", &remedy.owner);
    page.numbered(&remedy.steps);
    let short = |command: &&Command| command.text.trim_end().lines().count() <= MAXIMUM_COMMAND_LINES;
    if let Some(command) = remedy.commands.iter().find(short) {
        page.block(language(command), &command.text);
    }
    page.labelled("Avoid", &remedy.avoid);
    page.line(&format!("**Proof.** {}", escaped(&remedy.verify)));
}

fn language(command: &Command) -> &'static str {
    match command.shell {
        Shell::Powershell => "powershell",
        Shell::Bash => "sh",
        Shell::Http => "http",
    }
}

/// What would give each right that a refusal names, the smallest grant first, on one line: a ticket stays short.
fn missing_rights(page: &mut Page, report: &Report) {
    for (code_of, ways) in shown::missing_rights(report) {
        let ways = escaped(&ways.join(" "));
        page.paragraph(&format!("**Missing right.** {} {ways}", code(code_of)));
    }
}

/// One fix after another, numbered.
fn rehearsal(page: &mut Page, report: &Report) {
    let Some(rehearsal) = &report.rehearsal else {
        return;
    };
    page.labelled(rehearsed::TITLE, &rehearsed::in_short(rehearsal));
    page.line("");
    for (position, step) in rehearsal.steps.iter().enumerate() {
        page.line(&format!(
            "{}. {}",
            position + 1,
            escaped(&rehearsed::heading(step))
        ));
        for line in rehearsed::details(step) {
            page.line(&format!("   * {}", escaped(&line)));
        }
    }
    if let Some(end) = rehearsed::end(rehearsal) {
        page.paragraph(&escaped(&end));
    }
}

/// What differs from a working account, one line a rule.
fn comparison(page: &mut Page, report: &Report, audience: Option<Audience>) {
    let Some(comparison) = &report.comparison else {
        return;
    };
    let all = audience == Some(Audience::Engineer);
    page.labelled("Compared with", &compared::with_whom(comparison));
    page.line(&format!(
        "Result: {}.",
        escaped(&compared::in_numbers(comparison))
    ));
    for note in &comparison.notes {
        page.line(&format!("Note: {}.", escaped(note)));
    }
    let groups = [
        compared::differing(comparison, all),
        compared::unread(comparison, all),
    ];
    for (position, group) in groups.iter().flatten().enumerate() {
        if position == 0 {
            page.line("");
        }
        let facts: Vec<String> = group
            .facts
            .iter()
            .map(|difference| {
                format!(
                    "{} {}",
                    code(&difference.fact),
                    escaped(&compared::values(difference, all))
                )
            })
            .collect();
        page.line(&format!("* {}: {}", escaped(&group.title), facts.join("; ")));
    }
}

/// Consequences, open questions, what to do after the fix.
fn rest(page: &mut Page, report: &Report, audience: Option<Audience>) {
    let others: Vec<String> = other_faults(report)
        .into_iter()
        .map(|finding| {
            let behind = if finding.explained_by.is_empty() {
                String::new()
            } else {
                format!(" (because of {})", escaped(&finding.explained_by.join(", ")))
            };
            let accepted = finding.accepted.as_ref();
            let accepted = accepted.map(|accepted| format!(" ({})", escaped(&accepted.in_words())));
            format!("{}{behind}{}", code(&finding.id), accepted.unwrap_or_default())
        })
        .collect();
    if !others.is_empty() {
        page.paragraph(&format!("**Also wrong.** {}", others.join(", ")));
    }
    let unknown: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Unknown && !was_never_collected(finding))
        .collect();
    if !unknown.is_empty() {
        let ids: Vec<String> = unknown.iter().map(|finding| code(&finding.id)).collect();
        page.paragraph(&format!("**Not judged.** {}", ids.join(", ")));
    }
    if audience == Some(Audience::Engineer) {
        for finding in unknown {
            let blocked = (!finding.blocked_by.is_empty())
                .then(|| format!("not before {} is fixed", finding.blocked_by.join(", ")));
            let because = finding
                .unknown_because
                .iter()
                .map(because_in_words)
                .chain(blocked);
            let because: Vec<String> = because.collect();
            page.line(&format!(
                "* {}: {}",
                code(&finding.id),
                escaped(&because.join("; "))
            ));
        }
    }
    if audience != Some(Audience::Ticket) && !report.diagnosis.checklist.is_empty() {
        let steps = report.diagnosis.checklist.iter().enumerate();
        let steps: Vec<String> = steps
            .map(|(position, step)| format!("({}) {}", position + 1, escaped(step)))
            .collect();
        page.paragraph(&format!("**After the fix.** {}", steps.join(" ")));
    }
}

fn foot(page: &mut Page, report: &Report, digest: &str) {
    let pack = &report.rule_pack;
    page.paragraph(&format!(
        "{} {}, rules {} {} (SHA-256 {}), report SHA-256 {}",
        escaped(&report.tool.name),
        escaped(&report.tool.version),
        escaped(&pack.name),
        escaped(&pack.version),
        code(pack.sha256.get(..12).unwrap_or(&pack.sha256)),
        code(digest.get(..12).unwrap_or(digest)),
    ));
}

/// Plain words: no rule ids, no evidence, no commands; the messages are what the customer sends on.
fn customer(page: &mut Page, report: &Report, words: &Words) {
    page.line(&format!("## {}", escaped(&report.diagnosis.headline)));
    if report.input.is_some() {
        page.line("");
        input(page, report);
    }
    page.labelled("Do next", &report.diagnosis.next_step);
    page.labelled("Password", &words.password(report));
    if let Some(told) = timeline::to_tell(report) {
        page.labelled("Since", &told.summary);
        for (_, change) in timeline::ranked(told).take(1) {
            page.labelled("Before", &timeline::change_in_words(change));
        }
    }
    for finding in root_causes(report) {
        if finding.status == Status::Pending {
            let again = finding.recheck_at.as_deref().unwrap_or("later");
            let text = format!(
                "{}. Nothing has to be done; look again at {again}.",
                finding.title
            );
            page.labelled("Wait for", &text);
        }
    }
    for event in coming::to_tell(report, false) {
        page.labelled("Coming up", &in_words(&event));
    }
    for message in messages(report, words, Some(Audience::Customer)) {
        page.paragraph(&format!("### Send this to: {}", escaped(&message.owner)));
        page.line("");
        page.block("text", &message.text);
    }
    if !report.diagnosis.checklist.is_empty() {
        page.paragraph("### After the fix");
        page.line("");
        page.numbered(&report.diagnosis.checklist);
    }
    if !root_causes(report).is_empty() {
        page.paragraph(&escaped(&shown::plain(words.support())));
    }
}
