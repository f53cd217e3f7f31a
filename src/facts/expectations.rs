//! What the user told us to expect, beside the evidence.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// What the user told us to expect, beside the evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expectations {
    /// Dataverse codes of the company's time zone (`--time-zone`), and how the user called it.
    pub time_zone: Option<ExpectedTimeZone>,
    /// The identity that Work 365 itself displays (`--configured-identity`): UPN or application id.
    pub configured_identity: Option<String>,
    /// The state that the account was in when it was healthy (`[expected-state]` of the configuration file).
    pub state: Option<ExpectedState>,
    /// Addresses that Work 365 signs in from (`--ip`).
    pub addresses: Vec<IpAddr>,
    /// Country that Work 365 signs in from (`--country`), ISO 3166 two letters.
    pub country: Option<String>,
}

/// An expected time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTimeZone {
    /// As the user wrote it.
    pub name: String,
    /// Every Dataverse code that means it.
    pub codes: Vec<i64>,
}

/// `[expected-state]` of the configuration file. What is not given is not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedState {
    /// The account that it was taken from.
    pub account: String,
    /// Names of the directly assigned security roles, sorted.
    pub roles: Option<Vec<String>>,
    /// Names of the assigned licences (SKU part numbers), sorted.
    pub licenses: Option<Vec<String>>,
    /// Access mode of the row.
    pub access_mode: Option<i64>,
    /// Dataverse time zone code.
    pub time_zone: Option<i64>,
    /// Format, as LCID.
    pub format: Option<i64>,
}
