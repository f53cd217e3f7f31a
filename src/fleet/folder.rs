//! The folder of an account in the store: a name that every file system takes, whatever the list calls the account.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::text::hex;

/// Longest name of a folder, in bytes, the hash included.
const MAXIMUM: usize = 80;

/// `-` and eight hex digits.
const HASH: usize = 9;

/// Names that Windows keeps for devices, whatever ending they have.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The folder of each name. Names that differ by case alone get different folders.
pub fn folders<'n>(names: impl IntoIterator<Item = &'n str> + Clone) -> BTreeMap<&'n str, String> {
    let mut alike: BTreeMap<String, Vec<&'n str>> = BTreeMap::new();
    for name in names.clone() {
        let same = alike.entry(name.to_lowercase()).or_default();
        if !same.contains(&name) {
            same.push(name);
        }
    }
    let mut folders: BTreeMap<&'n str, String> = names
        .into_iter()
        .map(|name| {
            let is_alone = alike.get(&name.to_lowercase()).is_none_or(|same| same.len() < 2);
            (name, folder(name, is_alone))
        })
        .collect();
    // A plain name can be spelled like the folder of another, hash and all.
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for folder in folders.values() {
        *taken.entry(folder.to_lowercase()).or_default() += 1;
    }
    for (name, place) in &mut folders {
        if *name == place && taken.get(&place.to_lowercase()).is_some_and(|times| *times > 1) {
            *place = folder(name, false);
        }
    }
    folders
}

/// The folders that a name can have: alone, and beside one that equals it but for case.
pub fn candidates(name: &str) -> [String; 2] {
    [true, false].map(|is_alone| folder(name, is_alone))
}

/// The folder of one name; `is_alone` when no other name equals it but for case.
fn folder(name: &str, is_alone: bool) -> String {
    let encoded = encoded(name);
    let is_dotted = name.starts_with('.') || name.ends_with('.');
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_reserved = DEVICES.contains(&stem.as_str());
    let is_whole = encoded == name && encoded.len() <= MAXIMUM;
    if is_whole && !name.is_empty() && !is_dotted && !is_reserved && is_alone {
        return encoded;
    }
    let hash = hex(&Sha256::digest(name.as_bytes())[..4]);
    format!("{}-{hash}", shortened(&encoded, MAXIMUM - HASH))
}

/// Letters, digits, dot, underscore and hyphen as they are, every other byte as `%XX`.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// At most so many bytes, without half of an encoded byte at the end.
fn shortened(encoded: &str, most: usize) -> &str {
    let cut = encoded.get(..most).unwrap_or(encoded);
    let whole = match cut.rfind('%') {
        Some(position) if cut.len() - position < 3 => position,
        _ => cut.len(),
    };
    cut.get(..whole).unwrap_or(cut)
}

#[cfg(test)]
mod tests {
    use super::{MAXIMUM, folders};

    fn one(name: &str) -> String {
        folders([name])[name].clone()
    }

    #[test]
    fn a_plain_name_is_its_folder() {
        for name in ["contoso", "Contoso_1", "a-b.c", "x"] {
            assert_eq!(one(name), name);
        }
    }

    #[test]
    fn every_other_name_carries_its_hash_and_no_character_that_means_something() {
        let long = "x".repeat(81);
        for (name, start) in [
            ("..", "..-"),
            ("", "-"),
            (".hidden", ".hidden-"),
            ("dot.", "dot.-"),
            ("a/b", "a%2Fb-"),
            ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd-"),
            ("C:\\x", "C%3A%5Cx-"),
            ("zürich", "z%C3%BCrich-"),
            ("CON", "CON-"),
            ("nul.txt", "nul.txt-"),
            ("lpt1", "lpt1-"),
            ("a b", "a%20b-"),
            ("a%20b", "a%2520b-"),
            ("a\0b\n", "a%00b%0A-"),
            (long.as_str(), "xxxx"),
        ] {
            let folder = one(name);
            assert!(folder.starts_with(start), "{name:?} is {folder}");
            assert!(folder.len() <= MAXIMUM, "{folder}");
            let (_, hash) = folder.rsplit_once('-').unwrap();
            assert!(
                hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{folder}"
            );
        }
    }

    #[test]
    fn a_long_name_is_cut_between_encoded_bytes() {
        let folder = one(&"ü".repeat(60));
        let (body, _) = folder.rsplit_once('-').unwrap();
        assert!(body.len() % 3 == 0 && folder.len() <= MAXIMUM, "{folder}");
    }

    #[test]
    fn names_that_differ_by_case_alone_get_different_folders_on_every_file_system() {
        let folders = folders(["Contoso", "contoso", "CONTOSO", "fabrikam"]);
        let mut seen: Vec<String> = folders.values().map(|folder| folder.to_lowercase()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
        assert!(folders["Contoso"].starts_with("Contoso-"));
        assert_eq!(folders["fabrikam"], "fabrikam");
    }

    #[test]
    fn a_name_spelled_like_the_folder_of_another_gets_its_own() {
        let of_device = one("CON");
        let both = folders(["CON", of_device.as_str()]);
        assert_eq!(both["CON"], of_device);
        assert_ne!(both[of_device.as_str()], of_device);
    }
}
