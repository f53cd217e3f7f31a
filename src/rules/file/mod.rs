//! Rule files: YAML into typed rules, every complaint with its place, and what helps an author to write one.

pub(crate) mod diagnostic;
pub(crate) mod mapping;
pub(crate) mod parse;
pub(crate) mod place;
pub mod schema;
pub(crate) mod skeleton;
