//! The bytes of a log, window by window: plain or gzip, UTF-8 or UTF-16, in constant memory.
//!
//! A file is read and not mapped. A mapped log that another program cuts short meanwhile, as log rotation does, kills
//! the process with SIGBUS, which no safe code can prevent. Reading a log that lies in the page cache takes about half
//! of the whole time.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use memchr::memrchr;

use crate::decode::many::reader::{AsUtf8, fill};
use crate::decode::text::encoding::encoding_of;
use crate::well_known::GZIP;

/// How much is read at once: small enough to be still in the cache when it is searched.
const WINDOW: usize = 256 << 10;
/// Where a line without an end is cut.
const LONGEST_LINE: usize = 1 << 20;
/// Reads a log to its end, however it is packed and encoded, and hands on whole lines in place; see [`lines`].
pub(super) fn read(input: &mut dyn Read, scan: &mut dyn FnMut(&[u8])) -> io::Result<Vec<u8>> {
    let (start, filled) = head(input)?;
    let start = &start[..filled];
    let mut whole = start.chain(input);
    if !start.starts_with(&GZIP) {
        return read_text(start, &mut whole, scan);
    }
    let mut unpacked = MultiGzDecoder::new(whole);
    let (start, filled) = head(&mut unpacked)?;
    let start = &start[..filled];
    read_text(start, &mut start.chain(unpacked), scan)
}

fn head(input: &mut dyn Read) -> io::Result<([u8; 4096], usize)> {
    let mut start = [0_u8; 4096];
    let filled = fill(input, &mut start)?;
    Ok((start, filled))
}

fn read_text(start: &[u8], input: &mut dyn Read, scan: &mut dyn FnMut(&[u8])) -> io::Result<Vec<u8>> {
    let encoding = encoding_of(start);
    if encoding == encoding_rs::UTF_8 {
        return lines(input, Vec::new(), scan);
    }
    lines(&mut AsUtf8::new(input, encoding), Vec::new(), scan)
}

/// Reads into one buffer and hands on whole lines in place: no byte is copied except the tail of a window.
/// `kept` is the start of the first line; what is returned is a last line without an end.
pub(super) fn lines(input: &mut dyn Read, kept: Vec<u8>, scan: &mut dyn FnMut(&[u8])) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0_u8; WINDOW + LONGEST_LINE];
    let mut length = kept.len();
    buffer[..length].copy_from_slice(&kept);
    loop {
        let end = (length + WINDOW).min(buffer.len());
        let read = match input.read(&mut buffer[length..end]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if read == 0 {
            buffer.truncate(length);
            buffer.shrink_to_fit();
            return Ok(buffer);
        }
        let filled = length + read;
        let used = whole_lines(&buffer[..filled], scan);
        buffer.copy_within(used..filled, 0);
        length = filled - used;
    }
}

/// Hands on every line that is complete and returns how many bytes that was. A line that is too long is cut.
pub(super) fn whole_lines(buffer: &[u8], scan: &mut dyn FnMut(&[u8])) -> usize {
    let mut used = memrchr(b'\n', buffer).map_or(0, |index| index + 1);
    scan(&buffer[..used]);
    while buffer.len() - used >= LONGEST_LINE {
        let piece = &buffer[used..used + LONGEST_LINE];
        // Cut where no code is: a cut inside a word would lose it.
        let cut = piece
            .iter()
            .rposition(|byte| !byte.is_ascii_alphanumeric())
            .filter(|cut| *cut > 0);
        let piece = &piece[..cut.unwrap_or(LONGEST_LINE)];
        scan(piece);
        used += piece.len();
    }
    used
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::{LONGEST_LINE, lines, whole_lines};

    #[test]
    fn lines_arrive_whole_and_the_last_one_is_kept() {
        let mut seen = Vec::new();
        let kept = lines(&mut &b"b\nc\nd"[..], b"a".to_vec(), &mut |window| {
            seen.extend_from_slice(window);
        });
        assert_eq!(seen, b"ab\nc\n");
        assert_eq!(kept.unwrap(), b"d");
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_between_words() {
        let mut line = vec![b'x'; LONGEST_LINE - 3];
        line.extend_from_slice(b" AADSTS50076");
        let mut pieces = Vec::new();
        let used = whole_lines(&line, &mut |window| pieces.push(window.len()));
        assert_eq!((used, pieces), (LONGEST_LINE - 3, vec![0, LONGEST_LINE - 3]));
    }
}
