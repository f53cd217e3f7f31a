//! What a code means.

pub(super) mod another;
pub(crate) mod applications;
pub mod catalogue;
pub(super) mod describe;
pub(super) mod embedded;
pub(super) mod inferences;
pub(super) mod lockout;
mod neighbours;
pub mod options;
pub mod page;
pub(super) mod situations;
pub mod tables;
pub(crate) mod unrecognised;
