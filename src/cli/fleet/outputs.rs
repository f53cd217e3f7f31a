//! What `fleet` answers with.

use crate::cli::args::output::{Answers, OutputTarget};
use crate::cli::failure::Failure;
use crate::cli::io::console::Console;
use crate::fleet::document::Fleet;
use crate::render::{self, Format, Style};

/// The formats of `fleet`.
#[derive(Debug, Clone)]
pub(super) struct FleetFormats;

impl Answers for FleetFormats {
    const COMMAND: &'static str = "fleet";
    const FORMATS: &'static [Format] = &[
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Html,
        Format::Csv,
        Format::Ics,
        Format::Junit,
    ];
}

/// Delivers the answer to every target.
pub(super) fn deliver(
    fleet: &Fleet,
    targets: &[OutputTarget],
    has_mark: bool,
    console: &Console,
) -> Result<(), Failure> {
    for target in targets {
        let path = target.path.as_deref();
        let text = text(fleet, target.format, console.style(path));
        let mark = if has_mark && target.format == Format::Csv {
            "\u{feff}"
        } else {
            ""
        };
        console.deliver(&format!("{mark}{text}"), path)?;
    }
    Ok(())
}

fn text(fleet: &Fleet, format: Format, style: Style) -> String {
    match format {
        Format::Json => render::json(fleet),
        Format::Ndjson => fleet.accounts.iter().map(render::ndjson).collect(),
        Format::Csv => render::pages::fleet::csv::csv(fleet),
        Format::Html => render::pages::fleet::html::html(fleet),
        Format::Ics => render::pages::fleet::ics::ics(fleet),
        Format::Junit => render::pages::fleet::junit::junit(fleet),
        _ => render::pages::fleet::table::table(fleet, style),
    }
}
