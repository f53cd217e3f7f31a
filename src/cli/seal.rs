//! A case file for one reader alone: encrypted to the public keys that support gives out, in the format of
//! <https://age-encryption.org/v1>.

use std::io::{Read as _, Write as _};
use std::path::Path;

use age::x25519::Recipient;
use age::{DecryptError, Decryptor, Encryptor, IdentityFile};

use crate::cli::io::files;

/// How a sealed file begins.
const MARK: &[u8] = b"age-encryption.org/v1";

/// The largest file of keys that is read, in bytes.
const MAXIMUM_KEYS: u64 = 64 * 1024;

/// A public key as it is given on the command line: `age1…`.
///
/// # Errors
///
/// A sentence for a text that is no such key. It is not repeated: it may be the secret one.
pub(super) fn recipient(text: &str) -> Result<Recipient, String> {
    text.trim().parse().map_err(|_| {
        if text.trim().to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            "this is a secret key, which nobody but its owner should have; the public one begins with age1"
                .to_owned()
        } else {
            "no public key of age, as age1…".to_owned()
        }
    })
}

/// The bytes, readable with the secret key of any of the recipients.
///
/// # Errors
///
/// A sentence when nobody is named or the random numbers of this machine fail.
pub(super) fn sealed(bytes: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, String> {
    let names = recipients.iter().map(|one| one as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(names).map_err(|error| error.to_string())?;
    let mut result = Vec::with_capacity(bytes.len() + 1024);
    let written = encryptor.wrap_output(&mut result).and_then(|mut writer| {
        writer.write_all(bytes)?;
        writer.finish()
    });
    written.map_err(|error| error.to_string())?;
    Ok(result)
}

/// Whether a file was sealed.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MARK)
}

/// What was sealed, opened with one of the keys of a file.
///
/// # Errors
///
/// No file of keys, one without keys, none that fits, and a file that was damaged or changed.
pub(super) fn opened(bytes: &[u8], identity: Option<&Path>) -> Result<Vec<u8>, String> {
    let path = identity
        .ok_or("it is encrypted: --identity names the file with the secret key, as age-keygen writes it")?;
    let name = path.display();
    let keys = files::whole(path, MAXIMUM_KEYS).map_err(|error| format!("--identity {name}: {error}"))?;
    let identities = IdentityFile::from_buffer(keys.as_slice())
        .ok()
        .and_then(|file| file.into_identities().ok())
        .filter(|identities| !identities.is_empty())
        .ok_or_else(|| format!("--identity {name}: no secret key of age is in it"))?;
    let keys = identities
        .iter()
        .map(|identity| identity.as_ref() as &dyn age::Identity);
    let mut reader = Decryptor::new(bytes)
        .and_then(|decryptor| decryptor.decrypt(keys))
        .map_err(|error| match error {
            DecryptError::NoMatchingKeys => {
                format!("it was encrypted to others: no key of {name} opens it")
            }
            other => format!("it cannot be decrypted: {other}"),
        })?;
    let mut result = Vec::with_capacity(bytes.len());
    reader
        .read_to_end(&mut result)
        .map_err(|error| format!("it cannot be decrypted: damaged, or not whole ({error})"))?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::{is_sealed, opened, recipient, sealed};

    #[test]
    fn what_is_sealed_opens_with_its_own_key_and_no_other() {
        use age::secrecy::ExposeSecret as _;
        let folder = tempfile::tempdir().unwrap();
        let [own, other] = ["own", "other"].map(|name| {
            let key = age::x25519::Identity::generate();
            let path = folder.path().join(name);
            std::fs::write(&path, key.to_string().expose_secret()).unwrap();
            (recipient(&key.to_public().to_string()).unwrap(), path)
        });
        let text = b"the case of canary".repeat(100);
        let mut archive = sealed(&text, std::slice::from_ref(&own.0)).unwrap();
        assert!(is_sealed(&archive) && !is_sealed(&text));
        assert!(!archive.windows(6).any(|part| part == b"canary"));
        assert_eq!(opened(&archive, Some(&own.1)).unwrap(), text);
        for (identity, words) in [
            (Some(other.1.as_path()), "to others"),
            (None, "--identity"),
            (Some(folder.path().join("none").as_path()), "none"),
        ] {
            let refusal = opened(&archive, identity).unwrap_err();
            assert!(refusal.contains(words), "{refusal}");
        }
        // One bit is enough to be seen.
        let last = archive.len() - 1;
        archive[last] ^= 1;
        let refusal = opened(&archive, Some(&own.1)).unwrap_err();
        assert!(refusal.contains("damaged"), "{refusal}");
        archive.truncate(40);
        assert!(opened(&archive, Some(&own.1)).is_err());
    }

    #[test]
    fn a_secret_key_in_the_place_of_a_public_one_is_not_repeated() {
        let complaint = recipient("AGE-SECRET-KEY-1CANARY").unwrap_err();
        assert!(complaint.contains("secret key") && !complaint.contains("CANARY"));
        assert!(recipient("age1nothing").unwrap_err().contains("age1"));
        assert!(sealed(b"x", &[]).is_err());
    }
}
