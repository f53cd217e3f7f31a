//! `help`: the topics that are too long for `--help`, with their tables made from the code; and `help COMMAND`.

mod wrap;

use std::io::IsTerminal as _;

use clap::{Args, Command};

use super::exit::Exit;
use super::io::console::Console;
use super::settings::config::FOUND_MAY_SET;
use super::{plan, schemas};
use crate::cli::failure::Failure;
use crate::collect::permissions;
use crate::render::Format;
use crate::render::pages::plan::{holdings, markdown};
use crate::rules::AREAS;
use crate::text::fill;

/// Arguments of `help`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  # the topics
  work365-doctor help
  # the least right behind each request
  work365-doctor help permissions
  # the same as `work365-doctor report diff --help`
  work365-doctor help report diff")]
pub(super) struct HelpArgs {
    /// A topic, or a command as `report diff`
    #[arg(value_name = "TOPIC|COMMAND")]
    words: Vec<String>,
}

struct Topic {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

const TOPICS: [Topic; 8] = [
    Topic {
        name: "live",
        about: "read one account: how to sign in, what is sent, scripts for the customer",
        text: include_str!("live.md"),
    },
    Topic {
        name: "fleet",
        about: "many accounts: the list, the store, what changed, one cause behind many",
        text: include_str!("fleet.md"),
    },
    Topic {
        name: "permissions",
        about: "the least permission, role and licence behind each section",
        text: include_str!("permissions.md"),
    },
    Topic {
        name: "conditional-access",
        about: "which conditions and controls are decided offline, and when they are not",
        text: include_str!("conditional-access.md"),
    },
    Topic {
        name: "snapshot",
        about: "the evidence file, its sections, redaction",
        text: include_str!("snapshot.md"),
    },
    Topic {
        name: "rules",
        about: "how to write, check and test a rule",
        text: include_str!("rules.md"),
    },
    Topic {
        name: "output",
        about: "formats, readers, the timeline, the comparison, documents and their schemas",
        text: include_str!("output.md"),
    },
    Topic {
        name: "configuration",
        about: "the configuration file, accepted faults, the expected state, what a found file may set",
        text: include_str!("configuration.md"),
    },
];

/// Runs the command.
pub(super) fn run(arguments: &HelpArgs, mut program: Command, console: &Console) -> Result<Exit, Failure> {
    let text = match arguments.words.as_slice() {
        [] => contents(),
        [name] if TOPICS.iter().any(|topic| topic.name == name) => match std::io::stdout().is_terminal() {
            true => wrap::wrapped(&topic(name), console.style(None).width),
            false => topic(name),
        },
        words => help_of(&mut program, words)?,
    };
    console.deliver(&text, None)?;
    Ok(Exit::Healthy)
}

fn contents() -> String {
    let mut text = "Topics, each by `work365-doctor help TOPIC`:\n\n".to_owned();
    for topic in &TOPICS {
        text.push_str(&format!("  {:<20}{}\n", topic.name, topic.about));
    }
    text.push_str("\n`work365-doctor --help` lists the commands, `--help` of each has examples.\n");
    text
}

fn topic(name: &str) -> String {
    let text = TOPICS
        .iter()
        .find(|topic| topic.name == name)
        .map_or("", |topic| topic.text);
    // The marks between which tests keep examples are nothing to read.
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("<!--"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let plan = plan::everything();
    let documents: Vec<&str> = schemas::names().collect();
    let many: Vec<String> = Format::ALL
        .iter()
        .filter(|format| format.can_hold_many())
        .map(|format| format!("`{format}`"))
        .collect();
    fill(
        &text,
        &[
            ("fewest", &quoted(&permissions(None))),
            ("permissions", markdown(&plan).trim_end()),
            ("sections", holdings(&plan).trim_end()),
            ("areas", &AREAS.join(", ")),
            ("documents", &documents.join(", ")),
            ("many", &many.join(", ")),
            ("found", &quoted(FOUND_MAY_SET)),
        ],
    )
}

fn quoted(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    keys.join(", ")
}

/// The same as `--help` of a command.
fn help_of(program: &mut Command, words: &[String]) -> Result<String, Failure> {
    program.build();
    let mut found = &mut *program;
    for word in words {
        found = found.find_subcommand_mut(word).ok_or_else(|| {
            let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
            format!(
                "`{word}` is no topic and no command; the topics are {}",
                topics.join(", ")
            )
        })?;
    }
    Ok(found.render_long_help().to_string())
}

#[cfg(test)]
mod tests {
    use super::{TOPICS, topic};

    #[test]
    fn every_topic_is_filled() {
        for each in &TOPICS {
            let text = topic(each.name);
            assert!(text.starts_with("# ") && text.len() > 500, "{}", each.name);
            for open in [
                "{fewest}",
                "{permissions}",
                "{sections}",
                "{areas}",
                "{documents}",
                "{many}",
                "{found}",
            ] {
                assert!(!text.contains(open), "{} leaves {open}", each.name);
            }
        }
    }
}
