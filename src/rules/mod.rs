//! Rules are data: parsing, checking and judging them.
//!
//! A rule file is read into a tree that knows its places (`document`), turned into typed rules (`parse`) whose
//! conditions are checked against the table of facts (`typing`) and compiled (`condition`), and gathered into a
//! [`RuleBook`]. Everything that is wrong is said at once ([`Complaints`]). Judging is three-valued: evidence that
//! could not be read never becomes pass or fail.

mod book;
mod condition;
mod expect;
mod file;
mod guard;
pub mod knowledge;
mod problem;
mod prose;
mod rule;
pub mod rule_test;
mod severity;
mod template;
pub mod trial;
pub(crate) mod upcoming;

pub use book::{Pack, RuleBook, mermaid};
pub use condition::Condition;
pub(crate) use condition::Evaluation;
pub use file::diagnostic::{Complaint, Complaints};
pub use file::parse::{Owners, is_rule_id};
pub use file::schema;
pub use file::skeleton::skeleton;
pub use rule::{Guidance, Meaning, Pending, Place, RemedyTemplate, Rule, Status, Verdict};
pub use severity::Severity;
pub use template::Template;

/// The areas of rules: what `--select` takes, and what a report groups by.
pub const AREAS: [&str; 12] = [
    "identity",
    "credential",
    "sign-in",
    "consent",
    "environment",
    "licensing",
    "dataverse-user",
    "roles",
    "access-mode",
    "column-security",
    "settings",
    "operator",
];
