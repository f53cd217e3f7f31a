//! Folders and files that this run reads, whatever command it is: no answer is written into them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static READ: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Remembers a folder of rules, or a file of settings.
pub(crate) fn is_read(path: &Path) {
    if let Ok(place) = path.canonicalize() {
        READ.lock().unwrap_or_else(PoisonError::into_inner).push(place);
    }
}

/// Refuses a place that lies in one of them.
///
/// # Errors
///
/// The folder or file that is read.
pub(super) fn refuse(place: &Path) -> io::Result<()> {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    match read.iter().find(|read| place.starts_with(read)) {
        Some(read) => Err(io::Error::other(format!(
            "the answer would lie in {}, which is read; name another place",
            read.display()
        ))),
        None => Ok(()),
    }
}
