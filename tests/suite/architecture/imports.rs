//! Which file imports which: read from the text, file by file, through re-exports.
//!
//! A re-export is a signpost: who imports `crate::render::json` imports the file that defines it, and `render/mod.rs`,
//! which only points there, imports nothing by it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);").unwrap());
static INLINE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").unwrap());
static TEST_MODULE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").unwrap());

/// A file, by its module path.
type Module = Vec<String>;

struct File {
    uses: Vec<String>,
    /// Name to path.
    re_exports: BTreeMap<String, String>,
}

/// The files of a folder and what each imports.
pub(super) struct Imports {
    files: BTreeMap<Module, File>,
}

/// The code of a file: no comments, not the tests at its end.
fn code(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

impl Imports {
    pub(super) fn read(folder: &Path) -> Self {
        let mut texts = BTreeMap::new();
        texts_below(folder, &mut Vec::new(), &mut texts);
        let tests: BTreeSet<Module> = texts
            .iter()
            .flat_map(|(module, text)| {
                TEST_MODULE
                    .captures_iter(text)
                    .map(|found| child(module, &found[1]))
                    .collect::<Vec<_>>()
            })
            .collect();
        texts.retain(|module, _| !tests.contains(module));
        let files = texts
            .iter()
            .map(|(module, text)| (module.clone(), file(module, text, &texts)))
            .collect();
        Self { files }
    }

    /// The groups of files of which each imports every other, directly or through the rest.
    pub(super) fn circles(&self) -> Vec<Vec<String>> {
        let reached: BTreeMap<&Module, BTreeSet<Module>> = self
            .files
            .keys()
            .map(|module| (module, self.reachable(module)))
            .collect();
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (module, reachable) in &reached {
            if reachable.contains(*module) {
                circles.insert(
                    reachable
                        .iter()
                        .filter(|other| reached[other].contains(*module))
                        .map(|other| other.join("::"))
                        .collect(),
                );
            }
        }
        circles.into_iter().collect()
    }

    fn reachable(&self, from: &Module) -> BTreeSet<Module> {
        let mut found = BTreeSet::new();
        let mut open: Vec<Module> = self.imported(from);
        while let Some(module) = open.pop() {
            if found.insert(module.clone()) {
                open.extend(self.imported(&module));
            }
        }
        found
    }

    fn imported(&self, module: &Module) -> Vec<Module> {
        self.files[module]
            .uses
            .iter()
            .filter_map(|path| self.file_of(module, path, 0))
            .filter(|target| target != module)
            .collect()
    }

    /// The file behind a path; nothing for another crate's.
    fn file_of(&self, module: &Module, path: &str, depth: u8) -> Option<Module> {
        let mut segments = path.split("::").map(str::trim).peekable();
        let mut place = module.clone();
        match *segments.peek()? {
            "crate" => {
                place.clear();
                segments.next();
            }
            "self" => {
                segments.next();
            }
            "super" => {
                while segments.next_if_eq(&"super").is_some() {
                    place.pop();
                }
            }
            first if self.files.contains_key(&child(&place, first)) => {}
            _ => return None,
        }
        while let Some(segment) = segments.next_if(|segment| self.files.contains_key(&child(&place, segment)))
        {
            place.push(segment.to_owned());
        }
        let file = self.files.get(&place)?;
        // A chain of signposts ends; this is for one that points at itself.
        let behind = segments
            .peek()
            .filter(|_| depth < 6)
            .and_then(|name| file.re_exports.get(*name))
            .and_then(|path| self.file_of(&place, path, depth + 1));
        Some(behind.unwrap_or(place))
    }
}

fn child(module: &[String], name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

fn texts_below(folder: &Path, module: &mut Module, texts: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            module.push(stem);
            texts_below(&path, module, texts);
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
            let module = match stem.as_str() {
                "mod" | "lib" => module.clone(),
                name => child(module, name),
            };
            texts.insert(module, code(&fs::read_to_string(&path).unwrap()));
        }
    }
}

fn file(module: &Module, text: &str, all: &BTreeMap<Module, String>) -> File {
    let mut uses = Vec::new();
    let mut re_exports = BTreeMap::new();
    let rest = USE.replace_all(text, "");
    for found in USE.captures_iter(text) {
        let paths = expanded(&found[2]);
        if found.get(1).is_some() {
            for path in paths {
                let name = path.rsplit("::").next().unwrap().trim().to_owned();
                // Who passes a name on and uses it too imports it.
                if uses_word(&rest, &name) {
                    uses.push(path.clone());
                }
                re_exports.insert(name, path);
            }
        } else {
            uses.extend(paths);
        }
    }
    uses.extend(INLINE.find_iter(&rest).map(|found| found.as_str().to_owned()));
    // `table::table(…)` in the file that declares `mod table`.
    let children = all
        .keys()
        .filter(|other| other.len() == module.len() + 1 && other.starts_with(module))
        .filter_map(|other| other.last());
    for name in children {
        let is_called = rest.match_indices(&format!("{name}::")).any(|(at, _)| {
            !rest[..at].ends_with(|before: char| before == ':' || before == '_' || before.is_alphanumeric())
        });
        if is_called {
            uses.push(format!("self::{name}"));
        }
    }
    File { uses, re_exports }
}

fn uses_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character == '_' || character.is_alphanumeric();
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
}

/// `a::{b, c::{d, e as f}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expanded(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').unwrap().0;
    let mut depth = 0;
    inner
        .split(|character| {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            character == ',' && depth == 0
        })
        .filter(|piece| !piece.trim().is_empty())
        .flat_map(expanded)
        .map(|path| format!("{}{path}", before.trim()))
        .collect()
}

#[test]
fn a_circle_is_found_through_a_re_export_and_a_signpost_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod room;\n");
    write(
        "room/mod.rs",
        "mod a;\nmod b;\npub use a::A;\npub(crate) use b::{B, C as D};\n",
    );
    write("room/a.rs", "use super::b::B;\npub struct A;\n");
    write(
        "room/b.rs",
        "pub struct B;\n// use super::A;\n#[cfg(test)]\nmod tests {\n    use super::super::A;\n}\n",
    );
    assert_eq!(Imports::read(folder.path()).circles(), Vec::<Vec<String>>::new());
    write("room/b.rs", "use crate::room::{A, other::X};\npub struct B;\n");
    assert_eq!(Imports::read(folder.path()).circles(), [["room::a", "room::b"]]);
    write("room/b.rs", "pub struct B;\n");
    write("lib.rs", "mod room;\nmod hall;\n");
    write(
        "room/a.rs",
        "pub use crate::hall::Hall;\npub struct A { hall: Hall }\n",
    );
    write("hall.rs", "use crate::room::A;\npub struct Hall;\n");
    assert_eq!(Imports::read(folder.path()).circles(), [["hall", "room::a"]]);
}
