//! Conditional Access, judged offline: policies and one sign-in in, a decision with its reasons out.
//!
//! Three-valued throughout. A condition certainly holds, certainly does not, or cannot be told from what is known;
//! then the policy is undetermined and says what is missing. A decision is given only when no undetermined policy
//! could change it. Exclusions win over inclusions, and a block wins over everything. Nothing is read, no clock, no
//! network: bodies are Graph's JSON, and the day that counts is the sign-in's.

mod applications;
mod calendar;
mod changes;
mod client;
mod controls;
mod decision;
mod device;
mod draft;
mod grants;
mod list;
mod locations;
mod notes;
mod policy;
mod policy_reader;
mod policy_set;
mod service;
mod sign_in;
mod strength;
mod truth;
mod users;
mod what_if;
mod words;

pub use crate::well_known::DATAVERSE_APPLICATION as DATAVERSE;
pub use calendar::{DatedChange, dated_changes, is_enforced};
pub use changes::{Change, ChangeKind, Compensation, smallest_changes};
pub use controls::{Control, Grant, Operator, SessionControl};
pub use decision::{Applicability, Decision, Evaluation, Outcome, evaluate};
pub use draft::{Draft, DraftAccount, DraftError, DraftPolicy, DraftSignIn};
pub(crate) use grants::demands_strength;
pub use grants::{Answer, Grants, PolicyRef, Verdict, grants};
pub use policy::PolicyState;
pub use policy_set::{NotAPolicyList, PolicySet};
pub use service::{Disagreement, ServiceVerdict, applied, confirmed, disagreements};
pub use sign_in::{
    ClientApp, Device, ExternalKind, Flow, InsiderRisk, Membership, Platform, RiskLevel, ServicePrincipal,
    SignIn, Subject, UnknownName, User, UserKind,
};
pub use strength::Strength;
pub use truth::{Cause, Condition, Match, MatchKind, Missing, MissingSet, Reason};
pub use what_if::{AppliedPolicy, NotAppliedPolicy, ProposedChange, SCHEMA, UndeterminedPolicy, WhatIf};
pub use words::{change_text, compensation_text, reason_text};
