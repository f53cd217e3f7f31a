//! Times as names of files: read as a time and written anew, so that no text of evidence becomes a path.

use jiff::Timestamp;

/// `20260105T101112Z` of a time as evidence has it; nothing when it is none.
pub fn stamp(text: &str) -> Option<String> {
    let time: Timestamp = text.trim().parse().ok()?;
    let stamp = time.strftime("%Y%m%dT%H%M%SZ").to_string();
    is_stamp(&stamp).then_some(stamp)
}

/// Whether a name has that form.
pub fn is_stamp(text: &str) -> bool {
    text.len() == 16
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn a_time_is_written_anew_and_anything_else_is_none() {
        for (text, expected) in [
            ("2026-01-05T10:11:12Z", Some("20260105T101112Z")),
            ("2026-01-05T10:11:12.5+02:00", Some("20260105T081112Z")),
            ("../../x", None),
            ("", None),
            ("20260105", None),
            ("-000100-01-01T00:00:00Z", None),
        ] {
            assert_eq!(stamp(text).as_deref(), expected, "{text}");
        }
    }
}
