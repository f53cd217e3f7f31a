//! Taking turns: two runs that write the same files do it one after the other.

use std::fs::File;
use std::io;
use std::path::Path;

/// Waits until no other run writes beside `file`, and holds the turn until the lock is dropped. The folder itself is
/// locked, so that no lock file is left. None where a system cannot open folders.
///
/// # Errors
///
/// The folder does not exist.
pub(crate) fn wait_for(file: &Path) -> io::Result<Option<File>> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(windows) {
        return Ok(None);
    }
    let folder = File::open(folder)?;
    match folder.lock() {
        Ok(()) => Ok(Some(folder)),
        // A file system without locks takes no turns.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}
