//! The comparison of two reports, for a person.

use super::{Verdict, details, event, groups, side, sign_ins};
use crate::diagnosis::diff::{Change, ReportDiff};
use crate::render::Style;
use crate::render::page::Page;
use crate::text::one_line;

/// What still fails, is new, fixed, changed, still unknown.
pub fn diff(diff: &ReportDiff, style: Style) -> String {
    let mut page = Page::new(style);
    let account = page.strong(&one_line(&diff.account));
    page.line(&format!("{}  {account}", Verdict::of(diff).word()));
    page.blank();
    page.labelled(0, "Old", &side(&diff.old));
    page.labelled(0, "New", &side(&diff.new));
    if let Some(seen) = &diff.sign_ins {
        page.labelled(0, "Sign-ins", &sign_ins(seen));
    }
    for note in &diff.notes {
        page.labelled(0, "Note", note);
    }
    for group in groups(diff) {
        page.blank();
        let title = page.strong(&format!("{} ({})", group.title, group.changes.len()));
        page.line(&title);
        for change in group.changes {
            one(&mut page, change);
        }
    }
    page.blank();
    for coming in &diff.upcoming_new {
        page.labelled(0, "Coming up", &event(coming));
    }
    for gone in &diff.upcoming_gone {
        page.labelled(0, "No longer", &gone.what);
    }
    page.labelled(0, "Unchanged", &diff.unchanged.to_string());
    page.into_text()
}

fn one(page: &mut Page, change: &Change) {
    page.labelled(
        2,
        change.severity.name(),
        &format!("{}: {}", change.id, change.title),
    );
    for line in details(change) {
        page.labelled(2, "", &line);
    }
}
