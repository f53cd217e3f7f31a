//! A name, however it is written, at any place of a snapshot: redaction leaves nothing of it, or refuses the file.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use work365_doctor::snapshot::redact::{CaseKey, redact};
use work365_doctor_fuzz::{SNAPSHOTS, choose, places};

/// Letters that make no word of any vocabulary when six of them stand together, of several scripts.
const LETTERS: [char; 32] = [
    'q', 'x', 'z', 'j', 'k', 'v', 'w', 'b', 'g', 'h', 'Q', 'X', 'Z', 'J', 'K', 'V', 'ß', 'ž', 'ł', 'ø', 'ç', 'ğ', 'ж', 'щ', 'ы', 'ξ', 'ψ',
    'ה', 'ف', '明', '김', 'ร',
];

fuzz_target!(|bytes: &[u8]| {
    let Some((snapshot, bytes)) = choose(&SNAPSHOTS, bytes) else { return };
    let all = places(snapshot);
    let Some((place, bytes)) = choose(&all, bytes) else { return };
    let Some((form, letters)) = bytes.split_first() else { return };
    if letters.len() < 6 || is_name_of_a_role(place) {
        return;
    }
    let name: String = letters.iter().take(24).map(|byte| LETTERS[usize::from(*byte) % LETTERS.len()]).collect();
    let mut salted = snapshot.clone();
    put(&mut salted, place, *form, &name);
    let Ok(redacted) = redact(salted.to_string().as_bytes(), &CaseKey::new("a key of the fuzzer")) else { return };
    let told = redacted.document.to_string();
    assert!(!told.contains(&name), "{place}, form {form}: {name} is left");
    assert!(!told.contains(&STANDARD.encode(&name)), "{place}, form {form}: {name} is left in base64");
    let lower = told.to_lowercase();
    assert!(!lower.contains(&name.to_lowercase()), "{place}, form {form}: {name} is left in lower case");
});

/// Such names stay, because rules judge them; what stands elsewhere too is replaced in them.
fn is_name_of_a_role(place: &str) -> bool {
    place.ends_with("/name") && (place.contains("role") || place.contains("column_security"))
}

/// Writes the name at the place: as the value, in an address, a sentence, a path, a name of a property.
fn put(document: &mut Value, place: &str, form: u8, name: &str) {
    let Some(value) = document.pointer_mut(place) else { return };
    *value = match form % 14 {
        0 => json!(name),
        1 => json!(format!("{name}@contoso.example")),
        2 => json!(format!("the user {name} is locked")),
        3 => json!(format!("https://{name}.example/path?x=1")),
        4 => json!(format!("C:\\Users\\{name}\\token.txt")),
        5 => json!(format!("FABRIKAM\\{name}")),
        6 => json!(format!("CN={name},OU=People,DC=fabrikam,DC=example")),
        7 => json!(format!("user={name}%40contoso.example&code=1")),
        8 => json!(STANDARD.encode(name)),
        9 => json!(json!([name]).to_string()),
        10 => json!({ name: value.clone() }),
        11 => json!([name, { "displayName": name }]),
        12 => json!(format!("AADSTS50126: Error validating credentials of {name}.")),
        _ => json!(format!("({name})")),
    };
}
