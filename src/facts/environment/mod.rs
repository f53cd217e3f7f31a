//! Facts of the area environment: is it the right one, does it run, and does it let this identity in.

pub(super) mod app_access;
pub(super) mod firewall;
pub(super) mod limits;
pub(super) mod linked;
pub(super) mod security_group;
pub(super) mod state;
