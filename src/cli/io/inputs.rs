//! Where snapshots come from: files, folders, NDJSON, the embedded demonstrations.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::cli::io::files;
use crate::cli::io::lines::{Line, TOO_LONG, next_line};
use crate::snapshot::{MAXIMUM_BYTES, Snapshot, SnapshotError};

/// One snapshot to judge, not read yet.
#[derive(Debug)]
pub(crate) struct Input {
    /// What the user calls it: a path, `-`, or a demonstration's name.
    pub name: String,
    /// Line, for NDJSON.
    pub line: Option<usize>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Bytes(Vec<u8>),
    Embedded(&'static [u8]),
    Unreadable(String),
}

/// Why an input gave no snapshot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// There are no bytes.
    #[error("{0}")]
    Unreadable(String),
    /// The bytes are no snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl InputError {
    /// The JSON path of the fault, empty if the whole document is at fault.
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Unreadable(_) => "",
            Self::Snapshot(error) => error.path(),
        }
    }
}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(files::reason(&error))
    }
}

impl Input {
    /// An embedded demonstration.
    pub(crate) fn embedded(name: &str, bytes: &'static [u8]) -> Self {
        Self {
            name: name.to_owned(),
            line: None,
            source: Source::Embedded(bytes),
        }
    }

    /// Reads and parses it.
    pub(crate) fn load(&self) -> Result<Snapshot, InputError> {
        match &self.source {
            Source::File(path) => Ok(Snapshot::from_bytes(&files::read(path, MAXIMUM_BYTES)?)?),
            Source::Bytes(bytes) => Ok(Snapshot::from_bytes(bytes)?),
            Source::Embedded(bytes) => Ok(Snapshot::from_bytes(bytes)?),
            Source::Unreadable(message) => Err(InputError::Unreadable(message.clone())),
        }
    }

    /// What the user calls it, with the line.
    pub(crate) fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.name),
            None => self.name.clone(),
        }
    }

    /// `error` in one line: which input, where in it, what.
    pub(crate) fn complaint(&self, error: &InputError) -> String {
        match error {
            InputError::Unreadable(reason) => format!("{}: {reason}", self.place()),
            InputError::Snapshot(error) => not_a_snapshot(&self.place(), error),
        }
    }
}

/// Why bytes are no snapshot: whose, where in them, what.
pub(crate) fn not_a_snapshot(name: &str, error: &SnapshotError) -> String {
    match error.path() {
        "" => format!("{name}: not a snapshot: {error}"),
        path => format!("{name}: not a snapshot at {path}: {error}"),
    }
}

/// Whether these arguments name exactly one snapshot, so that one document can be the answer.
pub(crate) fn is_single(paths: &[PathBuf]) -> bool {
    matches!(paths, [path] if path.as_os_str() != "-" && !path.is_dir() && !is_ndjson(path))
}

/// Every input behind the arguments, in their order, read as the iterator is asked.
pub(crate) fn all(paths: &[PathBuf]) -> impl Iterator<Item = Input> + '_ {
    paths.iter().flat_map(|path| of(path))
}

fn of(path: &Path) -> Box<dyn Iterator<Item = Input> + Send> {
    let name = path.display().to_string();
    if path.as_os_str() == "-" {
        return lines(name, BufReader::with_capacity(1 << 16, files::utf_8(io::stdin())));
    }
    if path.is_dir() {
        return folder(path, &name);
    }
    if is_ndjson(path) {
        return match files::regular(path) {
            Ok(file) => lines(name, BufReader::with_capacity(1 << 16, files::utf_8(file))),
            Err(error) => one(name, Source::Unreadable(files::reason(&error))),
        };
    }
    one(name, Source::File(path.to_owned()))
}

fn one(name: String, source: Source) -> Box<dyn Iterator<Item = Input> + Send> {
    Box::new(std::iter::once(Input {
        name,
        line: None,
        source,
    }))
}

/// Whether the file holds one snapshot a line.
pub(crate) fn is_ndjson(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "ndjson" || extension == "jsonl")
}

/// The `.json` and `.ndjson` files below a folder, sorted by path.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect_files(folder, &mut files)?;
    files.sort();
    Ok(files)
}

/// The inputs below a folder.
fn folder(path: &Path, name: &str) -> Box<dyn Iterator<Item = Input> + Send> {
    let files = match files_below(path) {
        Ok(files) => files,
        Err(error) => return one(name.to_owned(), Source::Unreadable(files::reason(&error))),
    };
    if files.is_empty() {
        return one(
            name.to_owned(),
            Source::Unreadable("the folder holds no .json file".to_owned()),
        );
    }
    Box::new(files.into_iter().flat_map(|file| of(&file)))
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // Links are not followed into folders: a loop would never end.
        if entry.file_type()?.is_dir() {
            if !is_hidden {
                collect_files(&path, files)?;
            }
        } else if !is_hidden
            && (path.extension().is_some_and(|extension| extension == "json") || is_ndjson(&path))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// One snapshot a line. A stream whose first line is a lone `{` is one indented document instead.
fn lines(name: String, mut reader: impl BufRead + Send + 'static) -> Box<dyn Iterator<Item = Input> + Send> {
    let mut number = 0;
    let mut ended = false;
    Box::new(std::iter::from_fn(move || {
        while !ended {
            number += 1;
            let input = |source| {
                Some(Input {
                    name: name.clone(),
                    line: Some(number),
                    source,
                })
            };
            match next_line(&mut reader) {
                Ok(None) => ended = true,
                Ok(Some(Line::TooLong)) => return input(Source::Unreadable(TOO_LONG.to_owned())),
                Ok(Some(Line::Whole(bytes))) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Ok(Some(Line::Whole(mut bytes))) if number == 1 && bytes.trim_ascii() == b"{" => {
                    ended = true;
                    let rest = reader.by_ref().take(MAXIMUM_BYTES).read_to_end(&mut bytes);
                    let source = match rest {
                        Ok(_) => Source::Bytes(bytes),
                        Err(error) => Source::Unreadable(files::reason(&error)),
                    };
                    return Some(Input {
                        name: name.clone(),
                        line: None,
                        source,
                    });
                }
                Ok(Some(Line::Whole(bytes))) => return input(Source::Bytes(bytes)),
                Err(error) => {
                    ended = true;
                    return input(Source::Unreadable(files::reason(&error)));
                }
            }
        }
        None
    }))
}
