//! The evidence file: sections, outcomes, and the typed bodies that rules judge.
//!
//! A snapshot is read strictly where we judge and loosely elsewhere: unknown sections and properties are kept and
//! ignored, a property that we judge and that has the wrong type is an error naming its JSON path.

/// One typed body: a struct of optional [`Field`]s with one naming style.
macro_rules! body {
    ($style:literal, $(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Hash, serde::Deserialize)]
        #[serde(default, rename_all = $style)]
        pub struct $name { $($(#[$field_meta])* pub $field: $crate::snapshot::field::Field<$kind>),* }

        // Serde takes from here what an answer lacks: an absent property that knows its name.
        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $crate::snapshot::field::Field::absent($style, stringify!($field))),* }
            }
        }

        body!(@body $name { $($field),* });
    };
    (@body SignIn { $($field:ident),* }) => {
        impl $crate::snapshot::field::Body for SignIn {
            fn says_nothing(&self) -> bool {
                true $(&& self.$field.is_missing())*
            }

            fn settle(&mut self, asked: bool) {
                self.settle_beta(asked);
            }
        }
    };
    (@body $name:ident { $($field:ident),* }) => {
        impl $crate::snapshot::field::Body for $name {
            fn says_nothing(&self) -> bool {
                true $(&& self.$field.is_missing())*
            }
        }
    };
}

pub mod admin;
mod another_object;
pub mod dataverse;
mod error;
mod evidence;
mod field;
mod file;
pub mod graph;
mod json;
mod json_path;
mod keys;
pub mod login;
mod outcome;
mod parse;
mod plain_keys;
pub mod redact;
mod schema;
mod section;
mod section_row;
mod shapes;
pub mod work365_jobs;

pub use error::{MAXIMUM_BYTES, SCHEMA, SnapshotError};
pub use evidence::{Answer, Unread};
pub(crate) use field::noting_absence;
#[cfg(test)]
pub(crate) use field::whole_answers;
pub use field::{Absent, Body, Field};
pub use file::Snapshot;
pub use outcome::{Outcome, Section, Subject};
pub use schema::json_schema;
pub use section::{Evidence, SECTIONS, section_info, sections};
pub use section_row::{About, Family, Part, Request, SectionInfo, Service};
pub use shapes::{Collection, OneOrMany, Single, TRUNCATED};
