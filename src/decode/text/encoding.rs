//! Bytes to text: UTF-8 and UTF-16 in both byte orders, with and without a byte order mark.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes are looked at to guess an encoding.
const SNIFF: usize = 4096;

/// The encoding of a text, from its first bytes: the byte order mark if there is one, else the NUL bytes
/// that every second byte of Western UTF-16 is.
pub fn encoding_of(start: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return encoding;
    }
    let start = &start[..start.len().min(SNIFF)];
    let pairs = start.len() / 2;
    if pairs == 0 {
        return UTF_8;
    }
    let (mut first, mut second) = (0_usize, 0_usize);
    for pair in start.chunks_exact(2) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    // A third is well above chance, and below what a text with many non-Latin letters still shows.
    if second * 3 > pairs && first * 10 < pairs {
        UTF_16LE
    } else if first * 3 > pairs && second * 10 < pairs {
        UTF_16BE
    } else {
        UTF_8
    }
}

/// The text of `bytes`, borrowed when they are UTF-8 already. What cannot be decoded becomes U+FFFD.
pub fn to_text(bytes: &[u8]) -> Cow<'_, str> {
    let (text, _) = encoding_of(bytes).decode_with_bom_removal(bytes);
    text
}

#[cfg(test)]
mod tests {
    use super::to_text;

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "AADSTS50076: naïve\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(to_text(text.as_bytes()), text);
        assert_eq!(to_text(&little), text);
        assert_eq!(to_text(&big), text);
        assert_eq!(to_text(&[&[0xff, 0xfe], &little[..]].concat()), text);
        assert_eq!(to_text(&[&[0xfe, 0xff], &big[..]].concat()), text);
        assert_eq!(to_text(&[&[0xef, 0xbb, 0xbf], text.as_bytes()].concat()), text);
    }

    #[test]
    fn broken_bytes_are_replaced_and_never_fatal() {
        assert_eq!(to_text(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(to_text(b""), "");
    }
}
