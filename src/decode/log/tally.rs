//! What is kept of a log: each code with its count, times and first line, and who had which codes.

use std::collections::HashMap;

use super::super::decode_text;
use super::super::model::{DecodedError, Group};
use super::line::{Line, line_time};

/// How many principals and how many correlation ids are told apart.
const MOST_GROUPS: usize = 1000;
/// How much of a line is kept as the sample of its code.
pub(super) const SAMPLE: usize = 8 << 10;

/// The codes of a log, in the order of their first lines.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    by_code: HashMap<String, u32>,
    list: Vec<(String, Tally)>,
}

/// What is known about one code.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) first_line: u64,
    pub(super) first_offset: u64,
    first_seen: Option<String>,
    last_seen: Option<String>,
    pub(super) sample: Vec<u8>,
    /// Some line had it in a field that only its own service fills.
    pub(super) certain: bool,
}

impl Tallies {
    /// Counts a code `times` more. Returns its index.
    pub(super) fn add(&mut self, code: &str, times: u64, line: &Line<'_>, certain: bool) -> u32 {
        let time = line_time(line.text);
        if let Some((index, tally)) = self.known(code) {
            tally.count += times;
            tally.certain |= certain;
            widen(&mut tally.first_seen, &mut tally.last_seen, time);
            return index;
        }
        let tally = Tally {
            count: times,
            first_line: line.number,
            first_offset: line.offset,
            first_seen: time.map(str::to_owned),
            last_seen: time.map(str::to_owned),
            sample: line.text[..line.text.len().min(SAMPLE)].to_vec(),
            certain,
        };
        self.push(code.to_owned(), tally)
    }

    /// Adds what a later part of the log has, which starts `lines` and `bytes` after the start of this one.
    /// Returns this part's index for each of the later one's.
    pub(super) fn absorb(&mut self, later: Self, lines: u64, bytes: u64) -> Vec<u32> {
        let mut indexes = Vec::with_capacity(later.list.len());
        for (code, mut tally) in later.list {
            if let Some((index, known)) = self.known(&code) {
                known.count += tally.count;
                known.certain |= tally.certain;
                for time in [&tally.first_seen, &tally.last_seen] {
                    widen(&mut known.first_seen, &mut known.last_seen, time.as_deref());
                }
                indexes.push(index);
            } else {
                tally.first_line += lines;
                tally.first_offset += bytes;
                indexes.push(self.push(code, tally));
            }
        }
        indexes
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
        let sampled = decode_text(&self.sample)
            .errors
            .into_iter()
            .find(|error| error.code == code);
        let mut error = sampled.unwrap_or_else(|| super::super::with_advice(super::super::describe(code)));
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
    pub(super) fn absorb(&mut self, later: Self, indexes: &[u32]) {
        let mut later: Vec<_> = later.by_id.into_iter().collect();
        // The order of a hash table must not decide which ids fit in.
        later.sort();
        for (id, (count, codes)) in later {
            let codes = codes
                .iter()
                .filter_map(|code| indexes.get(*code as usize).copied());
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
            if !known.contains(&code) {
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

#[cfg(test)]
mod tests {
    use super::{Groups, MOST_GROUPS, widen};

    #[test]
    fn times_widen_a_span_at_both_ends() {
        let (mut first, mut last) = (None, None);
        for time in [Some("b"), None, Some("c"), Some("a")] {
            widen(&mut first, &mut last, time);
        }
        assert_eq!((first.as_deref(), last.as_deref()), (Some("a"), Some("c")));
    }

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
        groups.absorb(later, &[2]);
        let names = ["a", "b", "c"].map(|name| Some(name.to_owned()));
        let list = groups.list(&names);
        assert_eq!(list.len(), MOST_GROUPS);
        assert_eq!((list[0].id.as_str(), list[0].count), ("7", 3));
        assert_eq!(list[0].codes, ["a", "b", "c"]);
    }
}
