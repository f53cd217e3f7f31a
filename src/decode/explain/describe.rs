//! A code with everything that the catalogue and the tables say about it, and the advice filled with what a text told.

use std::collections::BTreeMap;

use super::catalogue;
use super::neighbours;
use super::tables::TABLES;
use crate::decode::model::{DecodedError, Family};
use crate::portal;

/// A code with what the catalogue and the tables say about it, before anything of a text is added.
pub(crate) fn describe(code: &str) -> DecodedError {
    let entry = catalogue::entry(code);
    let known = TABLES.known(code);
    let name = entry.and_then(|entry| entry.name.clone()).or_else(|| {
        known
            .map(|known| known.name.to_owned())
            .filter(|name| !name.is_empty())
    });
    let told = matches!(Family::of(code), Family::Message | Family::Http | Family::Network);
    DecodedError {
        code: code.to_owned(),
        family: Family::of(code),
        name,
        category: catalogue::category(code).to_owned(),
        count: 1,
        first_line: 1,
        first_seen: None,
        last_seen: None,
        documented: entry.map_or_else(
            || known.map_or(told, |known| known.documented),
            |entry| entry.documented,
        ),
        meaning: entry.map_or_else(|| neighbours::of(code), |entry| Some(entry.meaning.clone())),
        causes: entry.map(|entry| entry.causes.clone()).unwrap_or_default(),
        retryable: catalogue::is_retryable(code),
        remedy: entry.map_or_else(|| neighbours::remedy(code), |entry| Some(entry.remedy.clone())),
        rules: entry.map(|entry| entry.rules.clone()).unwrap_or_default(),
        ids: BTreeMap::new(),
        conditional_access_policies: Vec::new(),
        applications: Vec::new(),
        grant: None,
    }
}

/// A code as a headline says it. A failure told in words has no code, only a name in this program's tables: its words do.
pub(crate) fn spoken(code: &str) -> String {
    match code.strip_prefix("MSG:") {
        Some(name) => name.replace('_', " "),
        None => code.to_owned(),
    }
}

/// Spells out the owner and puts the ids of the text into the advice.
pub(crate) fn with_advice(mut error: DecodedError) -> DecodedError {
    if let Some(mut remedy) = error.remedy.take() {
        remedy.owner = catalogue::owner_name(&remedy.owner).to_owned();
        for step in &mut remedy.steps {
            *step = fill(step, &error);
        }
        for command in &mut remedy.commands {
            let shell = command.shell;
            command.text = fill_with(&command.text, &error, |name, value| shell.takes(name, value));
        }
        remedy.avoid = fill(&remedy.avoid, &error);
        remedy.verify = fill(&remedy.verify, &error);
        remedy.before = portal::before(remedy.actions());
        error.remedy = Some(remedy);
    }
    error
}

/// `text` with the ids of an error in the place of their names in braces; what is unknown becomes `<name>`.
pub(crate) fn fill(text: &str, error: &DecodedError) -> String {
    fill_with(text, error, |_, _| true)
}

/// The same with the values that fit; one that does not fit counts as unknown.
fn fill_with(text: &str, error: &DecodedError, fits: impl Fn(&str, &str) -> bool) -> String {
    const NAMES: [&str; 16] = [
        "user",
        "tenant_id",
        "principal_id",
        "privilege",
        "correlation_id",
        "trace_id",
        "timestamp",
        "application_id",
        "policy_id",
        "grant_issued",
        "tokens_valid_from",
        "access_mode",
        "request_id",
        "user_id",
        "object_id",
        "resource_id",
    ];
    let mut filled = text.to_owned();
    for name in NAMES {
        let placeholder = format!("{{{name}}}");
        if !filled.contains(&placeholder) {
            continue;
        }
        let value = match name {
            "application_id" => error.ids.get("app_id"),
            "policy_id" => error.conditional_access_policies.first(),
            "principal_id" => error.named_principal(),
            _ => error.ids.get(name),
        };
        let value = value.filter(|value| fits(name, value));
        let shown = value.map_or_else(|| format!("<{name}>"), Clone::clone);
        filled = filled.replace(&placeholder, &shown);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::{describe, with_advice};

    #[test]
    fn what_a_text_calls_a_user_never_becomes_a_command() {
        let command = |user: &str| {
            let mut error = describe("AADSTS50055");
            error.ids.insert("user".to_owned(), user.to_owned());
            let remedy = with_advice(error).remedy;
            remedy.map_or_else(String::new, |remedy| remedy.commands[0].text.clone())
        };
        assert!(command("svc@contoso.com").contains("-UserId 'svc@contoso.com'"));
        for hostile in ["x'; calc; '@contoso.com", "$(id)@contoso.com", "a\nb@contoso.com"] {
            assert!(command(hostile).contains("'<user>'"), "{hostile}");
        }
    }
}
