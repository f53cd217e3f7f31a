//! Saved reports: rendered again byte for byte, and compared.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{BASE, DEMOS, FORMATS, code, fed, json as parsed, run, snapshot, stderr, stdout, text, with_mfa};

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
        for arguments in [
            &["report", "render", text(&path)][..],
            &["report", "diff", text(&path), text(&path)],
        ] {
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
