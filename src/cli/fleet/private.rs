//! Folders and files of a store: no link is followed, every file is written whole, and only its owner can read it.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::cli::io::files;

/// Nothing that is kept of one account is near this size.
const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// Whether it is a folder itself, and no link to one.
pub(super) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// The bytes of a file of the store, unless it is a link or no file.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let bytes = is_file.then(|| files::read(path, MAXIMUM_BYTES).ok()).flatten()?;
    (bytes.len() as u64 <= MAXIMUM_BYTES).then_some(bytes)
}

/// Makes a folder, and those above it, that only its owner can look into.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// Writes a whole file that only its owner can read. What stands in its place is replaced, a link too: it is not followed.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = OsString::from(".");
    beside.push(path.file_name().unwrap_or_default());
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    // Left behind by a run that was killed, under the same number.
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options
        .open(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of a failed write helps nobody.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes a private file in a folder that is made if need be. Neither that folder nor the next `depth` above it may be a
/// link.
pub(super) fn write_below(path: &Path, depth: usize, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let no_link = |is_there: bool| -> io::Result<()> {
        let mut folders = folder.ancestors().take(depth + 1);
        let is_wrong = |folder: &&Path| match fs::symlink_metadata(folder) {
            Ok(found) => !found.is_dir(),
            Err(_) => is_there,
        };
        match folders.find(is_wrong) {
            Some(link) => Err(io::Error::other(format!(
                "a link or a file stands where a folder belongs: {}",
                link.display()
            ))),
            None => Ok(()),
        }
    };
    // Before, so that nothing is made behind a link; and after, in case one came meanwhile.
    no_link(false)?;
    make_folder(folder)?;
    no_link(true)?;
    write_private(path, text)
}
