//! Data in, text out: one file per format. Nothing here decides anything or writes anywhere.

mod decoded;
mod json;
mod page;
mod rule_list;
mod rule_page;
mod short;
mod table;
mod token;

pub use decoded::{batch, batch_short, code_page, decoded, decoded_short};
pub use json::{error_line, json, ndjson};
pub use rule_list::{FactList, LintReport, RuleList, TestReport};
pub use rule_page::rule_page;
pub use short::short;
pub use table::table;
pub use token::token;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// The diagnosis alone.
    Quiet,
    /// What is wrong and what could not be judged.
    #[default]
    Normal,
    /// Also what is right, and the evidence.
    Verbose,
}

/// How text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether colour is wanted. Status is always a word as well.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// How much is shown.
    pub verbosity: Verbosity,
}
