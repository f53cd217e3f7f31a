//! Bytes to plain text.

pub mod encoding;
pub(super) mod pattern;
pub(super) mod unbreak;
pub mod unwrap;
