//! Every command: its name, what it is for, its arguments and what runs it. A new one is one row.

use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser};

use super::exit::Exit;
use super::failure::Failure;
use super::io::console::Console;
use super::looks::Looks;
use super::settings::config::Config;
use super::{
    ask, capture, check, decode, explain, fleet, help, mcp, plan, report, rules, shell, token, trust,
    version, what_if,
};

/// Finds out why a Work 365 service account cannot run its jobs in Dynamics 365: one root cause, who fixes it, how, and
/// how to prove that it is fixed. Reads evidence, never changes a tenant.
#[derive(Debug, Parser)]
#[command(
    name = "work365-doctor",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Start with:\n  work365-doctor check --demo\n  work365-doctor check --snapshot case.snapshot.json"
)]
struct Program {
    #[command(flatten)]
    looks: Looks,
}

/// What every command is given beside its arguments.
pub(super) struct Surroundings<'a> {
    pub(super) config: &'a Config,
    pub(super) no_progress: bool,
    pub(super) console: &'a Console,
}

/// A command with its arguments, ready to run.
pub(super) type Job = Box<dyn FnOnce(&Surroundings<'_>) -> Result<Exit, Failure> + Send>;

/// One command.
struct Row {
    name: &'static str,
    about: &'static str,
    arguments: fn(Command) -> Command,
    job: fn(&ArgMatches) -> Result<Job, clap::Error>,
}

impl Row {
    fn command(&self) -> Command {
        Command::new(self.name).about(self.about)
    }
}

/// In the order of `--help`.
const COMMANDS: [Row; 17] = [
    Row {
        name: "check",
        about: "Judge one account, or many, and print the diagnosis",
        arguments: arguments::<check::arguments::CheckArgs>,
        job: |given| {
            job(given, |own, beside| {
                check::run(own, beside.config, beside.no_progress, beside.console)
            })
        },
    },
    Row {
        name: "ask",
        about: "Ask the next best question: from a symptom to the cause in the fewest answers",
        arguments: arguments::<ask::AskArgs>,
        job: |given| job(given, |own, beside| ask::run(own, beside.config, beside.console)),
    },
    Row {
        name: "capture",
        about: "Write the snapshot of a case, redacted",
        arguments: arguments::<capture::CaptureArgs>,
        job: |given| {
            job(given, |own, beside| {
                capture::run(own, beside.config, beside.no_progress, beside.console)
            })
        },
    },
    Row {
        name: "decode",
        about: "Explain error text: pasted messages, logs, JSON bodies, redirects, HAR captures",
        arguments: arguments::<decode::DecodeArgs>,
        job: |given| {
            job(given, |own, beside| {
                decode::run(own, beside.no_progress, beside.console)
            })
        },
    },
    Row {
        name: "fleet",
        about: "Check many accounts, live or from snapshots, and show what one cause breaks for many",
        arguments: arguments::<fleet::FleetArgs>,
        job: |given| {
            job(given, |own, beside| {
                fleet::run(own, beside.config, beside.no_progress, beside.console)
            })
        },
    },
    Row {
        name: "explain",
        about: "Print the page of a rule or of an error code",
        arguments: arguments::<explain::ExplainArgs>,
        job: |given| job(given, |own, beside| explain::run(own, beside.console)),
    },
    Row {
        name: "report",
        about: "Work with saved reports: another format, a comparison, the schema",
        arguments: arguments::<report::ReportArgs>,
        job: |given| {
            job(given, |own, beside| {
                report::run(own, beside.config, beside.console)
            })
        },
    },
    Row {
        name: "completions",
        about: "Print a script that completes commands and flags in a shell",
        arguments: arguments::<shell::CompletionsArgs>,
        job: |given| {
            job(given, |own, beside| {
                shell::completions(own, program(), beside.console)
            })
        },
    },
    Row {
        name: "man",
        about: "Print a manual page",
        arguments: arguments::<shell::ManArgs>,
        job: |given| job(given, |own, beside| shell::man(own, program(), beside.console)),
    },
    Row {
        name: "mcp",
        about: "Give the same answers to an agent, over the Model Context Protocol on stdin and stdout; reads only",
        arguments: arguments::<mcp::McpArgs>,
        job: |given| job(given, |own, beside| mcp::run(own, beside.config, beside.console)),
    },
    Row {
        name: "plan",
        about: "List each request that a live check would make, with its least rights; nothing is sent",
        arguments: arguments::<plan::PlanArgs>,
        job: |given| job(given, |own, beside| plan::run(own, beside.config, beside.console)),
    },
    Row {
        name: "rules",
        about: "List, check, test and write rules",
        arguments: arguments::<rules::RulesArgs>,
        job: |given| {
            job(given, |own, beside| {
                rules::run(own, beside.config, beside.console)
            })
        },
    },
    Row {
        name: "help",
        about: "Print a topic: live, fleet, permissions, conditional-access, snapshot, rules, output, configuration",
        arguments: arguments::<help::HelpArgs>,
        job: |given| job(given, |own, beside| help::run(own, program(), beside.console)),
    },
    Row {
        name: "token",
        about: "Show what a bearer token says and why a service would refuse it",
        arguments: arguments::<token::TokenArgs>,
        job: |given| job(given, |own, beside| token::run(own, beside.console)),
    },
    Row {
        name: "trust",
        about: "Let a configuration file that was found set everything, as it is now",
        arguments: arguments::<trust::TrustArgs>,
        job: |given| job(given, |own, beside| trust::run(own, beside.console)),
    },
    Row {
        name: "version",
        about: "Print the version of the program and of its rules",
        arguments: arguments::<version::VersionArgs>,
        job: |given| {
            job(given, |_: &version::VersionArgs, beside| {
                version::run(beside.console)
            })
        },
    },
    Row {
        name: "what-if",
        about: "Would Conditional Access let this sign-in through, and by which policy",
        arguments: arguments::<what_if::WhatIfArgs>,
        job: |given| job(given, |own, beside| what_if::run(own, beside.console)),
    },
];

/// The program with the arguments of every command.
pub(super) fn program() -> Command {
    with_commands(|row| (row.arguments)(row.command()))
}

/// The program as it reads its command line: without defaults of a configuration file, which have to be set on each of them,
/// only the arguments of the command that was named are made.
pub(super) fn reading(config: &Config) -> Command {
    if config.has_defaults() {
        return config.defaults(program());
    }
    with_commands(|row| row.command().defer(row.arguments))
}

/// The command with its arguments; what it is for stays as its row says it.
fn arguments<T: Args>(command: Command) -> Command {
    let about = command.get_about().cloned().unwrap_or_default();
    T::augment_args(command).about(about).long_about(None)
}

fn with_commands(command: impl Fn(&Row) -> Command) -> Command {
    Program::command().subcommands(COMMANDS.iter().map(command))
}

/// How the answer looks, and the command that was named.
pub(super) fn named(given: &ArgMatches) -> Result<(Looks, Job), clap::Error> {
    let Program { looks } = Program::from_arg_matches(given)?;
    let found = given
        .subcommand()
        .and_then(|(name, own)| Some((COMMANDS.iter().find(|row| row.name == name)?, own)));
    match found {
        Some((row, own)) => Ok((looks, (row.job)(own)?)),
        None => Err(program().error(clap::error::ErrorKind::MissingSubcommand, "no command was named")),
    }
}

fn job<T: Args + Send + 'static>(
    given: &ArgMatches,
    run: fn(&T, &Surroundings<'_>) -> Result<Exit, Failure>,
) -> Result<Job, clap::Error> {
    let own = T::from_arg_matches(given)?;
    Ok(Box::new(move |beside| run(&own, beside)))
}
