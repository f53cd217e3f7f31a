//! Every JSON document that the tool prints is valid against the schema that the tool prints, key by key.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::schemas::schema;
use super::{BASE, DEMOS, PROFILES, code, fed, hostile, run, snapshot, stderr, text, with_mfa};

/// The schemas, closed: a printed key that the schema does not name is an error too. A snapshot stays open, since
/// bodies are Microsoft's.
struct Schemas(BTreeMap<&'static str, Validator>);

impl Schemas {
    fn of(documents: &[&'static str]) -> Self {
        let validators = documents.iter().map(|document| {
            let mut schema = schema(document);
            if *document != "snapshot" {
                close(&mut schema);
            }
            (*document, jsonschema::validator_for(&schema).unwrap())
        });
        Self(validators.collect())
    }

    fn validate(&self, document: &Value, about: &str) {
        let name = document["schema"].as_str().unwrap();
        let middle = name
            .strip_prefix("work365-doctor/")
            .and_then(|rest| rest.strip_suffix("/v1"));
        let middle = match middle.unwrap_or_else(|| panic!("{about}: {name}")) {
            "decode" if document.get("line").is_some() => "decode-line",
            middle => middle,
        };
        let validator = self.0.get(middle).unwrap_or_else(|| panic!("{about}: {name}"));
        let wrong: Vec<String> = validator
            .iter_errors(document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{about}:\n{}", wrong.join("\n"));
    }

    /// Runs the tool and validates all that it printed: one document, or with `ndjson` one a line. The exit code is
    /// compared when the case is about one.
    fn check(&self, arguments: &[&str], exit: impl Into<Option<i32>>) -> Vec<Value> {
        self.check_fed(arguments, "", exit)
    }

    fn check_fed(&self, arguments: &[&str], stdin: &str, exit: impl Into<Option<i32>>) -> Vec<Value> {
        let output = fed(arguments, stdin);
        let about = arguments.join(" ");
        if let Some(exit) = exit.into() {
            assert_eq!(code(&output), exit, "{about}: {}", stderr(&output));
        }
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.ends_with('\n'), "{about}");
        let documents: Vec<Value> = if arguments.contains(&"ndjson") {
            printed
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        } else {
            vec![serde_json::from_str(&printed).unwrap()]
        };
        assert!(!documents.is_empty(), "{about}");
        for document in &documents {
            self.validate(document, &about);
        }
        documents
    }
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object)
                && !map.contains_key("additionalProperties")
            {
                map.insert("additionalProperties".to_owned(), false.into());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn reports_and_comparisons() {
    let schemas = Schemas::of(&["report", "report-diff", "error"]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, document.to_string()).unwrap();
        path
    };
    for demo in DEMOS {
        for profile in PROFILES {
            let arguments = ["check", "--demo", demo, "--profile", profile, "-o", "json"];
            let reports = schemas.check(&arguments, None);
            if profile == PROFILES[0] {
                file(&format!("{demo}.json"), &reports[0]);
            }
        }
    }
    let error = "AADSTS50076: Trace ID: 21c3e4db-d2fd-44f7-a3e0-5939f84e6000";
    schemas.check(&["check", "--demo", "--error", error, "-o", "json"], 1);

    let hostile = hostile::snapshot(folder.path(), hostile::NAME);
    let arguments = ["check", "--snapshot", text(&hostile), "-o", "json"];
    schemas.check(&arguments, None);
    let empty = snapshot(folder.path(), "empty.json", |snapshot| {
        snapshot["sections"] = json!({})
    });
    schemas.check(&["check", "--snapshot", text(&empty), "-o", "json"], 3);

    let lines = [
        std::fs::read_to_string(BASE).unwrap(),
        "{".to_owned(),
        "[]".to_owned(),
    ]
    .map(|line| line.replace('\n', " "))
    .join("\n");
    let answers = schemas.check_fed(&["check", "--snapshot", "-", "-o", "ndjson"], &lines, 2);
    assert_eq!(answers.len(), 3);
    schemas.check(&["check", "--snapshot", "no/such.json", "-o", "ndjson"], 2);

    let changed = snapshot(folder.path(), "mfa.json", with_mfa);
    let before = schemas.check(&["check", "--snapshot", BASE, "-o", "json"], 0);
    let after = schemas.check(&["check", "--snapshot", text(&changed), "-o", "json"], 1);
    let (before, after) = (file("before.json", &before[0]), file("after.json", &after[0]));
    schemas.check(&["report", "diff", text(&before), text(&after), "-o", "json"], 1);
    schemas.check(&["report", "diff", text(&after), text(&before), "-o", "json"], 0);
    schemas.check(&["report", "render", text(&after), "-o", "ndjson"], 0);
}

#[test]
fn decoded_errors_and_pages() {
    let schemas = Schemas::of(&["decode", "decode-batch", "decode-line", "explain"]);
    let corpus = "fixtures/errors/corpus.jsonl";
    schemas.check(&["decode", "--batch", corpus, "-o", "json"], 0);
    let lines = schemas.check(&["decode", "--batch", corpus, "-o", "ndjson"], 0);
    assert!(lines.len() > 100, "{}", lines.len());
    for item in std::fs::read_to_string(corpus).unwrap().lines().step_by(40) {
        let item: Value = serde_json::from_str(item).unwrap();
        let text = item["text"].as_str().unwrap();
        schemas.check_fed(&["decode", "-", "-o", "json"], text, None);
    }
    schemas.check(&["decode", "nothing of ours", "-o", "json"], 3);
    schemas.check_fed(&["decode", "AADSTS50126", "-", "-o", "ndjson"], "0x80040220", 0);
    for name in [
        "mfa-conditional-access",
        "user-not-synced",
        "system-administrator-missing",
        "AADSTS50076",
        "50126",
        "AADSTS99999999",
        "0x80040220",
        "invalid_grant",
        "Authorization_RequestDenied",
        "basic_action",
    ] {
        schemas.check(&["explain", name, "-o", "json"], 0);
    }
    schemas.check(&["explain", "-o", "json", "--", "-2147220960"], 0);
}

#[test]
fn plans_rules_tokens_and_decisions() {
    let schemas = Schemas::of(&[
        "plan",
        "rules-list",
        "rules-facts",
        "rules-lint",
        "rules-links",
        "rules-test",
        "token",
        "what-if",
    ]);
    schemas.check(&["plan", "-o", "json"], 0);
    schemas.check(
        &["plan", "-o", "ndjson", "--select", "roles", "--cloud", "china"],
        0,
    );
    schemas.check(&["rules", "list", "-o", "json"], 0);
    schemas.check(&["rules", "facts", "-o", "json"], 0);
    schemas.check(&["rules", "lint", "-o", "json"], 0);
    schemas.check(
        &[
            "rules",
            "lint",
            "--stale",
            "1d",
            "--now",
            "2030-01-01T00:00:00Z",
            "-o",
            "json",
        ],
        1,
    );
    schemas.check(&["rules", "links", "-o", "json"], 0);
    schemas.check(&["rules", "test", "-o", "json"], 0);
    for file in ["hostile-text", "unknown-fact", "not-yaml", "wrong-tests"] {
        let path = format!("fixtures/rule-files/{file}.yaml");
        schemas.check(&["rules", "lint", &path, "-o", "json"], 1);
    }

    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    for claims in [
        json!({"aud": "https://graph.microsoft.com", "scp": "User.Read", "exp": 1, "upn": "a@b.c"}),
        json!({"aud": "https://contoso.crm4.dynamics.com", "roles": ["x"], "idtyp": "app", "tid": "t"}),
        json!({}),
    ] {
        let head = part(json!({"alg": "RS256", "typ": "JWT", "kid": "k"}));
        let token = format!("{head}.{}.c2ln", part(claims));
        let arguments = ["token", "--now", "2026-06-15T09:00:00Z", "-o", "json"];
        let report = schemas.check_fed(&arguments, &token, None);
        assert_eq!(report[0]["signature"]["status"], "unverified");
    }

    for demo in DEMOS {
        let path = format!("fixtures/demos/{demo}.json");
        for extra in [
            &[][..],
            &["--ip", "203.0.113.10", "--country", "DE", "--device-code"],
        ] {
            let arguments = [&["what-if", "--snapshot", &path, "-o", "json"], extra].concat();
            schemas.check(&arguments, None);
        }
    }
}

#[test]
fn snapshots_and_the_map_of_pseudonyms() {
    let schemas = Schemas::of(&["snapshot", "redaction-map"]);
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("case.map.json");
    for demo in DEMOS {
        let path = format!("fixtures/demos/{demo}.json");
        schemas.check(&["capture", "--from", &path, "--map", text(&map), "-"], 0);
        schemas.check(&["capture", "--from", &path, "--no-redact", "-"], 0);
    }
    let map: Value = serde_json::from_slice(&std::fs::read(map).unwrap()).unwrap();
    schemas.validate(&map, "the map");
    for base in std::fs::read_dir("fixtures/bases").unwrap() {
        let path = base.unwrap().path();
        schemas.validate(&read(&path), text(&path));
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_key_that_the_schema_does_not_name_is_noticed() {
    let mut schema = schema("report");
    close(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut report: Value =
        serde_json::from_slice(&run(&["check", "--demo", "healthy", "-o", "json"]).stdout).unwrap();
    assert!(validator.is_valid(&report));
    report["findings"][0]["extra"] = 1.into();
    assert!(!validator.is_valid(&report));
    report["findings"][0].as_object_mut().unwrap().remove("extra");
    report["findings"][0]
        .as_object_mut()
        .unwrap()
        .remove("recheck_at");
    assert!(!validator.is_valid(&report), "a nullable key is always there");
}
