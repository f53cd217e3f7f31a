//! Files that are there as a whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{files, interrupt, read_places};

/// A file that is written beside its place and renamed when it is complete: a reader, and a run that is interrupted,
/// see the old file or the new one. Dropped before [`WholeFile::finish`], it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct WholeFile {
    writer: BufWriter<File>,
    place: PathBuf,
    /// Where it is written until then; nowhere else for a device or a pipe, which cannot be replaced.
    beside: Option<PathBuf>,
}

/// Who may read a file that was not there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Whom the system's habit lets.
    Usual,
    /// Its owner alone.
    Owner,
}

/// How often another random name is tried.
const TRIES: usize = 16;

impl WholeFile {
    /// Starts a file that replaces the one at `path`, if there is one, with its permissions.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        read_places::refuse(&files::place(path))?;
        Self::replacing(path)
    }

    fn replacing(path: &Path) -> io::Result<Self> {
        let old = fs::metadata(path).ok();
        let new = Self::start(path, Readers::Usual)?;
        if let (Some(old), true) = (old, new.beside.is_some()) {
            new.writer.get_ref().set_permissions(old.permissions())?;
        }
        Ok(new)
    }

    fn start(path: &Path, readers: Readers) -> io::Result<Self> {
        // A link stays a link: what it points to is replaced.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_replaceable = fs::symlink_metadata(&place).map_or(true, |file| file.is_file());
        let Some(name) = place.file_name().filter(|_| is_replaceable) else {
            let file = OpenOptions::new().write(true).open(&place)?;
            return Ok(Self {
                writer: BufWriter::new(file),
                place,
                beside: None,
            });
        };
        let (file, beside) = temporary(&place, name, readers)?;
        interrupt::remove_if_interrupted(&beside);
        Ok(Self {
            writer: BufWriter::new(file),
            place,
            beside: Some(beside),
        })
    }

    /// Adds text.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())
    }

    /// Puts the file in its place.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        if let Some(beside) = &self.beside {
            fs::rename(beside, &self.place)?;
            interrupt::is_in_place(beside);
        }
        self.beside = None;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(beside) = self.beside.take() {
            // What is left of a failed write helps nobody.
            let _ = fs::remove_file(&beside);
            interrupt::is_in_place(&beside);
        }
    }
}

/// Writes a whole file at once.
pub(crate) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    write_whole_bytes(path, text.as_bytes())
}

/// Writes a whole file at once.
pub(crate) fn write_whole_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    file.writer.write_all(bytes)?;
    file.finish()
}

/// Writes a file anew that was read to be changed, with its permissions.
pub(crate) fn rewrite(path: &Path, text: &str) -> io::Result<()> {
    let mut file = WholeFile::replacing(path)?;
    file.write(text)?;
    file.finish()
}

/// Writes a whole file at once that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = WholeFile::start(path, Readers::Owner)?;
    file.write(text)?;
    file.finish()
}

/// Writes a whole file at once that only its owner can read. What stands in its place is replaced, a link too: it is not
/// followed.
pub(crate) fn replace_private(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    let (mut file, beside) = temporary(path, name, Readers::Owner)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of a failed write helps nobody.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A new file beside `place` that nobody else can have prepared: its name cannot be guessed, and what is there already,
/// a link too, is not opened.
fn temporary(place: &Path, name: &OsStr, readers: Readers) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..TRIES {
        let mut random = [0_u8; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{:016x}.tmp", u64::from_ne_bytes(random)));
        let beside = place.with_file_name(beside);
        match options.open(&beside) {
            Ok(file) => return Ok((file, beside)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::{Readers, WholeFile, write_whole};

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_stays_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        for text in ["first", "second"] {
            write_whole(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_whole(&folder.path().join("missing").join("report.json"), "").is_err());
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reports.ndjson");
        write_whole(&path, "old").unwrap();
        let mut file = WholeFile::create(&path).unwrap();
        file.write("new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        drop(file);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_from_the_first_byte_and_its_name_cannot_be_guessed() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("case.map.json");
        let names: Vec<_> = (0..2)
            .map(|_| {
                let mut file = WholeFile::start(&path, Readers::Owner).unwrap();
                file.write("secret").unwrap();
                let beside = file.beside.clone().unwrap();
                let mode = std::fs::metadata(&beside).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, 0o600);
                beside
            })
            .collect();
        assert_ne!(names[0], names[1]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay_as_they_are() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
        write_whole(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write_whole(&link, "new").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
