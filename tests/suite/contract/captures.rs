//! `capture --from`: names of files, what a preview shows, pseudonyms that stay the same within a case.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use super::{BASE, code, fed, json, run, stderr, stdout, text, tool};

/// `capture` in a folder of its own.
fn capture(folder: &Path, arguments: &[&str]) -> Output {
    let base = std::fs::canonicalize(BASE).unwrap();
    let mut command = tool(&["capture", "--from", text(&base)]);
    command.args(arguments).current_dir(folder).output().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn without_a_path_the_file_is_named_by_pseudonym_and_time_and_the_map_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = capture(folder.path(), &[]);
    assert_eq!((code(&output), stdout(&output)), (0, ""), "{}", stderr(&output));
    let [map, snapshot] = &files(folder.path())[..] else {
        panic!("{:?}", files(folder.path()));
    };
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let stem = name(snapshot).strip_suffix(".snapshot.json").unwrap().to_owned();
    assert_eq!(name(map), format!("{stem}.map.json"));
    let document = read(snapshot);
    assert_eq!(document["redacted"], true);
    let account = document["subject"]["account"]
        .as_str()
        .unwrap()
        .split('@')
        .next()
        .unwrap();
    assert_eq!(stem, format!("{account}-20260615T090000Z"));
    for file in [snapshot, map] {
        assert!(stderr(&output).contains(&name(file)), "{}", stderr(&output));
    }
    let names = read(map)["names"].to_string();
    assert!(names.contains("fabrikam"), "{names}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(map).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only its owner reads the map");
    }
}

#[test]
fn an_unredacted_file_says_so_in_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let output = capture(folder.path(), &["--no-redact"]);
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("not redacted"), "{}", stderr(&output));
    let files = files(folder.path());
    assert_eq!(files.len(), 1);
    assert!(
        text(&files[0]).ends_with("-20260615T090000Z.UNREDACTED.snapshot.json"),
        "{files:?}"
    );
    assert_eq!(read(&files[0]), read(Path::new(BASE)));
}

#[test]
fn a_preview_shows_what_would_be_replaced_and_what_would_leave_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = capture(folder.path(), &["--preview"]);
    assert_eq!((code(&output), files(folder.path()).len()), (0, 0));
    let (replaced, leaves) = stdout(&output).split_once("What would leave:\n").unwrap();
    let account = "Accounts:\n";
    assert!(
        replaced.starts_with(account) && replaced.contains("  svc-work365  →  user-"),
        "{replaced}"
    );
    assert!(replaced.contains("  fabrikam.com  →  domain-"), "{replaced}");
    assert!(!leaves.contains("fabrikam"));
    let leaves: Value = serde_json::from_str(leaves).unwrap();
    assert_eq!(leaves["redacted"], true);
    for arguments in [&["--preview", "--no-redact"][..], &["--preview", "--schema"]] {
        assert_eq!(code(&capture(folder.path(), arguments)), 2, "{arguments:?}");
    }
}

#[test]
fn a_map_gives_the_same_pseudonyms_to_the_next_file_of_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (
        folder.path().join("first.json"),
        folder.path().join("second.json"),
    );
    let map = folder.path().join("case.map.json");
    for path in [&first, &second] {
        let output = capture(folder.path(), &["--map", text(&map), text(path)]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
    assert_eq!(read(&first), read(&second));
    let stranger = folder.path().join("stranger.json");
    assert_eq!(code(&capture(folder.path(), &[text(&stranger)])), 0);
    assert_ne!(read(&first)["subject"], read(&stranger)["subject"]);

    let mut wrong_key = tool(&["capture", "--from", BASE, "--map", text(&map), "-"]);
    let output = wrong_key
        .env("WORK365_DOCTOR_CASE_KEY", "another")
        .output()
        .unwrap();
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    std::fs::write(&map, "{}").unwrap();
    let output = capture(folder.path(), &["--map", text(&map), "-"]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    assert!(stderr(&output).contains("not a map"), "{}", stderr(&output));
}

#[test]
fn from_stdin_to_stdout_no_map_is_kept_and_that_is_said() {
    let output = fed(&["capture", "--from", "-", "-"], std::fs::read(BASE).unwrap());
    assert_eq!(code(&output), 0);
    assert_eq!(json(&output)["redacted"], true);
    assert!(stderr(&output).contains("no map was kept"), "{}", stderr(&output));
    let broken = fed(&["capture", "--from", "-", "-"], "{}");
    assert_eq!((code(&broken), stdout(&broken)), (2, ""));
    assert_eq!(code(&run(&["capture", "--from", BASE, "--account", "a@b.c"])), 2);
}
