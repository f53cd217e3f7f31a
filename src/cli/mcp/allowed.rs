//! Which files an agent may name: snapshots below the folders of `--allow`, and nothing else on this machine.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::cli::io::files;
use crate::snapshot::MAXIMUM_BYTES;

/// The folders of `--allow`, as they are once links are followed.
#[derive(Debug)]
pub(super) struct Allowed(Vec<PathBuf>);

/// A folder of `--allow` that is none.
#[derive(Debug, thiserror::Error)]
#[error("--allow {}: {}", folder.display(), .reason)]
pub(super) struct NoFolder {
    folder: PathBuf,
    reason: String,
}

/// Why a path was not read. One message for every reason: whether something is there, is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`snapshot` names no file that may be read: it must be a plain file below a folder of --allow (send the \
     content as `snapshot_json` instead, or start the server with --allow DIR)"
)]
pub(super) struct Refused;

/// Names that Windows gives to devices, in every folder and with every extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

impl Allowed {
    /// These folders.
    ///
    /// # Errors
    ///
    /// One that is not there, or is no folder.
    pub(super) fn new(folders: &[PathBuf]) -> Result<Self, NoFolder> {
        let canonical = |folder: &PathBuf| {
            let complaint = |reason| NoFolder {
                folder: folder.clone(),
                reason,
            };
            let found = folder
                .canonicalize()
                .map_err(|error| complaint(files::reason(&error)))?;
            if found.is_dir() {
                Ok(found)
            } else {
                Err(complaint("a file; name a folder".to_owned()))
            }
        };
        folders.iter().map(canonical).collect::<Result<_, _>>().map(Self)
    }

    /// The bytes of the file of this name, at most one more than a snapshot may have.
    ///
    /// # Errors
    ///
    /// It may not be read, cannot be read, or is not there.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, Refused> {
        let file = self.open(name).map_err(|_| Refused)?;
        let mut bytes = Vec::new();
        file.take(MAXIMUM_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|_| Refused)?;
        Ok(bytes)
    }

    fn open(&self, name: &str) -> io::Result<File> {
        // Before the file system sees the name: asking for `\\host\share` alone sends a sign-in to that host.
        if !is_plain(name) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let path = self.place(Path::new(name))?;
        let file = File::open(&path)?;
        // What was opened is asked again: it may have been replaced since.
        if file.metadata()?.is_file() && path.canonicalize()? == path {
            Ok(file)
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        }
    }

    /// The file of this name, from here or from an allowed folder, with every link followed.
    fn place(&self, name: &Path) -> io::Result<PathBuf> {
        // An absolute name stays what it is when it is joined.
        let spellings = std::iter::once(name.to_owned()).chain(self.0.iter().map(|folder| folder.join(name)));
        spellings
            .filter_map(|spelling| spelling.canonicalize().ok())
            // A pipe would be waited for: what is no plain file is never opened.
            .find(|path| self.0.iter().any(|folder| path.starts_with(folder)) && path.is_file())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Whether a name can only mean a file: no network, no device, no stream of a file, on any system.
fn is_plain(name: &str) -> bool {
    let slashed = name.replace('\\', "/");
    let rest = match slashed.as_bytes() {
        [letter, b':', b'/', ..] if letter.is_ascii_alphabetic() => slashed.get(2..).unwrap_or_default(),
        _ => slashed.as_str(),
    };
    !rest.is_empty()
        && !rest.starts_with("//")
        && !rest.contains(':')
        && !rest.contains(char::is_control)
        && !rest.split('/').any(is_device)
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port)
            .is_some_and(|number| number.chars().count() == 1 && number.chars().all(char::is_numeric))
    });
    is_port || DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::path::Path;

    use super::{Allowed, Refused, is_plain};

    fn text(path: &Path) -> &str {
        path.to_str().unwrap()
    }

    #[test]
    fn a_file_below_an_allowed_folder_is_read_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inner")).unwrap();
        let file = folder.path().join("inner").join("case.json");
        fs::write(&file, "{}").unwrap();
        let allowed = Allowed::new(&[folder.path().to_owned()]).unwrap();
        for name in [text(&file), "inner/case.json", "inner/../inner/./case.json"] {
            assert_eq!(allowed.read(name), Ok(b"{}".to_vec()), "{name}");
        }
    }

    #[test]
    fn everything_else_is_refused_in_the_same_words_whether_it_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        let beside = folder.path().join("inside-not");
        for each in [&inside, &outside, &beside] {
            fs::create_dir(each).unwrap();
            fs::write(each.join("case.json"), "{}").unwrap();
        }
        let allowed = Allowed::new(std::slice::from_ref(&inside)).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.join("case.json"), inside.join("link.json")).unwrap();
            std::os::unix::fs::symlink(&outside, inside.join("folder")).unwrap();
            std::os::unix::fs::symlink("/dev/stdin", inside.join("stdin.json")).unwrap();
        }
        for name in [
            "",
            ".",
            "missing.json",
            "link.json",
            "folder/case.json",
            "stdin.json",
            "../out/case.json",
            "../inside-not/case.json",
            text(&inside),
            text(&outside.join("case.json")),
            text(&outside.join("missing.json")),
            "/dev/zero",
            "/proc/self/environ",
            "//host/share/case.json",
            "\\\\host\\share\\case.json",
            "\\\\?\\C:\\case.json",
            "\\\\.\\pipe\\case",
            "case.json:stream",
            "file:///etc/passwd",
            "C:case.json",
            "nul",
            "NUL.json",
            "x/com1.json",
            "case\0.json",
            "-",
            "@case.json",
        ] {
            assert_eq!(allowed.read(name), Err(Refused), "{name}");
        }
        assert_eq!(Allowed::new(&[]).unwrap().read("case.json"), Err(Refused));
        assert!(Allowed::new(&[inside.join("case.json")]).is_err());
        assert!(Allowed::new(&[inside.join("missing")]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.json");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let allowed = Allowed::new(&[folder.path().to_owned()]).unwrap();
        assert_eq!(allowed.read(text(&pipe)), Err(Refused));
    }

    #[test]
    fn a_drive_is_a_plain_name_and_a_colon_elsewhere_is_none() {
        for name in [
            "C:\\cases\\case.json",
            "c:/cases/case.json",
            "/srv/case.json",
            "conduct.json",
            "com.json",
        ] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["C:\\cases\\case.json:x", "C:case.json", "lpt¹.json", "a:b"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
