//! The forms in which a text can come through: escaped, encoded, in other letters, with other blanks.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::vocabulary::knows;

/// The shortest run of base64 that is decoded.
const SHORTEST: usize = 12;

/// The words of the longest phrase that is compared with an original.
const LONGEST: usize = 4;

/// The text as it is, and what it is when its escapes and its base64 are undone.
pub(super) fn forms(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    if text.contains('%') {
        forms.push(unescaped(text));
    }
    let runs =
        text.split(|character: char| !character.is_ascii_alphanumeric() && !"+/_-".contains(character));
    for run in runs.filter(|run| run.len() >= SHORTEST) {
        let decoded = STANDARD_NO_PAD
            .decode(run)
            .or_else(|_| URL_SAFE_NO_PAD.decode(run));
        // Ordinary words decode to bytes that are no text.
        if let Some(decoded) = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok())
            && !decoded.chars().any(char::is_control)
        {
            forms.push(decoded);
        }
    }
    forms
}

/// `%41` is `A`; what is no escape stays.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A word of a text.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    /// In small letters.
    pub(super) folded: String,
    /// Whether everybody may read it as it was written.
    pub(super) is_known: bool,
}

/// The words in small letters; `ß` is `ss`, letters of double width are ordinary ones, nothing is invisible.
pub(super) fn folded(text: &str) -> Vec<Folded> {
    let plain: String = text
        .chars()
        .map(|character| match u32::from(character) {
            wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(character),
            _ => character,
        })
        .filter(|character| {
            !matches!(
                character,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            )
        })
        .collect();
    plain
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| Folded {
            folded: word.to_lowercase().replace('ß', "ss"),
            is_known: knows(word),
        })
        .collect()
}

/// Each word, and up to four that stand side by side as one, unless all of them are of everybody.
pub(super) fn phrases(text: &str) -> impl Iterator<Item = String> {
    let words = folded(text);
    (0..words.len()).flat_map(move |start| {
        let rest: Vec<Folded> = words.iter().skip(start).take(LONGEST).cloned().collect();
        (1..=rest.len()).filter_map(move |length| {
            let words = rest.get(..length)?;
            let is_told = length == 1 || words.iter().any(|word| !word.is_known);
            is_told.then(|| words.iter().map(|word| word.folded.as_str()).collect())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{folded, forms, phrases};

    #[test]
    fn a_text_has_many_forms() {
        let of = |text| {
            folded(text)
                .into_iter()
                .map(|word| word.folded)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("STRASSE Straße ｚｏｅ max\u{200b}i"),
            ["strasse", "strasse", "zoe", "maxi"]
        );
        let all = forms("x em9lQGFkYXR1bS1zZWNyZXQuY29t a%40b");
        assert!(all.contains(&"zoe@adatum-secret.com".to_owned()), "{all:?}");
        assert!(all.iter().any(|form| form.ends_with("a@b")), "{all:?}");
        let all: Vec<String> = phrases("Ana B-user").collect();
        assert_eq!(all, ["ana", "anab", "anabuser", "b", "user"]);
    }
}
