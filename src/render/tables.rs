//! Tables of text, as wide as the page. Their colours are for a terminal, which the library without `cli` has none of.

use comfy_table::{ContentArrangement, Table, TableStyle};

/// An empty table.
pub(crate) fn empty(preset: TableStyle, width: usize, is_coloured: bool) -> Table {
    let mut table = Table::new();
    table.load_style(preset);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(80));
    decide_colour(&mut table, is_coloured);
    table
}

/// The colours are decided by the command line, never by what the table finds out about its surroundings.
#[cfg(feature = "cli")]
fn decide_colour(table: &mut Table, is_coloured: bool) {
    if is_coloured {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
}

#[cfg(not(feature = "cli"))]
fn decide_colour(_table: &mut Table, _is_coloured: bool) {}
