//! Many texts: their causes, the most frequent first.

use std::fmt::Write as _;

use crate::decode::many::batch::Batch;
use crate::render::page::Page;
use crate::render::{Style, Verbosity};

/// A batch as a table of its causes.
pub fn batch(batch: &Batch, style: Style) -> String {
    let mut page = Page::new(style);
    page.labelled(
        0,
        "Texts",
        &format!("{}, recognised {}", batch.texts, batch.recognised),
    );
    let rows = batch.clusters.iter().map(|cluster| {
        let error = cluster.error.as_ref();
        [
            cluster.count.to_string(),
            cluster
                .primary
                .clone()
                .unwrap_or_else(|| "nothing recognised".to_owned()),
            cluster.category.clone().unwrap_or_default(),
            error.and_then(|error| error.name.clone()).unwrap_or_default(),
            lines(&cluster.lines),
        ]
    });
    page.blank();
    page.rows(["TEXTS", "CAUSE", "CATEGORY", "NAME", "LINES"], rows);
    if style.verbosity > Verbosity::Quiet {
        for cluster in &batch.clusters {
            let Some(error) = &cluster.error else { continue };
            page.blank();
            page.title(error);
            page.advice(error);
        }
    }
    page.into_text()
}

/// A batch in a line a cause.
pub fn batch_short(batch: &Batch) -> String {
    let mut text = String::new();
    for cluster in &batch.clusters {
        let code = cluster.primary.as_deref().unwrap_or("nothing recognised");
        let category = cluster.category.as_deref().unwrap_or("-");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{}: {category}, {} text(s), lines {}",
            code,
            cluster.count,
            lines(&cluster.lines)
        );
    }
    text
}

fn lines(lines: &[u64]) -> String {
    const SHOWN: usize = 8;
    let mut text = lines
        .iter()
        .take(SHOWN)
        .map(u64::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    if lines.len() > SHOWN {
        text.push_str(" …");
    }
    text
}
