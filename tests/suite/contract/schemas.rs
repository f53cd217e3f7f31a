//! The schema of every document is printed, is one, and names its document. What they say is pinned beside the code
//! (`src/cli/schemas/`).

use serde_json::{Value, json};

use super::{code, json as parsed, run, stderr, stdout};

/// Every document that the tool prints or writes.
pub(crate) const DOCUMENTS: [&str; 27] = [
    "answers",
    "ask-list",
    "ask",
    "case-file",
    "decode-batch",
    "decode-line",
    "decode",
    "error",
    "explain",
    "facts",
    "fleet",
    "ledger",
    "plan",
    "redaction-map",
    "report-diff",
    "report-open",
    "report",
    "rules-facts",
    "rules-links",
    "rules-lint",
    "rules-list",
    "rules-test",
    "snapshot",
    "ticket-fields",
    "timeline",
    "token",
    "what-if",
];

pub(crate) fn schema(document: &str) -> Value {
    parsed(&run(&["report", "schema", document]))
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

/// The schema behind a `$ref`, or the schema itself.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .and_then(|target| root.pointer(target.strip_prefix('#')?))
        .unwrap_or(schema)
}
