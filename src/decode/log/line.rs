//! What one line of a log says: its codes, its time, its account and its correlation id.
//!
//! Only lines with a hit of the prefilter come here. They are read with byte searches: a log with a code in every
//! line is read at hundreds of megabytes a second.

use memchr::{memchr, memmem};

use super::super::dataverse;
use super::super::tables::{TABLES, Word};

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
        return (!dataverse::is_win32(value)).then_some((code, field));
    }
    (field && dataverse::may_be_new(value)).then_some((code, true))
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

/// The user name in a line, else the principal's object id.
pub(super) fn principal(line: &[u8]) -> Option<&[u8]> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._+-".contains(byte);
    if let Some(at) = memchr(b'@', line) {
        let start = line[..at]
            .iter()
            .rposition(|byte| !is_name(byte))
            .map_or(0, |index| index + 1);
        let length = line[at + 1..]
            .iter()
            .position(|byte| !is_name(byte))
            .unwrap_or(line.len() - at - 1);
        let name = &line[start..at + 1 + length];
        if start < at
            && length > 3
            && name.len() < 200
            && memchr(b'.', &line[at + 1..at + 1 + length]).is_some()
        {
            return Some(name.strip_suffix(b".").unwrap_or(name));
        }
    }
    let index = memmem::find(line, b"(Id=").or_else(|| memmem::find(line, b"user with id "))?;
    guid_within(&line[index..], 16)
}

fn guid_within(text: &[u8], reach: usize) -> Option<&[u8]> {
    (0..reach)
        .filter_map(|start| text.get(start..start + 36))
        .find(|candidate| is_guid(candidate))
}

fn is_guid(candidate: &[u8]) -> bool {
    candidate.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// The time at the start of a line, as written: `2026-01-05T10:11:12.345Z`, `2026-01-05 10:11:12`.
pub fn line_time(line: &[u8]) -> Option<&str> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let start = (0..48).find(|start| {
        line.get(*start..start + SHAPE.len())
            .is_some_and(|text| has_shape(text, SHAPE))
    })?;
    let tail = &line[start + SHAPE.len()..];
    let mut length = tail
        .iter()
        .take(12)
        .take_while(|byte| matches!(byte, b'.' | b'0'..=b'9'))
        .count();
    length += usize::from(tail.get(length) == Some(&b'Z'));
    std::str::from_utf8(&line[start..start + SHAPE.len() + length]).ok()
}

/// True when each byte is what the shape says: `d` a digit, a blank also a `T`.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.iter().zip(shape).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        other => byte == other,
    })
}

/// The line without its times and GUIDs. No code depends on these: lines of one shape have the same codes.
pub(super) fn shape(line: &[u8]) -> Vec<u8> {
    let mut shape = Vec::with_capacity(line.len());
    let mut position = 0;
    while let Some(byte) = line.get(position) {
        let at = |length: usize| line.get(position..position + length);
        let length = if !byte.is_ascii_hexdigit() {
            0
        } else if at(36).is_some_and(is_guid) {
            36
        } else if at(10).is_some_and(|text| has_shape(text, b"dddd-dd-dd")) {
            10
        } else if at(8).is_some_and(|text| has_shape(text, b"dd:dd:dd")) {
            let fraction = line[position + 8..]
                .iter()
                .take(12)
                .take_while(|byte| matches!(byte, b'.' | b',' | b'0'..=b'9'))
                .count();
            8 + fraction
        } else {
            0
        };
        if length == 0 {
            shape.push(*byte);
            position += 1;
        } else {
            shape.push(0);
            position += length;
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{Hit, line_time, read_hit, shape};

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

    #[test]
    fn times_are_found_behind_a_prefix() {
        assert_eq!(
            line_time(b"[2026-01-05 10:11:12.345] x"),
            Some("2026-01-05 10:11:12.345")
        );
        assert_eq!(line_time(b"no time"), None);
    }

    #[test]
    fn the_shape_of_a_line_forgets_times_and_guids_and_keeps_every_other_number() {
        let first =
            b"2026-01-05T10:11:12.345Z 3d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50053";
        let second =
            b"2026-02-06T11:00:00.1Z 4d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50053";
        let third =
            b"2026-01-05T10:11:12.345Z 3d483b09-1198-4acb-929f-c648674e32bd answered 403 for code 50076";
        assert_eq!(shape(first), shape(second));
        assert_ne!(shape(first), shape(third));
    }
}
