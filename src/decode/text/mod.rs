//! Bytes to plain text.

pub mod encoding;
pub(crate) mod pattern;
pub(super) mod unbreak;
pub mod unwrap;
