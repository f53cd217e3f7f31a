//! What the pack claims about Microsoft's and the vendor's products, where that is written, and when somebody last
//! compared it with the page: for `rules lint --stale` and `rules links`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::conditional_access::dated_changes;
use crate::decode::explain::catalogue::{self, Entry};
use crate::embedded;
use crate::portal;
use crate::rules::book::RuleBook;
use crate::rules::rule::{RemedyTemplate, Rule};
use crate::rules::upcoming::{self, UpcomingWords};

/// One thing that can grow old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What it is about, in a few words.
    pub what: String,
    /// The file that holds it.
    pub file: String,
    /// The line, from 1, where one is known.
    pub line: Option<usize>,
    /// The pages that it rests on.
    pub sources: Vec<String>,
    /// When somebody last compared it with them; `None` = nobody said.
    pub checked: Option<Date>,
}

/// A row of `rules/sources.yaml`: a file, or a part of one, that carries no dates of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    what: String,
    file: String,
    sources: Vec<String>,
    checked: Date,
}

/// Everything that the built-in pack and the rules of a book claim, in the order of the files.
///
/// # Errors
///
/// What is wrong with `rules/sources.yaml`; a test keeps it sound.
pub fn claims(book: &RuleBook) -> Result<Vec<Claim>, String> {
    let rows: Vec<Row> = embedded::data("rules/sources.yaml")?;
    let mut claims: Vec<Claim> = book.rules().iter().map(of_rule).collect();
    claims.extend(portal::menus().map(|(id, menu)| Claim {
        what: format!("menu {id}"),
        file: portal::FILE_NAME.to_owned(),
        line: None,
        sources: vec![menu.source.clone()],
        checked: Some(portal::checked()),
    }));
    claims.extend(portal::hurdles().iter().map(|hurdle| Claim {
        what: format!("before a step: {}", hurdle.says),
        file: portal::FILE_NAME.to_owned(),
        line: None,
        sources: vec![hurdle.source.clone()],
        checked: Some(portal::checked()),
    }));
    claims.extend(dated_changes().iter().map(|change| Claim {
        what: format!("what is enforced: {}", change.id),
        file: "rules/enforcement.yaml".to_owned(),
        line: None,
        sources: vec![change.source.clone()],
        checked: Some(change.checked),
    }));
    // An entry without a page of its own rests on those of its family, which `rules/sources.yaml` names.
    let with_page = catalogue::entries().filter(|entry| !entry.remedy.links.is_empty());
    claims.extend(with_page.map(of_entry));
    let announced: UpcomingWords = embedded::data(upcoming::FILE_NAME)?;
    claims.extend(announced.changes.into_iter().map(|change| Claim {
        what: format!("what was announced: {}", change.id),
        file: upcoming::FILE_NAME.to_owned(),
        line: None,
        sources: vec![change.source],
        checked: Some(change.checked),
    }));
    claims.extend(rows.into_iter().map(|row| Claim {
        what: row.what,
        file: row.file,
        line: None,
        sources: row.sources,
        checked: Some(row.checked),
    }));
    Ok(claims)
}

/// The claims that nobody has compared with their pages since a day.
pub fn unchecked_since(claims: &[Claim], day: Date) -> impl Iterator<Item = &Claim> {
    claims
        .iter()
        .filter(move |claim| claim.checked.is_none_or(|checked| checked < day))
}

/// Every address that a claim names, once, with who names it.
pub fn links(claims: &[Claim]) -> Vec<(String, Vec<String>)> {
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let named = claims.iter().flat_map(|claim| {
        claim
            .sources
            .iter()
            .map(|link| (link.clone(), claim.what.clone()))
    });
    for (link, who) in named {
        let users = links.entry(link).or_default();
        if !users.contains(&who) {
            users.push(who);
        }
    }
    links.into_iter().collect()
}

fn of_entry(entry: &Entry) -> Claim {
    Claim {
        what: format!("error {}", entry.code),
        file: embedded::file_of_code(&entry.code)
            .unwrap_or("rules/errors")
            .to_owned(),
        line: None,
        sources: entry.remedy.links.clone(),
        checked: entry.checked,
    }
}

fn of_rule(rule: &Rule) -> Claim {
    let mut sources: Vec<String> = Vec::new();
    for link in rule
        .all_remedies()
        .flat_map(|remedy: &RemedyTemplate| &remedy.links)
    {
        if !sources.contains(link) {
            sources.push(link.clone());
        }
    }
    Claim {
        what: format!("rule {}", rule.id),
        file: rule.place.file.clone(),
        line: Some(rule.place.line),
        sources,
        checked: rule.checked,
    }
}
