//! From verdicts to one diagnosis: masking, root causes, the headline, the next step.
//!
//! Rules answer alone; here they are looked at together. Everything that a renderer shows is settled in the
//! [`report::Report`] before a renderer runs.

mod accept;
mod acceptance;
mod access;
mod answers;
mod assemble;
mod cause_first;
mod comparison;
mod consequence;
mod diagnose;
pub mod diff;
mod doctor;
mod finding;
mod fixes;
mod join;
mod judged;
mod mask;
mod next_looks;
mod page;
mod place;
mod profiles;
mod refusal;
mod rehearsal;
pub mod report;
mod reported;
mod seen;
mod sentences;
mod stable_id;
mod unreadable;
mod upcoming;
mod words;

pub use acceptance::{Acceptance, AcceptanceError};
pub use doctor::{Diagnosed, Doctor, Question, Selection, SelectionError};
pub use page::RulePage;
pub(crate) use refusal::Refusal;
pub use rehearsal::{Assumed, AssumedError};
pub use words::{ChecklistItem, ProfileWords, Words};
