//! Inputs that are more than one text: logs, browser captures, batches.

pub mod batch;
pub(crate) mod export;
pub mod har;
pub mod input;
pub mod log;
pub mod merge;
pub(crate) mod reader;
