//! Calls that fail, messages that are none, cancellation, progress, and the end.

use std::fs;

use serde_json::{Value, json};

use super::{DEMO, ERROR, answers, call, results, server, talk, text_of};
use crate::contract::{code, stderr};

#[test]
fn a_call_that_fails_is_an_error_result_and_no_document() {
    let demo: Value = serde_json::from_str(&fs::read_to_string(DEMO).unwrap()).unwrap();
    let calls = [
        ("decode", json!({}), "missing field `text`"),
        ("decode", json!({"text": 7}), "expected a string"),
        (
            "decode",
            json!({"text": "x", "file": "y"}),
            "unknown field `file`",
        ),
        ("check", json!({}), "exactly one of"),
        (
            "check",
            json!({"snapshot": "a", "snapshot_json": {}}),
            "exactly one of",
        ),
        ("check", json!({"snapshot_json": {}}), "not a snapshot"),
        ("check", json!({"snapshot_json": "{"}), "not a snapshot"),
        (
            "check",
            json!({"snapshot_json": demo, "profile": "best"}),
            "no profile `best`",
        ),
        (
            "check",
            json!({"snapshot_json": demo, "time_zone": "Mars"}),
            "time_zone",
        ),
        (
            "check",
            json!({"snapshot_json": demo, "answers": [{"question": "nope"}]}),
            "no question is called",
        ),
        ("ask", json!({"rights": "all"}), "none of none, user"),
        (
            "ask",
            json!({"symptom": "reset-fail"}),
            "did you mean `reset-fails`",
        ),
        (
            "explain",
            json!({"id": "mfa-conditional-acces"}),
            "did you mean `mfa-conditional-access`",
        ),
    ];
    let sent: Vec<(&str, Value)> = calls
        .iter()
        .map(|(tool, call, _)| (*tool, call.clone()))
        .collect();
    for (result, (tool, call, words)) in results(&[], &sent).iter().zip(&calls) {
        assert_eq!(result["isError"], true, "{tool} {call}");
        assert!(
            text_of(result).contains(words),
            "{tool} {call}: {}",
            text_of(result)
        );
        assert!(result.get("structuredContent").is_none(), "{tool} {call}");
    }
}

#[test]
fn what_is_no_request_costs_nothing_but_itself() {
    let too_long = "A".repeat(17 << 20);
    let messages = [
        call(1, "decode", json!({ "text": too_long })),
        json!({"jsonrpc": "2.0", "id": 2, "method": 7}),
        call(3, "format", json!({})),
        json!({"jsonrpc": "2.0", "id": 4, "method": "resources/read", "params": {"uri": "file:///etc/passwd"}}),
        call(5, "decode", json!({"text": "AADSTS50126"})),
    ];
    let answers = answers(&[], &messages);
    for (answer, words) in answers.iter().zip([
        "longer than 16 MiB",
        "no message",
        "no such tool",
        "no such resource",
    ]) {
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(
        answers[4]["result"]["structuredContent"]["primary"],
        "AADSTS50126"
    );
}

#[test]
fn a_call_that_is_cancelled_is_not_answered_and_one_that_is_watched_tells_how_far_it_is() {
    let long = format!(
        "{ERROR}\n{}",
        "2026-05-05 nothing happened here, and it takes a while\n".repeat(150_000)
    );
    let mut watched = call(
        2,
        "check",
        json!({"snapshot_json": fs::read_to_string(DEMO).unwrap()}),
    );
    watched["params"]["_meta"] = json!({"progressToken": "watched"});
    let messages = [
        call(1, "decode", json!({ "text": long })),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}),
        watched,
    ];
    let (said, output) = talk(&mut server(&[]), &messages);
    assert_eq!(code(&output), 0);
    assert!(said.iter().all(|message| message["id"] != 1));
    let steps: Vec<&Value> = said
        .iter()
        .filter(|message| message["method"] == "notifications/progress")
        .map(|message| &message["params"])
        .collect();
    assert_eq!(steps.len(), 3);
    assert!(
        steps
            .iter()
            .all(|step| step["progressToken"] == "watched" && step["total"] == 3.0)
    );
    assert!(
        said.last().unwrap()["id"] == 2,
        "the answer comes after its progress"
    );
}

#[test]
fn it_ends_with_its_input_and_says_how_to_triage() {
    for input in ["", "\n", "no message\n"] {
        let output = server(&[]).write_stdin(input).output().unwrap();
        assert_eq!((code(&output), stderr(&output)), (0, ""), "{input:?}");
    }
    let output = server(&["--skill"]).output().unwrap();
    let skill = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(skill.starts_with("---\nname: work365-doctor\ndescription: "));
    let output = server(&["--allow", "no/such/folder"]).output().unwrap();
    assert_eq!(code(&output), 2);
}
