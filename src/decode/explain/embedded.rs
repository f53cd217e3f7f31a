//! The tables of `rules/errors`, as the program carries them.

use crate::embedded;

/// A table of `rules/errors/tables`, by file name; empty when there is none of that name.
pub(crate) fn table(name: &str) -> &'static str {
    embedded::text(&format!("rules/errors/tables/{name}"))
}
