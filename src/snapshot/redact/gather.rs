//! What names somebody in a case: gathered from every text before the first one is replaced.

use std::collections::BTreeSet;

use serde_json::Value;

use super::classes::{Class, Place, holds_known_ids};
use super::known::{PLATFORM_ADDRESSES, is_known_name};
use super::pseudonym::Kind;
use super::sentence::Names;
use super::text::{self, Found};
use super::vocabulary::{knows, words};
use crate::snapshot::Subject;

/// What names somebody.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Ids that stay because of the property that held them.
    pub(super) kept: BTreeSet<String>,
    pub(super) names: Names,
    pub(super) domains: BTreeSet<String>,
    /// First labels of environments' addresses.
    pub(super) labels: BTreeSet<String>,
    /// Words, not of everybody, that stand in names of roles and nowhere else.
    pub(super) role_words: BTreeSet<String>,
}

impl Gathered {
    /// Gathers the names of a document.
    pub(super) fn of(document: &Value, subject: &Subject) -> Self {
        let mut gathered = Self::default();
        each_text(document, "", Place::OUTSIDE, &mut |class, _, text| {
            if class == Class::RoleName {
                gathered.role_words.extend(unknown_words(text));
            }
        });
        let mut seen = std::collections::HashSet::new();
        each_text(document, "", Place::OUTSIDE, &mut |class, key, text| {
            if seen.insert((class, text.to_owned())) || holds_known_ids(key) {
                gathered.add(class, key, text);
            }
        });
        // The subject's own ids never stay, whatever property repeats them.
        for id in [
            &subject.account,
            subject.tenant_id.as_ref().unwrap_or(&subject.account),
        ] {
            gathered.kept.remove(&id.to_lowercase());
        }
        for domain in &gathered.domains {
            gathered.names.add(Kind::Domain, domain);
        }
        for label in &gathered.labels {
            gathered.names.add(Kind::Environment, label);
        }
        gathered
    }

    fn add(&mut self, class: Class, key: &str, text: &str) {
        if class != Class::RoleName && !self.role_words.is_empty() {
            for word in unknown_words(text) {
                self.role_words.remove(&word);
            }
        }
        let lower = text.trim().to_lowercase();
        for (found, part) in text::finds(text) {
            let part = part.to_lowercase();
            match found {
                Found::Guid if holds_known_ids(key) => {
                    self.kept.insert(part);
                }
                Found::Mail
                    if !text::is_annotation(&part) && !PLATFORM_ADDRESSES.contains(&part.as_str()) =>
                {
                    if let Some((user, domain)) = text::plain_mail(&part).rsplit_once('@') {
                        self.domains.insert(domain.to_owned());
                        // Rules judge this one; it is the vendor's, not the customer's.
                        if user != "iotapsupport" {
                            self.names.add(Kind::User, user);
                        }
                    }
                }
                Found::Environment => {
                    self.labels.insert(part);
                }
                Found::Url => {
                    let host = part.rsplit_once('@').map_or(part.as_str(), |(_, host)| host);
                    if !text::is_platform_host(host) {
                        self.domains.insert(host.to_owned());
                    }
                }
                _ => {}
            }
        }
        match class {
            Class::Domain if is_domain(&lower) => {
                self.domains.insert(lower);
            }
            Class::Name if !lower.contains('@') && !is_known_name(&lower) => {
                self.names.add(Kind::Name, &lower)
            }
            _ => {}
        }
    }
}

fn unknown_words(text: &str) -> impl Iterator<Item = String> {
    words(text)
        .filter(|word| !knows(word.text))
        .map(|word| word.text.to_lowercase())
}

/// Calls `visit` with every text, its class and the property that holds it.
pub(super) fn each_text(
    value: &Value,
    key: &str,
    place: Place<'_>,
    visit: &mut dyn FnMut(Class, &str, &str),
) {
    match value {
        Value::String(text) => {
            if text.starts_with(['{', '[', '"'])
                && let Ok(nested) = serde_json::from_str::<Value>(text)
            {
                each_text(&nested, key, place, visit);
            } else {
                visit(place.class(key), key, text);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_text(item, key, place, visit)),
        Value::Object(map) => {
            for (below, value) in map {
                each_text(value, below, place.below(key, below, map), visit);
            }
        }
        _ => {}
    }
}

pub(super) fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
}
