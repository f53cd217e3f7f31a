//! Facts of the area sign-in: the log, the policies that judge it, and every layer that can demand MFA.

pub(super) mod argument;
pub(super) mod deciding;
pub(super) mod entry;
pub(super) mod guess;
pub(super) mod judged;
pub(super) mod log;
pub(super) mod log_proof;
pub(super) mod methods;
pub(super) mod mfa;
pub(super) mod newest;
pub(super) mod own_entry;
pub(super) mod place;
pub(super) mod policies;
pub(super) mod policy_set;
pub(super) mod policy_sign_in;
pub(super) mod service_evaluation;
pub(super) mod stranger;
pub(super) mod strength;
pub(super) mod told;
pub(super) mod unfinished;
