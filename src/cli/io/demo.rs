//! The embedded demonstration snapshots.

use crate::cli::failure::Failure;
use crate::cli::io::inputs::Input;
use crate::embedded;

/// What bare `--demo` runs.
pub(crate) const REPRESENTATIVE: &str = "mfa-by-conditional-access";

/// Where they stand, and how their files end.
const FOLDER: &str = "fixtures/demos/";
const ENDING: &str = ".json";

/// Their names, sorted.
pub(crate) fn names() -> Vec<&'static str> {
    embedded::texts(FOLDER)
        .filter_map(|path| path.strip_prefix(FOLDER)?.strip_suffix(ENDING))
        .collect()
}

/// One by name, or the complaint that there is none.
pub(crate) fn named(name: &str) -> Result<Input, Failure> {
    let Some(known) = names().into_iter().find(|known| *known == name) else {
        let names = names().join(", ");
        return Err(Failure::Usage(format!(
            "no demonstration is called `{name}`; there are {names}"
        )));
    };
    let text = embedded::text(&format!("{FOLDER}{known}{ENDING}"));
    Ok(Input::embedded(name, text.as_bytes()))
}
