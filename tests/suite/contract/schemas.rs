//! The schemas of version 1 are pinned in `fixtures/schemas/`: keys are only ever added.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{code, json as parsed, run, stderr, stdout};

/// Every document that the tool prints or writes.
pub(crate) const DOCUMENTS: [&str; 27] = [
    "report",
    "report-diff",
    "snapshot",
    "redaction-map",
    "decode",
    "decode-batch",
    "decode-line",
    "explain",
    "plan",
    "rules-list",
    "rules-facts",
    "rules-lint",
    "rules-links",
    "rules-test",
    "token",
    "what-if",
    "ask",
    "ask-list",
    "facts",
    "fleet",
    "timeline",
    "answers",
    "case-file",
    "ledger",
    "ticket-fields",
    "report-open",
    "error",
];

pub(crate) fn schema(document: &str) -> Value {
    parsed(&run(&["report", "schema", document]))
}

/// `BLESS=1 cargo test --test contract` pins what was added. It never unpins: a key that is gone, renamed or of another
/// type needs version 2.
#[test]
fn keys_are_only_ever_added() {
    let bless = std::env::var_os("BLESS").is_some();
    for document in DOCUMENTS {
        let path = PathBuf::from(format!("fixtures/schemas/{document}.json"));
        let now = without_words(schema(document));
        let pinned: Option<Value> = std::fs::read(&path)
            .ok()
            .map(|bytes| serde_json::from_slice(&bytes).unwrap());
        let lost = pinned
            .as_ref()
            .map(|pinned| lost(pinned, &now))
            .unwrap_or_default();
        assert!(lost.is_empty(), "{document}/v1 lost:\n{}", lost.join("\n"));
        if bless {
            std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
        } else {
            assert_eq!(
                pinned,
                Some(now),
                "{document} has something new; BLESS=1 cargo test --test contract pins it"
            );
        }
    }
}

#[test]
fn a_document_that_is_not_there_is_a_usage_error_that_lists_all() {
    let output = run(&["report", "schema", "nonsense"]);
    assert_eq!(code(&output), 2);
    let wanted = format!("[possible values: {}]", DOCUMENTS.join(", "));
    let said = stderr(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(&wanted), "{said}");
}

#[test]
fn the_shorter_ways_to_a_schema_print_the_same() {
    let printed = |arguments: &[&str]| stdout(&run(arguments)).to_owned();
    assert_eq!(
        printed(&["report", "schema"]),
        printed(&["report", "schema", "report"])
    );
    assert_eq!(
        printed(&["report", "schema", "--diff"]),
        printed(&["report", "schema", "report-diff"])
    );
    assert_eq!(
        printed(&["capture", "--schema"]),
        printed(&["report", "schema", "snapshot"])
    );
}

#[test]
fn every_schema_is_a_json_schema_that_names_its_document() {
    for document in DOCUMENTS {
        let schema = schema(document);
        assert!(jsonschema::meta::is_valid(&schema), "{document}");
        // A line of a batch is a decode answer with its place.
        let name = if document == "decode-line" {
            "decode"
        } else {
            document
        };
        let wanted = json!(format!("work365-doctor/{name}/v1"));
        let alternatives = schema["anyOf"]
            .as_array()
            .cloned()
            .unwrap_or(vec![schema.clone()]);
        for alternative in &alternatives {
            let named = &resolved(&schema, alternative)["properties"]["schema"]["const"];
            assert_eq!(named, &wanted, "{document}");
        }
    }
    let rule_file = parsed(&run(&["rules", "schema"]));
    assert!(jsonschema::meta::is_valid(&rule_file));
}

#[test]
fn what_is_gone_renamed_or_of_another_type_is_noticed_and_what_is_added_is_not() {
    let pinned = json!({
        "type": "object", "required": ["a"],
        "properties": {
            "a": {"type": "string"},
            "list": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
            "open": {"type": "object", "additionalProperties": {"type": "integer"}},
            "word": {"oneOf": [{"const": "x"}, {"const": "y"}]}
        },
        "$defs": {"Item": {"type": "object", "properties": {"b": {"type": ["string", "null"]}, "child": {"$ref": "#/$defs/Item"}}}}
    });
    let changed = |pointer: &str, value: Option<Value>| {
        let mut now = pinned.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = now.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => parent.insert(key.to_owned(), value),
            None => parent.remove(key),
        };
        lost(&pinned, &now)
    };
    assert_eq!(lost(&pinned, &pinned), [""; 0]);
    assert_eq!(
        changed("/properties/new", Some(json!({"type": "string"}))),
        [""; 0]
    );
    assert_eq!(
        changed(
            "/properties/word/oneOf",
            Some(json!([{"const": "x"}, {"const": "y"}, {"const": "z"}]))
        ),
        [""; 0]
    );
    assert_eq!(changed("/properties/a", None), [".a is gone"]);
    assert_eq!(
        changed("/required", Some(json!([]))),
        [".a is not always there any more"]
    );
    assert_eq!(
        changed("/properties/a", Some(json!({"type": ["string", "null"]}))),
        [".a was string, is null or string"]
    );
    assert_eq!(
        changed("/$defs/Item/properties/b", Some(json!({"type": "string"}))),
        [".list[].b was null or string, is string"]
    );
    assert_eq!(
        changed(
            "/properties/open/additionalProperties",
            Some(json!({"type": "string"}))
        ),
        [".open.* was integer, is string"]
    );
    assert_eq!(
        changed("/properties/word/oneOf", Some(json!([{"const": "x"}]))),
        [".word never is \"y\" any more"]
    );
}

/// What is said of the values at one path.
#[derive(Default)]
struct Shape {
    types: BTreeSet<String>,
    words: BTreeSet<String>,
    always: bool,
}

/// What readers of `pinned` could rely on and readers of `now` cannot.
fn lost(pinned: &Value, now: &Value) -> Vec<String> {
    let now = shapes(now);
    let mut lost = Vec::new();
    for (path, old) in shapes(pinned) {
        let Some(new) = now.get(&path) else {
            lost.push(format!("{path} is gone"));
            continue;
        };
        if old.types != new.types {
            let words = |types: &BTreeSet<String>| types.iter().cloned().collect::<Vec<_>>().join(" or ");
            lost.push(format!(
                "{path} was {}, is {}",
                words(&old.types),
                words(&new.types)
            ));
        }
        for word in old.words.difference(&new.words) {
            lost.push(format!("{path} never is {word} any more"));
        }
        if old.always && !new.always {
            lost.push(format!("{path} is not always there any more"));
        }
    }
    lost
}

fn shapes(schema: &Value) -> BTreeMap<String, Shape> {
    let mut shapes = BTreeMap::new();
    walk(schema, schema, "", &mut Vec::new(), &mut shapes);
    shapes
}

fn walk<'a>(
    root: &'a Value,
    schema: &'a Value,
    path: &str,
    inside: &mut Vec<&'a str>,
    shapes: &mut BTreeMap<String, Shape>,
) {
    let shape = shapes.entry(path.to_owned()).or_default();
    match &schema["type"] {
        Value::String(name) => {
            shape.types.insert(name.clone());
        }
        Value::Array(names) => shape
            .types
            .extend(names.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    }
    let words = schema["enum"].as_array().into_iter().flatten();
    shape
        .words
        .extend(words.chain(schema.get("const")).map(Value::to_string));
    if let Some(target) = schema["$ref"].as_str()
        && !inside.contains(&target)
    {
        inside.push(target);
        walk(root, resolved(root, schema), path, inside, shapes);
        inside.pop();
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            walk(root, part, path, inside, shapes);
        }
    }
    if schema["items"].is_object() {
        walk(root, &schema["items"], &format!("{path}[]"), inside, shapes);
    }
    if schema["additionalProperties"].is_object() {
        walk(
            root,
            &schema["additionalProperties"],
            &format!("{path}.*"),
            inside,
            shapes,
        );
    }
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        walk(root, value, &path, inside, shapes);
        let required = schema["required"].as_array().into_iter().flatten();
        let always = required.into_iter().any(|name| name == key);
        shapes.entry(path).or_default().always |= always;
    }
}

/// The schema behind a `$ref`, or the schema itself.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .and_then(|target| root.pointer(target.strip_prefix('#')?))
        .unwrap_or(schema)
}

/// The schema without descriptions: words may change.
fn without_words(schema: Value) -> Value {
    match schema {
        Value::Object(map) => {
            let is_word = |key: &str, value: &Value| key == "description" && value.is_string();
            let kept = map.into_iter().filter(|(key, value)| !is_word(key, value));
            Value::Object(
                kept.map(|(key, value)| (key, without_words(value)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_words).collect()),
        other => other,
    }
}
