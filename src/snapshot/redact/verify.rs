//! The last look before anything is written: no token, no password, no address outside `.invalid`, no original.
//!
//! It judges the finished document and knows nothing of how it was made.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::classes::{Class, Place, class};
use super::known::PLATFORM_ADDRESSES;
use super::pseudonym::{Kind, Replacement};
use super::text::{self, Found};
use super::walk::find_word;

/// Something that must not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// JSON path of the place.
    pub path: String,
    /// What stands there; never the text itself.
    pub what: &'static str,
}

impl fmt::Display for Leak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.what, self.path)
    }
}

/// What stood in the original.
#[derive(Debug)]
pub(super) struct Secrets {
    pub(super) originals: Vec<Replacement>,
    pub(super) words: Arc<[(Kind, String)]>,
}

/// Every leak of a finished document.
pub(super) fn leaks(document: &Value, secrets: &Secrets) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let place = Place {
        section: "",
        around: "",
    };
    visit(document, "", place, &mut String::from("$"), secrets, &mut leaks);
    leaks
}

fn visit(
    value: &Value,
    key: &str,
    place: Place<'_>,
    path: &mut String,
    secrets: &Secrets,
    leaks: &mut Vec<Leak>,
) {
    let length = path.len();
    match value {
        Value::String(text) => {
            if let Some(what) = leak_of(text, class(key, place), secrets) {
                leaks.push(Leak {
                    path: path.clone(),
                    what,
                });
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                path.push_str(&format!("[{position}]"));
                visit(item, key, place, path, secrets, leaks);
                path.truncate(length);
            }
        }
        Value::Object(map) => {
            for (below, value) in map {
                let section = if key == "sections" {
                    below.as_str()
                } else {
                    place.section
                };
                let around = if key == "sections" { "section" } else { key };
                if let Some(what) = leak_of(below, Class::Vocabulary, secrets) {
                    leaks.push(Leak {
                        path: path.clone(),
                        what,
                    });
                }
                path.push('.');
                path.push_str(below);
                visit(value, below, Place { section, around }, path, secrets, leaks);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn leak_of(text: &str, class: Class, secrets: &Secrets) -> Option<&'static str> {
    let lower = text.to_lowercase();
    if class == Class::Secret && !text.is_empty() && text != "[removed]" {
        return Some("a password or key");
    }
    let mut addresses = Vec::new();
    for (found, part) in text::finds(text) {
        let part = part.to_lowercase();
        match found {
            Found::Ip => addresses.push(part),
            Found::Token => return Some("a token"),
            Found::Assigned if !part.ends_with("[removed]") => return Some("a password or token"),
            Found::Mail
                if !part.ends_with(".invalid")
                    && !PLATFORM_ADDRESSES.contains(&part.as_str())
                    && !text::is_annotation(&part) =>
            {
                return Some("an address outside .invalid");
            }
            _ => {}
        }
    }
    for secret in &secrets.originals {
        let original = secret.original.as_str();
        let leaked = match secret.kind {
            // Shorter texts hold no id.
            Kind::Id => {
                lower.len() >= 32 && (lower.contains(original) || lower.contains(&original.replace('-', "")))
            }
            // What is left of an address can be another address's replacement; whole ones are compared.
            Kind::Address => addresses
                .iter()
                .any(|part| part == original && !is_pseudonym(part, secrets)),
            Kind::Domain => lower.contains(original) && find_word(&lower, original).is_some(),
            Kind::Environment => lower.contains(original) && lower.contains(&format!("//{original}.")),
            Kind::User | Kind::Name | Kind::Text => is_for_names(class) && lower.trim() == original,
        };
        if leaked {
            return Some(match secret.kind {
                Kind::Id => "an original id",
                Kind::Address => "an original address",
                Kind::Domain | Kind::Environment => "an original domain",
                Kind::User | Kind::Name | Kind::Text => "an original name",
            });
        }
    }
    let names_somebody =
        |(_, word): &(Kind, String)| lower.contains(word.as_str()) && find_word(&lower, word).is_some();
    (matches!(
        class,
        Class::Sentence | Class::Unknown | Class::Name | Class::Account
    ) && !super::known::is_known_name(text)
        && secrets.words.iter().any(names_somebody))
    .then_some("an original name")
}

fn is_pseudonym(text: &str, secrets: &Secrets) -> bool {
    secrets.originals.iter().any(|secret| secret.pseudonym == text)
}

fn is_for_names(class: Class) -> bool {
    matches!(class, Class::Name | Class::Account | Class::Unknown)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::{Secrets, leaks};
    use crate::snapshot::redact::pseudonym::{Kind, Replacement};

    #[test]
    fn each_kind_of_leak_is_found_and_its_text_is_not_repeated() {
        let secrets = Secrets {
            originals: vec![Replacement {
                kind: Kind::Id,
                original: "11111111-1111-4111-8111-1111111111f1".to_owned(),
                pseudonym: "x".to_owned(),
            }],
            words: Arc::from([(Kind::Name, "fabrikam".to_owned())]),
        };
        let token = format!("eyJ{}.{}.c", "a".repeat(30), "b".repeat(30));
        for (document, what) in [
            (
                json!({"a": [{"upn": "a@contoso.com"}]}),
                "an address outside .invalid",
            ),
            (json!({"message": format!("sent {token}")}), "a token"),
            (json!({"password": "hunter2"}), "a password or key"),
            (
                json!({"id": "11111111-1111-4111-8111-1111111111F1"}),
                "an original id",
            ),
            (json!({"id": "x11111111111141118111 1111111111f1"}), ""),
            (json!({"id": "1111111111114111811111111111 11f1"}), ""),
            (json!({"message": "of Fabrikam, Inc."}), "an original name"),
            (json!({"upn": "user-1@domain-1.invalid"}), ""),
        ] {
            let found = leaks(&document, &secrets);
            let kinds: Vec<&str> = found.iter().map(|leak| leak.what).collect();
            let wanted: Vec<&str> = if what.is_empty() { vec![] } else { vec![what] };
            assert_eq!(kinds, wanted, "{document}");
            assert!(!format!("{found:?}").contains("hunter2"));
        }
    }
}
