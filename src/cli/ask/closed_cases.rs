//! The team's own closed cases: a local file that `ask --record` adds to and whose counts order causes.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::io::whole_file::write_private;
use crate::cli::settings::trusted::user_folder;
use crate::documents::interview::ClosedCases as Counts;
use crate::json_reader;
use crate::render;

const SCHEMA: &str = "work365-doctor/closed-cases/v1";
const NAME: &str = "closed-cases.json";
const MAXIMUM_BYTES: u64 = 16 * 1024 * 1024;

/// What was found in earlier cases. It holds no name and no id of anybody.
#[derive(Debug)]
pub(super) struct ClosedCases {
    path: Option<PathBuf>,
    file: File,
}

impl Counts for ClosedCases {
    fn counts(&self, symptom: Option<&str>) -> Vec<(&str, u32)> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for case in &self.file.cases {
            if symptom.is_none() || case.symptom.as_deref() == symptom {
                *counts.entry(&case.cause).or_default() += 1;
            }
        }
        counts.into_iter().collect()
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    cases: Vec<ClosedCase>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedCase {
    cause: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    symptom: Option<String>,
    at: String,
}

impl ClosedCases {
    /// Those of the user's folder; none where there is no file.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub(super) fn read() -> Result<Self, Failure> {
        let path = user_folder().map(|folder| folder.join(NAME));
        let empty = File {
            schema: SCHEMA.to_owned(),
            cases: Vec::new(),
        };
        let Some(found) = &path else {
            return Ok(Self { path, file: empty });
        };
        let file = match files::read(found, MAXIMUM_BYTES) {
            Ok(bytes) => json_reader::from_bytes(&bytes).map_err(|error| {
                format!(
                    "{}: it is no file of closed cases: {error}; move it away to begin a new one",
                    found.display()
                )
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => empty,
            Err(error) => return Err(files::complaint(found.display(), &error)),
        };
        Ok(Self { path, file })
    }

    /// Adds a case and writes the file; answers where.
    ///
    /// # Errors
    ///
    /// There is no folder to write to, or it cannot be written.
    pub(super) fn record(
        &self,
        cause: &str,
        symptom: Option<&str>,
        at: Timestamp,
    ) -> Result<PathBuf, Failure> {
        let path = self
            .path
            .clone()
            .ok_or("no folder of this user is known; set XDG_CONFIG_HOME, APPDATA or HOME")?;
        let mut cases = self.file.cases.clone();
        cases.push(ClosedCase {
            cause: cause.to_owned(),
            symptom: symptom.map(str::to_owned),
            at: at.to_string(),
        });
        let file = File {
            schema: SCHEMA.to_owned(),
            cases,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| files::unwritable(&path, &error))?;
        }
        write_private(&path, &render::json(&file)).map_err(|error| files::unwritable(&path, &error))?;
        Ok(path)
    }
}
