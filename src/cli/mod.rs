//! The command line: one file per command. The only floor that reads arguments, writes answers and sets exit codes.

mod args;
mod ask;
mod capture;
mod case_facts;
mod case_file;
mod check;
mod decode;
mod decode_files;
#[cfg(test)]
mod examples;
mod exit;
mod explain;
mod failure;
mod fleet;
mod help;
mod io;
mod live_run;
mod mcp;
mod plan;
mod report;
mod rules;
mod rules_docs;
mod schemas;
mod seal;
mod sections;
mod settings;
mod shell;
mod token;
mod trust;
mod version;
mod what_if;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::cli::failure::Failure;
use crate::render::Verbosity;
use exit::Exit;
use io::console::{ColorChoice, Console};
use io::parallel::STACK_BYTES;
use settings::config::Config;
use settings::env as variables;

/// Finds out why a Work 365 service account cannot run its jobs in Dynamics 365: one root cause, who fixes it, how, and
/// how to prove that it is fixed. Reads evidence, never changes a tenant.
#[derive(Debug, Parser)]
#[command(
    name = "work365-doctor",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Start with:\n  work365-doctor check --demo\n  work365-doctor check --snapshot case.snapshot.json"
)]
struct Cli {
    #[command(flatten)]
    looks: Looks,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge one account, or many, and print the diagnosis
    Check(Box<check::arguments::CheckArgs>),
    /// Ask the next best question: from a symptom to the cause in the fewest answers
    Ask(Box<ask::AskArgs>),
    /// Write the snapshot of a case, redacted
    Capture(capture::CaptureArgs),
    /// Explain error text: pasted messages, logs, JSON bodies, redirects, HAR captures
    Decode(decode::DecodeArgs),
    /// Check many accounts, live or from snapshots, and show what one cause breaks for many
    Fleet(Box<fleet::FleetArgs>),
    /// Print the page of a rule or of an error code
    Explain(explain::ExplainArgs),
    /// Work with saved reports: another format, a comparison, the schema
    Report(report::ReportArgs),
    /// Print a script that completes commands and flags in a shell
    Completions(shell::CompletionsArgs),
    /// Print a manual page
    Man(shell::ManArgs),
    /// Give the same answers to an agent, over the Model Context Protocol on stdin and stdout; reads only
    Mcp(Box<mcp::McpArgs>),
    /// List each request that a live check would make, with its least rights; nothing is sent
    Plan(Box<plan::PlanArgs>),
    /// List, check, test and write rules
    Rules(rules::RulesArgs),
    /// Print a topic: live, fleet, permissions, conditional-access, snapshot, rules, output, configuration
    Help(help::HelpArgs),
    /// Show what a bearer token says and why a service would refuse it
    Token(token::TokenArgs),
    /// Let a configuration file that was found set everything, as it is now
    Trust(trust::TrustArgs),
    /// Print the version of the program and of its rules
    Version(version::VersionArgs),
    /// Would Conditional Access let this sign-in through, and by which policy
    WhatIf(Box<what_if::WhatIfArgs>),
}

/// How answers look; for every command.
#[derive(Debug, Args)]
struct Looks {
    /// When to colour
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        value_enum,
        default_value_t,
        env = "WORK365_DOCTOR_COLOR",
        value_name = "WHEN"
    )]
    color: ColorChoice,
    /// Show only the diagnosis [env: WORK365_DOCTOR_QUIET]
    #[arg(
        short,
        long,
        global = true,
        help_heading = "For every command",
        conflicts_with = "verbose"
    )]
    quiet: bool,
    /// Show also what is right, and the evidence; -vv each request of a live run [env: WORK365_DOCTOR_VERBOSE]
    #[arg(short, long, global = true, help_heading = "For every command", action = clap::ArgAction::Count)]
    verbose: u8,
    /// Configuration file; default: work365-doctor.toml, found walking up, then in the user's folder
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        env = "WORK365_DOCTOR_CONFIG",
        value_name = "FILE"
    )]
    config: Option<PathBuf>,
    /// Read no configuration file [env: WORK365_DOCTOR_NO_CONFIG]
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        conflicts_with = "config"
    )]
    no_config: bool,
    /// Never show progress
    #[arg(
        long,
        global = true,
        help_heading = "For every command",
        env = "WORK365_DOCTOR_NO_PROGRESS"
    )]
    no_progress: bool,
}

impl Looks {
    /// How much is shown, and whether each request is. A flag wins over both variables: they must not clash with it.
    fn verbosity(&self) -> Result<(Verbosity, bool), Failure> {
        let is_said = self.quiet || self.verbose > 0;
        let is_quiet = self.quiet || (!is_said && variables::is_set("QUIET")?);
        let level = match self.verbose {
            0 if !is_said && !is_quiet => variables::level("VERBOSE")?,
            level => level,
        };
        Ok(match (is_quiet, level) {
            (true, _) => (Verbosity::Quiet, false),
            (_, 0) => (Verbosity::Normal, false),
            (_, level) => (Verbosity::Verbose, level > 1),
        })
    }
}

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let config = match Config::find(&arguments) {
        Ok(config) => config,
        Err(failure) => {
            Console::new(ColorChoice::default(), Verbosity::default()).complain(&failure.to_string());
            return Exit::Unusable.into();
        }
    };
    let parsed = config
        .defaults(Cli::command())
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // The main thread's stack is 1 MiB on some systems; conditions get a thread with room.
    let worker = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || run(cli, &config));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        // The panic has already told its story on stderr.
        Ok(Err(_)) => ExitCode::from(101),
        Err(_) => Exit::Unusable.into(),
    }
}

fn run(cli: Cli, config: &Config) -> Exit {
    let console = match cli.looks.verbosity() {
        Ok((verbosity, is_traced)) => {
            let mut console = Console::new(cli.looks.color, verbosity);
            console.is_traced = is_traced;
            console
        }
        Err(failure) => {
            Console::new(cli.looks.color, Verbosity::Normal).complain(&failure.to_string());
            return Exit::Unusable;
        }
    };
    let outcome = match cli.command {
        Command::Check(arguments) => check::run(&arguments, config, cli.looks.no_progress, &console),
        Command::Ask(arguments) => ask::run(&arguments, config, &console),
        Command::Capture(arguments) => capture::run(&arguments, config, cli.looks.no_progress, &console),
        Command::Decode(arguments) => decode::run(&arguments, cli.looks.no_progress, &console),
        Command::Fleet(arguments) => fleet::run(&arguments, config, cli.looks.no_progress, &console),
        Command::Explain(arguments) => explain::run(&arguments, &console),
        Command::Report(arguments) => report::run(&arguments, config, &console),
        Command::Completions(arguments) => shell::completions(&arguments, Cli::command(), &console),
        Command::Man(arguments) => shell::man(&arguments, Cli::command(), &console),
        Command::Mcp(arguments) => mcp::run(&arguments, config, &console),
        Command::Plan(arguments) => plan::run(&arguments, config, &console),
        Command::Rules(arguments) => rules::run(&arguments, config, &console),
        Command::Token(arguments) => token::run(&arguments, &console),
        Command::Help(arguments) => help::run(&arguments, Cli::command(), &console),
        Command::Trust(arguments) => trust::run(&arguments, &console),
        Command::Version(_) => version::run(&console),
        Command::WhatIf(arguments) => what_if::run(&arguments, &console),
    };
    outcome.unwrap_or_else(|failure| {
        console.complain(&failure.to_string());
        Exit::Unusable
    })
}

/// Help and version go to stdout with 0, everything else is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed stream leaves nobody to tell.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use super::Cli;

    /// Flags that say what one run is about or what it does, which nobody sets once for all runs: evidence, actions, and the
    /// sign-in that `what-if` asks about.
    const OF_ONE_RUN: &[(&str, &[&str])] = &[
        ("check", &["snapshot", "demo", "write-expected", "record"]),
        ("ask", &["symptom", "snapshot", "list", "record"]),
        (
            "capture",
            &["from", "preview", "no-redact", "schema", "drop", "case"],
        ),
        ("decode", &["batch", "snapshot"]),
        // What judges for an agent is said where its server is started.
        (
            "mcp",
            &[
                "allow",
                "skill",
                "rules",
                "profile",
                "time-zone",
                "configured-identity",
                "ip",
                "country",
                "select",
                "ignore",
                "fail-on",
            ],
        ),
        ("plan", &["script", "schedule"]),
        ("docs", &["html"]),
        ("schema", &["diff"]),
        ("facts", &["snapshot"]),
        ("list", &["graph"]),
        ("new", &["area"]),
        ("man", &["all"]),
        ("lint", &["stale"]),
        (
            "what-if",
            &[
                "snapshot",
                "policy",
                "app",
                "client-app",
                "ip",
                "country",
                "platform",
                "sign-in-risk",
                "user-risk",
                "device-code",
            ],
        ),
    ];

    fn without_variable(command: &Command, found: &mut Vec<String>) {
        let name = command.get_name().to_owned();
        let of_one_run = OF_ONE_RUN
            .iter()
            .find(|(command, _)| *command == name)
            .map_or(&[][..], |(_, flags)| flags);
        for argument in command.get_arguments() {
            let Some(flag) = argument
                .get_long()
                .filter(|flag| !matches!(*flag, "help" | "version"))
            else {
                continue;
            };
            let variable = format!("WORK365_DOCTOR_{}", flag.replace('-', "_").to_uppercase());
            let is_told = argument
                .get_help()
                .is_some_and(|help| help.to_string().contains(&format!("[env: {variable}]")));
            let is_read = argument.get_env().is_some_and(|name| name == variable.as_str());
            let has_variable = is_told || is_read;
            if has_variable == of_one_run.contains(&flag) {
                found.push(format!("{name} --{flag}"));
            }
        }
        for inner in command.get_subcommands() {
            without_variable(inner, found);
        }
    }

    #[test]
    fn every_flag_that_is_a_setting_has_its_variable() {
        let mut found = Vec::new();
        without_variable(&Cli::command(), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
