//! The README says what the binary does; these tests break when it no longer does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn marked(name: &str) -> String {
    let readme = readme();
    let (_, rest) = readme.split_once(&format!("<!-- {name} -->")).unwrap();
    rest.split_once(&format!("<!-- /{name} -->"))
        .unwrap()
        .0
        .trim()
        .to_owned()
}

fn output(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("work365-doctor").unwrap();
    let output = command
        .env_clear()
        .env("COLUMNS", "80")
        .arg("--no-config")
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// `BLESS=1 cargo test --test readme` writes the present output into the README.
#[test]
fn the_example_on_the_first_screen_is_what_the_tool_prints() {
    let printed = output(&["check", "--demo"]);
    let end = printed.find("\nNot checked").unwrap();
    let wanted = format!("```text\n{}\n…\n```", printed[..end].trim_end());
    if std::env::var_os("BLESS").is_some() {
        let readme = readme().replace(&marked("demo"), &wanted);
        std::fs::write("README.md", readme).unwrap();
    }
    assert_eq!(marked("demo"), wanted);
}

/// The scenario behind the timeline that the README shows.
const TIMELINE: &str = "fixtures/scenarios/timeline-policy-switched-on/snapshot.json";

#[test]
fn the_timeline_in_the_readme_is_what_the_tool_prints() {
    let printed = output(&["check", "--snapshot", TIMELINE]);
    let start = printed.find("\nTimeline").unwrap() + 1;
    let end = start + printed[start..].find("\n\n").unwrap();
    let lines = printed[start..end].lines();
    assert!(lines.clone().all(|line| line.chars().count() <= 80));
    assert!(lines.count() <= 12);
    let wanted = format!("```text\n{}\n```", &printed[start..end]);
    if std::env::var_os("BLESS").is_some() {
        let readme = readme().replace(&marked("timeline"), &wanted);
        std::fs::write("README.md", readme).unwrap();
    }
    assert_eq!(marked("timeline"), wanted);
}

#[test]
fn the_comparison_is_what_the_tool_prints() {
    let printed = output(&["check", "--demo", "--compare-with", "demo:healthy"]);
    let start = printed.find("Compared with").unwrap();
    let end = printed.find("\nAfter the fix").unwrap();
    is_in_the_readme(
        "compared",
        &format!("```text\n{}\n```", printed[start..end].trim_end()),
    );
}

/// What stands between the marks is what is wanted; `BLESS` makes it so.
fn is_in_the_readme(name: &str, wanted: &str) {
    if std::env::var_os("BLESS").is_some() {
        let readme = readme();
        let (before, rest) = readme.split_once(&format!("<!-- {name} -->")).unwrap();
        let (_, after) = rest.split_once(&format!("<!-- /{name} -->")).unwrap();
        let readme = format!("{before}<!-- {name} -->\n{wanted}\n<!-- /{name} -->{after}");
        std::fs::write("README.md", readme).unwrap();
    }
    assert_eq!(marked(name), wanted);
}

#[test]
fn the_permission_table_is_what_the_plan_says() {
    let wanted = output(&["plan", "-o", "markdown"]).trim().to_owned();
    is_in_the_readme("permissions", &wanted);
}

#[test]
fn every_command_line_in_the_readme_has_flags_that_exist() {
    let readme = readme();
    let lines = readme
        .lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix("$ work365-doctor "));
    let mut seen = 0;
    for line in lines {
        let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().collect();
        let command: Vec<&str> = if words[0] == "rules" || words[0] == "report" {
            words[..2].to_vec()
        } else {
            vec![words[0]]
        };
        let help = output(&[&command[..], &["--help"]].concat());
        assert!(help.contains("Usage: work365-doctor"), "{line}");
        for flag in words.iter().filter(|word| word.starts_with("--")) {
            let flag = flag.split('=').next().unwrap();
            assert!(help.contains(flag), "{flag} in: {line}");
        }
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn every_command_of_the_binary_is_in_the_readme() {
    let help = output(&["--help"]);
    let commands = help
        .split("Commands:")
        .nth(1)
        .unwrap()
        .split("Options:")
        .next()
        .unwrap();
    let is_first_line = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    for command in commands
        .lines()
        .filter(is_first_line)
        .filter_map(|line| line.split_whitespace().next())
    {
        assert!(
            readme().contains(&format!("work365-doctor {command}")),
            "{command}"
        );
    }
}

#[test]
fn the_first_screen_has_the_two_commands() {
    let readme = readme();
    let first: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("$ cargo"))
        .collect();
    assert_eq!(first, ["$ cargo run --release -- check --demo", "$ cargo test"]);
}
