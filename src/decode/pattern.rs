//! Regular expressions over bytes, without Unicode classes.
//!
//! The codes, keys and phrases are ASCII. Unicode classes would make the patterns some ten times larger, and
//! building them is what a short run spends its time on.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Compiles one pattern. `None` only for a pattern that is wrong, which the tests of its module rule out.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

/// Compiles a set of patterns that are matched without regard to case.
///
/// The cache holds the states that the phrases of one text need; with the default of 2 MB it overflows and the
/// set falls back to an engine that takes twice the time.
pub(super) fn set<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .case_insensitive(true)
        .size_limit(64 << 20)
        .dfa_size_limit(10 << 20)
        .build()
        .ok()
}
