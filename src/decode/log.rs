//! Logs of any size: one pass at memory speed, in constant memory, however the bytes arrive.
//!
//! A prefilter of literal prefixes finds the lines worth a look; such a line is read with cheap byte searches.
//! Only the first line of each code is decoded in full. Numbers that may be Dataverse codes are counted apart
//! until the end: whether they are codes is decided by what the whole file speaks about.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::LazyLock;

use flate2::read::MultiGzDecoder;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use regex::bytes::Regex;

use super::evidence::Evidence;
use super::input::encoding_of;
use super::model::{Decoded, DecodedError, Group};
use super::tables::{TABLES, Word};
use super::{dataverse, decode_text, merge, primary};

/// How much is read at once.
const WINDOW: usize = 256 << 10;
/// Where a line without an end is cut.
const LONGEST_LINE: usize = 1 << 20;
/// How a gzip member starts.
pub(super) const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How many principals and how many correlation ids are told apart.
const MOST_GROUPS: usize = 1000;
/// How much of a line is kept as the sample of its code, and how many bytes of a file's start are read as evidence.
const SAMPLE: usize = 8 << 10;
/// How many lines without a plain code are decoded in full; after that such lines are not looked at.
const MOST_FULL_LINES: u32 = 2000;

/// Prefixes of everything that is looked for. All are literals, so the search runs at memory speed; `0x8` and
/// `-2147` are followed by their digits because `0x8` alone is everywhere.
static PREFILTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?-u)AADSTS|AADB2C|0x8[0-9a-fA-F]{7}|-2147[0-2][0-9]{5}|invalid_grant|invalid_client|unauthorized_client|interaction_required|SecLib::|Authorization_RequestDenied|InvalidAuthenticationToken|Authentication Required|CERTIFICATE_VERIFY_FAILED|federated_service",
    )
    .ok()
});

/// Counts codes in a log that arrives in pieces.
#[derive(Debug, Default)]
pub struct LogScanner {
    /// The start of a line whose end has not arrived.
    carry: Vec<u8>,
    lines: u64,
    /// Line numbers are found afterwards, from the offsets.
    numbers_later: bool,
    bytes: u64,
    evidence: Evidence,
    codes: HashMap<String, Tally>,
    order: Vec<String>,
    principals: Groups,
    correlations: Groups,
    full_lines: u32,
}

/// What is known about one code.
#[derive(Debug, Clone)]
struct Tally {
    count: u64,
    first_line: u64,
    first_offset: u64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    sample: Vec<u8>,
    /// Some line had it in a field that only its own service fills.
    certain: bool,
}

#[derive(Debug, Default)]
struct Groups {
    by_id: HashMap<Vec<u8>, (u64, Vec<u32>)>,
}

/// What stands in one line beside its codes.
struct Line<'a> {
    text: &'a [u8],
    number: u64,
    offset: u64,
}

impl LogScanner {
    /// A scanner that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A scanner that does not count lines while it scans; [`LogScanner::number_lines`] does it afterwards, up to
    /// the last first occurrence of a code. Counting every line end would be an eighth of the whole work.
    pub(super) fn numbering_later() -> Self {
        Self {
            numbers_later: true,
            ..Self::default()
        }
    }

    /// Finds the line numbers of a scanner that counts later, from the start of the same log.
    ///
    /// # Errors
    ///
    /// What the reader reports.
    pub(super) fn number_lines(&mut self, mut log: impl Read) -> io::Result<()> {
        let mut offsets: Vec<u64> = self.codes.values().map(|tally| tally.first_offset).collect();
        offsets.sort_unstable();
        let mut buffer = vec![0_u8; 64 << 10];
        let (mut read, mut lines) = (0_u64, 0_u64);
        let mut numbers = HashMap::with_capacity(offsets.len());
        let mut next = offsets.into_iter().peekable();
        while next.peek().is_some() {
            let filled = fill(&mut log, &mut buffer)?;
            let mut counted = 0;
            while let Some(offset) = next.next_if(|offset| *offset <= read + filled as u64) {
                let end = (offset - read) as usize;
                lines += memchr_iter(b'\n', &buffer[counted..end.max(counted)]).count() as u64;
                counted = end.max(counted);
                numbers.insert(offset, lines + 1);
            }
            lines += memchr_iter(b'\n', &buffer[counted..filled]).count() as u64;
            read += filled as u64;
            if filled < buffer.len() {
                break;
            }
        }
        for tally in self.codes.values_mut() {
            tally.first_line = numbers.get(&tally.first_offset).copied().unwrap_or(lines + 1);
        }
        Ok(())
    }

    /// How many bytes were scanned.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next piece of the log. Where the pieces are cut makes no difference.
    pub fn push(&mut self, piece: &[u8]) {
        let mut buffer = std::mem::take(&mut self.carry);
        buffer.extend_from_slice(piece);
        let used = self.complete_lines(&buffer);
        buffer.drain(..used);
        self.carry = buffer;
    }

    /// Reads a log to its end: plain or gzip (all members), UTF-8 or UTF-16. `progress` is told how many bytes
    /// of the input were read since it was last told.
    ///
    /// # Errors
    ///
    /// What the reader or the decompressor reports.
    pub fn read(&mut self, mut input: impl Read, mut progress: impl FnMut(u64)) -> io::Result<()> {
        let mut start = [0_u8; 4096];
        let filled = fill(&mut input, &mut start)?;
        let start = &start[..filled];
        progress(filled as u64);
        let counted = Counted {
            inner: input,
            progress,
        };
        let whole = start.chain(counted);
        if start.starts_with(&GZIP) {
            let mut unpacked = MultiGzDecoder::new(whole);
            let mut head = [0_u8; 4096];
            let filled = fill(&mut unpacked, &mut head)?;
            return self.read_text(&head[..filled], (&head[..filled]).chain(unpacked));
        }
        self.read_text(start, whole)
    }

    fn read_text(&mut self, start: &[u8], input: impl Read) -> io::Result<()> {
        let encoding = encoding_of(start);
        if encoding == encoding_rs::UTF_8 {
            return self.read_plain(input);
        }
        let mut decoder = encoding.new_decoder_with_bom_removal();
        let mut input = input;
        let mut raw = vec![0_u8; 64 << 10];
        let mut text = String::with_capacity(256 << 10);
        loop {
            let filled = fill(&mut input, &mut raw)?;
            text.clear();
            // The capacity is four times the input: it always fits.
            let _ = decoder.decode_to_string(&raw[..filled], &mut text, filled < raw.len());
            self.push(text.as_bytes());
            if filled < raw.len() {
                return Ok(());
            }
        }
    }

    /// Reads into one buffer and scans in place: no byte is copied except the tail of a window.
    pub(super) fn read_plain(&mut self, mut input: impl Read) -> io::Result<()> {
        let mut buffer = vec![0_u8; WINDOW + LONGEST_LINE];
        let mut length = std::mem::take(&mut self.carry);
        buffer[..length.len()].copy_from_slice(&length);
        let mut kept = length.len();
        length.clear();
        loop {
            let end = (kept + WINDOW).min(buffer.len());
            let read = match input.read(&mut buffer[kept..end]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if read == 0 {
                self.carry = buffer[..kept].to_vec();
                return Ok(());
            }
            let filled = kept + read;
            let used = self.complete_lines(&buffer[..filled]);
            buffer.copy_within(used..filled, 0);
            kept = filled - used;
        }
    }

    /// Scans every line that is complete and returns how many bytes that was.
    fn complete_lines(&mut self, buffer: &[u8]) -> usize {
        let mut used = memrchr(b'\n', buffer).map_or(0, |index| index + 1);
        self.scan(&buffer[..used]);
        while buffer.len() - used >= LONGEST_LINE {
            let piece = &buffer[used..used + LONGEST_LINE];
            // Cut where no code is: a cut inside a word would lose it.
            let cut = piece
                .iter()
                .rposition(|byte| !byte.is_ascii_alphanumeric())
                .filter(|cut| *cut > 0);
            let piece = &piece[..cut.unwrap_or(LONGEST_LINE)];
            self.scan(piece);
            used += piece.len();
        }
        used
    }

    fn scan(&mut self, window: &[u8]) {
        if self.bytes < SAMPLE as u64 && !window.is_empty() {
            self.add_evidence(&window[..window.len().min(SAMPLE)]);
        }
        self.bytes += window.len() as u64;
        let Some(prefilter) = PREFILTER.as_ref() else {
            return;
        };
        let mut counted = 0;
        let mut position = 0;
        while let Some(hit) = prefilter.find_at(window, position) {
            let start = memrchr(b'\n', &window[..hit.start()]).map_or(0, |index| index + 1);
            let end = memchr(b'\n', &window[hit.end()..]).map_or(window.len(), |index| hit.end() + index);
            if !self.numbers_later {
                self.lines += memchr_iter(b'\n', &window[counted..start]).count() as u64;
                counted = start;
            }
            self.line(
                &Line {
                    text: &window[start..end],
                    number: self.lines + 1,
                    offset: self.bytes - (window.len() - start) as u64,
                },
                hit.start() - start,
            );
            position = (end + 1).min(window.len());
        }
        if !self.numbers_later {
            self.lines += memchr_iter(b'\n', &window[counted..]).count() as u64;
        }
    }

    fn line(&mut self, line: &Line<'_>, first_hit: usize) {
        let mut found: Vec<u32> = Vec::new();
        let mut position = first_hit;
        let Some(prefilter) = PREFILTER.as_ref() else {
            return;
        };
        let mut plain = false;
        while let Some(hit) = prefilter.find_at(line.text, position) {
            position = hit.end();
            if let Some((code, certain)) = code_at(line.text, hit.start(), hit.end()) {
                plain = true;
                let index = self.tally(&code, line, certain);
                if !found.contains(&index) {
                    found.push(index);
                }
            }
        }
        if !plain && self.full_lines < MOST_FULL_LINES {
            self.full_lines += 1;
            for error in decode_text(&line.text[..line.text.len().min(SAMPLE)]).errors {
                let index = self.tally(&error.code, line, true);
                found.push(index);
            }
        }
        if found.is_empty() {
            return;
        }
        if let Some(id) = correlation(line.text) {
            self.correlations.add(id, &found);
        }
        if let Some(id) = principal(line.text) {
            self.principals.add(id, &found);
        }
    }

    fn tally(&mut self, code: &str, line: &Line<'_>, certain: bool) -> u32 {
        let time = line_time(line.text);
        if let Some(tally) = self.codes.get_mut(code) {
            tally.count += 1;
            tally.certain |= certain;
            widen(&mut tally.first_seen, &mut tally.last_seen, time);
        } else {
            self.add_evidence(&line.text[..line.text.len().min(SAMPLE)]);
            self.order.push(code.to_owned());
            let tally = Tally {
                count: 1,
                first_line: line.number,
                first_offset: line.offset,
                first_seen: time.map(str::to_owned),
                last_seen: time.map(str::to_owned),
                sample: line.text[..line.text.len().min(SAMPLE)].to_vec(),
                certain,
            };
            self.codes.insert(code.to_owned(), tally);
        }
        self.order
            .iter()
            .position(|known| known == code)
            .unwrap_or_default() as u32
    }

    fn add_evidence(&mut self, bytes: &[u8]) {
        self.evidence = self.evidence.or(Evidence::of(&String::from_utf8_lossy(bytes)));
    }

    /// Adds what another scanner found in the part of the log that follows.
    pub fn absorb(&mut self, mut later: LogScanner) {
        self.flush();
        later.flush();
        self.evidence = self.evidence.or(later.evidence);
        let mut indexes = Vec::with_capacity(later.order.len());
        for code in later.order {
            let Some(mut tally) = later.codes.remove(&code) else {
                continue;
            };
            if let Some(known) = self.codes.get_mut(&code) {
                known.count += tally.count;
                known.certain |= tally.certain;
                widen(
                    &mut known.first_seen,
                    &mut known.last_seen,
                    tally.first_seen.as_deref(),
                );
                widen(
                    &mut known.first_seen,
                    &mut known.last_seen,
                    tally.last_seen.as_deref(),
                );
            } else {
                tally.first_line += self.lines;
                tally.first_offset += self.bytes;
                self.codes.insert(code.clone(), tally);
                self.order.push(code.clone());
            }
            indexes.push(
                self.order
                    .iter()
                    .position(|known| *known == code)
                    .unwrap_or_default() as u32,
            );
        }
        self.principals.absorb(later.principals, &indexes);
        self.correlations.absorb(later.correlations, &indexes);
        self.lines += later.lines;
        self.bytes += later.bytes;
    }

    /// Scans a last line that has no end.
    fn flush(&mut self) {
        let rest = std::mem::take(&mut self.carry);
        self.scan(&rest);
    }

    /// The answer for the whole log. Its primary code is the most frequent one of the most telling kind.
    pub fn finish(mut self) -> Decoded {
        self.flush();
        let mut decoded = Decoded::nothing();
        let mut names: Vec<Option<String>> = Vec::with_capacity(self.order.len());
        for code in &self.order {
            let Some(tally) = self.codes.get(code) else {
                continue;
            };
            if !tally.certain && !self.evidence.dataverse {
                if TABLES.known(code).is_some() {
                    decoded.foreign.push(code.clone());
                }
                names.push(None);
                continue;
            }
            names.push(Some(code.clone()));
            decoded.errors.push(tally.error(code));
        }
        let best = decoded.errors.iter().max_by_key(|error| {
            (
                primary::rank_of(&error.code),
                error.count,
                std::cmp::Reverse(error.first_line),
            )
        });
        decoded.primary = best.map(|error| error.code.clone());
        decoded.category = best.map(|error| error.category.clone());
        decoded.principals = self.principals.list(&names);
        decoded.correlations = self.correlations.list(&names);
        let samples: Vec<u8> = self
            .order
            .iter()
            .filter_map(|code| self.codes.get(code))
            .flat_map(|tally| tally.sample.iter().copied().chain([b'\n']))
            .take(64 << 10)
            .collect();
        merge::conclude(&mut decoded, &String::from_utf8_lossy(&samples));
        decoded
    }
}

impl Tally {
    /// The error with the ids of the first line that had it.
    fn error(&self, code: &str) -> DecodedError {
        let sampled = decode_text(&self.sample)
            .errors
            .into_iter()
            .find(|error| error.code == code);
        let mut error = sampled.unwrap_or_else(|| super::with_advice(super::describe(code)));
        error.count = self.count;
        error.first_line = self.first_line;
        error.first_seen = self.first_seen.clone().or(error.first_seen);
        error.last_seen = self.last_seen.clone().or(error.last_seen);
        error
    }
}

impl Groups {
    fn add(&mut self, id: &[u8], codes: &[u32]) {
        if let Some((count, known)) = self.by_id.get_mut(id) {
            *count += 1;
            known.extend(
                codes
                    .iter()
                    .filter(|code| !known.contains(code))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        } else if self.by_id.len() < MOST_GROUPS {
            self.by_id.insert(id.to_vec(), (1, codes.to_vec()));
        }
    }

    fn absorb(&mut self, later: Self, indexes: &[u32]) {
        let mut later: Vec<_> = later.by_id.into_iter().collect();
        // The order of a hash table must not decide which ids fit in.
        later.sort();
        for (id, (count, codes)) in later {
            let codes: Vec<u32> = codes
                .iter()
                .filter_map(|code| indexes.get(*code as usize).copied())
                .collect();
            self.add(&id, &codes);
            if let Some((total, _)) = self.by_id.get_mut(&id) {
                *total += count - 1;
            }
        }
    }

    fn list(&self, names: &[Option<String>]) -> Vec<Group> {
        let mut groups: Vec<Group> = self
            .by_id
            .iter()
            .map(|(id, (count, codes))| Group {
                id: String::from_utf8_lossy(id).into_owned(),
                count: *count,
                codes: codes
                    .iter()
                    .filter_map(|code| names.get(*code as usize)?.clone())
                    .collect(),
            })
            .filter(|group| !group.codes.is_empty())
            .collect();
        groups.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.id.cmp(&right.id)));
        groups
    }
}

/// The code that a prefilter hit starts, and whether its place alone makes it certain.
fn code_at(line: &[u8], start: usize, end: usize) -> Option<(String, bool)> {
    let hit = &line[start..end];
    match hit {
        b"AADSTS" | b"AADB2C" => {
            let digits = line[end..]
                .iter()
                .take(9)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let code = &line[start..end + digits];
            (5..=8)
                .contains(&digits)
                .then(|| (String::from_utf8_lossy(code).into_owned(), true))
        }
        _ if hit.starts_with(b"0x8") || hit.starts_with(b"-2147") => number_at(line, start, end),
        _ => word_at(line, start, end),
    }
}

fn number_at(line: &[u8], start: usize, end: usize) -> Option<(String, bool)> {
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word(line.get(end)) || word(start.checked_sub(1).and_then(|before| line.get(before))) {
        return None;
    }
    let text = std::str::from_utf8(&line[start..end]).ok()?;
    let value = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => text.parse::<i32>().ok()?.cast_unsigned(),
    };
    let code = format!("{value:#010x}");
    let before = &line[start.saturating_sub(16)..start];
    let field = before.ends_with(b"\"code\":\"")
        || before.ends_with(b"\"code\": \"")
        || before.ends_with(b"\\\"code\\\":\\\"")
        || before.ends_with(b"CRM ErrorCode: ")
        || before.ends_with(b"<ErrorCode>");
    let known = TABLES.known(&code).is_some();
    if known {
        return (!dataverse::is_win32(value)).then_some((code, field));
    }
    (field && dataverse::may_be_new(value)).then_some((code, true))
}

fn word_at(line: &[u8], start: usize, end: usize) -> Option<(String, bool)> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = end
        + line[end..]
            .iter()
            .take(60)
            .take_while(|byte| is_word(byte))
            .count();
    if start > 0 && is_word(&line[start - 1]) {
        return None;
    }
    let word = std::str::from_utf8(&line[start..end]).ok()?;
    // A word is a code in a line that also has an Entra code; any other line is decoded in full.
    memmem::find(line, b"AADSTS")?;
    TABLES
        .word(Word::OAuth, word)
        .or_else(|| TABLES.word(Word::Graph, word))
        .map(|code| (code.to_owned(), true))
}

/// The GUID after "correlation id" in any spelling.
fn correlation(line: &[u8]) -> Option<&[u8]> {
    let index = memmem::find(line, b"orrelation")?;
    guid_within(&line[index + 10..], 24)
}

/// The user name in a line, else the principal's object id.
fn principal(line: &[u8]) -> Option<&[u8]> {
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

fn guid_within(text: &[u8], reach: usize) -> Option<&[u8]> {
    let is_guid = |candidate: &[u8]| {
        candidate.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    (0..reach)
        .filter_map(|start| text.get(start..start + 36))
        .find(|candidate| is_guid(candidate))
}

/// The time at the start of a line, as written: `2026-01-05T10:11:12.345Z`, `2026-01-05 10:11:12`.
pub fn line_time(line: &[u8]) -> Option<&str> {
    const SHAPE: &[u8] = b"dddd-dd-dd dd:dd:dd";
    let matches = |text: &[u8]| {
        text.iter().zip(SHAPE).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            other => byte == other,
        })
    };
    let start = (0..48).find(|start| line.get(*start..start + SHAPE.len()).is_some_and(matches))?;
    let tail = &line[start + SHAPE.len()..];
    let mut length = tail
        .iter()
        .take(12)
        .take_while(|byte| matches!(byte, b'.' | b'0'..=b'9'))
        .count();
    length += usize::from(tail.get(length) == Some(&b'Z'));
    std::str::from_utf8(&line[start..start + SHAPE.len() + length]).ok()
}

/// Widens a span of times by one more. Times of one log are written alike, so their text sorts like they do.
pub(crate) fn widen(first: &mut Option<String>, last: &mut Option<String>, time: Option<&str>) {
    let Some(time) = time else { return };
    if first.as_deref().is_none_or(|first| time < first) {
        *first = Some(time.to_owned());
    }
    match last {
        Some(last) if time > last.as_str() => {
            last.clear();
            last.push_str(time);
        }
        Some(_) => {}
        None => *last = Some(time.to_owned()),
    }
}

/// Reads until the buffer is full or the input ends.
pub(super) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A reader that tells how much was read.
pub(super) struct Counted<R, F> {
    pub(super) inner: R,
    pub(super) progress: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        (self.progress)(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::io::Write;

    use super::{LogScanner, PREFILTER, line_time};
    use crate::decode::Decoded;

    const LOG: &str = "2026-01-05T10:00:00Z start\n\
        2026-01-05T10:00:01Z svc@contoso.com AADSTS50076: x Correlation ID: 3d483b09-1198-4acb-929f-c648674e32bd\n\
        2026-01-05T10:00:02Z nothing 0x12345678\n\
        2026-01-05T10:00:03Z {\"error\":{\"code\":\"0x80040220\",\"message\":\"Principal user (Id=3d483b09-1198-4acb-929f-c648674e32bd) is missing prvReadAccount privilege\"}}\n\
        2026-01-05T10:00:04Z svc@contoso.com AADSTS50076: x";

    fn decode(log: &[u8]) -> Decoded {
        let mut scanner = LogScanner::new();
        scanner.read(log, |_| ()).unwrap();
        scanner.finish()
    }

    #[test]
    fn the_prefilter_compiles() {
        assert!(PREFILTER.is_some());
    }

    #[test]
    fn codes_are_counted_with_their_times_lines_and_principals() {
        let decoded = decode(LOG.as_bytes());
        let mfa = decoded
            .errors
            .iter()
            .find(|error| error.code == "AADSTS50076")
            .unwrap();
        assert_eq!((mfa.count, mfa.first_line), (2, 2));
        assert_eq!(mfa.first_seen.as_deref(), Some("2026-01-05T10:00:01Z"));
        assert_eq!(mfa.last_seen.as_deref(), Some("2026-01-05T10:00:04Z"));
        assert_eq!(decoded.principals[0].id, "svc@contoso.com");
        assert_eq!(decoded.principals[0].count, 2);
        assert_eq!(decoded.correlations[0].codes, ["AADSTS50076"]);
        assert!(decoded.errors.iter().any(|error| error.code == "0x80040220"));
        assert_eq!(decoded.primary.as_deref(), Some("AADSTS50076"));
    }

    #[test]
    fn gzip_of_several_members_and_utf_16_give_the_same_answer() {
        let plain = decode(LOG.as_bytes());
        let (head, tail) = LOG.as_bytes().split_at(100);
        let mut packed = Vec::new();
        for part in [head, tail] {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(part).unwrap();
            packed.extend(encoder.finish().unwrap());
        }
        assert_eq!(decode(&packed), plain);
        let wide: Vec<u8> = LOG.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide), plain);
    }

    #[test]
    fn a_number_without_evidence_is_foreign() {
        let decoded = decode(b"SOME_IOCTL 0x80044151\n");
        assert!(decoded.errors.is_empty());
        assert_eq!(decoded.foreign, ["0x80044151"]);
    }

    #[test]
    fn times_are_found_behind_a_prefix() {
        assert_eq!(
            line_time(b"[2026-01-05 10:11:12.345] x"),
            Some("2026-01-05 10:11:12.345")
        );
        assert_eq!(line_time(b"no time"), None);
    }
}
