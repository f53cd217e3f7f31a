//! What facts are computed from: the snapshot, what the user expects, the profile and "now".

use std::sync::Arc;

use jiff::Timestamp;

use crate::conditional_access::{Evaluation, Grants, PolicySet};
use crate::decode::Decoded;
use crate::profile::Profile;
use crate::profile::shared::{Profiles, Shared, same_under};
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
    /// Whose guidance decides; it also decides which Dataverse row is the account's. See [`is`](Self::is).
    profile: Profile,
    /// Ages are judged as of this instant.
    pub now: Timestamp,
    /// The error that somebody saw, decoded: a refused sign-in in it is an attempt like those of the log.
    pub error: Option<&'a Decoded>,
    /// What a person reported; weaker than what was read.
    pub(super) reported: Reported,
    /// What is assumed to be so, whatever the evidence says.
    pub supposed: Supposed,
    /// The same for every profile beside which this one judges.
    pub(crate) caches: Arc<Caches<'a>>,
    /// [`policies`](super::sign_in::policy_set::policies): the tenant's, so they are the same under every profile.
    pub(crate) policies: Arc<Shared<Reading<PolicySet>>>,
}

/// Readings that many facts start from. Each is filled by the function of its name alone, through [`once`](Context::once).
#[derive(Debug, Default)]
pub(crate) struct Caches<'a> {
    /// [`object_id`](super::identity::subject::object_id)
    pub(crate) object_id: Shared<Reading<String>>,
    /// [`application`](super::identity::application::application)
    pub(crate) application: Shared<Reading<Option<&'a str>>>,
    /// [`row`](super::identity::subject::row)
    pub(crate) row: Shared<Reading<Option<&'a SystemUser>>>,
    /// [`account_sign_ins`](super::sign_in::log::account_sign_ins)
    pub(crate) sign_ins: Shared<Reading<Vec<&'a SignIn>>>,
    /// [`own_attempts`](super::sign_in::deciding::own_attempts)
    pub(crate) own_attempts: Shared<Reading<Vec<Attempt<'a>>>>,
    /// [`password_attempt`](super::credential::password::password_attempt)
    pub(crate) password_proof: Shared<Reading<Option<Proof<'a>>>>,
    /// [`judged`](super::sign_in::judged::judged)
    pub(crate) judged: Shared<Reading<Vec<(Evaluation, Grants)>>>,
    /// [`work_365_principals`](super::consent::grants::work_365_principals)
    pub(crate) principals: Shared<Reading<Vec<&'a ServicePrincipal>>>,
    /// [`assigned`](super::licensing::licences::assigned)
    pub(crate) assigned: Shared<Reading<Assigned>>,
    /// [`held_roles`](super::roles::held_by_row::held_roles)
    pub(crate) held_roles: Shared<Reading<HeldRoles<'a>>>,
    /// [`messages`](super::jobs::messages::messages)
    pub(crate) messages: Shared<Vec<Message>>,
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
            caches: Arc::default(),
            policies: Arc::default(),
        }
    }

    /// The same under another profile; what comes out the same under both is computed once.
    #[must_use]
    pub fn under(&self, profile: Profile) -> Self {
        Self {
            profile,
            reported: self.reported.clone(),
            supposed: self.supposed.clone(),
            caches: Arc::clone(&self.caches),
            policies: Arc::clone(&self.policies),
            ..*self
        }
    }

    /// The same with nothing computed yet but what belongs to the tenant.
    fn afresh(&self) -> Self {
        Self {
            caches: Arc::default(),
            ..self.under(self.profile)
        }
    }

    /// The same with the error that somebody saw.
    #[must_use]
    pub fn with_error(self, error: Option<&'a Decoded>) -> Self {
        Self {
            error,
            ..self.afresh()
        }
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
            ..self.afresh()
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
            ..self.afresh()
        }
    }

    /// The same world after a fix.
    #[must_use]
    pub fn supposing(self, supposed: Supposed) -> Self {
        Self {
            supposed,
            ..self.afresh()
        }
    }

    /// Whose guidance decides. A fact that asks with this is computed for each profile alone.
    pub fn profile(&self) -> Profile {
        same_under(Profiles::only(self.profile));
        self.profile
    }

    /// Whether this profile's guidance decides.
    pub fn is(&self, profile: Profile) -> bool {
        let is = self.profile == profile;
        same_under(if is {
            Profiles::only(profile)
        } else {
            Profiles::but(profile)
        });
        is
    }

    /// A value that is kept beside those of the other profiles, computed once for all under which it comes out the same.
    pub(crate) fn once<'s, T>(&self, kept: &'s Shared<T>, compute: impl FnOnce() -> T) -> &'s T {
        kept.under(self.profile, compute)
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
