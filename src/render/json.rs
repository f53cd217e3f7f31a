//! `json` and `ndjson`: documents as they are, and the JSON Schema of what is printed.

use std::io;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// The schema name of [`ErrorLine`].
const ERROR_SCHEMA: &str = "work365-doctor/error/v1";

/// One indented document.
pub fn json(document: &impl Serialize) -> String {
    to_text(document, PrettyFormatter::new())
}

/// One document on one line.
pub fn ndjson(document: &impl Serialize) -> String {
    to_text(document, CompactFormatter)
}

/// The JSON Schema (draft 2020-12) of a document as it is printed: a key that is always there is required, also when
/// its value can be null.
pub fn json_schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// An input that gave no report, in its place in the answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorLine<'a> {
    /// Always `work365-doctor/error/v1`.
    #[schemars(extend("const" = ERROR_SCHEMA))]
    schema: &'static str,
    /// What the user calls the input: a path, or `-`.
    input: &'a str,
    /// The line, counted from 1, when the input holds one snapshot a line.
    line: Option<usize>,
    /// JSON path of what is wrong; empty when the whole document is.
    path: &'a str,
    /// What is wrong.
    message: &'a str,
}

/// An [`ErrorLine`] on one line.
pub fn error_line(input: &str, line: Option<usize>, path: &str, message: &str) -> String {
    ndjson(&ErrorLine {
        schema: ERROR_SCHEMA,
        input,
        line,
        path,
        message,
    })
}

/// A text that grows. JSON is written in tiny pieces, most of them one byte: a quote, a comma.
struct Text(Vec<u8>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match bytes {
            [byte] => self.0.push(*byte),
            bytes => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A document as a tree. It goes through its text: a second writer for each of its types would be in the program otherwise.
pub(crate) fn tree(document: &impl Serialize) -> Value {
    serde_json::from_slice(&bytes(document)).unwrap_or_default()
}

/// The bytes of a document on one line, before anything in them is escaped for terminals.
pub(super) fn bytes(document: &impl Serialize) -> Vec<u8> {
    written(document, CompactFormatter)
}

fn written(document: &impl Serialize, formatter: impl Formatter) -> Vec<u8> {
    let mut text = Text(Vec::with_capacity(1024));
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    // Reports hold strings, numbers and lists only; serialising them to memory has no way to fail.
    let serialized = document.serialize(&mut serializer);
    serialized.map(|()| text.0).unwrap_or_default()
}

fn to_text(document: &impl Serialize, formatter: impl Formatter) -> String {
    let mut text = String::from_utf8(written(document, formatter)).unwrap_or_default();
    // JSON may hold these as they are, but a terminal acts on them. Each begins with one of two bytes that most texts lack.
    let acts = |character: char| matches!(character, '\u{7f}'..='\u{9f}');
    if memchr::memchr2(0x7f, 0xc2, text.as_bytes()).is_some() && text.contains(acts) {
        let escaped = text.chars().map(|character| match acts(character) {
            true => format!("\\u{:04x}", u32::from(character)),
            false => character.to_string(),
        });
        text = escaped.collect();
    }
    text.push('\n');
    text
}
