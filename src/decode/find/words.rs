//! Failures told in words of other languages than English, and missing privileges in any: `tables/words.csv`.
//!
//! Each row has a hint, a part of its pattern in small ASCII letters: a text without it is not searched, and its pattern is never
//! built. Japanese rows have none; they are tried on texts with Japanese letters.

use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;

use super::context::Evidence;
use crate::decode::explain::embedded::table;
use crate::decode::text::pattern;

/// How many words the text of a page or a dialogue box has at most.
const LONGEST_PAGE: usize = 80;
/// How many words such a sentence has at most; Japanese has no blanks between its words.
const LONGEST_SENTENCE: usize = 24;

/// One row.
struct Row {
    code: &'static str,
    needs: &'static str,
    hint: &'static str,
    pattern: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Row {
    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| pattern::regex(&format!("(?i){}", self.pattern)))
            .as_ref()
    }

    fn may_match(&self, small: &str, is_japanese: bool) -> bool {
        if self.hint.is_empty() {
            is_japanese
        } else {
            small.contains(self.hint)
        }
    }
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = table("words.csv").lines().skip(1);
    rows.filter_map(|line| {
        let mut fields = line.splitn(6, ',');
        let mut field = || fields.next();
        let (code, _category, _language, needs) = (field()?, field()?, field()?, field()?);
        let (hint, pattern) = (field()?, field()?);
        Some(Row {
            code,
            needs,
            hint,
            pattern,
            regex: OnceLock::new(),
        })
    })
    .collect()
});

/// The code of the first failure that a text tells, and where; the table goes from the specific to the general.
pub(crate) fn find(text: &str, evidence: Evidence) -> Option<(&'static str, usize)> {
    if evidence.is_foreign() {
        return None;
    }
    let small = text.to_ascii_lowercase();
    let is_japanese = text
        .chars()
        .any(|character| ('\u{3040}'..='\u{30ff}').contains(&character));
    ROWS.iter()
        .filter(|row| row.may_match(&small, is_japanese))
        .find_map(|row| {
            let found = row.regex()?.find(text.as_bytes())?;
            let believed = match row.needs {
                "-" => true,
                "dv" => evidence.dataverse || is_sentence(text, found.range()),
                "ms" => evidence.microsoft || evidence.sign_in_page,
                _ => evidence.microsoft || evidence.sign_in_page || is_sentence(text, found.range()),
            };
            believed.then_some((row.code, found.start()))
        })
}

/// True for a short sentence of a short text: as a page or a dialogue box shows it.
fn is_sentence(text: &str, found: std::ops::Range<usize>) -> bool {
    if text.split_whitespace().nth(LONGEST_PAGE).is_some() {
        return false;
    }
    let bytes = text.as_bytes();
    let is_end = |byte: &u8| matches!(byte, b'.' | b'!' | b'?' | b'\n' | b':' | b';' | b'"');
    let start = bytes[..found.start]
        .iter()
        .rposition(is_end)
        .map_or(0, |at| at + 1);
    let end = bytes[found.end..]
        .iter()
        .position(is_end)
        .map_or(bytes.len(), |at| found.end + at);
    let words = |range: &[u8]| {
        range
            .split(|byte| byte.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
            .count()
    };
    // What the sentence says beside the failure is whose it is, not a condition or a story.
    words(&bytes[start..end]) <= LONGEST_SENTENCE && words(&bytes[start..found.start]) <= 5
}

#[cfg(test)]
mod tests {
    use super::ROWS;
    use crate::decode::explain::catalogue::entry;
    use crate::decode::explain::tables::TABLES;

    #[test]
    fn every_row_compiles_is_complete_and_has_an_entry_and_a_hint() {
        assert!(ROWS.len() > 150);
        for row in ROWS.iter() {
            assert!(row.regex().is_some(), "{}", row.pattern);
            assert!(
                entry(row.code).is_some() && TABLES.known(row.code).is_some(),
                "{}",
                row.code
            );
            let has_hint = row.hint.is_empty() || row.pattern.contains(row.hint);
            assert!(has_hint || row.hint.len() >= 3, "{}: {}", row.hint, row.pattern);
            assert!(
                row.hint.is_ascii() && row.hint == row.hint.to_ascii_lowercase(),
                "{}",
                row.hint
            );
        }
    }
}
