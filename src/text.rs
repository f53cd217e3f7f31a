//! Text for people: safe to show on a terminal, and sentences with their placeholders filled.
//!
//! Display names, role names and error texts come from a tenant and are hostile until shown otherwise:
//! an escape sequence in a policy name must not retitle the window or hide a line of the report.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every control, bidirectional and invisible format character spelled out (`\u{202e}`).
///
/// Line feeds stay; everything else that a terminal would act on, or that would make the shown text differ
/// from the stored one, becomes visible. Borrowed when there is nothing to neutralise.
pub fn terminal_safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unsafe(character) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", character as u32);
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Like [`terminal_safe`], on one line: line feeds become blanks, runs of blanks one.
pub fn one_line(text: &str) -> String {
    terminal_safe(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// `template` with each `{name}` replaced in one pass: braces in a value are text. An unknown name stays as it is.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = after.split_once('}').and_then(|(name, tail)| {
            values
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value, tail))
        });
        match found {
            Some((value, tail)) => {
                text.push_str(value);
                rest = tail;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

fn is_unsafe(character: char) -> bool {
    match character {
        '\n' => false,
        // Zero-width and soft-hyphen characters hide or split what is read.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}' => true,
        // XML has no place for these, not even escaped.
        '\u{fffe}' | '\u{ffff}' => true,
        // Line and paragraph separators break a row.
        '\u{2028}' | '\u{2029}' => true,
        // Bidirectional embeddings, overrides and isolates reorder the line.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => true,
        // Interlinear annotation and tag characters are invisible.
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{fill, one_line, terminal_safe};

    #[test]
    fn escape_sequences_bidi_overrides_and_zero_width_characters_become_visible() {
        for (hostile, shown) in [
            ("\u{1b}]0;owned\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("a\rb", "a\\u{d}b"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
        ] {
            assert_eq!(terminal_safe(hostile), shown);
        }
    }

    #[test]
    fn ordinary_text_in_any_script_is_borrowed_unchanged() {
        for plain in ["Zürich – 東京", "two\nlines", ""] {
            assert!(matches!(terminal_safe(plain), std::borrow::Cow::Borrowed(text) if text == plain));
        }
    }

    #[test]
    fn one_line_folds_white_space() {
        assert_eq!(one_line(" a\n b\t c "), "a b c");
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(fill("{a} and {b}", &[("a", "one"), ("b", "two")]), "one and two");
    }

    #[test]
    fn braces_in_a_value_are_text() {
        assert_eq!(fill("{a}-{b}-{c", &[("a", "{b}"), ("b", "x")]), "{b}-x-{c");
    }
}
