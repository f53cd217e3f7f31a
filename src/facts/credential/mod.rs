//! Facts of the area credential: the password, when it expires, stored tokens, risk.

pub(super) mod audited;
pub(super) mod expiry;
pub(super) mod password;
pub(super) mod proof;
pub(super) mod risk;
pub(super) mod tokens;
