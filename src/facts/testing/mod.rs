//! Snapshots for the unit tests of facts.

pub(super) mod case;
pub(super) mod row;
pub(super) mod sample;
