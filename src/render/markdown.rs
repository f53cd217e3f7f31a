//! `markdown`: the report for a ticket. Pastes into GitHub, Jira and Zendesk; under 40 lines for one root cause.

use std::borrow::Cow;

use super::compared;
use super::handoff::messages;
use super::shown::{
    self, because_in_words, for_customer, neutralised, other_faults, root_causes, value_in_words,
};
use super::{Audience, Style, timeline};
use crate::diagnosis::Words;
use crate::diagnosis::report::{Finding, Report, Status};
use crate::remedy::{Command, Remedy, Shell};
use crate::text::one_line;
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
        for (position, step) in steps.iter().enumerate() {
            self.line(&format!("{}. {}", position + 1, escaped(step)));
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
    let password = words.password(report.diagnosis.password.word());
    page.line(&format!("* Password: {}", escaped(&password)));
    page.line(&format!(
        "* Evidence of {}, judged as of {} by the profile {}",
        escaped(&report.captured_at),
        escaped(&report.generated_at),
        escaped(report.profile.name())
    ));
    page.line(&format!("* Checks: {}", escaped(&shown::counts(report))));
    if let Some(told) = timeline::to_tell(report) {
        since(page, told);
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
            format!("{}{behind}", code(&finding.id))
        })
        .collect();
    if !others.is_empty() {
        page.paragraph(&format!("**Also wrong.** {}", others.join(", ")));
    }
    let unknown: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| finding.status == Status::Unknown)
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
    page.labelled("Do next", &report.diagnosis.next_step);
    page.labelled("Password", &words.password(report.diagnosis.password.word()));
    if let Some(told) = timeline::to_tell(report) {
        page.labelled("Since", &told.summary);
        for (_, change) in timeline::ranked(told).take(1) {
            page.labelled("Before", &timeline::change_in_words(change));
        }
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
        page.paragraph(&escaped(words.support()));
    }
}

/// Text on one line in which no character is a mark: not HTML, not emphasis, not a link, not a table's border.
fn escaped(text: &str) -> String {
    let line = one_line(text);
    let mut safe = String::with_capacity(line.len() + 8);
    let characters: Vec<char> = line.chars().collect();
    for (position, &character) in characters.iter().enumerate() {
        let beside = |other: Option<&char>| other.is_some_and(|other| other.is_alphanumeric());
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            // An entity keeps GitHub from making a link of an address.
            ':' if characters.get(position + 1) == Some(&'/') => safe.push_str("&#58;"),
            // Inside a word an underscore is no mark.
            '_' if position > 0
                && beside(characters.get(position - 1))
                && beside(characters.get(position + 1)) =>
            {
                safe.push('_');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '#' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

/// A code span around the text, whatever it holds.
fn code(text: &str) -> String {
    let text: Cow<'_, str> = Cow::Owned(one_line(text));
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn marks_html_links_and_line_feeds_of_a_hostile_name_are_text() {
        assert_eq!(
            escaped("a|b\n# <script>x</script> [l](javascript:1) *b* _i_ `c`"),
            "a\\|b \\# &lt;script&gt;x&lt;/script&gt; \\[l\\](javascript:1) \\*b\\* \\_i\\_ \\`c\\`"
        );
        assert_eq!(escaped("see http://evil.example"), "see http&#58;//evil.example");
        assert_eq!(escaped("snake_case"), "snake_case");
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
