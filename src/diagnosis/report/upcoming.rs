//! One thing that time brings, as the report carries it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::Evidence;
use crate::rules::Severity;

/// One thing that time brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Upcoming {
    /// When; of something that can happen any day, the instant as of which the report judges.
    pub at: String,
    /// What kind of event.
    pub kind: UpcomingKind,
    /// What it means, in a sentence.
    pub what: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Who can do something about it; empty in reports of older versions.
    #[serde(default)]
    pub owner: String,
    /// What to do before; empty in reports of older versions.
    #[serde(default)]
    pub step: String,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UpcomingKind {
    /// The password of the account expires.
    PasswordExpiry,
    /// A secret of the application expires.
    SecretExpiry,
    /// A certificate of the application expires.
    CertificateExpiry,
    /// A policy will be enforced.
    PolicyEnforcement,
    /// A licence ends.
    LicenceEnd,
    /// The environment ends.
    EnvironmentEnd,
    /// A role ends.
    RoleEnd,
    /// An exception of the configuration file ends.
    ExceptionEnd,
    /// Microsoft or the vendor changes something.
    VendorChange,
    /// The evidence is too old to act on.
    StaleEvidence,
}

impl UpcomingKind {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            UpcomingKind::PasswordExpiry => "password-expiry",
            UpcomingKind::SecretExpiry => "secret-expiry",
            UpcomingKind::CertificateExpiry => "certificate-expiry",
            UpcomingKind::PolicyEnforcement => "policy-enforcement",
            UpcomingKind::LicenceEnd => "licence-end",
            UpcomingKind::EnvironmentEnd => "environment-end",
            UpcomingKind::RoleEnd => "role-end",
            UpcomingKind::ExceptionEnd => "exception-end",
            UpcomingKind::VendorChange => "vendor-change",
            UpcomingKind::StaleEvidence => "stale-evidence",
        }
    }
}
