//! Which table a refusal is about: by its logical name, by the address of the record, by the number of its type.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::decode::explain::embedded::table as rows;
use crate::decode::text::pattern;

static PATTERNS: LazyLock<[Option<Regex>; 5]> = LazyLock::new(|| {
    [
        // The logical name; the words before it may give the table's display name.
        r#"(?i)\bentity ?(?:logical)? ?name["'\\]{0,3}\s?[:=]\s?["'\\]{0,3}(\w{2,60})"#,
        r"(?i)\b(?:for|on) (?:the )?entity\s?[:=]?\s?'?([a-z]\w{1,60})|\brecord id: ?[0-9a-f-]{36}, entity: ?(\w{2,60})",
        r"(?i)\bin the (\w{2,60}) entity\b|[?&]etn=(\w{2,60})",
        // A name of two words is what people see, and says nothing of the logical name.
        r"\b[Oo]f (?:the )?[Ee]ntity\s?[:=]?\s?'?([A-Za-z]\w{1,60}(?: [A-Z]\w{0,60}){0,5})",
        r#"(?i)\b(?:Object ?Type ?Code|OTC)["'\\\s]{0,4}[:=]\s{0,2}["'\\]{0,2}(\d{1,5})\b"#,
    ]
    .map(pattern::regex)
});

/// The tables whose number is the same in every environment.
static TYPES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = rows("object-types.csv").lines().skip(1);
    rows.filter_map(|row| row.split_once(',')).collect()
});

/// The logical name of the table that the text names.
pub(super) fn named(message: &str) -> Option<String> {
    let [.., number] = &*PATTERNS;
    let by_name = PATTERNS[..4].iter().find_map(|pattern| {
        let name = first_group(pattern.as_ref()?, message)?.to_ascii_lowercase();
        let is_name = !name.contains(' ') && !matches!(name.as_str(), "with" | "type" | "logical");
        is_name.then_some(name)
    });
    by_name.or_else(|| {
        let number = first_group(number.as_ref()?, message)?;
        let (_, table) = TYPES.iter().find(|(code, _)| *code == number)?;
        Some((*table).to_owned())
    })
}

fn first_group(pattern: &Regex, message: &str) -> Option<String> {
    let captures = pattern.captures(message.as_bytes())?;
    let group = captures.iter().skip(1).flatten().next()?;
    Some(String::from_utf8_lossy(group.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, TYPES, named};

    #[test]
    fn a_table_is_known_by_its_name_its_address_or_its_number() {
        assert!(PATTERNS.iter().all(Option::is_some));
        assert!(TYPES.len() > 40);
        for (text, table) in [
            ("for entity 'contact' (LocalizedName='Contact')", Some("contact")),
            ("on OTC=10725 for entity 'new_x'", Some("new_x")),
            ("of entity opportunity. Details", Some("opportunity")),
            ("of entity Account. Consider", Some("account")),
            ("of entity Billing Contract. Consider", None),
            (
                "of entity Connection Reference. See https://c.crm.dynamics.com/main.aspx?x=1&etn=connectionreference&id=1",
                Some("connectionreference"),
            ),
            (
                "of entity Billing Contract: {\\\"EntityName\\\":\\\"wm_contract\\\"}",
                Some("wm_contract"),
            ),
            ("attribute in the account entity. The accountid", Some("account")),
            ("ObjectTypeCode: 112, x", Some("incident")),
            ("ObjectTypeCode: 10411, x", None),
            ("nothing", None),
        ] {
            assert_eq!(named(text).as_deref(), table, "{text}");
        }
    }
}
