//! `mcp` as a client meets it: messages of the protocol over stdin and stdout, the command line's documents in the answers.

mod protocol;
mod trust;

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::contract::{code, json as parsed, run, stderr};

const DEMO: &str = "fixtures/demos/mfa-by-conditional-access.json";
const ERROR: &str = "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new \
                     location, you must use multi-factor authentication to access 'svc'. Trace ID: \
                     11111111-2222-3333-4444-555555555555";

/// What a client says first.
fn greeting() -> Vec<Value> {
    vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ]
}

fn call(id: u32, tool: &str, arguments: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn server(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("work365-doctor").unwrap();
    command.env_clear().arg("mcp").args(arguments);
    command
}

/// Everything that the server says to these messages, and how it ends; its input ends with the last one.
fn talk(command: &mut Command, messages: &[Value]) -> (Vec<Value>, Output) {
    let input: String = greeting()
        .iter()
        .chain(messages)
        .map(|message| format!("{message}\n"))
        .collect();
    let output = command.write_stdin(input).output().unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    let said = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (said, output)
}

/// The answers to these messages, which have the ids from 1, in their order.
fn answers(arguments: &[&str], messages: &[Value]) -> Vec<Value> {
    let (said, output) = talk(&mut server(arguments), messages);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    (1..=messages.len())
        .map(|id| {
            let mut of_it = said.iter().filter(|message| message["id"] == id);
            let answer = of_it.next().unwrap_or_else(|| panic!("no answer to {id}"));
            assert!(of_it.next().is_none(), "two answers to {id}");
            answer.clone()
        })
        .collect()
}

fn results(arguments: &[&str], calls: &[(&str, Value)]) -> Vec<Value> {
    let messages: Vec<Value> = (1..)
        .zip(calls)
        .map(|(id, (tool, arguments))| call(id, tool, arguments.clone()))
        .collect();
    answers(arguments, &messages)
        .into_iter()
        .map(|answer| answer["result"].clone())
        .collect()
}

/// What the command line answers.
fn command_line(arguments: &[&str]) -> Value {
    parsed(&run(&[arguments, &["-o", "json"]].concat()))
}

fn text_of(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

#[test]
fn the_answers_are_the_documents_of_the_command_line() {
    let folder = fs::canonicalize("fixtures").unwrap();
    let folder = folder.to_str().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let document = json!({"schema": "work365-doctor/answers/v1", "answers": [
        {"question": "per-user-mfa", "value": null, "why": "cannot-see"}]});
    let file = scratch.path().join("answers.json");
    fs::write(&file, document.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let snapshot: Value = serde_json::from_str(&fs::read_to_string(DEMO).unwrap()).unwrap();
    let long = format!("{}\n{ERROR}\n", "2026-05-05 nothing happened here\n".repeat(6000));
    let log = scratch.path().join("long.log");
    fs::write(&log, &long).unwrap();
    let cases: Vec<(&str, Value, Vec<&str>)> = vec![
        ("decode", json!({ "text": ERROR }), vec!["decode", ERROR]),
        (
            "decode",
            json!({ "text": long }),
            vec!["decode", log.to_str().unwrap()],
        ),
        (
            "check",
            json!({ "snapshot": DEMO }),
            vec!["check", "--snapshot", DEMO],
        ),
        (
            "check",
            json!({ "snapshot_json": snapshot }),
            vec!["check", "--snapshot", DEMO],
        ),
        (
            "check",
            json!({ "snapshot_json": snapshot.to_string() }),
            vec!["check", "--snapshot", DEMO],
        ),
        (
            "check",
            json!({"snapshot": "demos/healthy.json", "profile": "consent", "time_zone": "Europe/Berlin", "error": ERROR, "answers": document}),
            vec![
                "check",
                "--snapshot",
                "fixtures/demos/healthy.json",
                "--profile",
                "consent",
                "--time-zone",
                "Europe/Berlin",
                "--error",
                ERROR,
                "--answers",
                file,
            ],
        ),
        (
            "ask",
            json!({ "symptom": "reset-fails" }),
            vec!["ask", "--symptom", "reset-fails"],
        ),
        (
            "ask",
            json!({"snapshot": DEMO, "error": ERROR, "rights": "global", "profile": "consent", "answers": document["answers"]}),
            vec![
                "ask",
                "--snapshot",
                DEMO,
                "--error",
                ERROR,
                "--rights",
                "global",
                "--profile",
                "consent",
                "--answers",
                file,
            ],
        ),
        (
            "explain",
            json!({ "id": "mfa-conditional-access" }),
            vec!["explain", "mfa-conditional-access"],
        ),
        (
            "explain",
            json!({ "id": "-2147220960" }),
            vec!["explain", "--", "-2147220960"],
        ),
        (
            "explain",
            json!({ "id": "reset-fails" }),
            vec!["explain", "reset-fails"],
        ),
    ];
    let calls: Vec<(&str, Value)> = cases
        .iter()
        .map(|(tool, call, _)| (*tool, call.clone()))
        .collect();
    for (result, (tool, _, command)) in results(&["--allow", folder], &calls).iter().zip(&cases) {
        let (before, after) = command.split_at(1);
        // The format comes before a `--`.
        let wanted = parsed(&run(&[before, &["-o", "json"], after].concat()));
        assert_eq!(result["isError"], false, "{command:?}: {}", text_of(result));
        assert_eq!(result["structuredContent"], wanted, "{command:?}");
        assert_eq!(
            serde_json::from_str::<Value>(text_of(result)).unwrap(),
            wanted,
            "{command:?}"
        );
        let is_marked = result["_meta"]["work365-doctor/content"] == "untrusted";
        assert_eq!(is_marked, *tool != "explain", "{command:?}");
    }
}

#[test]
fn there_are_four_tools_with_the_published_schemas() {
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let listed = answers(&[], &[list])[0]["result"]["tools"].clone();
    let tools: Vec<(&str, &str)> = vec![
        ("decode", "decode"),
        ("check", "report"),
        ("ask", "ask"),
        ("explain", "explain"),
    ];
    assert_eq!(listed.as_array().unwrap().len(), tools.len());
    for (tool, (name, document)) in listed.as_array().unwrap().iter().zip(tools) {
        assert_eq!(tool["name"], name);
        let mut schema = parsed(&run(&["report", "schema", document]));
        schema.as_object_mut().unwrap().remove("$schema");
        schema
            .as_object_mut()
            .unwrap()
            .entry("type")
            .or_insert(json!("object"));
        assert_eq!(tool["outputSchema"], schema, "{name}");
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{name}");
        assert_eq!(tool["annotations"]["openWorldHint"], false, "{name}");
    }
}

#[test]
fn rules_and_codes_are_resources() {
    let read = |id: u32, uri: &str| json!({"jsonrpc": "2.0", "id": id, "method": "resources/read", "params": {"uri": uri}});
    let cases: [(&str, &[&str]); 4] = [
        ("work365-doctor://rules", &["rules", "list"]),
        (
            "work365-doctor://rules/mfa-per-user",
            &["explain", "mfa-per-user"],
        ),
        ("work365-doctor://codes/AADSTS50076", &["explain", "AADSTS50076"]),
        (
            "work365-doctor://codes/OAuth%3Ainvalid_grant",
            &["explain", "invalid_grant"],
        ),
    ];
    let messages: Vec<Value> = (1..).zip(cases).map(|(id, (uri, _))| read(id, uri)).collect();
    for (answer, (uri, command)) in answers(&[], &messages).iter().zip(cases) {
        let contents = &answer["result"]["contents"][0];
        assert_eq!(
            (&contents["uri"], &contents["mimeType"]),
            (&json!(uri), &json!("application/json"))
        );
        let document: Value = serde_json::from_str(contents["text"].as_str().unwrap()).unwrap();
        assert_eq!(document, command_line(command), "{uri}");
    }
}
