//! Facts of the area column-security: the profile that Work 365 installs.

pub(super) mod profiles;
