//! The literals that make a line worth a look, searched over whole windows at once.
//!
//! The search runs in vector registers ("Teddy"): it compares the first three bytes of every literal at once, a
//! window in the cache at some ten gigabytes a second. Three things keep it that fast:
//!
//! * no more than 32 literals, since a longer list needs a search of half the speed;
//! * three first bytes that are rare in logs. `0x8`, `error` or `40` stop the search in every line. That is why a
//!   literal is cut out of what it stands for: `d_client` for `invalid_client`;
//! * their order. The literals at places `n`, `n + 8`, `n + 16` … share one of eight buckets, and the search stops
//!   at bytes whose halves come from different literals of a bucket. A test counts the stops in a few ordinary
//!   logs; a literal that makes it fail needs another cut or another place.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, MatchKind, Span};

/// Every literal. A recogniser whose texts contain none of them works in texts of up to
/// [`crate::decode::answer::LONGEST_TEXT`] bytes, and in longer logs only where no literal finds anything (see
/// [`super::LogScanner::thorough`]); a test below names those.
pub(super) const LITERALS: [&str; 32] = [
    "security role",
    "EDOUT",
    "n_required",
    "IDX1",
    "onditional Access",
    "missing prv",
    "oxyError",
    "AAD",
    "SecLib::",
    "ONNRE",
    "s_denied",
    "AdalService",
    "MSIS",
    "n_RequestDenied",
    "invalid_resource",
    "d_client",
    "tication Required",
    "ENOTFOUND",
    "t_required",
    "AuthenticationToken",
    "federated_service",
    "invalid_scope",
    "t_ResourceNotFound",
    "mporarily_unavailable",
    "invalid_grant",
    "-2147",
    "dAuthentication",
    "MsalService",
    "MsalUiRequired",
    "such host",
    "x80",
    "FICATE_VERIFY",
];

static SEARCH: LazyLock<Search> = LazyLock::new(Search::new);

/// The vector search, and what does the same on processors that have no such registers.
enum Search {
    Vector(Searcher),
    Automaton(Option<AhoCorasick>),
}

impl Search {
    fn new() -> Self {
        match Searcher::new(LITERALS) {
            Some(searcher) => Self::Vector(searcher),
            None => Self::automaton(),
        }
    }

    fn automaton() -> Self {
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostFirst);
        Self::Automaton(builder.build(LITERALS).ok())
    }

    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let rest = Span::from(from.min(text.len())..text.len());
        let hit = match self {
            Self::Vector(searcher) => searcher.find_in(text, rest)?,
            Self::Automaton(automaton) => {
                let input = aho_corasick::Input::new(text).span(rest);
                automaton.as_ref()?.find(input)?
            }
        };
        Some((hit.start(), hit.end()))
    }
}

/// The first literal at or after `from`: where it starts and ends.
pub(super) fn find(text: &[u8], from: usize) -> Option<(usize, usize)> {
    SEARCH.find(text, from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::{BTreeSet, HashMap};

    use super::{LITERALS, Search, find};
    use crate::decode::explain::tables::TABLES;
    use crate::decode::find::context::Evidence;
    use crate::decode::find::scan::scan;
    use crate::decode::model::Family;

    const CORPUS: [&str; 2] = [
        include_str!("../../../../fixtures/errors/corpus.jsonl"),
        include_str!("../../../../fixtures/errors/shapes.jsonl"),
    ];

    /// Ordinary lines of a program's log, of a structured log, of a web server's and of a package manager's.
    const LOGS: &str = r#"2026-01-25T10:21:47.305Z INFO  worker-13 handled request 5f3a80c1 in 214 ms, 0x8f3a bytes, status 200, queue depth 21
{"@timestamp":"2026-02-28T21:47:08.214+00:00","level":"Information","logger":"Contoso.Billing.OrderService","message":"connection established to 10.0.80.7","trace_id":"80b6a2f05c9d214c","duration_ms":2147,"status":404,"client":"10.0.8.80"}
10.0.21.47 - - [25/Jan/2026:10:21:47 +0000] "GET /api/orders/80040?state=required&client=web HTTP/1.1" 200 2147 "-" "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
2026-01-25 10:21:47 status half-configured libaad0:amd64 1.80-2147ubuntu1
"#;

    fn texts() -> Vec<String> {
        CORPUS
            .iter()
            .flat_map(|corpus| corpus.lines())
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let case: serde_json::Value = serde_json::from_str(line).unwrap();
                case["text"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    #[test]
    fn both_searches_find_the_same() {
        let automaton = Search::automaton();
        for text in texts() {
            let mut position = 0;
            loop {
                let hit = find(text.as_bytes(), position);
                assert_eq!(hit, automaton.find(text.as_bytes(), position), "{text}");
                let Some((_, end)) = hit else { break };
                position = end;
            }
        }
    }

    /// The same arithmetic as the search's: low and high half of each of three bytes, looked up by bucket.
    fn stops(text: &[u8]) -> usize {
        let mut halves = [[[0_u8; 16]; 2]; 3];
        let mut buckets = HashMap::new();
        for (place, literal) in LITERALS.iter().enumerate() {
            let first: Vec<u8> = literal.bytes().take(3).collect();
            let low: Vec<u8> = first.iter().map(|byte| byte & 15).collect();
            let bucket = *buckets.entry(low).or_insert(place % 8);
            for (index, byte) in first.iter().enumerate() {
                halves[index][0][usize::from(byte & 15)] |= 1 << bucket;
                halves[index][1][usize::from(byte >> 4)] |= 1 << bucket;
            }
        }
        let at = |index: usize, byte: u8| {
            halves[index][0][usize::from(byte & 15)] & halves[index][1][usize::from(byte >> 4)]
        };
        text.windows(3)
            .filter(|bytes| at(0, bytes[0]) & at(1, bytes[1]) & at(2, bytes[2]) != 0)
            .count()
    }

    #[test]
    fn the_search_seldom_stops_in_ordinary_logs() {
        assert!(LITERALS.len() <= 32 && LITERALS.iter().all(|literal| literal.len() >= 3));
        let stops = stops(LOGS.as_bytes());
        assert!(stops * 100 < LOGS.len(), "{stops} in {} bytes", LOGS.len());
    }

    #[test]
    fn a_line_that_spells_a_code_is_found() {
        for text in texts() {
            for line in text.lines() {
                let spelled = scan(line, Evidence::of(line))
                    .sightings
                    .into_iter()
                    .any(|sighting| {
                        let word = line.get(sighting.offset..).unwrap_or_default();
                        ["AADSTS", "AADB2C", "0x80"]
                            .iter()
                            .any(|start| word.starts_with(start))
                    });
                assert!(!spelled || find(line.as_bytes(), 0).is_some(), "{line}");
            }
        }
    }

    /// What is told in words or by a library and has no literal: logs of more than four megabytes are not searched
    /// for it. Most of these words are too ordinary, or they stand beside a code.
    const OUTSIDE: &str = include_str!("../../../../fixtures/errors/not-in-large-logs.txt");

    #[test]
    fn every_recogniser_has_a_literal_or_is_known_to_have_none() {
        let reached = |text: &str| find(text.as_bytes(), 0).is_some();
        let mut outside: BTreeSet<&str> = BTreeSet::new();
        for known in TABLES.codes() {
            let covered = match Family::of(known.code) {
                Family::Aadsts | Family::Dataverse => reached(known.code),
                Family::Message | Family::Network => TABLES
                    .phrases()
                    .iter()
                    .any(|phrase| phrase.code == known.code && reached(phrase.pattern)),
                _ => reached(known.code),
            };
            if !covered {
                outside.insert(known.code);
            }
        }
        let listed: BTreeSet<&str> = OUTSIDE.lines().collect();
        let unknown: Vec<_> = outside.difference(&listed).collect();
        let stale: Vec<_> = listed.difference(&outside).collect();
        assert!(
            unknown.is_empty() && stale.is_empty(),
            "fixtures/errors/not-in-large-logs.txt lacks {unknown:?} and has {stale:?} too many"
        );
    }
}
