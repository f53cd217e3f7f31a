//! `completions` and `man`: what a packager installs beside the program. Generated from the command line itself.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use super::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::cli::io::files;

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor completions bash > /etc/bash_completion.d/work365-doctor
  work365-doctor completions powershell >> $PROFILE")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  work365-doctor man | man -l -
  work365-doctor man check | man -l -
  work365-doctor man --all /usr/share/man/man1")]
pub(super) struct ManArgs {
    /// The command, as `report diff`; the program itself if not given
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    all: Option<PathBuf>,
}

/// Prints a completion script.
pub(super) fn completions(
    arguments: &CompletionsArgs,
    mut command: Command,
    console: &Console,
) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    console.deliver(&String::from_utf8_lossy(&script), None)?;
    Ok(Exit::Healthy)
}

/// Prints a manual page, or writes all of them.
pub(super) fn man(arguments: &ManArgs, mut command: Command, console: &Console) -> Result<Exit, Failure> {
    command.build();
    if let Some(folder) = &arguments.all {
        std::fs::create_dir_all(folder).map_err(|error| files::unwritable(folder, &error))?;
        for (name, page) in pages(&command)? {
            console.deliver(&page, Some(&folder.join(format!("{name}.1"))))?;
        }
        return Ok(Exit::Healthy);
    }
    let mut found = &command;
    for name in &arguments.command {
        found = found
            .find_subcommand(name)
            .ok_or_else(|| format!("`{}` has no command `{name}`", full_name(found)))?;
    }
    console.deliver(&page(found)?, None)?;
    Ok(Exit::Healthy)
}

/// The pages of a command and everything below it.
fn pages(command: &Command) -> Result<Vec<(String, String)>, Failure> {
    let mut all = vec![(full_name(command), page(command)?)];
    for below in command.get_subcommands() {
        all.extend(pages(below)?);
    }
    Ok(all)
}

fn page(command: &Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    let name = full_name(command);
    clap_mangen::Man::new(command.clone().name(name))
        .render(&mut page)
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// `work365-doctor-report-diff`.
fn full_name(command: &Command) -> String {
    let name = command.get_display_name().unwrap_or(command.get_name());
    name.replace(' ', "-")
}
