//! From the bytes of a file to a [`Snapshot`], or one clear error that names the place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::field::PATH_MARK;
use super::{Evidence, Section, Snapshot, Subject};

/// The schema name that every snapshot carries.
pub const SCHEMA: &str = "work365-doctor/snapshot/v1";

/// A snapshot file may have up to 64 MiB.
pub const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// Deeper nesting than any documented body has, and as deep as the JSON parser goes.
const MAXIMUM_DEPTH: usize = 120;

/// Why bytes are not a snapshot. The message says what is wrong and what to do; [`SnapshotError::path`] says where.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SnapshotError {
    /// More bytes than [`MAXIMUM_BYTES`].
    #[error("the file is larger than 64 MiB; a snapshot of one account has well under 1 MiB")]
    TooLarge,
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// NUL bytes: a binary file, or UTF-16 without a byte order mark.
    #[error("byte {offset} is NUL, so this is no JSON text; if it is UTF-16, save it as UTF-8")]
    NulByte {
        /// Position of the first one.
        offset: usize,
    },
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("byte {offset} is not valid UTF-8; save the file as UTF-8")]
    Encoding {
        /// Position of the first offending byte.
        offset: usize,
    },
    /// A list where one object belongs.
    #[error("a snapshot is one JSON object, and this is a list; put one snapshot a line into a .ndjson file")]
    List,
    /// Brackets nested too deeply.
    #[error(
        "the JSON is nested more than {MAXIMUM_DEPTH} levels deep at line {line}; no service answers like that"
    )]
    TooDeep {
        /// Line of the bracket that went too far.
        line: usize,
    },
    /// Not JSON, cut off, or a value of the wrong type.
    #[error("{message}")]
    Json {
        /// JSON path, as `sections["graph.user"].body.accountEnabled`; empty for the whole document.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// A schema name that this version does not read.
    #[error("the schema is `{found}`; this version reads `{SCHEMA}`")]
    Schema {
        /// What the file says.
        found: String,
    },
}

impl SnapshotError {
    /// The JSON path of the fault, empty when the whole document is at fault.
    pub fn path(&self) -> &str {
        match self {
            SnapshotError::Json { path, .. } => path,
            SnapshotError::Schema { .. } => "schema",
            _ => "",
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    schema: String,
    captured_at: String,
    #[serde(default)]
    redacted: bool,
    subject: Subject,
    sections: BTreeMap<String, Section>,
}

/// The whole document as it stands, with everything that [`snapshot`] does not read.
pub(super) fn document(bytes: &[u8]) -> Result<serde_json::Value, SnapshotError> {
    with_text(bytes, |text| from_json(text, ""))
}

pub(super) fn snapshot(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    with_text(bytes, from_text)
}

/// The text behind the bytes, within the limits of a snapshot.
fn with_text<T>(
    bytes: &[u8],
    read: impl FnOnce(&str) -> Result<T, SnapshotError>,
) -> Result<T, SnapshotError> {
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(SnapshotError::TooLarge);
    }
    let decoded = utf16(bytes)?;
    let bytes = decoded.as_deref().map_or(bytes, str::as_bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(SnapshotError::Empty);
    }
    if let Some(offset) = memchr::memchr(0, bytes) {
        return Err(SnapshotError::NulByte { offset });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| SnapshotError::Encoding {
        offset: error.valid_up_to(),
    })?;
    check_depth(bytes)?;
    if text.trim_start().starts_with('[') {
        return Err(SnapshotError::List);
    }
    read(text)
}

fn from_text(text: &str) -> Result<Snapshot, SnapshotError> {
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
    let evidence = Evidence::read(&envelope.sections)?;
    Ok(Snapshot {
        captured_at,
        redacted: envelope.redacted,
        subject: envelope.subject,
        sections: envelope.sections,
        evidence,
    })
}

/// A file of another kind fails on some missing key first; that it has another schema is the better answer.
fn prefer_schema(text: &str, error: SnapshotError) -> SnapshotError {
    #[derive(Deserialize)]
    struct OnlySchema {
        schema: String,
    }
    match serde_json::from_str::<OnlySchema>(text) {
        Ok(OnlySchema { schema }) if schema != SCHEMA => SnapshotError::Schema { found: schema },
        _ => error,
    }
}

/// The text of UTF-16 with a byte order mark, which `>` of Windows PowerShell writes.
fn utf16(bytes: &[u8]) -> Result<Option<String>, SnapshotError> {
    let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) else {
        return Ok(None);
    };
    if encoding == encoding_rs::UTF_8 {
        return Ok(None);
    }
    let (text, had_errors) = encoding.decode_with_bom_removal(bytes);
    if had_errors {
        Err(SnapshotError::Encoding { offset: 0 })
    } else {
        Ok(Some(text.into_owned()))
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

/// Position of the closing quote of the string that starts at `start`, or the end of the text.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut position = start;
    while let Some(offset) = memchr::memchr2(b'"', b'\\', &bytes[position..]) {
        position += offset;
        if bytes[position] == b'"' {
            return position;
        }
        position = (position + 2).min(bytes.len());
    }
    bytes.len()
}

/// The typed body of a section that was answered; `None` when the answer has none.
pub(super) fn section_body<T: DeserializeOwned>(
    name: &str,
    section: &Section,
) -> Result<Option<T>, SnapshotError> {
    match &section.body {
        Some(body) if body.get() != "null" => {
            from_json(body.get(), &format!("sections[\"{name}\"].body")).map(Some)
        }
        _ => Ok(None),
    }
}

/// Parses `text`; only when that fails, once more with the path tracked.
fn from_json<T: DeserializeOwned>(text: &str, prefix: &str) -> Result<T, SnapshotError> {
    let plain = match serde_json::from_str::<T>(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Ok(_) => Err(json_error(prefix, &plain, None)),
        Err(error) => Err(json_error(prefix, error.inner(), Some(error.path()))),
    }
}

fn json_error(
    prefix: &str,
    error: &serde_json::Error,
    inner: Option<&serde_path_to_error::Path>,
) -> SnapshotError {
    let inner = inner
        .map(ToString::to_string)
        // The tracker writes `.` for the root and `?` for a place inside text that is no JSON.
        .filter(|path| path != "." && path != "?")
        .unwrap_or_default();
    let mut path = match (prefix, inner.as_str()) {
        (prefix, "") => prefix.to_owned(),
        ("", inner) => inner.to_owned(),
        (prefix, inner) => format!("{prefix}.{inner}"),
    };
    let mut text = error.to_string();
    if let Some((nested, message)) = text.split_once(PATH_MARK) {
        path = format!("{path}.{nested}").replace(".[", "[");
        text = message.to_owned();
    }
    let message = match error.classify() {
        serde_json::error::Category::Eof => format!("the JSON is cut off: {text}"),
        serde_json::error::Category::Syntax => format!("this is not JSON: {text}"),
        // Inside a body the position counts from the body's start, which helps nobody.
        _ if !prefix.is_empty() => text.split(" at line ").next().unwrap_or(&text).to_owned(),
        _ => text,
    };
    SnapshotError::Json { path, message }
}

#[cfg(test)]
mod tests {
    use super::{SCHEMA, SnapshotError, snapshot};

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
    fn a_wrong_type_deep_inside_is_named_by_its_json_path() {
        for (section, path) in [
            (
                r#""graph.user":{"outcome":"ok","body":{"accountEnabled":"yes"}}"#,
                "sections[\"graph.user\"].body.accountEnabled",
            ),
            (
                r#""dataverse.system_users":{"outcome":"ok","body":{"value":[{"accessmode":"0"}]}}"#,
                "sections[\"dataverse.system_users\"].body.value[0].accessmode",
            ),
            (
                r#""graph.service_principal":{"outcome":"ok","body":{"value":[{"accountEnabled":1}]}}"#,
                "sections[\"graph.service_principal\"].body[0].accountEnabled",
            ),
            (
                r#""graph.user":{"outcome":"fine"}"#,
                "sections.graph.user.outcome",
            ),
        ] {
            assert_eq!(path_of(&with_sections(section)), path);
        }
    }

    #[test]
    fn bytes_that_are_no_snapshot_give_one_typed_error() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        assert_eq!(snapshot(b"").unwrap_err(), SnapshotError::Empty);
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
        assert!(matches!(
            snapshot(b"hello").unwrap_err(),
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
