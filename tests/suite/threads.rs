//! Texts of public threads: recognised, of the right kind, with the ids of their own record; innocent ones left alone.

use std::collections::BTreeSet;

use serde_json::Value;
use work365_doctor::decode::Decoded;
use work365_doctor::decode::many::input::decode_input;

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).collect()
}

/// What is wrong with an answer.
fn complaints(decoded: &Decoded, expect: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let categories = texts(&expect["categories"]);
    if categories.is_empty() {
        if decoded.recognised {
            wrong.push(format!("false alarm: {:?}", decoded.primary));
        }
        return wrong;
    }
    let category = decoded.category.as_deref().unwrap_or("none");
    if !decoded.recognised || !categories.contains(&category) {
        wrong.push(format!("category {category}, wanted one of {categories:?}"));
    }
    let primary = decoded.primary.as_deref().unwrap_or_default();
    let is_right = match expect["primary"].as_str() {
        None | Some("any") => true,
        Some("MSG") => primary.starts_with("MSG:"),
        Some(code) => primary == code,
    };
    if !is_right {
        wrong.push(format!("primary {primary}, wanted {}", expect["primary"]));
    }
    if expect.get("codes").is_some() {
        let coded = decoded.errors.iter().map(|error| error.code.as_str());
        let found: BTreeSet<&str> = coded.filter(|code| !code.starts_with("MSG:")).collect();
        let wanted: BTreeSet<&str> = texts(&expect["codes"]).into_iter().collect();
        if found != wanted {
            wrong.push(format!("codes {found:?}, wanted {wanted:?}"));
        }
    }
    for (name, value) in expect["ids"].as_object().into_iter().flatten() {
        let ids = decoded.primary_error().map(|error| &error.ids);
        if ids.and_then(|ids| ids.get(name)).map(String::as_str) != value.as_str() {
            wrong.push(format!("{name} is not {value}"));
        }
    }
    if let Some((outcome, day)) = expect["newest"]
        .as_str()
        .and_then(|newest| newest.split_once(' '))
    {
        let value = serde_json::to_value(&decoded.newest).unwrap();
        let at = value["at"].as_str().unwrap_or_default();
        if value["outcome"] != outcome || !at.starts_with(day) {
            wrong.push(format!("newest {value}, wanted {outcome} on {day}"));
        }
    }
    wrong
}

#[test]
fn texts_of_public_threads_are_recognised_and_innocent_ones_are_not() {
    let (mut failing, mut innocent, mut wrong) = (0, 0, Vec::new());
    for line in include_str!("../../fixtures/errors/threads.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let decoded = decode_input(case["text"].as_str().unwrap().as_bytes(), |_| ()).unwrap();
        if texts(&case["expect"]["categories"]).is_empty() {
            innocent += 1;
        } else {
            failing += 1;
        }
        for complaint in complaints(&decoded, &case["expect"]) {
            wrong.push(format!("{}: {complaint}", case["id"]));
        }
    }
    assert!(failing >= 200 && innocent >= 80, "{failing} {innocent}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
