//! One account over time, for people: what the reports came to, what happened, what nobody kept.

use crate::fleet::evidence::Gap;
use crate::fleet::history::{History, Judgement};
use crate::render::Style;
use crate::render::page::Page;
use crate::render::report::marks::{code, escaped};
use crate::render::report::timeline::{Step, gap_in_words, refused, steps};
use crate::text::one_line;

/// The account over time.
pub(crate) fn table(history: &History, style: Style) -> String {
    let mut page = Page::new(style);
    let name = page.strong(&one_line(&history.name));
    let account = history.account.as_deref().unwrap_or_default();
    page.line(&format!("{name}  {}", one_line(account)));
    page.blank();
    for (label, text) in head(history) {
        page.labelled(0, label, &text);
    }
    let Some(timeline) = &history.timeline else {
        return reports(page, history);
    };
    page.labelled(0, "Timeline", &timeline.summary);
    for gap in refused(timeline) {
        page.labelled(0, "Not read", &gap_in_words(gap));
    }
    page.blank();
    for step in steps(timeline) {
        page.row(&format!("{:<20}  ", step.at), &" ".repeat(22), &in_words(&step));
    }
    page.blank();
    reports(page, history)
}

fn reports(mut page: Page, history: &History) -> String {
    for turn in history.turns() {
        page.row(
            &format!("{:<20}  ", turn.captured_at),
            &" ".repeat(22),
            &came_to(turn),
        );
    }
    page.into_text()
}

/// The account over time, for a ticket.
pub(crate) fn markdown(history: &History) -> String {
    let account = history.account.as_deref().unwrap_or_default();
    let mut lines = vec![
        format!("## {}: {}", escaped(&history.name), code(account)),
        String::new(),
    ];
    let told = head(history).into_iter();
    lines.extend(told.map(|(label, text)| format!("* {label}: {}", escaped(&text))));
    if let Some(timeline) = &history.timeline {
        lines.push(format!("* Timeline: {}", escaped(&timeline.summary)));
        let gaps = refused(timeline).map(|gap| format!("* Not read: {}", escaped(&gap_in_words(gap))));
        lines.extend(gaps);
        lines.extend([String::new(), "### What happened".to_owned(), String::new()]);
        let steps = steps(timeline).into_iter();
        lines.extend(steps.map(|step| format!("* {} {}", escaped(&step.at), escaped(&in_words(&step)))));
    }
    lines.extend([
        String::new(),
        "### What the reports came to".to_owned(),
        String::new(),
    ]);
    let turns = history.turns().into_iter();
    lines.extend(turns.map(|turn| format!("* {} {}", escaped(&turn.captured_at), escaped(&came_to(turn)))));
    lines.join("\n") + "\n"
}

fn head(history: &History) -> Vec<(&'static str, String)> {
    let mut head = Vec::new();
    head.extend(
        history
            .environment
            .clone()
            .map(|environment| ("Where", environment)),
    );
    let names = if history.redacted {
        ", names are pseudonyms"
    } else {
        ""
    };
    head.push(match (&history.since, &history.until) {
        (Some(since), Some(until)) => (
            "Evidence",
            format!("from {since} to {until}, {} pieces{names}", history.pieces),
        ),
        _ => ("Evidence", "none was kept".to_owned()),
    });
    head.push(("Reports", history.judgements.len().to_string()));
    head.extend(history.gaps.iter().map(|gap| ("Gap", hole(gap))));
    head
}

fn hole(gap: &Gap) -> String {
    format!(
        "nothing of {} was kept from {} to {}: what happened then is not told",
        gap.section, gap.from, gap.until
    )
}

fn in_words(step: &Step) -> String {
    let parts = [step.word.as_str(), step.text.as_str(), step.detail.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(". ").replace(".. ", ". ")
}

/// `unhealthy: mfa-per-user`.
fn came_to(judgement: &Judgement) -> String {
    let outcome = judgement.outcome.word();
    match judgement.root_causes.is_empty() {
        true => outcome.to_owned(),
        false => format!("{outcome}: {}", judgement.root_causes.join(", ")),
    }
}
