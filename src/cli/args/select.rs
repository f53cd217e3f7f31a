//! Which rules judge, and which of them count.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::io::read_places;
use crate::diagnosis::{Doctor, Selection, Words};
use crate::rules::RuleBook;

/// Which rules judge; for every command that needs them.
#[derive(Debug, Args)]
pub(crate) struct RuleSource {
    /// Folder with rule files that add to or override the built-in ones (repeatable)
    #[arg(long, env = "WORK365_DOCTOR_RULES", value_name = "DIR", value_delimiter = ',')]
    pub(crate) rules: Vec<PathBuf>,
}

impl RuleSource {
    pub(crate) fn book(&self) -> Result<RuleBook, Failure> {
        self.rules.iter().for_each(|rules| read_places::is_read(rules));
        book(&self.rules)
    }

    /// The doctor of the run. It is never taken apart, which would take a tenth of a short run: the program ends instead.
    pub(crate) fn doctor(&self) -> Result<&'static Doctor, Failure> {
        Ok(Box::leak(Box::new(Doctor::new(self.book()?, Words::builtin()?))))
    }
}

/// The built-in rules with those of these folders.
///
/// # Errors
///
/// Everything that is wrong with the rules.
pub(crate) fn book(folders: &[PathBuf]) -> Result<RuleBook, Failure> {
    let book = if folders.is_empty() {
        RuleBook::builtin()
    } else {
        RuleBook::with_directories(folders)
    }
    .map_err(|complaints| Failure::Usage(format!("the rules are unsound\n\n{complaints}")))?;
    if !folders.is_empty() && book.rules().iter().all(|rule| rule.place.builtin) {
        return Err(no_rule_in(folders));
    }
    Ok(book)
}

/// Folders were named, and nothing came of them: a mistyped name must not look like a run with those rules.
pub(crate) fn no_rule_in(folders: &[PathBuf]) -> Failure {
    let folders: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Failure::Usage(format!(
        "{}: no rule is there; rules are in .yaml files",
        folders.join(", ")
    ))
}

/// Which rules count; for every command that judges or plans.
#[derive(Debug, Args)]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) rules: RuleSource,
    /// Only these rules or areas, or the beginning of their ids, as mfa (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_SELECT",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    select: Vec<String>,
    /// Not these rules or areas, or the beginning of their ids (repeatable)
    #[arg(
        long,
        env = "WORK365_DOCTOR_IGNORE",
        value_name = "RULE|AREA",
        value_delimiter = ','
    )]
    ignore: Vec<String>,
}

impl SelectArgs {
    /// Whether every rule counts.
    pub(crate) fn is_everything(&self) -> bool {
        self.select.is_empty() && self.ignore.is_empty()
    }

    /// The rules that count.
    ///
    /// # Errors
    ///
    /// A name that is neither a rule nor an area.
    pub(crate) fn of(&self, doctor: &Doctor) -> Result<Selection, Failure> {
        doctor
            .selection(&self.select, &self.ignore)
            .map_err(|error| Failure::Usage(error.to_string()))
    }
}
