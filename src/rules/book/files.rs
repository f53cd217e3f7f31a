//! Gathering the files of a rule book: the embedded pack, and the folders that the user names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::embedded;
use crate::rules::file::diagnostic::{Complaint, File, complaint_about_path};
use crate::text::{hex, marked};

/// The longest rule file.
const MAXIMUM: u64 = 1 << 20;

/// The files of a book before they are read as rules.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) owners: Option<File>,
    pub(crate) pack: Option<File>,
    /// Built-in rule files.
    pub(crate) checks: Vec<File>,
    /// Rule files of the user's folders.
    pub(crate) added: Vec<File>,
    pub(crate) complaints: Vec<Complaint>,
}

impl Files {
    /// The embedded pack, and the files of these folders.
    pub(crate) fn with_paths(paths: &[PathBuf]) -> Self {
        let mut files = Self::default();
        files.add_embedded();
        files.add_paths(paths);
        files
    }

    /// A pack in a folder.
    pub(crate) fn of_pack(folder: &Path) -> Self {
        let mut files = Self::default();
        files.add_pack(folder);
        files
    }

    fn add_embedded(&mut self) {
        let checks = embedded::trees("rules/checks/");
        for path in ["rules/owners.yaml", "rules/pack.yaml"].into_iter().chain(checks) {
            self.sort_in(File::embedded(path));
        }
    }

    fn add_pack(&mut self, folder: &Path) {
        for path in self.yaml_files(folder) {
            let relative = path.strip_prefix(folder).unwrap_or(&path);
            let name = relative.to_string_lossy().replace('\\', "/");
            let is_part = name.starts_with("checks/") || name == "owners.yaml" || name == "pack.yaml";
            if is_part
                && let Some(bytes) = self.bytes(&path)
                && let Some(file) = self.file(format!("rules/{name}"), &bytes)
            {
                self.sort_in(file);
            }
        }
    }

    /// Puts a file of a pack where its name says that it belongs.
    fn sort_in(&mut self, file: File) {
        match file.name.as_str() {
            "rules/owners.yaml" => self.owners = Some(file),
            "rules/pack.yaml" => self.pack = Some(file),
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
                    Some("name a folder of .yaml files, or one such file".to_owned()),
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
        bounded(path)
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
        match marked(bytes) {
            Ok(text) => Some(File::given(name, &text)),
            Err(offset) => {
                self.complaints.push(complaint_about_path(
                    name,
                    format!("not UTF-8 text from byte {offset}"),
                    Some("save the file as UTF-8".to_owned()),
                ));
                None
            }
        }
    }

    /// SHA-256 over the names and contents, in hex. That of the built-in files alone was made when they were packed.
    pub(crate) fn fingerprint(&self) -> String {
        if self.is_builtin() {
            return embedded::PACK_SHA256.to_owned();
        }
        self.hash()
    }

    fn is_builtin(&self) -> bool {
        let is_carried = |file: &File| file.embedded_path().is_some();
        self.added.is_empty() && self.owners.as_ref().is_some_and(is_carried)
    }

    fn hash(&self) -> String {
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
            hash.update(file.text().as_bytes());
            hash.update([0]);
        }
        hex(&hash.finalize())
    }
}

/// The bytes of a file that is one, and no longer than a rule file is.
fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("a pipe or a device, no file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAXIMUM + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAXIMUM {
        return Err(std::io::Error::other("longer than 1 MiB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn the_fingerprint_of_the_builtin_pack_is_that_of_its_files() {
        let files = Files::with_paths(&[]);
        assert_eq!(files.fingerprint(), files.hash());
    }
}
