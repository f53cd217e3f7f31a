//! The way through a document: each text is replaced by what its place makes of it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::classes::{Class, Place};
use super::gather::{Gathered, is_domain};
use super::known::is_known_id;
use super::pseudonym::{Kind, Pseudonyms, Replacement};
use super::replace::{REMOVED, Replacer};
use super::text;
use super::verify::Originals;
use super::vocabulary::{knows, words};
use crate::snapshot::Subject;

/// One document on its way.
#[derive(Debug)]
pub(super) struct Walk {
    replacer: Replacer,
    /// What became of a text of a class: a log says the same again and again.
    done: HashMap<(Class, bool, String), String>,
    /// Names of properties.
    properties: HashMap<String, String>,
}

impl Walk {
    /// Gathers the names of a document.
    pub(super) fn new(pseudonyms: Pseudonyms, document: &Value, subject: &Subject) -> Self {
        Self {
            replacer: Replacer {
                pseudonyms,
                gathered: Gathered::of(document, subject),
            },
            done: HashMap::new(),
            properties: HashMap::new(),
        }
    }

    /// The document without names.
    pub(super) fn snapshot(&mut self, document: &Value) -> Value {
        let Value::Object(map) = document else {
            return Value::Null;
        };
        let mut result = Map::new();
        for (key, value) in map {
            let name = self.property(key);
            let value = match key.as_str() {
                "redacted" | "schema" | "captured_at" => value.clone(),
                key => self.value(value, key, Place::OUTSIDE, false),
            };
            result.insert(name, value);
        }
        result.insert("redacted".to_owned(), Value::Bool(true));
        Value::Object(result)
    }

    fn value(&mut self, value: &Value, key: &str, place: Place<'_>, of_known_app: bool) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text, key, place, of_known_app)),
            Value::Number(number) => {
                let text = number.to_string();
                if place.keeps_number(key, &text) {
                    value.clone()
                } else {
                    Value::String(self.replacer.pseudonyms.of(Kind::Number, &text))
                }
            }
            Value::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| self.value(item, key, place, of_known_app));
                Value::Array(items.collect())
            }
            Value::Object(map) => {
                let of_known_app = is_of_known_app(map);
                let redacted = map.iter().map(|(below, value)| {
                    let place = place.below(key, below, map);
                    (
                        self.property(below),
                        self.value(value, below, place, of_known_app),
                    )
                });
                Value::Object(redacted.collect())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    /// A property's own name: an id, an address or a person can stand there too.
    fn property(&mut self, key: &str) -> String {
        if let Some(done) = self.properties.get(key) {
            return done.clone();
        }
        let is_known = words(key).all(|word| knows(word.text));
        let told = match text::finds(key).is_empty() {
            true => key.to_owned(),
            false => self.replacer.sentence(key),
        };
        let name = if told == key && !is_known {
            self.replacer.pseudonyms.of(Kind::Property, key)
        } else {
            told
        };
        self.properties.insert(key.to_owned(), name.clone());
        name
    }

    fn text(&mut self, text: &str, key: &str, place: Place<'_>, of_known_app: bool) -> String {
        let class = place.class(key);
        if class == Class::Secret {
            return if text.is_empty() {
                String::new()
            } else {
                REMOVED.to_owned()
            };
        }
        if let Some(nested) = self.nested(text, key, place) {
            return nested;
        }
        // Blanks around an id or a name mean nothing, and would make another pseudonym of the same name.
        let text = match class {
            Class::Sentence | Class::Vocabulary | Class::RoleName => text,
            _ => text.trim(),
        };
        if class == Class::Version && is_version(text) {
            return text.to_owned();
        }
        if text::is_plain(text) || text::is_time(text) && !is_of_a_life(key) {
            return text.to_owned();
        }
        let place = (class, of_known_app, text.to_owned());
        if let Some(done) = self.done.get(&place) {
            return done.clone();
        }
        let replaced = self.replaced(text, class, of_known_app);
        self.done.insert(place, replaced.clone());
        replaced
    }

    fn replaced(&mut self, text: &str, class: Class, of_known_app: bool) -> String {
        let replacer = &mut self.replacer;
        if matches!(text::finds(text).as_slice(), [(_, part)] if part == text) {
            return replacer.sentence(text);
        }
        match class {
            Class::Code if is_code(text) => text.to_owned(),
            Class::Vocabulary | Class::Sentence => replacer.sentence(text),
            Class::RoleName => replacer.role_name(text),
            Class::Domain if is_domain(&text.to_lowercase()) => replacer.domain(text),
            Class::Domain => replacer.sentence(text),
            Class::Account => replacer.account(text),
            Class::Name => replacer.name(text, of_known_app),
            Class::Unknown | Class::Code | Class::Version => replacer.pseudonyms.of(Kind::Text, text),
            Class::Secret => REMOVED.to_owned(),
        }
    }

    /// JSON in a text, as audit entries and error texts have it.
    fn nested(&mut self, text: &str, key: &str, place: Place<'_>) -> Option<String> {
        if !text.starts_with(['{', '[', '"']) {
            return None;
        }
        match serde_json::from_str(text).ok()? {
            value @ (Value::Array(_) | Value::Object(_) | Value::String(_)) => {
                serde_json::to_string(&self.value(&value, key, place, false)).ok()
            }
            _ => None,
        }
    }

    /// A sentence: what is not of everybody is replaced in it.
    pub(super) fn free_text(&mut self, text: &str) -> String {
        self.replacer.sentence(text)
    }

    /// What the verifier must not find.
    pub(super) fn originals(&self, document: &Value) -> Originals {
        let gathered = &self.replacer.gathered;
        // The verifier sees through marks that nobody sees; so do the words that stay.
        let visible =
            |word: &String| -> String { word.chars().filter(|mark| mark.is_alphanumeric()).collect() };
        let roles: std::collections::BTreeSet<String> = gathered.role_words.iter().map(visible).collect();
        let stays = |text: &str| {
            gathered.kept.contains(text) || gathered.role_words.contains(text) || roles.contains(text)
        };
        Originals::of(document, &self.replacements(), &stays)
    }

    /// What was replaced.
    pub(super) fn replacements(&self) -> Vec<Replacement> {
        self.replacer.pseudonyms.replacements()
    }
}

/// `DE`, `en-US`.
fn is_code(text: &str) -> bool {
    let is_pair = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut parts = text.split('-');
    parts.next().is_some_and(is_pair) && parts.next().is_none_or(is_pair) && parts.next().is_none()
}

fn is_version(text: &str) -> bool {
    let is_number =
        |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').all(is_number) && text.split('.').count() <= 5
}

/// A day that says who somebody is.
fn is_of_a_life(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["birth", "hire", "leave"].iter().any(|part| key.contains(part))
}

/// An object that describes an application of Microsoft or of the vendor carries that application's name.
fn is_of_known_app(map: &Map<String, Value>) -> bool {
    ["appId", "applicationid"].iter().any(|key| {
        map.get(*key)
            .and_then(Value::as_str)
            .is_some_and(|id| is_known_id(&id.to_lowercase()))
    }) && !map.contains_key("userId")
}
