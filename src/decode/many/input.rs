//! One input of any kind and size: a text, a browser capture, a log, plain or packed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::export;
use super::har;
use super::log::LogScanner;
use super::reader::{Counted, GZIP, fill};
use crate::decode::answer::{LONGEST_TEXT, decode_whole};
use crate::decode::find::times::line_time;
use crate::decode::model::Decoded;
use crate::decode::text::encoding::to_text;

/// The longest HAR capture: it has to be read as a whole.
const LONGEST_HAR: u64 = 512 << 20;
/// Decodes one input of any kind and size: a HAR capture, a text, a log, plain or gzip.
///
/// # Errors
///
/// What the reader or the decompressor reports, and [`io::ErrorKind::InvalidData`] for a broken HAR capture.
pub fn decode_input(mut input: impl Read, progress: impl FnMut(u64)) -> io::Result<Decoded> {
    let mut start = [0_u8; GZIP.len()];
    let filled = fill(&mut input, &mut start)?;
    let counted = Counted {
        inner: start[..filled].chain(input),
        progress,
    };
    if start == GZIP {
        return decode_plain(MultiGzDecoder::new(counted));
    }
    decode_plain(counted)
}

/// Decodes an input that is not packed.
fn decode_plain(mut input: impl Read) -> io::Result<Decoded> {
    let mut start = vec![0_u8; LONGEST_TEXT + 1];
    let filled = fill(&mut input, &mut start)?;
    start.truncate(filled);
    if har::is_har(&start) {
        let limit = LONGEST_HAR.saturating_sub(filled as u64);
        let read = input.take(limit).read_to_end(&mut start)?;
        if read as u64 == limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "a HAR capture of more than 512 MiB",
            ));
        }
        return har::decode_har(&start).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("not a HAR capture: {error}"))
        });
    }
    if filled <= LONGEST_TEXT {
        return Ok(decode_log_or_text(&start));
    }
    if let Some(form) = export::form(&start) {
        return export::decode(&form, start, input);
    }
    let mut scanner = LogScanner::new();
    scanner.read((&start[..]).chain(input), |_| ())?;
    Ok(scanner.finish())
}

/// The answer for an input that can be read again, or what a thorough scan finds where a log's literals found nothing.
///
/// # Errors
///
/// What the reader or the decompressor reports.
pub(crate) fn or_thoroughly<R: Read>(
    decoded: Decoded,
    size: u64,
    open: impl FnOnce() -> io::Result<R>,
    progress: impl FnMut(u64),
) -> io::Result<Decoded> {
    if decoded.recognised || decoded.newest.is_some() {
        return Ok(decoded);
    }
    let mut input = open()?;
    let mut start = [0_u8; 4096];
    let filled = fill(&mut input, &mut start)?;
    let start = &start[..filled];
    let was_read_as_text = size <= LONGEST_TEXT as u64 && !start.starts_with(&GZIP);
    if was_read_as_text || har::is_har(start) {
        return Ok(decoded);
    }
    let mut scanner = LogScanner::thorough();
    scanner.read(start.chain(input), progress)?;
    Ok(scanner.finish())
}

/// Decodes a text that fits into memory. If it is a log, the codes also get their times, accounts and attempts.
fn decode_log_or_text(bytes: &[u8]) -> Decoded {
    let mut decoded = decode_whole(bytes);
    let text = to_text(bytes);
    let (timed, lines) = text.lines().take(1000).fold((0, 0), |(timed, lines), line| {
        (
            timed + usize::from(line_time(line.as_bytes()).is_some()),
            lines + 1,
        )
    });
    let has_groups = !(decoded.principals.is_empty() && decoded.correlations.is_empty());
    if has_groups || lines < 3 || timed * 2 < lines {
        return decoded;
    }
    let mut scanner = LogScanner::new();
    scanner.push(text.as_bytes());
    let scanned = scanner.finish();
    for error in &mut decoded.errors {
        if let Some(known) = scanned.errors.iter().find(|known| known.code == error.code) {
            error.count = error.count.max(known.count);
            error.first_seen.clone_from(&known.first_seen);
            error.last_seen.clone_from(&known.last_seen);
        }
    }
    decoded.principals = scanned.principals;
    decoded.correlations = scanned.correlations;
    decoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::decode_input;

    #[test]
    fn a_small_log_gets_times_and_accounts() {
        let log = "2026-01-05T10:00:01Z svc@contoso.com AADSTS50076: x\n2026-01-05T10:00:02Z ok\n2026-01-05T10:00:03Z svc@contoso.com AADSTS50076: x\n";
        let decoded = decode_input(log.as_bytes(), |_| ()).unwrap();
        assert_eq!(decoded.errors[0].count, 2);
        assert_eq!(
            decoded.errors[0].last_seen.as_deref(),
            Some("2026-01-05T10:00:03Z")
        );
        assert_eq!(decoded.principals[0].count, 2);
    }
}
