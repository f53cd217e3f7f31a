//! Facts of the area roles: the security roles in force for the row, and what they give.

pub(super) mod business_unit;
pub(super) mod documented;
pub(super) mod elevation;
pub(super) mod held;
pub(super) mod held_by_row;
pub(super) mod history;
pub(super) mod in_force;
pub(super) mod key_privileges;
pub(super) mod privileges;
pub(super) mod standing;

#[cfg(test)]
mod tests;
