//! The words of the error catalogue: `rules/errors/*.yaml`, packed, read file by file when first needed.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::tables::{CATEGORIES, TABLES, status_category};
use crate::embedded;
use crate::remedy::Remedy;

/// One full entry of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The code, in its one spelling.
    pub code: String,
    /// The symbolic name, where the tables have one.
    #[serde(default)]
    pub name: Option<String>,
    /// The usual category.
    pub category: String,
    /// True when the same request may succeed later.
    pub retryable: bool,
    /// False for a code of which nothing is published: its meaning speaks of family and neighbours only.
    #[serde(default = "published")]
    pub documented: bool,
    /// What the code says, in one or two plain sentences.
    pub meaning: String,
    /// Likely causes, the most likely first.
    pub causes: Vec<String>,
    /// Who fixes it and how.
    pub remedy: Remedy,
    /// Rules of `check` that look at the same fault.
    #[serde(default)]
    pub rules: Vec<String>,
    /// When somebody last compared it with its sources; the file's day unless it has one of its own.
    #[serde(default)]
    pub checked: Option<Date>,
}

fn published() -> bool {
    true
}

/// A catalogue file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is no YAML of the catalogue's shape. The message has the line.
    #[error("{file}: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// What is wrong and where.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// For the entries without a day of their own.
    checked: Date,
    errors: Vec<Entry>,
}

impl File {
    fn entries(self) -> Vec<Entry> {
        let mut entries = self.errors;
        for entry in &mut entries {
            entry.checked.get_or_insert(self.checked);
        }
        entries
    }
}

/// A file of the catalogue, read when one of its codes is asked for.
struct Slot {
    path: &'static str,
    entries: OnceLock<Vec<Entry>>,
}

impl Slot {
    /// The file's entries. A file that cannot be read gives none: [`validate`] is the test that keeps that
    /// from being shipped, and the tables still name and categorise its codes.
    fn entries(&self) -> &[Entry] {
        self.entries
            .get_or_init(|| embedded::data(self.path).map_or_else(|_| Vec::new(), File::entries))
    }
}

static FILES: LazyLock<Vec<Slot>> = LazyLock::new(|| {
    let slot = |path| Slot {
        path,
        entries: OnceLock::new(),
    };
    embedded::trees("rules/errors/").map(slot).collect()
});

static OWNERS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| embedded::data("rules/owners.yaml").unwrap_or_default());

/// The full entry of a code, if the catalogue has one.
pub fn entry(code: &str) -> Option<&'static Entry> {
    let path = embedded::file_of_code(code)?;
    let slot = FILES.iter().find(|slot| slot.path == path)?;
    slot.entries().iter().find(|entry| entry.code == code)
}

/// Every full entry, in the order of the files.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    FILES.iter().flat_map(Slot::entries)
}

/// The spelled-out name of an owner id, or the id itself if it is unknown.
pub fn owner_name(id: &str) -> &str {
    OWNERS.get(id).map_or(id, String::as_str)
}

/// The usual category of a code: of its entry, else of the tables, else `other`.
pub fn category(code: &str) -> &'static str {
    if let Some(entry) = entry(code) {
        return &entry.category;
    }
    table_category(code)
}

/// True when the same request may succeed later: by the code's entry, else by the tables.
pub fn is_retryable(code: &str) -> bool {
    entry(code).map_or_else(
        || TABLES.known(code).is_some_and(|known| known.retryable),
        |entry| entry.retryable,
    )
}

/// The category that the tables give a code.
pub fn table_category(code: &str) -> &'static str {
    if let Some(known) = TABLES.known(code) {
        return known.category;
    }
    match code.split_once(':') {
        Some(("HTTP", status)) => status.parse().map_or("other", status_category),
        Some(("WIF" | "WST", _)) => "federation",
        Some(("NET", _)) => "network",
        _ => "other",
    }
}

/// Reads one catalogue file.
///
/// # Errors
///
/// [`CatalogueError::Syntax`] with the line when it is no YAML, holds an unknown key, or lacks one.
pub fn parse(file: &str, text: &str) -> Result<Vec<Entry>, CatalogueError> {
    embedded::value_of_yaml::<File>(text)
        .map(File::entries)
        .map_err(|message| CatalogueError::Syntax {
            file: file.to_owned(),
            message,
        })
}

/// Every complaint about a set of catalogue files `(name, text)`: syntax, unknown category or owner,
/// a rule id that is not spelled like one, a link that is not `https`, a code given twice.
pub fn validate<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (file, text) in files {
        let entries = match parse(file, text) {
            Ok(entries) => entries,
            Err(error) => {
                complaints.push(error.to_string());
                continue;
            }
        };
        for entry in entries {
            let code = &entry.code;
            let mut complain = |what: String| complaints.push(format!("{file}: {code}: {what}"));
            if !CATEGORIES.contains(&entry.category.as_str()) {
                complain(format!("unknown category {}", entry.category));
            }
            if !OWNERS.contains_key(&entry.remedy.owner) {
                complain(format!("unknown owner {}", entry.remedy.owner));
            }
            for rule in entry.rules.iter().filter(|rule| !is_rule_id(rule)) {
                complain(format!("{rule} is not spelled like a rule id"));
            }
            for link in entry
                .remedy
                .links
                .iter()
                .filter(|link| !link.starts_with("https://"))
            {
                complain(format!("{link} is not https"));
            }
            if entry.meaning.trim().is_empty() || entry.remedy.steps.is_empty() {
                complain("meaning and steps must not be empty".to_owned());
            }
            if let Some(other) = seen.insert(code.clone(), file.to_owned()) {
                complain(format!("also in {other}"));
            }
        }
    }
    complaints
}

fn is_rule_id(id: &str) -> bool {
    id.contains('-')
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::super::tables::TABLES;
    use super::{FILES, entries, entry, owner_name, parse, validate};
    use crate::decode::model::Family;

    const SAMPLE: &str = include_str!("../../../fixtures/errors/catalogue-sample.yaml");

    #[test]
    fn the_sample_catalogue_is_valid_and_keeps_hexadecimal_codes_as_text() {
        assert_eq!(validate([("sample", SAMPLE)]), Vec::<String>::new());
        let entries = parse("sample", SAMPLE).unwrap_or_default();
        assert!(entries.iter().any(|entry| entry.code == "0x80040220"));
    }

    #[test]
    fn the_shipped_catalogue_is_valid() {
        let files: Vec<_> = FILES
            .iter()
            .map(|slot| (slot.path, std::fs::read_to_string(slot.path).unwrap_or_default()))
            .collect();
        let complaints = validate(files.iter().map(|(path, text)| (*path, text.as_str())));
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    #[test]
    fn every_entry_is_found_by_its_code() {
        for listed in entries() {
            assert_eq!(entry(&listed.code), Some(listed));
        }
    }

    #[test]
    fn every_failure_told_in_words_and_every_relevant_published_code_has_an_entry() {
        let missing: Vec<&str> = TABLES
            .codes()
            .filter(|known| {
                matches!(
                    Family::of(known.code),
                    Family::Message | Family::Network | Family::Wstrust
                ) || (known.relevant && known.documented)
            })
            .map(|known| known.code)
            .chain(["HTTP:401", "HTTP:403", "HTTP:407", "HTTP:429", "HTTP:503"])
            .filter(|code| entry(code).is_none())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn codes_that_are_met_but_hardly_documented_have_an_entry_of_their_own() {
        const MET: [&str; 53] = [
            "AADSTS53006",
            "AADSTS53007",
            "AADSTS54008",
            "AADSTS500127",
            "AADSTS50205",
            "AADSTS50206",
            "AADSTS50207",
            "AADSTS50209",
            "AADSTS53012",
            "AADSTS53013",
            "AADSTS530023",
            "AADSTS530033",
            "AADSTS530085",
            "AADSTS530086",
            "AADSTS65003",
            "AADSTS700019",
            "AADSTS502031",
            "AADSTS7000014",
            "AADSTS7000232",
            "AADSTS7000235",
            "AADSTS7000271",
            "AADSTS7000272",
            "AADSTS7000402",
            "AADSTS399284",
            "AADSTS500191",
            "AADSTS5000611",
            "AADSTS165000",
            "AADSTS7002381",
            "AADSTS700236",
            "AADSTS130500",
            "AADSTS130501",
            "AADSTS130502",
            "AADSTS130503",
            "AADSTS130504",
            "AADSTS130505",
            "AADSTS130506",
            "AADSTS130507",
            "AADSTS530004",
            "AADSTS900439",
            "AADSTS5000224",
            "AADSTS65006",
            "AADSTS530036",
            "AADSTS530084",
            "0x80095ffc",
            "0x80095ffe",
            "0x80072561",
            "0x8004a104",
            "0x8004a113",
            "0x8004f036",
            "0x8005f213",
            "0x8004410d",
            "MSG:partner_center_mfa",
            "MSG:app_access_control_blocked",
        ];
        for code in MET {
            let found = entry(code).filter(|entry| {
                let remedy = &entry.remedy;
                entry.checked.is_some()
                    && !remedy.links.is_empty()
                    && !entry.causes.is_empty()
                    && !remedy.steps.is_empty()
                    && !remedy.avoid.is_empty()
            });
            assert!(found.is_some(), "{code}");
            let is_told = found
                .is_some_and(|entry| entry.documented || entry.meaning.starts_with("Nothing is published"));
            assert!(is_told, "{code}");
        }
    }

    #[test]
    fn each_kind_of_mistake_is_named() {
        for (from, to, complaint) in [
            ("category: mfa", "category: nonsense", "unknown category"),
            (
                "owner: conditional-access-administrator",
                "owner: nobody",
                "unknown owner",
            ),
            ("mfa-per-user", "MFA per user", "not spelled like a rule id"),
            ("causes:", "reasons:", "sample"),
            ("code: \"0x80040220\"", "code: AADSTS50076", "also in"),
        ] {
            let text = SAMPLE.replacen(from, to, 1);
            assert_ne!(text, SAMPLE, "{from}");
            let complaints = validate([("sample", text.as_str())]).join("\n");
            assert!(complaints.contains(complaint), "{complaint}: {complaints}");
        }
    }

    #[test]
    fn owners_are_spelled_out() {
        assert_eq!(owner_name("microsoft-support"), "Microsoft support");
        assert_eq!(owner_name("unheard-of"), "unheard-of");
    }
}
