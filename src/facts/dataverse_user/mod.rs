//! Facts of the area dataverse-user: the row of the identity in Dynamics 365.

pub(super) mod row;
