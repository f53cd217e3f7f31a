//! From the bytes of a file to a [`Snapshot`], or one clear error that names the place.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::another_object;
use super::error::{MAXIMUM_BYTES, MAXIMUM_DEPTH, SCHEMA, SnapshotError, other_kind};
use super::file::Snapshot;
use super::json::from_json;
use super::json_path::end_of_string;
use super::outcome::{Section, Subject};
use super::plain_keys::surely_in_order;
use super::section::Evidence;
use crate::text::marked;

impl Snapshot {
    /// Reads a snapshot from the bytes of a file (UTF-8, or UTF-16 with a byte order mark).
    ///
    /// # Errors
    ///
    /// [`SnapshotError`] says what is wrong and at which JSON path.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        snapshot(bytes)
    }
}

#[derive(Deserialize)]
struct Envelope {
    schema: String,
    captured_at: String,
    #[serde(default)]
    redacted: bool,
    subject: Subject,
    #[serde(deserialize_with = "super::keys::sections")]
    sections: BTreeMap<String, Section>,
}

/// The whole document as it stands, with everything that [`snapshot`] does not read.
pub(super) fn document(bytes: &[u8]) -> Result<serde_json::Value, SnapshotError> {
    with_text(bytes, |text, _| from_json(text, ""))
}

fn snapshot(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    with_text(bytes, from_text)
}

/// The text behind the bytes, within the limits of a snapshot, and whether all of it is surely in order.
fn with_text<T>(
    bytes: &[u8],
    read: impl FnOnce(&str, bool) -> Result<T, SnapshotError>,
) -> Result<T, SnapshotError> {
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(SnapshotError::TooLarge);
    }
    if let Some(kind) = other_kind(bytes) {
        return Err(SnapshotError::OtherKind(kind));
    }
    // Of what is no text the first NUL says more.
    let decoded = marked(bytes);
    let bytes = decoded.as_deref().map_or(bytes, str::as_bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(SnapshotError::Empty);
    }
    if let Some(offset) = memchr::memchr(0, bytes) {
        return Err(SnapshotError::NulByte { offset });
    }
    let text = decoded
        .as_deref()
        .map_err(|offset| SnapshotError::Encoding { offset: *offset })?;
    let is_in_order = surely_in_order(text);
    if !is_in_order {
        check_depth(bytes)?;
    }
    match text.trim_start().as_bytes().first() {
        Some(b'{') => {}
        Some(b'[') => return Err(SnapshotError::List),
        _ => return Err(SnapshotError::Text),
    }
    read(text, is_in_order)
}

fn from_text(text: &str, is_in_order: bool) -> Result<Snapshot, SnapshotError> {
    let envelope: Envelope = from_json(text, "").map_err(|error| prefer_schema(text, error))?;
    if envelope.schema != SCHEMA {
        return Err(SnapshotError::Schema {
            found: envelope.schema,
        });
    }
    let captured_at = envelope.captured_at.parse().map_err(|_| SnapshotError::Json {
        path: "captured_at".to_owned(),
        message: format!(
            "`{}` is not an RFC 3339 time, as 2026-01-05T10:11:12Z",
            envelope.captured_at
        ),
    })?;
    let subject = envelope.subject.tidied();
    let mut evidence = Evidence::read(&envelope.sections, is_in_order);
    another_object::put_aside(&mut evidence, &subject);
    Ok(Snapshot {
        captured_at,
        redacted: envelope.redacted,
        subject,
        sections: envelope.sections,
        evidence,
        of_another_row: std::sync::OnceLock::new(),
    })
}

/// A file of another kind fails on some missing key first; that it has another schema, or none, is the better answer.
fn prefer_schema(text: &str, error: SnapshotError) -> SnapshotError {
    #[derive(Deserialize)]
    struct OnlySchema {
        schema: Option<String>,
    }
    match serde_json::from_str::<OnlySchema>(text).map(|document| document.schema) {
        Ok(Some(schema)) if schema != SCHEMA => SnapshotError::Schema { found: schema },
        Ok(None) => SnapshotError::NoSchema,
        _ => error,
    }
}

/// Bounds the recursion of everything that reads the document later.
fn check_depth(bytes: &[u8]) -> Result<(), SnapshotError> {
    let mut depth = 0_usize;
    let mut position = 0;
    while let Some(offset) = bytes[position..]
        .iter()
        .position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))
    {
        position += offset;
        match bytes[position] {
            b'"' => position = end_of_string(bytes, position + 1),
            b'{' | b'[' => depth += 1,
            _ => depth = depth.saturating_sub(1),
        }
        if depth > MAXIMUM_DEPTH {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..position]).count();
            return Err(SnapshotError::TooDeep { line });
        }
        position = (position + 1).min(bytes.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::{SCHEMA, SnapshotError, snapshot};
    use crate::snapshot::Unread;

    fn with_sections(sections: &str) -> String {
        format!(
            r#"{{"schema":"{SCHEMA}","captured_at":"2026-01-05T10:11:12Z","subject":{{"account":"a@contoso.com"}},"sections":{{{sections}}}}}"#
        )
    }

    fn path_of(text: &str) -> String {
        snapshot(text.as_bytes()).unwrap_err().path().to_owned()
    }

    #[test]
    fn unknown_sections_and_properties_are_kept_and_ignored() {
        let text = with_sections(
            r#""graph.tomorrow":{"outcome":"ok","body":{"a":[1]}},"graph.user":{"outcome":"ok","body":{"id":"1","new":{}}}"#,
        );
        let snapshot = snapshot(text.as_bytes()).unwrap();
        assert_eq!(
            snapshot
                .section("graph.tomorrow")
                .unwrap()
                .body
                .as_ref()
                .unwrap()
                .get(),
            r#"{"a":[1]}"#
        );
        assert!(snapshot.evidence.user.ok().is_some());
    }

    #[test]
    fn a_wrong_outcome_is_named_by_its_json_path() {
        let text = with_sections(r#""graph.user":{"outcome":"fine"}"#);
        assert_eq!(path_of(&text), "sections.graph.user.outcome");
    }

    #[test]
    fn what_is_wrong_with_one_section_costs_that_section_only() {
        for (body, words) in [
            (r#"{"accountEnabled":"yes"}"#, "documented: accountEnabled: "),
            (r#"{"id":"1","id":"2"}"#, "documented: id: this key stands twice"),
            (r#"{"id":"1","identities":[null]}"#, "identities[0]"),
            (
                r#"{"id":"1","other":1e400}"#,
                "documented: other: number out of range",
            ),
            (r#"{"error":{"code":"Gone","message":"m"}}"#, "an error: Gone: m"),
            ("{}", "none of the properties"),
            (r#"{"Id":"1","UserPrincipalName":"a"}"#, "use collect.ps1"),
            (r#"[]"#, "none of the properties"),
        ] {
            let text = with_sections(&format!(
                r#""graph.user":{{"outcome":"ok","body":{body}}},"graph.domain":{{"outcome":"ok","body":{{"id":"contoso.com"}}}}"#
            ));
            let snapshot = snapshot(text.as_bytes()).unwrap();
            let Err(Unread::Failed { detail, .. }) = snapshot.evidence.user.body() else {
                panic!("{body}: {:?}", snapshot.evidence.user.body());
            };
            assert!(detail.as_ref().unwrap().contains(words), "{body}: {detail:?}");
            assert!(snapshot.evidence.domain.ok().is_some(), "{body}");
        }
    }

    #[test]
    fn a_section_that_stands_twice_was_not_read() {
        let section = r#""graph.user":{"outcome":"ok","body":{"id":"1"}}"#;
        let snapshot = snapshot(with_sections(&format!("{section},{section}")).as_bytes()).unwrap();
        assert!(matches!(
            snapshot.evidence.user.body(),
            Err(Unread::Failed { .. })
        ));
    }

    #[test]
    fn bytes_that_are_no_snapshot_give_one_typed_error() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        assert_eq!(snapshot(b"").unwrap_err(), SnapshotError::Empty);
        for (start, way) in [
            (&b"PK\x03\x04\0"[..], "report open"),
            (b"\x1f\x8b\x08", "unpack"),
            (b"%PDF-1.7", "JSON"),
        ] {
            assert!(snapshot(start).unwrap_err().to_string().contains(way));
        }
        assert_eq!(
            snapshot(b"{\0}").unwrap_err(),
            SnapshotError::NulByte { offset: 1 }
        );
        assert_eq!(
            snapshot(b"{\"a\":\"\xff\"}").unwrap_err(),
            SnapshotError::Encoding { offset: 6 }
        );
        assert_eq!(
            snapshot(deep.as_bytes()).unwrap_err(),
            SnapshotError::TooDeep { line: 1 }
        );
        assert_eq!(snapshot(b"hello").unwrap_err(), SnapshotError::Text);
        assert_eq!(snapshot(b"{\"value\": []}").unwrap_err(), SnapshotError::NoSchema);
        assert!(matches!(
            snapshot(b"{hello").unwrap_err(),
            SnapshotError::Json { .. }
        ));
        assert!(matches!(
            snapshot(br#"{"schema":"work365-doctor/report/v1"}"#).unwrap_err(),
            SnapshotError::Schema { .. }
        ));
        let whole = with_sections("");
        let cut = snapshot(&whole.as_bytes()[..whole.len() - 2]).unwrap_err();
        assert!(cut.to_string().contains("cut off"), "{cut}");
    }

    #[test]
    fn brackets_inside_strings_do_not_count_as_depth() {
        let body = format!("\"{}\\\"\"", "[".repeat(500));
        let text = with_sections(&format!(r#""graph.x":{{"outcome":"ok","body":{body}}}"#));
        assert!(snapshot(text.as_bytes()).is_ok());
    }

    #[test]
    fn utf16_with_a_byte_order_mark_is_read() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend(with_sections("").encode_utf16().flat_map(u16::to_le_bytes));
        assert!(snapshot(&bytes).is_ok());
    }
}
