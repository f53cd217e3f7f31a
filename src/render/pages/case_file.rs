//! The first lines of an opened case file: what it holds, and what the sums show.

use crate::render::Style;
use crate::render::page::Page;

/// What is told of a case file.
pub(crate) struct CaseFilePage<'a> {
    /// Which program made it.
    pub(crate) made_by: String,
    /// Name and size of each entry.
    pub(crate) entries: Vec<(&'a str, u64)>,
    /// What it cannot show, line by line.
    pub(crate) limits: Vec<&'a str>,
}

/// The lines, with an empty one at the end.
pub(crate) fn case_file(name: &str, case: &CaseFilePage<'_>, style: Style) -> String {
    let mut page = Page::new(style);
    page.labelled(
        0,
        "Case file",
        &format!(
            "{name}: every sum is right. That shows no damage on the way; it does not show who made the file."
        ),
    );
    page.labelled(0, "Made by", &case.made_by);
    let entries: Vec<String> = case
        .entries
        .iter()
        .map(|(name, bytes)| format!("{name} ({bytes} bytes)"))
        .collect();
    page.labelled(0, "Holds", &entries.join(", "));
    for limit in &case.limits {
        page.labelled(0, "Limit", limit);
    }
    page.blank();
    page.into_text()
}
