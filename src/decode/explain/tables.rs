//! The tables of every known code: name and category, and which phrase stands for which failure.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::embedded::table;
use crate::decode::model::Family;
use crate::decode::text::pattern::{self, Alternative};
use crate::embedded::SortedLines;

/// Every category that an entry may carry.
pub const CATEGORIES: [&str; 24] = [
    "mfa",
    "conditional-access",
    "password",
    "account-state",
    "app-config",
    "consent",
    "token-expired",
    "federation",
    "tenant",
    "client-auth",
    "throttling",
    "transient",
    "device",
    "auth",
    "privilege",
    "user-disabled",
    "user-missing",
    "license",
    "org-state",
    "timeout",
    "validation",
    "plugin",
    "network",
    "other",
];

/// What a table says about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The code, in its one spelling.
    pub code: &'static str,
    /// The symbolic name; empty when the published list gives none.
    pub name: &'static str,
    /// The usual category.
    pub category: &'static str,
    /// True when the same request may succeed later.
    pub retryable: bool,
    /// True when the code stands in a published list.
    pub documented: bool,
    /// True for codes that matter to a service account.
    pub relevant: bool,
}

/// One phrase that stands for a failure told without a code.
#[derive(Debug)]
pub struct Phrase {
    /// The code to report; empty for a failure that has a category and no code.
    pub code: &'static str,
    /// The category of the text.
    pub category: &'static str,
    /// True when it says more than a code beside it, and is then listed with it.
    pub beside: bool,
    /// Which evidence the rest of the text must give.
    pub needs: Needs,
    /// A regular expression, matched without regard to case.
    pub pattern: &'static str,
    /// The same in parts that are built when a text needs them.
    alternatives: Vec<Alternative>,
}

impl Phrase {
    /// Where the phrase stands first in a text of which `small` is the copy in small letters.
    pub(crate) fn find(&self, text: &str, small: &str) -> Option<Range<usize>> {
        let found = self.alternatives.iter().filter_map(|alternative| {
            let found = alternative.for_text(small)?.find(text.as_bytes())?;
            Some(found.range())
        });
        found.min_by_key(|range| range.start)
    }
}

/// The evidence that a phrase needs before it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// None: the words are used nowhere else.
    Nothing,
    /// The text speaks of Dataverse or Dynamics 365.
    Dataverse,
    /// The text speaks of Entra ID.
    Entra,
    /// The text speaks of any Microsoft cloud service.
    Microsoft,
    /// The text states no HTTP status, which would say the same.
    NoStatus,
    /// The text speaks of Dataverse or Entra ID, or it is short and the phrase is a sentence of its own.
    Page,
}

/// The codes of Entra ID alone: a check names some, and the other tables are ten times as long.
static ENTRA: LazyLock<Rows> = LazyLock::new(|| Rows::of("aadsts.csv", entra_row));

/// What is known about an `AADSTS` code; the same as [`Tables::known`] says.
pub fn entra(code: &str) -> Option<Known> {
    ENTRA.known(code)
}

/// Every known code. Each table is read when it is first asked: most texts need few of them.
pub static TABLES: Tables = Tables;

/// See [`TABLES`].
#[derive(Debug)]
pub struct Tables;

static DATAVERSE: LazyLock<Rows> = LazyLock::new(|| Rows::of("dataverse.csv", dataverse_row));

/// The codes by their symbolic names in small letters.
static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut by_name = HashMap::with_capacity(5000);
    let all = ENTRA.all().chain(DATAVERSE.all());
    for known in all.filter(|known| !known.name.is_empty()) {
        by_name
            .entry(known.name.to_ascii_lowercase())
            .or_insert(known.code);
    }
    by_name
});

static WORDS: LazyLock<Words> = LazyLock::new(Words::parse);

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(phrases);

/// The codes that are words, and the failures that are told in words.
#[derive(Debug)]
struct Words {
    codes: HashMap<&'static str, Known>,
    spelled: HashMap<Word, HashMap<&'static str, &'static str>>,
}

/// The families whose codes are words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// OAuth `error` values.
    OAuth,
    /// OAuth `suberror` values.
    Suberror,
    /// Graph `error.code` values.
    Graph,
    /// Error codes of MSAL and ADAL.
    Msal,
    /// `ID…` and `MSIS…` messages of Windows Identity Foundation and AD FS.
    Wif,
    /// WS-Trust and WS-Security fault codes.
    WsTrust,
}

impl Tables {
    /// What is known about a code in the spelling of the contract.
    pub fn known(&self, code: &str) -> Option<Known> {
        match Family::of(code) {
            Family::Aadsts => ENTRA.known(code),
            Family::Dataverse => DATAVERSE.known(code),
            _ => WORDS.codes.get(code).copied(),
        }
    }

    /// The contract's spelling of a word, if it is a code of that family.
    pub fn word(&self, family: Word, word: &str) -> Option<&'static str> {
        WORDS.spelled.get(&family)?.get(word).copied()
    }

    /// The code whose symbolic name is `name`, regardless of case.
    pub fn named(&self, name: &str) -> Option<&'static str> {
        BY_NAME.get(&name.to_ascii_lowercase()).copied()
    }

    /// Every known code.
    pub fn codes(&self) -> impl Iterator<Item = Known> {
        ENTRA
            .all()
            .chain(DATAVERSE.all())
            .chain(WORDS.codes.values().copied())
    }

    /// The phrases, in the order of their table: the most specific first.
    pub fn phrases(&self) -> &'static [Phrase] {
        &PHRASES
    }
}

impl Words {
    fn parse() -> Self {
        let mut words = Self {
            codes: HashMap::with_capacity(1500),
            spelled: HashMap::with_capacity(8),
        };
        for [namespace, word, category, retryable, relevant] in lines("graph-oauth.csv").filter_map(columns) {
            words.add(namespace, word, category, retryable == "yes", relevant == "high");
        }
        for line in lines("messages.csv") {
            let mut fields = line.splitn(3, ',');
            let (code, category) = (
                fields.next().unwrap_or_default(),
                fields.next().unwrap_or_default(),
            );
            if code != "-" {
                words.codes.entry(code).or_insert_with(|| told(code, category));
            }
        }
        words
    }

    fn add(
        &mut self,
        namespace: &str,
        word: &'static str,
        category: &'static str,
        retryable: bool,
        relevant: bool,
    ) {
        let (family, prefix) = match namespace {
            "oauth" => (Word::OAuth, "OAuth"),
            "suberror" => (Word::Suberror, "suberror"),
            "graph" => (Word::Graph, "Graph"),
            "wif" => (Word::Wif, "WIF"),
            "wstrust" => (Word::WsTrust, "WST"),
            _ => (Word::Msal, "MSAL"),
        };
        let word = word.split_once(':').map_or(word, |(_, local)| local);
        let spelled = self.spelled.entry(family).or_default();
        if spelled.contains_key(word) {
            return;
        }
        // A few hundred short strings, made once and kept for the life of the program.
        let code: &'static str = Box::leak(format!("{prefix}:{word}").into_boxed_str());
        spelled.insert(word, code);
        self.codes.insert(
            code,
            Known {
                code,
                name: "",
                category,
                retryable,
                documented: true,
                relevant,
            },
        );
    }
}

/// What is known of a failure that is told in words.
fn told(code: &'static str, category: &'static str) -> Known {
    let network = Family::of(code) == Family::Network;
    Known {
        code,
        name: "",
        category,
        retryable: network || matches!(category, "throttling" | "transient" | "timeout"),
        documented: true,
        relevant: false,
    }
}

fn phrases() -> Vec<Phrase> {
    let read = lines("messages.csv").map(|line| {
        let mut fields = line.splitn(5, ',');
        let mut field = || fields.next().unwrap_or_default();
        let (code, category, beside, needs, pattern) = (field(), field(), field(), field(), field());
        Phrase {
            code: if code == "-" { "" } else { code },
            category,
            beside: beside == "yes",
            needs: match needs {
                "dv" => Needs::Dataverse,
                "id" => Needs::Entra,
                "ms" => Needs::Microsoft,
                "ns" => Needs::NoStatus,
                "pg" => Needs::Page,
                _ => Needs::Nothing,
            },
            alternatives: pattern::alternatives(pattern).collect(),
            pattern,
        }
    });
    read.collect()
}

/// A table whose file is sorted by its codes.
struct Rows {
    lines: SortedLines,
    read: fn(&'static str) -> Option<Known>,
}

impl Rows {
    fn of(name: &str, read: fn(&'static str) -> Option<Known>) -> Self {
        Self {
            lines: SortedLines::below_heading(table(name)),
            read,
        }
    }

    fn known(&self, code: &str) -> Option<Known> {
        self.lines.with(code).next().and_then(self.read)
    }

    fn all(&self) -> impl Iterator<Item = Known> {
        self.lines.all().filter_map(self.read)
    }
}

fn dataverse_row(line: &'static str) -> Option<Known> {
    let [code, _, name, category, relevant] = columns(line)?;
    Some(Known {
        code,
        name,
        category,
        retryable: matches!(category, "throttling" | "timeout"),
        documented: true,
        relevant: relevant == "high",
    })
}

fn entra_row(line: &'static str) -> Option<Known> {
    let [code, name, documented, category, retryable, relevant] = columns(line)?;
    Some(Known {
        code,
        name,
        category,
        retryable: retryable == "yes",
        documented: documented == "yes",
        relevant: relevant == "high",
    })
}

/// The category of an HTTP status that is all a text gives.
pub fn status_category(status: u16) -> &'static str {
    match status {
        401 => "auth",
        403 => "privilege",
        407 => "network",
        408 => "timeout",
        429 => "throttling",
        500..=599 => "transient",
        _ => "validation",
    }
}

/// The rows of a table, without its heading.
fn lines(name: &str) -> impl Iterator<Item = &'static str> {
    table(name).lines().skip(1)
}

/// The first columns of a row in which no column holds a comma; nothing when it has fewer.
fn columns<const N: usize>(line: &'static str) -> Option<[&'static str; N]> {
    let mut rest = line.split(',');
    let mut found = [""; N];
    for column in &mut found {
        *column = rest.next()?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{CATEGORIES, DATAVERSE, ENTRA, TABLES, Word, entra, table};

    #[test]
    fn the_short_way_to_an_entra_code_says_what_all_tables_say() {
        let all: Vec<_> = TABLES
            .codes()
            .filter(|known| known.code.starts_with("AADSTS"))
            .collect();
        assert!(all.len() > 300, "{}", all.len());
        for known in all {
            assert_eq!(entra(known.code), Some(known));
        }
        assert_eq!(entra("0x80040220"), None);
    }

    #[test]
    fn the_tables_are_sorted_by_their_codes() {
        for rows in [&*ENTRA, &*DATAVERSE] {
            let codes = rows.lines.all().map(|line| line.split(',').next());
            assert!(codes.is_sorted_by(|code, next| code < next));
            assert!(rows.all().all(|known| rows.known(known.code) == Some(known)));
        }
    }

    #[test]
    fn every_row_of_every_table_has_a_category_of_the_contract() {
        for known in TABLES.codes() {
            let category = known.category;
            assert!(CATEGORIES.contains(&category), "{}: {category}", known.code);
        }
        assert!(TABLES.codes().count() > 4700, "{}", TABLES.codes().count());
    }

    #[test]
    fn words_are_spelled_as_the_contract_spells_them() {
        assert_eq!(
            TABLES.word(Word::OAuth, "invalid_grant"),
            Some("OAuth:invalid_grant")
        );
        assert_eq!(
            TABLES.word(Word::WsTrust, "FailedAuthentication"),
            Some("WST:FailedAuthentication")
        );
        assert_eq!(TABLES.word(Word::Graph, "nonsense"), None);
        assert_eq!(TABLES.named("privilegedenied"), Some("0x80040220"));
    }

    #[test]
    fn every_phrase_is_a_regular_expression_of_a_complete_row() {
        for (line, phrase) in table("messages.csv").lines().skip(1).zip(TABLES.phrases()) {
            assert!(line.splitn(5, ',').count() == 5, "{line}");
            assert!(
                regex::Regex::new(phrase.pattern).is_ok(),
                "{}: {}",
                phrase.code,
                phrase.pattern
            );
        }
    }
}
