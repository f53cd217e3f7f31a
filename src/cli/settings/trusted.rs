//! The configuration files that the user trusts, by path and SHA-256: a list in the user's own folder.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::cli::failure::Failure;
use crate::cli::io::files;
use crate::cli::io::whole_file::write_private;
use crate::text::hex;

/// Name of the list, beside the user's own configuration.
const NAME: &str = "trusted-configurations";

/// The program's folder among the user's configuration.
pub(crate) fn user_folder() -> Option<PathBuf> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("XDG_CONFIG_HOME")
        .or_else(|| variable("APPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".config")))
        .map(|folder| folder.join("work365-doctor"))
}

/// Whether the file is trusted with these bytes. What cannot be found out is not.
pub(crate) fn is_trusted(file: &Path, bytes: &[u8]) -> bool {
    let (Some(line), Some(folder)) = (line(file, bytes), user_folder()) else {
        return false;
    };
    std::fs::read_to_string(folder.join(NAME)).is_ok_and(|list| list.lines().any(|known| known == line))
}

/// Trusts the file with these bytes, and no longer with others. The list's place is returned.
///
/// # Errors
///
/// The file has no path that could be recorded, or the list cannot be written.
pub(crate) fn record(file: &Path, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let unrecorded = || format!("{}: its path cannot be recorded", file.display());
    let line = line(file, bytes).ok_or_else(unrecorded)?;
    let path = line.split_once("  ").map(|(_, path)| path.to_owned());
    let folder = user_folder()
        .ok_or("there is no folder of the user: HOME, XDG_CONFIG_HOME and APPDATA are not set")?;
    std::fs::create_dir_all(&folder).map_err(|error| files::unwritable(&folder, &error))?;
    let list = folder.join(NAME);
    let known = std::fs::read_to_string(&list).unwrap_or_default();
    let mut lines: Vec<&str> = known
        .lines()
        .filter(|known| known.split_once("  ").map(|(_, path)| path) != path.as_deref())
        .collect();
    lines.push(&line);
    write_private(&list, &(lines.join("\n") + "\n")).map_err(|error| files::unwritable(&list, &error))?;
    Ok(list)
}

/// `SHA-256  path`, as `sha256sum` has it.
fn line(file: &Path, bytes: &[u8]) -> Option<String> {
    let path = file.canonicalize().ok()?;
    let path = path.to_str().filter(|path| !path.contains(['\n', '\r']))?;
    Some(format!("{}  {path}", hex(&Sha256::digest(bytes))))
}
