//! The three guidance profiles: which of the vendor's articles an account is judged by.
//!
//! The same fact flips its meaning between them: multifactor authentication is a fault
//! under the first, required under the second, and no question under the third.

pub(crate) mod shared;

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

/// Whose guidance a user asks for: one by name, or the one that the evidence speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// What Work 365 itself does decides; the guidance of 2018 where nothing does.
    #[default]
    Auto,
    /// This one, whatever the evidence says.
    Named(Profile),
}

impl From<Profile> for Choice {
    fn from(profile: Profile) -> Self {
        Self::Named(profile)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Auto => formatter.write_str("auto"),
            Choice::Named(profile) => profile.fmt(formatter),
        }
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Choice::Auto);
        }
        text.parse().map(Choice::Named).map_err(|_: String| {
            format!("no profile `{text}`; there are auto, legacy-password, consent and application-user")
        })
    }
}
