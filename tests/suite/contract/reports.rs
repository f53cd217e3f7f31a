//! Saved reports: rendered again byte for byte, and compared.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{BASE, DEMOS, FORMATS, code, fed, json as parsed, run, snapshot, stderr, stdout, text, with_mfa};

fn save(folder: &Path, name: &str, evidence: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let target = format!("json={}", path.display());
    run(&[&["check", "-o", &target][..], evidence].concat());
    assert!(path.exists(), "{name}");
    path
}

/// A report of the healthy case with something changed in its evidence.
fn changed(folder: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let evidence = snapshot(folder, &format!("{name}.evidence.json"), change);
    save(folder, name, &["--snapshot", text(&evidence)])
}

#[test]
fn a_saved_report_renders_byte_for_byte_as_it_was_printed() {
    let folder = tempfile::tempdir().unwrap();
    let targets =
        |kind: &str| FORMATS.map(|format| format!("{format}={}/{kind}.{format}", folder.path().display()));
    let run_into = |kind: &str, words: &[&str]| {
        let targets = targets(kind);
        let mut arguments = words.to_vec();
        targets
            .iter()
            .for_each(|target| arguments.extend(["-o", target.as_str()]));
        run(&arguments)
    };
    for demo in DEMOS {
        for look in [&[][..], &["-v"], &["-q"]] {
            run_into("direct", &[&["check", "--demo", demo][..], look].concat());
            let saved = folder.path().join("direct.json");
            let rendered = run_into("again", &[&["report", "render", text(&saved)][..], look].concat());
            assert_eq!(code(&rendered), 0, "{}", stderr(&rendered));
            for format in FORMATS {
                let read =
                    |kind: &str| std::fs::read(folder.path().join(format!("{kind}.{format}"))).unwrap();
                assert!(!read("direct").is_empty(), "{demo} {format}");
                assert_eq!(read("direct"), read("again"), "{demo} {format} {look:?}");
            }
        }
    }
    let saved = save(folder.path(), "saved.json", &["--demo"]);
    for format in FORMATS {
        let look = ["-o", format, "--color", "always"];
        let direct = run(&[&["check", "--demo"][..], &look].concat());
        let rendered = run(&[&["report", "render", text(&saved)][..], &look].concat());
        assert_eq!(direct.stdout, rendered.stdout, "{format} on stdout, coloured");
    }
}

#[test]
fn a_saved_report_renders_for_each_reader_from_stdin_and_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let error = "AADSTS50076: Trace ID: 21c3e4db-d2fd-44f7-a3e0-5939f84e6000";
    let evidence = ["--demo", "--error", error];
    let saved = save(folder.path(), "saved.json", &evidence);
    let saved_text = std::fs::read_to_string(&saved).unwrap();
    for audience in ["customer", "engineer", "ticket"] {
        for format in ["table", "markdown", "html"] {
            let look = ["-o", format, "--audience", audience];
            let direct = run(&[&["check"][..], &evidence, &look].concat());
            let rendered = fed(
                &[&["report", "render", "-"][..], &look].concat(),
                saved_text.as_str(),
            );
            assert_eq!(direct.stdout, rendered.stdout, "{audience} {format}");
        }
    }
    let again = folder.path().join("again.json");
    let target = format!("json={}", again.display());
    let output = run(&["report", "render", text(&saved), "-o", "short", "-o", &target]);
    assert!(stdout(&output).starts_with("unhealthy: "));
    assert_eq!(std::fs::read_to_string(again).unwrap(), saved_text);
}

#[test]
fn what_is_no_report_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = parsed(&run(&["check", "--demo", "-o", "json"]));
    report["findings"][2]["status"] = "sideways".into();
    for (name, document, place) in [
        (
            "snapshot",
            std::fs::read_to_string(BASE).unwrap(),
            "work365-doctor/snapshot/v1",
        ),
        ("status", report.to_string(), "at findings[2].status"),
        ("text", "hello".to_owned(), "no JSON"),
        ("empty", String::new(), "no JSON"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, document).unwrap();
        let render: &[&str] = &["report", "render", text(&path)];
        let diff: &[&str] = &["report", "diff", text(&path), text(&path)];
        // A comparison judges a snapshot first.
        let refused: &[&[&str]] = if name == "snapshot" {
            &[render]
        } else {
            &[render, diff]
        };
        for arguments in refused {
            let output = run(arguments);
            assert_eq!(code(&output), 2, "{name}");
            let said = stderr(&output);
            assert!(
                said.contains(name) && said.contains("not a report") && said.contains(place),
                "{said}"
            );
        }
    }
}

fn parse_report(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn diff(old: &Path, new: &Path) -> (i32, Value, String) {
    let as_json = run(&["report", "diff", text(old), text(new), "-o", "json"]);
    let as_table = run(&["report", "diff", text(old), text(new)]);
    assert_eq!(code(&as_json), code(&as_table));
    (code(&as_json), parsed(&as_json), stdout(&as_table).to_owned())
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|change| change["id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_comparison_says_what_is_new_fixed_changed_and_still_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = changed(folder.path(), "healthy", |_| {});
    let faulty = changed(folder.path(), "faulty", with_mfa);
    let unread = changed(folder.path(), "unread", |snapshot| {
        snapshot["sections"]["graph.per_user_mfa"] = json!({"outcome": "denied", "http_status": 403});
    });

    let (exit, same, table) = diff(&healthy, &healthy);
    assert_eq!((exit, same["worse"].as_bool()), (0, Some(false)));
    for list in ["new_faults", "fixed", "changed"] {
        assert_eq!(same[list], json!([]), "{list}");
    }
    assert!(table.starts_with("SAME "), "{table}");

    let (exit, worse, table) = diff(&healthy, &faulty);
    assert_eq!((exit, worse["worse"].as_bool()), (1, Some(true)));
    assert!(ids(&worse["new_faults"]).contains(&"mfa-per-user"));
    assert!(
        table.starts_with("WORSE ") && table.contains("mfa-per-user"),
        "{table}"
    );

    let (exit, better, table) = diff(&faulty, &healthy);
    assert_eq!((exit, better["worse"].as_bool()), (0, Some(false)));
    assert!(ids(&better["fixed"]).contains(&"mfa-per-user"));
    assert!(
        table.starts_with("BETTER ") && table.contains("mfa-per-user"),
        "{table}"
    );

    let (_, lost, table) = diff(&faulty, &unread);
    assert!(
        !ids(&lost["fixed"]).contains(&"mfa-per-user"),
        "what was not read is not fixed"
    );
    assert!(ids(&lost["changed"]).contains(&"mfa-per-user"));
    assert!(
        table.starts_with("UNCLEAR "),
        "what cannot be seen any more is not better: {table}"
    );

    let (exit, still, _) = diff(&unread, &unread);
    assert_eq!(exit, 0);
    assert!(ids(&still["still_unknown"]).contains(&"mfa-per-user"));
}

#[test]
fn what_was_not_asked_accepted_or_judged_by_other_guidance_is_no_change_of_the_account() {
    let folder = tempfile::tempdir().unwrap();
    let faulty = snapshot(folder.path(), "faulty.json", with_mfa);
    let report = |name: &str, more: &[&str]| {
        let path = folder.path().join(name);
        let output = format!("json={}", text(&path));
        // Not `run`, which reads no configuration.
        let done = std::process::Command::new(assert_cmd::cargo::cargo_bin("work365-doctor"))
            .env_clear()
            .args([&["check", "--snapshot", text(&faulty), "-o", &output][..], more].concat())
            .output()
            .unwrap();
        assert!(path.exists(), "{}", String::from_utf8_lossy(&done.stderr));
        path
    };
    let whole = report("whole.json", &["--no-config"]);
    let in_part = report("part.json", &["--no-config", "--ignore", "mfa-per-user"]);
    let consent = report("consent.json", &["--no-config", "--profile", "consent"]);
    let evidence = parse_report(&whole)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["id"] == "mfa-per-user")
        .map(|finding| finding["evidence"].clone())
        .unwrap();
    let facts: Vec<String> = evidence
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} = {}", one["fact"], one["value"]))
        .collect();
    let config = folder.path().join("exceptions.toml");
    let acceptance = format!(
        "[[accept]]\nrule = \"mfa-per-user\"\nreason = \"known\"\nowner = \"us\"\nexpires = \"2099-12-31\"\nevidence = {{ {} }}\n",
        facts.join(", ")
    );
    std::fs::write(&config, acceptance).unwrap();
    let accepted = report("accepted.json", &["--config", text(&config)]);
    let told = |answer: &Value, phrase: &str| {
        let mut changes = answer["changed"].as_array().unwrap().iter();
        changes.any(|change| {
            change["id"] == "mfa-per-user" && change["differences"].to_string().contains(phrase)
        })
    };

    let (exit, answer, _) = diff(&in_part, &whole);
    assert!(exit == 0 && told(&answer, "not asked before"), "{answer}");
    let (exit, answer, _) = diff(&whole, &accepted);
    assert!(
        exit == 0 && told(&answer, "now accepted until 2099-12-31 by us"),
        "{answer}"
    );
    let (exit, answer, _) = diff(&accepted, &whole);
    assert!(exit == 1 && told(&answer, "no longer accepted"), "{answer}");
    for (old, new) in [(&whole, &consent), (&consent, &whole)] {
        let (exit, answer, table) = diff(old, new);
        assert_eq!(
            (exit, &answer["new_faults"], &answer["fixed"]),
            (0, &json!([]), &json!([])),
            "{answer}"
        );
        assert!(table.contains("profile changed"), "{table}");
    }
}

#[test]
fn a_comparison_says_when_one_of_the_two_is_incomplete() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = changed(folder.path(), "healthy", |_| {});
    let unread = changed(folder.path(), "unread", |snapshot| {
        snapshot["sections"]["graph.per_user_mfa"] = json!({"outcome": "denied", "http_status": 403});
    });
    let (_, answer, table) = diff(&healthy, &unread);
    let unread_of = |side: &str| answer[side]["unread"].as_u64().unwrap();
    assert!(unread_of("new") > unread_of("old"));
    let notes = answer["notes"].to_string();
    assert!(
        notes.contains("incomplete") || notes.contains("not read") || notes.contains("unread"),
        "{notes}"
    );
    assert!(
        table.contains("incomplete") || table.contains("not read"),
        "{table}"
    );
}

#[test]
fn reports_of_different_accounts_environments_or_tenants_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = changed(folder.path(), "healthy", |_| {});
    let report: Value = serde_json::from_slice(&std::fs::read(&healthy).unwrap()).unwrap();
    for (key, value) in [
        ("account", "someone-else@fabrikam.com"),
        ("environment", "https://other.crm4.dynamics.com"),
        ("tenant_id", "00000000-0000-0000-0000-000000000001"),
    ] {
        let mut other = report.clone();
        other["subject"][key] = value.into();
        let path = folder.path().join(key);
        std::fs::write(&path, other.to_string()).unwrap();
        let output = run(&["report", "diff", text(&healthy), text(&path), "-o", "json"]);
        assert_eq!((code(&output), stdout(&output)), (2, ""), "{key}");
        let said = stderr(&output);
        assert!(said.contains(value) && said.contains("different"), "{said}");
    }
    let two_words = save(folder.path(), "demo", &["--demo", "application-user"]);
    assert_eq!(
        code(&run(&["report", "diff", text(&healthy), text(&two_words)])),
        2
    );
}

#[test]
fn a_snapshot_in_a_comparison_is_judged_first_as_check_would() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = snapshot(folder.path(), "new.json", with_mfa);
    let (old, new) = (
        changed(folder.path(), "healthy", |_| {}),
        changed(folder.path(), "faulty", with_mfa),
    );
    let compared = |old: &str, new: &str, more: &[&str]| {
        let output = run(&[&["report", "diff", old, new, "-o", "json"][..], more].concat());
        (code(&output), output.stdout)
    };
    let of_reports = compared(text(&old), text(&new), &[]);
    assert_eq!(of_reports.0, 1);
    assert_eq!(compared(BASE, text(&evidence), &[]), of_reports, "both judged");
    assert_eq!(
        compared(text(&old), text(&evidence), &[]),
        of_reports,
        "one judged"
    );
    // What decides how `check` judges decides here too.
    let zone = ["--time-zone", "Asia/Tokyo"];
    let (_, elsewhere) = compared(text(&old), text(&evidence), &zone);
    assert!(
        String::from_utf8(elsewhere)
            .unwrap()
            .contains("time-zone-mismatch")
    );
    let wrong = run(&["report", "diff", BASE, BASE, "--time-zone", "Nowhere/At-All"]);
    assert_eq!(code(&wrong), 2);
    let broken = folder.path().join("broken.json");
    std::fs::write(
        &broken,
        r#"{"schema":"work365-doctor/snapshot/v1","captured_at":"yesterday"}"#,
    )
    .unwrap();
    let output = run(&["report", "diff", BASE, text(&broken)]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("not a snapshot"), "{}", stderr(&output));
}

#[test]
fn what_still_fails_stands_first_in_every_format_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let both = |snapshot: &mut Value| {
        with_mfa(snapshot);
        snapshot["sections"]["graph.user"]["body"]["accountEnabled"] = false.into();
    };
    let old = changed(folder.path(), "old", with_mfa);
    let new = changed(folder.path(), "new", both);
    let (exit, answer, table) = diff(&old, &new);
    assert_eq!(exit, 1);
    let still = ids(&answer["still_failing"]);
    assert!(still.contains(&"mfa-per-user"), "{still:?}");
    assert!(!ids(&answer["new_faults"]).contains(&"mfa-per-user"));
    let markdown = run(&["report", "diff", text(&old), text(&new), "-o", "markdown"]);
    let html = run(&["report", "diff", text(&old), text(&new), "-o", "html"]);
    for (format, text) in [
        ("table", table.as_str()),
        ("markdown", stdout(&markdown)),
        ("html", stdout(&html)),
    ] {
        let place = |what: &str| {
            text.find(what)
                .unwrap_or_else(|| panic!("{format}: {what}: {text}"))
        };
        assert!(place("Still failing (") < place("mfa-per-user"), "{format}");
        assert!(place("Still failing (") < place("New ("), "{format}");
        assert_eq!(
            text.matches("mfa-per-user: ").count().min(1),
            usize::from(format == "table")
        );
    }
    let fixed = run(&["report", "diff", text(&new), text(&old), "-o", "table"]);
    assert!(stdout(&fixed).contains("Still failing (") && stdout(&fixed).contains("Fixed ("));
}

#[test]
fn the_reply_after_a_second_look_has_plain_words_and_no_ids() {
    let folder = tempfile::tempdir().unwrap();
    let healthy = changed(folder.path(), "healthy", |_| {});
    let faulty = changed(folder.path(), "faulty", with_mfa);
    let reply = |old: &Path, new: &Path| {
        let look = ["-o", "markdown", "--audience", "customer"];
        stdout(&run(
            &[&["report", "diff", text(old), text(new)][..], &look].concat()
        ))
        .to_owned()
    };
    let worse = reply(&healthy, &faulty);
    assert!(
        worse.contains("was not wrong before") && worse.contains("**New since"),
        "{worse}"
    );
    let better = reply(&faulty, &healthy);
    assert!(
        better.contains("nothing that we can see is wrong") && better.contains("**Put right**"),
        "{better}"
    );
    assert!(reply(&faulty, &faulty).contains("**Still to do**"));
    for text in [worse, better] {
        for word in ["mfa-per-user", "work365-doctor", "{", "graph."] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[test]
fn hostile_names_stay_text_in_a_comparison() {
    const HOSTILE: &str = "</title><script>alert(1)</script>\u{202e}\u{1b}[31m`*_|[x](javascript:1)";
    let folder = tempfile::tempdir().unwrap();
    let saved = |name: &str, more: &str| {
        let report = save(folder.path(), name, &["--demo"]);
        let mut document: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        document["subject"]["account"] = HOSTILE.into();
        for finding in document["findings"].as_array_mut().unwrap() {
            finding["title"] = format!("{HOSTILE}{more}").into();
            for evidence in finding["evidence"].as_array_mut().unwrap() {
                evidence["value"] = format!("{HOSTILE}{more}").into();
            }
        }
        for event in document["upcoming"].as_array_mut().unwrap() {
            event["what"] = format!("{HOSTILE}{more}").into();
        }
        std::fs::write(&report, document.to_string()).unwrap();
        report
    };
    let (old, new) = (saved("old.json", "1"), saved("new.json", "2"));
    for look in [
        &["-o", "html"][..],
        &["-o", "markdown"],
        &["-o", "markdown", "--audience", "customer"],
        &["-o", "table"],
    ] {
        let output = run(&[&["report", "diff", text(&old), text(&new)][..], look].concat());
        assert_ne!(code(&output), 2, "{}", stderr(&output));
        let said = stdout(&output);
        assert!(!said.contains(['\u{202e}', '\u{1b}']), "{look:?}");
        // What is a mark in one format is text in another.
        let marks: &[&str] = match look[1] {
            "html" => &["<script>"],
            "markdown" => &["<script>", "[x](javascript"],
            _ => &[],
        };
        // The account stands in a code span of the heading, where nothing is a mark.
        let (heading, body) = said.split_once('\n').unwrap();
        assert!(
            !heading.starts_with("## ") || heading.contains("``</title>"),
            "{heading}"
        );
        for mark in marks {
            assert!(!body.contains(mark), "{look:?}: {mark}: {said}");
        }
    }
}
