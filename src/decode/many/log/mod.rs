//! Logs of any size: one pass at memory speed, in constant memory, however the bytes arrive.
//!
//! * `window` brings the bytes, `prefilter` finds the lines worth a look, `line` reads such a line with cheap
//!   byte searches, and `tally` keeps what was found.
//! * A line with a literal but without a plain code is decoded in full, as a text is. Lines that differ in nothing
//!   but times and GUIDs are decoded once.
//! * Numbers that may be Dataverse codes are counted apart until the end: whether they are codes is decided by what
//!   the whole file speaks about.

mod line;
mod newest;
mod prefilter;
mod success;
mod tally;
mod window;

use std::cell::LazyCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

use crate::decode::explain::applications;
use crate::decode::explain::tables::TABLES;
use crate::decode::find::context::Evidence;
use crate::decode::find::line::principal;
use crate::decode::find::moment::{Culture, Moment};
use crate::decode::find::primary;
use crate::decode::find::shape::shape;
use crate::decode::find::times::is_yearless;
use crate::decode::many::merge;
use crate::decode::many::reader::{Counted, fill};
use crate::decode::model::{Decoded, Ending, LeftOut};
use crate::decode::single::{self, MOST_CODES};
use crate::decode::text::encoding::to_text;
use line::{Hit, Line, correlation, read_hit};
use success::Success;
use tally::{Groups, SAMPLE, Tallies, Tally};

/// How many lines without a plain code are decoded in full; after that only lines of a known shape are counted.
const MOST_FULL_LINES: usize = 2000;

/// Counts codes in a log that arrives in pieces.
#[derive(Debug, Default)]
pub struct LogScanner {
    /// The start of a line whose end has not arrived.
    carry: Vec<u8>,
    lines: u64,
    /// Line numbers are found afterwards, from the offsets.
    numbers_later: bool,
    bytes: u64,
    /// The first [`SAMPLE`] bytes of the log.
    head: Vec<u8>,
    codes: Tallies,
    principals: Groups,
    correlations: Groups,
    /// What the lines without a plain code say, by the hash of their shape.
    told: HashMap<u64, Vec<String>>,
    /// The last success that no code followed.
    success: Option<Success>,
    /// Every window is read as a text is, not only the lines with a literal.
    thorough: bool,
}

impl LogScanner {
    /// A scanner that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A scanner that does not count lines while it scans; [`LogScanner::number_lines`] does it afterwards, up to
    /// the last first occurrence of a code. Counting every line end would be an eighth of the whole work.
    pub(crate) fn numbering_later() -> Self {
        Self {
            numbers_later: true,
            ..Self::default()
        }
    }

    /// A scanner that needs no literal. It reads some hundred times slower: for a log in which the literals found
    /// nothing, since a failure can also be told in words that no search of a few literals knows.
    pub(crate) fn thorough() -> Self {
        Self {
            thorough: true,
            ..Self::default()
        }
    }

    /// Finds the line numbers of a scanner that counts later, from the start of the same log.
    ///
    /// # Errors
    ///
    /// What the reader reports.
    pub(crate) fn number_lines(&mut self, log: &mut dyn Read) -> io::Result<()> {
        let mut offsets: Vec<u64> = self.codes.iter().map(|(_, tally)| tally.first_offset).collect();
        offsets.sort_unstable();
        let mut buffer = vec![0_u8; 64 << 10];
        let (mut read, mut lines) = (0_u64, 0_u64);
        let mut numbers = HashMap::with_capacity(offsets.len());
        let mut next = offsets.into_iter().peekable();
        while next.peek().is_some() {
            let filled = fill(log, &mut buffer)?;
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
        let used = window::whole_lines(&buffer, &mut |lines| self.scan(lines));
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
        let mut counted = Counted {
            inner: &mut input,
            progress: &mut progress,
        };
        self.carry = window::read(&mut counted, &mut |lines| self.scan(lines))?;
        Ok(())
    }

    /// Reads a log that is known to be plain UTF-8.
    ///
    /// # Errors
    ///
    /// What the reader reports.
    pub(crate) fn read_plain(&mut self, input: &mut dyn Read) -> io::Result<()> {
        let kept = std::mem::take(&mut self.carry);
        self.carry = window::lines(input, kept, &mut |lines| self.scan(lines))?;
        Ok(())
    }

    fn scan(&mut self, window: &[u8]) {
        // A log that was cut short while its program wrote on begins with a hole of NUL bytes.
        if window.first() == Some(&0) && window.iter().all(|byte| *byte == 0) {
            self.bytes += window.len() as u64;
            return;
        }
        if self.thorough {
            return self.scan_as_text(window);
        }
        self.lengthen_head(window);
        self.bytes += window.len() as u64;
        let mut counted = 0;
        let mut position = 0;
        let mut failed = 0;
        while let Some((hit, hit_end)) = prefilter::find(window, position) {
            let start = memrchr(b'\n', &window[..hit]).map_or(0, |index| index + 1);
            let end = memchr(b'\n', &window[hit_end..]).map_or(window.len(), |index| hit_end + index);
            if !self.numbers_later {
                self.lines += memchr_iter(b'\n', &window[counted..start]).count() as u64;
                counted = start;
            }
            let has_code = self.line(
                &Line {
                    text: &window[start..end],
                    number: self.lines + 1,
                    offset: self.bytes - (window.len() - start) as u64,
                },
                (hit - start, hit_end - start),
            );
            position = (end + 1).min(window.len());
            if has_code {
                failed = position;
                self.success = None;
            }
        }
        if !self.numbers_later {
            self.lines += memchr_iter(b'\n', &window[counted..]).count() as u64;
        }
        if let Some(success) = success::last_in(&window[failed..]) {
            self.success = Some(success);
        }
    }

    fn scan_as_text(&mut self, window: &[u8]) {
        let decoded = single::decode(&to_text(window));
        let healed = decoded
            .newest
            .filter(|newest| newest.outcome == Ending::Succeeded);
        self.success = match (healed, decoded.errors.is_empty()) {
            (Some(healed), _) => Some(Success::at(healed.at)),
            (None, false) => None,
            (None, true) => success::last_in(window).or(self.success.take()),
        };
        for error in decoded.errors {
            let before = usize::try_from(error.first_line.saturating_sub(1)).unwrap_or_default();
            let line = Line {
                text: window
                    .split(|byte| *byte == b'\n')
                    .nth(before)
                    .unwrap_or_default(),
                number: self.lines + error.first_line.max(1),
                offset: self.bytes,
            };
            self.codes.add(&error.code, error.count, &line, true);
        }
        self.lines += memchr_iter(b'\n', window).count() as u64;
        self.bytes += window.len() as u64;
    }

    /// Keeps what a line says, and tells whether it has a code.
    fn line(&mut self, line: &Line<'_>, first_hit: (usize, usize)) -> bool {
        let mut found: Vec<u32> = Vec::new();
        let mut unclear = false;
        let mut hit = Some(first_hit);
        while let Some((start, end)) = hit {
            match read_hit(line.text, start, end) {
                Hit::Code(code, certain) => {
                    // A line is a record: a code that it says twice was met once.
                    let times = u64::from(!self.codes.has_just_seen(&code, line));
                    if let Some(index) = self.codes.add(&code, times, line, certain)
                        && !found.contains(&index)
                    {
                        found.push(index);
                    }
                }
                Hit::Unclear => unclear = true,
                Hit::Nothing => {}
            }
            hit = prefilter::find(line.text, end);
        }
        if found.is_empty() && unclear {
            for code in self.told(line.text) {
                found.extend(self.codes.add(&code, 1, line, true));
            }
        }
        if found.is_empty() {
            return false;
        }
        if let Some(id) = correlation(line.text) {
            self.correlations.add(id, &found);
        }
        if let Some(id) = principal(line.text) {
            self.principals.add(id, &found);
        }
        true
    }

    /// What a line says that has no plain code.
    fn told(&mut self, line: &[u8]) -> Vec<String> {
        let text = &line[..line.len().min(SAMPLE)];
        let mut hasher = DefaultHasher::new();
        shape(text).hash(&mut hasher);
        let shape = hasher.finish();
        if let Some(codes) = self.told.get(&shape) {
            return codes.clone();
        }
        if self.told.len() == MOST_FULL_LINES {
            return Vec::new();
        }
        let codes: Vec<String> = single::decode(&to_text(text))
            .errors
            .into_iter()
            .map(|error| error.code)
            .collect();
        self.told.insert(shape, codes.clone());
        codes
    }

    fn lengthen_head(&mut self, bytes: &[u8]) {
        let missing = SAMPLE - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
    }

    /// True when the log speaks about Dataverse: at its start, or in the first line of a code.
    fn is_about_dataverse(&self) -> bool {
        let samples = self.codes.iter().map(|(_, tally)| tally.sample.as_slice());
        samples
            .chain([self.head.as_slice()])
            .any(|sample| Evidence::of(&String::from_utf8_lossy(sample)).dataverse)
    }

    /// Adds what another scanner found in the part of the log that follows.
    pub fn absorb(&mut self, mut later: LogScanner) {
        self.flush();
        later.flush();
        self.lengthen_head(&later.head);
        if later.success.is_some() || !later.codes.is_empty() {
            self.success = later.success.take();
        }
        let indexes = self.codes.absorb(later.codes, self.lines, self.bytes);
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

    /// The answer for the whole log. Its primary code is the newest of the most telling kind, and without times the most frequent.
    pub fn finish(mut self) -> Decoded {
        self.flush();
        let mut decoded = Decoded::nothing();
        let mut names: Vec<Option<String>> = Vec::new();
        let mut told: Vec<(&str, &Tally)> = Vec::new();
        let about_dataverse = LazyCell::new(|| self.is_about_dataverse());
        for (code, tally) in self.codes.iter() {
            if !tally.certain && !*about_dataverse {
                if TABLES.known(code).is_some() {
                    decoded.foreign.push(code.to_owned());
                }
                names.push(None);
                continue;
            }
            names.push(Some(code.to_owned()));
            told.push((code, tally));
        }
        decoded.left_out = self.codes.left_out();
        if told.len() > MOST_CODES {
            // What explains most and came last stays.
            told.sort_by_key(|(code, tally)| std::cmp::Reverse(weight(code, tally)));
            let rest = told.split_off(MOST_CODES);
            let left = decoded.left_out.get_or_insert(LeftOut { codes: 0, count: 0 });
            left.codes += rest.len() as u64;
            left.count += rest.iter().map(|(_, tally)| tally.count).sum::<u64>();
            told.sort_by_key(|(_, tally)| tally.first_offset);
        }
        decoded.foreign.truncate(MOST_CODES);
        decoded.errors = told.iter().map(|(code, tally)| tally.error(code)).collect();
        let best = told
            .iter()
            .zip(&decoded.errors)
            .max_by_key(|((code, tally), _)| weight(code, tally))
            .map(|(_, error)| error);
        decoded.primary = best.map(|error| error.code.clone());
        decoded.category = best.map(|error| error.category.clone());
        decoded.principals = self.principals.list(&names);
        decoded.correlations = self.correlations.list(&names);
        let samples: Vec<u8> = self
            .codes
            .iter()
            .flat_map(|(_, tally)| tally.sample.iter().copied().chain([b'\n']))
            .take(64 << 10)
            .collect();
        applications::name(&mut decoded);
        merge::conclude(&mut decoded, &String::from_utf8_lossy(&samples));
        newest::tell(&mut decoded, self.success.as_ref());
        decoded
    }
}

/// How much a code of a log explains: its kind, when it was met last, how often.
fn weight(code: &str, tally: &Tally) -> (u8, Option<i64>, u64, u64, std::cmp::Reverse<u64>) {
    let last = tally.last_seen.as_deref();
    let moment = last.and_then(|time| Moment::read(time, Culture::MonthFirst));
    (
        primary::rank_of(code),
        moment.map(|moment| moment.millis),
        last.filter(|time| is_yearless(time))
            .map_or(0, |_| tally.last_offset),
        tally.count,
        std::cmp::Reverse(tally.first_offset),
    )
}

#[cfg(test)]
mod tests;
