//! The way through a document: first everything that names somebody is gathered, then each text is replaced by what
//! its place makes of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::address;
use super::classes::{Class, Place, class, holds_known_ids};
use super::known::{PLATFORM_ADDRESSES, is_known_id, is_known_name};
use super::pseudonym::{Kind, Pseudonyms, Replacement};
use super::text::{self, Found};
use super::verify::Secrets;
use crate::snapshot::Subject;

/// What stands in the place of a token or a password.
const REMOVED: &str = "[removed]";

/// Words too ordinary to be replaced in a sentence, though somebody gave them to something as its name.
const ORDINARY: &[&str] = &[
    "access",
    "account",
    "address",
    "admin",
    "administrator",
    "administrators",
    "application",
    "billing",
    "block",
    "blocked",
    "default",
    "denied",
    "device",
    "devices",
    "disabled",
    "dynamics",
    "enabled",
    "error",
    "everyone",
    "group",
    "groups",
    "location",
    "locked",
    "malicious",
    "microsoft",
    "offices",
    "operator",
    "password",
    "policy",
    "production",
    "refused",
    "sales",
    "sandbox",
    "security",
    "service",
    "sign-in",
    "support",
    "system",
    "tenant",
    "trusted",
    "unknown",
    "users",
];

/// The shortest name that is looked for in sentences.
const SHORTEST: usize = 5;

/// One document on its way.
#[derive(Debug)]
pub(super) struct Walk {
    pseudonyms: Pseudonyms,
    /// Ids that stay because of the property that held them.
    kept: BTreeSet<String>,
    /// Originals to look for in sentences, the longest first.
    words: Arc<[(Kind, String)]>,
    /// Those of them that are domains.
    domain_words: Arc<[(Kind, String)]>,
    /// Those of them that are domains or environments.
    place_words: Arc<[(Kind, String)]>,
    domains: BTreeSet<String>,
    labels: BTreeSet<String>,
}

impl Walk {
    /// Gathers the names of a document.
    pub(super) fn new(pseudonyms: Pseudonyms, document: &Value, subject: &Subject) -> Self {
        let mut walk = Self {
            pseudonyms,
            kept: BTreeSet::new(),
            words: Arc::from([]),
            domain_words: Arc::from([]),
            place_words: Arc::from([]),
            domains: BTreeSet::new(),
            labels: BTreeSet::new(),
        };
        let mut names = BTreeSet::new();
        each_text(
            document,
            "",
            Place {
                section: "",
                around: "",
            },
            &mut |key, place, text| {
                walk.gather(key, place, text, &mut names);
            },
        );
        // The subject's own ids never stay, whatever property repeats them.
        for id in [
            &subject.account,
            subject.tenant_id.as_ref().unwrap_or(&subject.account),
        ] {
            walk.kept.remove(&id.to_lowercase());
        }
        names.extend(walk.domains.iter().map(|domain| (Kind::Domain, domain.clone())));
        names.extend(walk.labels.iter().map(|label| (Kind::Environment, label.clone())));
        let mut words: Vec<(Kind, String)> = names
            .into_iter()
            .filter(|(_, name)| {
                name.chars().count() >= SHORTEST && !ORDINARY.contains(&name.as_str()) && !is_known_name(name)
            })
            .collect();
        words.sort_by_key(|(kind, name)| (std::cmp::Reverse(name.len()), *kind));
        let of_domains = words.iter().filter(|(kind, _)| *kind == Kind::Domain);
        walk.domain_words = of_domains.cloned().collect();
        let of_places = words
            .iter()
            .filter(|(kind, _)| matches!(kind, Kind::Domain | Kind::Environment));
        walk.place_words = of_places.cloned().collect();
        walk.words = words.into();
        walk
    }

    fn gather(&mut self, key: &str, place: Place<'_>, text: &str, names: &mut BTreeSet<(Kind, String)>) {
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
                    if let Some((user, domain)) = part.rsplit_once('@') {
                        self.domains.insert(domain.to_owned());
                        // Rules judge this one; it is the vendor's, not the customer's.
                        if user != "iotapsupport" {
                            names.insert((Kind::User, user.to_owned()));
                        }
                    }
                }
                Found::Environment => {
                    self.labels.insert(part);
                }
                Found::Url if !text::is_platform_host(&part) => {
                    self.domains.insert(part);
                }
                _ => {}
            }
        }
        match class(key, place) {
            Class::Domain if is_domain(&lower) => {
                self.domains.insert(lower);
            }
            Class::Name if !lower.contains('@') && !lower.is_empty() => {
                names.insert((Kind::Name, lower));
            }
            _ => {}
        }
    }

    /// The document without names.
    pub(super) fn snapshot(&mut self, document: &Value) -> Value {
        let Value::Object(map) = document else {
            return Value::Null;
        };
        let mut result = Map::new();
        for (key, value) in map {
            let value = match key.as_str() {
                "sections" => self.sections(value),
                "redacted" | "schema" | "captured_at" => value.clone(),
                key => self.value(
                    value,
                    key,
                    Place {
                        section: "",
                        around: "",
                    },
                    false,
                ),
            };
            result.insert(key.clone(), value);
        }
        result.insert("redacted".to_owned(), Value::Bool(true));
        Value::Object(result)
    }

    fn sections(&mut self, sections: &Value) -> Value {
        let Value::Object(map) = sections else {
            return Value::Null;
        };
        let redacted = map.iter().map(|(name, section)| {
            let place = Place {
                section: name,
                around: "section",
            };
            (self.property(name), self.value(section, name, place, false))
        });
        Value::Object(redacted.collect())
    }

    fn value(&mut self, value: &Value, key: &str, place: Place<'_>, of_known_app: bool) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text, key, place, of_known_app)),
            Value::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| self.value(item, key, place, of_known_app));
                Value::Array(items.collect())
            }
            Value::Object(map) => {
                let below = Place {
                    section: place.section,
                    around: key,
                };
                let of_known_app = is_of_known_app(map);
                let redacted = map
                    .iter()
                    .map(|(key, value)| (self.property(key), self.value(value, key, below, of_known_app)));
                Value::Object(redacted.collect())
            }
            other => other.clone(),
        }
    }

    /// A property's own name: an id or an address can stand there too.
    fn property(&mut self, key: &str) -> String {
        if text::finds(key).is_empty() {
            key.to_owned()
        } else {
            self.scanned(key, &mut |_, rest| rest.to_owned())
        }
    }

    fn text(&mut self, text: &str, key: &str, place: Place<'_>, of_known_app: bool) -> String {
        let class = class(key, place);
        if class == Class::Secret {
            return if text.is_empty() {
                String::new()
            } else {
                REMOVED.to_owned()
            };
        }
        if text::is_time(text) || text::is_plain(text) {
            return text.to_owned();
        }
        if let Some(nested) = self.nested(text, key, place) {
            return nested;
        }
        let whole = matches!(text::finds(text).as_slice(), [(_, part)] if part == text);
        match class {
            _ if whole => self.scanned(text, &mut |_, rest| rest.to_owned()),
            Class::Vocabulary => self.scanned(text, &mut Self::without_domains),
            Class::RoleName => self.scanned(text, &mut Self::without_places),
            Class::Sentence => self.free_text(text),
            Class::Domain if is_domain(&text.to_lowercase()) => self.domain(text),
            Class::Domain => self.free_text(text),
            Class::Account => self.account(text),
            Class::Name => self.name(text, of_known_app),
            Class::Unknown => self.pseudonyms.of(Kind::Text, text),
            Class::Secret => REMOVED.to_owned(),
        }
    }

    /// JSON in a text, as audit entries and error texts have it.
    fn nested(&mut self, text: &str, key: &str, place: Place<'_>) -> Option<String> {
        if !text.starts_with(['{', '[', '"']) {
            return None;
        }
        match serde_json::from_str(text).ok()? {
            Value::String(inner) => {
                let redacted = match class(key, place) {
                    Class::Sentence => self.name(&inner, false),
                    _ => self.text(&inner, key, place, false),
                };
                serde_json::to_string(&redacted).ok()
            }
            value @ (Value::Array(_) | Value::Object(_)) => {
                serde_json::to_string(&self.value(&value, key, place, false)).ok()
            }
            _ => None,
        }
    }

    /// A sentence: everything that names somebody is replaced in it.
    pub(super) fn free_text(&mut self, text: &str) -> String {
        self.scanned(text, &mut Self::without_words)
    }

    fn scanned(&mut self, text: &str, rest: &mut dyn FnMut(&mut Self, &str) -> String) -> String {
        let this = std::cell::RefCell::new(self);
        text::replace(
            text,
            |found, part| this.borrow_mut().found(found, part),
            |part| rest(&mut this.borrow_mut(), part),
        )
    }

    fn found(&mut self, found: Found, part: &str) -> String {
        match found {
            Found::Token => REMOVED.to_owned(),
            Found::Assigned => {
                let name = part.split(['=', ':']).next().unwrap_or_default();
                format!("{}={REMOVED}", name.trim_matches(['"', '\'', ' ']))
            }
            Found::Mail => self.account(part),
            Found::Environment => self.pseudonyms.of(Kind::Environment, part),
            Found::Url if text::is_platform_host(part) => part.to_owned(),
            Found::Url => match part.parse::<std::net::IpAddr>() {
                Ok(_) => address::replaced(&mut self.pseudonyms, part).unwrap_or_default(),
                Err(_) => self.domain(part),
            },
            Found::Guid => self.id(part),
            Found::Bare => self.bare_id(part),
            Found::Ip => address::replaced(&mut self.pseudonyms, part).unwrap_or_else(|| part.to_owned()),
        }
    }

    fn id(&mut self, id: &str) -> String {
        let lower = id.to_lowercase();
        if is_known_id(&lower) || self.kept.contains(&lower) {
            id.to_owned()
        } else {
            self.pseudonyms.guid(&lower)
        }
    }

    /// An id without hyphens, as in front of a deleted user's name.
    fn bare_id(&mut self, id: &str) -> String {
        match (
            id.get(..8),
            id.get(8..12),
            id.get(12..16),
            id.get(16..20),
            id.get(20..),
        ) {
            (Some(a), Some(b), Some(c), Some(d), Some(e)) => {
                self.id(&format!("{a}-{b}-{c}-{d}-{e}")).replace('-', "")
            }
            _ => self.pseudonyms.of(Kind::Text, id),
        }
    }

    fn domain(&mut self, domain: &str) -> String {
        self.pseudonyms.of(Kind::Domain, domain.trim_end_matches('.'))
    }

    /// `svc@contoso.com`, with what rules judge about the part before the @.
    fn account(&mut self, text: &str) -> String {
        if PLATFORM_ADDRESSES.contains(&text.to_lowercase().as_str()) || text::is_annotation(text) {
            return text.to_owned();
        }
        let Some((user, domain)) = text.rsplit_once('@') else {
            return match text::finds(text).as_slice() {
                [] => self.user(text),
                _ => self.free_text(text),
            };
        };
        format!("{}@{}", self.user(user), self.domain(domain))
    }

    fn user(&mut self, user: &str) -> String {
        let is_hex = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A deleted user's name is its object id and the name that it had.
        if let (Some(id), Some(rest)) = (user.get(..32), user.get(32..))
            && is_hex(id)
            && !rest.is_empty()
        {
            return format!("{}{}", self.bare_id(id), self.user(rest));
        }
        let lower = user.to_lowercase();
        if let Some(position) = lower.find("#ext#") {
            // Lowering can change lengths outside ASCII; then the whole name is one pseudonym.
            return match user.get(..position) {
                Some(guest) => format!("{}#EXT#", self.user(guest)),
                None => format!("{}#EXT#", self.pseudonyms.of(Kind::User, user)),
            };
        }
        let pseudonym = self.pseudonyms.of(Kind::User, user);
        if lower.starts_with("iotapsupport") {
            format!("iotapsupport-{pseudonym}")
        } else {
            pseudonym
        }
    }

    /// A chosen name, with what rules judge about it.
    fn name(&mut self, name: &str, of_known_app: bool) -> String {
        if of_known_app || is_known_name(name) {
            return self.scanned(name, &mut Self::without_domains);
        }
        let lower = name.trim().to_lowercase();
        if self.labels.contains(&lower) {
            return self.pseudonyms.of(Kind::Environment, &lower);
        }
        if self.domains.contains(&lower) {
            return self.domain(&lower);
        }
        let pseudonym = self.pseudonyms.of(Kind::Name, &lower);
        let squeezed: String = lower.split_whitespace().collect();
        if name.starts_with("Microsoft-managed") {
            format!("Microsoft-managed: {pseudonym}")
        } else if squeezed.contains("work365") {
            format!("Work 365 {pseudonym}")
        } else {
            pseudonym
        }
    }

    fn without_domains(&mut self, text: &str) -> String {
        let domains = Arc::clone(&self.domain_words);
        self.without(text, &domains)
    }

    /// Role names stay, but for the customer's own name in them.
    fn without_places(&mut self, text: &str) -> String {
        let places = Arc::clone(&self.place_words);
        self.without(text, &places)
    }

    fn without_words(&mut self, text: &str) -> String {
        let words = Arc::clone(&self.words);
        self.without(text, &words)
    }

    fn without(&mut self, text: &str, words: &[(Kind, String)]) -> String {
        let mut text = text.to_owned();
        let lower = text.to_lowercase();
        for (kind, word) in words.iter().filter(|(_, word)| lower.contains(word.as_str())) {
            while let Some((start, end)) = find_word(&text, word) {
                let pseudonym = self.pseudonyms.of(*kind, word);
                if pseudonym.contains(word.as_str()) {
                    break;
                }
                text.replace_range(start..end, &pseudonym);
            }
        }
        text
    }

    /// What was replaced.
    pub(super) fn replacements(&self) -> Vec<Replacement> {
        self.pseudonyms.replacements()
    }

    /// What the verifier must not find.
    pub(super) fn secrets(&self) -> Secrets {
        Secrets {
            originals: self
                .pseudonyms
                .replacements()
                .into_iter()
                .filter(|replacement| replacement.original != replacement.pseudonym)
                .collect(),
            words: Arc::clone(&self.words),
        }
    }
}

/// Calls `visit` with every text, the property that holds it and its place.
fn each_text(value: &Value, key: &str, place: Place<'_>, visit: &mut dyn FnMut(&str, Place<'_>, &str)) {
    match value {
        Value::String(text) => {
            visit(key, place, text);
            if text.starts_with(['{', '['])
                && let Ok(nested) = serde_json::from_str::<Value>(text)
                && !nested.is_string()
            {
                each_text(&nested, key, place, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each_text(item, key, place, visit)),
        Value::Object(map) => {
            for (below, value) in map {
                // Right below `sections` the property is the section's name.
                let section = if key == "sections" {
                    below.as_str()
                } else {
                    place.section
                };
                let around = if key == "sections" { "section" } else { key };
                each_text(value, below, Place { section, around }, visit);
            }
        }
        _ => {}
    }
}

/// An object that describes an application of Microsoft or of the vendor carries that application's name.
fn is_of_known_app(map: &Map<String, Value>) -> bool {
    ["appId", "applicationid"].iter().any(|key| {
        map.get(*key)
            .and_then(Value::as_str)
            .is_some_and(|id| is_known_id(&id.to_lowercase()))
    }) && !map.contains_key("userId")
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
}

/// Where `word`, in lower case, stands alone in `text`.
pub(super) fn find_word(text: &str, word: &str) -> Option<(usize, usize)> {
    if text.len() < word.len() {
        return None;
    }
    let lower = text.to_lowercase();
    // Lowering can move the places in a few scripts; then the text is searched as it is.
    let haystack = if lower.len() == text.len() {
        lower.as_str()
    } else {
        text
    };
    let is_part = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    haystack
        .match_indices(word)
        .map(|(start, found)| (start, start + found.len()))
        .find(|(start, end)| {
            text.is_char_boundary(*start)
                && text.is_char_boundary(*end)
                && !is_part(haystack[..*start].chars().next_back())
                && !is_part(haystack[*end..].chars().next())
        })
}
