//! What the command line promises about its outputs: schemas, formats, exit codes, files, hostile names, scripts for shells.

mod captures;
mod files;
mod formats;
mod hostile;
mod matrix;
mod reports;
mod schemas;
mod shell;
mod validate;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) const BASE: &str = "fixtures/bases/healthy-legacy-password.json";

pub(crate) const DEMOS: [&str; 5] = [
    "application-user",
    "healthy",
    "mfa-by-conditional-access",
    "role-not-in-effect",
    "unreadable-policies",
];

pub(crate) const PROFILES: [&str; 3] = ["legacy-password", "consent", "application-user"];

pub(crate) const FORMATS: [&str; 8] = [
    "table", "json", "ndjson", "short", "markdown", "html", "junit", "sarif",
];

/// The tool in a clean environment, so that no variable or configuration file of the machine counts.
pub(crate) fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("work365-doctor"));
    command
        .env_clear()
        .env("COLUMNS", "80")
        .arg("--no-config")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    tool(arguments).output().unwrap()
}

/// Runs it with text on stdin.
pub(crate) fn fed(arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Output {
    let mut command = assert_cmd::Command::from_std(tool(arguments));
    command.write_stdin(stdin).output().unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The finding of a rule in a report.
pub(crate) fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["id"] == id).unwrap()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(output), stderr(output)))
}

/// A healthy snapshot with something changed.
pub(crate) fn snapshot(folder: &Path, name: &str, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut snapshot: Value = serde_json::from_str(&std::fs::read_to_string(BASE).unwrap()).unwrap();
    change(&mut snapshot);
    let path = folder.join(name);
    std::fs::write(&path, serde_json::to_vec(&snapshot).unwrap()).unwrap();
    path
}

/// A change that is a fault: MFA is enforced for the account.
pub(crate) fn with_mfa(snapshot: &mut Value) {
    snapshot["sections"]["graph.per_user_mfa"]["body"]["perUserMfaState"] = "enforced".into();
}

/// Whether a program of the machine can be started.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Every command of the program with its line in the help, the deepest included: `["report", "diff"]`.
pub(crate) fn commands() -> Vec<Vec<String>> {
    let mut all = Vec::new();
    below(&[], &mut all);
    all
}

fn below(parents: &[String], all: &mut Vec<Vec<String>>) {
    let arguments: Vec<&str> = parents.iter().map(String::as_str).chain(["--help"]).collect();
    let output = run(&arguments);
    assert_eq!(code(&output), 0, "{arguments:?}");
    let Some((_, commands)) = stdout(&output).split_once("\nCommands:\n") else {
        return;
    };
    let names = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    for name in names {
        let command: Vec<String> = parents.iter().cloned().chain([name.to_owned()]).collect();
        all.push(command.clone());
        below(&command, all);
    }
}
