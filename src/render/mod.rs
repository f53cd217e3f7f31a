//! Data in, text out: one file per format. Nothing here decides anything or writes anywhere.

mod compared;
mod decoded;
mod diff;
mod handoff;
mod html;
mod json;
mod junit;
mod letter;
mod markdown;
mod page;
mod rule_list;
mod rule_page;
mod sarif;
mod short;
mod shown;
mod table;
mod timeline;
mod token;
mod what_if;

pub use decoded::{batch, batch_short, code_page, decoded, decoded_short};
pub use diff::diff;
pub use html::html;
pub use json::{ErrorLine, error_line, json, json_schema, ndjson};
pub use junit::junit;
pub use markdown::markdown;
pub use rule_list::{FactList, LintReport, RuleList, TestReport};
pub use rule_page::rule_page;
pub use sarif::sarif;
pub use short::short;
pub use table::table;
pub use token::token;
pub use what_if::what_if;

/// Who reads. Only the formats for people differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Plain words, click paths, who to send what: no ids, codes or evidence.
    Customer,
    /// Everything, evidence and ids first of all.
    Engineer,
    /// Facts and hashes only.
    Ticket,
}

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
    /// Who reads, if it was said.
    pub audience: Option<Audience>,
}
