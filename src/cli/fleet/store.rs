//! The store: a folder an account, with each report by the time of its evidence, and beside them what the last run found
//! out. No link is followed, every file is written whole, and only its owner can read it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::private::{is_folder, make_folder, read};
use super::recorder::Seen;
use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::io::whole_file::replace_private;
use crate::diagnosis::report::{self, Report};
use crate::fleet::account::Standing;
use crate::fleet::moment;
use crate::json_reader;
use crate::render;

/// What the last run found out, beside the reports.
const STATE: &str = "state.json";

/// How a report's file ends.
const REPORT: &str = ".report.json";

/// The store of a fleet.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
}

/// What the last run found out about an account, beside its report.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// When it was judged: the clock of that run.
    pub(super) judged_at: Option<Timestamp>,
    /// Which of the reports is the last.
    report: String,
    /// What its exit code followed from.
    pub(super) has_fault: bool,
    /// The same.
    pub(super) has_gap: bool,
    /// The same.
    pub(super) has_verdict: bool,
    /// The time of the first report in a row that has the cause.
    pub(super) causes_since: BTreeMap<String, String>,
    /// A keyed sum of each section as it was last kept.
    #[serde(default)]
    sections: BTreeMap<String, String>,
    /// When the evidence was collected that these sums are of.
    #[serde(default)]
    evidence_at: Option<String>,
}

impl State {
    /// What an exit code follows from.
    pub(super) fn standing(&self) -> Standing {
        Standing {
            has_fault: self.has_fault,
            has_gap: self.has_gap,
            has_verdict: self.has_verdict,
        }
    }

    /// What is known of the evidence.
    pub(super) fn seen(&self) -> Seen {
        Seen {
            sections: self.sections.clone(),
            at: self.evidence_at.clone(),
        }
    }

    /// Remembers what is known of the evidence.
    pub(super) fn evidence(&mut self, seen: Seen) {
        self.sections = seen.sections;
        self.evidence_at = seen.at;
    }

    /// The state after a run.
    pub(super) fn after(
        standing: Standing,
        judged_at: Timestamp,
        causes_since: BTreeMap<String, String>,
    ) -> Self {
        Self {
            judged_at: Some(judged_at),
            has_fault: standing.has_fault,
            has_gap: standing.has_gap,
            has_verdict: standing.has_verdict,
            causes_since,
            ..Self::default()
        }
    }
}

/// The last report of an account.
#[derive(Debug)]
pub(super) struct Last {
    /// The report.
    pub(super) report: Report,
    /// What was found out beside it.
    pub(super) state: State,
    /// Its file.
    pub(super) path: PathBuf,
}

impl Store {
    /// Opens the store, and makes it if it is not there.
    pub(super) fn open(root: &Path) -> Result<Self, Failure> {
        make_folder(root).map_err(|error| files::unwritable(root, &error))?;
        if !root.is_dir() {
            return Err(Failure::Usage(format!(
                "{}: --store names a folder, and this is a file",
                root.display()
            )));
        }
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The place of something of an account.
    pub(super) fn place(&self, folder: &str) -> PathBuf {
        self.root.join(folder)
    }

    /// The last report of an account; none if there is none yet, or none that can be read.
    pub(super) fn last(&self, folder: &str) -> Option<Last> {
        let folder = self.place(folder);
        if !is_folder(&folder) {
            return None;
        }
        let state: State = read(&folder.join(STATE))
            .and_then(|bytes| json_reader::from_bytes(&bytes).ok())
            .unwrap_or_default();
        // A name from a file is a name only if it has the form of one.
        let named = Some(state.report.clone()).filter(|name| is_report(name));
        let name = named.or_else(|| reports(&folder).pop())?;
        let path = folder.join(name);
        let report = report::from_bytes(&read(&path)?).ok()?;
        Some(Last { report, state, path })
    }

    /// Keeps a report, and what was found out beside it; the place of the report.
    pub(super) fn keep(&self, folder: &str, report: &Report, mut state: State) -> Result<PathBuf, Failure> {
        let time = moment::stamp(&report.captured_at)
            .ok_or_else(|| format!("the time of the evidence is none: {}", report.captured_at))?;
        let folder = self.place(folder);
        let name = format!("{time}{REPORT}");
        let path = folder.join(&name);
        let mut write = || -> io::Result<()> {
            make_folder(&folder)?;
            if !is_folder(&folder) {
                return Err(io::Error::other(
                    "a link or a file stands where the folder of the account belongs",
                ));
            }
            replace_private(&path, &render::json(report))?;
            state.report.clone_from(&name);
            replace_private(&folder.join(STATE), &render::json(&state))
        };
        write().map_err(|error| files::unwritable(&path, &error))?;
        Ok(path)
    }
}

/// Every report in a folder, the oldest first.
pub(super) fn reports(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_report(name))
        .collect();
    names.sort();
    names
}

fn is_report(name: &str) -> bool {
    name.strip_suffix(REPORT).is_some_and(moment::is_stamp)
}
