//! Tests: every example of `--help`, the README and the rules is a command line that the tool accepts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use clap::{Command, error::ErrorKind};

use super::commands;

const PROGRAM: &str = "work365-doctor ";

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// Every command line of a text. One in a sentence ends with the code span that it stands in: what is shown can be pasted as it is.
fn command_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.lines() {
        for (start, _) in line.match_indices(PROGRAM) {
            let before = line[..start].chars().next_back();
            // `/path/work365-doctor` and `the work365-doctor rule file` are no command lines; these are.
            let in_span = before == Some('`');
            let rest = line[start + PROGRAM.len()..].trim_start();
            let rest = if in_span {
                rest.split('`').next().unwrap()
            } else {
                rest
            };
            let at_start = line[..start].trim_end();
            let is_command = in_span
                || at_start.is_empty()
                || at_start.ends_with(['$', '|', '&', ';'])
                || at_start.ends_with("- text:");
            if is_command {
                lines.push(rest);
            }
        }
    }
    lines
}

/// What of a command line one of PowerShell, `cmd.exe` and bash reads otherwise than the others: PowerShell takes a bare `@name` for
/// a variable and knows no `<`, and a single quote is a letter for `cmd.exe`. What it is piped to is another program's.
fn peculiarity(line: &str) -> Option<&'static str> {
    let own = line.split(['|', '#']).next().unwrap();
    let mut is_quoted = false;
    let mut last = ' ';
    for character in own.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '\'' if !is_quoted => return Some("a single quote"),
            '<' if !is_quoted => return Some("stdin from a file"),
            '@' if !is_quoted && last == ' ' => return Some("a bare @"),
            _ => {}
        }
        last = character;
    }
    None
}

/// The words of a command as a shell would split them, to where it or a comment ends.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let characters: Vec<char> = line.chars().collect();
    let mut position = 0;
    while let Some(&character) = characters.get(position) {
        position += 1;
        match (quote, character) {
            (Some(mark), character) if character == mark => quote = None,
            (Some(_), character) => word.get_or_insert_default().push(character),
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | '<' | '&' | ';') => break,
            (None, '#') if word.is_none() => break,
            (None, ' ') => words.extend(word.take()),
            (None, character) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

/// Why the tool would not accept these words; help that was asked for is no complaint.
fn complaint(words: &[String]) -> Option<String> {
    // An ellipsis stands for what the reader knows.
    let given = words.iter().filter(|word| *word != "…" && *word != "...");
    let arguments = std::iter::once("work365-doctor").chain(given.map(String::as_str));
    let error = commands::program().try_get_matches_from(arguments).err()?;
    let is_accepted = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        // In a sentence a command is named without what it is given.
        ErrorKind::MissingRequiredArgument => commands().iter().any(|(known, _)| known == words),
        // `'<address of Work 365>'` stands for an address, `DOCUMENT` for the name of one.
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => words.iter().any(|word| {
            word.starts_with('<') || word.chars().all(|character| character.is_ascii_uppercase())
        }),
        _ => false,
    };
    (!is_accepted).then(|| format!("work365-doctor {}\n{error}", words.join(" ")))
}

fn all_accepted(text: &str, about: &str, at_least: usize) {
    let lines = command_lines(text);
    assert!(lines.len() >= at_least, "{about}: {} examples", lines.len());
    let wrong: Vec<String> = lines.iter().filter_map(|line| complaint(&words(line))).collect();
    assert!(wrong.is_empty(), "{about}:\n{}", wrong.join("\n"));
}

/// Commands of rules are printed for the shell that they name, with values in single quotes; what is shown here is for all.
fn for_every_shell(text: &str, about: &str) {
    for line in command_lines(text) {
        assert_eq!(peculiarity(line), None, "{about}: {line}");
    }
}

/// Every command with its words, the program itself first.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn below(words: &[String], command: &Command, all: &mut Vec<(Vec<String>, Command)>) {
        all.push((words.to_vec(), command.clone()));
        for below_it in command
            .get_subcommands()
            .filter(|command| command.get_name() != "help")
        {
            let words = [words, &[below_it.get_name().to_owned()]].concat();
            below(&words, below_it, all);
        }
    }
    let mut all = Vec::new();
    let mut program = commands::program();
    program.build();
    below(&[], &program, &mut all);
    all
}

#[test]
fn every_example_of_the_help_is_accepted() {
    for (words, command) in commands() {
        let examples = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let is_family = command.get_subcommands().next().is_some();
        if is_family && !words.is_empty() {
            continue;
        }
        all_accepted(&examples, &words.join(" "), 1);
        for_every_shell(&examples, &words.join(" "));
        let own = format!("work365-doctor {}", words.join(" "));
        assert!(
            examples.contains(own.trim_end()),
            "{own} is not in its own examples"
        );
    }
}

#[test]
fn every_command_line_of_the_readme_is_accepted() {
    all_accepted(&readme(), "README.md", 20);
    for_every_shell(&readme(), "README.md");
}

#[test]
fn every_command_line_of_the_help_topics_is_accepted() {
    let mut text = String::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/help")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
    all_accepted(&text, "src/cli/help", 15);
    for_every_shell(&text, "src/cli/help");
}

/// The advice of rules and error pages is read by people in trouble: it must not send them to a flag that is not there.
#[test]
fn every_command_line_of_the_rules_is_accepted() {
    let mut text = String::new();
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    all_accepted(&text, "rules/", 15);
}

#[test]
fn every_command_and_flag_that_the_readme_names_exists_and_every_command_is_in_it() {
    let readme = readme();
    let commands = commands();
    let flags: Vec<String> = commands
        .iter()
        .flat_map(|(_, command)| command.get_arguments())
        .filter_map(|argument| Some(format!("--{}", argument.get_long()?)))
        .collect();
    // Cargo's, and what scripts of other tools take.
    let foreign = ["--release", "--path", "--test", "--lib", "--bench", "--script"];
    let named = readme.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let named = named.filter(|word| {
        word.strip_prefix("--")
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
    });
    for flag in named {
        assert!(
            flags.iter().any(|known| known == flag) || foreign.contains(&flag),
            "the README names {flag}"
        );
    }
    for (words, _) in commands.iter().filter(|(words, _)| !words.is_empty()) {
        let wanted = format!("`{}", words.join(" "));
        assert!(readme.contains(&wanted), "{wanted} is not in the README");
    }
}

#[test]
fn command_lines_are_found_and_split_as_a_shell_would() {
    let text = "  $ work365-doctor check --snapshot 'a b.json' --ip 1.2.3.4   # a comment\n\
                az rest 2>&1 | work365-doctor decode -\n\
                work365-doctor rules lint x/ && work365-doctor rules test x/\n\
                Ask `work365-doctor explain X` or the work365-doctor of a colleague.\n\
                work365-doctor report render - > out";
    let found: Vec<String> = command_lines(text)
        .iter()
        .map(|line| words(line).join("|"))
        .collect();
    assert_eq!(
        found,
        [
            "check|--snapshot|a b.json|--ip|1.2.3.4",
            "decode|-",
            "rules|lint|x/",
            "rules|test|x/",
            "explain|X",
            "report|render|-"
        ]
    );
    assert!(complaint(&["check".to_owned(), "--nonsense".to_owned()]).is_some());
}

#[test]
fn an_example_is_for_every_shell() {
    for line in [
        "check --error @error.txt",
        "token < token.txt",
        "ask --symptom 'no invoices'",
    ] {
        assert!(peculiarity(line).is_some(), "{line}");
    }
    for line in [
        "check --error \"@error.txt\" --account svc@contoso.com",
        "ask --symptom \"it's <new>\"",
        "rules list -o json | jq -r '.rules[].id'",
        "check --snapshot cases/   # a folder's",
    ] {
        assert_eq!(peculiarity(line), None, "{line}");
    }
}
