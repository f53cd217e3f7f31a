//! `ask` as scripts see it: one step of the interview, its answers, and how it ends.

use std::path::Path;

use serde_json::{Value, json};

use crate::contract::{code, finding, json as parsed, run, stderr, stdout};

const NOW: [&str; 2] = ["--now", "2026-06-15T09:00:00Z"];

fn answers(folder: &Path, answers: &Value) -> String {
    let path = folder.join("answers.json");
    let file = json!({"schema": "work365-doctor/answers/v1", "answers": answers});
    std::fs::write(&path, file.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn step(arguments: &[&str]) -> (Value, i32) {
    let output = run(&[&["ask", "-o", "json"], &NOW[..], arguments].concat());
    let exit = code(&output);
    assert!(stderr(&output).is_empty(), "{}", stderr(&output));
    (parsed(&output), exit)
}

#[test]
fn a_symptom_leads_to_a_question_that_this_person_can_answer() {
    let (first, exit) = step(&["--symptom", "reset-fails", "--rights", "dynamics"]);
    assert_eq!(
        (first["schema"].as_str(), exit),
        (Some("work365-doctor/ask/v1"), 0)
    );
    assert_eq!(first["state"], "asking");
    assert_eq!(first["diagnosis"], Value::Null);
    let question = &first["question"];
    assert!(question["minutes"].as_u64().unwrap() >= 1);
    assert!(!question["separates"].as_array().unwrap().is_empty());
    assert_eq!(first["causes"][0]["id"], "system-administrator-not-in-effect");
    assert_eq!(
        step(&["--symptom", "reset-fails", "--rights", "dynamics"]).0,
        first,
        "the same step again"
    );
}

#[test]
fn nobody_is_asked_what_he_cannot_see_and_the_end_says_who_can() {
    let mut given = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let file = answers(folder.path(), &json!(given));
        let (now, exit) = step(&[
            "--symptom",
            "user-missing",
            "--rights",
            "none",
            "--answers",
            &file,
        ]);
        if now["state"] == "exhausted" {
            assert_eq!(exit, 3);
            assert!(!now["beyond"].as_array().unwrap().is_empty());
            let message = now["message"].as_str().unwrap();
            assert!(message.contains("please look"), "{message}");
            assert!(!given.is_empty());
            return;
        }
        assert_eq!(now["question"]["who"], "none");
        given.push(json!({"question": now["question"]["id"], "value": null, "why": "cannot-see"}));
    }
    panic!("the interview does not end");
}

#[test]
fn an_answer_settles_a_case_and_names_its_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let file = answers(folder.path(), &json!([{"question": "time-zone", "value": false}]));
    let (settled, exit) = step(&["--symptom", "dates-wrong", "--rights", "user", "--answers", &file]);
    // What would explain it needs more rights than a user has.
    assert!(
        matches!(settled["state"].as_str(), Some("settled" | "exhausted")),
        "{settled}"
    );
    assert!(matches!(exit, 1 | 3));
    let first = &settled["causes"][0];
    assert_eq!(first["id"], "time-zone-mismatch");
    assert_eq!(first["standing"], "established");
    assert_eq!(first["because"], json!(["answer time-zone"]));
    assert!(
        settled["diagnosis"]["root_causes"]
            .as_array()
            .unwrap()
            .contains(&json!("time-zone-mismatch"))
    );
}

#[test]
fn bad_answers_and_unknown_symptoms_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = answers(
        folder.path(),
        &json!([{"question": "user-row-access-mode", "value": "Read"}]),
    );
    let wrong = [
        (vec!["ask", "--answers", &file], "wants a whole number"),
        (
            vec!["ask", "--symptom", "reset-fail"],
            "did you mean `reset-fails`?",
        ),
        (vec!["ask", "--answers", "no/such/file"], "no such file"),
        (
            vec!["ask", "--record", "mfa-per-usr"],
            "did you mean `mfa-per-user`?",
        ),
        (vec!["check", "--answers", &file], "goes on from answers"),
    ];
    for (arguments, complaint) in wrong {
        let output = run(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains(complaint),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn every_symptom_and_question_is_listed() {
    let list = parsed(&run(&["ask", "--list", "-o", "json"]));
    assert!(list["symptoms"].as_array().unwrap().len() >= 25);
    assert!(list["questions"].as_array().unwrap().len() >= 70);
    assert!(stdout(&run(&["ask", "--list"])).contains("reset-fails"));
    let page = run(&["explain", "reset-fails"]);
    assert!(stdout(&page).contains("ask --symptom reset-fails"));
}

#[test]
fn read_evidence_wins_over_what_was_reported() {
    let folder = tempfile::tempdir().unwrap();
    let base = "fixtures/bases/healthy-legacy-password.json";
    let file = answers(
        folder.path(),
        &json!([{"question": "user-row-access-mode", "value": 1}]),
    );
    let profile = ["--profile", "legacy-password"];
    let facts = parsed(&run(&[
        &["rules", "facts", "--snapshot", base, "-o", "json"],
        &profile[..],
    ]
    .concat()));
    assert_eq!(facts["schema"], "work365-doctor/facts/v1");
    let mode = facts["facts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|fact| fact["name"] == "user_row.access_mode")
        .unwrap();
    assert_eq!((&mode["known"], &mode["value"]), (&json!(true), &json!(0)));
    let with = run(&[
        &["check", "--snapshot", base, "--answers", &file, "-o", "json"],
        &profile[..],
    ]
    .concat());
    assert_eq!(code(&with), 0, "{}", stderr(&with));
    let report = parsed(&with);
    assert_eq!(
        report["contradictions"][0]["fact"], "user_row.access_mode",
        "the contradiction is shown"
    );
    assert_eq!(report["summary"]["outcome"], "healthy");
}

/// The healthy account without what tells whether its row is disabled, and what a check of it says.
fn check_without_rows(folder: &Path, more: &[&str]) -> Value {
    let mut snapshot: Value = serde_json::from_str(
        &std::fs::read_to_string("fixtures/bases/healthy-legacy-password.json").unwrap(),
    )
    .unwrap();
    let rows = snapshot["sections"]["dataverse.system_users"]["body"]["value"]
        .as_array_mut()
        .unwrap();
    for row in rows {
        row.as_object_mut().unwrap().remove("isdisabled");
    }
    let path = folder.join("without-rows.json");
    std::fs::write(&path, snapshot.to_string()).unwrap();
    let check = [
        "check",
        "--snapshot",
        path.to_str().unwrap(),
        "--profile",
        "legacy-password",
        "-o",
        "json",
    ];
    parsed(&run(&[&check[..], more].concat()))
}

#[test]
fn a_report_that_is_not_settled_holds_the_looks_that_would_settle_it_and_answers_pass_only_as_reported() {
    let folder = tempfile::tempdir().unwrap();
    let open = check_without_rows(folder.path(), &[]);
    assert_eq!(open["summary"]["outcome"], "incomplete");
    let asked = &open["questions"][0];
    assert_eq!(asked["id"], "user-row-disabled", "{}", open["questions"]);
    let next_step = open["diagnosis"]["next_step"].as_str().unwrap();
    assert!(next_step.contains(asked["text"].as_str().unwrap()), "{next_step}");
    let file = answers(
        folder.path(),
        &json!([{"question": "user-row-disabled", "value": false}]),
    );
    let reported = check_without_rows(folder.path(), &["--answers", &file]);
    assert_eq!(reported["summary"]["outcome"], "incomplete");
    let headline = reported["diagnosis"]["headline"].as_str().unwrap();
    assert!(headline.starts_with("As reported"), "{headline}");
    assert!(reported.get("questions").is_none());
}

#[test]
fn an_error_that_a_person_saw_is_settled_by_what_its_code_stands_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = answers(
        folder.path(),
        &json!([{"question": "sign-in-error", "value": 53003}]),
    );
    let rights = ["--rights", "global"];
    let typed = ["--error", "AADSTS53003: Access has been blocked."];
    for evidence in [&["--answers", file.as_str()], &typed] {
        let (now, _) = step(&[&rights[..], &evidence[..]].concat());
        assert_eq!(now["state"], "asking", "a refusal alone settles nothing");
        assert_eq!(now["causes"][0]["id"], "sign-in-refused");
        let separates = now["question"]["separates"].as_array().unwrap();
        assert!(
            separates.contains(&json!("conditional-access-blocks")),
            "{}",
            now["question"]
        );
    }
}

#[test]
fn a_fault_may_rest_on_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut snapshot: Value = serde_json::from_str(
        &std::fs::read_to_string("fixtures/bases/healthy-legacy-password.json").unwrap(),
    )
    .unwrap();
    snapshot["sections"]
        .as_object_mut()
        .unwrap()
        .remove("dataverse.user_settings");
    let path = folder.path().join("snapshot.json");
    std::fs::write(&path, snapshot.to_string()).unwrap();
    let file = answers(folder.path(), &json!([{"question": "format", "value": 1031}]));
    let report = parsed(&run(&[
        "check",
        "--snapshot",
        path.to_str().unwrap(),
        "--answers",
        &file,
        "--profile",
        "legacy-password",
        "-o",
        "json",
    ]));
    let finding = finding(&report, "format-not-english-us");
    assert_eq!(finding["status"], "fail");
    assert!(
        finding["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .any(|evidence| evidence["section"] == "answers")
    );
}

#[test]
fn what_rests_on_the_error_says_so() {
    let (now, _) = step(&["--error", "AADSTS50076: you must use multi-factor authentication"]);
    assert_eq!(now["causes"][0]["id"], "sign-in-refused");
    assert_eq!(now["causes"][0]["because"], json!(["error AADSTS50076"]));
    let base = "fixtures/bases/healthy-legacy-password.json";
    let profile = ["--profile", "legacy-password"];
    let error = ["--error", "AADSTS50999: a new one"];
    let report = parsed(&run(&[
        &["check", "--snapshot", base, "-o", "json"],
        &profile[..],
        &error,
    ]
    .concat()));
    let refused = finding(&report, "sign-in-refused");
    assert_eq!(refused["evidence"][0]["section"], "error");
    let facts = run(&[
        &["rules", "facts", "--snapshot", base, "-o", "json"],
        &profile[..],
        &error,
    ]
    .concat());
    let facts = parsed(&facts);
    let facts = facts["facts"].as_array().unwrap();
    let code = facts.iter().find(|fact| fact["name"] == "attempt.code").unwrap();
    assert_eq!(code["value"], 50999, "--error counts here too");
}

#[test]
fn an_interview_goes_on_where_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept.json");
    let kept = kept.to_str().unwrap();
    let file = answers(
        folder.path(),
        &json!([{"question": "jobs-failing", "value": true}]),
    );
    let ask = ["ask", "-o", "json", "--save", kept];
    let first = run(&[&ask[..], &NOW, &["--symptom", "jobs-fail", "--answers", &file]].concat());
    let again = run(&[&ask[..], &NOW].concat());
    assert!(
        stderr(&again).contains("goes on from the answers"),
        "{}",
        stderr(&again)
    );
    assert_eq!(parsed(&again), parsed(&first), "symptom and answers are kept");
    std::fs::write(kept, "{}").unwrap();
    assert_eq!(code(&run(&ask)), 2, "what is no answers file is not written over");
}

#[test]
fn the_result_of_a_job_tells_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let given = json!([
        {"question": "jobs-failing", "value": true},
        {"question": "job-results", "value": ["work365-provider-refused"]},
    ]);
    let file = answers(folder.path(), &given);
    let arguments = ["--symptom", "jobs-fail", "--rights", "user", "--answers", &file];
    let (settled, exit) = step(&arguments);
    assert_eq!(
        (settled["state"].as_str(), exit),
        (Some("settled"), 1),
        "{settled}"
    );
    assert_eq!(settled["causes"][0]["id"], "work365-provider-refused");
    // What is sent says what is wrong, who does what, and how it is proven.
    let message = settled["message"].as_str().unwrap();
    let headline = settled["diagnosis"]["headline"].as_str().unwrap();
    assert!(
        message.contains(headline)
            && message.contains("The steps:\n- ")
            && message.contains("\nAfterwards: "),
        "{message}"
    );
    // Failing jobs alone settle nothing: any cause can be behind them.
    let file = answers(
        folder.path(),
        &json!([{"question": "jobs-failing", "value": true}]),
    );
    let (asking, _) = step(&["--symptom", "jobs-fail", "--rights", "user", "--answers", &file]);
    assert_eq!(asking["state"], "asking");
    assert_eq!(asking["causes"][0]["standing"], "possible");
}

#[test]
fn each_person_is_asked_once() {
    let given = json!([
        {"question": "sign-in-error", "value": null, "why": "cannot-see"},
    ]);
    let folder = tempfile::tempdir().unwrap();
    let file = answers(folder.path(), &given);
    let arguments = [
        "--symptom",
        "user-missing",
        "--rights",
        "none",
        "--answers",
        &file,
    ];
    let mut given = given;
    for _ in 0..20 {
        let (now, _) = step(&arguments);
        let Some(message) = now["message"].as_str() else {
            let list = given.as_array_mut().unwrap();
            list.push(json!({"question": now["question"]["id"], "value": null, "why": "cannot-see"}));
            answers(folder.path(), &given);
            continue;
        };
        let beyond = now["beyond"].as_array().unwrap();
        let persons: std::collections::BTreeSet<&str> =
            beyond.iter().filter_map(|look| look["who"].as_str()).collect();
        assert!(persons.len() > 1, "{message}");
        assert_eq!(message.matches("please look").count(), persons.len(), "{message}");
        return;
    }
    panic!("the interview does not end");
}

#[test]
fn what_is_established_is_shown_before_what_may_be_behind_it_and_weights_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = answers(
        folder.path(),
        &json!([{"question": "user-row-access-mode", "value": 1}]),
    );
    let shown = stdout(&run(&["ask", "--answers", &file])).to_owned();
    let established = shown
        .find("Established, this is not so:\n  - Access Mode is Read-Write")
        .unwrap();
    let behind = shown.find("What may be behind it").unwrap();
    assert!(established < behind && !shown.contains('%'), "{shown}");
    assert!(!shown.contains("causes are left"), "{shown}");
}
