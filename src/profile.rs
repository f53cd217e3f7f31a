//! The three guidance profiles: which of the vendor's articles an account is judged by.
//!
//! The same fact flips its meaning between them (`domain.md` section 1.1): multifactor authentication is a fault
//! under the first, required under the second, and no question under the third.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The vendor guidance that decides what is a fault.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The 2018/2019 article: a licensed user whose password Work 365 stores; no MFA; System Administrator.
    #[default]
    LegacyPassword,
    /// Since version 2.5 (2019): a licensed user with MFA, a token by consent, the role Work 365 Service.
    Consent,
    /// Since version 3.5 (2023): an application user; no licence, no password, no MFA.
    ApplicationUser,
}

impl Profile {
    /// All profiles, in the order of the vendor's history.
    pub const ALL: [Profile; 3] = [
        Profile::LegacyPassword,
        Profile::Consent,
        Profile::ApplicationUser,
    ];

    /// The name used in flags, rule files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Profile::LegacyPassword => "legacy-password",
            Profile::Consent => "consent",
            Profile::ApplicationUser => "application-user",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Profile::ALL
            .into_iter()
            .find(|profile| profile.name() == text)
            .ok_or_else(|| {
                format!("no profile `{text}`; there are legacy-password, consent and application-user")
            })
    }
}
