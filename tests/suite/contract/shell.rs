//! What a packager installs: completions that the shells can read, a manual page for every command, help with examples.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{code, commands, is_there, run, stderr, stdout, text};

#[test]
fn completions_know_every_command_and_the_shells_can_read_them() {
    let commands = commands();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert_eq!((code(&output), stderr(&output)), (0, ""), "{shell}");
        let script = stdout(&output);
        for command in &commands {
            assert!(script.contains(command.last().unwrap()), "{shell}: {command:?}");
        }
        for flag in [
            "snapshot",
            "time-zone",
            "fail-on",
            "probe-sign-in",
            "legacy",
            "sarif",
        ] {
            // Formats and profiles are parsed by the tool, not listed by the shell.
            if !matches!(flag, "legacy" | "sarif") {
                assert!(script.contains(flag), "{shell}: {flag}");
            }
        }
        if matches!(shell, "bash" | "zsh" | "fish") && is_there(shell) {
            let mut child = Command::new(shell)
                .arg("-n")
                .stdin(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
            let read = child.wait_with_output().unwrap();
            assert!(read.status.success(), "{shell}: {}", stderr(&read));
        }
    }
    assert_eq!(code(&run(&["completions", "nonsense"])), 2);
}

#[test]
fn every_command_has_a_manual_page_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["man", "--all", text(folder.path())]);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    let commands = commands();
    assert!(commands.len() >= 19, "{}", commands.len());
    let mut pages = vec!["work365-doctor".to_owned()];
    pages.extend(
        commands
            .iter()
            .map(|command| format!("work365-doctor-{}", command.join("-"))),
    );
    let mut written: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    written.sort();
    let mut wanted: Vec<String> = pages.iter().map(|page| format!("{page}.1")).collect();
    wanted.sort();
    assert_eq!(written, wanted);
    for page in &pages {
        let path = folder.path().join(format!("{page}.1"));
        let source = std::fs::read_to_string(&path).unwrap();
        for part in [
            &format!(".TH {page} 1")[..],
            ".SH NAME",
            ".SH SYNOPSIS",
            ".SH DESCRIPTION",
        ] {
            assert!(source.contains(part), "{page}: {part}");
        }
        assert!(source.contains(&page.replace('-', "\\-")), "{page}");
        if is_there("groff") {
            let shown = Command::new("groff")
                .args(["-man", "-Tutf8", "-ww", text(&path)])
                .output()
                .unwrap();
            assert!(
                shown.status.success() && stderr(&shown).is_empty(),
                "{page}: {}",
                stderr(&shown)
            );
            assert!(stdout(&shown).contains("work365-doctor"), "{page}");
        }
    }
    for command in &commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let one = run(&[&["man"][..], &words].concat());
        let path = folder
            .path()
            .join(format!("work365-doctor-{}.1", command.join("-")));
        assert_eq!(one.stdout, std::fs::read(path).unwrap(), "{command:?}");
    }
    assert_eq!(code(&run(&["man", "nonsense"])), 2);
}

#[test]
fn every_command_that_does_something_shows_examples() {
    let commands = commands();
    for command in &commands {
        let is_family = commands
            .iter()
            .any(|other| other.len() > command.len() && other.starts_with(command));
        let words: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
        let output = run(&words);
        assert_eq!((code(&output), stderr(&output)), (0, ""), "{command:?}");
        let has = stdout(&output).contains(&format!("  work365-doctor {}", command.join(" ")));
        assert!(has || is_family, "{command:?}");
    }
}
