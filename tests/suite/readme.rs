//! The README and the help topics say what the binary does; these tests break when they no longer do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use assert_cmd::Command;

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
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

/// What stands between the marks of `name` is `wanted`, indented as the marks are.
/// `BLESS=1 cargo test --test suite readme` writes the present output into the README.
fn holds(name: &str, wanted: &str) {
    file_holds("README.md", name, wanted);
}

fn file_holds(file: &str, name: &str, wanted: &str) {
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let (opening, closing) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let readme = std::fs::read_to_string(file).unwrap();
    let (before, rest) = readme.split_once(&opening).unwrap();
    let (present, after) = rest.split_once(&closing).unwrap();
    let indent = before.rsplit('\n').next().unwrap();
    let mut lines = String::from("\n");
    for line in wanted.trim().lines() {
        lines.push_str(format!("{indent}{line}").trim_end());
        lines.push('\n');
    }
    lines.push_str(indent);
    if std::env::var_os("BLESS").is_some() {
        let readme = format!("{before}{opening}{lines}{closing}{after}");
        std::fs::write(file, readme).unwrap();
    } else {
        assert_eq!(present, lines, "{name}: BLESS=1 cargo test --test suite readme");
    }
}

fn block(text: &str) -> String {
    format!("```text\n{}\n```", text.trim_end())
}

#[test]
fn the_example_on_the_first_screen_is_what_the_tool_prints() {
    let printed = output(&["check", "--demo"]);
    let end = printed.find("\nErrors that were seen").unwrap();
    holds("demo", &block(&format!("{}\n…", printed[..end].trim_end())));
}

#[test]
fn the_examples_for_the_three_readers_are_what_the_tool_prints() {
    let error = "AADSTS50126: Error validating credentials due to invalid username or password.";
    let printed = output(&["decode", error]);
    let end = printed.find("\nCauses").unwrap();
    holds("decode", &block(&format!("{}\n…", &printed[..end])));
    holds("short", &block(&output(&["check", "--demo", "-o", "short"])));
    let lint = output(&["rules", "lint", "fixtures/rule-files/unknown-fact.yaml"]);
    let end = lint.match_indices("\nerror").next().unwrap().0;
    holds("lint", &block(&format!("{}\n…", &lint[..end])));
}

const OUTPUT: &str = "src/cli/help/output.md";

/// The scenario behind the timeline that `help output` shows.
const TIMELINE: &str = "fixtures/scenarios/timeline-policy-switched-on/snapshot.json";

#[test]
fn the_timeline_in_the_help_is_what_the_tool_prints() {
    let printed = output(&["check", "--snapshot", TIMELINE]);
    let start = printed.find("\nTimeline").unwrap() + 1;
    let end = start + printed[start..].find("\n\n").unwrap();
    let lines = printed[start..end].lines();
    assert!(lines.clone().all(|line| line.chars().count() <= 80));
    assert!(lines.count() <= 12);
    file_holds(OUTPUT, "timeline", &block(&printed[start..end]));
}

#[test]
fn the_comparison_is_what_the_tool_prints() {
    let printed = output(&["check", "--demo", "--compare-with", "demo:healthy"]);
    let start = printed.find("Compared with").unwrap();
    let end = printed.find("\nAfter the fix").unwrap();
    file_holds(OUTPUT, "compared", &block(&printed[start..end]));
}

#[test]
fn the_permission_table_is_what_the_plan_says() {
    let table = output(&["plan", "-o", "markdown"]);
    assert!(output(&["help", "permissions"]).contains(table.trim_end()));
}

#[test]
fn help_knows_its_topics_and_the_commands() {
    let contents = output(&["help"]);
    let topics: Vec<&str> = contents
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .collect();
    assert_eq!(
        topics,
        [
            "live",
            "fleet",
            "permissions",
            "conditional-access",
            "snapshot",
            "rules",
            "output",
            "configuration"
        ]
    );
    for topic in topics {
        let text = output(&["help", topic]);
        assert!(text.starts_with("# ") && !text.contains("<!--"), "{topic}");
        assert!(
            readme().contains(&format!("`{topic}`")),
            "{topic} is not in the README"
        );
    }
    assert!(output(&["help", "report", "diff"]).contains("Compare two reports"));
    assert!(output(&["help", "nonsense"]).contains("the topics are live, fleet, permissions"));
}

#[test]
fn the_readme_stays_short() {
    let size = readme().len();
    assert!(size < 12_500, "{size} bytes: what is long is a topic of `help`");
}

#[test]
fn the_commands_are_those_of_the_help_and_each_says_what_it_does() {
    let mut names = Vec::new();
    for (command, does) in commands(&[]) {
        assert!(does.split(' ').count() > 2, "{command}: {does}");
        let below = commands(&[&command]);
        if below.is_empty() {
            names.push(format!("`{command}`"));
        }
        names.extend(below.iter().map(|(deeper, _)| format!("`{command} {deeper}`")));
    }
    holds("commands", &names.join(" · "));
}

/// The commands that a help page lists, each with its line.
fn commands(parents: &[&str]) -> Vec<(String, String)> {
    let help = output(&[parents, &["--help"]].concat());
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in list.lines().take_while(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            let (name, does) = rest.split_once(' ').unwrap();
            commands.push((name.to_owned(), does.trim().to_owned()));
        } else if let Some((_, does)) = commands.last_mut() {
            does.push(' ');
            does.push_str(line.trim());
        }
    }
    commands
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

/// The licences of the crates in the binary for Linux: where there is a choice, the one that this program has.
fn carried() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = [
        "tree",
        "--offline",
        "--locked",
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--no-dedupe",
        "--target=x86_64-unknown-linux-gnu",
        "--format={p}|{l}",
    ];
    let output = std::process::Command::new(cargo)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut licences: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (package, expression) = line.split_once('|').unwrap();
        let name = package.split(' ').next().unwrap();
        assert!(!expression.is_empty(), "{name} has no licence");
        if name != "work365-doctor" {
            for licence in chosen(expression) {
                licences.entry(licence).or_default().insert(name.to_owned());
            }
        }
    }
    licences
}

/// `A AND (MIT OR B)` leaves A and MIT.
fn chosen(expression: &str) -> Vec<String> {
    let expression = expression.replace(" / ", "/").replace('/', " OR ");
    // No expression of a crate has an AND between parentheses.
    let groups = expression
        .split(" AND ")
        .map(|group| group.trim_matches(['(', ')']));
    let choice = |group: &str| {
        let mut ways: Vec<&str> = group.split(" OR ").collect();
        let rank = |way: &&str| (*way != "MIT", *way != "Apache-2.0");
        ways.sort_by_key(rank);
        ways[0].to_owned()
    };
    groups.map(choice).collect()
}

#[test]
fn every_licence_that_the_binary_carries_is_named_and_allowed() {
    let allowed: toml::Table = std::fs::read_to_string("deny.toml").unwrap().parse().unwrap();
    let texts = |value: &toml::Value| -> Vec<String> {
        let items = value.as_array().unwrap().iter();
        items.map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let licences = &allowed["licenses"];
    let everybody = texts(&licences["allow"]);
    let mut exceptions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for exception in licences["exceptions"].as_array().unwrap() {
        for licence in texts(&exception["allow"]) {
            let name = exception["crate"].as_str().unwrap().to_owned();
            exceptions.entry(licence).or_default().push(name);
        }
    }
    let carried = carried();
    let mut named = Vec::new();
    for (licence, crates) in &carried {
        if everybody.contains(licence) {
            named.push(licence.clone());
            continue;
        }
        let allowed = exceptions.get(licence).cloned().unwrap_or_default();
        assert_eq!(crates.iter().cloned().collect::<Vec<_>>(), allowed, "{licence}");
        let sources: Vec<String> = allowed
            .iter()
            .map(|name| format!("`{name}`, unchanged, https://crates.io/crates/{name}"))
            .collect();
        named.push(format!("{licence} ({})", sources.join("; ")));
    }
    assert!(
        exceptions.keys().all(|licence| carried.contains_key(licence)),
        "{exceptions:?}"
    );
    holds("licences", &named.join(" · "));
}
