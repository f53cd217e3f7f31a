//! One account of the fleet: its evidence, its report, what changed, and its place in the store.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::live::{self, Reading};
use super::recorder::{Recorder, Seen};
use super::store::{Last, State, Store};
use crate::cli::io::files;
use crate::cli::settings::config::Config;
use crate::collect::Paces;
use crate::diagnosis::report::{Report, Request};
use crate::diagnosis::{Diagnosed, Doctor, Question, Selection};
use crate::facts::{Expectations, ExpectedTimeZone};
use crate::fleet::account::{Looked, Named, NoReport, Standing, of_report, without_report};
use crate::fleet::changes::{Change, change};
use crate::fleet::document::ChangeKind;
use crate::fleet::list::{Listed, Row, Source};
use crate::profile::Choice;
use crate::rules::Severity;
use crate::snapshot::{MAXIMUM_BYTES, Snapshot, SnapshotError};

/// Everything that is the same for every account of a run.
pub(super) struct Looking<'a> {
    pub(super) doctor: &'a Doctor,
    pub(super) selection: &'a Selection,
    /// The sections behind a selection that is not everything.
    pub(super) sections: Option<Vec<&'static str>>,
    pub(super) config: &'a Config,
    pub(super) profile: Choice,
    pub(super) time_zone: Option<ExpectedTimeZone>,
    pub(super) fail_on: Severity,
    pub(super) now: Option<Timestamp>,
    pub(super) store: Option<&'a Store>,
    /// Keeps the evidence beside the reports.
    pub(super) recorder: Option<&'a Recorder>,
    /// Leave out what was judged less than this ago.
    pub(super) stale: Option<Duration>,
    pub(super) paces: Arc<Paces>,
    pub(super) reading: Reading,
}

/// The evidence of one account.
struct Evidence {
    snapshot: Snapshot,
    /// The same, as it was written.
    bytes: Vec<u8>,
    requests: Vec<Request>,
}

impl Looking<'_> {
    /// Looks at one row; whatever is wrong with it stays its own.
    pub(super) fn look(&self, listed: &Listed, folder: &str) -> Looked {
        let last = self.store.and_then(|store| store.last(folder));
        let row = match listed {
            Ok(row) => row,
            Err(bad) => {
                let why = NoReport::Bad(bad.error.clone());
                return without_report(bad.named.clone(), why, lost(last.as_ref()));
            }
        };
        if let Some(last) = last.as_ref().filter(|last| self.is_fresh(last)) {
            return resumed(row.named.clone(), last);
        }
        match self.evidence(row) {
            Ok(evidence) => self.judge(row, folder, last, evidence),
            Err(why) => without_report(row.named.clone(), why, lost(last.as_ref())),
        }
    }

    fn is_fresh(&self, last: &Last) -> bool {
        let (Some(stale), Some(judged_at)) = (self.stale, last.state.judged_at) else {
            return false;
        };
        let age = Timestamp::now().duration_since(judged_at);
        // A report from the future was judged by another clock.
        age >= SignedDuration::ZERO && age.unsigned_abs() < stale
    }

    fn evidence(&self, row: &Row) -> Result<Evidence, NoReport> {
        let bytes = match &row.source {
            Source::Snapshot(path) => whole(path),
            Source::Line { file, offset, length } => line(file, *offset, *length),
            Source::Live(live) => {
                let order = live::order(live, self.config, self.now, self.sections.clone())
                    .map_err(|failure| NoReport::Bad(failure.to_string()))?;
                let collected = live::collect(&row.named.name, order, &self.paces, &self.reading)?;
                return Ok(Evidence {
                    snapshot: collected.snapshot,
                    bytes: collected.bytes,
                    requests: collected.requests,
                });
            }
        };
        let bytes = bytes.map_err(|error| NoReport::Bad(files::reason(&error)))?;
        let snapshot = Snapshot::from_bytes(&bytes).map_err(|error| NoReport::Bad(what_is_wrong(&error)))?;
        Ok(Evidence {
            snapshot,
            bytes,
            requests: Vec::new(),
        })
    }

    fn judge(&self, row: &Row, folder: &str, last: Option<Last>, evidence: Evidence) -> Looked {
        let mut diagnosed = self.diagnose(row, &evidence.snapshot);
        diagnosed.report.requests = evidence.requests;
        let report = &diagnosed.report;
        let standing = Standing {
            has_fault: diagnosed.has_fault,
            has_gap: diagnosed.has_gap,
            has_verdict: diagnosed.has_verdict,
        };
        let change = last.as_ref().map_or_else(Change::default, |last| {
            change(&last.report, report, diagnosed.has_verdict, self.fail_on)
        });
        let seen = causes_since(last.as_ref(), report);
        // On the first report nobody knows for how long: its own time would be a lie.
        let first_seen = if last.is_some() {
            seen.clone()
        } else {
            BTreeMap::new()
        };
        let mut looked = of_report(row.named.clone(), report, standing, change, &first_seen);
        if let Some(store) = self.store {
            let mut state = State::after(standing, Timestamp::now(), seen);
            state.evidence(self.record(row, folder, last.as_ref(), &evidence.bytes));
            match store.keep(folder, report, state) {
                Ok(path) => looked.account.report = Some(path.display().to_string()),
                Err(error) => looked.account.error = Some(format!("the report was not stored: {error}")),
            }
        }
        looked
    }

    /// Keeps what changed in the evidence; what is known of it then. An account whose evidence cannot be kept is told of,
    /// and judged all the same.
    fn record(&self, row: &Row, folder: &str, last: Option<&Last>, bytes: &[u8]) -> Seen {
        let seen = last.map(|last| last.state.seen()).unwrap_or_default();
        let Some(recorder) = self.recorder else {
            return seen;
        };
        match recorder.keep(folder, bytes, &seen) {
            Ok(seen) => seen,
            Err(error) => {
                let name = &row.named.name;
                self.reading
                    .tell(&format!("{name}: the evidence was not kept: {error}"));
                seen
            }
        }
    }

    fn diagnose(&self, row: &Row, snapshot: &Snapshot) -> Diagnosed {
        let expectations = Expectations {
            time_zone: row.time_zone.clone().or_else(|| self.time_zone.clone()),
            state: self.config.expected_state.clone(),
            configured_identity: row.configured_identity.clone(),
            ..Expectations::default()
        };
        let question = Question {
            profile: row.profile.unwrap_or(self.profile),
            now: self.now,
            expectations: &expectations,
            fail_on: self.fail_on,
            selection: self.selection,
            error: None,
            acceptances: &self.config.acceptances,
        };
        let mut diagnosed = self.doctor.diagnose(snapshot, &question);
        self.config.name_found_exceptions(&mut diagnosed.report);
        diagnosed
    }
}

/// An account that is left out, by its stored report.
fn resumed(named: Named, last: &Last) -> Looked {
    let same = Change {
        kind: ChangeKind::Same,
        ..Change::default()
    };
    let state = &last.state;
    let mut looked = of_report(named, &last.report, state.standing(), same, &state.causes_since);
    looked.account.resumed = true;
    looked.account.report = Some(last.path.display().to_string());
    looked
}

/// What was known and is not known now.
fn lost(last: Option<&Last>) -> ChangeKind {
    match last {
        Some(_) => ChangeKind::Unreadable,
        None => ChangeKind::First,
    }
}

/// Since which report each cause is there without a break.
fn causes_since(last: Option<&Last>, report: &Report) -> BTreeMap<String, String> {
    let before = |id: &String| {
        let last = last.filter(|last| last.report.diagnosis.root_causes.contains(id))?;
        let since = last.state.causes_since.get(id);
        Some(since.unwrap_or(&last.report.captured_at).clone())
    };
    let causes = report.diagnosis.root_causes.iter();
    causes
        .map(|id| {
            (
                id.clone(),
                before(id).unwrap_or_else(|| report.captured_at.clone()),
            )
        })
        .collect()
}

/// Why the bytes of a row are no snapshot; the row says whose.
fn what_is_wrong(error: &SnapshotError) -> String {
    match error.path() {
        "" => format!("not a snapshot: {error}"),
        path => format!("not a snapshot at {path}: {error}"),
    }
}

fn whole(path: &Path) -> std::io::Result<Vec<u8>> {
    files::read(path, MAXIMUM_BYTES)
}

fn line(file: &Path, offset: u64, length: u64) -> std::io::Result<Vec<u8>> {
    if length > MAXIMUM_BYTES {
        return Err(std::io::Error::other("the line is longer than 64 MiB"));
    }
    let mut file = File::open(file)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
