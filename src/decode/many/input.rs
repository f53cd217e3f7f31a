//! One input of any kind and size: a text, a browser capture, a log, plain or packed.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::export;
use super::har;
use super::log::LogScanner;
use super::reader::{AsUtf8, Counted, fill};
use crate::decode::answer::{LONGEST_TEXT, decode_whole};
use crate::decode::find::stamp;
use crate::decode::find::times::is_yearless;
use crate::decode::model::Decoded;
use crate::decode::text::encoding::{encoding_of, to_text};
use crate::well_known::{GZIP, ZIP};

/// The longest HAR capture: it has to be read as a whole.
const LONGEST_HAR: u64 = 512 << 20;
/// Decodes one input of any kind and size: a HAR capture, a text, a log, plain or gzip.
///
/// # Errors
///
/// What the reader or the decompressor reports, and [`io::ErrorKind::InvalidData`] for a broken HAR capture or a ZIP file.
pub fn decode_input(mut input: impl Read, mut progress: impl FnMut(u64)) -> io::Result<Decoded> {
    decode_any(&mut input, &mut progress)
}

fn decode_any(input: &mut dyn Read, progress: &mut dyn FnMut(u64)) -> io::Result<Decoded> {
    let mut start = [0_u8; GZIP.len()];
    let filled = fill(input, &mut start)?;
    let mut counted = Counted {
        inner: &mut start[..filled].chain(input),
        progress,
    };
    if start == GZIP {
        return decode_plain(&mut MultiGzDecoder::new(counted));
    }
    decode_plain(&mut counted)
}

/// Decodes an input that is not packed.
fn decode_plain(input: &mut dyn Read) -> io::Result<Decoded> {
    let mut start = vec![0_u8; LONGEST_TEXT + 1];
    let filled = fill(input, &mut start)?;
    start.truncate(filled);
    if start.starts_with(ZIP) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a ZIP file, as workbooks and documents of Office are, and nothing in it was read: unpack it, or save the table as CSV",
        ));
    }
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
    let encoding = encoding_of(&start);
    if encoding != encoding_rs::UTF_8 {
        let mut whole = (&start[..]).chain(input);
        return decode_long(&mut AsUtf8::new(&mut whole, encoding));
    }
    decode_long_from(start, input)
}

/// Decodes an input that is longer than a text, in UTF-8.
fn decode_long(input: &mut dyn Read) -> io::Result<Decoded> {
    let mut start = vec![0_u8; export::HEAD];
    let filled = fill(input, &mut start)?;
    start.truncate(filled);
    decode_long_from(start, input)
}

fn decode_long_from(start: Vec<u8>, input: &mut dyn Read) -> io::Result<Decoded> {
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
            timed + usize::from(stamp::of_log_line(line.as_bytes()).is_some()),
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
            // The text as a whole may tell the year of a time that has none.
            if known.first_seen.as_deref().is_some_and(|seen| !is_yearless(seen)) {
                error.first_seen.clone_from(&known.first_seen);
                error.last_seen.clone_from(&known.last_seen);
            }
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
    fn a_zip_file_is_refused_and_not_taken_for_a_text_that_says_nothing() {
        let error = decode_input(&b"PK\x03\x04\x14\x00 jobs.xlsx"[..], |_| ()).unwrap_err();
        assert!(error.to_string().contains("ZIP"), "{error}");
    }

    #[test]
    fn a_long_export_of_another_encoding_gives_the_answer_of_its_text() {
        let heading = "Date (UTC),Request ID,Username,Application,Sign-in error code,Failure reason\n";
        let mut text = heading.to_owned();
        for row in 0..32_000 {
            let code = if row == 31_000 { 53_003 } else { 50_126 };
            text.push_str(&format!(
                "2026-11-{:02}T{:02}:{:02}:00Z,{row:08x}-0000-4000-8000-000000000001,svc@contoso.com,Dataverse,{code},\"a, b\"\n",
                1 + row / 1440,
                row / 60 % 24,
                row % 60
            ));
        }
        let plain = decode_input(text.as_bytes(), |_| ()).unwrap();
        assert_eq!(plain.errors.iter().map(|error| error.count).sum::<u64>(), 32_000);
        for (mark, to_bytes) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ([0xfe, 0xff], u16::to_be_bytes),
        ] {
            let bytes: Vec<u8> = mark
                .into_iter()
                .chain(text.encode_utf16().flat_map(to_bytes))
                .collect();
            assert!(bytes.len() > super::LONGEST_TEXT);
            assert_eq!(decode_input(&bytes[..], |_| ()).unwrap(), plain);
        }
    }

    #[test]
    fn a_dated_log_of_any_culture_is_decided_by_its_newest_line() {
        for (log, newest) in [
            (
                [
                    "02.11.2026 08:00:00",
                    "12.11.2026 08:00:00",
                    "03.11.2026 09:00:00",
                ],
                "2026-11-12T08:00:00",
            ),
            (
                [
                    "11/13/2026 8:00:00 AM",
                    "11/13/2026 8:00:00 PM",
                    "11/13/2026 9:00:00 AM",
                ],
                "2026-11-13T20:00:00",
            ),
            (
                [
                    "02/11/2026 08:00:00",
                    "04/11/2026 08:00:00",
                    "03/11/2026 08:00:00",
                ],
                "2026-11-04T08:00:00",
            ),
            (
                [
                    "02/Nov/2026:08:00:00",
                    "12/Nov/2026:08:00:00",
                    "03/Nov/2026:08:00:00",
                ],
                "2026-11-12T08:00:00",
            ),
            (
                [
                    "2026-11-02 08:00:00",
                    "2026-11-12 08:00:00",
                    "2026-11-03 08:00:00",
                ],
                "2026-11-12 08:00:00",
            ),
        ] {
            let codes = [53_003, 50_126, 53_003];
            let lines: Vec<String> = log
                .iter()
                .zip(codes)
                .map(|(time, code)| format!("{time} ERROR sign-in failed AADSTS{code}: x\n"))
                .collect();
            let decoded = decode_input(lines.concat().as_bytes(), |_| ()).unwrap();
            assert_eq!(decoded.primary.as_deref(), Some("AADSTS50126"), "{log:?}");
            let seen = decoded.newest.and_then(|newest| newest.at);
            assert_eq!(seen.as_deref(), Some(newest), "{log:?}");
            assert_eq!(decoded.errors[0].last_seen.as_deref(), Some(newest), "{log:?}");
        }
    }

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
