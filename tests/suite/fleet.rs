//! `fleet --store` as a flight recorder: what is kept of the evidence, how, and what `report timeline` makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::contract::{BASE, code, json as parsed, run, stderr, stdout, text};
use crate::support::snapshot_of;

/// The account of the base, with one sign-in at each of these times, collected `at`.
fn evidence(folder: &Path, at: &str, sign_ins: &[(&str, u32)]) -> PathBuf {
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(BASE).unwrap()).unwrap();
    snapshot["captured_at"] = at.into();
    for section in snapshot["sections"].as_object_mut().unwrap().values_mut() {
        section["read_at"] = at.into();
    }
    let log = snapshot["sections"]["graph.sign_ins"]["body"]["value"]
        .as_array_mut()
        .unwrap();
    let template = log[0].clone();
    *log = sign_ins
        .iter()
        .map(|(at, code)| {
            let mut entry = template.clone();
            entry["id"] = format!(
                "00000000-0000-4000-8000-{:0>12}",
                at.replace(['-', 'T', ':', 'Z'], "").get(..12).unwrap()
            )
            .into();
            // One correlation id would be one attempt.
            entry["correlationId"] = entry["id"].clone();
            entry["createdDateTime"] = (*at).into();
            entry["status"]["errorCode"] = json!(code);
            entry
        })
        .collect();
    let path = folder.join("contoso.snapshot.json");
    fs::write(&path, snapshot.to_string()).unwrap();
    path
}

fn fleet(list: &Path, store: &Path, more: &[&str]) -> i32 {
    let output = run(&[&["fleet", text(list), "--store", text(store)][..], more].concat());
    assert_eq!(stderr(&output), "");
    code(&output)
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found
}

const FIRST: &str = "2026-01-31T09:00:00Z";
const SECOND: &str = "2026-02-20T09:00:00Z";
const THIRD: &str = "2026-03-15T09:00:00Z";

#[test]
fn the_store_keeps_the_sections_that_changed_without_names_and_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let (list, store) = (folder.path().join("cases"), folder.path().join("store"));
    fs::create_dir(&list).unwrap();
    evidence(&list, FIRST, &[("2026-01-31T08:00:00Z", 0)]);
    fleet(&list, &store, &[]);
    let kept = store.join("contoso").join("evidence");
    let first = files(&kept);
    assert!(
        first.contains("graph.sign_ins/20260131T090000Z.json"),
        "{first:?}"
    );
    assert!(first.len() > 30);
    // Judged again, nothing is kept again; later, only what is not as it was.
    fleet(&list, &store, &[]);
    assert_eq!(files(&kept), first);
    evidence(&list, SECOND, &[("2026-02-20T08:00:00Z", 50076)]);
    fleet(&list, &store, &[]);
    let more: Vec<String> = files(&kept).difference(&first).cloned().collect();
    assert_eq!(more, ["graph.sign_ins/20260220T090000Z.json"]);
    for file in files(&kept) {
        let text = fs::read_to_string(kept.join(&file)).unwrap();
        assert!(!text.to_lowercase().contains("fabrikam"), "{file} names somebody");
        let snapshot: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(snapshot["redacted"], true);
        assert_eq!(snapshot["sections"].as_object().unwrap().len(), 1, "{file}");
    }
    // Each is a snapshot of its own, and the key lies beside the store.
    let one = kept.join("graph.user").join("20260131T090000Z.json");
    assert_ne!(code(&run(&["check", "--snapshot", text(&one)])), 2);
    let keys = folder.path().join("store.keys");
    assert_eq!(files(&keys).into_iter().collect::<Vec<_>>(), ["contoso.map.json"]);
    assert!(!files(&store).iter().any(|file| file.contains("map")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&one), 0o600);
        assert_eq!(mode(&keys.join("contoso.map.json")), 0o600);
        assert_eq!(mode(one.parent().unwrap()), 0o700);
    }
}

#[test]
fn the_timeline_of_a_store_reaches_past_what_the_log_keeps_and_names_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let (list, store) = (folder.path().join("cases"), folder.path().join("store"));
    fs::create_dir(&list).unwrap();
    evidence(&list, FIRST, &[("2026-01-31T08:00:00Z", 0)]);
    fleet(&list, &store, &[]);
    evidence(
        &list,
        SECOND,
        &[("2026-02-20T08:00:00Z", 50076), ("2026-02-10T08:00:00Z", 50076)],
    );
    fleet(&list, &store, &[]);
    evidence(
        &list,
        THIRD,
        &[("2026-03-15T08:00:00Z", 50076), ("2026-03-14T08:00:00Z", 50076)],
    );
    fleet(&list, &store, &[]);
    let timeline = |format: &str| {
        run(&[
            "report",
            "timeline",
            "contoso",
            "--store",
            text(&store),
            "-o",
            format,
        ])
    };
    let output = timeline("json");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let history = parsed(&output);
    assert_eq!(history["schema"], "work365-doctor/timeline/v1");
    assert_eq!(
        (&history["since"], &history["until"]),
        (&json!(FIRST), &json!(THIRD))
    );
    let told = &history["timeline"];
    // The newest log alone begins on the 14th of March and knows no success.
    assert_eq!(told["last_success"]["at"], "2026-01-31T08:00:00Z", "{told}");
    assert_eq!(told["first_failure"]["at"], "2026-02-10T08:00:00Z");
    assert_eq!(history["gaps"], json!([]));
    assert_eq!(history["judgements"].as_array().unwrap().len(), 3);
    for format in ["table", "markdown"] {
        let said = timeline(format);
        let said = stdout(&said);
        for at in ["2026-01-31T08:00:00Z", "2026-02-10T08:00:00Z", FIRST] {
            assert!(said.contains(at), "{format}: {at}: {said}");
        }
    }
    // Nobody looked for a quarter: that time is named.
    evidence(&list, "2026-07-01T09:00:00Z", &[("2026-07-01T08:00:00Z", 0)]);
    fleet(&list, &store, &[]);
    let gaps = parsed(&timeline("json"))["gaps"].clone();
    let log = gaps
        .as_array()
        .unwrap()
        .iter()
        .find(|gap| gap["section"] == "graph.sign_ins");
    assert_eq!(log.unwrap()["from"], THIRD, "{gaps}");
    assert!(stdout(&timeline("table")).contains("is not told"));
    let unknown = run(&["report", "timeline", "nobody", "--store", text(&store)]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("contoso"), "{}", stderr(&unknown));
}

#[test]
fn evidence_is_kept_as_it_is_only_when_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (list, store) = (folder.path().join("cases"), folder.path().join("store"));
    fs::create_dir(&list).unwrap();
    evidence(&list, FIRST, &[]);
    fleet(&list, &store, &["--no-redact"]);
    let user = store.join("contoso/evidence/graph.user/20260131T090000Z.json");
    assert!(
        fs::read_to_string(user)
            .unwrap()
            .contains("svc-work365@fabrikam.com")
    );
    assert!(!folder.path().join("store.keys").exists());
    assert_eq!(
        code(&run(&["fleet", text(&list), "--no-redact"])),
        2,
        "there is nothing to keep"
    );
}

#[test]
fn an_exception_that_hides_a_fault_says_when_it_ends_who_acts_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case.json");
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(BASE).unwrap()).unwrap();
    snapshot["sections"]["dataverse.system_users"]["body"]["value"][0]["accessmode"] = 2.into();
    fs::write(&case, snapshot.to_string()).unwrap();
    let config = folder.path().join("exceptions.toml");
    let accept = "[[accept]]\nrule = \"access-mode-not-read-write\"\nreason = \"reports only\"\nowner = \"billing team\"\n\
        expires = \"2026-06-30\"\nevidence = { \"user_row.access_mode\" = 2 }\n";
    fs::write(&config, accept).unwrap();
    // Not `--no-config`, which the others run with.
    let check = |format: &str| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("work365-doctor"));
        let output = command
            .env_clear()
            .args([
                "check",
                "--config",
                text(&config),
                "--snapshot",
                text(&case),
                "-o",
                format,
            ])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let report: Value = serde_json::from_str(&check("json")).unwrap();
    let events = report["upcoming"].as_array().unwrap().iter();
    let mut ends = events.filter(|event| event["kind"] == "exception-end");
    let end = ends.next().unwrap_or_else(|| panic!("{}", report["upcoming"]));
    assert!(ends.next().is_none());
    assert_eq!(end["at"], "2026-06-30T23:59:59Z", "through its last day");
    assert!(
        end["what"]
            .as_str()
            .unwrap()
            .contains("access-mode-not-read-write"),
        "{end}"
    );
    assert!(
        end["step"].as_str().unwrap().contains("billing team") && end["owner"] != "",
        "{end}"
    );
    assert_eq!(report["summary"]["outcome"], "healthy");
    let headline = report["diagnosis"]["headline"].as_str().unwrap();
    assert!(
        headline.contains("2026-06-30"),
        "due within thirty days: {headline}"
    );
    assert!(check("ics").contains("DTSTART;VALUE=DATE:20260630"));
}

#[test]
fn what_time_alone_cures_is_waited_for_and_nobody_is_told_to_fix_it() {
    let folder = tempfile::tempdir().unwrap();
    let demo = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/demos/role-not-in-effect.json"
    );
    fs::copy(demo, folder.path().join("waits.json")).unwrap();
    let list = folder.path().join("list.csv");
    fs::write(&list, "name,snapshot\nwaits,waits.json\n").unwrap();
    let fleet = |format: &str| stdout(&run(&["fleet", text(&list), "-o", format])).to_owned();
    let document: Value = serde_json::from_str(&fleet("json")).unwrap();
    let cause = &document["causes"][0];
    assert_eq!(cause["pending"], serde_json::json!(["waits"]), "{cause}");
    assert_eq!(cause["owner"], Value::Null);
    let table = fleet("table");
    assert!(
        table.contains("nobody has to act: wait") && !table.contains("who fixes it"),
        "{table}"
    );
}

#[test]
fn a_calendar_has_the_ends_of_licences_and_roles() {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, day, category) in [
        (
            "upcoming-subscription-ends-in-three-weeks",
            "20260705",
            "licence-end",
        ),
        ("upcoming-trial-ends", "20260625", "licence-end"),
        ("upcoming-administrator-role-ends", "20260615", "role-end"),
    ] {
        let snapshot = snapshot_of(&Path::new("fixtures/scenarios").join(scenario)).unwrap();
        let path = folder.path().join("snapshot.json");
        fs::write(&path, snapshot.to_string()).unwrap();
        let output = run(&["check", "--snapshot", text(&path), "-o", "ics"]);
        let calendar = String::from_utf8(output.stdout).unwrap();
        let events = calendar.split("BEGIN:VEVENT").skip(1);
        let mut of_kind = events.filter(|event| event.contains(&format!("CATEGORIES:{category}\r\n")));
        let event = of_kind.next().unwrap_or_else(|| panic!("{scenario}: {calendar}"));
        assert!(
            event.contains(&format!("DTSTART;VALUE=DATE:{day}\r\n")),
            "{scenario}: {event}"
        );
        assert!(of_kind.next().is_none(), "{scenario}");
    }
}

#[cfg(unix)]
#[test]
fn no_link_in_the_store_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (list, store) = (folder.path().join("cases"), folder.path().join("store"));
    let elsewhere = folder.path().join("elsewhere");
    for path in [&list, &elsewhere, &store.join("contoso")] {
        fs::create_dir_all(path).unwrap();
    }
    std::os::unix::fs::symlink(&elsewhere, store.join("contoso").join("evidence")).unwrap();
    evidence(&list, FIRST, &[]);
    let output = run(&["fleet", text(&list), "--store", text(&store)]);
    assert!(
        stderr(&output).contains("a link or a file stands"),
        "{}",
        stderr(&output)
    );
    assert_eq!(files(&elsewhere), BTreeSet::new());
    // The account is judged all the same, and its report is kept.
    assert!(
        store
            .join("contoso")
            .join("20260131T090000Z.report.json")
            .exists()
    );
}
