//! Who may read a private file, where its mode does not say it.
//!
//! On Unix a private file has the mode 0600. Windows has lists instead, and a new file takes over that of its folder: below
//! a user's own folder that lets in the user, the administrators and the system, and nobody has to do anything. Anywhere
//! else it may let in everybody, so that is said.

use std::path::{Path, PathBuf};

use super::console::Console;

/// The user's own folder; none where modes protect a file.
#[cfg(not(unix))]
fn own_folder() -> Option<PathBuf> {
    std::env::var_os("USERPROFILE").map(PathBuf::from)
}

#[cfg(unix)]
fn own_folder() -> Option<PathBuf> {
    None
}

/// Says of a private file that lies where others may read it what to do about it.
pub(crate) fn tell(path: &Path, console: &Console) {
    if let Some(own) = own_folder()
        && !is_below(path, &own)
    {
        console.note(&format!(
            "{}: whoever may read its folder can read it; keep it below {}",
            path.display(),
            own.display()
        ));
    }
}

fn is_below(path: &Path, folder: &Path) -> bool {
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::is_below;

    #[test]
    fn a_file_lies_below_a_folder_through_whatever_path_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("own"), folder.path().join("own-too"));
        for folder in [&own, &other] {
            std::fs::create_dir_all(folder.join("deep")).unwrap();
            std::fs::write(folder.join("deep/file"), "").unwrap();
        }
        assert!(is_below(&own.join("deep/file"), &own));
        assert!(is_below(&other.join("../own/deep/file"), &own));
        assert!(!is_below(&own.join("../own-too/deep/file"), &own));
        assert!(!is_below(&own.join("missing"), &own));
    }
}
