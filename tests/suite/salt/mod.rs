//! Salt: values that name somebody, put wherever a snapshot can hold a text or a number. None may be left.

mod places;
mod values;

use serde_json::{Value, json};
use work365_doctor::snapshot::redact::{CaseKey, redact};

use places::{IN_TEXT, NUMBERS, PROPERTIES};
use values::{numbers, texts};

fn base() -> Value {
    let bytes = std::fs::read("fixtures/bases/healthy-legacy-password.json").unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The document with an item for each value at each place.
fn salted(texts: &[String], numbers: &[Value]) -> Value {
    let mut document = base();
    for (place, item) in IN_TEXT {
        let items = texts.iter().map(|value| item(value));
        put(&mut document, place, items.collect());
    }
    for (place, item) in NUMBERS {
        put(&mut document, place, numbers.iter().map(item).collect());
    }
    for place in PROPERTIES {
        let items = texts.iter().map(|value| json!({ value.clone(): 1 }));
        put(&mut document, place, items.collect());
    }
    document
}

/// Adds elements to the list at the pointer, or makes it.
fn put(document: &mut Value, place: &str, items: Vec<Value>) {
    let (section, rest) = place.split_once(' ').unwrap();
    let body = &mut document["sections"][section];
    if body.is_null() {
        *body = json!({"outcome": "ok", "read_at": "2026-06-15T09:00:00Z", "http_status": 200, "body": {}});
    }
    let list = &mut body["body"][rest];
    match list {
        Value::Array(list) => list.extend(items),
        other => *other = Value::Array(items),
    }
}

/// Words of the values that name nobody.
const ORDINARY: &[&str] = &[
    "2022",
    "accountkey",
    "adfs",
    "apikey",
    "authorization",
    "azure",
    "crm4",
    "basic",
    "blob",
    "client",
    "code",
    "cookie",
    "core",
    "desktop",
    "dynamics",
    "example",
    "gmail",
    "graz",
    "home",
    "hosts",
    "http",
    "https",
    "iphone",
    "laptop",
    "onmicrosoft",
    "password",
    "role",
    "secret",
    "sharedaccesssignature",
    "sharepoint",
    "sites",
    "smtp",
    "team",
    "token",
    "under",
    "unter",
    "users",
    "windows",
    "x500",
    "local",
    "1111",
    "4111",
    "8111",
    "4ccc",
    "8ddd",
    "0000",
];

/// Every form in which a reader would know the value again: the whole, and each word of it that is not one of everybody.
fn forms(value: &str) -> Vec<String> {
    let words = value.to_lowercase();
    let words = words.split(|character: char| !character.is_alphanumeric());
    let words = words.filter(|word| word.chars().count() > 3 && !ORDINARY.contains(word));
    let lower = value.to_lowercase();
    let squeezed: String = lower
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    let escaped = serde_json::to_string(value).unwrap();
    let escaped = escaped.trim_matches('"').to_lowercase();
    let whole = [lower, squeezed, escaped].into_iter();
    whole
        .chain(words.map(str::to_owned))
        .filter(|form| form.chars().count() > 2)
        .collect()
}

/// The places whose item still shows the value.
fn left(document: &Value, values: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (place, _) in IN_TEXT {
        for (number, value) in values.iter().enumerate() {
            found.extend(told(document, place, value, values.len() - 1 - number));
        }
    }
    found
}

/// What the item at a place, counted from the end of its list, still shows of a value.
fn told(document: &Value, place: &str, value: &str, from_the_end: usize) -> Option<String> {
    let (section, list) = place.split_once(' ').unwrap();
    let items = document["sections"][section]["body"][list].as_array().unwrap();
    let text = items[items.len() - 1 - from_the_end].to_string().to_lowercase();
    let squeezed: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    // A short name is one only where it stands alone: `Ana` is no part of `management`.
    let words: Vec<&str> = text
        .split(|character: char| !character.is_alphanumeric())
        .collect();
    let form = forms(value).into_iter().find(|form| match form.chars().count() {
        ..=3 => words.contains(&form.as_str()),
        4 | 5 => text.contains(form.as_str()),
        _ => text.contains(form.as_str()) || squeezed.contains(form.as_str()),
    })?;
    Some(format!("{place}: {form} of {value}: {text}"))
}

#[test]
fn of_three_hundred_values_in_forty_places_none_is_left() {
    let texts = texts();
    let numbers = numbers();
    assert!(texts.len() + numbers.len() >= 300, "{} values", texts.len());
    assert!(IN_TEXT.len() + NUMBERS.len() + PROPERTIES.len() >= 40);
    let document = salted(&texts, &numbers);
    let redacted = redact(
        document.to_string().as_bytes(),
        &CaseKey::new("a key of the test"),
    )
    .unwrap();
    let found = left(&redacted.document, &texts);
    assert!(
        found.is_empty(),
        "{} are left:\n{}",
        found.len(),
        found[..found.len().min(40)].join("\n")
    );
    // Wherever a value stands, the whole file does not know it.
    let whole = redacted.document.to_string().to_lowercase();
    let leaked: Vec<&String> = texts
        .iter()
        .filter(|value| value.chars().count() > 5 && whole.contains(&value.to_lowercase()))
        .collect();
    let around = |value: &str| {
        let at = whole.find(&value.to_lowercase()).unwrap_or(0);
        whole[at.saturating_sub(120)..]
            .chars()
            .take(240)
            .collect::<String>()
    };
    assert!(
        leaked.is_empty(),
        "{leaked:?}: {}",
        leaked.first().map_or_else(String::new, |value| around(value))
    );
    let leaked: Vec<String> = numbers
        .iter()
        .map(Value::to_string)
        .filter(|number| whole.contains(number.as_str()))
        .collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}

/// A value that stands once is known from nowhere else: what a sentence keeps, it keeps by its words alone.
#[test]
fn a_value_that_stands_alone_in_one_place_is_not_left_either() {
    let base = base();
    let key = CaseKey::new("a key of the test");
    let texts = texts();
    let mut found = Vec::new();
    // Each value in a sentence, and in one other place after another.
    let in_a_sentence = IN_TEXT
        .iter()
        .position(|(place, _)| *place == "graph.sign_ins listValue5")
        .unwrap();
    for (number, value) in texts.iter().enumerate() {
        for (place, item) in [IN_TEXT[in_a_sentence], IN_TEXT[number % IN_TEXT.len()]] {
            let mut document = json!({"schema": base["schema"], "captured_at": base["captured_at"], "tool": base["tool"],
                "redacted": false, "subject": base["subject"], "sections": {}});
            put(&mut document, place, vec![item(value)]);
            let redacted = redact(document.to_string().as_bytes(), &key)
                .unwrap_or_else(|error| panic!("{place}: {value}: {error}"));
            found.extend(told(&redacted.document, place, value, 0));
        }
    }
    assert!(
        found.is_empty(),
        "{} are left:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn the_values_would_be_found_if_they_were_left() {
    let texts = texts();
    let document = salted(&texts, &numbers());
    assert!(left(&document, &texts).len() > 8_000);
}

/// Ordinary files that redaction once refused, or left a name in.
#[test]
fn ordinary_files_are_redacted() {
    for (what, pointer, value, gone) in [
        (
            "a host without a domain",
            "/sections/graph.per_user_mfa/detail",
            "https://adfs/adfs/ls failed",
            "//adfs",
        ),
        (
            "a host of one word",
            "/sections/graph.per_user_mfa/detail",
            "http://crm/x",
            "//crm",
        ),
        (
            "a name that is a word",
            "/sections/graph.user/body/displayName",
            "Domain",
            "\"domain\"",
        ),
        (
            "a letter that grows",
            "/sections/graph.user/body/displayName",
            "İlker",
            "İlker",
        ),
        (
            "a name of three letters",
            "/sections/graph.user/body/displayName",
            "Ana",
            "\"ana\"",
        ),
    ] {
        let mut document = base();
        if let Some(place) = document.pointer_mut(pointer) {
            *place = json!(value);
        } else {
            document["sections"]["graph.per_user_mfa"]["detail"] = json!(value);
        }
        let redacted = redact(
            document.to_string().as_bytes(),
            &CaseKey::new("a key of the test"),
        );
        let redacted = redacted.unwrap_or_else(|error| panic!("{what}: {error}"));
        let text = redacted.document.to_string();
        assert!(
            !text.contains(gone) && !text.to_lowercase().contains(gone),
            "{what} is left"
        );
    }
}

/// What a support engineer reads stays readable.
#[test]
fn what_everybody_may_read_stays() {
    let mut document = base();
    let sentence = "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, \
         you must use multi-factor authentication to access '00000007-0000-0000-c000-000000000000'.";
    document["sections"]["graph.sign_ins"]["body"]["value"][0]["status"]["failureReason"] = json!(sentence);
    let redacted = redact(
        document.to_string().as_bytes(),
        &CaseKey::new("a key of the test"),
    )
    .unwrap();
    let status = &redacted.document["sections"]["graph.sign_ins"]["body"]["value"][0]["status"];
    assert_eq!(status["failureReason"], sentence);
}
