//! Gathering the files of a rule book: the embedded pack, and the folders that the user names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::complaint::{Complaint, File, complaint_about_path};

#[derive(RustEmbed)]
#[compression = "zstd"]
#[folder = "rules/checks/"]
struct Checks;

const OWNERS: &str = include_str!("../../rules/owners.yaml");
const PACK: &str = include_str!("../../rules/pack.yaml");

/// The files of a book before they are read as rules.
#[derive(Default)]
pub(super) struct Files {
    pub(super) owners: Option<File>,
    pub(super) pack: Option<File>,
    /// Built-in rule files.
    pub(super) checks: Vec<File>,
    /// Rule files of the user's folders.
    pub(super) added: Vec<File>,
    pub(super) complaints: Vec<Complaint>,
}

impl Files {
    /// The embedded pack, and the files of these folders.
    pub(super) fn with_paths(paths: &[PathBuf]) -> Self {
        let mut files = Self::default();
        files.add_embedded();
        files.add_paths(paths);
        files
    }

    /// A pack in a folder.
    pub(super) fn of_pack(folder: &Path) -> Self {
        let mut files = Self::default();
        files.add_pack(folder);
        files
    }

    fn add_embedded(&mut self) {
        for (name, text) in [("owners.yaml", OWNERS), ("pack.yaml", PACK)] {
            self.sort_in(name, text.as_bytes());
        }
        let mut names: Vec<_> = Checks::iter().collect();
        names.sort_unstable();
        for name in names {
            if let Some(file) = Checks::get(&name) {
                self.sort_in(&format!("checks/{name}"), &file.data);
            }
        }
    }

    fn add_pack(&mut self, folder: &Path) {
        for path in self.yaml_files(folder) {
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let name = relative.to_string_lossy().replace('\\', "/");
            if let Some(bytes) = self.bytes(&path) {
                self.sort_in(&name, &bytes);
            }
        }
    }

    /// Puts a file of a pack where its name says that it belongs.
    fn sort_in(&mut self, name: &str, bytes: &[u8]) {
        let is_check = name.starts_with("checks/") && name.ends_with(".yaml");
        if !is_check && name != "owners.yaml" && name != "pack.yaml" {
            return;
        }
        let Some(file) = self.file(format!("rules/{name}"), bytes) else {
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

    /// SHA-256 over the names and contents, in hex.
    pub(super) fn fingerprint(&self) -> String {
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
