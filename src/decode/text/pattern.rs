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
    let mut start = 0;
    for mark in marks(pattern).filter(|mark| mark.byte == b'|' && mark.depth == 0) {
        parts.push(&pattern[start..mark.at]);
        start = mark.at + 1;
    }
    parts.push(&pattern[start..]);
    parts
}

/// One of `( ) [ ] |` that is neither escaped nor inside a class.
struct Mark {
    at: usize,
    byte: u8,
    /// The groups and classes that are open behind it.
    depth: usize,
}

/// The marks of a pattern, in their order.
fn marks(pattern: &str) -> impl Iterator<Item = Mark> {
    let (mut is_escaped, mut is_class, mut depth) = (false, false, 0_usize);
    pattern.bytes().enumerate().filter_map(move |(at, byte)| {
        if std::mem::take(&mut is_escaped) {
            return None;
        }
        match byte {
            b'\\' => {
                is_escaped = true;
                return None;
            }
            b']' if is_class => {
                is_class = false;
                depth -= 1;
            }
            _ if is_class => return None,
            b'[' => {
                is_class = true;
                depth += 1;
            }
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'|' => {}
            _ => return None,
        }
        Some(Mark { at, byte, depth })
    })
}

/// The last of the longest runs of characters that every match of a pattern without top-level bars contains, in small letters.
fn literal(pattern: &str) -> String {
    let mut longest = String::new();
    let mut run = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let plain = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_lowercase() || *byte == b' ');
        // What may follow is of the last of them alone.
        if let Some(before_last @ 1..) = plain.count().checked_sub(1) {
            run.push_str(&rest[..before_last]);
            rest = &rest[before_last..];
            continue;
        }
        let (length, character) = match first {
            '\\' => {
                let escaped = rest[1..].chars().next().unwrap_or('\\');
                let is_itself = escaped.is_ascii_punctuation();
                (1 + escaped.len_utf8(), is_itself.then_some(escaped))
            }
            '(' | '[' => (bracketed(rest), None),
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
    if run.len() >= longest.len() {
        std::mem::swap(longest, run);
    }
    run.clear();
}

/// How long the group or class is that a text begins with.
fn bracketed(text: &str) -> usize {
    let closing = marks(text).find(|mark| mark.depth == 0);
    closing.map_or(text.len(), |mark| mark.at + 1)
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
            (r"organi[sz]ation\sservice|a(b|c)d", vec!["service", "d"]),
            (
                r"api/data/v\d|login\.windows\.net",
                vec!["api/data/v", "login.windows.net"],
            ),
            (r"colou?r named [|)]x", vec!["r named "]),
            (r"id [^\]]{2}named", vec!["named"]),
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
