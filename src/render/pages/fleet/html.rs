//! `html`: one self-contained page: accounts by gates, the causes behind many, what is not read, what comes. No script,
//! no request; what is shown is filtered by style sheets; light, dark and on paper.

use std::collections::BTreeSet;

use askama::Template;

use super::{accepted, cause, counts, is_right, outcome, plural, right, shared, waits};
use crate::diagnosis::report::Status;
use crate::fleet::document::{Account, Cause, ChangeKind, Fleet, MissingRight};
use crate::fleet::overview::worst_first;
use crate::render::report::shown::neutralised;

/// How many names of accounts stand in a list before the rest is folded away: a page of a thousand accounts is read by its
/// causes.
const NAMES: usize = 12;

/// The page.
pub(crate) fn html(fleet: &Fleet) -> String {
    let fleet = neutralised(fleet);
    let areas = areas(&fleet);
    let page = Page {
        fleet: &fleet,
        counts: counts(&fleet.summary),
        accepted: accepted(&fleet),
        rows: worst_first(&fleet.accounts)
            .into_iter()
            .map(|account| Row::of(account, &areas))
            .collect(),
        areas: &areas,
        anchors: anchors(&fleet.causes),
        has_changes: fleet
            .accounts
            .iter()
            .any(|account| account.change != ChangeKind::First),
    };
    // Writing to memory has no way to fail.
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(
    path = "fleet.html",
    config = "src/render/pages/fleet/askama.toml",
    whitespace = "minimize"
)]
struct Page<'a> {
    fleet: &'a Fleet,
    counts: String,
    accepted: Option<String>,
    rows: Vec<Row<'a>>,
    areas: &'a [String],
    anchors: BTreeSet<&'a str>,
    has_changes: bool,
}

impl Page<'_> {
    fn waits(&self, one: &Cause) -> Option<String> {
        waits(one)
    }

    fn cause(&self, one: &Cause) -> String {
        cause(one)
    }

    fn accounts(&self, count: usize) -> String {
        plural(count, "account")
    }

    fn common(&self, one: &Cause) -> Option<String> {
        let words = shared(&one.shared);
        (one.accounts.len() > 1 && !words.is_empty()).then_some(words)
    }

    fn groups<'c>(&self, one: &'c Cause) -> Vec<(String, &'c [String])> {
        let groups = one.groups.iter();
        groups
            .map(|group| (shared(&group.shared), group.accounts.as_slice()))
            .collect()
    }

    /// The names that are shown at once.
    fn first(&self, names: &[String]) -> String {
        names.get(..NAMES).unwrap_or(names).join(", ")
    }

    /// The names that are shown when somebody asks for them.
    fn others<'n>(&self, names: &'n [String]) -> &'n [String] {
        names.get(NAMES..).unwrap_or_default()
    }

    fn right(&self, one: &MissingRight) -> String {
        right(one)
    }
}

/// One account.
struct Row<'a> {
    account: &'a Account,
    outcome: &'static str,
    /// The outcome as a class of the style sheet.
    class: &'static str,
    is_right: bool,
    is_changed: bool,
    cells: Vec<Cell<'a>>,
}

/// One gate of one account.
struct Cell<'a> {
    area: &'a str,
    class: &'static str,
    mark: &'static str,
    word: &'static str,
}

impl<'a> Row<'a> {
    fn of(account: &'a Account, areas: &'a [String]) -> Self {
        let outcome = outcome(account);
        let cells = areas.iter().map(|area| {
            let gate = account.gates.iter().find(|gate| gate.area == *area);
            Cell::of(area, gate.map(|gate| gate.status))
        });
        Self {
            account,
            outcome,
            class: if outcome == "no verdict" { "error" } else { outcome },
            is_right: is_right(account),
            is_changed: account.change != ChangeKind::Same,
            cells: cells.collect(),
        }
    }

    fn day(&self) -> &str {
        let since = self.account.since.as_deref().unwrap_or_default();
        since.get(..10).unwrap_or(since)
    }

    /// The file of the report, as a link from a page that lies beside the store or names it whole.
    fn link(&self) -> Option<String> {
        self.account.report.as_deref().map(address)
    }
}

impl<'a> Cell<'a> {
    fn of(area: &'a str, status: Option<Status>) -> Self {
        let (class, mark, word) = match status {
            Some(Status::Fail) => ("fail", "✕", "fail"),
            Some(Status::Pending) => ("pending", "…", "pending"),
            Some(Status::Unknown) => ("unknown", "?", "not known"),
            Some(Status::Pass) => ("pass", "✓", "pass"),
            Some(Status::NotApplicable) | None => ("na", "·", "not asked"),
        };
        Self {
            area,
            class,
            mark,
            word,
        }
    }
}

/// The areas that anybody was asked about, in the order of the gates of the account that has most.
fn areas(fleet: &Fleet) -> Vec<String> {
    let mut gates: Vec<&Account> = fleet.accounts.iter().collect();
    gates.sort_by_key(|account| std::cmp::Reverse(account.gates.len()));
    let mut areas: Vec<String> = Vec::new();
    for gate in gates.iter().flat_map(|account| &account.gates) {
        if !areas.contains(&gate.area) {
            areas.push(gate.area.clone());
        }
    }
    areas
}

/// The causes that a link can lead to.
fn anchors(causes: &[Cause]) -> BTreeSet<&str> {
    causes.iter().map(|cause| cause.id.as_str()).collect()
}

/// A path as a relative or `file:` address: only what means nothing in an address stands as it is.
fn address(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut address = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    match path.starts_with('/') {
        true => format!("file://{address}"),
        false => address,
    }
}
