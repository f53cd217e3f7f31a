//! Facts of the area licensing: what the account's licences are worth to Dynamics 365.

pub(super) mod assigned;
pub(super) mod assignment;
pub(super) mod in_dataverse;
pub(super) mod licences;
pub(super) mod license;
pub(super) mod table;
pub(super) mod term;
