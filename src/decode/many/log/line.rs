//! What one line of a log says: its codes, its time, its account and its correlation id.
//!
//! Only lines with a hit of the prefilter come here. They are read with byte searches: a log with a code in every
//! line is read at hundreds of megabytes a second.

use memchr::memmem;

use crate::decode::explain::tables::{TABLES, Word};
use crate::decode::find::line::guid_within;
use crate::decode::find::numbers;

/// One line, without its end.
pub(super) struct Line<'a> {
    /// The bytes.
    pub(super) text: &'a [u8],
    /// Its number in the log, from one.
    pub(super) number: u64,
    /// Where it starts in the log.
    pub(super) offset: u64,
}

/// What a hit of the prefilter turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hit {
    /// A code; true when its place alone makes it certain.
    Code(String, bool),
    /// Something that only the whole line can explain.
    Unclear,
    /// An accident: part of an address, of another name.
    Nothing,
}

/// Reads the prefilter's hit at `start..end`.
pub(super) fn read_hit(line: &[u8], start: usize, end: usize) -> Hit {
    let (code, shaped) = match &line[start..end] {
        b"AAD" => (entra_at(line, start), is_entra_shaped(&line[end..])),
        b"x80" => {
            let digits_end = digits(line, start + 1, 9, u8::is_ascii_hexdigit);
            let number = start.checked_sub(1).filter(|before| line[*before] == b'0');
            (
                number.and_then(|start| number_at(line, start, digits_end)),
                number.is_some() && digits_end >= start + 9,
            )
        }
        b"-2147" => {
            let digits_end = digits(line, start + 1, 11, u8::is_ascii_digit);
            (number_at(line, start, digits_end), digits_end >= start + 11)
        }
        _ => (word_at(line, start, end), true),
    };
    match code {
        Some((code, certain)) => Hit::Code(code, certain),
        None if shaped => Hit::Unclear,
        None => Hit::Nothing,
    }
}

/// What follows `AAD` in a code, also in one that was pulled apart or misread.
fn is_entra_shaped(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    matches!(rest, [b'S' | b'5', b'T' | b'7', ..] | [b'B', b'2', b'C', ..])
}

/// Where a run of up to `most` digits ends.
fn digits(line: &[u8], from: usize, most: usize, is_digit: impl Fn(&u8) -> bool) -> usize {
    let rest = line.get(from..).unwrap_or_default();
    from + rest.iter().take(most).take_while(|byte| is_digit(byte)).count()
}

/// `AADSTS50076`, `AADB2C90080`.
fn entra_at(line: &[u8], start: usize) -> Option<(String, bool)> {
    let prefix = line.get(start..start + 6)?;
    if prefix != b"AADSTS" && prefix != b"AADB2C" {
        return None;
    }
    let end = digits(line, start + 6, 9, u8::is_ascii_digit);
    let code = String::from_utf8_lossy(&line[start..end]);
    (5..=8)
        .contains(&(end - start - 6))
        .then(|| (code.into_owned(), true))
}

/// `0x80040220` and `-2147220960`, as long as they have to be and part of nothing longer.
fn number_at(line: &[u8], start: usize, end: usize) -> Option<(String, bool)> {
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word(line.get(end)) || word(start.checked_sub(1).and_then(|before| line.get(before))) {
        return None;
    }
    let text = std::str::from_utf8(&line[start..end]).ok()?;
    let value = match text.strip_prefix("0x") {
        Some(digits) if digits.len() == 8 => u32::from_str_radix(digits, 16).ok()?,
        None if text.len() == 11 && text < "-21473" => text.parse::<i32>().ok()?.cast_unsigned(),
        _ => return None,
    };
    let code = format!("{value:#010x}");
    let before = &line[start.saturating_sub(16)..start];
    let field = before.ends_with(b"\"code\":\"")
        || before.ends_with(b"\"code\": \"")
        || before.ends_with(b"\\\"code\\\":\\\"")
        || before.ends_with(b"CRM ErrorCode: ")
        || before.ends_with(b"<ErrorCode>");
    if TABLES.known(&code).is_some() {
        return (!numbers::is_win32(value)).then_some((code, field));
    }
    (field && numbers::may_be_new(value)).then_some((code, true))
}

/// The OAuth or Graph word around a hit.
fn word_at(line: &[u8], start: usize, end: usize) -> Option<(String, bool)> {
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
    let before = line[..start].iter().rev().take(60).take_while(is_word).count();
    let after = line[end..].iter().take(60).take_while(is_word).count();
    let word = std::str::from_utf8(&line[start - before..end + after]).ok()?;
    // A word is a code in a line that also has an Entra code; any other line is decoded in full.
    memmem::find(line, b"AADSTS")?;
    TABLES
        .word(Word::OAuth, word)
        .or_else(|| TABLES.word(Word::Graph, word))
        .map(|code| (code.to_owned(), true))
}

/// The GUID after "correlation id" in any spelling.
pub(super) fn correlation(line: &[u8]) -> Option<&[u8]> {
    let index = memmem::find(line, b"orrelation")?;
    guid_within(&line[index + 10..], 24)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{Hit, read_hit};

    fn read(line: &str, hit: &str) -> Hit {
        let start = line.find(hit).unwrap();
        read_hit(line.as_bytes(), start, start + hit.len())
    }

    #[test]
    fn a_hit_is_widened_to_the_code_around_it() {
        for (line, hit, expected) in [
            ("x AADSTS50076: y", "AAD", "AADSTS50076"),
            ("AADB2C90080", "AAD", "AADB2C90080"),
            ("(0x80040220)", "x80", "0x80040220"),
            ("ErrorCode -2147220960.", "-2147", "0x80040220"),
            ("AADSTS50076 invalid_grant", "d_grant", "OAuth:invalid_grant"),
        ] {
            let Hit::Code(code, _) = read(line, hit) else {
                panic!("{line}")
            };
            assert_eq!(code, expected, "{line}");
        }
        for (line, hit) in [
            ("AADSTS12", "AAD"),
            ("AADSTS123456789", "AAD"),
            ("AAD STS 50076", "AAD"),
            ("0x800402200", "x80"),
            ("10x80040220", "x80"),
            ("-21472209601", "-2147"),
            ("invalid_grant", "d_grant"),
        ] {
            assert_eq!(read(line, hit), Hit::Unclear, "{line}");
        }
        for (line, hit) in [
            ("AAD group", "AAD"),
            ("0x8004 bytes", "x80"),
            ("x80040220", "x80"),
            ("-2147", "-2147"),
        ] {
            assert_eq!(read(line, hit), Hit::Nothing, "{line}");
        }
    }
}
