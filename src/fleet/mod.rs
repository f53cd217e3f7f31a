//! Many accounts at once: who they are, what each came to, what one cause breaks for many, what changed since the last
//! run. Files, threads and tenants are the command line's.

pub mod account;
pub mod changes;
pub mod document;
pub mod evidence;
pub mod folder;
pub mod history;
#[cfg(feature = "cli")]
pub mod list;
pub mod moment;
pub mod overview;
pub mod schedule;
