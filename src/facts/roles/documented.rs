//! What standard roles give by Microsoft's documentation, for evidence that lists roles and not what they give.
//!
//! `rules/data/standard-roles.csv` says of each role only what a page says of it, with the year of the page; everything else
//! is unknown. A role is known by its name, so that a renamed one is unknown too.

use std::sync::LazyLock;

use crate::decode::explain::options::Documented;
use crate::decode::model::Depth;
use crate::embedded;

/// A row of the table.
#[derive(Debug)]
struct Row {
    role: &'static str,
    /// A name, or the beginning of names before an asterisk.
    privilege: &'static str,
    depth: Depth,
    year: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    embedded::text("rules/data/standard-roles.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some(Row {
                role: cells.next()?,
                privilege: cells.next()?,
                depth: Depth::called(cells.next()?)?,
                year: cells.next()?,
            })
        })
        .collect()
});

/// Roles that the page describes by this one privilege.
const NARROW: [&str; 1] = ["Delegate"];

/// The role of those named that gives the privilege widest.
pub(super) fn widest(held: &[String], privilege: &str) -> Option<Documented> {
    rows_of(privilege)
        .filter(|row| holds(held, row.role))
        .max_by_key(|row| row.depth)
        .map(documented)
}

/// Roles that give the privilege and next to nothing else, and are not held.
pub(super) fn narrow(held: &[String], privilege: &str) -> Vec<Documented> {
    rows_of(privilege)
        .filter(|row| NARROW.contains(&row.role) && !holds(held, row.role))
        .map(documented)
        .collect()
}

fn rows_of(privilege: &str) -> impl Iterator<Item = &'static Row> {
    let wanted = privilege.to_ascii_lowercase();
    ROWS.iter().filter(move |row| {
        let own = row.privilege.to_ascii_lowercase();
        match own.strip_suffix('*') {
            Some(start) => wanted.starts_with(start),
            None => wanted == own,
        }
    })
}

fn holds(held: &[String], role: &str) -> bool {
    held.iter().any(|name| name.trim().eq_ignore_ascii_case(role))
}

fn documented(row: &Row) -> Documented {
    Documented {
        role: row.role.to_owned(),
        depth: row.depth,
        year: row.year.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ROWS, narrow, widest};
    use crate::decode::model::Depth;
    use crate::embedded;

    #[test]
    fn every_row_is_read() {
        let lines = embedded::text("rules/data/standard-roles.csv").lines().count();
        assert_eq!(ROWS.len(), lines - 1);
        assert!(ROWS.len() > 100);
    }

    #[test]
    fn a_role_gives_what_its_page_says_and_nothing_is_guessed() {
        let named = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
        for (held, privilege, depth) in [
            (&["Salesperson"][..], "prvReadAccount", Some(Depth::Global)),
            (&["salesperson "], "prvcreateaccount", Some(Depth::Basic)),
            (
                &["Salesperson", "Sales Manager"],
                "prvCreateContact",
                Some(Depth::Local),
            ),
            (&["Service Reader"], "prvReadwm_subscription", Some(Depth::Global)),
            (&["Service Reader"], "prvWriteInvoice", None),
            (&["Salesperson"], "prvReadInvoice", None),
            (&["Basic User"], "prvReadAccount", None),
            (&["Work 365 Service"], "prvReadAccount", None),
        ] {
            let found = widest(&named(held), privilege);
            assert_eq!(found.map(|role| role.depth), depth, "{held:?} {privilege}");
        }
        assert_eq!(narrow(&[], "prvActOnBehalfOfAnotherUser").len(), 1);
        assert!(narrow(&named(&["Delegate"]), "prvActOnBehalfOfAnotherUser").is_empty());
        assert!(narrow(&[], "prvReadAccount").is_empty());
    }
}
