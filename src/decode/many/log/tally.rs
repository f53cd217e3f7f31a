//! What is kept of a log: each code with its count, times and first line, and who had which codes.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::line::Line;
use crate::decode::explain::describe::{describe, with_advice};
use crate::decode::explain::tables::TABLES;
use crate::decode::find::stamp;
use crate::decode::find::times::widen;
use crate::decode::model::{DecodedError, Group, LeftOut};
use crate::decode::single::{self, MOST_CODES};
use crate::decode::text::encoding::to_text;

/// How many principals and how many correlation ids are told apart.
const MOST_GROUPS: usize = 1000;
/// How much of a line is kept as the sample of its code.
pub(super) const SAMPLE: usize = 8 << 10;
/// The same, for codes beyond [`MOST_CODES`]: few of them are shown.
const SHORT_SAMPLE: usize = 512;
/// How many codes of a principal or an attempt are told.
const MOST_OF_GROUP: usize = 100;
/// How many codes that are not kept are told apart.
const MOST_BEYOND: usize = 1 << 20;

/// The codes of a log, in the order of their first lines.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    by_code: HashMap<String, u32>,
    list: Vec<(String, Tally)>,
    /// Codes that no list knows, beyond those that are kept: how many different ones, by their hashes, and how many times.
    beyond: HashSet<u64>,
    beyond_count: u64,
    /// The code that was passed over last, and the line that had it: a line counts once.
    beyond_last: Option<(u64, u64)>,
}

/// What is known about one code.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) first_line: u64,
    pub(super) first_offset: u64,
    pub(super) last_offset: u64,
    first_seen: Option<String>,
    pub(super) last_seen: Option<String>,
    pub(super) sample: Vec<u8>,
    /// Some line had it in a field that only its own service fills.
    pub(super) certain: bool,
}

impl Tallies {
    /// True when the line that had the code last is this one.
    pub(super) fn has_just_seen(&self, code: &str, line: &Line<'_>) -> bool {
        let known = self
            .by_code
            .get(code)
            .and_then(|index| self.list.get(*index as usize));
        known.is_some_and(|(_, tally)| tally.last_offset == line.offset)
    }

    /// Counts a code `times` more. Returns its index; none for a code beyond those that are kept.
    pub(super) fn add(&mut self, code: &str, times: u64, line: &Line<'_>, certain: bool) -> Option<u32> {
        let time = stamp::of_log_line(line.text);
        let time = time.as_deref();
        if let Some((index, tally)) = self.known(code) {
            tally.count += times;
            tally.certain |= certain;
            tally.last_offset = line.offset;
            widen(&mut tally.first_seen, &mut tally.last_seen, time);
            return Some(index);
        }
        if !self.keeps(code) {
            self.pass_over(code, times, Some(line.offset));
            return None;
        }
        let most = if self.list.len() < MOST_CODES {
            SAMPLE
        } else {
            SHORT_SAMPLE
        };
        let tally = Tally {
            count: times,
            first_line: line.number,
            first_offset: line.offset,
            last_offset: line.offset,
            first_seen: time.map(str::to_owned),
            last_seen: time.map(str::to_owned),
            sample: line.text[..line.text.len().min(most)].to_vec(),
            certain,
        };
        Some(self.push(code.to_owned(), tally))
    }

    /// Codes of the lists are always kept, others while there is room: a log may spell a million.
    fn keeps(&self, code: &str) -> bool {
        self.list.len() < MOST_CODES || TABLES.known(code).is_some()
    }

    fn pass_over(&mut self, code: &str, times: u64, line: Option<u64>) {
        let mut hasher = DefaultHasher::new();
        code.hash(&mut hasher);
        let hash = hasher.finish();
        let place = line.map(|line| (hash, line));
        if place.is_some() && place == self.beyond_last {
            return;
        }
        self.beyond_last = place;
        if self.beyond.len() < MOST_BEYOND {
            self.beyond.insert(hash);
        }
        self.beyond_count += times;
    }

    /// The codes that were passed over; none when there are none.
    pub(super) fn left_out(&self) -> Option<LeftOut> {
        (self.beyond_count > 0).then_some(LeftOut {
            codes: self.beyond.len() as u64,
            count: self.beyond_count,
        })
    }

    /// Adds what a later part of the log has, which starts `lines` and `bytes` after the start of this one.
    /// Returns this part's index for each of the later one's.
    pub(super) fn absorb(&mut self, later: Self, lines: u64, bytes: u64) -> Vec<Option<u32>> {
        let mut indexes = Vec::with_capacity(later.list.len());
        for (code, mut tally) in later.list {
            if let Some((index, known)) = self.known(&code) {
                known.count += tally.count;
                known.certain |= tally.certain;
                known.last_offset = tally.last_offset + bytes;
                for time in [&tally.first_seen, &tally.last_seen] {
                    widen(&mut known.first_seen, &mut known.last_seen, time.as_deref());
                }
                indexes.push(Some(index));
            } else if self.keeps(&code) {
                tally.first_line += lines;
                tally.first_offset += bytes;
                tally.last_offset += bytes;
                indexes.push(Some(self.push(code, tally)));
            } else {
                self.pass_over(&code, tally.count, None);
                indexes.push(None);
            }
        }
        self.beyond_count += later.beyond_count;
        let room = MOST_BEYOND.saturating_sub(self.beyond.len());
        self.beyond.extend(later.beyond.into_iter().take(room));
        indexes
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.beyond_count == 0
    }

    /// The codes with what is known about them, in the order of their first lines.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Tally)> {
        self.list.iter().map(|(code, tally)| (code.as_str(), tally))
    }

    /// What is known about each code, to be changed.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Tally> {
        self.list.iter_mut().map(|(_, tally)| tally)
    }

    fn known(&mut self, code: &str) -> Option<(u32, &mut Tally)> {
        let index = *self.by_code.get(code)?;
        Some((index, &mut self.list.get_mut(index as usize)?.1))
    }

    fn push(&mut self, code: String, tally: Tally) -> u32 {
        let index = self.list.len() as u32;
        self.by_code.insert(code.clone(), index);
        self.list.push((code, tally));
        index
    }
}

impl Tally {
    /// The error with the ids of the first line that had it.
    pub(super) fn error(&self, code: &str) -> DecodedError {
        let sampled = single::decode(&to_text(&self.sample))
            .errors
            .into_iter()
            .find(|error| error.code == code);
        let mut error = sampled.unwrap_or_else(|| with_advice(describe(code)));
        error.count = self.count;
        error.first_line = self.first_line;
        error.first_seen = self.first_seen.clone().or(error.first_seen);
        error.last_seen = self.last_seen.clone().or(error.last_seen);
        error
    }
}

/// Who had which codes: principals or correlation ids.
#[derive(Debug, Default)]
pub(super) struct Groups {
    by_id: HashMap<Vec<u8>, (u64, Vec<u32>)>,
}

impl Groups {
    /// Adds a line of `id` with these codes.
    pub(super) fn add(&mut self, id: &[u8], codes: &[u32]) {
        self.add_many(id, 1, codes.iter().copied());
    }

    /// Adds what a later part of the log has. `indexes` are this part's indexes of the later part's codes.
    pub(super) fn absorb(&mut self, later: Self, indexes: &[Option<u32>]) {
        let mut later: Vec<_> = later.by_id.into_iter().collect();
        // The order of a hash table must not decide which ids fit in.
        later.sort();
        for (id, (count, codes)) in later {
            let codes = codes
                .iter()
                .filter_map(|code| indexes.get(*code as usize).copied().flatten());
            self.add_many(&id, count, codes);
        }
    }

    fn add_many(&mut self, id: &[u8], count: u64, codes: impl Iterator<Item = u32>) {
        if !self.by_id.contains_key(id) {
            if self.by_id.len() == MOST_GROUPS {
                return;
            }
            self.by_id.insert(id.to_vec(), (0, Vec::new()));
        }
        let Some((total, known)) = self.by_id.get_mut(id) else {
            return;
        };
        *total += count;
        for code in codes {
            if known.len() < MOST_OF_GROUP && !known.contains(&code) {
                known.push(code);
            }
        }
    }

    /// The groups, the largest first. A code without a name in `names` is left out, and so is a group without codes.
    pub(super) fn list(&self, names: &[Option<String>]) -> Vec<Group> {
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

#[cfg(test)]
mod tests {
    use super::{Groups, MOST_GROUPS};

    #[test]
    fn groups_are_counted_merged_and_bounded() {
        let mut groups = Groups::default();
        for number in 0..2 * MOST_GROUPS {
            groups.add(number.to_string().as_bytes(), &[0]);
        }
        groups.add(b"7", &[1, 0]);
        let mut later = Groups::default();
        later.add(b"7", &[0]);
        later.add(b"new", &[0]);
        groups.absorb(later, &[Some(2)]);
        let names = ["a", "b", "c"].map(|name| Some(name.to_owned()));
        let list = groups.list(&names);
        assert_eq!(list.len(), MOST_GROUPS);
        assert_eq!((list[0].id.as_str(), list[0].count), ("7", 3));
        assert_eq!(list[0].codes, ["a", "b", "c"]);
    }
}
