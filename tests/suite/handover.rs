//! What leaves the program for other programs and people: case files, calendars, fields of tickets, pages, schedules.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::contract::{run, stderr, stdout, tool};

const BASE: &str = "fixtures/bases/healthy-legacy-password.json";

/// A case file of the base in `folder`, by the key of this test.
fn case(folder: &Path, name: &str, more: &[&str]) -> (Output, std::path::PathBuf) {
    let path = folder.join(name);
    let mut arguments = vec!["capture", "--from", BASE, "--case", path.to_str().unwrap()];
    arguments.extend(more);
    let output = tool(&arguments)
        .env("WORK365_DOCTOR_CASE_KEY", "key of this test")
        .output()
        .unwrap();
    (output, path)
}

#[test]
fn a_case_file_holds_everything_and_the_same_case_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let answers = folder.path().join("answers.json");
    std::fs::write(
        &answers,
        r#"{"schema":"work365-doctor/answers/v1","answers":[{"question":"user-row-access-mode","value":0}]}"#,
    )
    .unwrap();
    let more = [
        "--error",
        "AADSTS50126: Error validating credentials of svc-work365@fabrikam.com",
        "--answers",
        answers.to_str().unwrap(),
    ];
    let (said, path) = case(folder.path(), "a.zip", &more);
    assert_eq!(said.status.code(), Some(0), "{}", stderr(&said));
    let (_, again) = case(folder.path(), "b.zip", &more);
    assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(again).unwrap());
    assert!(folder.path().join("a.map.json").exists());

    let opened = run(&["report", "open", path.to_str().unwrap(), "-o", "json"]);
    assert_eq!(opened.status.code(), Some(0), "{}", stderr(&opened));
    let opened: Value = serde_json::from_slice(&opened.stdout).unwrap();
    assert_eq!(opened["schema"], "work365-doctor/report-open/v1");
    assert_eq!(opened["error"]["primary"], "AADSTS50126");
    assert_eq!(opened["answers"]["answers"][0]["value"], 0);
    let names: Vec<&str> = opened["manifest"]["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|file| file["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "summary.txt",
            "report.json",
            "snapshot.json",
            "error.json",
            "answers.json",
            "ledger.json",
            "limits.txt"
        ]
    );
    assert!(!opened.to_string().contains("fabrikam"));

    let mut damaged = std::fs::read(&path).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    std::fs::write(&path, damaged).unwrap();
    let refused = run(&["report", "open", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    let told = stderr(&refused);
    assert!(names.iter().any(|name| told.contains(name)), "{told}");
}

#[test]
fn a_case_file_for_one_reader_opens_with_the_key_of_that_reader_alone() {
    use age::secrecy::ExposeSecret as _;
    let folder = tempfile::tempdir().unwrap();
    let pair = age::x25519::Identity::generate();
    let secret = pair.to_string().expose_secret().to_owned();
    let (said, path) = case(
        folder.path(),
        "a.zip.age",
        &["--encrypt-to", &pair.to_public().to_string()],
    );
    assert_eq!(said.status.code(), Some(0), "{}", stderr(&said));
    assert!(
        std::fs::read(&path)
            .unwrap()
            .starts_with(b"age-encryption.org/v1\n")
    );
    let path = path.to_str().unwrap();
    let refused = run(&["report", "open", path]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--identity"), "{}", stderr(&refused));
    let key = folder.path().join("key.txt");
    std::fs::write(&key, format!("# a comment\n{secret}\n")).unwrap();
    let key = key.to_str().unwrap();
    let opened = run(&["report", "open", path, "--identity", key, "-o", "json"]);
    assert_eq!(opened.status.code(), Some(0), "{}", stderr(&opened));
    let opened: Value = serde_json::from_slice(&opened.stdout).unwrap();
    assert_eq!(opened["schema"], "work365-doctor/report-open/v1");
    // Neither key is in the answer of a mistake.
    let (said, _) = case(folder.path(), "b.zip", &["--encrypt-to", &secret]);
    assert_eq!(said.status.code(), Some(2));
    assert!(!stderr(&said).contains(&secret[16..]), "{}", stderr(&said));
    assert!(!folder.path().join("b.zip").exists());
}

#[test]
fn a_case_file_leaves_nothing_when_there_is_no_case() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.zip");
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{}").unwrap();
    for arguments in [
        vec![
            "capture",
            "--from",
            broken.to_str().unwrap(),
            "--case",
            path.to_str().unwrap(),
        ],
        vec!["capture", "--from", BASE, "--error", "x"],
        vec![
            "capture",
            "--from",
            BASE,
            "--case",
            path.to_str().unwrap(),
            "--no-redact",
        ],
        vec!["report", "open", BASE],
        vec!["report", "open", path.to_str().unwrap()],
    ] {
        let said = run(&arguments);
        assert_eq!(said.status.code(), Some(2), "{arguments:?}: {}", stderr(&said));
    }
    assert!(!path.exists());
}

#[test]
fn fields_of_a_ticket_keep_their_id_from_run_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let fields = |demo: &str, now: &str| -> Value {
        let report = folder.path().join("r.json");
        let target = format!("json={}", report.display());
        run(&["check", "--demo", demo, "--now", now, "-o", &target]);
        let said = run(&[
            "report",
            "render",
            report.to_str().unwrap(),
            "-o",
            "ticket-fields",
        ]);
        assert_eq!(said.status.code(), Some(0), "{}", stderr(&said));
        serde_json::from_slice(&said.stdout).unwrap()
    };
    let first = fields("mfa-by-conditional-access", "2026-06-15T09:00:00Z");
    let second = fields("mfa-by-conditional-access", "2026-06-20T09:00:00Z");
    assert_eq!(first["stable_id"], second["stable_id"]);
    assert_eq!(
        first["findings"][0]["stable_id"],
        second["findings"][0]["stable_id"]
    );
    assert_ne!(first["stable_id"], first["findings"][0]["stable_id"]);
    assert_eq!(first["severity"], "blocker");
    assert!(first["owner"].as_str().unwrap().contains("Conditional Access"));
    let labels = first["labels"].as_array().unwrap();
    assert!(
        labels.contains(&Value::from("rule:mfa-conditional-access")),
        "{labels:?}"
    );
    let healthy = fields("healthy", "2026-06-15T09:00:00Z");
    assert_eq!(
        (&healthy["severity"], &healthy["owner"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn every_check_and_code_has_a_page_that_the_index_leads_to() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    let said = run(&["rules", "docs", "--html", pages.to_str().unwrap()]);
    assert_eq!(said.status.code(), Some(0), "{}", stderr(&said));
    let index = std::fs::read_to_string(pages.join("index.html")).unwrap();
    for page in [
        "checks/mfa-conditional-access.html",
        "codes/AADSTS50076.html",
        "codes/OAuth-invalid_grant.html",
    ] {
        assert!(index.contains(&format!("href=\"{page}\"")), "{page}");
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(
            text.contains("../index.html") && !text.contains("<script"),
            "{page}"
        );
    }
    let links = index.matches("<a href=").count();
    let written = ["checks", "codes"]
        .map(|below| std::fs::read_dir(pages.join(below)).unwrap().count())
        .iter()
        .sum::<usize>();
    assert_eq!(links, written);
}

#[test]
fn every_schedule_is_in_its_language_whatever_the_names_are() {
    let recipe = |what: &str| -> String {
        let said = run(&[
            "plan",
            "--schedule",
            what,
            "--account",
            "o'neil&co@contoso.com",
            "--environment",
            "https://contoso.crm4.dynamics.com",
        ]);
        assert_eq!(said.status.code(), Some(0), "{what}: {}", stderr(&said));
        stdout(&said).to_owned()
    };
    let xml = recipe("task-scheduler");
    let mut reader = quick_xml::Reader::from_str(&xml);
    reader.config_mut().check_comments = true;
    let mut arguments = String::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Text(text) => {
                arguments.push_str(&String::from_utf8_lossy(&text.into_inner()));
            }
            _ => {}
        }
    }
    assert!(xml.contains("--account \"o'neil&amp;co@contoso.com\""));
    assert!(arguments.contains("--environment \"https://contoso.crm4.dynamics.com\""));

    let yaml = recipe("github-actions");
    let workflow: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(
        workflow["jobs"]["check"]["env"]["ACCOUNT"],
        "o'neil&co@contoso.com"
    );
    assert_eq!(workflow["permissions"], serde_json::json!({"id-token": "write"}));
    let script = workflow["jobs"]["check"]["steps"][2]["run"].as_str().unwrap();
    assert_shell("bash", script);

    let cron = recipe("cron");
    let mut lines = cron
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    assert!(lines.by_ref().take(4).all(|line| line.split_once('=').is_some()));
    let (line, more) = (lines.next().unwrap(), lines.next());
    assert_eq!(more, None);
    let fields: Vec<&str> = line.splitn(7, ' ').collect();
    assert_eq!(&fields[..6], ["30", "6", "*", "*", "*", "work365-doctor"]);
    assert!(!fields[6].contains('%'));
    assert_shell("sh", fields[6]);

    let runbook = recipe("azure-automation");
    assert!(runbook.contains("$account = 'o''neil&co@contoso.com'"));
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .unwrap();
    let tree = parser.parse(&runbook, None).unwrap();
    assert!(!tree.root_node().has_error(), "{}", tree.root_node().to_sexp());
}

/// The shell takes the text for a script.
fn assert_shell(shell: &str, script: &str) {
    let Ok(mut child) = Command::new(shell)
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        return;
    };
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", stderr(&said));
}

#[test]
fn a_long_table_ends_with_its_verdict_and_a_pipe_gets_no_links() {
    let said = tool(&["check", "--demo", "mfa-by-conditional-access"])
        .env("WORK365_DOCTOR_PAGES", "https://docs.contoso.com")
        .output()
        .unwrap();
    let text = stdout(&said);
    assert!(text.lines().last().unwrap().starts_with("UNHEALTHY  "), "{text}");
    let sentences = text
        .lines()
        .filter(|line| !line.contains("https://") && !line.starts_with("    "));
    let long: Vec<&str> = sentences.filter(|line| line.chars().count() > 100).collect();
    assert!(long.is_empty() && !text.contains('\u{1b}'), "{long:?}");
}

#[test]
fn a_calendar_is_one_event_for_each_thing_that_time_brings() {
    let said = run(&["check", "--snapshot", BASE, "-o", "json"]);
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    let said = run(&["check", "--snapshot", BASE, "-o", "ics"]);
    let calendar = stdout(&said);
    let events = calendar.matches("BEGIN:VEVENT\r\n").count();
    assert_eq!(events, report["upcoming"].as_array().unwrap().len());
    assert!(
        events > 0 && calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n")
    );
}
