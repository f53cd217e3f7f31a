//! What one password sign-in proves about the password.

use crate::decode::{Lockout, PasswordVerdict, password_verdict};

use crate::facts::sign_in::entry::Attempt;

/// What a password sign-in proves about the password. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It was right, whatever else was demanded afterwards.
    Accepted,
    /// It was wrong, or there is none.
    Rejected,
    /// It was right, but too old.
    Expired,
    /// Nothing: too many wrong attempts before.
    Locked,
    /// Nothing: the address is not trusted.
    AddressBlocked,
    /// Nothing, and which of the two it was is not told: AADSTS50053 without its sentence.
    LockedOrBlocked,
}

impl Meaning {
    /// The word of `diagnosis.password`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Meaning::Accepted => "accepted",
            Meaning::Rejected => "rejected",
            Meaning::Expired => "expired",
            Meaning::Locked | Meaning::LockedOrBlocked => "locked",
            Meaning::AddressBlocked => "unknown",
        }
    }

    pub(crate) fn of(attempt: &Attempt<'_>) -> Option<Self> {
        if attempt.code == 0 {
            return Some(Meaning::Accepted);
        }
        // The decoder's table is the one source of what a code proves; only its sentence says whose fault a 50053 is.
        match password_verdict(&format!("AADSTS{}", attempt.code)) {
            PasswordVerdict::Accepted => Some(Meaning::Accepted),
            PasswordVerdict::Rejected => Some(Meaning::Rejected),
            PasswordVerdict::Expired => Some(Meaning::Expired),
            PasswordVerdict::Locked => Some(match attempt.lockout() {
                Some(Lockout::Attempts) => Meaning::Locked,
                Some(Lockout::Address) => Meaning::AddressBlocked,
                None => Meaning::LockedOrBlocked,
            }),
            PasswordVerdict::Unknown => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Proof<'a> {
    pub(crate) attempt: Attempt<'a>,
    pub(crate) meaning: Meaning,
}
