//! The flight recorder: the evidence of each account beside its reports, the sections that changed only, redacted unless
//! told otherwise. The key of an account's case lies beside the store, not in it: who gets the store cannot guess names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::private::{is_folder, read, write_below};
use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::settings::case_key::random_key;
use crate::documents::redaction::RedactionMap;
use crate::fleet::evidence::{alone, sums};
use crate::fleet::moment;
use crate::render;
use crate::secret::Secret;
use crate::snapshot::redact::{self, CaseKey};

/// The folder of the evidence in that of an account.
const EVIDENCE: &str = "evidence";

/// How a file of the evidence ends.
const ENDING: &str = ".json";

/// How the folder of the keys is called: as the store, and this.
const KEYS: &str = ".keys";

/// Keeps evidence.
#[derive(Debug)]
pub(super) struct Recorder {
    root: PathBuf,
    /// Where the keys lie; none when nothing is redacted.
    keys: Option<PathBuf>,
}

/// What is known of an account's evidence from one run to the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// A keyed sum of each section as it was last kept.
    pub(super) sections: BTreeMap<String, String>,
    /// When the evidence was collected that these sums are of.
    pub(super) at: Option<String>,
}

impl Recorder {
    /// Keeps evidence in the store at `root`.
    pub(super) fn new(root: &Path, is_redacted: bool) -> Result<Self, Failure> {
        // `reports`, `./reports/` and `.` are one folder, and have one folder of keys.
        let whole = root
            .canonicalize()
            .map_err(|error| files::unwritable(root, &error))?;
        let beside = whole.file_name().map(|name| {
            let mut name = name.to_owned();
            name.push(KEYS);
            whole.with_file_name(name)
        });
        let keys = beside.unwrap_or_else(|| whole.join(KEYS));
        Ok(Self {
            root: root.to_owned(),
            keys: is_redacted.then_some(keys),
        })
    }

    /// Keeps what changed in `bytes` since `last`, and what is known of it now.
    pub(super) fn keep(&self, folder: &str, bytes: &[u8], last: &Seen) -> Result<Seen, Failure> {
        let document = redact::document(bytes).map_err(|error| error.to_string())?;
        let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = text("captured_at").to_owned();
        let time = moment::stamp(&at).ok_or_else(|| format!("the time of the evidence is none: {at}"))?;
        let map_file = self
            .keys
            .as_ref()
            .map(|keys| keys.join(format!("{folder}.map.json")));
        let map = map_file.as_deref().map(map).transpose()?.flatten();
        let key = match &map {
            Some(map) => Secret::new(map.key()),
            None => random_key()?,
        };
        let now = Seen {
            sections: sums(&document, key.expose()),
            at: Some(at),
        };
        let evidence = self.root.join(folder).join(EVIDENCE);
        let is_new = |section: &&String| {
            last.sections.get(*section) != now.sections.get(*section) || !is_folder(&evidence.join(section))
        };
        let changed: Vec<&String> = now.sections.keys().filter(is_new).collect();
        if changed.is_empty() {
            return Ok(now);
        }
        let kept = match &map_file {
            None => document,
            Some(path) => {
                let redacted =
                    redact::redact(bytes, &CaseKey::new(key.expose())).map_err(|error| error.to_string())?;
                let map = render::json(&RedactionMap::of(&redacted, &key, map));
                // The map first: evidence whose key is lost belongs to no other evidence.
                write_below(path, 0, &map).map_err(|error| files::unwritable(path, &error))?;
                redacted.document
            }
        };
        for section in changed {
            let until = last.sections.contains_key(section).then_some(last.at.as_deref());
            if let Some(one) = alone(&kept, section, until.flatten()) {
                let path = evidence.join(section).join(format!("{time}{ENDING}"));
                write_below(&path, 2, &render::json(&one))
                    .map_err(|error| files::unwritable(&path, &error))?;
            }
        }
        Ok(now)
    }
}

/// The map of an account; none when there is none yet.
fn map(path: &Path) -> Result<Option<RedactionMap>, Failure> {
    if fs::symlink_metadata(path).is_err() {
        return Ok(None);
    }
    // With another key the account would have other pseudonyms from here on.
    let bytes =
        read(path).ok_or_else(|| format!("{}: the key of the account cannot be read", path.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let map = RedactionMap::read(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Some(map))
}

/// Everything that was kept of the account in a folder of the store. No link is followed.
pub(super) fn kept(account: &Path) -> Vec<Value> {
    let evidence = account.join(EVIDENCE);
    let mut documents = Vec::new();
    if !is_folder(account) || !is_folder(&evidence) {
        return documents;
    }
    let sections = fs::read_dir(&evidence).into_iter().flatten().flatten();
    for section in sections.map(|entry| entry.path()).filter(|path| is_folder(path)) {
        for entry in fs::read_dir(section).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_kept = name
                .to_str()
                .and_then(|name| name.strip_suffix(ENDING))
                .is_some_and(moment::is_stamp);
            let bytes = is_kept.then(|| read(&entry.path())).flatten();
            documents.extend(bytes.and_then(|bytes| redact::document(&bytes).ok()));
        }
    }
    documents
}
