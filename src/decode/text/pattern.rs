//! Regular expressions over bytes, without Unicode classes.
//!
//! The codes, keys and phrases are ASCII. Unicode classes would make the patterns some ten times larger, and
//! building them is what a short run spends its time on.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Compiles one pattern. `None` only for a pattern that is wrong, which the tests of its module rule out.
pub(crate) fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// Compiles a set of patterns that are matched without regard to case.
///
/// The cache holds the states that the phrases of one text need; with the default of 2 MB it overflows and the
/// set falls back to an engine that takes twice the time.
pub(crate) fn set<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .case_insensitive(true)
        .size_limit(64 << 20)
        .dfa_size_limit(10 << 20)
        .build()
        .ok()
}

/// One alternative of a pattern that is matched without regard to case, built when a text may match it.
#[derive(Debug)]
pub(crate) struct Alternative {
    /// A literal in small letters that every match contains; empty when there is none.
    hint: String,
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Alternative {
    /// The pattern, if it can match a text of which this is the copy in small letters.
    pub(crate) fn for_text(&self, small: &str) -> Option<&Regex> {
        if !small.contains(&self.hint) {
            return None;
        }
        let build = || regex(&format!("(?i){}", self.source));
        self.regex.get_or_init(build).as_ref()
    }
}

/// The alternatives of a pattern, each with its literal. Building a pattern takes longer than reading a short text with it, and
/// most texts have the literals of few.
pub(crate) fn alternatives(pattern: &'static str) -> impl Iterator<Item = Alternative> {
    top_level(pattern).into_iter().map(|source| Alternative {
        hint: literal(source),
        source,
        regex: OnceLock::new(),
    })
}

/// The parts of a pattern between the bars that stand in no group and no class.
fn top_level(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at, mut depth, mut is_class) = (0, 0, 0_usize, false);
    let bytes = pattern.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b']' => is_class = false,
            _ if is_class => {}
            b'[' => is_class = true,
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&pattern[start..]);
    parts
}

/// The longest run of characters that every match of a pattern without top-level bars contains, in small letters.
fn literal(pattern: &str) -> String {
    let mut longest = String::new();
    let mut run = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let (length, character) = match first {
            '\\' => {
                let escaped = rest[1..].chars().next().unwrap_or('\\');
                let is_itself = escaped.is_ascii_punctuation();
                (1 + escaped.len_utf8(), is_itself.then_some(escaped))
            }
            '(' => (group(rest), None),
            '[' => (rest.find(']').map_or(rest.len(), |end| end + 1), None),
            '.' | '^' | '$' => (1, None),
            other => (other.len_utf8(), Some(other)),
        };
        rest = &rest[length.min(rest.len())..];
        let quantifier = quantifier(rest);
        match character {
            Some(character) if quantifier == 0 => run.push(character.to_ascii_lowercase()),
            _ => {
                keep(&mut longest, &mut run);
            }
        }
        rest = &rest[quantifier..];
    }
    keep(&mut longest, &mut run);
    longest
}

fn keep(longest: &mut String, run: &mut String) {
    if run.len() > longest.len() {
        std::mem::swap(longest, run);
    }
    run.clear();
}

/// How long the group is that a text begins with.
fn group(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at, mut is_class) = (0_usize, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b']' => is_class = false,
            _ if is_class => {}
            b'[' => is_class = true,
            b'(' => depth += 1,
            b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// How long the quantifier is that a text begins with.
fn quantifier(text: &str) -> usize {
    let marks = match text.as_bytes().first() {
        Some(b'?' | b'*' | b'+') => 1,
        Some(b'{') => text.find('}').map_or(0, |end| end + 1),
        _ => return 0,
    };
    marks + usize::from(text[marks..].starts_with('?'))
}

#[cfg(test)]
mod tests {
    use super::{alternatives, literal, top_level};

    #[test]
    fn every_alternative_has_the_literal_that_its_matches_contain() {
        for (pattern, hints) in [
            ("aadsts|aadb2c", vec!["aadsts", "aadb2c"]),
            (r"dynamics\s?(365|crm|\.com)?", vec!["dynamics"]),
            (r"(?-i:\bprv[A-Z]\w{3,})", vec![""]),
            (r"organi[sz]ation\sservice|a(b|c)d", vec!["service", "a"]),
            (
                r"api/data/v\d|login\.windows\.net",
                vec!["api/data/v", "login.windows.net"],
            ),
            (r"colou?r named [|)]x", vec!["r named "]),
        ] {
            let found: Vec<String> = top_level(pattern).into_iter().map(literal).collect();
            assert_eq!(found, hints, "{pattern}");
        }
        let both: Vec<_> = alternatives("needs Admin approval|x{2}y").collect();
        assert!(both[0].for_text("it needs admin approval now").is_some());
        assert!(both[0].for_text("it needs admin").is_none());
        assert!(both[1].for_text("xxy").is_some());
    }
}
