//! What stands in the place of what: an account for an account, a GUID for a GUID, a sentence without its names.

use super::address;
use super::gather::Gathered;
use super::known::{PLATFORM_ADDRESSES, is_known_id, is_known_name};
use super::pseudonym::{Kind, Pseudonyms};
use super::sentence;
use super::text::{self, Found};
use super::vocabulary::knows;
use crate::text::squeezed;

/// What stands in the place of a token or a password.
pub(super) const REMOVED: &str = "[removed]";

/// Replaces names, ids, addresses and sentences.
#[derive(Debug)]
pub(super) struct Replacer {
    pub(super) pseudonyms: Pseudonyms,
    pub(super) gathered: Gathered,
}

impl Replacer {
    /// A sentence, or words of a service: what is not of everybody is replaced in it.
    pub(super) fn sentence(&mut self, text: &str) -> String {
        let this = std::cell::RefCell::new(self);
        text::replace(
            text,
            |found, part| this.borrow_mut().found(found, part),
            |part| this.borrow_mut().words(part),
        )
    }

    /// The name of a role: its words stay, but for those that stand elsewhere too.
    pub(super) fn role_name(&mut self, text: &str) -> String {
        let this = std::cell::RefCell::new(self);
        text::replace(
            text,
            |found, part| this.borrow_mut().found(found, part),
            |part| {
                let mut this = this.borrow_mut();
                let Self { pseudonyms, gathered } = &mut **this;
                let stays = |word: &str| knows(word) || gathered.role_words.contains(&word.to_lowercase());
                sentence::replaced(pseudonyms, &gathered.names, &stays, part)
            },
        )
    }

    fn words(&mut self, text: &str) -> String {
        sentence::replaced(&mut self.pseudonyms, &self.gathered.names, &knows, text)
    }

    fn found(&mut self, found: Found, part: &str) -> String {
        match found {
            Found::Token => REMOVED.to_owned(),
            Found::Assigned => {
                let name = part.split(['=', ':']).next().unwrap_or_default();
                format!("{}={REMOVED}", name.trim_matches(['"', '\'', ' ']))
            }
            Found::Mail => self.account(&text::plain_mail(part)),
            Found::Environment => self.pseudonyms.of(Kind::Environment, part),
            Found::Url => self.host(part),
            Found::Guid => self.id(&part.to_lowercase().replace("%2d", "-")),
            Found::Bare => self.bare_id(part),
            Found::Time | Found::Stated => part.to_owned(),
            Found::Sid | Found::Place => self.pseudonyms.of(Kind::Text, part),
            Found::Ip => match address::replaced(&mut self.pseudonyms, part) {
                Some(address) => address,
                None => self.words(part),
            },
            Found::Phone if text::is_phone(part) => self.pseudonyms.of(Kind::Number, part),
            Found::Phone => self.words(part),
        }
    }

    /// The host of a web address, whose user and password are removed.
    fn host(&mut self, part: &str) -> String {
        if let Some((_, host)) = part.rsplit_once('@') {
            return format!("{REMOVED}@{}", self.host(host));
        }
        let is_environment = matches!(text::finds(part).as_slice(), [(Found::Environment, _)]);
        if is_environment {
            self.sentence(part)
        } else if text::is_platform_host(part) {
            self.words(part)
        } else {
            match address::replaced(&mut self.pseudonyms, part) {
                Some(address) => address,
                None => self.domain(part),
            }
        }
    }

    fn id(&mut self, id: &str) -> String {
        let lower = id.to_lowercase();
        if is_known_id(&lower) || self.gathered.kept.contains(&lower) {
            id.to_owned()
        } else {
            self.pseudonyms.guid(&lower)
        }
    }

    /// An id without hyphens, as in front of a deleted user's name.
    fn bare_id(&mut self, id: &str) -> String {
        match (
            id.get(..8),
            id.get(8..12),
            id.get(12..16),
            id.get(16..20),
            id.get(20..),
        ) {
            (Some(a), Some(b), Some(c), Some(d), Some(e)) => {
                self.id(&format!("{a}-{b}-{c}-{d}-{e}")).replace('-', "")
            }
            _ => self.pseudonyms.of(Kind::Text, id),
        }
    }

    pub(super) fn domain(&mut self, domain: &str) -> String {
        self.pseudonyms.of(Kind::Domain, domain.trim_end_matches('.'))
    }

    /// `svc@contoso.com`, with what rules judge about the part before the @.
    pub(super) fn account(&mut self, text: &str) -> String {
        if PLATFORM_ADDRESSES.contains(&text.to_lowercase().as_str()) || text::is_annotation(text) {
            return text.to_owned();
        }
        let Some((user, domain)) = text.rsplit_once('@') else {
            return match text::finds(text).as_slice() {
                [] => self.user(text),
                _ => self.sentence(text),
            };
        };
        format!("{}@{}", self.user(user), self.domain(domain))
    }

    fn user(&mut self, user: &str) -> String {
        let is_hex = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A deleted user's name is its object id and the name that it had.
        if let (Some(id), Some(rest)) = (user.get(..32), user.get(32..))
            && is_hex(id)
            && !rest.is_empty()
        {
            return format!("{}{}", self.bare_id(id), self.user(rest));
        }
        let lower = user.to_lowercase();
        if let Some(position) = lower.find("#ext#") {
            // Lowering can change lengths outside ASCII; then the whole name is one pseudonym.
            return match user.get(..position) {
                // `svc_fabrikam.com`, which elsewhere is called `svc@fabrikam.com`.
                Some(guest) => match guest.rsplit_once('_') {
                    Some((name, domain)) if domain.contains('.') => {
                        format!("{}_{}#EXT#", self.user(name), self.domain(domain))
                    }
                    _ => format!("{}#EXT#", self.user(guest)),
                },
                None => format!("{}#EXT#", self.pseudonyms.of(Kind::User, user)),
            };
        }
        let pseudonym = self.pseudonyms.of(Kind::User, user);
        if lower.starts_with("iotapsupport") {
            format!("iotapsupport-{pseudonym}")
        } else {
            pseudonym
        }
    }

    /// A chosen name, with what rules judge about it.
    pub(super) fn name(&mut self, name: &str, of_known_app: bool) -> String {
        if is_known_name(name) {
            return name.to_owned();
        }
        if of_known_app {
            return self.sentence(name);
        }
        let lower = name.trim().to_lowercase();
        if self.gathered.labels.contains(&lower) {
            return self.pseudonyms.of(Kind::Environment, &lower);
        }
        if self.gathered.domains.contains(&lower) {
            return self.domain(&lower);
        }
        let pseudonym = self.pseudonyms.of(Kind::Name, &lower);
        let squeezed = squeezed(&lower);
        if name.starts_with("Microsoft-managed") {
            format!("Microsoft-managed: {pseudonym}")
        } else if squeezed.contains("work365") {
            format!("Work 365 {pseudonym}")
        } else {
            pseudonym
        }
    }
}
