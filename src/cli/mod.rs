//! The command line: one file per command. The only floor that reads arguments, writes answers and sets exit codes.

mod args;
mod ask;
mod capture;
mod case_facts;
mod case_file;
mod check;
mod commands;
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
mod looks;
mod mcp;
mod misplaced;
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
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::render::Verbosity;
use crate::text::terminal_safe;
use commands::{Job, Surroundings};
use exit::Exit;
use failure::Failure;
use io::console::{ColorChoice, Console};
use io::parallel::STACK_BYTES;
use looks::Looks;
use settings::config::Config;
use settings::origin::origin;

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let config = match Config::find(&arguments) {
        Ok(config) => config,
        Err(failure) => return without_config(&arguments, &failure),
    };
    let named = commands::reading(&config)
        .try_get_matches_from(arguments.iter())
        .and_then(|given| commands::named(&given));
    let (looks, job) = match named {
        Ok(named) => named,
        Err(error) => {
            let error = misplaced::with_tip(error, &arguments);
            let exit = usage(&error);
            let console = Console::new(ColorChoice::default(), Verbosity::default());
            tell_origin(&error.to_string(), &arguments, &config, &console);
            return exit;
        }
    };
    // The main thread's stack is 1 MiB on some systems; conditions get a thread with room.
    let worker = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || run(&looks, job, &arguments, &config));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit.into(),
        // The panic has already told its story on stderr.
        Ok(Err(_)) => ExitCode::from(101),
        Err(_) => Exit::Unusable.into(),
    }
}

/// A configuration file that cannot be read stops every command, and nobody who asks for help or for the version.
fn without_config(arguments: &[OsString], failure: &Failure) -> ExitCode {
    match commands::reading(&Config::default()).try_get_matches_from(arguments) {
        Err(asked) if matches!(asked.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            usage(&asked)
        }
        _ => {
            Console::new(ColorChoice::default(), Verbosity::default()).complain(&failure.to_string());
            Exit::Unusable.into()
        }
    }
}

fn run(looks: &Looks, job: Job, arguments: &[OsString], config: &Config) -> Exit {
    let console = match looks.verbosity() {
        Ok((verbosity, is_traced)) => {
            let mut console = Console::new(looks.color, verbosity);
            console.is_traced = is_traced;
            console
        }
        Err(failure) => {
            Console::new(looks.color, Verbosity::Normal).complain(&failure.to_string());
            return Exit::Unusable;
        }
    };
    let outcome = job(&Surroundings {
        config,
        no_progress: looks.no_progress,
        console: &console,
    });
    outcome.unwrap_or_else(|failure| {
        let complaint = failure.to_string();
        console.complain(&complaint);
        if complaint.starts_with("--") {
            tell_origin(&complaint, arguments, config, &console);
        }
        Exit::Unusable
    })
}

/// Names the variable or the file, where the flag that a complaint is about was not given.
fn tell_origin(complaint: &str, arguments: &[OsString], config: &Config, console: &Console) {
    if let Some(origin) = origin(complaint, arguments, config) {
        console.aside(&format!("{}\n", terminal_safe(&origin)));
    }
}

/// Help and version go to stdout with 0, everything else is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed stream leaves nobody to tell.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::commands::program;

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
        without_variable(&program(), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
