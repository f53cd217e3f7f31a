//! One error: what it is, what to do, and what stands beside it.

use colored::Color;

use crate::decode::explain::page::ExplainedCode;
use crate::decode::model::{Grant, Principal};
use crate::decode::{DecodedError, PasswordVerdict};
use crate::render::Style;
use crate::render::page::Page;
use crate::render::report::shown::{UNDOCUMENTED, ways_of};
use crate::text::one_line;

/// The page of one code.
pub fn code_page(code: &ExplainedCode, style: Style) -> String {
    let mut page = Page::new(style);
    let error = &code.error;
    page.title(error);
    if let Some(decimal) = code.decimal {
        page.labelled(0, "Decimal", &decimal.to_string());
    }
    page.about(error);
    if code.password != PasswordVerdict::Unknown {
        page.labelled(0, "Password", &format!("{} (inference)", code.password.word()));
    }
    page.advice(error);
    if let Some(day) = &code.checked {
        page.labelled(0, "As of", day);
    }
    page.into_text()
}

impl Page {
    /// The code and its name.
    pub(super) fn title(&mut self, error: &DecodedError) {
        let code = self.paint(&one_line(&error.code), Color::Red);
        let name = error
            .name
            .as_deref()
            .map(|name| format!("  {}", one_line(name)))
            .unwrap_or_default();
        self.line(&format!("{code}{name}"));
    }

    /// What it is: its category first.
    pub(super) fn about(&mut self, error: &DecodedError) {
        self.labelled(0, "Category", &error.category);
        self.about_without_category(error);
    }

    /// What it is, where the category is told already.
    pub(super) fn about_without_category(&mut self, error: &DecodedError) {
        if let Some(meaning) = &error.meaning {
            self.labelled(0, "Means", meaning);
        }
        if !error.documented {
            self.labelled(0, "Note", UNDOCUMENTED);
        }
        if error.retryable {
            self.labelled(
                0,
                "Retry",
                "The same request may succeed later without any change.",
            );
        }
    }

    /// Causes, what to do, and the checks that look for it.
    pub(super) fn advice(&mut self, error: &DecodedError) {
        for (position, cause) in error.causes.iter().enumerate() {
            self.labelled(0, if position == 0 { "Causes" } else { "" }, cause);
        }
        if let Some(remedy) = &error.remedy {
            self.blank();
            self.remedy(remedy);
        }
        if !error.rules.is_empty() {
            self.blank();
            self.labelled(0, "Checks", &error.rules.join(", "));
        }
    }

    /// The right that is missing, and the ways to give it.
    pub(super) fn grant(&mut self, grant: &Grant) {
        self.heading("Missing right");
        let rights = grant.access_rights.join(", ");
        let depth = grant
            .depth_needed
            .map(|depth| format!(", at least {} deep", depth.word()))
            .unwrap_or_default();
        let table = grant
            .table
            .as_deref()
            .map(|table| format!(" on {table}"))
            .unwrap_or_default();
        if !rights.is_empty() {
            self.item(&format!("right: {rights}{table}{depth}"));
        }
        if let Some(privilege) = &grant.privilege {
            self.item(&format!("privilege: {privilege}"));
        }
        self.item(&format!("for: {}", party(&grant.principal)));
        if let Some(held) = grant.depth_held {
            self.item(&format!("held: {} deep", held.word()));
        }
        for (role, other) in [("called by", &grant.caller), ("record of", &grant.owner)] {
            if let Some(other) = other.as_ref().filter(|other| other.id != grant.principal.id) {
                self.item(&format!("{role}: {}", party(other)));
            }
        }
        for way in ways_of(grant) {
            self.item(&way);
        }
    }

    /// What stands beside the error: ids, applications, policies.
    pub(super) fn ids(&mut self, error: &DecodedError) {
        if error.ids.is_empty() && error.conditional_access_policies.is_empty() {
            return;
        }
        self.heading("Found beside it");
        for (name, value) in &error.ids {
            self.item(&format!("{name}: {value}"));
        }
        for application in &error.applications {
            let note = application
                .note
                .as_deref()
                .map(|note| format!(": {note}"))
                .unwrap_or_default();
            self.item(&format!("{} is {}{note}", application.id, application.name));
        }
        for policy in &error.conditional_access_policies {
            self.item(&format!("conditional access policy: {policy}"));
        }
    }
}

/// A party of a refusal in words.
fn party(principal: &Principal) -> String {
    let kind = principal.kind.map_or("principal", |kind| kind.word());
    let name = principal
        .name
        .as_deref()
        .map(|name| format!(" {name}"))
        .unwrap_or_default();
    let id = principal.id.as_deref().unwrap_or("not named");
    format!("{kind}{name} {id}")
}
