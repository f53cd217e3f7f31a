//! The last line of a log that tells that something worked.
//!
//! Whether an old failure still matters is told by what came after it: only there is a success looked for, so a log that
//! fails to its end costs no second search. The literals are parts of the phrases of `tables/successes.csv` that undo
//! any refusal; their first bytes are rare, as those of [`super::prefilter`] are.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use memchr::{memchr, memmem};

use crate::decode::find::events::tells_success;
use crate::decode::find::line::{line_at, principal};
use crate::decode::find::stamp;

const LITERALS: [&str; 15] = [
    "cquired ",
    "cquisition finished",
    "uccessfully obt",
    "uccessfully ret",
    "uccessfully ref",
    "uccessfully got",
    "GetToken succ",
    "cation succe",
    "cation was succe",
    "ign-in succe",
    "ign-in has succe",
    "ignin succe",
    "efreshed succ",
    "efresh succ",
    "WhoAmI",
];

static SEARCH: LazyLock<Option<Searcher>> = LazyLock::new(|| Searcher::new(LITERALS));

/// A line that tells of a success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Success {
    /// When, as written; none when the line does not say.
    pub(super) time: Option<String>,
    /// Whose, where the line names somebody.
    pub(super) principal: Option<Vec<u8>>,
}

/// The last success that a text of whole lines tells of.
pub(super) fn last_in(text: &[u8]) -> Option<Success> {
    let mut hits = Vec::new();
    let mut from = 0;
    while let Some(hit) = find(text, from) {
        hits.push(hit);
        from = memchr(b'\n', &text[hit..]).map_or(text.len(), |end| hit + end);
    }
    let lines = hits.into_iter().rev().map(|hit| line_at(text, hit));
    lines.filter(|line| tells_success(line)).map(Success::of).next()
}

fn find(text: &[u8], from: usize) -> Option<usize> {
    match &*SEARCH {
        Some(searcher) => {
            let rest = aho_corasick::Span::from(from..text.len());
            Some(searcher.find_in(text, rest)?.start())
        }
        // Processors without the registers.
        None => {
            let found = LITERALS
                .iter()
                .filter_map(|literal| memmem::find(&text[from..], literal.as_bytes()));
            found.min().map(|place| from + place)
        }
    }
}

impl Success {
    /// One of which only the time is known.
    pub(super) fn at(time: Option<String>) -> Self {
        Self {
            time,
            principal: None,
        }
    }

    fn of(line: &[u8]) -> Self {
        Self {
            time: stamp::of_log_line(line).map(std::borrow::Cow::into_owned),
            principal: principal(line).map(<[u8]>::to_vec),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::last_in;

    #[test]
    fn every_phrase_of_the_table_is_found_without_a_search_for_its_pattern() {
        for said in [
            "=== Token Acquisition finished successfully:",
            "acquired token for https://contoso.crm4.dynamics.com/.default",
            "Successfully acquired an access token",
            "successfully obtained token",
            "Successfully retrieved the token",
            "successfully refreshed token",
            "successfully got access token",
            "DefaultAzureCredential.GetToken succeeded",
            "DefaultAzureCredential acquired a token from AzureCliCredential",
            "acquired a token from ManagedIdentityCredential",
            "Authentication succeeded for svc",
            "authentication was successful",
            "sign-in succeeded",
            "Sign-in has succeeded",
            "signin succeeded",
            "token was refreshed successfully",
            "token refresh succeeded",
            "GET /api/data/v9.2/WhoAmI() -> 200",
        ] {
            let text =
                format!("2026-01-05T10:00:00Z a\n2026-01-05T10:00:01Z {said}\n2026-01-05T10:00:02Z b\n");
            let success = last_in(text.as_bytes()).unwrap();
            assert_eq!(success.time.as_deref(), Some("2026-01-05T10:00:01Z"), "{said}");
        }
    }

    #[test]
    fn the_last_of_several_counts_and_other_successes_do_not() {
        let text = b"2026-01-05T10:00:01Z sign-in succeeded\n2026-01-05T10:00:02Z a@contoso.com sign-in succeeded\n2026-01-05T10:00:03Z file copied successfully\n";
        let success = last_in(text).unwrap();
        assert_eq!(success.time.as_deref(), Some("2026-01-05T10:00:02Z"));
        assert_eq!(success.principal.as_deref(), Some(&b"a@contoso.com"[..]));
        assert_eq!(last_in(b"the lock was acquired by worker 7\n"), None);
    }
}
