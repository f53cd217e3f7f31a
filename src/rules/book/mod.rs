//! The rule book: every rule of the built-in pack, and those that a support team added or overrode.

mod files;
mod graph;
mod picture;

pub use picture::mermaid;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::embedded::tree::{Content, Node};
use crate::embedded::{self, yaml};
use crate::rules::AREAS;
use crate::rules::book::files::Files;
use crate::rules::file::diagnostic::{
    Complaint, Complaints, Desk, File, complaint, complaint_about_path, did_you_mean,
};
use crate::rules::file::mapping::{Form, text};
use crate::rules::file::parse::{self, NamedRule, Owners, ParsedFile, ParsedRule};
use crate::rules::rule::Rule;

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
    /// The built-in pack, without the rules' own tests (see [`lint`](Self::lint)).
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
        let (book, complaints) = load(&Files::with_paths(paths), Scope::WithoutBuiltinTests);
        if complaints.is_empty() {
            Ok(book)
        } else {
            Err(complaints)
        }
    }

    /// Like [`with_directories`](Self::with_directories), but with the tests of the built-in rules, and hands out the
    /// sound rules along with the complaints.
    pub fn lint(paths: &[PathBuf]) -> (Self, Complaints) {
        load(&Files::with_paths(paths), Scope::Everything)
    }

    /// A pack that stands alone: the folder holds `owners.yaml`, `pack.yaml` and `checks/`, as `rules/` does.
    pub fn lint_pack(folder: &Path) -> (Self, Complaints) {
        load(&Files::of_pack(folder), Scope::Everything)
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

/// How much of the built-in files is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Their text, with their tests.
    Everything,
    /// What the build script packed.
    WithoutBuiltinTests,
}

fn load(files: &Files, scope: Scope) -> (RuleBook, Complaints) {
    let mut complaints = files.complaints.clone();
    let owners = read(&mut complaints, files.owners.as_ref(), "owners.yaml", owners).unwrap_or_default();
    let (name, version) = read(&mut complaints, files.pack.as_ref(), "pack.yaml", pack)
        .unwrap_or_else(|| ("unnamed".to_owned(), "0".to_owned()));
    let found = read_checks(files, &owners, scope);
    let mut parsed = Vec::new();
    let mut ids = BTreeSet::new();
    for CheckFile {
        file,
        added,
        found,
        complaints: own,
    } in found
    {
        complaints.extend(own);
        ids.extend(found.ids);
        for mut rule in found.rules {
            rule.rule.place.builtin = !added;
            take(&mut parsed, &mut complaints, Taken { rule, file, added });
        }
    }
    check_references(&parsed, &ids, &mut complaints);
    check_circles(&parsed, &mut complaints);
    let mut rules: Vec<_> = parsed.into_iter().map(|taken| taken.rule.rule).collect();
    rules.sort_by_key(|rule| (rule.gate, AREAS.iter().position(|area| *area == rule.area)));
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

/// One rule file, read.
struct CheckFile<'f> {
    file: &'f File,
    added: bool,
    found: ParsedFile,
    complaints: Vec<Complaint>,
}

/// Reads the rule files in their order.
fn read_checks<'f>(files: &'f Files, owners: &Owners, scope: Scope) -> Vec<CheckFile<'f>> {
    let builtin = files.checks.iter().map(|file| (file, false));
    let added = files.added.iter().map(|file| (file, true));
    builtin
        .chain(added)
        .map(|(file, added)| read_check(file, added, owners, scope))
        .collect()
}

fn read_check<'f>(file: &'f File, added: bool, owners: &Owners, scope: Scope) -> CheckFile<'f> {
    let mut complaints = Vec::new();
    let packed = file
        .embedded_path()
        .filter(|_| scope == Scope::WithoutBuiltinTests);
    let found = match packed.and_then(embedded::tree) {
        Some(root) => with_desk(&mut complaints, Desk::new(file, true), |desk| {
            Some(parse::rules(desk, &root, owners))
        }),
        None => read(&mut complaints, Some(file), "", |desk, root| {
            Some(parse::rules(desk, root, owners))
        }),
    };
    CheckFile {
        file,
        added,
        found: found.unwrap_or_else(|| ParsedFile {
            rules: Vec::new(),
            ids: parse::ids_by_eye(file.text()),
        }),
        complaints,
    }
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
    if let Some(root) = file.embedded_path().and_then(embedded::tree)
        && !file.name.starts_with("rules/checks/")
    {
        return with_desk(complaints, Desk::new(file, false), |desk| reader(desk, &root));
    }
    match yaml::parse(file.text()) {
        Ok(root) => with_desk(complaints, Desk::new(file, false), |desk| reader(desk, &root)),
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

fn with_desk<T>(
    complaints: &mut Vec<Complaint>,
    desk: Desk<'_>,
    reader: impl FnOnce(&Desk<'_>) -> Option<T>,
) -> Option<T> {
    let found = reader(&desk);
    complaints.extend(desk.into_complaints());
    found
}

fn owners(desk: &Desk<'_>, root: &Node<'_>) -> Option<Owners> {
    let Content::Map(entries) = &root.content else {
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
    let edges = |named: fn(&ParsedRule) -> &[NamedRule]| {
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{RuleBook, Scope, load};
    use crate::rules::book::files::Files;

    #[test]
    fn the_short_reading_of_the_builtin_rules_differs_by_their_tests_alone() {
        let numbers = regex::Regex::new(r"\bid: \d+").unwrap();
        let without_tests = |book: &RuleBook| -> Vec<String> {
            let rules = book.rules().iter();
            rules
                .map(|rule| {
                    let shown = format!("{rule:?}");
                    let (head, tail) = shown.split_once(", tests: [").unwrap_or((&shown, ""));
                    let place = tail.rsplit_once("place: ").map_or("", |(_, place)| place);
                    // The numbers of expressions say where they stand; a packed one has none.
                    numbers
                        .replace_all(&format!("{head} {place}"), "id: _")
                        .into_owned()
                })
                .collect()
        };
        let (whole, _) = load(&Files::with_paths(&[]), Scope::Everything);
        let (short, _) = load(&Files::with_paths(&[]), Scope::WithoutBuiltinTests);
        assert_eq!(without_tests(&whole), without_tests(&short));
        assert!(short.rules().iter().all(|rule| rule.tests.is_empty()));
    }
}
