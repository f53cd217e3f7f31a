//! Arguments that several commands share.

pub(crate) mod account;
pub(crate) mod case;
pub(crate) mod country;
pub(crate) mod expected;
pub(crate) mod live;
pub(crate) mod output;
pub(crate) mod select;
pub(crate) mod severity;
