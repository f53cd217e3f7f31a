//! The rule book: every rule of the built-in pack, and those that a support team added or overrode.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::complaint::{Complaint, Complaints, Desk, File, complaint, complaint_about_path, did_you_mean};
use super::condition::STACK;
use super::document::{self, Node};
use super::form::{Form, text};
use super::graph;
use super::parse::{self, Owners, ParsedFile, ParsedRule};
use super::rule::Rule;

#[derive(RustEmbed)]
#[folder = "rules/"]
struct Embedded;

/// Name, version and fingerprint of a set of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The pack's name, of `rules/pack.yaml`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 over the names and contents of its files, in hex.
    pub sha256: String,
}

/// Every rule, in gate order.
#[derive(Debug)]
pub struct RuleBook {
    rules: Vec<Rule>,
    by_id: BTreeMap<String, usize>,
    owners: Owners,
    pack: Pack,
}

impl RuleBook {
    /// The built-in pack.
    ///
    /// # Errors
    ///
    /// Complaints, if the pack is unsound; a test keeps it sound.
    pub fn builtin() -> Result<Self, Complaints> {
        Self::with_directories(&[])
    }

    /// The built-in pack, and the rules of folders (or single files): a rule there replaces the built-in one of the
    /// same id, any other is added.
    ///
    /// # Errors
    ///
    /// All complaints about all files.
    pub fn with_directories(paths: &[PathBuf]) -> Result<Self, Complaints> {
        let (book, complaints) = Self::lint(paths);
        if complaints.is_empty() {
            Ok(book)
        } else {
            Err(complaints)
        }
    }

    /// Like [`with_directories`](Self::with_directories), but hands out the sound rules along with the complaints.
    pub fn lint(paths: &[PathBuf]) -> (Self, Complaints) {
        let mut files = Files::default();
        files.add_embedded();
        files.add_paths(paths);
        load(files)
    }

    /// A pack that stands alone: the folder holds `owners.yaml`, `pack.yaml` and `checks/`, as `rules/` does.
    pub fn lint_pack(folder: &Path) -> (Self, Complaints) {
        let mut files = Files::default();
        files.add_pack(folder);
        load(files)
    }

    /// The rules in gate order, then in the order of their files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of this id.
    pub fn find(&self, id: &str) -> Option<&Rule> {
        self.by_id.get(id).map(|position| &self.rules[*position])
    }

    /// Which pack this is.
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// Who can act: ids and printed names.
    pub fn owners(&self) -> &Owners {
        &self.owners
    }
}

/// The files of a book before they are read as rules.
#[derive(Default)]
struct Files {
    owners: Option<File>,
    pack: Option<File>,
    /// Built-in rule files.
    checks: Vec<File>,
    /// Rule files of the user's folders.
    added: Vec<File>,
    complaints: Vec<Complaint>,
}

impl Files {
    fn add_embedded(&mut self) {
        let mut names: Vec<_> = Embedded::iter().collect();
        names.sort_unstable();
        for name in names {
            if let Some(file) = Embedded::get(&name) {
                self.sort_in(&name, format!("rules/{name}"), file.data);
            }
        }
    }

    fn add_pack(&mut self, folder: &Path) {
        for path in self.yaml_files(folder) {
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let name = relative.to_string_lossy().replace('\\', "/");
            if let Some(bytes) = self.bytes(&path) {
                self.sort_in(&name, format!("rules/{name}"), Cow::Owned(bytes));
            }
        }
    }

    /// Puts a file of a pack where its name says that it belongs.
    fn sort_in(&mut self, name: &str, shown: String, bytes: Cow<'_, [u8]>) {
        let is_check = name.starts_with("checks/") && name.ends_with(".yaml");
        if !is_check && name != "owners.yaml" && name != "pack.yaml" {
            return;
        }
        let Some(file) = self.file(shown, &bytes) else {
            return;
        };
        match name {
            "owners.yaml" => self.owners = Some(file),
            "pack.yaml" => self.pack = Some(file),
            _ => self.checks.push(file),
        }
    }

    fn add_paths(&mut self, paths: &[PathBuf]) {
        for path in paths {
            for path in self.yaml_files(path) {
                if let Some(bytes) = self.bytes(&path)
                    && let Some(file) = self.file(path.display().to_string(), &bytes)
                {
                    self.added.push(file);
                }
            }
        }
    }

    /// The path itself if it is a file, else every `.yaml` and `.yml` below it, sorted.
    fn yaml_files(&mut self, path: &Path) -> Vec<PathBuf> {
        if path.is_file() {
            return vec![path.to_path_buf()];
        }
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.complaints.push(complaint_about_path(
                    path.display().to_string(),
                    format!("the rule folder cannot be read: {error}"),
                    Some("`--rules` takes a folder of .yaml files".to_owned()),
                ));
                return found;
            }
        };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let is_yaml = path
                .extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml");
            // A link could lead back up; folders reached by one are left alone.
            if path.is_dir() && !path.is_symlink() {
                found.extend(self.yaml_files(&path));
            } else if is_yaml {
                found.push(path);
            }
        }
        found
    }

    fn bytes(&mut self, path: &Path) -> Option<Vec<u8>> {
        std::fs::read(path)
            .map_err(|error| {
                self.complaints.push(complaint_about_path(
                    path.display().to_string(),
                    format!("the rule file cannot be read: {error}"),
                    None,
                ));
            })
            .ok()
    }

    fn file(&mut self, name: String, bytes: &[u8]) -> Option<File> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(File {
                name,
                text: Arc::from(text.trim_start_matches('\u{feff}')),
            }),
            Err(error) => {
                self.complaints.push(complaint_about_path(
                    name,
                    format!("not UTF-8 text from byte {}", error.valid_up_to()),
                    Some("save the file as UTF-8".to_owned()),
                ));
                None
            }
        }
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let files = self
            .owners
            .iter()
            .chain(&self.pack)
            .chain(&self.checks)
            .chain(&self.added);
        for file in files {
            hash.update(file.name.as_bytes());
            hash.update([0]);
            hash.update(file.text.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn load(files: Files) -> (RuleBook, Complaints) {
    // A refused thread leaves this one, whose stack the caller has chosen.
    std::thread::scope(|scope| {
        let loader = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || load_here(&files));
        match loader.map(|thread| thread.join()) {
            Ok(Ok(loaded)) => loaded,
            _ => load_here(&files),
        }
    })
}

fn load_here(files: &Files) -> (RuleBook, Complaints) {
    let mut complaints = files.complaints.clone();
    let owners = read(&mut complaints, files.owners.as_ref(), "owners.yaml", owners).unwrap_or_default();
    let (name, version) = read(&mut complaints, files.pack.as_ref(), "pack.yaml", pack)
        .unwrap_or_else(|| ("unnamed".to_owned(), "0".to_owned()));
    let mut parsed = Vec::new();
    let mut ids = BTreeSet::new();
    for (file, added) in files
        .checks
        .iter()
        .map(|file| (file, false))
        .chain(files.added.iter().map(|file| (file, true)))
    {
        let found = read(&mut complaints, Some(file), "", |desk, root| {
            Some(parse::rules(desk, root, &owners))
        });
        let found = found.unwrap_or_else(|| ParsedFile {
            rules: Vec::new(),
            ids: parse::ids_by_eye(&file.text),
        });
        ids.extend(found.ids);
        for rule in found.rules {
            take(&mut parsed, &mut complaints, Taken { rule, file, added });
        }
    }
    check_references(&parsed, &ids, &mut complaints);
    check_circles(&parsed, &mut complaints);
    let mut rules: Vec<_> = parsed.into_iter().map(|taken| taken.rule.rule).collect();
    rules.sort_by_key(|rule| rule.gate);
    let by_id = rules
        .iter()
        .enumerate()
        .map(|(position, rule)| (rule.id.clone(), position))
        .collect();
    let book = RuleBook {
        rules,
        by_id,
        owners,
        pack: Pack {
            name,
            version,
            sha256: files.fingerprint(),
        },
    };
    (book, Complaints::of(complaints))
}

/// Reads one file; a file that is no YAML gives one complaint, and the others are still read.
fn read<T>(
    complaints: &mut Vec<Complaint>,
    file: Option<&File>,
    name: &str,
    reader: impl FnOnce(&Desk<'_>, &Node<'_>) -> Option<T>,
) -> Option<T> {
    let Some(file) = file else {
        complaints.push(complaint_about_path(
            format!("rules/{name}"),
            "the rule pack lacks this file".to_owned(),
            None,
        ));
        return None;
    };
    match document::parse(&file.text) {
        Ok(root) => {
            let desk = Desk::new(file);
            let found = reader(&desk, &root);
            complaints.extend(desk.into_complaints());
            found
        }
        Err(unreadable) => {
            complaints.push(complaint(
                file,
                unreadable.span,
                unreadable.message,
                unreadable.suggestion,
            ));
            None
        }
    }
}

fn owners(desk: &Desk<'_>, root: &Node<'_>) -> Option<Owners> {
    let document::Content::Map(entries) = &root.content else {
        desk.complain(root.span.clone(), "owners are `id: printed name` lines", None);
        return None;
    };
    Some(
        entries
            .iter()
            .filter_map(|entry| {
                let name = text(desk, &entry.value)?.text.to_owned();
                Some((entry.key.clone().into_owned(), name))
            })
            .collect(),
    )
}

fn pack(desk: &Desk<'_>, root: &Node<'_>) -> Option<(String, String)> {
    let form = Form::open(desk, root, "pack.yaml", &["name", "version"])?;
    let name = form.need_text("name", "name the pack");
    let version = form.need_text("version", "give its version, quoted");
    Some((name?.text.to_owned(), version?.text.to_owned()))
}

struct Taken<'f> {
    rule: ParsedRule,
    file: &'f File,
    added: bool,
}

/// Adds a rule, replaces the built-in one of its id, or complains that the id is taken.
fn take<'f>(parsed: &mut Vec<Taken<'f>>, complaints: &mut Vec<Complaint>, new: Taken<'f>) {
    let known = parsed
        .iter_mut()
        .find(|known| known.rule.rule.id == new.rule.rule.id);
    match known {
        Some(known) if new.added && !known.added => *known = new,
        Some(known) => {
            let place = &known.rule.rule.place;
            complaints.push(complaint(
                new.file,
                new.rule.id_span,
                format!("the id `{}` is taken", new.rule.rule.id),
                Some(format!("it stands in {} line {}", place.file, place.line)),
            ));
        }
        None => parsed.push(new),
    }
}

/// Every id named exists; a rule that is itself unsound counts as existing.
fn check_references(parsed: &[Taken<'_>], ids: &BTreeSet<String>, complaints: &mut Vec<Complaint>) {
    for taken in parsed {
        let named = taken.rule.requires.iter().chain(&taken.rule.explained_by);
        for (id, span) in named.filter(|(id, _)| !ids.contains(id)) {
            let about = complaint(
                taken.file,
                span.clone(),
                format!("there is no rule `{id}`"),
                did_you_mean(id, ids.iter().map(String::as_str))
                    .or_else(|| Some("`work365-doctor rules list` shows every rule".to_owned())),
            );
            complaints.push(about.of_an_absent_rule());
        }
    }
}

/// No rule waits for itself.
fn check_circles(parsed: &[Taken<'_>], complaints: &mut Vec<Complaint>) {
    let ids: Vec<_> = parsed.iter().map(|taken| taken.rule.rule.id.as_str()).collect();
    let edges = |named: fn(&ParsedRule) -> &Vec<(String, Range<usize>)>| {
        parsed
            .iter()
            .map(|taken| {
                let targets = named(&taken.rule).iter();
                targets
                    .filter_map(|(id, _)| ids.iter().position(|known| known == id))
                    .collect()
            })
            .collect::<Vec<Vec<usize>>>()
    };
    for (key, edges) in [
        ("requires", edges(|rule| &rule.requires)),
        ("explained-by", edges(|rule| &rule.explained_by)),
    ] {
        for circle in graph::circles(&edges) {
            let names: Vec<_> = circle
                .iter()
                .chain(circle.first())
                .map(|index| ids[*index])
                .collect();
            let taken = &parsed[circle[0]];
            complaints.push(complaint(
                taken.file,
                taken.rule.id_span.clone(),
                format!("`{key}` goes in a circle: {}", names.join(" → ")),
                Some("cut it where the later question names the earlier one".to_owned()),
            ));
        }
    }
}
