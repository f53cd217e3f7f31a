//! `rules …` on the command line: answers on stdout, exit codes of the contract, a new rule from skeleton to verdict.

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

#[test]
fn what_nobody_has_looked_at_since_is_listed() {
    let at = |now: &str, age: &str| doctor(&["rules", "lint", "--stale", age, "--now", now]);
    let (code, stdout, _) = at("2026-12-15T00:00:00Z", "30d");
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.ends_with("nothing stale\n"), "{stdout}");
    let (code, stdout, _) = at("2027-12-01T00:00:00Z", "1y");
    assert_eq!(code, 1);
    for what in [
        "rule mfa-per-user",
        "menu environment_users",
        "approved-client-app-ends",
        "rules/owners.yaml",
    ] {
        assert!(stdout.contains(what), "{what} is not in\n{stdout}");
    }
    let (code, stdout, _) = doctor(&["rules", "lint"]);
    assert_eq!(code, 0);
    assert!(!stdout.contains("stale"), "{stdout}");
}

#[test]
fn a_rule_that_nobody_dated_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let (_, skeleton, _) = doctor(&["rules", "new", "vip-account-locked"]);
    let path = folder.path().join("vip.yaml");
    std::fs::write(&path, skeleton).unwrap();
    let (code, stdout, _) = doctor(&[
        "rules",
        "lint",
        path.to_str().unwrap(),
        "--stale",
        "180d",
        "--now",
        "2026-12-15T00:00:00Z",
    ]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("never  rule vip-account-locked"), "{stdout}");
}

#[test]
fn every_address_is_an_https_page_that_somebody_names() {
    let links = json(&["rules", "links", "-o", "json"]);
    assert_eq!(links["schema"], "work365-doctor/rules-links/v1");
    let links = links["links"].as_array().unwrap();
    assert!(links.len() > 60, "{}", links.len());
    for link in links {
        let address = link["address"].as_str().unwrap();
        let host = address
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next());
        let sound = host.is_some_and(|host| host.contains('.') && !host.contains('@'))
            && address
                .chars()
                .all(|character| character.is_ascii_graphic() && !"<>\"{}".contains(character));
        assert!(sound, "{address}");
        assert!(!link["used_by"].as_array().unwrap().is_empty(), "{address}");
        assert!(!address.contains("/en-us/"), "{address} is bound to a language");
    }
    let (code, stdout, _) = doctor(&["rules", "links"]);
    assert_eq!((code, stdout.lines().count()), (0, links.len()));
}

#[test]
fn every_builtin_rule_has_a_page_and_a_day() {
    let book = work365_doctor::rules::RuleBook::builtin().unwrap();
    for claim in work365_doctor::rules::knowledge::claims(&book).unwrap() {
        assert!(claim.checked.is_some(), "{} has no day", claim.what);
        // It judges what the user expects, so that no page stands behind it.
        let is_own = claim.what == "rule expected-state-drifted";
        assert!(is_own || !claim.sources.is_empty(), "{} has no page", claim.what);
        let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&claim.file);
        assert!(place.exists(), "{} is not there", claim.file);
    }
}

#[test]
fn every_file_of_the_pack_is_dated() {
    let book = work365_doctor::rules::RuleBook::builtin().unwrap();
    let claims = work365_doctor::rules::knowledge::claims(&book).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // These claim nothing about a product.
        if [
            "case-file.yaml",
            "guards.yaml",
            "pack.yaml",
            "reply.yaml",
            "rule.schema.json",
            "schemas",
            "sources.yaml",
        ]
        .contains(&name.as_str())
        {
            continue;
        }
        let path = format!("rules/{name}");
        let covered = claims.iter().any(|claim| claim.file.starts_with(&path));
        assert!(covered, "{path} has no row in rules/sources.yaml");
    }
}
