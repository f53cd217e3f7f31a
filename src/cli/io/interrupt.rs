//! An interruption leaves no half file: what is being written beside its place is removed before the program ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

use crate::collect::signals;

/// Files that are not in their place yet.
static BESIDE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

static WATCH: Once = Once::new();

fn beside() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    BESIDE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The file is removed when the program is interrupted before [`is_in_place`].
pub(super) fn remove_if_interrupted(file: &Path) {
    beside().insert(file.to_owned());
    WATCH.call_once(|| signals::watch(end));
}

/// The file is where it belongs, or gone.
pub(super) fn is_in_place(file: &Path) {
    beside().remove(file);
}

/// Exit codes of a program that a signal ended are 128 and the signal's number.
fn end(signal: i32) {
    for file in std::mem::take(&mut *beside()) {
        // It may have been put in its place just now.
        let _ = std::fs::remove_file(file);
    }
    std::process::exit(128 + signal);
}
