//! The page of a rule, for a person.

use crate::diagnosis::RulePage;
use crate::render::Style;
use crate::render::page::Page;

/// What a rule asks, why, and what to do.
pub fn rule_page(rule: &RulePage, style: Style) -> String {
    let mut page = Page::new(style);
    let title = page.strong(&rule.id);
    page.line(&title);
    page.blank();
    page.labelled(0, "Expected", &rule.expectation);
    page.labelled(0, "Fault", &rule.title);
    page.labelled(0, "Why", &rule.why);
    page.labelled(
        0,
        "Area",
        &format!("{}, gate {}, {}", rule.area, rule.gate, rule.severity),
    );
    let applies: Vec<String> = rule
        .applies
        .iter()
        .map(|(profile, word)| format!("{profile} {word}"))
        .collect();
    page.labelled(0, "Profiles", &applies.join(", "));
    page.labelled(0, "Judges", &rule.when);
    if !rule.requires.is_empty() {
        page.labelled(0, "Masked by", &rule.requires.join(", "));
    }
    if !rule.explained_by.is_empty() {
        page.labelled(
            0,
            "Caused by",
            &format!("perhaps {}", rule.explained_by.join(", ")),
        );
    }
    page.blank();
    page.remedy(&rule.remedy);
    for (profile, remedy) in &rule.remedies {
        page.heading(&format!("Under the profile {profile}"));
        page.remedy(remedy);
    }
    page.blank();
    for (profile, guidance) in &rule.guidance {
        page.labelled(
            0,
            "Guidance",
            &format!("{profile}: {} ({})", guidance.source, guidance.date),
        );
    }
    page.into_text()
}
