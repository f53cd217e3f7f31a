//! Rules are data: parsing, checking and judging them (`DESIGN.md` section 4).
//!
//! A rule file is read into a tree that knows its places (`document`), turned into typed rules (`parse`) whose
//! conditions are checked against the table of facts (`typing`) and compiled (`condition`), and gathered into a
//! [`RuleBook`]. Everything that is wrong is said at once ([`Complaints`]). Judging is three-valued: evidence that
//! could not be read never becomes pass or fail.

mod book;
mod complaint;
mod condition;
mod document;
mod evidence;
mod files;
mod form;
mod functions;
mod graph;
pub mod own_tests;
mod parse;
mod problem;
mod rule;
pub mod schema;
mod skeleton;
mod template;
mod types;
mod typing;

pub use book::{Pack, RuleBook};
pub use complaint::{Complaint, Complaints};
pub use condition::Condition;
pub use graph::mermaid;
pub use parse::{Owners, is_rule_id};
pub use rule::{Guidance, Meaning, Pending, Place, RemedyTemplate, Rule, Severity, Status, Verdict};
pub use skeleton::skeleton;
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
