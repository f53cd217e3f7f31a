//! The floor plan in `src/lib.rs` is the law: who may import whom, who may write, who may speak HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Module name to floor, as the doc comment of `src/lib.rs` has it.
fn floors() -> BTreeMap<String, u8> {
    let library = fs::read_to_string("src/lib.rs").unwrap();
    library
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("//! |")?.split('|').map(str::trim).collect();
            let floor = cells.first()?.parse().ok()?;
            Some((cells.get(1)?.trim_matches('`').to_owned(), floor))
        })
        .collect()
}

/// Every source file with the module it belongs to, and its text without the tests at its end.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut files = Vec::new();
    walk(Path::new("src"), &mut files);
    files
        .into_iter()
        .filter(|path| !path.ends_with("src/lib.rs") && !path.ends_with("src/main.rs"))
        .map(|path| {
            let relative = path.strip_prefix("src").unwrap();
            let first = relative
                .components()
                .next()
                .unwrap()
                .as_os_str()
                .to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
            (module, path, code)
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file without its comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn every_module_stands_on_the_floor_plan_and_every_row_is_a_module() {
    let floors = floors();
    let modules: std::collections::BTreeSet<String> =
        sources().into_iter().map(|(module, _, _)| module).collect();
    assert_eq!(modules, floors.keys().cloned().collect());
}

#[test]
fn a_module_imports_only_from_lower_floors() {
    let floors = floors();
    let mut wrong = Vec::new();
    for (module, path, text) in sources() {
        for line in code_lines(&text) {
            for (position, _) in line.match_indices("crate::") {
                let name: String = line[position + "crate::".len()..]
                    .chars()
                    .take_while(|character| character.is_alphanumeric() || *character == '_')
                    .collect();
                let is_below = floors.get(&name).is_some_and(|floor| *floor < floors[&module]);
                if name != module && !is_below {
                    wrong.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports that go up or sideways:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn only_the_command_line_touches_the_standard_streams_and_the_environment() {
    for (module, path, text) in sources().into_iter().filter(|(module, _, _)| module != "cli") {
        for word in [
            "io::stdout",
            "io::stderr",
            "io::stdin",
            "std::env::",
            "process::exit",
        ] {
            let found = code_lines(&text).any(|line| line.contains(word));
            assert!(!found, "{} ({module}) uses {word}", path.display());
        }
    }
}

#[test]
fn only_the_collector_speaks_http() {
    for (module, path, text) in sources().into_iter().filter(|(module, _, _)| module != "collect") {
        for word in ["reqwest", "tokio", "TcpStream", "TcpListener"] {
            let found = code_lines(&text).any(|line| line.contains(word));
            assert!(!found, "{} ({module}) uses {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_its_job_in_its_first_line() {
    for (_, path, text) in sources() {
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn every_rule_file_is_embedded_from_the_rules_folder_and_nothing_else_is_kept_there() {
    for entry in fs::read_dir("rules/checks").unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(
            path.extension().and_then(|extension| extension.to_str()),
            Some("yaml"),
            "{}",
            path.display()
        );
    }
}
