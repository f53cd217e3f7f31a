//! What a text speaks about: the evidence that decides whether a number or a word is a code.
//!
//! A number such as `0x80048408` is a Dataverse code in a Dataverse text and an address in a disassembly.
//! Nothing here is about particular texts; each list of `tables/evidence.csv` names products, their hosts and their vocabulary;
//! `sign_in_page` the sign-in page's own labels, in the languages that people paste most.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

use crate::decode::explain::embedded::table;
use crate::decode::text::pattern::{self, Alternative};

/// The evidence of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Dataverse, Dynamics 365, its SDK or its vocabulary.
    pub dataverse: bool,
    /// Entra ID, its hosts or its sign-in libraries.
    pub entra: bool,
    /// Any Microsoft cloud service (implied by the two above).
    pub microsoft: bool,
    /// MSAL, ADAL or a shell that signs in through them.
    pub library: bool,
    /// A sign-in log record.
    pub sign_in_record: bool,
    /// WS-Federation, WS-Trust or AD FS.
    pub federation: bool,
    /// Another identity provider or another vendor's product.
    pub other_vendor: bool,
    /// What the sign-in page, or the details below its message, shows beside an error.
    pub sign_in_page: bool,
    /// Another component whose failures lie in COM's interface space (`0x8004…`), which each component fills for itself.
    pub other_interface: bool,
}

/// The lists, in the order of the fields of [`Evidence`].
const LISTS: [&str; 9] = [
    "dataverse",
    "entra",
    "microsoft",
    "library",
    "sign_in_record",
    "federation",
    "other_vendor",
    "sign_in_page",
    "other_interface",
];

/// Texts of at most this length are searched row by row. A longer one is read once, with a machine that takes longer to build
/// than a short text takes to search.
const SHORT: usize = 16 << 10;

/// One row of `tables/evidence.csv`: what a text of a list says.
struct Row {
    list: usize,
    source: &'static str,
    alternatives: Vec<Alternative>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let rows = table("evidence.csv").lines().skip(1);
    rows.filter_map(|line| {
        let (list, source) = line.split_once(',')?;
        Some(Row {
            list: LISTS.iter().position(|name| *name == list)?,
            source,
            alternatives: pattern::alternatives(source).collect(),
        })
    })
    .collect()
});

/// All lists at once: one pass over a text answers for each of them.
static AT_ONCE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let mut patterns = vec![String::new(); LISTS.len()];
    for row in ROWS.iter() {
        let pattern = &mut patterns[row.list];
        if !pattern.is_empty() {
            pattern.push('|');
        }
        pattern.push_str(row.source);
    }
    pattern::set(patterns.iter().map(String::as_str))
});

/// Which lists a text is of, row by row.
fn by_rows(text: &str) -> [bool; LISTS.len()] {
    let small = text.to_ascii_lowercase();
    let mut found = [false; LISTS.len()];
    for row in ROWS.iter() {
        let is_in = |alternative: &Alternative| {
            let regex = alternative.for_text(&small);
            regex.is_some_and(|regex| regex.is_match(text.as_bytes()))
        };
        found[row.list] = found[row.list] || row.alternatives.iter().any(is_in);
    }
    found
}

/// The same in one pass.
fn at_once(text: &str) -> [bool; LISTS.len()] {
    let mut found = [false; LISTS.len()];
    if let Some(lists) = AT_ONCE.as_ref() {
        for list in lists.matches(text.as_bytes()) {
            found[list] = true;
        }
    }
    found
}

impl Evidence {
    /// Reads the evidence of a text.
    pub(crate) fn of(text: &str) -> Self {
        let [
            dataverse,
            entra,
            microsoft,
            library,
            sign_in_record,
            federation,
            other_vendor,
            sign_in_page,
            other_interface,
        ] = if text.len() <= SHORT {
            by_rows(text)
        } else {
            at_once(text)
        };
        Self {
            dataverse,
            entra,
            microsoft: dataverse || entra || microsoft,
            library,
            sign_in_record,
            federation,
            other_vendor,
            sign_in_page,
            other_interface,
        }
    }

    /// True when the text is about another vendor's product and about nothing of Microsoft's.
    pub(crate) fn is_foreign(self) -> bool {
        self.other_vendor && !self.microsoft
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, Evidence, ROWS, at_once, by_rows};

    #[test]
    fn every_row_compiles_and_every_line_is_a_row() {
        let lines = super::table("evidence.csv").lines().skip(1).count();
        assert_eq!(ROWS.len(), lines);
        assert!(AT_ONCE.is_some());
        for row in ROWS.iter() {
            assert!(
                crate::decode::text::pattern::regex(row.source).is_some(),
                "{}",
                row.source
            );
        }
    }

    #[test]
    fn row_by_row_and_at_once_say_the_same() {
        let corpora = [
            include_str!("../../../fixtures/errors/corpus.jsonl"),
            include_str!("../../../fixtures/errors/shapes.jsonl"),
            include_str!("../../../fixtures/errors/languages.jsonl"),
        ];
        let mut read = 0;
        for line in corpora.iter().flat_map(|corpus| corpus.lines()) {
            let case: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let text = case["text"].as_str().unwrap_or_default();
            assert_eq!(by_rows(text), at_once(text), "{text}");
            read += 1;
        }
        assert!(read > 600);
    }

    #[test]
    fn a_text_speaks_of_what_it_names() {
        assert!(Evidence::of("GET https://contoso.crm4.dynamics.com/api/data/v9.2/WhoAmI").dataverse);
        assert!(Evidence::of("login.microsoftonline.com said no").entra);
        assert!(Evidence::of("googleapis.com: invalid_grant").is_foreign());
        assert_eq!(Evidence::of("the weather is fine"), Evidence::default());
    }
}
