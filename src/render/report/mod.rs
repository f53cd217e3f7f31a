//! The report of a check: one file per format, and what they share.

pub(crate) mod coming;
pub(crate) mod compared;
pub(crate) mod handoff;
pub(crate) mod html;
pub(crate) mod ics;
pub(crate) mod junit;
pub(crate) mod letter;
pub(crate) mod links;
pub(crate) mod markdown;
pub(crate) mod marks;
pub(crate) mod rehearsed;
pub(crate) mod rows;
pub(crate) mod sarif;
pub(crate) mod short;
pub(crate) mod shown;
pub(crate) mod table;
pub(crate) mod ticket_fields;
pub(crate) mod timeline;

use super::json::{json, ndjson};
use super::{Format, Style};
use crate::diagnosis::Words;
use crate::diagnosis::report::Report;

/// The report in a format.
pub fn text(format: Format, report: &Report, words: &Words, style: Style) -> String {
    match format {
        Format::Table => table::table(report, words, style),
        Format::Json => json(report),
        Format::Ndjson => ndjson(report),
        Format::Short => short::short(report, style),
        Format::Markdown => markdown::markdown(report, words, style),
        Format::Html => html::html(report, words, style),
        Format::Junit => junit::junit(report),
        Format::Sarif => sarif::sarif(report),
        Format::Ics => ics::ics(report),
        // A row is an account, and this is one; no command offers it.
        Format::Csv => String::new(),
        Format::TicketFields => ticket_fields::ticket_fields(report),
    }
}
