//! The command line as its users and their scripts meet it: what is printed where, and the exit code.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

use crate::contract::finding;

const BASE: &str = "fixtures/bases/healthy-legacy-password.json";

/// The tool in a clean environment, so that no variable or configuration file of the machine counts.
fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("work365-doctor").unwrap();
    command
        .env_clear()
        .env("COLUMNS", "80")
        .args(["--no-config"])
        .args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    tool(arguments).output().unwrap()
}

/// The tool in another folder, with the configuration that lies there.
fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("work365-doctor")
        .unwrap()
        .env_clear()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A snapshot file with one section replaced.
fn variant(folder: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut snapshot: Value = serde_json::from_str(&std::fs::read_to_string(BASE).unwrap()).unwrap();
    change(&mut snapshot);
    let path = folder.join(name);
    std::fs::write(&path, serde_json::to_vec(&snapshot).unwrap()).unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_demonstration_prints_a_diagnosis_and_exits_with_1() {
    let output = run(&["check", "--demo"]);
    assert_eq!(code(&output), 1);
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!("demo-table", stdout(&output));
}

#[test]
fn the_table_keeps_to_80_columns_except_for_what_is_pasted() {
    let output = stdout(&run(&["check", "--demo", "-v"]));
    for line in output
        .lines()
        .filter(|line| !line.starts_with("      ") && !line.contains("https://"))
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_json_report_has_the_keys_of_the_contract() {
    let output = run(&["check", "--demo", "-o", "json"]);
    assert_eq!(code(&output), 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "work365-doctor/report/v1");
    for key in [
        "tool",
        "rule_pack",
        "profile",
        "generated_at",
        "captured_at",
        "subject",
        "summary",
        "diagnosis",
        "findings",
        "errors",
        "requests",
    ] {
        assert!(!report[key].is_null(), "{key}");
    }
    for key in ["headline", "root_causes", "password", "next_step", "checklist"] {
        assert!(!report["diagnosis"][key].is_null(), "{key}");
    }
    let finding = &report["findings"][0];
    for key in [
        "id",
        "area",
        "title",
        "status",
        "severity",
        "root_cause",
        "explained_by",
        "blocked_by",
        "unknown_because",
        "evidence",
        "why",
        "remedy",
        "guidance",
        "recheck_at",
    ] {
        assert!(finding.get(key).is_some(), "{key}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = run(&["check", "--demo", "-o", "json"]);
    let twice = run(&["check", "--demo", "-o", "json"]);
    assert_eq!(once.stdout, twice.stdout);
}

#[test]
fn strict_turns_an_open_question_into_exit_4_and_nothing_else_does() {
    assert_eq!(code(&run(&["check", "--demo", "unreadable-policies"])), 0);
    assert_eq!(
        code(&run(&["check", "--demo", "unreadable-policies", "--strict"])),
        4
    );
    assert_eq!(code(&run(&["check", "--demo", "healthy", "--strict"])), 0);
    assert_eq!(code(&run(&["check", "--demo", "--strict"])), 1);
}

#[test]
fn faults_below_the_threshold_are_listed_and_do_not_count() {
    let only = [
        "check",
        "--demo",
        "--select",
        "format-not-english-us",
        "-o",
        "json",
    ];
    assert_eq!(code(&run(&only)), 1);
    let output = run(&[&only[..], &["--fail-on", "high"]].concat());
    assert_eq!(code(&output), 0);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["outcome"], "healthy");
    assert_eq!(report["summary"]["fail"], 1);
    assert_eq!(report["diagnosis"]["root_causes"], serde_json::json!([]));
}

#[test]
fn an_exit_code_of_0_can_be_asked_for() {
    assert_eq!(code(&run(&["check", "--demo", "--exit-zero"])), 0);
}

#[test]
fn a_selection_that_names_nothing_is_a_usage_error_with_a_suggestion() {
    let output = run(&["check", "--demo", "--select", "mfa-conditional-acces"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("did you mean `mfa-conditional-access`?"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        code(&run(&[
            "check", "--demo", "--select", "roles", "--ignore", "roles"
        ])),
        2
    );
}

#[test]
fn the_first_words_of_ids_select_what_begins_with_them() {
    let output = run(&["check", "--demo", "--select", "mfa", "-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.len() > 2 && ids.iter().all(|id| id.starts_with("mfa-")),
        "{ids:?}"
    );
}

#[test]
fn what_was_not_judged_at_all_is_not_healthy() {
    let mut snapshot: Value = serde_json::from_str(&std::fs::read_to_string(BASE).unwrap()).unwrap();
    for section in snapshot["sections"].as_object_mut().unwrap().values_mut() {
        *section = serde_json::json!({"outcome": "failed", "detail": "no answer within 30 s"});
    }
    let output = tool(&[
        "check",
        "--snapshot",
        "-",
        "-o",
        "ndjson",
        "--select",
        "time-zone-mismatch",
    ])
    .write_stdin(snapshot.to_string())
    .output()
    .unwrap();
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["summary"]["outcome"], "incomplete");
}

#[test]
fn evidence_must_come_from_exactly_one_place() {
    for arguments in [
        &["check"][..],
        &["check", "--demo", "--snapshot", BASE],
        &["check", "--demo", "nonsense"],
        &["check", "--demo", "--profile", "nonsense"],
        &["check", "--demo", "--time-zone", "Mars/Olympus"],
        &["check", "--demo", "--now", "yesterday"],
        &["check", "--demo", "-o", "json", "-o", "table"],
        &["check", "--demo", "-o", "yaml"],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).starts_with("error: "),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[test]
fn a_value_of_another_type_costs_its_section_and_names_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = variant(folder.path(), "typed.json", |snapshot| {
        snapshot["sections"]["dataverse.system_users"]["body"]["value"][0]["accessmode"] = "zero".into();
    });
    let output = run(&[
        "check",
        "--snapshot",
        text(&path),
        "--profile",
        "legacy-password",
        "-o",
        "json",
    ]);
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let finding = finding(&report, "access-mode-not-read-write");
    assert_eq!(finding["status"], "unknown");
    let because = &finding["unknown_because"][0];
    assert_eq!(because["section"], "dataverse.system_users");
    assert_eq!(because["reason"], "failed");
    let detail = because["detail"].as_str().unwrap();
    assert!(detail.contains("value[0].accessmode"), "{detail}");
}

#[test]
fn a_file_that_is_no_snapshot_gives_one_error_that_names_file_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(BASE).unwrap();
    let mut deep = whole.clone();
    let nested = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    deep.splice(deep.len() - 2.., format!(", \"x\": {nested}}}").into_bytes());
    for (name, bytes, place) in [
        (
            "text.json",
            b"AADSTS50126: Error validating".to_vec(),
            "read by `decode`",
        ),
        (
            "answer.json",
            br#"{"error":{"code":"0x80040220"}}"#.to_vec(),
            "names no schema",
        ),
        ("empty.json", Vec::new(), "the file is empty"),
        ("cut.json", whole[..whole.len() / 2].to_vec(), "cut off"),
        ("nul.json", [&whole[..10], b"\0", &whole[10..]].concat(), "is NUL"),
        ("deep.json", deep, "nested more than"),
        (
            "schema.json",
            br#"{"schema":"work365-doctor/report/v1"}"#.to_vec(),
            "work365-doctor/snapshot/v1",
        ),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let output = run(&["check", "--snapshot", text(&path)]);
        assert_eq!(code(&output), 2, "{name}");
        let said = stderr(&output);
        assert!(said.contains(name) && said.contains(place), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(stdout(&output), "", "{name}");
    }
}

#[test]
fn a_file_over_the_limit_is_refused_without_being_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.json");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(8 * 1024 * 1024 * 1024).unwrap();
    let output = run(&["check", "--snapshot", text(&path)]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("larger than 64 MiB"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn many_snapshots_are_answered_in_input_order_with_a_bad_one_in_its_place() {
    let mut snapshot: Value = serde_json::from_str(&std::fs::read_to_string(BASE).unwrap()).unwrap();
    let accounts: Vec<String> = (0..40)
        .map(|number| format!("svc-{number}@fabrikam.com"))
        .collect();
    let mut lines: Vec<String> = accounts
        .iter()
        .map(|account| {
            snapshot["subject"]["account"] = account.as_str().into();
            serde_json::to_string(&snapshot).unwrap()
        })
        .collect();
    lines[7] = "{\"schema\":".to_owned();
    let output = tool(&["check", "--snapshot", "-", "-o", "ndjson"])
        .write_stdin(lines.join("\n"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 2);
    let answers: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 40);
    for (position, answer) in answers.iter().enumerate() {
        if position == 7 {
            assert_eq!(answer["schema"], "work365-doctor/error/v1");
            assert_eq!(answer["input"], "-");
            assert_eq!(answer["line"], 8);
        } else {
            assert_eq!(answer["subject"]["account"], accounts[position].as_str());
            assert_eq!(answer["input"], format!("-:{}", position + 1));
        }
    }
}

#[test]
fn an_indented_snapshot_on_stdin_is_one_snapshot() {
    let indented = std::fs::read_to_string(BASE).unwrap();
    let output = tool(&["check", "--snapshot", "-", "-o", "short"])
        .write_stdin(indented)
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).starts_with("-: healthy: "), "{}", stdout(&output));
}

#[test]
fn a_folder_is_every_snapshot_in_it_and_json_for_many_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    variant(folder.path(), "b.json", |_| {});
    variant(folder.path(), "a.json", |snapshot| {
        snapshot["sections"]["graph.per_user_mfa"]["body"]["perUserMfaState"] = "enforced".into();
    });
    let output = run(&["check", "--snapshot", text(folder.path()), "-o", "ndjson"]);
    assert_eq!(code(&output), 1);
    let outcomes: Vec<String> = stdout(&output)
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["summary"]["outcome"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(outcomes, ["unhealthy", "healthy"]);
    let place = |name: &str| folder.path().join(name).display().to_string();
    for format in ["ndjson", "short", "markdown", "table"] {
        let output = run(&["check", "--snapshot", text(folder.path()), "-o", format]);
        let said = stdout(&output);
        for name in ["a.json", "b.json"] {
            assert_eq!(
                said.matches(&place(name)).count(),
                1,
                "{format} names {name} once: {said}"
            );
        }
    }
    // One account needs no name: nothing else could be meant.
    let one = run(&["check", "--snapshot", &place("a.json"), "-o", "ndjson"]);
    assert!(!stdout(&one).contains("\"input\""));
    let refused = run(&["check", "--snapshot", text(folder.path()), "-o", "json"]);
    assert_eq!(code(&refused), 2);
    assert!(stderr(&refused).contains("-o ndjson"));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(code(&run(&["check", "--snapshot", text(empty.path())])), 2);
}

#[test]
fn two_formats_can_be_written_at_once_when_one_goes_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let output = run(&[
        "check",
        "--demo",
        "-o",
        "short",
        "-o",
        &format!("json={}", file.display()),
    ]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).starts_with("unhealthy: "));
    let report: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(report["summary"]["outcome"], "unhealthy");
}

#[test]
fn names_from_the_tenant_cannot_steer_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = variant(folder.path(), "hostile.json", |snapshot| {
        snapshot["subject"]["account"] = "svc\u{1b}]0;owned\u{7}@fabrikam.com".into();
        let policies = &mut snapshot["sections"]["graph.conditional_access_policies"]["body"]["value"];
        policies[0]["displayName"] = "\u{1b}[2JMFA\u{202e}\r\nPASS everything".into();
        policies[0]["state"] = "enabled".into();
        policies[0]["conditions"]["users"]["excludeUsers"] = serde_json::json!([]);
        policies[0]["conditions"]["users"]["excludeGroups"] = serde_json::json!([]);
    });
    for format in ["table", "short"] {
        let output = run(&[
            "check",
            "--snapshot",
            text(&path),
            "-o",
            format,
            "-v",
            "--color",
            "never",
        ]);
        let shown = stdout(&output);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{format}");
        assert!(
            !shown.lines().any(|line| line.starts_with("PASS everything")),
            "{format}"
        );
    }
}

#[test]
fn colour_is_used_only_when_wanted_and_status_is_always_a_word() {
    let plain = stdout(&run(&["check", "--demo"]));
    let coloured = stdout(&run(&["check", "--demo", "--color", "always"]));
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    assert!(plain.contains("UNHEALTHY") && plain.contains("\nFAIL "));
}

#[test]
fn a_variable_sets_a_flag_and_the_flag_wins() {
    let profile = |arguments: &[&str], variable: Option<&str>| {
        let mut command = tool(&[&["check", "--demo", "-o", "json"][..], arguments].concat());
        if let Some(variable) = variable {
            command.env("WORK365_DOCTOR_PROFILE", variable);
        }
        let output = command.output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["profile"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(profile(&[], None), "legacy-password");
    assert_eq!(profile(&[], Some("consent")), "consent");
    assert_eq!(
        profile(&["--profile", "application-user"], Some("consent")),
        "application-user"
    );
}

#[test]
fn a_bad_value_is_blamed_on_the_place_that_it_stands_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let complaint = |content: &str, variable: Option<&str>, extra: &[&str]| {
        std::fs::write(&file, content).unwrap();
        let mut command = Command::cargo_bin("work365-doctor").unwrap();
        command
            .env_clear()
            .args(["--config", text(&file), "check", "--demo"])
            .args(extra);
        if let Some(variable) = variable {
            command.env("WORK365_DOCTOR_FAIL_ON", variable);
        }
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let in_file = format!("The value stands in {}.", text(&file));
    assert!(complaint("fail-on = \"severe\"", None, &[]).contains(&in_file));
    assert!(complaint("time-zone = \"Mars\"", None, &[]).contains(&in_file));
    let of_variable = "The value is that of the variable WORK365_DOCTOR_FAIL_ON.";
    assert!(complaint("", Some("severe"), &[]).contains(of_variable));
    let given = complaint("fail-on = \"high\"", None, &["--fail-on", "severe"]);
    assert!(
        given.contains("severe") && !given.contains("The value"),
        "{given}"
    );
}

#[test]
fn the_configuration_file_sets_defaults_and_an_unknown_key_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let base = std::fs::canonicalize(BASE).unwrap();
    let check = |extra: &[&str]| {
        Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .current_dir(folder.path())
            .args(["check", "--snapshot", text(&base), "-o", "json"])
            .args(extra)
            .output()
            .unwrap()
    };
    std::fs::write(
        folder.path().join("work365-doctor.toml"),
        "profile = \"consent\"\nselect = [\"roles\", \"sign-in\"]\n",
    )
    .unwrap();
    let report: Value = serde_json::from_slice(&check(&[]).stdout).unwrap();
    assert_eq!(report["profile"], "consent");
    let areas: std::collections::BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["area"].as_str().unwrap())
        .collect();
    assert_eq!(areas.into_iter().collect::<Vec<_>>(), ["roles", "sign-in"]);
    let report: Value = serde_json::from_slice(&check(&["--profile", "legacy-password"]).stdout).unwrap();
    assert_eq!(report["profile"], "legacy-password");
    std::fs::write(
        folder.path().join("work365-doctor.toml"),
        "profil = \"consent\"\n",
    )
    .unwrap();
    let output = check(&[]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("profil") && stderr(&output).contains("work365-doctor.toml"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_exception_holds_until_its_date_and_only_for_the_evidence_it_was_granted_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = variant(folder.path(), "snapshot.json", |snapshot| {
        snapshot["sections"]["dataverse.system_users"]["body"]["value"][0]["accessmode"] = 2.into();
    });
    let check = |acceptance: &str| -> (i32, Value) {
        let config = folder.path().join("exceptions.toml");
        std::fs::write(&config, acceptance).unwrap();
        let output = Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .args([
                "check",
                "--config",
                text(&config),
                "--snapshot",
                text(&path),
                "-o",
                "json",
            ])
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{}", stderr(&output));
        (code(&output), serde_json::from_slice(&output.stdout).unwrap())
    };
    let acceptance = |expires: &str, mode: u8| {
        format!(
            "[[accept]]\nrule = \"access-mode-not-read-write\"\nreason = \"reports only\"\nowner = \"billing team\"\nexpires = \"{expires}\"\nevidence = {{ \"user_row.access_mode\" = {mode} }}\n"
        )
    };
    let (exit, report) = check(&acceptance("2099-12-31", 2));
    assert_eq!(exit, 0);
    assert_eq!(report["summary"]["outcome"], "healthy");
    assert_eq!(report["exceptions"][0]["state"], "applied");
    for (expires, mode, state) in [("2020-01-01", 2, "expired"), ("2099-12-31", 1, "changed")] {
        let (exit, report) = check(&acceptance(expires, mode));
        assert_eq!(exit, 1, "{state}");
        assert_eq!(report["exceptions"][0]["state"], state);
        assert_eq!(
            report["diagnosis"]["root_causes"][0],
            "access-mode-not-read-write"
        );
    }
    let (_, report) =
        check(&acceptance("2099-12-31", 2).replace("access-mode-not-read-write", "mfa-per-user"));
    assert_eq!(report["exceptions"][0]["state"], "unmatched");
}

#[test]
fn an_exception_that_could_never_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("exceptions.toml");
    let sound = "[[accept]]\nrule = \"access-mode-not-read-write\"\nreason = \"reports only\"\nowner = \"billing team\"\nexpires = \"2099-12-31\"\nevidence = { \"user_row.access_mode\" = 2 }\n";
    for (right, wrong, told) in [
        (
            "\"access-mode-not-read-write\"",
            "\"acces-mode-not-read-write\"",
            "did you mean `access-mode-not-read-write`?",
        ),
        (
            "user_row.access_mode",
            "user_row.acces_mode",
            "`user_row.acces_mode`, which does not exist",
        ),
        ("{ \"user_row.access_mode\" = 2 }", "{}", "names no evidence"),
    ] {
        std::fs::write(&config, sound.replace(right, wrong)).unwrap();
        let output = Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .args(["check", "--config", text(&config), "--demo", "healthy"])
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{wrong}");
        assert!(output.stdout.is_empty());
        let complaint = stderr(&output);
        assert!(
            complaint.contains("exceptions.toml: [[accept]]") && complaint.contains(told),
            "{complaint}"
        );
    }
}

#[test]
fn a_configuration_that_was_found_reaches_no_further_than_judgement_until_it_is_trusted() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let config = folder.path().join("work365-doctor.toml");
    let run_there = |arguments: &[&str]| {
        Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap()
    };
    let check = || run_there(&["check", "--demo", "healthy"]);
    std::fs::write(&config, "profile = \"legacy-password\"\nfail-on = \"high\"\n").unwrap();
    assert_eq!(code(&check()), 0);
    for (key, value) in [
        ("live", "[live]\nenvironment = \"https://elsewhere.example\"\n"),
        ("rules", "rules = [\"theirs\"]\n"),
        ("output", "output = [\"json=/tmp/x\"]\n"),
        ("exit-zero", "exit-zero = true\n"),
    ] {
        std::fs::write(&config, format!("strict = false\n{value}")).unwrap();
        let output = check();
        assert_eq!(code(&output), 2, "{key}");
        let complaint = stderr(&output);
        for told in [
            "work365-doctor.toml:2: ".to_owned(),
            format!("`{key}`"),
            "--config ".into(),
            "work365-doctor trust".into(),
        ] {
            assert!(complaint.contains(&told), "{told}: {complaint}");
        }
    }
    assert_eq!(code(&run_there(&["trust"])), 0);
    assert_eq!(code(&check()), 0, "trusted as it is");
    let named = ["check", "--config", "work365-doctor.toml", "--demo", "healthy"];
    std::fs::write(&config, "exit-zero = false\n").unwrap();
    assert_eq!(code(&check()), 2, "a changed file asks again");
    assert_eq!(code(&run_there(&named)), 0, "a named file may set everything");
}

#[test]
fn a_fault_that_a_found_file_accepts_is_named_in_the_headline() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("work365-doctor.toml"),
        "[[accept]]\nrule = \"format-not-english-us\"\nreason = \"known\"\nowner = \"us\"\nexpires = \"2099-12-31\"\nevidence = { \"settings.format\" = 1031 }\n",
    )
    .unwrap();
    let cases = folder.path().join("cases");
    std::fs::create_dir(&cases).unwrap();
    std::fs::copy(
        "fixtures/demos/mfa-by-conditional-access.json",
        cases.join("demo.json"),
    )
    .unwrap();
    let headline = |arguments: &[&str]| {
        let output = run_in(folder.path(), arguments);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["diagnosis"]["headline"].as_str().unwrap().to_owned()
    };
    let told = "Accepted by work365-doctor.toml, which was found: format-not-english-us.";
    assert!(headline(&["check", "--demo", "-o", "json"]).ends_with(told));
    let named = ["check", "--demo", "-o", "json", "--config", "work365-doctor.toml"];
    assert!(!headline(&named).contains("Accepted by"));
    // A list of accounts says so too: one file that lies around could turn all of them green.
    let shown = run_in(folder.path(), &["fleet", cases.to_str().unwrap()]);
    assert!(
        stdout(&shown).contains("Accepted by work365-doctor.toml, which was found, so not counted:"),
        "{}",
        stdout(&shown)
    );
}

#[test]
fn time_alone_is_no_cure_where_what_refuses_the_sign_ins_was_accepted_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("exceptions.toml");
    let accept = |rule: &str, evidence: &str| {
        format!(
            "[[accept]]\nrule = \"{rule}\"\nreason = \"known\"\nowner = \"us\"\nexpires = \"2099-12-31\"\nevidence = {{ {evidence} }}\n"
        )
    };
    let both = accept("mfa-conditional-access", "\"mfa.conditional_access\" = true")
        + &accept("format-not-english-us", "\"settings.format\" = 1031");
    std::fs::write(&config, both).unwrap();
    let path = config.to_str().unwrap();
    let ignored = [
        "check",
        "--demo",
        "--ignore",
        "mfa-conditional-access,format-not-english-us",
    ];
    for arguments in [&["check", "--demo", "--config", path][..], &ignored] {
        let report = |format: &str| stdout(&run_in(folder.path(), &[arguments, &["-o", format]].concat()));
        let json: Value = serde_json::from_str(&report("json")).unwrap();
        assert_eq!(json["summary"]["outcome"], "pending");
        let headline = json["diagnosis"]["headline"].as_str().unwrap();
        assert!(
            headline.ends_with("Sign-ins fail all the same (AADSTS50076).")
                && !headline.contains("Time alone"),
            "{headline}"
        );
        let next = json["diagnosis"]["next_step"].as_str().unwrap();
        assert!(
            next.starts_with("Waiting does not end the refused sign-ins"),
            "{next}"
        );
    }
    let accepted = ["check", "--demo", "--config", path, "-o", "short"];
    let short = stdout(&run_in(folder.path(), &accepted));
    assert!(
        short.contains("mfa-conditional-access: ") && short.contains("(accepted until 2099-12-31)"),
        "{short}"
    );
}

#[test]
fn the_version_names_the_program_and_its_rules() {
    let text = stdout(&run(&["version"]));
    assert!(
        text.starts_with(concat!("work365-doctor ", env!("CARGO_PKG_VERSION"), "\nrules ")),
        "{text}"
    );
    assert!(text.contains("sha256 "));
}

#[test]
fn the_state_of_a_healthy_account_is_recorded_and_drift_from_it_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = variant(folder.path(), "healthy.json", |_| {});
    let drifted = variant(folder.path(), "drifted.json", |snapshot| {
        snapshot["sections"]["dataverse.user_settings"]["body"]["timezonecode"] = 85.into();
        snapshot["sections"]["dataverse.user_settings"]["body"]["value"] = Value::Null;
        snapshot["sections"]["dataverse.user_settings"]["body"]
            .as_object_mut()
            .unwrap()
            .remove("value");
    });
    let check = |path: &Path, extra: &[&str]| {
        Command::cargo_bin("work365-doctor")
            .unwrap()
            .env_clear()
            .current_dir(folder.path())
            .args(["check", "--snapshot", text(path), "-o", "json"])
            .args(extra)
            .output()
            .unwrap()
    };
    let output = check(&healthy, &["--write-expected"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let recorded = std::fs::read_to_string(folder.path().join("work365-doctor.toml")).unwrap();
    assert!(recorded.contains("[expected-state]"), "{recorded}");
    let status = |output: &Output| -> Value {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        finding(&report, "expected-state-drifted")["status"].clone()
    };
    assert_eq!(status(&check(&healthy, &[])), "pass");
    assert_eq!(status(&check(&drifted, &[])), "fail");
}

#[test]
fn a_rule_of_ones_own_is_added_from_a_folder_and_overrides_one_of_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(
        "fixtures/own-rules/contoso.yaml",
        folder.path().join("contoso.yaml"),
    )
    .unwrap();
    let output = run(&[
        "check",
        "--snapshot",
        BASE,
        "--rules",
        text(folder.path()),
        "-o",
        "json",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let own = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["id"] == "contoso-employee-type");
    assert!(own.is_some(), "{}", stderr(&output));
    assert_eq!(code(&run(&["rules", "lint", text(folder.path())])), 0);
    assert_eq!(code(&run(&["rules", "test", text(folder.path())])), 0);
}

#[test]
fn a_reader_that_goes_away_ends_the_answer_without_a_panic() {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("work365-doctor"))
        .args(["--no-config", "rules", "facts"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn explain_prints_the_page_of_a_rule_and_suggests_for_a_near_miss() {
    let output = run(&["explain", "mfa-conditional-access"]);
    assert_eq!(code(&output), 0);
    insta::assert_snapshot!("explain-rule", stdout(&output));
    let page: Value =
        serde_json::from_slice(&run(&["explain", "user-not-synced", "-o", "json"]).stdout).unwrap();
    assert_eq!(page["schema"], "work365-doctor/explain/v1");
    assert_eq!(page["applies"]["legacy-password"], "pending/fail");
    let miss = run(&["explain", "user-not-synct"]);
    assert_eq!(code(&miss), 2);
    assert!(stderr(&miss).contains("did you mean `user-not-synced`?"));
}

#[test]
fn the_error_that_was_seen_and_the_findings_explain_each_other() {
    let check = |error: &str, demo: &str| -> Value {
        let output = run(&["check", "--demo", demo, "--error", error, "-o", "json"]);
        assert_eq!(stderr(&output), "");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let report = check(
        "AADSTS50076: you must use multi-factor authentication",
        "mfa-by-conditional-access",
    );
    assert_eq!(
        report["errors"][0]["explained_by"],
        serde_json::json!(["mfa-conditional-access"])
    );
    assert_eq!(report["diagnosis"]["password"], "accepted");
    let finding = finding(&report, "mfa-conditional-access");
    assert_eq!(finding["explains"], serde_json::json!(["AADSTS50076"]));

    // Without a time it was seen now, after the newest success of the evidence: it decides.
    let report = check("AADSTS50126: invalid username or password", "healthy");
    assert_eq!(
        report["errors"][0]["explained_by"],
        serde_json::json!(["password-rejected"])
    );
    assert_eq!(report["errors"][0]["source"], "argument");
    assert_eq!(report["diagnosis"]["password"], "rejected");
}

#[test]
fn a_check_that_passes_by_the_profile_contradicts_no_error_and_a_role_in_waiting_explains_a_missing_privilege()
 {
    let error = |arguments: &[&str]| -> Value {
        let output = run(&[&["check", "-o", "json", "--demo"], arguments].concat());
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        report["errors"][0].clone()
    };
    let mfa = error(&[
        "mfa-by-conditional-access",
        "--profile",
        "consent",
        "--error",
        "AADSTS50076",
    ]);
    assert_eq!(mfa["contradicted_by"], serde_json::json!([]));
    assert_eq!(mfa["explained_by"], serde_json::json!([]));
    assert!(mfa["note"].as_str().is_some_and(|note| !note.is_empty()), "{mfa}");
    let role = error(&["role-not-in-effect", "--error", "0x80040220"]);
    assert_eq!(
        role["explained_by"],
        serde_json::json!(["system-administrator-not-in-effect"])
    );
}

#[test]
fn what_a_selection_leaves_out_is_counted_and_a_healthy_answer_says_so() {
    let arguments = ["check", "--demo", "--ignore", "sign-in,roles,settings"];
    let output = run(&arguments);
    assert_eq!(code(&output), 0);
    assert!(
        stdout(&output).contains("checks\n           were left out"),
        "{}",
        stdout(&output)
    );
    let report: Value =
        serde_json::from_slice(&run(&[&arguments[..], &["-o", "json"]].concat()).stdout).unwrap();
    let left_out = report["summary"]["left_out"].as_u64().unwrap();
    assert!(left_out > 10, "{left_out}");
    assert!(!stdout(&run(&["check", "--demo", "healthy"])).contains("left out"));
}

#[test]
fn a_batch_goes_on_behind_a_line_that_is_no_json_and_exits_with_2() {
    let mut command = tool(&["decode", "--batch", "-", "-o", "ndjson"]);
    let lines = "{\"text\": \"AADSTS50076\"}\nnot json\n{\"text\": \"AADSTS53003\"}\n";
    let output = command.write_stdin(lines).output().unwrap();
    assert_eq!(code(&output), 2);
    assert_eq!(stdout(&output).lines().count(), 2);
    assert!(stderr(&output).contains("line 2"), "{}", stderr(&output));
}

#[test]
fn a_report_is_not_decoded_as_if_its_words_were_errors() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("case.report.json");
    run(&["check", "--demo", "-o", &format!("json={}", text(&report))]);
    let output = run(&["decode", text(&report)]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("a report of this program"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_error_text_that_says_nothing_is_told_and_changes_nothing() {
    let output = run(&["check", "--demo", "healthy", "--error", "It does not work"]);
    assert_eq!(code(&output), 0);
    assert!(
        stderr(&output).contains("no known error was recognised"),
        "{}",
        stderr(&output)
    );
    assert!(!stdout(&output).contains("Errors that were seen"));
}

#[test]
fn the_name_of_a_file_that_is_given_as_an_error_is_told_how_to_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("error.txt");
    std::fs::write(&file, "AADSTS50057: The user account is disabled.").unwrap();
    for command in ["check", "ask"] {
        let evidence: &[&str] = if command == "check" {
            &["--demo", "healthy"]
        } else {
            &[]
        };
        let arguments = [&[command], evidence, &["-o", "json", "--error"]].concat();
        let by_name = run(&[&arguments[..], &[text(&file)]].concat());
        let hint = format!("write --error \"@{}\"", text(&file));
        assert!(stderr(&by_name).contains(&hint), "{}", stderr(&by_name));
        let read = run(&[&arguments[..], &[&format!("@{}", text(&file))]].concat());
        assert!(!stderr(&read).contains("--error"), "{}", stderr(&read));
    }
}

#[test]
fn no_command_writes_its_answer_over_what_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = variant(folder.path(), "case.json", |_| ());
    let before = std::fs::read(&snapshot).unwrap();
    let file = text(&snapshot);
    let output = format!("json={file}");
    for arguments in [
        &["check", "--snapshot", file, "-o", &output][..],
        &["check", "--demo", "--compare-with", file, "-o", &output],
        &["check", "--demo", "--error", &format!("@{file}"), "-o", &output],
        &["capture", "--from", file, file],
        &["capture", "--from", file, "--map", file],
        &["decode", file, "-o", &output],
        &["what-if", "--snapshot", file, "-o", &output],
        &["report", "render", file, "-o", &output],
        &["report", "diff", file, file, "-o", &output],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains("would replace the file that is read"),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(std::fs::read(&snapshot).unwrap(), before, "{arguments:?}");
    }
}

#[test]
fn a_second_capture_of_a_case_keeps_the_key_of_its_map() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = variant(folder.path(), "evidence.json", |_| ());
    let case = folder.path().join("case.snapshot.json");
    let capture = || {
        assert_eq!(
            code(&run(&["capture", "--from", text(&snapshot), text(&case)])),
            0
        );
        let map: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join("case.map.json")).unwrap()).unwrap();
        (map["key"].clone(), std::fs::read(&case).unwrap())
    };
    assert_eq!(capture(), capture());
}

#[test]
fn rules_from_a_path_without_rules_are_a_mistake_and_a_replaced_rule_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["test", "lint"] {
        let output = run(&["rules", command, text(folder.path())]);
        assert_eq!(code(&output), 2, "{command}");
        assert!(
            stderr(&output).contains("no rule is there"),
            "{}",
            stderr(&output)
        );
    }
    let skeleton = run(&["rules", "new", "mfa-conditional-access"]);
    assert!(
        stderr(&skeleton).contains("replaces the built-in rule"),
        "{}",
        stderr(&skeleton)
    );
    std::fs::write(folder.path().join("own.yaml"), &skeleton.stdout).unwrap();
    let lint = run(&["rules", "lint", text(folder.path())]);
    assert!(
        stderr(&lint).contains("mfa-conditional-access replaces the built-in rule"),
        "{}",
        stderr(&lint)
    );
    assert_eq!(stderr(&run(&["rules", "new", "a-rule-of-ours"])), "");
}

#[test]
fn the_error_can_come_from_a_file_or_stdin_but_not_both_from_one_stream() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("error.txt");
    std::fs::write(&file, "AADSTS50076").unwrap();
    let from_file = run(&[
        "check",
        "--demo",
        "--error",
        &format!("@{}", file.display()),
        "-o",
        "json",
    ]);
    let from_stdin = tool(&["check", "--demo", "--error", "-", "-o", "json"])
        .write_stdin("AADSTS50076")
        .output()
        .unwrap();
    assert_eq!(from_file.stdout, from_stdin.stdout);
    assert_eq!(code(&run(&["check", "--snapshot", "-", "--error", "-"])), 2);
    assert_eq!(code(&run(&["check", "--demo", "--error", "@/does/not/exist"])), 2);
}

#[test]
fn what_if_says_what_conditional_access_does_and_by_which_policy() {
    let demand = run(&[
        "what-if",
        "--snapshot",
        "fixtures/demos/mfa-by-conditional-access.json",
        "-o",
        "json",
    ]);
    assert_eq!(code(&demand), 1);
    let answer: Value = serde_json::from_slice(&demand.stdout).unwrap();
    assert_eq!(answer["schema"], "work365-doctor/what-if/v1");
    assert_eq!(answer["decision"], "controls_required");
    assert_eq!(answer["applied"][0]["controls"], serde_json::json!(["mfa"]));
    let unread = run(&[
        "what-if",
        "--snapshot",
        "fixtures/demos/unreadable-policies.json",
        "-o",
        "json",
    ]);
    assert_eq!(code(&unread), 3);
    let answer: Value = serde_json::from_slice(&unread.stdout).unwrap();
    assert_eq!(answer["decision"], "undetermined");
    assert_eq!(answer["missing"], serde_json::json!(["policies"]));
    assert_eq!(
        code(&run(&["what-if", "--snapshot", BASE, "--platform", "amiga"])),
        2
    );
}

/// Snapshot, draft, decision before and after, what decides, exit code.
type DraftRow = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    i32,
);

/// Each draft of `fixtures/policies/` beside the policies of the demonstration: before, after, which policy decides, exit.
#[test]
fn what_if_shows_what_a_draft_would_change() {
    const TODAY: &str = "af744abb-87d0-5ffd-894a-7f53f79cfe5d";
    const SNAPSHOT: &str = "fixtures/demos/mfa-by-conditional-access.json";
    let healthy = "fixtures/demos/healthy.json";
    let rows: [DraftRow; 7] = [
        (
            SNAPSHOT,
            "mfa-for-everybody",
            "controls_required",
            "controls_required",
            &[TODAY, "Draft: MFA for everybody"],
            1,
        ),
        (
            SNAPSHOT,
            "exclude-the-account",
            "controls_required",
            "allow",
            &[TODAY],
            0,
        ),
        (
            SNAPSHOT,
            "block-outside-the-office",
            "controls_required",
            "block",
            &["Draft: block outside the office"],
            1,
        ),
        (
            SNAPSHOT,
            "compliant-device-for-dynamics",
            "controls_required",
            "controls_required",
            &[TODAY, "Draft: compliant device for Dynamics 365"],
            1,
        ),
        (
            SNAPSHOT,
            "block-workload-identities",
            "controls_required",
            "controls_required",
            &[TODAY],
            1,
        ),
        (
            healthy,
            "mfa-for-everybody",
            "allow",
            "controls_required",
            &["Draft: MFA for everybody"],
            1,
        ),
        (healthy, "block-workload-identities", "allow", "allow", &[], 0),
    ];
    for (snapshot, draft, before, after, decides, exit) in rows {
        let file = format!("fixtures/policies/{draft}.json");
        let output = run(&[
            "what-if",
            "--snapshot",
            snapshot,
            "--policy",
            &file,
            "--ip",
            "203.0.113.10",
            "-o",
            "json",
        ]);
        assert_eq!(code(&output), exit, "{draft}");
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let got = &answer["draft"];
        assert_eq!(
            (&got["before"], &got["after"], &got["decides"]),
            (&before.into(), &after.into(), &serde_json::json!(decides)),
            "{snapshot} {draft}"
        );
        assert_eq!(answer["decision"], after, "{draft}");
        let kinds: Vec<&Value> = got["accounts"][0]["sign_ins"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|sign_in| &sign_in["kind"])
            .collect();
        assert_eq!(kinds, ["password", "refresh", "application"], "{draft}");
    }
    let both = run(&[
        "what-if",
        "--snapshot",
        SNAPSHOT,
        healthy,
        "--policy",
        "fixtures/policies/exclude-the-account.json",
        "-o",
        "json",
    ]);
    let answer: Value = serde_json::from_slice(&both.stdout).unwrap();
    assert_eq!(answer["draft"]["accounts"].as_array().map(Vec::len), Some(2));
    for (arguments, part) in [
        (&["--snapshot", SNAPSHOT, healthy][..], "one snapshot"),
        (&["--snapshot", SNAPSHOT, "--policy", "Cargo.toml"], "no JSON"),
        (
            &["--snapshot", SNAPSHOT, "--policy", healthy],
            "no Conditional Access policy",
        ),
        (
            &["--snapshot", SNAPSHOT, "--policy", "no-such-file.json"],
            "no such file",
        ),
    ] {
        let output = run(&[&["what-if"], arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(part),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_rehearsal_stands_in_every_format_and_changes_no_exit_code() {
    let plain = run(&["check", "--demo"]);
    for (format, part) in [
        ("table", "If these were fixed"),
        ("markdown", "1. mfa-conditional-access, by "),
        ("html", "id=\"rehearsal\""),
        ("json", "\"rehearsal\""),
    ] {
        let output = run(&["check", "--demo", "--assume-fixed", "all", "-o", format]);
        assert_eq!(code(&output), code(&plain), "{format}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(part), "{format}");
    }
    let wrong = run(&["check", "--demo", "--assume-fixed", "mfa-conditional-acces"]);
    assert_eq!(code(&wrong), 2);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean `mfa-conditional-access`?"));
}

#[test]
fn an_error_that_is_newer_than_the_evidence_is_the_headline_of_a_clean_run() {
    let output = run(&[
        "check",
        "--demo",
        "healthy",
        "--error",
        "AADSTS50126: invalid username or password",
        "-o",
        "json",
    ]);
    assert_eq!(code(&output), 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let headline = report["diagnosis"]["headline"].as_str().unwrap();
    assert!(headline.contains("AADSTS50126"), "{headline}");
    assert!(
        !report["diagnosis"]["next_step"]
            .as_str()
            .unwrap()
            .starts_with("Nothing")
    );
}

/// The ways to give a missing right, by what each demonstration knows of the account: the smallest first.
#[test]
fn a_missing_right_is_given_by_the_smallest_grant_that_the_snapshot_allows() {
    const TEXT: &str = "0x80040220 Principal user (Id=55555555-5555-4555-8555-5555555555f1, type=8) is missing prvReadUser privilege";
    let ways = |snapshot: &str, more: &[&str]| -> Vec<String> {
        let output = run(&[&["decode", TEXT, "--snapshot", snapshot, "-o", "json"], more].concat());
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let options = answer["errors"][0]["grant"]["options"]
            .as_array()
            .unwrap()
            .clone();
        options
            .iter()
            .map(|option| format!("{} {}", option["do"], option["role"]).replace('"', ""))
            .collect()
    };
    // The role was assigned minutes ago and is not in effect: waiting comes first.
    let not_in_effect = ways("fixtures/demos/role-not-in-effect.json", &[]);
    assert_eq!(not_in_effect[0], "wait null", "{not_in_effect:?}");
    // The healthy account holds the privilege: the refusal is older, and nothing has to be granted.
    let healthy = ways("fixtures/demos/healthy.json", &[]);
    assert_eq!(healthy, ["wait null"]);
    // `check` says the same about the error that was seen.
    let output = run(&[
        "check",
        "--snapshot",
        "fixtures/demos/role-not-in-effect.json",
        "--error",
        TEXT,
        "-o",
        "json",
    ]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["errors"][0]["grant"]["options"][0]["do"], "wait");
    assert_eq!(
        code(&run(&["decode", TEXT, "--snapshot", "no-such-file.json"])),
        2
    );
}

/// What a standard role gives by its page is used where the evidence lists roles and not what they give, and in every
/// format the ways are told in the same words.
#[test]
fn ways_to_a_right_are_told_alike_in_every_format() {
    const TEXT: &str = "0x80040220 Principal user (Id=55555555-5555-4555-8555-5555555555c1, type=8) is missing prvCreateOrder privilege";
    let file = std::fs::read("fixtures/bases/healthy-consent.json").unwrap();
    let mut snapshot: Value = serde_json::from_slice(&file).unwrap();
    let sections = &mut snapshot["sections"];
    sections["dataverse.user_roles"]["body"]["value"][0]["name"] = "Salesperson".into();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("case.json");
    let path = path.to_str().unwrap();
    let shown = |arguments: &[&str]| -> String {
        let output = run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (said, wanted) in [
        (
            None,
            "smallest grant: Microsoft's documentation of 2016 says that Salesperson gives prvCreateOrder at basic",
        ),
        (
            Some("Global"),
            "smallest grant: The account holds prvCreateOrder at depth global by now",
        ),
    ] {
        let privileges = &mut snapshot["sections"]["dataverse.user_privileges"]["body"];
        if let Some(depth) = said {
            let held = serde_json::json!({"Depth": depth, "PrivilegeName": "prvCreateOrder"});
            privileges["RolePrivileges"].as_array_mut().unwrap().push(held);
        }
        std::fs::write(path, snapshot.to_string()).unwrap();
        for format in ["table", "markdown", "html"] {
            for command in [
                &["check", "--snapshot", path, "--error", TEXT, "-o", format][..],
                &["decode", TEXT, "--snapshot", path, "-o", format],
            ] {
                let text = shown(command).replace("&#39;", "'");
                assert!(text.contains(wanted), "{command:?}: {text}");
            }
        }
        let reply = [
            "decode",
            TEXT,
            "--snapshot",
            path,
            "-o",
            "markdown",
            "--audience",
            "ticket",
        ];
        assert!(shown(&reply).contains(wanted));
        let ticket = [
            "check",
            "--snapshot",
            path,
            "--error",
            TEXT,
            "--audience",
            "ticket",
        ];
        assert!(shown(&ticket).contains(wanted));
    }
}

#[test]
fn an_address_with_an_apostrophe_stays_one_word_in_the_command_to_paste() {
    let folder = tempfile::tempdir().unwrap();
    let path = variant(folder.path(), "a.json", |snapshot| {
        snapshot["subject"]["account"] = "o'brien@fabrikam.com".into();
        snapshot["sections"]["graph.user"]["body"]["userPrincipalName"] = "o'brien@fabrikam.com".into();
        snapshot["sections"]["dataverse.system_users"]["body"]["value"][0]["accessmode"] = 2.into();
    });
    let output = run(&["check", "--snapshot", path.to_str().unwrap(), "-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checklist = report["diagnosis"]["checklist"].to_string();
    assert!(
        checklist.contains(r#"--account \"o'brien@fabrikam.com\""#),
        "{checklist}"
    );
}

#[test]
fn complaints_name_what_would_be_taken_and_no_answer_is_given_about_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("a.jsonl");
    std::fs::write(&batch, b"\xfe{\"text\":\"AADSTS50126\"}\n").unwrap();
    let output = run(&["decode", "--batch", batch.to_str().unwrap(), "-o", "json"]);
    assert_eq!((code(&output), stdout(&output).as_str()), (2, ""));

    let platform = run(&["what-if", "--snapshot", BASE, "--platform", "solaris"]);
    let told = stderr(&platform);
    assert!(
        code(&platform) == 2 && told.contains("`solaris` is none of android"),
        "{told}"
    );

    let pages = folder.path().join("new").join("man1");
    assert_eq!(code(&run(&["man", "--all", pages.to_str().unwrap()])), 0);
    assert!(pages.join("work365-doctor-check.1").exists());
}
