//! `what-if` for a person: the decision, and each policy with its reason.

use colored::Color;

use super::Style;
use super::page::Page;
use crate::conditional_access::{AppliedPolicy, Decision, WhatIf};

/// The answer as text.
pub fn what_if(answer: &WhatIf, style: Style) -> String {
    let mut page = Page::new(style);
    let (word, color) = match answer.decision {
        Decision::Allow => ("ALLOWED", Color::Green),
        Decision::ControlsRequired => ("MORE IS REQUIRED", Color::Red),
        Decision::Block => ("BLOCKED", Color::Red),
        Decision::Undetermined => ("UNDETERMINED", Color::Yellow),
    };
    let word = page.paint(word, color);
    page.line(&word);
    for missing in &answer.missing {
        page.labelled(0, "Missing", missing);
    }
    for policy in &answer.applied {
        applied(&mut page, "Applies", policy);
    }
    for policy in &answer.undetermined {
        page.blank();
        page.labelled(0, "Open", &policy.name);
        page.labelled(2, "Id", &policy.id);
        page.labelled(2, "Would ask", &policy.controls.join(", "));
        page.labelled(2, "Depends on", &policy.missing.join(", "));
        if policy.report_only {
            page.labelled(2, "State", "report-only: it changes nothing");
        }
    }
    for policy in &answer.report_only {
        applied(&mut page, "Reports", policy);
    }
    if !answer.not_applied.is_empty() {
        page.blank();
        page.line("Does not apply");
        for policy in &answer.not_applied {
            page.item(&format!(
                "{} ({}): {}",
                policy.name, policy.condition, policy.because
            ));
        }
    }
    page.into_text()
}

fn applied(page: &mut Page, label: &str, policy: &AppliedPolicy) {
    page.blank();
    page.labelled(0, label, &policy.name);
    page.labelled(2, "Id", &policy.id);
    let operator = policy.operator.as_deref().unwrap_or("and").to_lowercase();
    page.labelled(2, "Asks for", &policy.controls.join(&format!(" {operator} ")));
    if !policy.session_controls.is_empty() {
        page.labelled(2, "Session", &policy.session_controls.join(", "));
    }
    for because in &policy.because {
        page.labelled(2, "Because", because);
    }
    for change in &policy.changes {
        page.labelled(2, "Change", &change.text);
        if let Some(compensation) = &change.compensation_text {
            page.labelled(2, "", compensation);
        }
    }
}
