//! The floor plan in `src/lib.rs` is the law: who may import whom, who may write, who may speak HTTP. Nothing is skipped
//! but comments and the tests at the end of a file.

mod citations;
mod imports;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use imports::Imports;

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

/// The roots of the crates: library, program and build script.
const ROOTS: [&str; 3] = ["src/lib.rs", "src/main.rs", "src/embedded/build.rs"];

/// Every source file with the module it belongs to, and its text without the tests at its end.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut files = Vec::new();
    walk(Path::new("src"), &mut files);
    files
        .into_iter()
        .filter(|path| !ROOTS.iter().any(|root| path.ends_with(root)))
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
            let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            let code = text[..end].to_owned();
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
fn no_file_imports_another_that_imports_it() {
    let circles = Imports::read(Path::new("src")).circles();
    let shown: Vec<String> = circles.iter().map(|circle| circle.join(", ")).collect();
    assert!(shown.is_empty(), "circles of files:\n{}", shown.join("\n"));
}

/// Below `collect` and `cli` nothing touches the machine: no file, thread, socket or clock. Rules of one's own are files.
const MACHINE: &[(&str, &[&str])] = &[
    ("std::fs", &["src/rules/book/files.rs"]),
    ("std::thread", &[]),
    ("TcpStream", &[]),
    ("UdpSocket", &[]),
    ("ToSocketAddrs", &[]),
    ("Instant::now", &[]),
    ("SystemTime", &[]),
    ("Timestamp::now", &[]),
    ("Zoned::now", &[]),
];

#[test]
fn only_the_collector_and_the_command_line_touch_the_machine() {
    for (module, path, text) in sources() {
        if module == "collect" || module == "cli" {
            continue;
        }
        for (word, allowed) in MACHINE {
            let is_allowed = allowed.iter().any(|file| path.ends_with(file));
            let found = code_lines(&text).any(|line| line.contains(word));
            assert!(is_allowed || !found, "{} uses {word}", path.display());
        }
    }
}

#[test]
fn only_the_collector_speaks_http() {
    for (module, path, text) in sources().into_iter().filter(|(module, _, _)| module != "collect") {
        for word in ["reqwest", "tokio", "TcpStream", "TcpListener"] {
            // The server of an agent speaks over stdin and stdout, and waits for both.
            let is_allowed = word == "tokio" && path.starts_with("src/cli/mcp");
            let found = code_lines(&text).any(|line| line.contains(word));
            assert!(is_allowed || !found, "{} ({module}) uses {word}", path.display());
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
