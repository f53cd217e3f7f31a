//! Conditional Access, judged offline: policies and one sign-in in, a decision with its reasons out.
//!
//! Three-valued throughout. A condition certainly holds, certainly does not, or cannot be told from what is known;
//! then the policy is undetermined and says what is missing. A decision is given only when no undetermined policy
//! could change it. Exclusions win over inclusions, and a block wins over everything. Nothing is read, no clock, no
//! network: bodies are Graph's JSON (Source: api-facts G-09, G-10).

mod applications;
mod changes;
mod client;
mod controls;
mod decision;
mod device;
mod grants;
mod list;
mod locations;
mod policy;
mod service;
mod sign_in;
mod truth;
mod users;
mod what_if;
mod words;

pub use changes::{Change, ChangeKind, Compensation, smallest_changes};
pub use controls::{Control, Grant, Operator, SessionControl};
pub use decision::{Applicability, Decision, Evaluation, Outcome, evaluate};
pub use grants::{Answer, Grants, PolicyRef, Verdict, grants};
pub use policy::{NotAPolicyList, PolicySet, PolicyState};
pub use service::{Disagreement, ServiceVerdict, applied, confirmed, disagreements};
pub use sign_in::{
    ClientApp, DATAVERSE, Device, ExternalKind, Flow, InsiderRisk, Membership, Platform, RiskLevel,
    ServicePrincipal, SignIn, Subject, UnknownName, User, UserKind,
};
pub use truth::{Cause, Condition, Match, MatchKind, Missing, MissingSet, Reason};
pub use what_if::{AppliedPolicy, NotAppliedPolicy, ProposedChange, SCHEMA, UndeterminedPolicy, WhatIf};
pub use words::{change_text, compensation_text, reason_text};
