//! The comparison of two reports, for a person.

use super::Style;
use super::page::Page;
use crate::diagnosis::diff::{Change, ReportDiff, Side};
use crate::diagnosis::report::Status;
use crate::text::one_line;

/// What is new, fixed, changed, still unknown.
pub fn diff(diff: &ReportDiff, style: Style) -> String {
    let mut page = Page::new(style);
    let account = page.strong(&one_line(&diff.account));
    page.line(&format!("{}  {account}", verdict(diff)));
    page.blank();
    page.labelled(0, "Old", &side(&diff.old));
    page.labelled(0, "New", &side(&diff.new));
    for note in &diff.notes {
        page.labelled(0, "Note", note);
    }
    let groups = [
        ("New", &diff.new_faults),
        ("Fixed", &diff.fixed),
        ("Changed", &diff.changed),
        ("Still unknown", &diff.still_unknown),
    ];
    for (title, changes) in groups {
        if changes.is_empty() {
            continue;
        }
        page.blank();
        let title = page.strong(&format!("{title} ({})", changes.len()));
        page.line(&title);
        for change in changes {
            one(&mut page, change);
        }
    }
    page.blank();
    page.labelled(0, "Unchanged", &diff.unchanged.to_string());
    page.into_text()
}

/// One word for the whole. What cannot be seen any more, or is judged by other guidance, is neither better nor worse.
fn verdict(diff: &ReportDiff) -> &'static str {
    let was_lost = |change: &Change| {
        change.after == Some(Status::Unknown) && change.before.is_some_and(|before| before != Status::Unknown)
    };
    if diff.worse {
        "WORSE"
    } else if diff.changed.iter().any(was_lost) || diff.old.profile != diff.new.profile {
        "UNCLEAR"
    } else if !diff.fixed.is_empty() {
        "BETTER"
    } else if diff.changed.is_empty() && diff.new_faults.is_empty() {
        "SAME"
    } else {
        "NOT WORSE"
    }
}

fn side(side: &Side) -> String {
    let judged = if side.generated_at == side.captured_at {
        String::new()
    } else {
        format!(", judged as of {}", side.generated_at)
    };
    format!(
        "{}, evidence of {}{judged}, rules {}, profile {}",
        side.outcome.word(),
        side.captured_at,
        side.rules,
        side.profile
    )
}

fn one(page: &mut Page, change: &Change) {
    let before = change.before.map_or("not asked", |status| status.word());
    let after = change.after.map_or("not asked", |status| status.word());
    let worse = if change.worse { ", worse" } else { "" };
    page.labelled(
        2,
        change.severity.name(),
        &format!("{}: {}", change.id, change.title),
    );
    if before != after {
        page.labelled(2, "", &format!("{before} → {after}{worse}"));
    } else if change.worse {
        page.labelled(2, "", "worse");
    }
    for difference in &change.differences {
        // The arrow above says it already.
        if !difference.starts_with(&format!("{before} became {after}")) {
            page.labelled(2, "", difference);
        }
    }
}
