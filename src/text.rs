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
    if !text
        .chars()
        .any(|character| is_unsafe(character) || is_variant(character))
    {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = rest.next() {
        let chooses_nothing = is_variant(character) && !has_variants(before);
        // What is spelled out is no symbol any more.
        before = if is_unsafe(character) { ' ' } else { character };
        if character == '\r' {
            // An end of line, as Windows writes it and as old files do. Shown as it is, it would overwrite the line.
            if rest.peek() != Some(&'\n') {
                safe.push('\n');
            }
        } else if is_unsafe(character) || chooses_nothing {
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

/// The text of bytes in UTF-8, or in what the byte order mark before them says: `>` of Windows PowerShell 5.1 writes UTF-16.
///
/// # Errors
///
/// From which byte on it is no such text.
pub(crate) fn marked(bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
            let (text, is_broken) = encoding.decode_with_bom_removal(bytes);
            if is_broken { Err(0) } else { Ok(text) }
        }
        mark => {
            let length = mark.map_or(0, |(_, length)| length);
            let text = std::str::from_utf8(&bytes[length..]);
            text.map(Cow::Borrowed)
                .map_err(|error| length + error.valid_up_to())
        }
    }
}

/// Bytes as hexadecimal digits, lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0xf));
    }
    text
}

/// Whether a text is a GUID, without braces.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The id that services write for "none".
pub(crate) fn is_zero_guid(id: &str) -> bool {
    id == "00000000-0000-0000-0000-000000000000"
}

/// A text in small letters and without blanks, for what people and releases write apart or together: `Work 365`, `work365`.
pub(crate) fn squeezed(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect()
}

/// The name that the sign-in log, and errors, know an account by, in lower case: a guest's entries carry the address at home, never
/// `#EXT#`.
pub(crate) fn home_address(account: &str) -> String {
    let lower = account.trim().to_lowercase();
    match lower.split_once("#ext#@") {
        Some((home, _)) => match home.rsplit_once('_') {
            Some((name, domain)) => format!("{name}@{domain}"),
            None => lower,
        },
        None => lower,
    }
}

/// The host of an environment, in small letters: the one of its API has `api` in it
/// (<https://learn.microsoft.com/power-apps/developer/data-platform/discovery-service>).
pub(crate) fn without_api(host: &str) -> String {
    host.to_lowercase().replacen(".api.", ".", 1)
}

/// Whether an address is that of an environment, so that somebody may be told to sign in there: a host of Dynamics 365 or
/// this machine, and no user information, which would make another host look like one.
pub fn is_environment(address: &str) -> bool {
    const CLOUDS: [&str; 4] = [
        ".dynamics.com",
        ".microsoftdynamics.us",
        ".appsplatform.us",
        ".dynamics.cn",
    ];
    let Some((scheme, rest)) = address.trim().split_once("://") else {
        return false;
    };
    let host = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
    let (name, port) = host.split_once(':').unwrap_or((&host, "443"));
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let is_plain = is_name && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_local = name == "localhost" || name.starts_with("127.");
    let is_in_a_cloud = CLOUDS.iter().any(|cloud| {
        name.strip_suffix(cloud)
            .is_some_and(|label| label.contains(".crm"))
    });
    is_plain
        && match scheme.to_ascii_lowercase().as_str() {
            "https" => is_in_a_cloud || is_local,
            "http" => is_local,
            _ => false,
        }
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

/// Whether a character says how the one before it looks: in words, or in colours.
fn is_variant(character: char) -> bool {
    matches!(character, '\u{fe0e}' | '\u{fe0f}')
}

/// Whether a character has these two looks: symbols and the keys of a telephone.
fn has_variants(character: char) -> bool {
    character >= '\u{203c}' || matches!(character, '0'..='9' | '#' | '*' | '\u{a9}' | '\u{ae}')
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
        // Fillers and joiners that show nothing.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180e}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{ffa0}' => true,
        // XML has no place for these, not even escaped.
        '\u{fffe}' | '\u{ffff}' => true,
        // Line and paragraph separators break a row.
        '\u{2028}' | '\u{2029}' => true,
        // Bidirectional embeddings, overrides and isolates reorder the line.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => true,
        // Interlinear annotation, tags, variation selectors of scripts and formats of notations are invisible.
        '\u{2065}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{fill, home_address, is_environment, one_line, terminal_safe};

    #[test]
    fn escape_sequences_bidi_overrides_and_zero_width_characters_become_visible() {
        for (hostile, shown) in [
            ("\u{1b}]0;owned\u{7}", "\\u{1b}]0;owned\\u{7}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("a\rb\r\nc", "a\nb\nc"),
            ("a\u{3164}b", "a\\u{3164}b"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("a\u{e0100}b\u{fe00}", "a\\u{e0100}b\\u{fe00}"),
            ("admin\u{fe0f}", "admin\\u{fe0f}"),
        ] {
            assert_eq!(terminal_safe(hostile), shown);
        }
    }

    #[test]
    fn ordinary_text_in_any_script_is_borrowed_unchanged() {
        for plain in ["Zürich – 東京", "two\nlines", ""] {
            assert!(matches!(terminal_safe(plain), std::borrow::Cow::Borrowed(text) if text == plain));
        }
        assert_eq!(terminal_safe("⚠\u{fe0f} pilot"), "⚠\u{fe0f} pilot");
    }

    #[test]
    fn one_line_folds_white_space() {
        assert_eq!(one_line(" a\n b\t c "), "a b c");
    }

    #[test]
    fn a_guest_is_known_by_the_address_at_home() {
        for (account, name) in [
            (
                "Svc_partner_fabrikam.com#EXT#@contoso.onmicrosoft.com",
                "svc_partner@fabrikam.com",
            ),
            ("SVC@contoso.com", "svc@contoso.com"),
        ] {
            assert_eq!(home_address(account), name);
        }
    }

    #[test]
    fn only_an_environment_is_one() {
        for address in [
            "https://contoso.crm4.dynamics.com",
            "https://Contoso.crm.dynamics.com/",
            "https://org-1a2b3c.crm9.microsoftdynamics.us",
            "http://127.0.0.1:8080",
        ] {
            assert!(is_environment(address), "{address}");
        }
        for address in [
            "https://contoso.crm4.dynamics.com@evil.example",
            "https://evil.example",
            "https://evil.example/.crm4.dynamics.com",
            "https://a.crm4.dynamics.com.evil.example",
            "http://contoso.crm4.dynamics.com",
            "contoso.crm4.dynamics.com",
            "https://a'b.crm4.dynamics.com",
        ] {
            assert!(!is_environment(address), "{address}");
        }
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
