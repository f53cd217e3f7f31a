//! What the structure-aware targets share: valid snapshots, and every place in one.

use std::sync::LazyLock;

use serde_json::Value;

/// Complete snapshots: the healthy bases, and demonstrations with one fault or several.
pub static SNAPSHOTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    [
        include_str!("../../fixtures/bases/healthy-application-user.json"),
        include_str!("../../fixtures/bases/healthy-consent.json"),
        include_str!("../../fixtures/bases/healthy-legacy-password.json"),
        include_str!("../../fixtures/demos/jobs-name-the-cause.json"),
        include_str!("../../fixtures/demos/mfa-by-conditional-access.json"),
        include_str!("../../fixtures/demos/role-not-in-effect.json"),
    ]
    .iter()
    .map(|text| serde_json::from_str(text).expect("a fixture"))
    .collect()
});

/// A pointer to every value of the document, the document itself left out.
pub fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, at: &mut String, found: &mut Vec<String>) {
    let length = at.len();
    let mut step = |key: &str, value: &Value| {
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        found.push(at.clone());
        walk(value, at, found);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| step(key, value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| step(&index.to_string(), value)),
        _ => {}
    }
}

/// The one of these that the bytes choose, and the bytes that are left.
pub fn choose<'a, 'b, T>(of: &'a [T], bytes: &'b [u8]) -> Option<(&'a T, &'b [u8])> {
    let (number, rest) = bytes.split_first_chunk::<2>()?;
    Some((of.get(usize::from(u16::from_le_bytes(*number)) % of.len().max(1))?, rest))
}

/// Takes the value at the pointer out of its object or list.
pub fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            let index = key.parse().unwrap_or(usize::MAX);
            if index < items.len() {
                items.remove(index);
            }
        }
        _ => {}
    }
}
