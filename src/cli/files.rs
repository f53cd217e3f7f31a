//! Files named on the command line: `-` is stdin, a limit keeps them bounded, and one wording says why one could not
//! be read.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The bytes behind a path, or of stdin for `-`.
///
/// # Errors
///
/// What the system reports.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(File::open(path)?))
}

/// At most one byte more than `limit`, so that the limit is noticed without reading on.
///
/// # Errors
///
/// What the system reports.
pub(super) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses to write an answer over the file that it was made from: evidence cannot be collected a second time.
///
/// # Errors
///
/// The path that is both.
pub(super) fn keep_inputs<'p>(
    inputs: impl IntoIterator<Item = &'p Path>,
    outputs: impl IntoIterator<Item = &'p Path> + Clone,
) -> Result<(), String> {
    for input in inputs {
        // What is not there yet cannot be overwritten.
        let Ok(read) = input.canonicalize() else { continue };
        for output in outputs.clone() {
            if output
                .canonicalize()
                .is_ok_and(|written| written == read && written.is_file())
            {
                return Err(format!(
                    "{}: the answer would replace the file that is read; name another",
                    output.display()
                ));
            }
        }
    }
    Ok(())
}

/// Why a file could not be read, with its name.
pub(super) fn complaint(name: impl Display, error: &io::Error) -> String {
    format!("{name}: {}", reason(error))
}

/// Why a file could not be read, in the same words on every system.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        io::ErrorKind::IsADirectory => "a folder; name a file in it".to_owned(),
        _ => format!("it cannot be read: {error}"),
    }
}

/// Why a file could not be written, with its name.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("{path}: its folder does not exist"),
        io::ErrorKind::PermissionDenied => format!("{path}: this user may not write it"),
        io::ErrorKind::IsADirectory => format!("{path}: a folder; name a file"),
        _ => format!("{path}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::path::Path;

    use super::{complaint, keep_inputs, read, unwritable};

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
    }

    #[test]
    fn what_cannot_be_written_says_what_is_in_the_way() {
        let error = std::fs::write("no/such/folder/a", "").unwrap_err();
        assert_eq!(
            unwritable(Path::new("no/such/folder/a"), &error),
            "no/such/folder/a: its folder does not exist"
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_numbers_of_the_system() {
        let error = read(Path::new("no/such/file"), 1).unwrap_err();
        assert_eq!(complaint("no/such/file", &error), "no/such/file: no such file");
        if cfg!(unix) {
            let error = read(Path::new("src"), 1).unwrap_err();
            assert_eq!(complaint("src", &error), "src: a folder; name a file in it");
        }
    }
}
