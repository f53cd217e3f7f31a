//! The two reasons of AADSTS50053, which nothing but its sentence tells apart: too many wrong passwords, or an address
//! that is held to be malicious (<https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout>).

use super::tables::TABLES;
use crate::decode::model::DecodedError;

/// The code that both reasons have.
const CODE: &str = "AADSTS50053";

/// Why a sign-in was refused with AADSTS50053.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lockout {
    /// Too many wrong passwords before.
    Attempts,
    /// The address that it came from.
    Address,
}

impl Lockout {
    /// The reason that a sentence gives; none where it gives none, as the bare code.
    pub fn of(text: &str) -> Option<Self> {
        let small = text.to_ascii_lowercase();
        let blames = |words: &[&str]| words.iter().any(|words| small.contains(words));
        if blames(&[
            "malicious",
            "an ip address",
            "ip address with",
            "from an address",
            "blocked because it came from",
        ]) {
            return Some(Self::Address);
        }
        let mut sentences = TABLES.phrases().iter();
        sentences
            .any(|phrase| phrase.code == "MSG:account_locked" && phrase.find(text, &small).is_some())
            .then_some(Self::Attempts)
    }

    /// The reason that the text of a decoded error gave.
    pub fn of_error(error: &DecodedError) -> Option<Self> {
        let mut both = [Self::Attempts, Self::Address].into_iter();
        both.find(|reason| error.rules == [reason.rule()])
    }

    /// The rule that looks at it.
    fn rule(self) -> &'static str {
        match self {
            Self::Attempts => "account-locked-out",
            Self::Address => "sign-in-address-blocked",
        }
    }
}

/// Leaves an AADSTS50053 the one cause that its text gives.
pub(crate) fn narrow(error: &mut DecodedError, text: &str) {
    if error.code == CODE
        && let Some(reason) = Lockout::of(text)
    {
        error.rules = vec![reason.rule().to_owned()];
    }
}

/// Whether a text gives the address, and not the attempts, as the reason of this error.
pub(crate) fn blames_the_address(error: &DecodedError, text: &str) -> bool {
    error.code == CODE && Lockout::of(text) == Some(Lockout::Address)
}

#[cfg(test)]
mod tests {
    use super::Lockout;
    use crate::decode::decode_text;

    #[test]
    fn the_sentence_tells_the_two_reasons_apart_and_the_code_does_not() {
        for (text, reason) in [
            ("AADSTS50053", None),
            ("AADSTS50053: IdsLocked", None),
            (
                "AADSTS50053: The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
                Some(Lockout::Attempts),
            ),
            (
                "AADSTS50053: Sign-in was blocked because it came from an IP address with malicious activity.",
                Some(Lockout::Address),
            ),
        ] {
            let decoded = decode_text(text.as_bytes());
            assert_eq!(Lockout::of_error(&decoded.errors[0]), reason, "{text}");
        }
    }
}
