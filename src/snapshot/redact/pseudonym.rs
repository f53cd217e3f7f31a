//! Pseudonyms: HMAC-SHA-256 over kind and original, keyed per case. Equal originals have equal pseudonyms, in every
//! file of the case; without the key nobody can try names until one fits.

use std::collections::BTreeMap;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::text::hex;

/// The key of a case.
pub struct CaseKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for CaseKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CaseKey(…)")
    }
}

impl CaseKey {
    /// A key from any text; how hard it is to guess is the caller's business.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(Sha256::digest(text.as_bytes()).into()))
    }
}

/// What an original is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What stands before the @ of an address.
    User,
    /// A domain name.
    Domain,
    /// The first label of an environment's address.
    Environment,
    /// A GUID of the tenant.
    Id,
    /// An IP address or range.
    Address,
    /// A display name.
    Name,
    /// A text whose meaning is not known.
    Text,
    /// A number whose meaning is not known.
    Number,
    /// The name of a property that no service gave it.
    Property,
}

impl Kind {
    /// The word that opens the pseudonym.
    pub fn word(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Domain => "domain",
            Kind::Environment => "org",
            Kind::Id => "id",
            Kind::Address => "address",
            Kind::Name => "name",
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Property => "property",
        }
    }
}

/// An original with its pseudonym.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What it is.
    pub kind: Kind,
    /// What stood there, in lower case.
    pub original: String,
    /// What stands there now.
    pub pseudonym: String,
}

/// Makes pseudonyms and remembers them.
pub(super) struct Pseudonyms {
    mac: Hmac<Sha256>,
    known: BTreeMap<(Kind, String), String>,
    taken: BTreeMap<String, String>,
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pseudonyms({})", self.known.len())
    }
}

impl Pseudonyms {
    pub(super) fn new(key: &CaseKey) -> Self {
        let mut block = Key::<Hmac<Sha256>>::default();
        for (place, byte) in block.iter_mut().zip(key.0.iter()) {
            *place = *byte;
        }
        Self {
            mac: Hmac::new(&block),
            known: BTreeMap::new(),
            taken: BTreeMap::new(),
        }
    }

    /// 32 keyed bytes that only depend on the key and the text.
    pub(super) fn digest(&self, label: &str, text: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// `user-7f3a9c`, `domain-4821.invalid`, `name-09ab12`; case does not matter.
    pub(super) fn of(&mut self, kind: Kind, original: &str) -> String {
        let original = original.to_lowercase();
        if let Some(known) = self.known.get(&(kind, original.clone())) {
            return known.clone();
        }
        let digest = self.digest(kind.word(), original.as_bytes());
        let mut digits = 6;
        let pseudonym = loop {
            let pseudonym = shape(kind, &digest, digits);
            // Two originals with one pseudonym would make two people one: the later one gets more digits.
            let owner = self.taken.get(&pseudonym);
            if owner.is_none_or(|owner| *owner == original) || digits >= 64 {
                break pseudonym;
            }
            digits += 2;
        };
        self.remember(kind, original, pseudonym.clone());
        pseudonym
    }

    /// A version-4 GUID for a GUID in lower case.
    pub(super) fn guid(&mut self, original: &str) -> String {
        if let Some(known) = self.known.get(&(Kind::Id, original.to_owned())) {
            return known.clone();
        }
        let digest = self.digest("guid", original.as_bytes());
        let mut hex = first_digits(&digest, 32);
        hex.replace_range(12..13, "4");
        hex.replace_range(16..17, "8");
        let guid = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        );
        self.remember(Kind::Id, original.to_owned(), guid.clone());
        guid
    }

    /// Keeps an address and what became of it.
    pub(super) fn remember(&mut self, kind: Kind, original: String, pseudonym: String) {
        self.taken.insert(pseudonym.clone(), original.clone());
        self.known.insert((kind, original), pseudonym);
    }

    pub(super) fn replacements(&self) -> Vec<Replacement> {
        let replacement = |((kind, original), pseudonym): (&(Kind, String), &String)| Replacement {
            kind: *kind,
            original: original.clone(),
            pseudonym: pseudonym.clone(),
        };
        self.known.iter().map(replacement).collect()
    }
}

fn shape(kind: Kind, digest: &[u8; 32], digits: usize) -> String {
    let word = kind.word();
    match kind {
        Kind::Domain => {
            let number = digest.iter().take(digits / 2).fold(0_u128, |number, byte| {
                number.wrapping_mul(256) + u128::from(*byte)
            });
            format!("{word}-{number}.invalid")
        }
        _ => format!("{word}-{}", first_digits(digest, digits)),
    }
}

/// The first `digits` hexadecimal digits.
fn first_digits(bytes: &[u8], digits: usize) -> String {
    let mut text = hex(bytes);
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::{CaseKey, Kind, Pseudonyms};

    #[test]
    fn the_same_key_gives_the_same_pseudonym_and_another_key_another_one() {
        let of = |key: &str| Pseudonyms::new(&CaseKey::new(key)).of(Kind::User, "Svc-D365");
        assert_eq!(of("a"), of("a"));
        assert_ne!(of("a"), of("b"));
        let mut pseudonyms = Pseudonyms::new(&CaseKey::new("a"));
        assert_eq!(pseudonyms.of(Kind::User, "svc-d365"), of("a"));
        assert_ne!(pseudonyms.of(Kind::Name, "svc-d365"), of("a"));
    }

    #[test]
    fn a_guid_becomes_a_guid() {
        let guid = Pseudonyms::new(&CaseKey::new("a")).guid("11111111-1111-4111-8111-1111111111f1");
        assert_eq!(guid.len(), 36);
        assert_eq!(&guid[14..15], "4");
    }
}
