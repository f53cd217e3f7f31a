//! Every name that may be in a case file, in the order of the archive.

pub(super) const SUMMARY: &str = "summary.txt";
pub(super) const REPORT: &str = "report.json";
pub(super) const SNAPSHOT: &str = "snapshot.json";
pub(super) const ERROR: &str = "error.json";
pub(super) const ANSWERS: &str = "answers.json";
pub(super) const LEDGER: &str = "ledger.json";
pub(super) const LIMITS: &str = "limits.txt";
pub(super) const MANIFEST: &str = "manifest.json";
