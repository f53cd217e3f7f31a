//! Bytes to one answer: an export by its records, anything else as one text.

use super::explain::{applications, unrecognised};
use super::find::records;
use super::model::Decoded;
use super::recorded;
use super::single;
use super::text::encoding::to_text;

/// The longest text that is unwrapped and read as a whole. What is longer is a log: see [`super::many::log`].
pub const LONGEST_TEXT: usize = 4 << 20;

/// Decodes one text in any encoding and wrapping. Only its first [`LONGEST_TEXT`] bytes are read.
pub fn decode_text(bytes: &[u8]) -> Decoded {
    decode_whole(&bytes[..bytes.len().min(LONGEST_TEXT)])
}

/// Decodes a text of any length, which the caller holds to a limit.
pub(crate) fn decode_whole(bytes: &[u8]) -> Decoded {
    let text = to_text(bytes);
    // A hole in a file reads as NUL bytes; there is no line end in it.
    let text = text.trim_matches('\0');
    let mut decoded = read(text);
    unrecognised::mark(&mut decoded, text);
    applications::name(&mut decoded);
    decoded
}

fn read(text: &str) -> Decoded {
    match records::of(text) {
        Some(records) => {
            let decoded = recorded::decode(text, &records);
            // A table in which no record failed and none worked is a text like any other.
            if decoded.recognised || decoded.newest.is_some() {
                decoded
            } else {
                single::decode(text)
            }
        }
        None => single::decode(text),
    }
}
