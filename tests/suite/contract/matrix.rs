//! Format × outcome × colour × where it goes: the exit code is the outcome's alone.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use super::{FORMATS, code, snapshot, text, tool};

#[test]
fn the_exit_code_is_that_of_the_outcome_alone() {
    let folder = tempfile::tempdir().unwrap();
    let empty = snapshot(folder.path(), "empty.json", |snapshot| {
        snapshot["sections"] = json!({})
    });
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{").unwrap();
    let outcomes: [(&str, &[&str], i32); 9] = [
        ("healthy", &["--demo", "healthy"], 0),
        ("unhealthy", &["--demo"], 1),
        ("pending", &["--demo", "role-not-in-effect"], 1),
        ("incomplete", &["--demo", "unreadable-policies"], 0),
        ("strict", &["--demo", "unreadable-policies", "--strict"], 4),
        ("forgiven", &["--demo", "--exit-zero"], 0),
        ("no verdict", &["--snapshot", text(&empty)], 3),
        ("unreadable", &["--snapshot", text(&broken)], 2),
        ("usage", &["--demo", "--select", "no-such-rule"], 2),
    ];
    std::thread::scope(|scope| {
        for (position, (name, arguments, exit)) in outcomes.into_iter().enumerate() {
            let folder = folder.path();
            scope.spawn(move || outcome((position, name), arguments, exit, folder));
        }
    });
}

const PLACES: [&str; 4] = ["pipe", "file", "closed pipe", "path"];

/// Each format in both colours, each colour in another place; over the outcomes every format meets every place in
/// both colours.
fn outcome((position, name): (usize, &str), arguments: &[&str], exit: i32, folder: &Path) {
    for (number, format) in FORMATS.into_iter().enumerate() {
        for (turn, color) in ["always", "never"].into_iter().enumerate() {
            let place = PLACES[(position + number + turn) % PLACES.len()];
            let got = exit_code(arguments, format, color, place, folder, name);
            assert_eq!(got, exit, "{name} {format} {color} {place}");
        }
    }
    // All at once, each into its own file.
    let paths = FORMATS.map(|format| format!("{format}={}/{name}.all.{format}", folder.display()));
    let mut all = vec!["check"];
    all.extend(arguments);
    paths.iter().for_each(|path| all.extend(["-o", path.as_str()]));
    assert_eq!(code(&tool(&all).output().unwrap()), exit, "{name}");
}

fn exit_code(arguments: &[&str], format: &str, color: &str, place: &str, folder: &Path, name: &str) -> i32 {
    let file = folder.join(format!("{name}.{format}"));
    let output = if place == "path" {
        format!("{format}={}", file.display())
    } else {
        format.to_owned()
    };
    let mut command = tool(&["check", "-o", &output, "--color", color]);
    command.args(arguments).stderr(Stdio::null());
    match place {
        "file" => {
            command.stdout(File::create(&file).unwrap());
            command.status().unwrap().code().unwrap()
        }
        "closed pipe" => {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            child.wait().unwrap().code().unwrap()
        }
        _ => {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut printed = Vec::new();
            child.stdout.take().unwrap().read_to_end(&mut printed).unwrap();
            child.wait().unwrap().code().unwrap()
        }
    }
}

#[test]
fn a_format_in_a_file_is_the_same_as_on_stdout() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = folder.path().join(format);
        let target = format!("{format}={}", path.display());
        let to_file = tool(&["check", "--demo", "-o", &target, "--color", "always"])
            .output()
            .unwrap();
        assert!(to_file.stdout.is_empty(), "{format}");
        let to_stdout = tool(&["check", "--demo", "-o", format]).output().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), to_stdout.stdout, "{format}");
    }
}
