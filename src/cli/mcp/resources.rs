//! What an agent can read beside the tools: every rule and every error code that has a page.

use rmcp::model::{ListResourcesResult, Resource, ResourceContents, ResourceTemplate};
use serde_json::{Value, json};

use super::desk::Desk;
use crate::decode::explain::catalogue;
use crate::render::{self, RuleList};
use crate::rules::RuleBook;

const RULES: &str = "work365-doctor://rules";
const CODES: &str = "work365-doctor://codes";
const JSON: &str = "application/json";

/// How many resources one page of the list holds.
const PAGE: usize = 250;

/// A page of the list; nothing when the cursor is none of ours.
pub(super) fn list(book: &RuleBook, cursor: Option<&str>) -> Option<ListResourcesResult> {
    let start = cursor.map_or(Some(0), |cursor| cursor.parse::<usize>().ok())?;
    let indexes = [
        resource(RULES, "rules", "Every rule: id, area, severity, what it asks"),
        resource(
            CODES,
            "codes",
            "Every error code that has a page: code, name, category",
        ),
    ];
    let rules = book.rules().iter().map(|rule| {
        let description = format!("{}, {}", rule.area, rule.severity.name());
        resource(&format!("{RULES}/{}", rule.id), &rule.id, &description)
    });
    let codes = catalogue::entries().map(|entry| {
        let description = entry.name.as_deref().unwrap_or(&entry.category);
        resource(
            &format!("{CODES}/{}", encoded(&entry.code)),
            &entry.code,
            description,
        )
    });
    let all: Vec<Resource> = indexes.into_iter().chain(rules).chain(codes).collect();
    let rest = all.get(start..)?;
    let mut page = ListResourcesResult::with_all_items(rest.iter().take(PAGE).cloned().collect());
    page.next_cursor = (rest.len() > PAGE).then(|| (start + PAGE).to_string());
    Some(page)
}

/// How the rest is named.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    [
        (format!("{RULES}/{{id}}"), "rule", "The page of a rule"),
        (
            format!("{CODES}/{{code}}"),
            "code",
            "The page of an error code, in any spelling",
        ),
    ]
    .into_iter()
    .map(|(uri, name, description)| {
        ResourceTemplate::new(uri, name)
            .with_description(description)
            .with_mime_type(JSON)
    })
    .collect()
}

/// The content of a resource; nothing when there is none of this name.
pub(super) fn read(desk: &Desk, uri: &str) -> Option<ResourceContents> {
    let document = match uri {
        RULES => render::tree(&RuleList::of(desk.doctor.book())),
        CODES => codes(),
        uri => page(desk, uri)?,
    };
    Some(ResourceContents::text(document.to_string(), uri).with_mime_type(JSON))
}

fn page(desk: &Desk, uri: &str) -> Option<Value> {
    let rule = uri.strip_prefix(RULES).and_then(|rest| rest.strip_prefix('/'));
    if let Some(id) = rule {
        desk.doctor.book().find(id)?;
        return desk.explain(id).ok();
    }
    let code = uri.strip_prefix(CODES)?.strip_prefix('/')?;
    desk.explain(&decoded(code)?)
        .ok()
        .filter(|page| page.get("code").is_some())
}

fn codes() -> Value {
    let codes: Vec<Value> = catalogue::entries()
        .map(|entry| json!({"code": entry.code, "name": entry.name, "category": entry.category}))
        .collect();
    json!({ "codes": codes })
}

fn resource(uri: &str, name: &str, description: &str) -> Resource {
    Resource::new(uri, name)
        .with_description(description)
        .with_mime_type(JSON)
}

/// A code as a part of an address.
fn encoded(code: &str) -> String {
    code.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let (digits, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::{CODES, RULES, decoded, encoded, list};
    use crate::rules::RuleBook;

    #[test]
    fn the_pages_of_the_list_hold_every_rule_and_code_once() {
        let book = RuleBook::builtin().unwrap();
        let mut cursor = None;
        let mut uris = Vec::new();
        loop {
            let page = list(&book, cursor.as_deref()).unwrap();
            uris.extend(page.resources.into_iter().map(|resource| resource.uri));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let distinct: BTreeSet<&String> = uris.iter().collect();
        assert_eq!(distinct.len(), uris.len());
        let count = |start: &str| uris.iter().filter(|uri| uri.starts_with(start)).count();
        assert_eq!(count(&format!("{RULES}/")), book.rules().len());
        assert!(count(&format!("{CODES}/")) > 500);
        assert!(list(&book, Some("x")).is_none());
        assert!(list(&book, Some("100000")).is_none());
    }

    #[test]
    fn codes_survive_their_address() {
        for code in ["AADSTS50076", "OAuth:invalid_grant", "HTTP:403", "ä/b%c"] {
            assert_eq!(decoded(&encoded(code)).as_deref(), Some(code));
        }
        assert_eq!(decoded("%4"), None);
        assert_eq!(decoded("%zz"), None);
    }
}
