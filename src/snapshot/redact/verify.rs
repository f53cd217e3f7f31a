//! The last look before anything is written. It works from the other side: it knows nothing of classes and places, has
//! patterns of its own, and looks for every original in whatever form it could have come through.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::fold::{folded, forms, phrases};
use super::known::{PLATFORM_ADDRESSES, is_known_id, is_known_name};
use super::pseudonym::{Kind, Replacement};
use super::text::{ADDRESS, STATED, TIME};

/// Something that must not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// JSON path of the place.
    pub path: String,
    /// The section in which it stands; empty outside the sections.
    pub section: String,
    /// What stands there; never the text itself.
    pub what: &'static str,
}

impl fmt::Display for Leak {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {}", self.what, self.path)
    }
}

/// What never leaves, whoever's it is.
const FORBIDDEN: &[(&str, &str)] = &[
    (r"eyJ[A-Za-z0-9_-]{8,}\.\s*[A-Za-z0-9_-]{4,}", "a token"),
    (r"-----BEGIN ", "a key"),
    (
        r"(?i)\b(?:pwd|password|accountkey|sig|client_secret|api_?key)\s*=\s*[^\s\[;,&)\x01]",
        "a password or key",
    ),
    (r"\bS-1-5-21-[0-9]+", "a security identifier"),
    (
        r"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
        "an address outside .invalid",
    ),
    (r"\+[0-9][0-9 ()/.-]{6,}[0-9]", "a telephone number"),
    (r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){3,7}\b", "a bank account"),
    (
        r#"(?i)(?:^|[\s"'/:(,;])[a-z0-9-]+(?:\.sharepoint|\.onmicrosoft)\.com"#,
        "a host of a tenant",
    ),
];

/// What the redaction itself writes, and forms that hold no name.
const OWN: &str = r"(?x)
    \b(?:user|domain|org|name|text|number|property|address)-[0-9a-f]{6,64}\b
    |\bdomain-[0-9]+\.invalid\b
    |\[removed\]
    |[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}";

/// Ids in either spelling.
const ID: &str = r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b";

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    // Literals; a test counts what compiles.
    let compiled = FORBIDDEN
        .iter()
        .map(|(pattern, what)| Some((Regex::new(pattern).ok()?, *what)));
    compiled.flatten().collect()
});

static OWN_PATTERN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!("{OWN}|(?-x:{TIME}|{STATED}|{ADDRESS})")).ok());

static ADDRESS_PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ADDRESS).ok());

static ID_PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ID).ok());

/// What stood in the original, folded, and what of it may stay.
#[derive(Debug, Default)]
pub(super) struct Originals {
    texts: HashSet<String>,
    ids: HashSet<String>,
    /// IP addresses that were replaced by others.
    addresses: HashSet<String>,
    /// Numbers that were replaced.
    numbers: HashSet<String>,
}

impl Originals {
    /// Every text of a document that is not of everybody. Whole addresses and numbers can be another original's
    /// replacement or be in order elsewhere: of those `replaced` tells.
    pub(super) fn of(document: &Value, replaced: &[Replacement], stays: &dyn Fn(&str) -> bool) -> Self {
        let mut originals = Self::default();
        let mut seen = HashSet::new();
        each(document, &mut String::new(), &mut |_, leaf| {
            if let Leaf::Text(text) = leaf
                && seen.insert(text.to_owned())
            {
                originals.add(text, stays);
            }
        });
        let of = |kind: Kind| {
            replaced
                .iter()
                .filter(move |one| one.kind == kind && one.original != one.pseudonym)
        };
        let addresses = of(Kind::Address).map(|one| one.original.clone());
        originals.addresses = addresses.collect();
        for one in of(Kind::Address) {
            originals.addresses.remove(&one.pseudonym);
        }
        originals.numbers = of(Kind::Number)
            .map(|one| one.original.clone())
            .filter(|number| number.len() > 2)
            .collect();
        originals
    }

    fn add(&mut self, text: &str, stays: &dyn Fn(&str) -> bool) {
        for id in ids(text) {
            if !is_known_id(&id) && !stays(&id) {
                self.ids.insert(id);
            }
        }
        let rest = without_own(text);
        if is_known_name(text) {
            return;
        }
        for form in forms(&rest) {
            for word in folded(&form) {
                if word.folded.chars().count() > 2 && !word.is_known && !stays(&word.folded) {
                    self.texts.insert(word.folded);
                }
            }
        }
    }
}

/// What is said of a number that was to be replaced.
const ORIGINAL_NUMBER: &str = "an original number";

/// Every leak of a finished document.
pub(super) fn leaks(document: &Value, originals: &Originals) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let mut clean = HashSet::new();
    each(document, &mut String::from("$"), &mut |path, leaf| {
        let what = match leaf {
            Leaf::Number(number) => originals.numbers.contains(&number).then_some(ORIGINAL_NUMBER),
            Leaf::Text(text) if clean.contains(text) => None,
            Leaf::Text(text) => {
                let what = leak_of(text, originals);
                if what.is_none() {
                    clean.insert(text.to_owned());
                }
                what
            }
        };
        leaks.extend(what.map(|what| Leak {
            path: path.to_owned(),
            section: section_of(path),
            what,
        }));
    });
    leaks
}

/// Every leak of another document that was made from the redacted one: its own numbers, as counts, are no leak.
pub(super) fn leaks_elsewhere(document: &Value, originals: &Originals) -> Vec<Leak> {
    let mut leaks = leaks(document, originals);
    leaks.retain(|leak| leak.what != ORIGINAL_NUMBER);
    leaks
}

/// `graph.user` of `$["sections"]["graph.user"]…`.
fn section_of(path: &str) -> String {
    let rest = path.strip_prefix("$[\"sections\"][\"");
    let section = rest.and_then(|rest| rest.split("\"]").next());
    section.unwrap_or_default().to_owned()
}

fn leak_of(text: &str, originals: &Originals) -> Option<&'static str> {
    if PLATFORM_ADDRESSES.contains(&text) || is_known_name(text) {
        return None;
    }
    for id in ids(text) {
        if originals.ids.contains(&id) {
            return Some("an original id");
        }
    }
    let mut addresses = ADDRESS_PATTERN.iter().flat_map(|pattern| pattern.find_iter(text));
    if addresses.any(|found| originals.addresses.contains(&found.as_str().to_lowercase())) {
        return Some("an original address");
    }
    let rest = without_own(text);
    for form in forms(&rest) {
        for (pattern, what) in PATTERNS.iter() {
            let is_own = |found: &str| {
                let lower = found.to_lowercase();
                lower.ends_with(".invalid")
                    || lower.contains("@odata.")
                    || PLATFORM_ADDRESSES.contains(&lower.as_str())
            };
            if pattern.find_iter(&form).any(|found| !is_own(found.as_str())) {
                return Some(what);
            }
        }
        if phrases(&form).any(|phrase| originals.texts.contains(&phrase)) {
            return Some("an original name or value");
        }
    }
    None
}

fn ids(text: &str) -> Vec<String> {
    let Some(pattern) = ID_PATTERN.as_ref().filter(|_| text.len() >= 32) else {
        return Vec::new();
    };
    let plain = |id: &str| {
        let id = id.to_lowercase().replace('-', "");
        let parts = [
            id.get(..8),
            id.get(8..12),
            id.get(12..16),
            id.get(16..20),
            id.get(20..),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("-")
    };
    pattern
        .find_iter(text)
        .map(|found| plain(found.as_str()))
        .collect()
}

fn without_own(text: &str) -> String {
    match OWN_PATTERN.as_ref() {
        Some(pattern) => pattern.replace_all(text, "\u{1}").into_owned(),
        None => text.to_owned(),
    }
}

/// A text, or a number as it is written.
enum Leaf<'v> {
    Text(&'v str),
    Number(String),
}

/// Calls `visit` with the path and the text of every value and of every property's name.
fn each(value: &Value, path: &mut String, visit: &mut dyn FnMut(&str, Leaf<'_>)) {
    let length = path.len();
    match value {
        Value::String(text) => visit(path, Leaf::Text(text)),
        Value::Number(number) => visit(path, Leaf::Number(number.to_string())),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                path.push_str(&format!("[{position}]"));
                each(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                path.push_str(&format!("[\"{key}\"]"));
                visit(path, Leaf::Text(key));
                each(value, path, visit);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{FORBIDDEN, Originals, PATTERNS, leaks};
    use crate::snapshot::redact::pseudonym::{Kind, Replacement};

    #[test]
    fn each_kind_of_leak_is_found_and_its_text_is_not_repeated() {
        assert_eq!(PATTERNS.len(), FORBIDDEN.len());
        let original = json!({"id": "11111111-1111-4111-8111-1111111111f1", "name": "Zoë Müllerschön", "city": "Graz", "n": 99_812_345});
        let originals = Originals::of(
            &original,
            &[Replacement {
                kind: Kind::Number,
                original: "99812345".to_owned(),
                pseudonym: "number-1a2b3c".to_owned(),
            }],
            &|_| false,
        );
        let token = format!("eyJ{}.{}.c", "a".repeat(30), "b".repeat(30));
        for (document, what) in [
            (
                json!({"a": [{"upn": "a@contoso.com"}]}),
                "an address outside .invalid",
            ),
            (json!({"message": format!("sent {token}")}), "a token"),
            (json!({"message": "Password=hunter2"}), "a password or key"),
            (
                json!({"id": "11111111-1111-4111-8111-1111111111F1"}),
                "an original id",
            ),
            (json!({"id": "x 1111111111114111811111111111 11f1"}), ""),
            (json!({"message": "of müllerschön"}), "an original name or value"),
            (json!({"message": "of Graz."}), "an original name or value"),
            (json!({"message": "of GRAZ1"}), ""),
            (json!({"GRAZ": 1}), "an original name or value"),
            (json!({"n": 99_812_345}), "an original number"),
            (json!({"message": "R3Jheg=="}), ""),
            (
                json!({"message": "b2YgR3JheiBhbmQ="}),
                "an original name or value",
            ),
            (json!({"message": "of%20Gr%61z"}), "an original name or value"),
            (json!({"message": "call +43 316 123456"}), "a telephone number"),
            (json!({"message": "at x-my.sharepoint.com"}), "a host of a tenant"),
            (json!({"upn": "user-1a2b3c@domain-1.invalid"}), ""),
        ] {
            let found = leaks(&document, &originals);
            let kinds: Vec<&str> = found.iter().map(|leak| leak.what).collect();
            let wanted: Vec<&str> = if what.is_empty() { vec![] } else { vec![what] };
            assert_eq!(kinds, wanted, "{document}");
            assert!(!format!("{found:?}").contains("hunter2"));
        }
    }
}
