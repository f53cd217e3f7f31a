//! The answer of `fleet`: one file a format, and what they share.

pub(crate) mod csv;
#[cfg(feature = "cli")]
pub(crate) mod history;
pub(crate) mod html;
pub(crate) mod ics;
pub(crate) mod junit;
pub(crate) mod table;

use std::collections::BTreeMap;

use crate::diagnosis::report::Outcome;
use crate::fleet::document::{Account, Cause, Fleet, MissingRight, Shared, Summary};

/// What an account came to, in a word.
fn outcome(account: &Account) -> &'static str {
    match account.outcome {
        None => "error",
        Some(_) if !account.verdict => "no verdict",
        Some(outcome) => outcome.word(),
    }
}

/// Whether a reader has to do something about it.
fn is_right(account: &Account) -> bool {
    account.outcome == Some(Outcome::Healthy) && account.verdict
}

/// The causes of an account, or why it has no report.
fn what(account: &Account) -> String {
    match &account.error {
        Some(error) => error.clone(),
        None => account.root_causes.join(", "),
    }
}

/// `5 accounts: 2 unhealthy, 3 healthy`.
fn counts(summary: &Summary) -> String {
    let parts = [
        (summary.unhealthy, "unhealthy"),
        (summary.pending, "pending"),
        (summary.incomplete, "incomplete"),
        (summary.no_verdict, "without a verdict"),
        (summary.errors, "not read"),
        (summary.healthy, "healthy"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let accounts = plural(summary.accounts, "account");
    format!("{accounts}: {}", parts.join(", "))
}

/// Which faults of how many accounts do not count because somebody accepted them; nothing where none is.
fn accepted(fleet: &Fleet) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in fleet.accounts.iter().flat_map(|account| &account.accepted) {
        *counts.entry(rule).or_default() += 1;
    }
    let rules: Vec<String> = counts
        .into_iter()
        .map(|(rule, count)| format!("{rule} ({})", plural(count, "account")))
        .collect();
    let found = fleet.accepted_by.as_ref();
    let found = found.map(|file| format!(" by {file}, which was found"));
    (!rules.is_empty()).then(|| {
        format!(
            "Accepted{}, so not counted: {}",
            found.unwrap_or_default(),
            rules.join(", ")
        )
    })
}

fn plural(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// What accounts have in common, in words; empty when nothing is known.
fn shared(shared: &Shared) -> String {
    let parts = [
        ("policy", &shared.policy),
        ("tenant", &shared.tenant),
        ("environment", &shared.environment),
        ("error", &shared.error),
        ("day", &shared.day),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(what, value)| value.as_ref().map(|value| format!("{what} {value}")))
        .collect();
    parts.join(", ")
}

/// A cause and how many it stops: `mfa-conditional-access stops 14 accounts since 2026-06-15T06:00:00Z`.
fn cause(cause: &Cause) -> String {
    let since = cause
        .since
        .as_ref()
        .map(|since| format!(" since {since}"))
        .unwrap_or_default();
    format!(
        "{} stops {}{since}",
        cause.id,
        plural(cause.accounts.len(), "account")
    )
}

/// For how many of its accounts time alone is expected to cure it; nothing where somebody has to act everywhere.
fn waits(cause: &Cause) -> Option<String> {
    let whom = match cause.pending.len() {
        0 => return None,
        all if all == cause.accounts.len() => String::new(),
        some => format!("for {some} of them "),
    };
    Some(format!("{whom}nobody has to act: wait, then look again"))
}

/// A right in words.
fn right(right: &MissingRight) -> String {
    let parts: Vec<&str> = [&right.permission, &right.role, &right.license]
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    if parts.is_empty() {
        return "evidence that was not collected, or whose service failed".to_owned();
    }
    parts.join(" + ")
}

/// At most so many names, and how many more there are.
fn names(names: &[String], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(String::as_str).collect();
    let rest = names.len().saturating_sub(most);
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}
