//! Lines of input, each of a bounded length: a longer one costs itself and nothing after it.

use std::io::{self, BufRead, Read};

use crate::snapshot::MAXIMUM_BYTES;

/// One line, its end included.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// As it was read.
    Whole(Vec<u8>),
    /// It was longer than a line may be, and was read past.
    TooLong,
}

/// What is said of a line that is too long.
pub(crate) const TOO_LONG: &str = "the line is longer than 64 MiB";

/// The next line; nothing at the end of the input. No line may be longer than a snapshot.
///
/// # Errors
///
/// What reading failed with.
pub(crate) fn next_line(reader: &mut impl BufRead) -> io::Result<Option<Line>> {
    bounded(reader, MAXIMUM_BYTES)
}

fn bounded(reader: &mut impl BufRead, most: u64) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(most + 1).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 <= most {
        return Ok(Some(Line::Whole(bytes)));
    }
    if !bytes.ends_with(b"\n") {
        drop(bytes);
        skip_line(reader)?;
    }
    Ok(Some(Line::TooLong))
}

/// Reads on behind the end of a line.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        match memchr::memchr(b'\n', bytes) {
            Some(end) => {
                reader.consume(end + 1);
                return Ok(());
            }
            None => {
                let length = bytes.len();
                reader.consume(length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::{Line, bounded};

    #[test]
    fn a_line_that_is_too_long_costs_itself_and_nothing_after_it() {
        let whole = |text: &str| Some(Line::Whole(text.as_bytes().to_vec()));
        for (text, wanted) in [
            (
                "ab\n1234567890\ncd",
                vec![whole("ab\n"), Some(Line::TooLong), whole("cd")],
            ),
            (
                "123\n1234\n12345\n",
                vec![whole("123\n"), Some(Line::TooLong), Some(Line::TooLong)],
            ),
            ("1234567890", vec![Some(Line::TooLong)]),
            ("", vec![]),
        ] {
            let mut reader = BufReader::with_capacity(3, text.as_bytes());
            let mut found = Vec::new();
            while let Ok(line @ Some(_)) = bounded(&mut reader, 4) {
                found.push(line);
            }
            assert_eq!(found, wanted, "{text:?}");
        }
    }
}
