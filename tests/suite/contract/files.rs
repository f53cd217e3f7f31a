//! Files and streams: replaced as a whole, never half, and every failure is told.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{BASE, FORMATS, code, run, snapshot, stderr, stdout, text, tool, with_mfa};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn one_line(path: &str) -> String {
    std::fs::read_to_string(path).unwrap().replace('\n', " ") + "\n"
}

#[test]
fn a_run_over_many_snapshots_that_is_interrupted_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.ndjson");
    std::fs::write(&path, "the old file").unwrap();
    let target = format!("ndjson={}", path.display());
    let mut child = tool(&["check", "--snapshot", "-", "-o", &target])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(one_line(BASE).as_bytes()).unwrap();
    stdin.flush().unwrap();
    let started = Instant::now();
    while names(folder.path()).len() < 2 {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "it never started to write"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old file");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "the old file");
}

#[test]
fn a_run_over_many_snapshots_replaces_its_files_and_leaves_nothing_beside_them() {
    let (input, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    snapshot(input.path(), "a.json", |_| {});
    snapshot(input.path(), "b.json", with_mfa);
    let many = ["ndjson", "short", "markdown", "table"];
    let targets = many.map(|format| format!("{format}={}", folder.path().join(format).display()));
    for format in many {
        std::fs::write(folder.path().join(format), "the old file").unwrap();
    }
    let mut arguments = vec!["check", "--snapshot", text(input.path())];
    targets
        .iter()
        .for_each(|target| arguments.extend(["-o", target.as_str()]));
    let output = run(&arguments);
    assert_eq!((code(&output), stdout(&output)), (1, ""), "{}", stderr(&output));
    let mut wanted = many.to_vec();
    wanted.sort_unstable();
    assert_eq!(names(folder.path()), wanted);
    for format in many {
        let written = std::fs::read(folder.path().join(format)).unwrap();
        let printed = run(&["check", "--snapshot", text(input.path()), "-o", format]);
        assert_eq!(written, printed.stdout, "{format}");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let input = tempfile::tempdir().unwrap();
    snapshot(input.path(), "a.json", |_| {});
    let missing = folder.path().join("missing").join("report");
    let evidence: [&[&str]; 2] = [&["--demo"], &["--snapshot", text(input.path())]];
    for path in [missing.as_path(), folder.path()] {
        for evidence in evidence {
            let target = format!("ndjson={}", path.display());
            let output = run(&[&["check", "-o", &target][..], evidence].concat());
            assert_eq!(code(&output), 2, "{target}");
            let said = stderr(&output);
            assert!(
                said.starts_with(&format!("error: {}: ", path.display())),
                "{said}"
            );
            assert_eq!((said.lines().count(), stdout(&output)), (1, ""), "{said}");
        }
    }
    assert_eq!(names(folder.path()), [""; 0]);
    for arguments in [
        &["report", "render", "no/such/report.json"][..],
        &["decode", "no/such/file.log"],
        &["token", "no/such/token"],
        &["capture", "--from", "no/such/snapshot.json"],
        &["what-if", "--snapshot", "no/such/snapshot.json"],
        &["rules", "lint", "no/such/rules"],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = format!("{}{}", stdout(&output), stderr(&output));
        assert!(said.contains("no/such/"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_on_stdout_and_in_every_kind_of_file() {
    let input = tempfile::tempdir().unwrap();
    snapshot(input.path(), "a.json", |_| {});
    let many = ["--snapshot", text(input.path())];
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for format in FORMATS {
        let output = tool(&["check", "--demo", "-o", format])
            .stdout(full())
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{format}");
        assert!(
            stderr(&output).starts_with("error: stdout: No space left"),
            "{}",
            stderr(&output)
        );
        let target = format!("{format}=/dev/full");
        let output = run(&["check", "--demo", "-o", &target]);
        assert_eq!(code(&output), 2, "{format}");
        assert!(
            stderr(&output).starts_with("error: /dev/full: No space left"),
            "{}",
            stderr(&output)
        );
    }
    for format in ["ndjson", "table", "short", "markdown"] {
        let target = format!("{format}=/dev/full");
        let output = run(&[&["check", "-o", &target][..], &many].concat());
        assert_eq!(code(&output), 2, "{format}");
        assert!(stderr(&output).contains("No space left"), "{}", stderr(&output));
    }
    for arguments in [
        &["decode", "AADSTS50076"][..],
        &["explain", "AADSTS50076"],
        &["plan"],
        &["rules", "list"],
        &["report", "schema"],
        &["completions", "bash"],
        &["man"],
        &["check", "--demo", "list"],
    ] {
        let output = tool(arguments).stdout(full()).output().unwrap();
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains("No space left"),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_takes_one_line_and_leaves_ends_the_answer_quietly() {
    let program = assert_cmd::cargo::cargo_bin("work365-doctor");
    let folder = tempfile::tempdir().unwrap();
    let many = folder.path().join("many.ndjson");
    std::fs::write(&many, one_line(BASE).repeat(12)).unwrap();
    let many = format!("check --snapshot {} -o ndjson", many.display());
    for command in [
        "check --demo -v",
        "check --demo -o html",
        "check --demo -o json",
        "rules facts",
        "report schema",
        "decode --batch fixtures/errors/corpus.jsonl -o ndjson",
        "completions bash",
        "--help",
        &many,
    ] {
        let line = format!("{} --no-config {command} | head -1", program.display());
        let line = if command == "--help" {
            line.replace(" --no-config", "")
        } else {
            line
        };
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .output()
            .unwrap();
        assert_eq!(stderr(&output), "", "{command}");
        assert_eq!(stdout(&output).lines().count(), 1, "{command}");
    }
}

#[test]
fn two_formats_for_one_place_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report");
    let (json, html) = (
        format!("json={}", path.display()),
        format!("html={}", path.display()),
    );
    for arguments in [["-o", "json", "-o", "html"], ["-o", &json, "-o", &html]] {
        let output = run(&[&["check", "--demo"][..], &arguments].concat());
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains("two formats go to"),
            "{}",
            stderr(&output)
        );
    }
    assert_eq!(names(folder.path()), [""; 0]);
}

/// As `>` of Windows PowerShell 5.1 writes what was written in UTF-8.
fn redirected(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_file_and_stream_may_be_as_windows_powershell_redirects_it() {
    let folder = tempfile::tempdir().unwrap();
    let report = run(&["check", "--snapshot", BASE, "-o", "json"]);
    let rule = run(&["rules", "new", "our-rule"]);
    let snapshots = one_line(BASE).repeat(2);
    let error = "{\"text\":\"AADSTS50126: wrong\"}\n";
    let answers = "{\"schema\":\"work365-doctor/answers/v1\",\"answers\":[{\"question\":\"user-row-access-mode\",\"value\":1}]}\n";
    let policy = std::fs::read_to_string("fixtures/policies/compliant-device-for-dynamics.json").unwrap();
    let table: [(&[&str], &str, &str); 9] = [
        (
            &["report", "render", "FILE", "-o", "short"],
            "a.json",
            stdout(&report),
        ),
        (&["report", "diff", "FILE", BASE], "b.json", stdout(&report)),
        (&["ask", "--answers", "FILE", "-o", "json"], "c.json", answers),
        (
            &["check", "--snapshot", BASE, "--answers", "FILE"],
            "d.json",
            answers,
        ),
        (
            &["what-if", "--snapshot", BASE, "--policy", "FILE"],
            "e.json",
            &policy,
        ),
        (&["decode", "--batch", "FILE", "-o", "json"], "f.jsonl", error),
        (
            &["check", "--snapshot", "FILE", "-o", "ndjson"],
            "g.ndjson",
            &snapshots,
        ),
        (&["check", "--snapshot", "-", "-o", "ndjson"], "-", &snapshots),
        (&["rules", "lint", "FILE"], "h.yaml", stdout(&rule)),
    ];
    for (arguments, name, content) in table {
        let path = folder.path().join(name);
        let arguments: Vec<&str> = arguments
            .iter()
            .map(|one| if *one == "FILE" { text(&path) } else { one })
            .collect();
        let [plain, wide] = [content.as_bytes().to_vec(), redirected(content)].map(|bytes| {
            if name == "-" {
                return super::fed(&arguments, bytes);
            }
            std::fs::write(&path, bytes).unwrap();
            run(&arguments)
        });
        assert!(code(&plain) < 2, "{arguments:?}: {}", stderr(&plain));
        assert_eq!(
            (code(&wide), stdout(&wide), stderr(&wide)),
            (code(&plain), stdout(&plain), stderr(&plain)),
            "{arguments:?}"
        );
    }
}
