//! `csv`: one row an account, safe to open in a spreadsheet.

use std::collections::BTreeSet;

use super::outcome;
use crate::fleet::document::{Account, Fleet};
use crate::text::one_line;

/// The columns of this program; those of the list follow.
const COLUMNS: [&str; 17] = [
    "name",
    "input",
    "account",
    "environment",
    "tenant",
    "profile",
    "outcome",
    "severity",
    "root_causes",
    "headline",
    "owner",
    "next_step",
    "since",
    "change",
    "captured_at",
    "report",
    "error",
];

/// A header and a row an account.
pub(crate) fn csv(fleet: &Fleet) -> String {
    let of_list: BTreeSet<&str> = fleet
        .accounts
        .iter()
        .flat_map(|account| account.columns.keys().map(String::as_str))
        .collect();
    // A column of the list that is called like one of this program keeps its name behind a word.
    let header = COLUMNS
        .iter()
        .map(|column| (*column).to_owned())
        .chain(of_list.iter().map(|column| match COLUMNS.contains(column) {
            true => format!("list {column}"),
            false => (*column).to_owned(),
        }));
    let mut text = row(header);
    for account in &fleet.accounts {
        let others = of_list
            .iter()
            .map(|column| account.columns.get(*column).cloned().unwrap_or_default());
        text.push_str(&row(cells(account).into_iter().chain(others)));
    }
    text
}

fn cells(account: &Account) -> [String; COLUMNS.len()] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        account.name.clone(),
        account.input.clone(),
        text(&account.account),
        text(&account.environment),
        text(&account.tenant),
        account
            .profile
            .map(|profile| profile.name().to_owned())
            .unwrap_or_default(),
        outcome(account).to_owned(),
        account
            .severity
            .map(|severity| severity.name().to_owned())
            .unwrap_or_default(),
        account.root_causes.join(" "),
        text(&account.headline),
        text(&account.owner),
        text(&account.next_step),
        text(&account.since),
        account.change.word().to_owned(),
        text(&account.captured_at),
        text(&account.report),
        text(&account.error),
    ]
}

fn row(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&harmless(&cell))).collect();
    cells.join(",") + "\r\n"
}

/// A cell that a spreadsheet would take for a formula is text.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = one_line(cell);
    // Blanks at the start are gone now: what stood behind them can come to stand first.
    match is_formula || text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', ';', '"', '\t', '\n', '\r', '\'']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{harmless, quoted};

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, shown) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'x"),
            ("\r=x", "'=x"),
            ("\n=x", "'=x"),
            (" =x", "'=x"),
            ("a=b", "a=b"),
            ("", ""),
            ("\u{202e}x", "\\u{202e}x"),
        ] {
            assert_eq!(harmless(cell), shown, "{cell:?}");
        }
    }

    #[test]
    fn separators_and_quotes_stay_in_their_cell() {
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"no\""), "\"say \"\"no\"\"\"");
        assert_eq!(quoted("plain"), "plain");
    }
}
