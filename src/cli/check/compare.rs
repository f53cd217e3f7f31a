//! The other snapshot of `check --compare-with`.

use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::io::{demo, inputs};
use crate::snapshot::Snapshot;

/// Reads the snapshot of an account to compare with: a file, or `demo:NAME`.
///
/// # Errors
///
/// The complaint about a file that holds no snapshot, or that may hold several.
pub(super) fn read(path: Option<&Path>) -> Result<Option<Snapshot>, Failure> {
    let Some(path) = path.map(PathBuf::from) else {
        return Ok(None);
    };
    let demonstration = path.to_str().and_then(|name| name.strip_prefix("demo:"));
    let input = match demonstration {
        Some(name) => demo::named(name)?,
        None if inputs::is_single(std::slice::from_ref(&path)) => inputs::all(std::slice::from_ref(&path))
            .next()
            .ok_or("--compare-with names no snapshot")?,
        None => {
            return Err(Failure::from(
                "--compare-with compares with one account; name one snapshot file",
            ));
        }
    };
    let snapshot = input.load().map_err(|error| input.complaint(&error))?;
    Ok(Some(snapshot))
}
