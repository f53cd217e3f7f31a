//! The JSON Schema of a rule file, for editors: it completes keys, words, owners, sections and facts.
//!
//! Built from the same lists that the check uses; a test holds the two together.

use serde_json::{Value, json};

use crate::facts::{self, FactDefinition, Kind};
use crate::profile::Profile;
use crate::snapshot::SECTIONS;

use crate::rules::condition;
use crate::rules::file::parse::Owners;
use crate::rules::severity::Severity;
use crate::rules::{AREAS, RuleBook};

/// The JSON Schema (draft 2020-12) of a rule file of this book's pack.
pub fn rule_file_schema(book: &RuleBook) -> Value {
    let profiles = Profile::ALL.map(Profile::name);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "work365-doctor rule file",
        "type": "object",
        "additionalProperties": false,
        "required": ["area", "rules"],
        "properties": {
            "area": {"enum": AREAS, "description": "The area of every rule in this file."},
            "checked": day("When somebody last compared the rules of this file with the pages that they link."),
            "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
        },
        "$defs": {
            "rule": rule(),
            "text": {"type": "string", "minLength": 1, "description": "A sentence; `{namespace.name}` puts a fact in, `{{` and `}}` are literal braces."},
            "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
            "verdict": {"enum": ["fail", "blocker", "high", "medium", "low", "info", "pass", "n/a", "pending/fail"]},
            "pending": pending(),
            "remedy": remedy(book.owners()),
            "state": state(),
            "guidance": {
                "type": "object",
                "additionalProperties": false,
                "required": ["source", "date"],
                "properties": {
                    "source": {"type": "string", "minLength": 1, "description": "The document's title and publisher."},
                    "date": {"type": "string", "format": "date", "description": "The document's date, 2019-02-04."},
                },
            },
            "test": test(&profiles),
            "fact": {"enum": fact_names(|_| true)},
            "time-fact": {"enum": fact_names(|fact| fact.kind == Kind::Time)},
            "given": given(),
            "cures": cures(),
        },
    })
}

fn rule() -> Value {
    let ids = json!({"type": "array", "items": {"$ref": "#/$defs/id"}});
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": [
            "id", "gate", "severity", "applies", "when", "title", "expectation", "why", "remedy", "guidance", "tests",
        ],
        "properties": {
            "id": {"$ref": "#/$defs/id"},
            "area": {"enum": AREAS, "description": "Only if it differs from the file's."},
            "gate": {"type": "integer", "minimum": 0, "maximum": 14, "description": "Where the question stands in the order of questions."},
            "severity": {"enum": Severity::ALL.map(Severity::name)},
            "applies": by_profile(&json!({"$ref": "#/$defs/verdict"}), true, false),
            "requires": with(&ids, "If one of these fails, this question is meaningless."),
            "explained-by": with(&ids, "If one of these fails too, this fault is its consequence."),
            "cause-first": {"type": "boolean", "description": "The remedy is in vain while one of the faults of `explained-by` stands: where one could not be looked at, the next step is to look."},
            "when": {"type": "string", "minLength": 1, "maxLength": condition::MAXIMUM_LENGTH, "description": "A CEL expression over facts; true when the fault is there."},
            "cures": {"$ref": "#/$defs/cures"},
            "breaks": {"type": "array", "items": {"$ref": "#/$defs/text"}, "description": "What the remedy may break elsewhere, a sentence each."},
            "pending": {"$ref": "#/$defs/pending"},
            "title": with(&json!({"$ref": "#/$defs/text"}), "What is wrong; shown when the rule fails."),
            "expectation": with(&json!({"$ref": "#/$defs/text"}), "What is expected; shown when it does not fail."),
            "why": with(&json!({"$ref": "#/$defs/text"}), "Why this breaks Work 365."),
            "opens-with-profile-hint": {"type": "boolean", "description": "The remedy opens with the hint to another profile that the evidence speaks for."},
            "optional-evidence": {"type": "boolean", "description": "The evidence is beyond an ordinary collection: an unknown answer makes no run incomplete, and without any such evidence the question is not asked."},
            "catches-refusals": {"type": "boolean", "description": "It catches the refused sign-in that no other fault explains: it passes when a fault that was found lists the code, and that fault is then a blocker. One rule of a pack has it."},
            "later-evidence": {"type": "boolean", "description": "Older versions did not collect the evidence: where nobody asked for it, or there is none, the answer is unknown and makes no run incomplete."},
            "explained-by-codes": with(&json!({"$ref": "#/$defs/fact"}), "A fact that holds error codes: another fault that lists one of them is the cause of this one."),
            "evidence": {"type": "array", "items": {"$ref": "#/$defs/fact"}, "description": "Facts shown beside those that the condition read."},
            "remedy": {"$ref": "#/$defs/remedy"},
            "remedies": by_profile(&json!({"$ref": "#/$defs/remedy"}), false, false),
            "remedy-where": {
                "description": "What to do instead where a fact says so, under the profiles that `remedies` has no advice for. Of several, the first that holds decides.",
                "oneOf": [
                    {"$ref": "#/$defs/state"},
                    {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/state"}},
                ],
            },
            "guidance": by_profile(&json!({"$ref": "#/$defs/guidance"}), false, true),
            "checked": day("The same for this rule alone."),
            "tests": {"type": "array", "minItems": 3, "items": {"$ref": "#/$defs/test"}, "description": "At least one fail (or pending), one pass and one unknown."},
        },
    })
}

/// One entry of `remedy-where`.
fn state() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["fact"],
        "anyOf": [{"required": ["remedy"]}, {"properties": {"independent": {"const": true}}, "required": ["independent"]}],
        "properties": {
            "fact": {"enum": fact_names(|fact| fact.kind == Kind::Bool)},
            "is": {"type": "boolean", "description": "What the fact has to be; true where it is left out."},
            "independent": {"type": "boolean", "description": "The fault has a cause of its own there: none of `explained-by` is behind it."},
            "remedy": {"$ref": "#/$defs/remedy"},
        },
    })
}

fn with(schema: &Value, description: &str) -> Value {
    let mut schema = schema.clone();
    schema["description"] = description.into();
    schema
}

fn day(description: &str) -> Value {
    json!({"type": "string", "format": "date", "description": description})
}

fn by_profile(value: &Value, all_required: bool, with_default: bool) -> Value {
    let default = with_default.then_some("default");
    let names = Profile::ALL.map(Profile::name).into_iter().chain(default);
    let properties: serde_json::Map<_, _> = names.map(|name| (name.to_owned(), value.clone())).collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if all_required {
        schema["required"] = json!(Profile::ALL.map(Profile::name));
    }
    schema
}

fn pending() -> Value {
    let duration = json!({"type": "string", "pattern": "^[0-9]", "description": "A duration: 15m, 1h, 24h."});
    json!({
        "type": "object",
        "description": "The lag of a `pending/fail` rule.",
        "additionalProperties": false,
        "required": ["since", "usual", "limit", "source"],
        "properties": {
            "since": {"$ref": "#/$defs/time-fact"},
            "usual": duration,
            "limit": duration,
            "source": {"type": "string", "minLength": 1},
        },
    })
}

fn remedy(owners: &Owners) -> Value {
    let text = json!({"$ref": "#/$defs/text"});
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["owner", "steps", "avoid", "verify"],
        "properties": {
            "owner": {"enum": owners.keys().collect::<Vec<_>>(), "description": "Who acts."},
            "steps": {"type": "array", "minItems": 1, "items": text},
            "commands": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["shell", "text"],
                    "properties": {"shell": {"enum": ["powershell", "bash", "http"]}, "text": text},
                },
            },
            "avoid": with(&text, "What would make it worse."),
            "verify": with(&text, "How to prove that it is fixed."),
            "links": {"type": "array", "items": {"type": "string", "pattern": "^https://."}},
        },
    })
}

fn test(profiles: &[&str]) -> Value {
    let sections: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["expect"],
        "properties": {
            "profile": {"enum": profiles},
            "now": {"type": "string", "format": "date-time"},
            "facts": {"$ref": "#/$defs/given"},
            "sections": {"type": ["object", "null"], "propertyNames": {"enum": sections}, "description": "Raw bodies for `section(\"…\")`."},
            "expect": {"enum": ["fail", "pass", "pending", "unknown", "not_applicable"]},
        },
    })
}

fn cures() -> Value {
    json!({
        "description": "What is so once the remedy is done: facts and their values then, or `{unavailable: why}`. They must cure the rule's own fail tests and no other rule.",
        "$ref": "#/$defs/given",
    })
}

fn given() -> Value {
    let facts: serde_json::Map<_, _> = facts::definitions()
        .iter()
        .map(|fact| (fact.name.to_owned(), given_fact(fact)))
        .collect();
    json!({
        "type": ["object", "null"],
        "description": "Facts given; every other is unknown.",
        "additionalProperties": false,
        "properties": facts,
    })
}

fn given_fact(fact: &FactDefinition) -> Value {
    let known = match fact.kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Int => json!({"type": "integer"}),
        // YAML reads an unquoted 1033 as a number; the check takes it as the text it is.
        Kind::Text => json!({"type": ["string", "number", "boolean"]}),
        Kind::Time => json!({"type": "string", "format": "date-time"}),
        Kind::Texts => json!({"type": "array", "items": {"type": ["string", "number", "boolean"]}}),
    };
    let unavailable = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["unavailable"],
        "properties": {"unavailable": {"type": ["string", "number"]}},
    });
    let mut choices = vec![known, unavailable];
    if fact.nullable {
        choices.push(json!({"type": "null"}));
    }
    json!({"description": fact.meaning, "anyOf": choices})
}

fn fact_names(wanted: impl Fn(&FactDefinition) -> bool) -> Vec<&'static str> {
    facts::definitions()
        .iter()
        .filter(|fact| wanted(fact))
        .map(|fact| fact.name)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::rule;
    use crate::rules::file::parse::RULE_KEYS;

    #[test]
    fn the_schema_and_the_check_know_the_same_keys() {
        let schema = rule();
        let properties = schema["properties"].as_object();
        let in_schema: BTreeSet<_> = properties
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(in_schema, RULE_KEYS.into());
    }
}
