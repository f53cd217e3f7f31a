//! Facts of the area access-mode: what the row may do beside its roles.

pub(super) mod mode;
