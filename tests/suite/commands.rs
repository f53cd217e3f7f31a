//! Every command of the rules and of the error catalogue, as it is printed, parses in its own shell: with what is known
//! filled in, and with every placeholder left open.
//!
//! PowerShell's own parser is asked where `WORK365_PWSH` names a `pwsh`, or one is on the path; bash by `bash -n`.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use work365_doctor::decode::explain::catalogue;
use work365_doctor::decode::explain::page::{Explanation, explain};
use work365_doctor::facts::{self, FactValue, Facts};
use work365_doctor::remedy::{Command as Advice, Shell};
use work365_doctor::rules::RuleBook;

/// Commands of all rules and entries, each with who gives it, once.
fn commands(shell: Shell) -> Vec<(String, String)> {
    let book = RuleBook::builtin().unwrap();
    let known = known();
    let mut found: Vec<(String, Advice)> = Vec::new();
    for rule in book.rules() {
        for remedy in std::iter::once(&rule.remedy).chain(rule.remedies.values()) {
            let filled = remedy.render(&known).commands;
            let open = remedy.render_open().commands;
            found.extend(
                filled
                    .into_iter()
                    .chain(open)
                    .map(|command| (rule.id.clone(), command)),
            );
        }
    }
    for entry in catalogue::entries() {
        let Explanation::Code(page) = explain(&entry.code) else {
            panic!("{} is not explained", entry.code)
        };
        let own = page.error.remedy.into_iter().flat_map(|remedy| remedy.commands);
        found.extend(own.map(|command| (entry.code.clone(), command)));
    }
    let mut seen = BTreeSet::new();
    found
        .into_iter()
        .filter(|(_, command)| command.shell == shell && seen.insert(command.text.clone()))
        .map(|(who, command)| (who, command.text))
        .collect()
}

/// A value for every fact that may stand in a command.
fn known() -> Facts<'static> {
    let facts = facts::ids().zip(facts::definitions());
    Facts::given(facts.filter_map(|(id, fact)| {
        let value = match fact.name {
            "subject.account" => "svc-d365@contoso.com",
            "subject.environment" => "https://contoso.crm4.dynamics.com",
            _ => "0c1f7f0e-0000-4000-8000-000000000001",
        };
        (fact.kind == facts::Kind::Text).then(|| (id, Ok(FactValue::from(value))))
    }))
}

/// An angle bracket outside quotes is a redirection in every shell, and the placeholder with it is no argument.
fn unquoted_placeholder(text: &str) -> Option<&str> {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '\n') => {}
            (None, '#') if text[..at].ends_with([' ', '\n']) || at == 0 => {
                // A comment: the rest of the line is for people.
                let rest = text[at..].find('\n').map_or("", |end| &text[at + end..]);
                return unquoted_placeholder(rest);
            }
            (None, '<') if text[at + 1..].starts_with(|next: char| next.is_alphabetic()) => {
                return text[at..].lines().next();
            }
            _ => {}
        }
    }
    None
}

#[test]
fn placeholders_stand_in_quotes() {
    for shell in [Shell::Powershell, Shell::Bash] {
        let commands = commands(shell);
        assert!(commands.len() > 3, "{shell:?}: {}", commands.len());
        let bare: Vec<String> = commands
            .iter()
            .filter_map(|(who, text)| Some(format!("{who}: {}", unquoted_placeholder(text)?)))
            .collect();
        assert!(bare.is_empty(), "{}", bare.join("\n"));
    }
}

#[test]
fn an_http_command_is_a_request() {
    for (who, text) in commands(Shell::Http) {
        let (line, body) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
        let (method, address) = line.split_once(' ').unwrap_or((line, ""));
        assert!(
            ["GET", "POST", "PATCH", "PUT", "DELETE"].contains(&method),
            "{who}: {line}"
        );
        assert!(
            address.starts_with("https://") || address.starts_with('<'),
            "{who}: {line}"
        );
        assert_eq!(line.lines().count(), 1, "{who}: {line}");
        if !body.is_empty() {
            // A number that is not known yet stands bare.
            let body = match body.split_once(":<") {
                Some((before, rest)) => format!(
                    "{before}:0{}",
                    rest.split_once('>').map_or("", |(_, after)| after)
                ),
                None => body.to_owned(),
            };
            let parsed = serde_json::from_str::<serde_json::Value>(&body);
            assert!(parsed.is_ok(), "{who}: {body}");
        }
    }
}

#[test]
fn bash_commands_parse() {
    let mut shell = match Command::new("bash")
        .arg("-n")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    {
        Ok(shell) => shell,
        Err(_) => return,
    };
    let all: Vec<String> = commands(Shell::Bash).into_iter().map(|(_, text)| text).collect();
    shell
        .stdin
        .take()
        .unwrap()
        .write_all(all.join("\n").as_bytes())
        .unwrap();
    let said = shell.wait_with_output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// The `pwsh` to ask, if there is one.
fn pwsh() -> Option<String> {
    let named = std::env::var("WORK365_PWSH").ok();
    let candidates = named.into_iter().chain(["pwsh".to_owned()]);
    let works = |program: &String| {
        let asked = Command::new(program).args(["-NoProfile", "-Version"]).output();
        asked.is_ok_and(|said| said.status.success())
    };
    candidates.into_iter().find(works)
}

/// The blocks of the README and the help topics that a person pastes into PowerShell.
fn documented_powershell() -> Vec<(String, String)> {
    let topics = std::fs::read_dir("src/cli/help").unwrap();
    let topics = topics.map(|entry| entry.unwrap().path());
    let pages = topics
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .chain(["README.md".into()]);
    let mut blocks = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let starts = text.split("```powershell\n").skip(1);
        blocks.extend(starts.map(|start| {
            let block = start.split("```").next().unwrap();
            (page.display().to_string(), block.to_owned())
        }));
    }
    blocks
}

#[test]
fn powershell_commands_parse() {
    let Some(pwsh) = pwsh() else {
        eprintln!("no pwsh: set WORK365_PWSH to ask PowerShell's own parser");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut commands = commands(Shell::Powershell);
    let told = documented_powershell();
    assert!(!told.is_empty());
    commands.extend(told);
    for (number, (_, text)) in commands.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{number:04}.ps1")), text).unwrap();
    }
    let script = folder.path().join("parse.ps1");
    std::fs::write(
        &script,
        "param($Folder)\nforeach ($file in Get-ChildItem -Path $Folder -Filter '0*.ps1' | Sort-Object Name) {\n\
         $tokens = $null; $errors = $null\n\
         [void][System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$tokens, [ref]$errors)\n\
         foreach ($one in $errors) { \"$($file.BaseName): $($one.Message)\" }\n}\n",
    )
    .unwrap();
    let said = Command::new(pwsh)
        .args(["-NoProfile", "-NonInteractive", "-File"])
        .arg(&script)
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let errors = String::from_utf8_lossy(&said.stdout).into_owned();
    let told: Vec<String> = errors
        .lines()
        .map(|line| {
            let number: usize = line.split(':').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            format!("{}: {line}\n{}", commands[number].0, commands[number].1)
        })
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}
