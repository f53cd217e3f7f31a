//! Takes the wrappings off a text: JSON inside JSON, `\u0026`, HTML entities, URL encoding, line ends, and what an email
//! program does to long lines (RFC 2045, section 6.7).
//!
//! Each pass undoes one layer and every pass is linear; the number of passes is bounded, so hostile nesting
//! costs a constant factor. Where a piece of the plain text came from is remembered.

/// Layers that are taken off. Real texts have up to three (an escaped JSON body inside a JSON log line inside
/// a shell string).
const LAYERS: usize = 5;

/// A text without its wrappings.
#[derive(Debug, Clone)]
pub struct Plain {
    /// The plain text.
    pub text: String,
    /// Where the plain text's offset and the original's part ways, in rising order.
    map: Vec<(usize, usize)>,
    original_length: usize,
}

impl Plain {
    /// Unwraps `original` until nothing changes or `LAYERS` are off.
    pub fn unwrap(original: &str) -> Self {
        let mut plain = Self {
            text: original.to_owned(),
            map: vec![(0, 0)],
            original_length: original.len(),
        };
        // An email program wraps last, and `=50` means something else in every other text.
        if original.contains("quoted-printable")
            && let Some(next) = plain.without_one_layer(|mark| mark == '=', |tail, _| quoted_printable(tail))
        {
            plain = next;
        }
        if original.contains(is_dressed)
            && let Some(next) = plain.without_one_layer(is_dressed, |tail, _| undressed(tail))
        {
            plain = next;
        }
        // What nobody sees may stand in the middle of a code that was copied from a page.
        if original.contains(is_invisible)
            && let Some(next) = plain.without_one_layer(is_invisible, |tail, _| {
                Some((tail.chars().next()?.len_utf8(), None))
            })
        {
            plain = next;
        }
        for _ in 0..LAYERS {
            let Some(next) = plain.without_one_layer(is_mark, unescape) else {
                break;
            };
            plain = next;
        }
        plain
    }

    /// The offset in the original text that the plain offset came from. Never beyond the original's end.
    pub fn original_offset(&self, offset: usize) -> usize {
        let index = self
            .map
            .partition_point(|(plain, _)| *plain <= offset)
            .saturating_sub(1);
        let (plain, original) = self.map.get(index).copied().unwrap_or_default();
        original
            .saturating_add(offset.saturating_sub(plain))
            .min(self.original_length)
    }

    /// The text with the escapes undone that start at a mark; `unescape` is also told whether the mark stands in the
    /// value of a query. `None` when there is none.
    fn without_one_layer(
        &self,
        is_mark: impl Fn(char) -> bool,
        unescape: impl Fn(&str, bool) -> Option<(usize, Option<char>)>,
    ) -> Option<Self> {
        let source = self.text.as_str();
        let mut text = String::with_capacity(source.len());
        let mut map = Vec::with_capacity(self.map.len() + 16);
        map.push((0, 0));
        let mut changed = false;
        let mut query_value = false;
        let mut rest = source;
        while let Some(index) = rest.find(&is_mark) {
            text.push_str(&rest[..index]);
            if rest[..index].contains("error_description=") {
                query_value = true;
            }
            let tail = &rest[index..];
            if tail.starts_with([' ', '"', '\n', '\'']) || (tail.starts_with('&') && entity(tail).is_none()) {
                query_value = false;
            }
            match unescape(tail, query_value) {
                Some((length, character)) => {
                    changed = true;
                    if let Some(character) = character {
                        text.push(character);
                    }
                    rest = &tail[length..];
                    map.push((text.len(), self.original_offset(source.len() - rest.len())));
                }
                None => {
                    text.push_str(&tail[..1]);
                    rest = &tail[1..];
                }
            }
        }
        text.push_str(rest);
        changed.then_some(Self {
            text,
            map,
            original_length: self.original_length,
        })
    }
}

/// Letters and digits of East Asian width, and the blanks and quotes that pages and office programs set in the stead of plain
/// ones.
fn is_dressed(character: char) -> bool {
    matches!(
        character,
        '\u{ff01}'..='\u{ff5e}' | '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2018}'..='\u{201a}' | '\u{201c}'..='\u{201e}'
    )
}

/// Zero-width characters, the soft hyphen, the mark of byte order.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

fn undressed(tail: &str) -> Option<(usize, Option<char>)> {
    let dressed = tail.chars().next()?;
    let plain = match dressed {
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
        '\u{2018}'..='\u{201a}' => '\'',
        '\u{201c}'..='\u{201e}' => '"',
        wide => char::from_u32(u32::from(wide).checked_sub(0xff01 - 0x21)?)?,
    };
    Some((dressed.len_utf8(), Some(plain)))
}

/// What an escape starts with, or a query value ends with.
fn is_mark(character: char) -> bool {
    matches!(character, '\\' | '&' | '%' | '+' | ' ' | '"' | '\n' | '\r' | '\'')
}

/// The character that an escape at the start of `tail` stands for, and the escape's length.
/// `None` inside means that it stands for nothing (a carriage return).
fn unescape(tail: &str, query_value: bool) -> Option<(usize, Option<char>)> {
    let bytes = tail.as_bytes();
    match bytes.first()? {
        b'\r' => Some((1, (bytes.get(1) != Some(&b'\n')).then_some('\n'))),
        b'+' if query_value => Some((1, Some(' '))),
        b'%' => percent(tail),
        b'&' => entity(tail).map(|(length, character)| (length, Some(character))),
        b'\\' => match bytes.get(1)? {
            b'"' => Some((2, Some('"'))),
            b'\'' => Some((2, Some('\''))),
            b'/' => Some((2, Some('/'))),
            b'\\' => Some((2, Some('\\'))),
            b'n' => Some((2, Some('\n'))),
            b'r' => Some((2, (tail.get(2..4) != Some("\\n")).then_some('\n'))),
            b't' => Some((2, Some('\t'))),
            b'u' => {
                let number = u32::from_str_radix(tail.get(2..6)?, 16).ok()?;
                // Halves of a surrogate pair carry no code; U+FFFD keeps the place.
                Some((6, Some(char::from_u32(number).unwrap_or('\u{fffd}'))))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A line end that is none, and the escaped equals sign; other escapes stand for no part of a code.
fn quoted_printable(tail: &str) -> Option<(usize, Option<char>)> {
    let rest = &tail[1..];
    if rest.starts_with("3D") {
        return Some((3, Some('=')));
    }
    rest.starts_with('\n')
        .then_some((2, None))
        .or_else(|| rest.starts_with("\r\n").then_some((3, None)))
}

fn percent(tail: &str) -> Option<(usize, Option<char>)> {
    let byte = u8::from_str_radix(tail.get(1..3)?, 16)
        .ok()
        .filter(u8::is_ascii)?;
    let character = char::from(byte);
    match character {
        '\r' => Some((3, None)),
        other if other.is_ascii_graphic() || matches!(other, ' ' | '\n' | '\t') => Some((3, Some(other))),
        _ => None,
    }
}

fn entity(tail: &str) -> Option<(usize, char)> {
    const NAMED: [(&str, char); 7] = [
        ("&quot;", '"'),
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&apos;", '\''),
        ("&nbsp;", ' '),
        ("&#xD;", '\n'),
    ];
    if let Some((name, character)) = NAMED.iter().find(|(name, _)| tail.starts_with(name)) {
        return Some((name.len(), *character));
    }
    let body = tail.strip_prefix("&#")?;
    let end = body.bytes().take(8).position(|byte| byte == b';')?;
    let number = match body[..end].strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => body[..end].parse().ok()?,
    };
    Some((end + 3, char::from_u32(number)?))
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn each_wrapping_comes_off() {
        for (wrapped, plain) in [
            (r#"{\"error\":\"invalid_grant\"}"#, r#"{"error":"invalid_grant"}"#),
            (r#"a\\\"b\\\""#, r#"a"b""#),
            (r"x\u0026y", "x&y"),
            ("&quot;a&quot; &#39;b&#x27;", "\"a\" 'b'"),
            ("AADSTS65004%3a%20x", "AADSTS65004: x"),
            (
                "error_description=AADSTS50058%3a+A+silent&state=a+b",
                "error_description=AADSTS50058: A silent&state=a+b",
            ),
            ("a\r\nb", "a\nb"),
            (r"a\r\nb", "a\nb"),
            ("100% sure & safe", "100% sure & safe"),
            (
                "Content-Transfer-Encoding: quoted-printable\nAADSTS5005=\n5: a=3Db",
                "Content-Transfer-Encoding: quoted-printable\nAADSTS50055: a=b",
            ),
            ("a=\nb=3D50", "a=\nb=3D50"),
            ("AADSTS\u{200b}530\u{ad}03: x", "AADSTS53003: x"),
            (
                "Trace\u{a0}ID:\u{202f}\u{2018}a\u{2019} \u{201e}b\u{201d}",
                "Trace ID: 'a' \"b\"",
            ),
        ] {
            assert_eq!(Plain::unwrap(wrapped).text, plain, "{wrapped}");
        }
    }

    #[test]
    fn offsets_lead_back_to_the_original() {
        let wrapped = r#"body: \"x\" \u0026 &amp; AADSTS50076"#;
        let plain = Plain::unwrap(wrapped);
        let offset = plain.text.find("AADSTS").unwrap_or_default();
        assert_eq!(
            plain.original_offset(offset),
            wrapped.find("AADSTS").unwrap_or_default()
        );
        assert_eq!(plain.original_offset(usize::MAX), wrapped.len());
    }
}
