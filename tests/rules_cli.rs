//! `rules …` on the command line: answers on stdout, exit codes of the contract, a new rule from skeleton to verdict.

#![allow(clippy::unwrap_used)]

use assert_cmd::Command;
use serde_json::Value;

fn doctor(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("work365-doctor")
        .unwrap()
        .args(arguments)
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn json(arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = doctor(arguments);
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[test]
fn lists_carry_their_schema_and_the_table_fits_80_columns() {
    let list = json(&["rules", "list", "-o", "json"]);
    assert_eq!(list["schema"], "work365-doctor/rules-list/v1");
    let first = &list["rules"][0];
    for key in ["id", "area", "gate", "severity", "applies", "title"] {
        assert!(!first[key].is_null(), "{key}");
    }
    let facts = json(&["rules", "facts", "-o", "json"]);
    assert_eq!(facts["schema"], "work365-doctor/rules-facts/v1");
    for command in ["list", "facts"] {
        let (code, stdout, _) = doctor(&["rules", command]);
        assert_eq!(code, 0);
        let too_long = stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(too_long, None);
    }
    let (_, graph, _) = doctor(&["rules", "list", "--graph"]);
    assert!(graph.starts_with("flowchart LR\n") && graph.contains(" --> ") && graph.contains(" -.-> "));
}

#[test]
fn the_builtin_rules_lint_and_test_green() {
    let (code, stdout, _) = doctor(&["rules", "lint"]);
    assert_eq!((code, stdout.lines().count()), (0, 1), "{stdout}");
    let (code, stdout, _) = doctor(&["rules", "test"]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.contains("all green"));
    let report = json(&["rules", "test", "-o", "json"]);
    assert_eq!(report["schema"], "work365-doctor/rules-test/v1");
}

#[test]
fn complaints_go_to_stdout_with_exit_1_and_a_missing_path_is_exit_2() {
    let file = "fixtures/rule-files/unknown-fact.yaml";
    let (code, stdout, _) = doctor(&["rules", "lint", file]);
    assert_eq!(code, 1);
    assert!(stdout.contains(&format!(" --> {file}:7:11")), "{stdout}");
    assert!(stdout.contains("did you mean `subject.account`?"));
    let (code, stdout, _) = doctor(&["rules", "lint", file, "-o", "json"]);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (code, &report["schema"]),
        (1, &"work365-doctor/rules-lint/v1".into())
    );
    assert_eq!(report["complaints"][0]["line"], 7);
    assert_eq!(doctor(&["rules", "test", file]).0, 1);
    assert_eq!(doctor(&["rules", "lint", "no/such/folder"]).0, 2);
    let (code, stdout, stderr) = doctor(&["check", "--demo", "--rules", file]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("there is no fact `subject.acount`"), "{stderr}");
}

#[test]
fn a_new_rule_goes_from_skeleton_to_a_tested_rule_without_rust() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let (code, skeleton, _) = doctor(&["rules", "new", "account-is-vip", "--area", "identity"]);
    assert_eq!(code, 0);
    std::fs::write(folder.path().join("vip.yaml"), &skeleton).unwrap();
    assert_eq!(doctor(&["rules", "lint", path]).0, 0);
    let (code, stdout, _) = doctor(&["rules", "test", path]);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.starts_with("ok   account-is-vip  1 fail, 1 pass, 1 unknown\n"));
    let (code, stdout, _) = doctor(&["rules", "list", "--rules", path]);
    assert!(code == 0 && stdout.contains("account-is-vip"));

    let wrong = skeleton.replace("expect: pass", "expect: fail");
    std::fs::write(folder.path().join("vip.yaml"), wrong).unwrap();
    let (code, stdout, _) = doctor(&["rules", "lint", path]);
    assert_eq!(code, 1);
    assert!(stdout.contains("no test expects pass"), "{stdout}");

    let lying = skeleton.replace(
        "svc-d365@contoso.com}, expect: pass",
        "test-2@contoso.com}, expect: pass",
    );
    std::fs::write(folder.path().join("vip.yaml"), lying).unwrap();
    let (code, stdout, _) = doctor(&["rules", "test", path]);
    assert_eq!(code, 1);
    assert!(stdout.contains("expected pass, got fail"), "{stdout}");
    assert_eq!(doctor(&["rules", "new", "Not An Id"]).0, 2);
}
