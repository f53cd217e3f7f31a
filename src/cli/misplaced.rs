//! A value that was given without its flag, as people who see a command for the first time do: which flag it belongs to.

use std::ffi::OsString;
use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::commands;
use crate::text::terminal_safe;

/// `error` with a tip, where it is about a value without its flag.
pub(super) fn with_tip(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    if let Some(tip) = tip(&error, arguments) {
        let tip = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

fn tip(error: &clap::Error, arguments: &[OsString]) -> Option<String> {
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(value))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return None;
    };
    let program = commands::program();
    let command = arguments
        .iter()
        .skip(1)
        .find_map(|argument| program.find_subcommand(argument))?;
    let flag = flags(value).iter().find(|flag| {
        command
            .get_arguments()
            .any(|known| known.get_long() == Some(flag))
    })?;
    Some(format!("write '--{flag} {}'", terminal_safe(value)))
}

/// The flags that a value of this look is for, the first of them that a command knows.
fn flags(value: &str) -> &'static [&'static str] {
    let is_file = Path::new(value).extension().is_some_and(|extension| {
        ["json", "ndjson"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    if value.starts_with('-') {
        &[]
    } else if value.starts_with("https://") || value.contains(".dynamics.com") {
        &["environment"]
    } else if is_file || Path::new(value).exists() {
        &["snapshot", "from"]
    } else if value.contains('@') {
        &["account"]
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[&str]) -> String {
        let arguments: Vec<OsString> = ["work365-doctor"]
            .iter()
            .chain(words)
            .map(OsString::from)
            .collect();
        let error = commands::program().try_get_matches_from(&arguments).unwrap_err();
        with_tip(error, &arguments).to_string()
    }

    #[test]
    fn a_value_without_its_flag_is_told_the_flag() {
        for (words, tip) in [
            (["check", "svc@contoso.com"], "--account svc@contoso.com"),
            (
                ["check", "contoso.crm4.dynamics.com"],
                "--environment contoso.crm4.dynamics.com",
            ),
            (["ask", "case.snapshot.json"], "--snapshot case.snapshot.json"),
            (["what-if", "case.snapshot.json"], "--snapshot case.snapshot.json"),
        ] {
            assert!(
                said(&words).contains(&format!("tip: write '{tip}'")),
                "{}",
                said(&words)
            );
        }
    }

    #[test]
    fn what_belongs_to_no_flag_of_the_command_gets_no_tip() {
        for words in [
            ["ask", "svc@contoso.com"],
            ["check", "something"],
            ["check", "--acount"],
        ] {
            assert!(!said(&words).contains("tip: write"), "{}", said(&words));
        }
    }
}
