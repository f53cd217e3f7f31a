//! Answers of the other commands, for people.

pub(crate) mod ask;
pub(crate) mod case_facts;
pub(crate) mod case_file;
pub(crate) mod decoded;
pub(crate) mod diff;
#[cfg(feature = "cli")]
pub(crate) mod docs;
pub(crate) mod fleet;
pub(crate) mod framed;
pub(crate) mod plan;
pub(crate) mod redaction;
#[cfg(feature = "cli")]
pub(crate) mod reply;
pub(crate) mod rule_list;
pub(crate) mod rule_page;
#[cfg(feature = "cli")]
pub(crate) mod schedule;
pub(crate) mod symptom;
pub(crate) mod token;
pub(crate) mod what_if;
