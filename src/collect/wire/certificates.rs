//! The file of trusted certificates that `SSL_CERT_FILE` names: a wrong one would make every service look untrusted.

use std::path::Path;

/// Why nothing can be trusted by this file, if so. Where the system's own store decides, the variable means nothing.
pub(crate) fn fault_of(file: &Path) -> Option<String> {
    if cfg!(any(windows, target_os = "macos")) {
        return None;
    }
    let name = file.display();
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) => {
            return Some(format!(
                "SSL_CERT_FILE names {name}, which cannot be read ({error}), so no certificate can be checked"
            ));
        }
    };
    let holds_one = memchr::memmem::find(&text, b"-----BEGIN CERTIFICATE-----").is_some()
        || memchr::memmem::find(&text, b"-----BEGIN TRUSTED CERTIFICATE-----").is_some();
    (!holds_one).then(|| {
        format!("SSL_CERT_FILE names {name}, which holds no certificate in PEM form, so no certificate can be checked")
    })
}

#[cfg(all(test, not(any(windows, target_os = "macos"))))]
mod tests {
    use super::fault_of;

    #[test]
    fn a_file_that_trusts_nobody_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        assert!(fault_of(&path).unwrap().contains("cannot be read"));
        std::fs::write(&path, "").unwrap();
        assert!(fault_of(&path).unwrap().contains("no certificate in PEM form"));
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----").unwrap();
        assert_eq!(fault_of(&path), None);
    }
}
