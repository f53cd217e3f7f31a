//! One line of a text: where it stands, and whom it names.

use memchr::{memchr, memmem, memrchr};

use super::shape::is_guid;

/// The line of a place, without its end.
pub(crate) fn line_at(text: &[u8], place: usize) -> &[u8] {
    let place = place.min(text.len());
    let start = memrchr(b'\n', &text[..place]).map_or(0, |end| end + 1);
    let end = memchr(b'\n', &text[place..]).map_or(text.len(), |end| place + end);
    &text[start..end]
}

/// The user name in a line, else the principal's object id.
pub(crate) fn principal(line: &[u8]) -> Option<&[u8]> {
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

/// The first GUID that begins within so many bytes.
pub(crate) fn guid_within(text: &[u8], reach: usize) -> Option<&[u8]> {
    (0..reach)
        .filter_map(|start| text.get(start..start + 36))
        .find(|candidate| is_guid(candidate))
}
