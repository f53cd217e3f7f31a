//! What readers of a schema lose with another one: within a version, keys are only ever added.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What is said of the values at one path.
#[derive(Default)]
struct Shape {
    types: BTreeSet<String>,
    words: BTreeSet<String>,
    always: bool,
}

/// What readers of `pinned` could rely on and readers of `now` cannot.
pub(super) fn lost(pinned: &Value, now: &Value) -> Vec<String> {
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

#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::lost;

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
}
