//! The embedded demonstration snapshots.

use rust_embed::RustEmbed;

use super::inputs::Input;

/// What bare `--demo` runs.
pub(super) const REPRESENTATIVE: &str = "mfa-by-conditional-access";

#[derive(RustEmbed)]
#[compression = "zstd"]
#[folder = "fixtures/demos/"]
struct Demos;

/// Their names, sorted.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = Demos::iter()
        .filter_map(|file| file.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// One by name, or the complaint that there is none.
pub(super) fn named(name: &str) -> Result<Input, String> {
    let file = Demos::get(&format!("{name}.json")).ok_or_else(|| {
        format!(
            "no demonstration is called `{name}`; there are {}",
            names().join(", ")
        )
    })?;
    Ok(Input::embedded(name, file.data))
}
