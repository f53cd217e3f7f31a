//! The times that stand beside an error.

use memchr::memmem;

/// The time at the start of a line, as written: `2026-01-05T10:11:12.345Z`, `2026-01-05 10:11:12`, `2026/01/05 10:11:12`, with its
/// zone where it has one.
pub(crate) fn line_time(line: &[u8]) -> Option<&str> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    // An event of Windows as XML has its time behind its provider's names.
    let is_event = line.starts_with(b"<Event");
    let created = is_event.then(|| memmem::find(line, b"<TimeCreated ")).flatten();
    let line = &line[created.unwrap_or(0)..];
    let start = (0..64).find(|start| {
        line.get(*start..start + SHAPE.len())
            .is_some_and(|text| has_shape(text, SHAPE))
    })?;
    let tail = &line[start + SHAPE.len()..];
    let digits = |from: usize| {
        tail[from.min(tail.len())..]
            .iter()
            .take(11)
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut length = match tail.first() {
        Some(b'.') => 1 + digits(1),
        // As Python's logging writes milliseconds; in a table the comma ends the cell.
        Some(b',') if digits(1) == 3 && tail.get(4) != Some(&b',') => 4,
        _ => 0,
    };
    length += match tail.get(length) {
        Some(b'Z') => 1,
        _ => zone_length(&tail[length..]),
    };
    std::str::from_utf8(&line[start..start + SHAPE.len() + length]).ok()
}

/// How long the zone is that a text begins with, as `+01:00` or `-0500`.
fn zone_length(text: &[u8]) -> usize {
    let two = |from: usize| match text.get(from..from + 2) {
        Some([tens @ b'0'..=b'9', ones @ b'0'..=b'9']) => Some((tens - b'0') * 10 + ones - b'0'),
        _ => None,
    };
    let colon = usize::from(text.get(3) == Some(&b':'));
    let is_zone = matches!(text.first(), Some(b'+' | b'-'))
        && two(1).is_some_and(|hours| hours <= 14)
        && matches!(two(3 + colon), Some(0 | 30 | 45))
        && !text.get(5 + colon).is_some_and(u8::is_ascii_alphanumeric);
    if is_zone { 5 + colon } else { 0 }
}

/// The time at the start of a line in the form of a culture, as written: `28.11.2026 08:00:00`, `11/28/2026, 8:00:00 AM`,
/// `28/Nov/2026:08:00:00`.
pub(crate) fn cultural_time(line: &[u8]) -> Option<&str> {
    (0..line.len().min(64))
        .filter(|start| line[*start].is_ascii_digit())
        .filter(|start| *start == 0 || !line[start - 1].is_ascii_alphanumeric())
        .find_map(|start| {
            let length = cultural_length(&line[start..])?;
            std::str::from_utf8(&line[start..start + length]).ok()
        })
}

/// How long the time is that a text begins with.
fn cultural_length(text: &[u8]) -> Option<usize> {
    let run = |from: usize, is: fn(&u8) -> bool| {
        text[from.min(text.len())..]
            .iter()
            .take_while(|byte| is(byte))
            .count()
    };
    let digits = |from: usize| run(from, u8::is_ascii_digit);
    let first = digits(0);
    let mark = *text
        .get(first)
        .filter(|mark| matches!(mark, b'.' | b'/' | b'-'))?;
    let month = first + 1;
    let length = match (digits(month), run(month, u8::is_ascii_alphabetic)) {
        (length @ 1..=2, _) | (0, length @ 3) => length,
        _ => return None,
    };
    let year = month + length + 1;
    let is_date = matches!(first, 1 | 2) && text.get(year - 1) == Some(&mark) && digits(year) == 4;
    let gap = run(year + 4, |byte| matches!(byte, b' ' | b',' | b':' | b'T'));
    let hour = year + 4 + gap;
    let minute = hour + digits(hour) + 1;
    let has_clock = matches!(gap, 1 | 2) && matches!(digits(hour), 1 | 2) && digits(minute) == 2;
    if !is_date || !has_clock || text.get(minute - 1) != Some(&b':') {
        return None;
    }
    let mut end = minute + 2;
    if text.get(end) == Some(&b':') && digits(end + 1) == 2 {
        end += 3;
        let fraction = digits(end + 1);
        if fraction > 0 && matches!(text.get(end), Some(b'.' | b',')) {
            end += 1 + fraction;
        }
    }
    let half = text.get(end..end + 3).unwrap_or_default().to_ascii_lowercase();
    if matches!(half.as_slice(), b" am" | b" pm") {
        end += 3;
    }
    let blank = usize::from(text.get(end) == Some(&b' '));
    Some(match zone_length(&text[(end + blank).min(text.len())..]) {
        0 => end,
        zone => end + blank + zone,
    })
}

/// True when each byte is what the shape says: `d` a digit, a blank also a `T`, a hyphen also a slash.
pub(crate) fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.iter().zip(shape).all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        b' ' => matches!(byte, b' ' | b'T'),
        b'-' => matches!(byte, b'-' | b'/'),
        other => byte == other,
    })
}

/// True for a time without a year: it begins with the name of its month.
pub(crate) fn is_yearless(time: &str) -> bool {
    time.starts_with(|first: char| first.is_ascii_alphabetic())
}

/// Widens a span of times by one more. Times of one log are written alike, so their text sorts like they do; those without a
/// year come in the order in which syslog writes them.
pub(crate) fn widen(first: &mut Option<String>, last: &mut Option<String>, time: Option<&str>) {
    let Some(time) = time else { return };
    let yearless = is_yearless(time);
    if first.as_deref().is_none_or(|first| !yearless && time < first) {
        *first = Some(time.to_owned());
    }
    match last {
        Some(last) if yearless || time > last.as_str() => {
            last.clear();
            last.push_str(time);
        }
        Some(_) => {}
        None => *last = Some(time.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{cultural_time, line_time, widen};

    #[test]
    fn times_are_found_behind_a_prefix() {
        assert_eq!(
            line_time(b"[2026-01-05 10:11:12.345] x"),
            Some("2026-01-05 10:11:12.345")
        );
        assert_eq!(line_time(b"no time"), None);
        for (line, time) in [
            ("2026-11-28T10:00:02+01:00 x", "2026-11-28T10:00:02+01:00"),
            ("2026-11-28 10:00:02.5-0520] x", "2026-11-28 10:00:02.5"),
            ("2026-11-28 10:00:02.5-0500] x", "2026-11-28 10:00:02.5-0500"),
            ("2026-11-28 10:00:02,123 ERROR x", "2026-11-28 10:00:02,123"),
            ("2026-11-28 10:00:02,403,x", "2026-11-28 10:00:02"),
            ("2026-11-28 10:00:02-4500 x", "2026-11-28 10:00:02"),
        ] {
            assert_eq!(line_time(line.as_bytes()), Some(time), "{line}");
        }
    }

    #[test]
    fn times_of_cultures_are_found_and_versions_and_addresses_are_none() {
        for (line, time) in [
            ("28.11.2026 08:00:00 ERROR x", "28.11.2026 08:00:00"),
            ("[11/28/2026, 8:00:00 AM] x", "11/28/2026, 8:00:00 AM"),
            (
                "10.0.0.7 - - [28/Nov/2026:08:00:00 +0000] x",
                "28/Nov/2026:08:00:00 +0000",
            ),
            ("28.11.2026 08:00:00 -1234 rows", "28.11.2026 08:00:00"),
            ("srv01 28-11-2026 08:00 x", "28-11-2026 08:00"),
            ("28.11.2026 08:00:00,123 x", "28.11.2026 08:00:00,123"),
        ] {
            assert_eq!(cultural_time(line.as_bytes()), Some(time), "{line}");
        }
        for line in [
            "10.0.20348 08:00",
            "1.2.3.4:8080",
            "28.11.2026",
            "28.11/2026 08:00",
            "",
            "2026-11-28 08:00:00",
        ] {
            assert_eq!(cultural_time(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn times_widen_a_span_at_both_ends() {
        for (times, span) in [
            (
                ["2026-02-01", "2026-03-01", "2026-01-01"],
                ("2026-01-01", "2026-03-01"),
            ),
            (
                ["Dec 30 23:00:00", "Jan  2 01:00:00", "Jan  3 01:00:00"],
                ("Dec 30 23:00:00", "Jan  3 01:00:00"),
            ),
        ] {
            let (mut first, mut last) = (None, None);
            for time in times {
                widen(&mut first, &mut last, Some(time));
                widen(&mut first, &mut last, None);
            }
            assert_eq!((first.as_deref(), last.as_deref()), (Some(span.0), Some(span.1)));
        }
    }
}
