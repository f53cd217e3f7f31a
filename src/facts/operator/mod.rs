//! Facts of the area operator: what the person who runs the check may do and see.

pub(super) mod refused;
pub(super) mod rights;
pub(super) mod row_security;
