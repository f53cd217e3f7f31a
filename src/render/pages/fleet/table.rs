//! `table`: one line an account, the worst first; then what one cause breaks for many.

use colored::Color;
use textwrap::core::display_width;

use super::{accepted, cause, counts, is_right, names, outcome, right, shared, waits, what};
use crate::diagnosis::report::Outcome;
use crate::fleet::document::{Account, ChangeKind, Fleet};
use crate::fleet::overview::worst_first;
use crate::render::page::Page;
use crate::render::{Style, Verbosity};
use crate::text::one_line;

/// How many names one line of causes shows.
const NAMES: usize = 6;

/// How many events are shown; the other formats have all.
const EVENTS: usize = 12;

/// The width of the longest outcome.
const OUTCOME: usize = 10;

/// The width of the longest change.
const CHANGE: usize = 10;

/// A day.
const DAY: usize = 10;

/// Two blanks between columns.
const GAP: &str = "  ";

/// The whole answer.
pub(crate) fn table(fleet: &Fleet, style: Style) -> String {
    let mut page = Page::new(style);
    let head = page.strong(&counts(&fleet.summary));
    page.line(&head);
    if let Some(accepted) = accepted(fleet) {
        page.row("", "  ", &one_line(&accepted));
    }
    if style.verbosity == Verbosity::Quiet {
        return page.into_text();
    }
    accounts(&mut page, fleet);
    causes(&mut page, fleet);
    unreadable(&mut page, fleet);
    upcoming(&mut page, fleet);
    page.into_text()
}

fn accounts(page: &mut Page, fleet: &Fleet) {
    if fleet.accounts.is_empty() {
        return;
    }
    page.blank();
    let has_changes = fleet
        .accounts
        .iter()
        .any(|account| account.change != ChangeKind::First);
    let longest = fleet
        .accounts
        .iter()
        .map(|account| display_width(&one_line(&account.name)));
    let width = longest.max().unwrap_or_default().clamp(4, page.style.width / 3);
    let has_times = fleet.accounts.iter().any(|account| account.since.is_some());
    let change = |word: &str| match has_changes {
        true => format!("{}{GAP}", padded(word, CHANGE)),
        false => String::new(),
    };
    let day = |day: &str| match has_times {
        true => format!("{}{GAP}", padded(day, DAY)),
        false => String::new(),
    };
    page.line(&format!(
        "{}{GAP}{}{GAP}{}{}cause",
        padded("name", width),
        padded("outcome", OUTCOME),
        change("change"),
        day("since")
    ));
    for account in worst_first(&fleet.accounts) {
        let outcome = page.paint(&padded(outcome(account), OUTCOME), color(account));
        let since = account
            .since
            .as_deref()
            .and_then(|since| since.get(..DAY))
            .unwrap_or("");
        let line = format!(
            "{}{GAP}{outcome}{GAP}{}{}",
            padded(&cut(&one_line(&account.name), width), width),
            change(account.change.word()),
            day(since)
        );
        let used = width + OUTCOME + 2 * GAP.len() + day("").len() + change("").len();
        let rest = page.style.width.saturating_sub(used).max(20);
        page.line(format!("{line}{}", short(account, rest)).trim_end());
    }
}

/// The first cause and how many more there are, or why there is no report.
fn short(account: &Account, width: usize) -> String {
    let Some(first) = account.root_causes.first().filter(|_| account.error.is_none()) else {
        return cut(&one_line(&what(account)), width);
    };
    let more = match account.root_causes.len() {
        1 => String::new(),
        count => format!(" +{}", count - 1),
    };
    format!(
        "{}{more}",
        cut(&one_line(first), width.saturating_sub(more.len()))
    )
}

fn color(account: &Account) -> Color {
    match account.outcome {
        Some(Outcome::Healthy) if is_right(account) => Color::Green,
        Some(Outcome::Unhealthy) | None => Color::Red,
        Some(_) => Color::Yellow,
    }
}

fn causes(page: &mut Page, fleet: &Fleet) {
    if fleet.causes.is_empty() {
        return;
    }
    page.heading("Causes, the one that stops most accounts first");
    for one in &fleet.causes {
        page.item(&format!(
            "{} ({}): {}",
            cause(one),
            one.severity.name(),
            one.title
        ));
        page.nested(&names(&one.accounts, NAMES));
        let common = shared(&one.shared);
        if one.accounts.len() > 1 && !common.is_empty() {
            page.nested(&format!("all of them: {common}"));
        }
        for group in &one.groups {
            let since = group
                .since
                .as_ref()
                .map(|since| format!(" since {since}"))
                .unwrap_or_default();
            page.nested(&format!(
                "{} of them{since}: {}: {}",
                group.accounts.len(),
                shared(&group.shared),
                names(&group.accounts, NAMES)
            ));
        }
        if let Some(owner) = &one.owner {
            page.nested(&format!("who fixes it: {owner}"));
        }
        if let Some(waits) = waits(one) {
            page.nested(&waits);
        }
    }
}

fn unreadable(page: &mut Page, fleet: &Fleet) {
    if fleet.unreadable.is_empty() {
        return;
    }
    page.heading("Not read, the right that would answer for most accounts first");
    for one in &fleet.unreadable {
        page.item(&format!(
            "{}: {} checks of {}: {}",
            right(one),
            one.checks,
            super::plural(one.accounts.len(), "account"),
            names(&one.accounts, NAMES)
        ));
    }
}

fn upcoming(page: &mut Page, fleet: &Fleet) {
    if fleet.upcoming.is_empty() {
        return;
    }
    page.heading("What comes");
    for event in fleet.upcoming.iter().take(EVENTS) {
        let day = event.at.get(..DAY).unwrap_or(&event.at);
        page.item(&format!(
            "{day}: {} ({})",
            event.what,
            names(&event.accounts, NAMES)
        ));
    }
    let more = fleet.upcoming.len().saturating_sub(EVENTS);
    if more > 0 {
        page.item(&format!("and {more} more; -o json has all"));
    }
}

/// `text` with blanks behind it, so many columns wide.
fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(display_width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// `text` in at most so many columns; a mark says that more was there.
fn cut(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        let mut buffer = [0; 4];
        let next = display_width(&shown) + display_width(character.encode_utf8(&mut buffer));
        if next + 1 > width {
            break;
        }
        shown.push(character);
    }
    shown.push('…');
    shown
}
