//! The tests of a rule file's rules, and facts given by hand.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::embedded::tree::{Content, Entry, Node, Scalar};
use crate::facts::{self, FactId, FactValue, Kind, Reading, Reason, Unknown};
use crate::profile::Profile;
use crate::rules::expect::{Expect, RuleTest};
use crate::rules::file::diagnostic::{Desk, did_you_mean};
use crate::rules::file::mapping::{Form, complain_about_repeats, first_line, list, one_of, text};
use crate::rules::problem::unknown_fact;
use crate::rules::rule::Meaning;
use crate::snapshot::{SECTIONS, section_info};

/// "Now" where a test names none.
const DEFAULT_NOW: &str = "2026-01-05T10:30:00Z";

/// The tests of a rule file's rule; nothing if one of them is unsound.
pub(crate) fn parse(
    desk: &Desk<'_>,
    node: Option<&Node<'_>>,
    applies: Option<&[Meaning; 3]>,
) -> Option<Vec<RuleTest>> {
    let tests: Vec<_> = list(desk, node?)
        .iter()
        .map(|node| parse_one(desk, node, applies))
        .collect();
    tests.into_iter().collect()
}

fn parse_one(desk: &Desk<'_>, node: &Node<'_>, applies: Option<&[Meaning; 3]>) -> Option<RuleTest> {
    let keys = ["profile", "now", "facts", "sections", "expect"];
    let form = Form::open(desk, node, "a rule test", &keys)?;
    let profile = match form.get("profile") {
        None => Some(default_profile(applies)),
        Some(node) => text(desk, node)
            .and_then(|words| one_of(desk, &words, "profile", &Profile::ALL.map(Profile::name)))
            .and_then(|name| name.parse().ok()),
    };
    let now = match form.get("now").and_then(|node| text(desk, node)) {
        None => DEFAULT_NOW.parse().ok(),
        Some(words) => {
            let now = words.text.parse::<Timestamp>().ok();
            if now.is_none() {
                desk.complain(words.span, "no valid time", Some(time_help()));
            }
            now
        }
    };
    let given = form.get("facts").map_or(Some(Vec::new()), |node| {
        let facts: Vec<_> = entries(desk, node, "facts")?
            .iter()
            .map(|entry| given_fact(desk, entry))
            .collect();
        facts.into_iter().collect()
    });
    let sections = form.get("sections").map_or(Some(BTreeMap::new()), |node| {
        let sections: Vec<_> = entries(desk, node, "sections")?
            .iter()
            .map(|entry| given_section(desk, entry))
            .collect();
        sections.into_iter().collect()
    });
    let expect = form
        .need_text("expect", "write fail, pass, pending, unknown or not_applicable")
        .and_then(|words| one_of(desk, &words, "verdict", &Expect::NAMES))
        .and_then(Expect::of_name);
    Some(RuleTest {
        profile: profile?,
        now: now?,
        facts: given?,
        sections: sections?,
        expect: expect?,
        line: node.line,
    })
}

/// The first profile under which the rule asks its question.
fn default_profile(applies: Option<&[Meaning; 3]>) -> Profile {
    Profile::ALL
        .into_iter()
        .find(|profile| applies.is_none_or(|meanings| meanings[*profile as usize] != Meaning::NotApplicable))
        .unwrap_or_default()
}

pub(crate) fn entries<'n, 't>(desk: &Desk<'_>, node: &'n Node<'t>, what: &str) -> Option<&'n [Entry<'t>]> {
    match &node.content {
        Content::Map(entries) => {
            complain_about_repeats(desk, entries);
            Some(entries)
        }
        Content::Scalar(scalar) if scalar.is_null() => Some(&[]),
        other => {
            desk.complain(
                first_line(desk, &node.span),
                format!("`{what}` maps names to values; this is {}", other.kind()),
                Some(format!("write `{what}: {{name: value}}`")),
            );
            None
        }
    }
}

pub(crate) fn given_fact(desk: &Desk<'_>, entry: &Entry<'_>) -> Option<(FactId, Reading<FactValue>)> {
    let Some(id) = facts::find(&entry.key) else {
        let problem = unknown_fact(entry.key_span.clone(), &entry.key);
        desk.complain(problem.span, problem.message, problem.suggestion);
        return None;
    };
    if let Content::Map(_) = &entry.value.content {
        let form = Form::open(
            desk,
            &entry.value,
            "a fact that could not be read",
            &["unavailable"],
        )?;
        let why = form.need_text("unavailable", "write `{unavailable: \"403\"}`")?;
        let section = id.definition().sections.first().copied().unwrap_or("arguments");
        return Some((id, Err(Unknown::because(section, Reason::Denied, why.text))));
    }
    match fact_value(desk, id, &entry.value) {
        Some(value) => Some((id, Ok(value))),
        None => {
            let definition = id.definition();
            let nullable = if definition.nullable { ", or null" } else { "" };
            desk.complain(
                first_line(desk, &entry.value.span),
                format!(
                    "`{}` is of type {}{nullable}",
                    definition.name,
                    definition.kind.name()
                ),
                Some(match definition.kind {
                    Kind::Bool => "write `true` or `false`, without quotes".to_owned(),
                    Kind::Int => "write a whole number, without quotes".to_owned(),
                    Kind::Text => "write a text".to_owned(),
                    Kind::Time => time_help(),
                    Kind::Texts => "write a list of texts: `[one, two]`".to_owned(),
                }),
            );
            None
        }
    }
}

fn time_help() -> String {
    format!("write a time as \"{DEFAULT_NOW}\"")
}

fn fact_value(desk: &Desk<'_>, id: FactId, node: &Node<'_>) -> Option<FactValue> {
    let definition = id.definition();
    match (&node.content, definition.kind) {
        (Content::Scalar(scalar), _) if scalar.is_null() => definition.nullable.then_some(FactValue::Null),
        (Content::Scalar(scalar), Kind::Bool) => scalar.truth().map(FactValue::Bool),
        (Content::Scalar(scalar), Kind::Int) => scalar.number().map(FactValue::Int),
        (Content::Scalar(scalar), Kind::Text) => Some(FactValue::from(scalar.text.as_ref())),
        (Content::Scalar(scalar), Kind::Time) => scalar.text.parse::<Timestamp>().ok().map(FactValue::Time),
        (Content::List(items), Kind::Texts) => {
            let texts = items.iter().map(|item| text(desk, item));
            let texts: Option<Vec<_>> = texts.map(|words| Some(words?.text.to_owned())).collect();
            texts.map(FactValue::Texts)
        }
        _ => None,
    }
}

fn given_section(desk: &Desk<'_>, entry: &Entry<'_>) -> Option<(String, serde_json::Value)> {
    if section_info(&entry.key).is_none() {
        let names = SECTIONS.iter().map(|section| section.name);
        desk.complain(
            entry.key_span.clone(),
            format!("there is no section `{}`", entry.key),
            did_you_mean(&entry.key, names),
        );
        return None;
    }
    Some((entry.key.clone().into_owned(), json(&entry.value)))
}

fn json(node: &Node<'_>) -> serde_json::Value {
    match &node.content {
        Content::Scalar(scalar) => json_scalar(scalar),
        Content::List(items) => items.iter().map(json).collect(),
        Content::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone().into_owned(), json(&entry.value)))
            .collect(),
    }
}

fn json_scalar(scalar: &Scalar<'_>) -> serde_json::Value {
    if scalar.is_null() {
        return serde_json::Value::Null;
    }
    let typed = scalar.truth().map(serde_json::Value::from);
    typed
        .or_else(|| scalar.number().map(serde_json::Value::from))
        .unwrap_or_else(|| scalar.text.as_ref().into())
}
