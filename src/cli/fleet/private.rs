//! Folders and files of a store: no link is followed, every file is written whole, and only its owner can read it.

use std::fs;
use std::io;
use std::path::Path;

use crate::cli::io::files;
use crate::cli::io::whole_file::replace_private;

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
    replace_private(path, text)
}
