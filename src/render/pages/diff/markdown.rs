//! The comparison of two reports as Markdown, for a ticket.

use super::{Verdict, details, event, groups, side, sign_ins};
use crate::diagnosis::diff::ReportDiff;
use crate::render::report::marks::{code, escaped};

/// What still fails, is new, fixed, changed, still unknown.
pub(crate) fn markdown(diff: &ReportDiff) -> String {
    let mut lines = vec![
        format!("## {}: {}", Verdict::of(diff).word(), code(&diff.account)),
        String::new(),
        format!("* Old: {}", escaped(&side(&diff.old))),
        format!("* New: {}", escaped(&side(&diff.new))),
    ];
    if let Some(seen) = &diff.sign_ins {
        lines.push(format!("* Sign-ins: {}", escaped(&sign_ins(seen))));
    }
    lines.extend(diff.notes.iter().map(|note| format!("* Note: {}", escaped(note))));
    for group in groups(diff) {
        lines.push(String::new());
        lines.push(format!("### {} ({})", group.title, group.changes.len()));
        lines.push(String::new());
        for change in group.changes {
            lines.push(format!(
                "* {} {}: {}",
                change.severity.name(),
                code(&change.id),
                escaped(&change.title)
            ));
            let details = details(change);
            lines.extend(details.iter().map(|line| format!("  * {}", escaped(line))));
        }
    }
    let coming = diff.upcoming_new.iter();
    let coming = coming.map(|one| format!("* Coming up, {}", escaped(&event(one))));
    let gone = diff.upcoming_gone.iter();
    let gone = gone.map(|one| format!("* No longer coming: {}", escaped(&one.what)));
    let time: Vec<String> = coming.chain(gone).collect();
    if !time.is_empty() {
        lines.push(String::new());
        lines.extend(time);
    }
    lines.push(String::new());
    lines.push(format!("Unchanged: {}", diff.unchanged));
    lines.join("\n") + "\n"
}
