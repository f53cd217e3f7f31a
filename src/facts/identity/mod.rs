//! Facts of the area who the account is: the directory object, its names and ids, and mix-ups of tenants and accounts.

pub(super) mod account;
pub(super) mod application;
pub(super) mod audits;
pub(super) mod displayed;
pub(super) mod mixup;
pub(super) mod subject;
