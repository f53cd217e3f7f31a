//! `what-if` for a person: the decision, and each policy with its reason.

use colored::Color;

use crate::conditional_access::{AppliedPolicy, Decision, Draft, DraftSignIn, WhatIf};
use crate::render::Style;
use crate::render::page::Page;

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
    if let Some(draft) = &answer.draft {
        drafted(&mut page, draft);
    }
    for missing in &answer.missing {
        page.labelled(0, "Missing", missing);
    }
    for note in &answer.notes {
        page.labelled(0, "Note", note);
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

/// Before and after the drafts, account by account.
fn drafted(page: &mut Page, draft: &Draft) {
    for account in &draft.accounts {
        page.blank();
        page.labelled(0, "Account", &account.account);
        sign_in(page, "Asked", &account.asked);
        for own in &account.sign_ins {
            let label = match own.kind.as_str() {
                "password" => "Password",
                "refresh" => "Refresh",
                _ => "App user",
            };
            let alike = DraftSignIn {
                kind: account.asked.kind.clone(),
                ..own.clone()
            };
            if alike == account.asked {
                page.labelled(2, label, "the same");
            } else {
                sign_in(page, label, own);
            }
        }
    }
    page.blank();
    page.line("With the draft");
}

fn sign_in(page: &mut Page, label: &str, sign_in: &DraftSignIn) {
    let mut text = if sign_in.before == sign_in.after {
        format!("{}, as today", in_words(sign_in.after))
    } else {
        format!(
            "today {}, then {}",
            in_words(sign_in.before),
            in_words(sign_in.after)
        )
    };
    if !sign_in.decides.is_empty() {
        text.push_str(&format!(" (decided by {})", sign_in.decides.join(", ")));
    }
    page.labelled(2, label, &text);
    for because in &sign_in.because {
        page.nested(&format!("because {because}"));
    }
    if !sign_in.missing.is_empty() {
        page.nested(&format!("depends on {}", sign_in.missing.join(", ")));
    }
    for change in &sign_in.keeps_working {
        page.nested(&format!("keeps working: {change}"));
    }
}

fn in_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allowed",
        Decision::ControlsRequired => "more is required",
        Decision::Block => "blocked",
        Decision::Undetermined => "undetermined",
    }
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
