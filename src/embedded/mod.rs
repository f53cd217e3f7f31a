//! What the program carries: rules, tables, demonstrations and script templates, packed by the build script
//! (`src/embedded/build.rs` says why).
//!
//! YAML comes as trees ([`tree`]) or typed ([`data`]), anything else as text ([`text`]). Each file is unpacked when it is
//! first asked for.

mod bytes;
#[cfg(test)]
mod menus;
#[cfg(test)]
mod pack;
mod packed;
mod read_typed;
mod sorted_lines;
pub(crate) mod tree;
pub(crate) mod yaml;

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use serde::de::DeserializeOwned;

pub(crate) use bytes::Bytes;
pub(crate) use sorted_lines::SortedLines;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

static STORE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded.bin"));

/// A file that is carried.
#[derive(Debug)]
struct Row {
    path: &'static str,
    start: usize,
    end: usize,
    length: usize,
    unpacked: OnceLock<Vec<u8>>,
}

impl Row {
    const fn new(path: &'static str, start: usize, end: usize, length: usize) -> Self {
        Self {
            path,
            start,
            end,
            length,
            unpacked: OnceLock::new(),
        }
    }

    fn bytes(&self) -> &[u8] {
        self.unpacked.get_or_init(|| {
            let packed = STORE.get(self.start..self.end).unwrap_or_default();
            // The build script packed it; a test unpacks every file.
            lz4_flex::block::decompress(packed, self.length).unwrap_or_default()
        })
    }
}

fn row(rows: &'static [Row], path: &str) -> Option<&'static Row> {
    let found = rows.binary_search_by(|row| row.path.cmp(path)).ok()?;
    rows.get(found)
}

/// The text of a file by its path in the repository, as `rules/data/licenses.csv`; empty when it is not carried, which the
/// tests of whoever reads it would see.
pub(crate) fn text(path: &str) -> &'static str {
    let bytes = row(&TEXTS, path).map(Row::bytes).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The paths of the carried texts that begin so, sorted.
pub(crate) fn texts(beginning: &str) -> impl Iterator<Item = &'static str> {
    let rows = TEXTS.iter().map(|row| row.path);
    rows.filter(move |path| path.starts_with(beginning))
}

/// A YAML file as a tree; nothing when it is not carried.
pub(crate) fn tree(path: &str) -> Option<tree::Node<'static>> {
    packed::unpack(row(&TREES, path)?.bytes())
}

/// The paths of the carried trees that begin so, sorted.
pub(crate) fn trees(beginning: &str) -> impl Iterator<Item = &'static str> {
    let rows = TREES.iter().map(|row| row.path);
    rows.filter(move |path| path.starts_with(beginning))
}

/// A YAML file as a value.
///
/// # Errors
///
/// File, line and what is wrong when the value cannot be made of it.
pub(crate) fn data<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    let root = tree(path).ok_or_else(|| format!("{path} is not carried"))?;
    read_typed::value(root).map_err(|fault| format!("{path}: {fault}"))
}

/// A YAML text as a value.
///
/// # Errors
///
/// Line and what is wrong.
pub(crate) fn value_of_yaml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let root = yaml::parse(text).map_err(|unreadable| {
        let before = text.get(..unreadable.span.start).unwrap_or(text);
        format!(
            "line {}: {}",
            before.matches('\n').count() + 1,
            unreadable.message
        )
    })?;
    read_typed::value(root).map_err(|fault| fault.to_string())
}

/// The file of the error catalogue that has the entry of this code.
pub(crate) fn file_of_code(code: &str) -> Option<&'static str> {
    let found = CODES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    Some(TREES.get(CODES.get(found)?.1)?.path)
}

static PARSED: LazyLock<HashMap<&'static str, &'static [u8]>> = LazyLock::new(|| {
    let mut bytes = Bytes(CONDITIONS.first().map(Row::bytes).unwrap_or_default());
    let mut parsed = HashMap::with_capacity(200);
    while let (Some(source), Some(length)) = (bytes.text(), bytes.number()) {
        let Some((expression, rest)) = bytes.0.split_at_checked(length) else {
            break;
        };
        parsed.insert(source, expression);
        bytes = Bytes(rest);
    }
    parsed
});

/// A condition of the built-in rules as the build script parsed it.
pub(crate) fn parsed_condition(source: &str) -> Option<Bytes<'static>> {
    PARSED.get(source).map(|bytes| Bytes(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::menus::Menus;
    use super::tree::{Content, Node};
    use super::{TEXTS, TREES, file_of_code, pack, packed, yaml};

    #[test]
    fn every_file_unpacks_to_what_stands_in_the_repository() {
        for row in &TEXTS {
            assert_eq!(row.bytes(), std::fs::read(row.path).unwrap(), "{}", row.path);
        }
        let portals = std::fs::read_to_string("rules/portals.yaml").unwrap();
        let menus = Menus::of(&yaml::parse(&portals).unwrap());
        for row in &TREES {
            let text = std::fs::read_to_string(row.path).unwrap();
            let mut root = yaml::parse(text.trim_start_matches('\u{feff}')).unwrap();
            let is_check = row.path.starts_with("rules/checks/");
            if !is_check {
                menus.fill(&mut root).unwrap();
            }
            let packed = pack::tree(&root, is_check.then_some("tests"));
            assert_eq!(row.bytes(), packed, "{}", row.path);
            if !is_check {
                forget_columns(&mut root);
                assert_eq!(packed::unpack(&packed).unwrap(), root, "{}", row.path);
            }
        }
    }

    /// What a packed tree does not keep.
    fn forget_columns(node: &mut Node<'_>) {
        node.span = 0..0;
        match &mut node.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.iter_mut().for_each(forget_columns),
            Content::Map(entries) => {
                for entry in entries {
                    entry.key_span = 0..0;
                    forget_columns(&mut entry.value);
                }
            }
        }
    }

    #[test]
    fn a_code_is_found_in_its_file() {
        assert_eq!(
            file_of_code("AADSTS50126"),
            Some("rules/errors/aadsts-password.yaml")
        );
        assert_eq!(file_of_code("AADSTS1"), None);
    }
}
