//! The JSON Schema of a snapshot file. Bodies are Microsoft's and stay open; sections that a rule reads are named.

use serde_json::{Map, Value, json};

use super::{SCHEMA, SECTIONS};

/// The JSON Schema of `work365-doctor/snapshot/v1`.
pub fn json_schema() -> Value {
    let sections: Map<String, Value> = SECTIONS
        .iter()
        .map(|section| {
            let schema = json!({"description": section.holds, "$ref": "#/$defs/section"});
            (section.name.to_owned(), schema)
        })
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Snapshot",
        "description": "The evidence of one account in one environment: raw answers, one section a question.",
        "type": "object",
        "required": ["schema", "captured_at", "subject", "sections"],
        "properties": {
            "schema": {"const": SCHEMA},
            "captured_at": {"description": "When the evidence was collected.", "type": "string", "format": "date-time"},
            "tool": {
                "description": "What collected it.",
                "type": "object",
                "properties": {"name": {"type": "string"}, "version": {"type": "string"}}
            },
            "redacted": {"description": "Whether names and ids were replaced by pseudonyms.", "type": "boolean", "default": false},
            "subject": schemars::schema_for!(super::Subject).to_value(),
            "sections": {
                "type": "object",
                "properties": sections,
                "additionalProperties": {"$ref": "#/$defs/section"}
            }
        },
        "$defs": {
            "section": {
                "description": "How one question ended, and the service's answer.",
                "type": "object",
                "required": ["outcome"],
                "properties": {
                    "outcome": {"enum": ["ok", "denied", "not_found", "failed", "skipped"]},
                    "read_at": {"type": ["string", "null"]},
                    "http_status": {"type": ["integer", "null"], "minimum": 0, "maximum": 65535},
                    "detail": {"type": ["string", "null"]},
                    "body": {"description": "The answer as it came; collections hold all pages in one `value`."}
                }
            }
        }
    })
}
