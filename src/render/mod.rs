//! Data in, text out: one file per format. Nothing here decides anything or writes anywhere.

pub(crate) mod calendar;
mod format;
mod json;
mod page;
pub(crate) mod pages;
mod report;
mod style;
mod tables;

pub use format::Format;
#[cfg(feature = "cli")]
pub(crate) use json::tree;
pub use json::{ErrorLine, error_line, json, json_schema, ndjson};
pub(crate) use page::at_blanks;
pub use pages::decoded::{batch, batch_short, code_page, decoded, decoded_short};
pub use pages::diff::table::diff;
pub use pages::framed::{framed_html, framed_markdown};
pub use pages::redaction::redaction_preview;
pub use pages::rule_list::{FactList, LinkList, LintReport, RuleList, TestReport, stale_lines};
pub use pages::rule_page::rule_page;
pub use pages::token::{token, token_short};
pub use pages::what_if::what_if;
pub use report::html::html;
pub use report::junit::junit;
pub use report::links::with_links;
pub use report::markdown::markdown;
pub use report::sarif::sarif;
pub use report::short::short;
#[cfg(feature = "cli")]
pub(crate) use report::shown::neutralised;
pub use report::table::table;
pub use report::text as report;
pub use report::ticket_fields::{TicketFields, TicketFinding};
pub use style::{Audience, Style, Verbosity};
