//! What facts are computed from: the snapshot, what the user expects, the profile and "now".

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::conditional_access::{Evaluation, Grants, PolicySet};
use crate::decode::Decoded;
use crate::profile::Profile;
use crate::snapshot::dataverse::SystemUser;
use crate::snapshot::graph::{ServicePrincipal, SignIn};
use crate::snapshot::{Evidence, Snapshot};

use super::credential::proof::Proof;
use super::expectations::Expectations;
use super::jobs::message::Message;
use super::licensing::assigned::Assigned;
use super::reading::Reading;
use super::reported::{CODE, Reported};
use super::roles::held::HeldRoles;
use super::sign_in::entry::Attempt;
use super::supposed::Supposed;

/// Everything that a fact may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// The evidence file.
    pub snapshot: &'a Snapshot,
    /// What the user expects.
    pub expectations: &'a Expectations,
    /// Whose guidance decides; it also decides which Dataverse row is the account's.
    pub profile: Profile,
    /// Ages are judged as of this instant.
    pub now: Timestamp,
    /// The error that somebody saw, decoded: a refused sign-in in it is an attempt like those of the log.
    pub error: Option<&'a Decoded>,
    /// What a person reported; weaker than what was read.
    pub(super) reported: Reported,
    /// What is assumed to be so, whatever the evidence says.
    pub supposed: Supposed,
    pub(crate) caches: Caches<'a>,
    /// [`policies`](super::sign_in::policy_set::policies): the tenant's, so they are the same under every profile.
    pub(crate) policies: Arc<OnceLock<Reading<PolicySet>>>,
}

/// Readings that many facts start from, computed once. Each is filled by the function of its name alone.
#[derive(Debug, Default)]
pub(crate) struct Caches<'a> {
    /// [`object_id`](super::identity::subject::object_id)
    pub(crate) object_id: OnceLock<Reading<String>>,
    /// [`application`](super::identity::application::application)
    pub(crate) application: OnceLock<Reading<Option<&'a str>>>,
    /// [`row`](super::identity::subject::row)
    pub(crate) row: OnceLock<Reading<Option<&'a SystemUser>>>,
    /// [`account_sign_ins`](super::sign_in::log::account_sign_ins)
    pub(crate) sign_ins: OnceLock<Reading<Vec<&'a SignIn>>>,
    /// [`own_attempts`](super::sign_in::deciding::own_attempts)
    pub(crate) own_attempts: OnceLock<Reading<Vec<Attempt<'a>>>>,
    /// [`password_attempt`](super::credential::password::password_attempt)
    pub(crate) password_proof: OnceLock<Reading<Option<Proof<'a>>>>,
    /// [`judged`](super::sign_in::judged::judged)
    pub(crate) judged: OnceLock<Reading<Vec<(Evaluation, Grants)>>>,
    /// [`work_365_principals`](super::consent::grants::work_365_principals)
    pub(crate) principals: OnceLock<Reading<Vec<&'a ServicePrincipal>>>,
    /// [`assigned`](super::licensing::licences::assigned)
    pub(crate) assigned: OnceLock<Reading<Assigned>>,
    /// [`held_roles`](super::roles::held_by_row::held_roles)
    pub(crate) held_roles: OnceLock<Reading<HeldRoles<'a>>>,
    /// [`messages`](super::jobs::messages::messages)
    pub(crate) messages: OnceLock<Vec<Message>>,
}

impl<'a> Context<'a> {
    /// A context with nothing computed yet.
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
            error: None,
            reported: Reported::of(snapshot),
            supposed: Supposed::default(),
            caches: Caches::default(),
            policies: Arc::default(),
        }
    }

    /// The same for a profile, this one or another; what belongs to the tenant is computed once for both.
    #[must_use]
    pub fn beside(&self, profile: Profile) -> Self {
        Self {
            error: self.error,
            policies: Arc::clone(&self.policies),
            ..Self::new(self.snapshot, self.expectations, profile, self.now)
        }
    }

    /// The same with the error that somebody saw.
    #[must_use]
    pub fn with_error(self, error: Option<&'a Decoded>) -> Self {
        Self { error, ..self }
    }

    /// Whether a person answered anything.
    pub fn has_answers(&self) -> bool {
        !self.reported.is_empty()
    }

    /// The same as if nobody had answered anything.
    #[must_use]
    pub fn without_answers(&self) -> Self {
        Self {
            reported: Reported::default(),
            supposed: self.supposed.clone(),
            ..self.beside(self.profile)
        }
    }

    /// Whether somebody saw an error, or answered what it says.
    pub fn has_hearsay(&self) -> bool {
        self.error.is_some() || self.reported.value(CODE).is_some()
    }

    /// The same as if nobody had seen an error.
    #[must_use]
    pub fn without_hearsay(&self) -> Self {
        Self {
            error: None,
            reported: self.reported.without(CODE),
            supposed: self.supposed.clone(),
            ..self.beside(self.profile)
        }
    }

    /// The same world after a fix.
    #[must_use]
    pub fn supposing(self, supposed: Supposed) -> Self {
        Self { supposed, ..self }
    }

    /// The typed sections, as they speak of the identity that is judged.
    pub fn evidence(&self) -> &'a Evidence {
        match self.profile {
            Profile::ApplicationUser if self.snapshot.subject.is_address() => {
                self.snapshot.evidence_of_another_row()
            }
            _ => &self.snapshot.evidence,
        }
    }

    /// The day as of which is judged, in UTC.
    pub fn today(&self) -> jiff::civil::Date {
        jiff::tz::TimeZone::UTC.to_datetime(self.now).date()
    }

    /// Whole minutes from `then` to now, 0 when `then` lies ahead (clocks of two services differ).
    pub fn minutes_since(&self, then: Timestamp) -> i64 {
        (self.now.duration_since(then).as_secs() / 60).max(0)
    }
}
