//! Codes, identifiers and times in a plain text.

pub(super) mod context;
mod dataverse;
mod entra;
pub(super) mod events;
pub(super) mod grant;
pub(super) mod ids;
pub(super) mod line;
mod messages;
pub(super) mod moment;
pub(super) mod named;
mod named_codes;
pub(super) mod numbers;
pub(super) mod primary;
mod record_type;
pub(super) mod records;
pub(super) mod scan;
pub(super) mod shape;
pub(super) mod sighting;
pub(super) mod stamp;
mod statuses;
pub(crate) mod times;
pub(super) mod token;
mod words;
mod wrappers;
