//! From a report to the text of a format; shared by `check` and `report render`, so that both give the same bytes.

use std::path::Path;

use clap::ValueEnum;

use super::output::{Format, OutputTarget};
use crate::diagnosis::Words;
use crate::diagnosis::report::Report;
use crate::render::{self, Audience, Style};

/// `--audience`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum AudienceChoice {
    /// Plain words, click paths, messages to send
    Customer,
    /// Evidence, ids, everything
    Engineer,
    /// Facts and hashes
    Ticket,
}

impl From<AudienceChoice> for Audience {
    fn from(choice: AudienceChoice) -> Self {
        match choice {
            AudienceChoice::Customer => Audience::Customer,
            AudienceChoice::Engineer => Audience::Engineer,
            AudienceChoice::Ticket => Audience::Ticket,
        }
    }
}

/// The report in a format.
pub(super) fn text(format: Format, report: &Report, words: &Words, style: Style) -> String {
    match format {
        Format::Table => render::table(report, words, style),
        Format::Json => render::json(report),
        Format::Ndjson => render::ndjson(report),
        Format::Short => render::short(report, style),
        Format::Markdown => render::markdown(report, words, style),
        Format::Html => render::html(report, words, style),
        Format::Junit => render::junit(report),
        Format::Sarif => render::sarif(report),
    }
}

/// The files that answers go to.
pub(super) fn paths(targets: &[OutputTarget]) -> impl Iterator<Item = &Path> + Clone {
    targets.iter().filter_map(|target| target.path.as_deref())
}

/// Refuses formats that would end up in one place.
pub(super) fn no_clash(targets: &[OutputTarget]) -> Result<(), String> {
    if targets.iter().filter(|target| target.path.is_none()).count() > 1 {
        return Err("two formats go to stdout; give all but one a file, as -o json=report.json".to_owned());
    }
    let mut paths: Vec<_> = paths(targets).collect();
    paths.sort();
    if paths.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("two formats go to the same file".to_owned());
    }
    Ok(())
}
