//! A calendar as RFC 5545 has it: one event of a whole day for each thing that time brings.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc5545>

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use crate::diagnosis::report::{Evidence, Upcoming, UpcomingKind};
use crate::text::{hex, one_line};

/// A line is folded after so many bytes.
const LINE: usize = 75;

/// One event of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appointment {
    /// When, RFC 3339; only its day in UTC is shown.
    pub(crate) at: String,
    /// What it stays the same by from one calendar to the next, so that a calendar that is imported again moves it.
    pub(crate) identity: String,
    /// The line in the calendar.
    pub(crate) title: String,
    /// What stands behind it.
    pub(crate) description: String,
    /// The kind, as a category.
    pub(crate) category: String,
}

impl Appointment {
    /// What time brings to one account, or to several that are named together.
    pub(crate) fn of(upcoming: &Upcoming, whose: &str) -> Self {
        let first_sentence = upcoming
            .what
            .split_once(". ")
            .map_or(upcoming.what.as_str(), |(first, _)| first);
        let mut description = vec![upcoming.what.clone()];
        if !upcoming.step.is_empty() {
            description.push(format!("{}: {}", upcoming.owner, upcoming.step));
        }
        Self {
            at: upcoming.at.clone(),
            identity: format!("{whose}\n{}", identity(upcoming)),
            title: format!("{whose}: {}", first_sentence.trim_end_matches('.')),
            description: description.join("\n\n"),
            category: upcoming.kind.word().to_owned(),
        }
    }
}

/// What tells one event of an account from another. Of a password and an environment there is one, whenever it ends.
fn identity(upcoming: &Upcoming) -> String {
    let word = upcoming.kind.word();
    let values = |evidence: &Evidence| evidence.value.to_string();
    match upcoming.kind {
        UpcomingKind::PasswordExpiry | UpcomingKind::EnvironmentEnd | UpcomingKind::StaleEvidence => {
            word.to_owned()
        }
        UpcomingKind::VendorChange => format!("{word}\n{}", upcoming.at),
        _ => {
            let parts: Vec<String> = upcoming.evidence.iter().map(values).collect();
            format!("{word}\n{}\n{}", parts.join("\n"), upcoming.what)
        }
    }
}

/// The calendar. `stamp` is the instant of the report that it is made from.
pub(crate) fn calendar(appointments: &[Appointment], stamp: &str) -> String {
    let stamp = stamp.parse::<Timestamp>().unwrap_or(Timestamp::UNIX_EPOCH);
    let mut text = String::new();
    let mut line = |content: &str| fold(&mut text, content);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line(concat!(
        "PRODID:-//work365-doctor//work365-doctor ",
        env!("CARGO_PKG_VERSION"),
        "//EN"
    ));
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for appointment in appointments {
        let Ok(at) = appointment.at.parse::<Timestamp>() else {
            continue;
        };
        let day = TimeZone::UTC.to_datetime(at).date();
        let digest = digest(&appointment.identity);
        let times = seen.entry(digest.clone()).or_default();
        let uid = match *times {
            0 => format!("{digest}@work365-doctor"),
            again => format!("{digest}-{again}@work365-doctor"),
        };
        *times += 1;
        line("BEGIN:VEVENT");
        line(&format!("UID:{uid}"));
        line(&format!("DTSTAMP:{}", stamp.strftime("%Y%m%dT%H%M%SZ")));
        line(&format!("DTSTART;VALUE=DATE:{}", compact(day)));
        line(&format!(
            "DTEND;VALUE=DATE:{}",
            compact(day.tomorrow().unwrap_or(day))
        ));
        line(&format!("SUMMARY:{}", escaped(&appointment.title)));
        line(&format!("DESCRIPTION:{}", escaped(&appointment.description)));
        line(&format!("CATEGORIES:{}", escaped(&appointment.category)));
        line("TRANSP:TRANSPARENT");
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line("TRIGGER:-P7D");
        line(&format!("DESCRIPTION:{}", escaped(&appointment.title)));
        line("END:VALARM");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

fn compact(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

/// A value of the type TEXT: no line of it can end the property that it stands in.
fn escaped(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines
        .join("\n")
        .replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// Writes a line, folded so that no part of it is longer than allowed, never inside a character.
fn fold(text: &mut String, content: &str) {
    let mut room = LINE;
    let mut used = 0;
    for character in content.chars() {
        if used + character.len_utf8() > room {
            text.push_str("\r\n ");
            used = 0;
            // The blank that opens a continued line counts.
            room = LINE - 1;
        }
        text.push(character);
        used += character.len_utf8();
    }
    text.push_str("\r\n");
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text)[..16])
}

#[cfg(test)]
mod tests {
    use super::{Appointment, calendar};

    fn appointment(title: &str, identity: &str) -> Appointment {
        Appointment {
            at: "2026-07-01T10:00:00Z".to_owned(),
            identity: identity.to_owned(),
            title: title.to_owned(),
            description: "One; two, three\nfour".to_owned(),
            category: "password-expiry".to_owned(),
        }
    }

    /// The properties, unfolded.
    fn properties(text: &str) -> Vec<String> {
        assert!(text.ends_with("\r\n"));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        assert!(text.split("\r\n").all(|line| line.len() <= 75));
        let unfolded = text.replace("\r\n ", "");
        unfolded.split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_event_is_a_whole_day_and_text_is_escaped_and_folded() {
        let long = "ü".repeat(100);
        let text = calendar(&[appointment(&long, "a")], "2026-06-15T09:00:00Z");
        let properties = properties(&text);
        for expected in [
            "DTSTAMP:20260615T090000Z",
            "DTSTART;VALUE=DATE:20260701",
            "DTEND;VALUE=DATE:20260702",
            "DESCRIPTION:One\\; two\\, three\\nfour",
            &format!("SUMMARY:{long}"),
        ] {
            assert!(
                properties.iter().any(|line| line == expected),
                "{expected}\n{text}"
            );
        }
    }

    #[test]
    fn hostile_text_opens_no_property() {
        let hostile = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\u{2028}\u{202e}ATTACH:evil";
        let text = calendar(&[appointment(hostile, "a")], "2026-06-15T09:00:00Z");
        let properties = properties(&text);
        assert_eq!(
            properties.iter().filter(|line| *line == "BEGIN:VEVENT").count(),
            1
        );
        assert!(!properties.iter().any(|line| line.starts_with("ATTACH")));
        assert!(!text.contains('\u{202e}'));
    }

    #[test]
    fn the_same_event_keeps_its_id_and_two_never_share_one() {
        let id = |text: &str| -> Vec<String> {
            let uids = properties(text)
                .into_iter()
                .filter(|line| line.starts_with("UID:"));
            uids.collect()
        };
        let first = calendar(
            &[appointment("a", "x"), appointment("b", "x")],
            "2026-06-15T09:00:00Z",
        );
        let second = calendar(&[appointment("c", "x")], "2026-06-16T09:00:00Z");
        assert_eq!(id(&first)[0], id(&second)[0]);
        assert_ne!(id(&first)[0], id(&first)[1]);
    }
}
