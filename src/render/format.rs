//! The formats of an answer, by name.

use std::fmt;
use std::str::FromStr;

/// A format of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One document a line.
    Ndjson,
    /// One line a finding.
    Short,
    /// For a ticket.
    Markdown,
    /// One page for a browser.
    Html,
    /// For a pipeline.
    Junit,
    /// For code scanning.
    Sarif,
    /// What time brings, for a calendar.
    Ics,
    /// For a spreadsheet.
    Csv,
    /// What a ticket system puts into its fields.
    TicketFields,
}

const FORMATS: [(&str, Format); 11] = [
    ("table", Format::Table),
    ("json", Format::Json),
    ("ndjson", Format::Ndjson),
    ("short", Format::Short),
    ("markdown", Format::Markdown),
    ("html", Format::Html),
    ("junit", Format::Junit),
    ("sarif", Format::Sarif),
    ("ics", Format::Ics),
    ("csv", Format::Csv),
    ("ticket-fields", Format::TicketFields),
];

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        FORMATS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
            .ok_or_else(|| {
                let known = FORMATS.map(|(name, _)| name).join(", ");
                format!("no format is called `{name}`; there are {known}")
            })
    }
}

impl Format {
    /// Every format.
    pub const ALL: [Format; FORMATS.len()] = {
        let mut all = [Format::Table; FORMATS.len()];
        let mut index = 0;
        while index < all.len() {
            all[index] = FORMATS[index].1;
            index += 1;
        }
        all
    };

    /// The formats of a report of one account.
    pub const OF_REPORT: [Format; 9] = [
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Short,
        Format::Markdown,
        Format::Html,
        Format::Junit,
        Format::Sarif,
        Format::Ics,
    ];

    /// The formats in which a saved report is shown: those of a report, and the fields of a ticket.
    pub const OF_SAVED_REPORT: [Format; Self::OF_REPORT.len() + 1] = {
        let mut all = [Format::TicketFields; Self::OF_REPORT.len() + 1];
        let mut index = 0;
        while index < Self::OF_REPORT.len() {
            all[index] = Self::OF_REPORT[index];
            index += 1;
        }
        all
    };

    /// Whether one file or stream can hold the answers for many accounts.
    pub fn can_hold_many(self) -> bool {
        matches!(
            self,
            Format::Table | Format::Ndjson | Format::Short | Format::Markdown
        )
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = FORMATS.iter().find(|(_, format)| format == self);
        formatter.write_str(name.map_or("", |(name, _)| name))
    }
}
