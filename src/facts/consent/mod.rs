//! Facts of the area consent: the enterprise application of Work 365, its grants, its version.

pub(super) mod grants;
pub(super) mod lost_mfa;
pub(super) mod profile_evidence;
pub(super) mod profile_hint;
pub(super) mod resources;
pub(super) mod version;
