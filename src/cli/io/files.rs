//! Files named on the command line: `-` is stdin, a limit keeps them bounded, and one wording says why one could not
//! be read.

use crate::cli::failure::Failure;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use encoding_rs_io::DecodeReaderBytesBuilder;

/// The bytes behind a path, or of stdin for `-`, as [`utf_8`] has them.
///
/// # Errors
///
/// What the system reports.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(utf_8(io::stdin())));
    }
    Ok(Box::new(utf_8(regular(path)?)))
}

/// The same in UTF-8 and without a byte order mark, where one stands before it: `>` of Windows PowerShell 5.1 writes UTF-16.
/// Without a mark the bytes stay as they are.
pub(crate) fn utf_8(reader: impl Read + Send) -> impl Read + Send {
    DecodeReaderBytesBuilder::new().strip_bom(true).build(reader)
}

/// Opens a file, and nothing that could make the program wait or read without end: no named pipe and no device. What the
/// shell hands over as `<(…)` has a writer.
///
/// # Errors
///
/// What the system reports, or that it is no file.
pub(crate) fn regular(path: &Path) -> io::Result<File> {
    let kind = path.metadata()?.file_type();
    let is_handed_over = ["/dev/fd/", "/proc/self/fd/"]
        .iter()
        .any(|place| path.to_string_lossy().starts_with(place))
        || path == Path::new("/dev/stdin");
    if !kind.is_file() && !kind.is_dir() && !is_handed_over {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a pipe or a device, no file; redirect it and name `-`",
        ));
    }
    File::open(path)
}

/// The whole of a file that is no longer than `limit`.
///
/// # Errors
///
/// What the system reports, or that it is longer.
pub(crate) fn whole(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let bytes = read(path, limit)?;
    if bytes.len() as u64 > limit {
        let limit = if limit < 1 << 20 {
            format!("{} KiB", limit >> 10)
        } else {
            format!("{} MiB", limit >> 20)
        };
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("longer than {limit}"),
        ));
    }
    Ok(bytes)
}

/// The text of a file that is no longer than `limit`, in UTF-8, or in what its first bytes say.
///
/// # Errors
///
/// What the system reports, that it is longer, or that it is no text.
pub(crate) fn text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(whole(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no text in UTF-8 or UTF-16"))
}

/// At most one byte more than `limit`, so that the limit is noticed without reading on.
///
/// # Errors
///
/// What the system reports.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses to write an answer over the file that it was made from, into a folder that is read, or over another answer,
/// however each is spelled: evidence cannot be collected a second time.
///
/// # Errors
///
/// The output, and what it would replace or join.
pub(crate) fn keep_inputs<'p>(
    inputs: impl IntoIterator<Item = &'p Path>,
    outputs: impl IntoIterator<Item = &'p Path> + Clone,
) -> Result<(), Failure> {
    let outputs: Vec<(&Path, PathBuf)> = outputs
        .into_iter()
        .filter(|output| output.as_os_str() != "-")
        .map(|output| (output, place(output)))
        // A device or a pipe holds nothing that could be lost.
        .filter(|(_, place)| {
            place
                .metadata()
                .map_or(true, |file| file.is_file() || file.is_dir())
        })
        .collect();
    for (position, (output, place)) in outputs.iter().enumerate() {
        let again = outputs.iter().take(position);
        if again.into_iter().any(|(_, other)| is_same(other, place)) {
            return Err(Failure::Usage(format!(
                "{}: two answers go to the same file",
                output.display()
            )));
        }
    }
    for input in inputs {
        // What is not there yet cannot be overwritten.
        let Ok(read) = input.canonicalize() else { continue };
        let is_folder = read.is_dir();
        for (output, place) in &outputs {
            if is_folder && place.starts_with(&read) {
                return Err(Failure::Usage(format!(
                    "{}: the answer would lie in {}, which is read; name another folder",
                    output.display(),
                    input.display()
                )));
            }
            if !is_folder && is_same(&read, place) {
                return Err(Failure::Usage(format!(
                    "{}: the answer would replace the file that is read; name another",
                    output.display()
                )));
            }
        }
    }
    Ok(())
}

/// Where a path leads, also when nothing is there yet: through links, and links to nothing.
pub(crate) fn place(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // More links than that are a circle, which cannot be written to.
    for _ in 0..40 {
        if let Ok(place) = path.canonicalize() {
            return place;
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        match std::fs::read_link(&path) {
            Ok(target) => path = folder.join(target),
            Err(_) => {
                let folder = folder.canonicalize().unwrap_or(folder);
                return path.file_name().map_or(folder.clone(), |name| folder.join(name));
            }
        }
    }
    path
}

/// Whether two places are one file: by name, by name but for case where the system does not tell, by a second name of it.
fn is_same(left: &Path, right: &Path) -> bool {
    if left == right {
        return true;
    }
    let lower = |path: &Path| path.to_string_lossy().to_lowercase();
    if cfg!(any(windows, target_os = "macos")) && lower(left) == lower(right) {
        return true;
    }
    #[cfg(unix)]
    if let (Ok(left), Ok(right)) = (left.metadata(), right.metadata()) {
        use std::os::unix::fs::MetadataExt as _;
        return left.is_file() && (left.dev(), left.ino()) == (right.dev(), right.ino());
    }
    false
}

/// Why a file could not be read, with its name.
pub(crate) fn complaint(name: impl Display, error: &io::Error) -> Failure {
    Failure::input(name, reason(error))
}

/// Why a file could not be read, in the same words on every system.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "a folder; name a file in it".to_owned(),
        io::ErrorKind::Unsupported | io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData
            if error.raw_os_error().is_none() =>
        {
            error.to_string()
        }
        _ => format!("it cannot be read: {error}"),
    }
}

/// Why a file could not be written, with its name.
pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Output {
        path: path.to_owned(),
        why: match error.kind() {
            io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
            io::ErrorKind::PermissionDenied => "this user may not write it".to_owned(),
            io::ErrorKind::IsADirectory => "a folder; name a file".to_owned(),
            _ => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::path::Path;

    use super::{complaint, keep_inputs, read, text, unwritable, whole};

    #[test]
    fn a_file_is_read_to_one_byte_past_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 3).unwrap(), b"1234");
    }

    #[test]
    fn an_answer_never_replaces_what_is_read_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, "{}").unwrap();
        let winding = folder.path().join(".").join("a.json");
        let other = folder.path().join("b.json");
        let inputs = [path.as_path(), Path::new("-")];
        assert!(keep_inputs(inputs, [winding.as_path()]).is_err());
        assert!(keep_inputs(inputs, [other.as_path(), Path::new("-")]).is_ok());
        // In a folder that is read, and twice by another spelling.
        let below = folder.path().join("below").join("c.json");
        assert!(keep_inputs([folder.path()], [other.as_path()]).is_err());
        std::fs::create_dir(folder.path().join("below")).unwrap();
        assert!(keep_inputs([folder.path()], [below.as_path()]).is_err());
        let again = folder.path().join("below").join("..").join("b.json");
        assert!(keep_inputs([], [other.as_path(), again.as_path()]).is_err());
        assert!(keep_inputs([], [Path::new("/dev/null"), Path::new("/dev/null")]).is_ok() || cfg!(windows));
        #[cfg(unix)]
        {
            let (link, second) = (folder.path().join("link"), folder.path().join("second"));
            std::os::unix::fs::symlink("b.json", &link).unwrap();
            assert!(keep_inputs([], [other.as_path(), link.as_path()]).is_err());
            std::fs::hard_link(&path, &second).unwrap();
            assert!(keep_inputs(inputs, [second.as_path()]).is_err());
        }
    }

    #[test]
    fn a_file_has_a_bound_and_is_a_file_and_may_be_utf_16() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let utf16: Vec<u8> = "\u{feff}key = 1"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        std::fs::write(&path, &utf16).unwrap();
        assert_eq!(text(&path, 100).unwrap(), "key = 1");
        assert_eq!(
            complaint("a", &whole(&path, 3).unwrap_err()).to_string(),
            "a: longer than 0 KiB"
        );
        std::fs::write(&path, [0xff, 0x41]).unwrap();
        assert!(text(&path, 100).is_err());
        if cfg!(unix) {
            let error = read(Path::new("/dev/zero"), 1).unwrap_err();
            assert!(
                complaint("z", &error).to_string().contains("a pipe or a device"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_cannot_be_written_says_what_is_in_the_way() {
        let error = std::fs::write("no/such/folder/a", "").unwrap_err();
        assert_eq!(
            unwritable(Path::new("no/such/folder/a"), &error).to_string(),
            "no/such/folder/a: its folder does not exist"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_numbers_of_the_system() {
        let error = read(Path::new("no/such/file"), 1).unwrap_err();
        assert_eq!(
            complaint("no/such/file", &error).to_string(),
            "no/such/file: no such file"
        );
        if cfg!(unix) {
            let error = read(Path::new("src"), 1).unwrap_err();
            assert_eq!(
                complaint("src", &error).to_string(),
                "src: a folder; name a file in it"
            );
        }
    }
}
