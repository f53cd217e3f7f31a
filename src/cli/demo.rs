//! The embedded demonstration snapshots.

use rust_embed::RustEmbed;

use super::inputs::Input;

/// What bare `--demo` runs.
pub(super) const REPRESENTATIVE: &str = "mfa-by-conditional-access";

#[derive(RustEmbed)]
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

/// One by name.
pub(super) fn input(name: &str) -> Option<Input> {
    let file = Demos::get(&format!("{name}.json"))?;
    Some(Input::embedded(name, file.data))
}
