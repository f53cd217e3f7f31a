//! Whom `fleet` looks at: the rows of a list, or the snapshots in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::io::inputs;
use crate::fleet::account::Named;
use crate::fleet::list::{self, BadRow, Listed, Row, Source};

/// No list of accounts is near this size.
const MAXIMUM_LIST: u64 = 64 * 1024 * 1024;

/// The rows of a list or folder.
pub(super) fn rows(path: &Path) -> Result<Vec<Listed>, Failure> {
    let name = path.display();
    if path.is_dir() {
        return of_folder(path).map_err(|error| files::complaint(&name, &error));
    }
    let bytes = files::read(path, MAXIMUM_LIST).map_err(|error| files::complaint(&name, &error))?;
    if bytes.len() as u64 > MAXIMUM_LIST {
        return Err(Failure::Usage(format!(
            "{name}: a list of accounts is smaller than 64 MiB"
        )));
    }
    list::read(&bytes, path).map_err(|error| Failure::input(name, error))
}

/// Every snapshot below a folder, called by its path in it.
fn of_folder(folder: &Path) -> std::io::Result<Vec<Listed>> {
    let files = inputs::files_below(folder)?;
    let shorts: Vec<(PathBuf, String, String)> = files
        .into_iter()
        .map(|file| {
            let inside = file.strip_prefix(folder).unwrap_or(&file);
            let whole = inside.to_string_lossy().replace('\\', "/");
            let stem = whole.strip_suffix(".json").unwrap_or(&whole);
            let short = stem.strip_suffix(".snapshot").unwrap_or(stem).to_owned();
            (file, whole, short)
        })
        .collect();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, short) in &shorts {
        *times.entry(short.clone()).or_default() += 1;
    }
    let mut rows = Vec::new();
    for (file, whole, short) in shorts {
        if inputs::is_ndjson(&file) {
            lines(&file, &whole, &mut rows);
        } else {
            let is_alone = times.get(&short).is_some_and(|times| *times == 1);
            let name = if is_alone { short } else { whole };
            rows.push(Ok(row(name, file.display().to_string(), Source::Snapshot(file))));
        }
    }
    if rows.is_empty() {
        return Err(std::io::Error::other(
            "the folder holds no snapshot (.json, .ndjson)",
        ));
    }
    Ok(rows)
}

/// The snapshots of a file that holds one a line: where each stands, so that none is kept.
fn lines(file: &Path, whole: &str, rows: &mut Vec<Listed>) {
    let named = |line: usize| Named {
        name: format!("{whole}:{line}"),
        input: format!("{}:{line}", file.display()),
        ..Named::default()
    };
    let bad = |line: usize, error: &std::io::Error| {
        Err(Box::new(BadRow {
            named: named(line),
            error: files::reason(error),
        }))
    };
    let mut reader = match File::open(file) {
        Ok(file) => BufReader::with_capacity(1 << 16, file),
        Err(error) => {
            rows.push(bad(1, &error));
            return;
        }
    };
    let (mut offset, mut number) = (0, 0);
    loop {
        number += 1;
        match line(&mut reader) {
            Ok((0, _)) => return,
            Ok((length, is_blank)) => {
                if !is_blank {
                    let source = Source::Line {
                        file: file.to_owned(),
                        offset,
                        length,
                    };
                    let named = named(number);
                    rows.push(Ok(row(named.name, named.input, source)));
                }
                offset += length;
            }
            Err(error) => {
                rows.push(bad(number, &error));
                return;
            }
        }
    }
}

/// How long the next line is, its end included, and whether it is blank. Nothing of it is kept.
fn line(reader: &mut BufReader<File>) -> std::io::Result<(u64, bool)> {
    let (mut length, mut is_blank) = (0, true);
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok((length, is_blank));
        }
        let end = piece.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(piece.len(), |position| position + 1);
        is_blank &= piece.iter().take(used).all(u8::is_ascii_whitespace);
        reader.consume(used);
        length += used as u64;
        if end.is_some() {
            return Ok((length, is_blank));
        }
    }
}

fn row(name: String, input: String, source: Source) -> Row {
    Row {
        named: Named {
            name,
            input,
            ..Named::default()
        },
        source,
        profile: None,
        time_zone: None,
        configured_identity: None,
    }
}
