//! The build script: packs what the program carries into one file of bytes.
//!
//! Why a build script: the program starts hundreds of times in a batch of tickets, and reading two hundred kilobytes of
//! YAML and its conditions was two thirds of a start. Read here once, they cost a start nothing; a file made by hand
//! beside its source would be out of date, and in conflict, with every second change to a rule.
//!
//! A rule file that is no YAML, or whose condition is no CEL, fails the build with its place. Everything else about it is
//! checked by `rules lint` and by the tests, which also hold what was packed against the files.

// The program uses more of these than packing does.
#[allow(dead_code)]
mod bytes;
mod menus;
mod pack;
mod pack_condition;
#[allow(dead_code)]
mod packed;
#[allow(dead_code)]
mod tree;
#[allow(dead_code)]
mod yaml;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cel::parser::PrattParser;
use sha2::{Digest, Sha256};

use menus::Menus;
use tree::{Content, Node};

/// Folders, and the endings of the files in them whose text is carried.
const TEXTS: [(&str, &[&str]); 4] = [
    ("rules", &["csv", "yml"]),
    ("rules/checks", &["yaml"]),
    ("fixtures/demos", &["json"]),
    ("src/collect", &["sh", "ps1", "jq"]),
];

/// The schemas are printed by the command line alone: without it they are left out.
const SCHEMAS: &str = "rules/schemas";

/// Files of the pack, beside its checks; in this order they are a part of its fingerprint.
const PACK: [&str; 2] = ["rules/owners.yaml", "rules/pack.yaml"];

/// The menus that texts name.
const PORTALS: &str = "rules/portals.yaml";

/// The key of a rule's own tests. They are a third of the text, and were run when the pack was built.
const TESTS: &str = "tests";

fn main() -> Result<(), Box<dyn Error>> {
    for folder in ["rules", "fixtures/demos", "src/collect", "src/embedded"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    leave_out_unwinding(&out);
    let mut store = Store::default();
    let yaml = files("rules", &["yaml"])?;
    let checks: Vec<&String> = yaml
        .iter()
        .filter(|path| path.starts_with("rules/checks/"))
        .collect();

    let mut texts: Vec<String> = PACK.map(str::to_owned).to_vec();
    for (folder, endings) in TEXTS {
        texts.extend(files(folder, endings)?);
    }
    if std::env::var_os("CARGO_FEATURE_CLI").is_some() {
        texts.extend(files(SCHEMAS, &["json"])?);
    }
    texts.sort();
    texts.dedup();
    let mut rows = String::new();
    for path in &texts {
        store.row(&mut rows, path, &std::fs::read(path)?)?;
    }
    let mut code = format!("static TEXTS: [Row; {}] = [{rows}];\n", texts.len());

    let portals = std::fs::read_to_string(PORTALS)?;
    let menus = Menus::of(&parsed(PORTALS, &portals)?);
    let (mut rows, mut conditions, mut codes) = (String::new(), Vec::new(), Vec::new());
    for (position, path) in yaml.iter().enumerate() {
        let text = std::fs::read_to_string(path)?;
        let text = text.trim_start_matches('\u{feff}');
        let mut root = parsed(path, text)?;
        let is_check = checks.contains(&path);
        if is_check {
            pack_conditions(path, &root, &mut conditions)?;
        } else {
            menus
                .fill(&mut root)
                .map_err(|(line, name)| format!("{path}:{line}: {name:?} is no menu of {PORTALS}"))?;
        }
        if path.starts_with("rules/errors/") {
            codes.extend(codes_of(&root).map(|code| (code, position)));
        }
        store.row(&mut rows, path, &pack::tree(&root, is_check.then_some(TESTS)))?;
    }
    codes.sort();
    codes.dedup_by(|later, earlier| later.0 == earlier.0);
    writeln!(code, "static TREES: [Row; {}] = [{rows}];", yaml.len())?;
    let mut row = String::new();
    store.row(&mut row, "conditions", &conditions)?;
    writeln!(code, "static CONDITIONS: [Row; 1] = [{row}];")?;
    writeln!(
        code,
        "static CODES: [(&str, usize); {}] = {codes:?};",
        codes.len()
    )?;
    let pack = PACK
        .iter()
        .copied()
        .chain(checks.iter().map(|path| path.as_str()));
    writeln!(
        code,
        "pub(crate) const PACK_SHA256: &str = {:?};",
        fingerprint(pack)?
    )?;

    std::fs::write(out.join("embedded.bin"), &store.bytes)?;
    std::fs::write(out.join("embedded.rs"), code)?;
    Ok(())
}

/// Where a panic ends the program (profile `dist`), it is linked without the tables that unwinding would read. The linkers of
/// Linux are told so by a script.
fn leave_out_unwinding(out: &Path) {
    let is_linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux");
    // Cargo tells the profile's name by the folder alone: `dist/build/PACKAGE/out`.
    let profile = out.ancestors().nth(3).and_then(Path::file_name);
    if is_linux && profile.is_some_and(|name| name == "dist") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/embedded/no-unwinding.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}

fn parsed<'t>(path: &str, text: &'t str) -> Result<Node<'t>, String> {
    yaml::parse(text).map_err(|fault| {
        let line = text[..fault.span.start.min(text.len())].matches('\n').count() + 1;
        format!("{path}:{line}: {}", fault.message)
    })
}

/// The bytes of everything, one after another.
#[derive(Default)]
struct Store {
    bytes: Vec<u8>,
}

impl Store {
    /// Adds one part, and the line of Rust that says where it is.
    fn row(&mut self, rows: &mut String, path: &str, part: &[u8]) -> std::fmt::Result {
        let start = self.bytes.len();
        self.bytes.extend(lz4_flex::block::compress(part));
        let (end, length) = (self.bytes.len(), part.len());
        writeln!(rows, "Row::new({path:?}, {start}, {end}, {length}),")
    }
}

/// Every file below the folder that ends so, as `rules/checks/roles.yaml`, sorted.
fn files(folder: &str, endings: &[&str]) -> Result<Vec<String>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))? {
        let path = entry?.path();
        let name = path.to_str().ok_or("a file name is no text")?.replace('\\', "/");
        let ending = Path::new(&name).extension().and_then(|ending| ending.to_str());
        if path.is_dir() {
            found.extend(files(&name, endings)?);
        } else if ending.is_some_and(|ending| endings.contains(&ending)) {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}

/// The value of a key of a mapping.
fn get<'n, 't>(node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    let Content::Map(entries) = &node.content else {
        return None;
    };
    entries
        .iter()
        .find(|entry| entry.key == key)
        .map(|entry| &entry.value)
}

fn items<'n, 't>(node: &'n Node<'t>, key: &str) -> &'n [Node<'t>] {
    match get(node, key).map(|list| &list.content) {
        Some(Content::List(items)) => items,
        _ => &[],
    }
}

fn scalar<'n>(node: &'n Node<'_>, key: &str) -> Option<&'n str> {
    match &get(node, key)?.content {
        Content::Scalar(scalar) => Some(scalar.text.as_ref()),
        _ => None,
    }
}

fn codes_of(root: &Node<'_>) -> impl Iterator<Item = String> {
    let codes: Vec<_> = items(root, "errors")
        .iter()
        .filter_map(|entry| scalar(entry, "code"))
        .map(str::to_owned)
        .collect();
    codes.into_iter()
}

/// Adds the conditions of a file: the expression as written, then as parsed.
fn pack_conditions(path: &str, root: &Node<'_>, conditions: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
    for rule in items(root, "rules") {
        let Some(source) = scalar(rule, "when") else {
            continue;
        };
        let parsed = PrattParser::new()
            .enable_optional_syntax(false)
            .parse(source)
            .map_err(|error| format!("{path}:{}: {error}", rule.line))?;
        // What conditions may not use is left to the check, which says so.
        if let Some(packed) = pack_condition::condition(&parsed) {
            pack::put_text(conditions, source);
            pack::put_number(conditions, packed.len());
            conditions.extend(packed);
        }
    }
    Ok(())
}

/// SHA-256 over names and contents, in hex.
fn fingerprint<'p>(paths: impl Iterator<Item = &'p str>) -> Result<String, Box<dyn Error>> {
    let mut hash = Sha256::new();
    for path in paths {
        let text = std::fs::read_to_string(path)?;
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(text.trim_start_matches('\u{feff}').as_bytes());
        hash.update([0]);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
