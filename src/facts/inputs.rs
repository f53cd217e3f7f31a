//! What facts are computed from: the snapshot, what the user expects, the profile and "now".

use std::net::IpAddr;

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::{Evidence, Snapshot};

use super::ExpectedState;
use super::{consent, credential, licensing, policies, roles, subject};

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

/// Everything that a fact may look at.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// The evidence file.
    pub snapshot: &'a Snapshot,
    /// What the user expects.
    pub expectations: &'a Expectations,
    /// Whose guidance decides; it also decides which Dataverse row is the account's.
    pub profile: Profile,
    /// Ages are judged as of this instant.
    pub now: Timestamp,
    pub(super) subject: subject::Shared<'a>,
    pub(super) credential: credential::Shared<'a>,
    pub(super) sign_in: policies::Shared,
    pub(super) consent: consent::Shared<'a>,
    pub(super) licensing: licensing::Shared,
    pub(super) roles: roles::Shared<'a>,
}

impl<'a> Inputs<'a> {
    /// Inputs with nothing computed yet.
    pub fn new(
        snapshot: &'a Snapshot,
        expectations: &'a Expectations,
        profile: Profile,
        now: Timestamp,
    ) -> Self {
        Self {
            snapshot,
            expectations,
            profile,
            now,
            subject: Default::default(),
            credential: Default::default(),
            sign_in: Default::default(),
            consent: Default::default(),
            licensing: Default::default(),
            roles: Default::default(),
        }
    }

    /// The typed sections.
    pub fn evidence(&self) -> &'a Evidence {
        &self.snapshot.evidence
    }

    /// Whole minutes from `then` to now, 0 when `then` lies ahead (clocks of two services differ).
    pub fn minutes_since(&self, then: Timestamp) -> i64 {
        (self.now.duration_since(then).as_secs() / 60).max(0)
    }
}
