//! The case file: one ZIP archive with everything that support needs of a case, made from a redacted snapshot alone.
//!
//! | entry | holds |
//! |---|---|
//! | `summary.txt` | the diagnosis as plain text, for tickets that take nothing else |
//! | `report.json` | the report |
//! | `snapshot.json` | the redacted evidence |
//! | `error.json` | the error that was seen, decoded; only where there was one |
//! | `answers.json` | what a person reported; only where somebody did |
//! | `ledger.json` | every request that was made |
//! | `limits.txt` | what none of it can show |
//! | `manifest.json` | the others, with their SHA-256 |

mod build;
mod limits;
mod manifest;
mod names;
mod open;
mod zip_format;
mod zip_reader;
mod zip_writer;

pub(crate) use build::{Case, build};
#[cfg(all(test, feature = "cli"))]
pub(crate) use manifest::Manifest;
#[cfg(all(test, feature = "cli"))]
pub(crate) use open::Ledger;
#[cfg(feature = "cli")]
pub(crate) use open::OpenedCase;
pub(crate) use open::open;

#[cfg(test)]
mod tests;
