//! What is said where the input is empty, or the configuration cannot be read.

use std::process::Command;

use crate::contract::{code, fed, stderr, stdout};

#[test]
fn nothing_on_stdin_is_told_with_what_was_expected() {
    let output = fed(&["check", "--snapshot", "-"], "");
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("one snapshot a line"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_broken_configuration_stops_neither_help_nor_version() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("work365-doctor.toml"), "profile = [broken").unwrap();
    for (arguments, exit) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["check", "--help"], 0),
        (&["check", "--demo", "healthy"], 2),
    ] {
        // Not `--no-config`, which the others run with.
        let output = Command::new(assert_cmd::cargo::cargo_bin("work365-doctor"))
            .env_clear()
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(code(&output), exit, "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output).is_empty(), exit == 2, "{arguments:?}");
    }
}
