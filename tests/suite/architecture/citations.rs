//! A stranger has everything: no comment and no document cites a file that is not in the repository.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

/// A path from the root of the repository; or a document by its name alone.
static CITED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:^|[\s`(\x22'])((?:src|rules|tests|fixtures|benches|fuzz|\.ci|\.github|\.packaging)/[\w./-]*\w|[\w./-]*\w\.md)\b",
    )
    .unwrap()
});
/// A numbered place in a document that says nothing of which: standards are cited by name.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:sections? \d|(?:facts|domain|contract) [A-Z]?-?\d)").unwrap());
const STANDARDS: [&str; 2] = ["RFC ", "SARIF "];

/// What programs write, by the names that help and documents give these files.
const WRITTEN: [&str; 6] = [
    "OUTPUT/report.md",
    "summary.md",
    "SKILL.md",
    "fuzz/artifacts",
    "fuzz/corpus",
    "fuzz/target",
];

fn tracked() -> BTreeSet<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .unwrap();
    assert!(listed.status.success(), "git lists the files of the repository");
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.lines().map(str::to_owned).collect()
}

/// The comments of a source file, the whole of a document.
fn prose<'t>(path: &str, text: &'t str) -> Vec<(usize, &'t str)> {
    let mark = match path.rsplit('.').next().unwrap_or_default() {
        "md" => "",
        "rs" | "js" => "//",
        "yaml" | "yml" | "toml" | "sh" | "py" | "ps1" => "#",
        _ if path.starts_with(".ci/") || path.starts_with("benches/") => "#",
        _ => return Vec::new(),
    };
    let behind = format!(" {mark} ");
    let comment = |line: &'t str| {
        let start = line.trim_start();
        start
            .starts_with(mark)
            .then_some(start)
            .or_else(|| line.find(&behind).map(|at| &line[at..]))
    };
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(at, line)| Some((at + 1, comment(line)?)))
        .collect()
}

/// Whether a path is a file or a folder of the repository, seen from its root or from the folder of who cites it. A folder
/// of every area, scenario or session is cited by its beginning.
fn is_there(cited: &str, by: &str, files: &BTreeSet<String>) -> bool {
    let beside = Path::new(by)
        .parent()
        .map(|folder| folder.join(cited).to_string_lossy().into_owned());
    let ends = format!("/{cited}");
    [Some(cited.to_owned()), beside]
        .into_iter()
        .flatten()
        .any(|path| {
            files
                .range(path.clone()..)
                .next()
                .is_some_and(|file| file.starts_with(&path))
        })
        || files.iter().any(|file| file.ends_with(&ends))
}

fn complaints(path: &str, text: &str, files: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for (line, words) in prose(path, text) {
        for cited in CITED.captures_iter(words) {
            let cited = &cited[1];
            if !WRITTEN.contains(&cited) && !is_there(cited, path, files) {
                found.push(format!("{path}:{line}: cites {cited}, which is not here"));
            }
        }
        if NUMBERED.is_match(words) && !STANDARDS.iter().any(|name| words.contains(name)) {
            found.push(format!(
                "{path}:{line}: a section of a document that is not here: {}",
                words.trim()
            ));
        }
    }
    found
}

#[test]
fn nothing_cites_a_file_that_is_not_in_the_repository() {
    let files = tracked();
    // This file itself writes of files that are not there: its test needs them.
    let wrong: Vec<String> = files
        .iter()
        .filter(|path| !path.ends_with("architecture/citations.rs"))
        .filter_map(|path| Some((path, std::fs::read_to_string(path).ok()?)))
        .flat_map(|(path, text)| complaints(path, &text, &files))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_form_of_a_citation_is_seen_and_standards_are_let_through() {
    let files = BTreeSet::from(["src/lib.rs", "README.md", "src/cli/help/live.md"].map(str::to_owned));
    let text = [
        "//! As PLAN.md has it, and `plan.md`.",
        "// Source: notes.md B7.",
        "/// In `src/gone.rs`, not in src/lib.rs.",
        "let path = \"PLAN.md\"; // but see gone.md",
        "// See README.md, `live.md` and src/cli.",
        "// the plan, section 4",
        "// RFC 2045, section 6.7",
        "// (facts G-10)",
    ]
    .join("\n");
    let lines: Vec<String> = complaints("src/text.rs", &text, &files)
        .iter()
        .map(|complaint| complaint.split(':').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(lines, ["1", "1", "2", "3", "4", "6", "8"]);
    assert_eq!(complaints("rules/a.csv", "PLAN.md", &files), Vec::<String>::new());
}
