//! Typed, documented, named facts computed from a snapshot: Rust computes, rules judge.
//!
//! A fact is one entry of its area's table (`FACTS`): name, type, the sections that it comes from, what it means, and a
//! function of the [`Context`]. [`definitions`] joins the tables. A fact is computed when a condition first reads it, and is
//! either known or unknown with section, reason and the least right that would make it known. It is computed once for every
//! profile under which it comes out the same: a function whose answer depends on the profile asks with [`Context::is`].
//!
//! One folder an area, whose files hold the entries and the free functions `fn(&Context, …) -> Reading<…>` that they are
//! computed by. A reading that two files need stands in the lower one; no two files import each other.

mod access_mode;
mod column_security;
mod compare;
mod consent;
mod context;
mod credential;
mod dataverse_user;
mod definition;
mod environment;
mod expectations;
mod identity;
mod jobs;
mod licensing;
mod operator;
mod reading;
mod reported;
mod roles;
mod settings;
mod sign_in;
mod supposed;
mod table;
#[cfg(test)]
mod testing;
mod value;

pub use compare::Likeness;
pub use context::Context;
pub use definition::{Comparable, FactDefinition};
pub use expectations::{Expectations, ExpectedState, ExpectedTimeZone};
pub use reading::{Cause, Reading, Reason, Unknown, UnknownBecause};
pub use reported::SECTION as ANSWERS;
pub use roles::standing::with_evidence as grant_with_evidence;
pub use settings::expected_state::present_state;
pub use settings::time_zone::{TimeZoneError, expected_time_zone};
pub use sign_in::policy_set::{policies, policies_with};
pub use sign_in::policy_sign_in::conditional_access_subject;
pub use supposed::Supposed;
pub use table::{FactId, Facts, definitions, find, ids};
pub use value::{FactValue, Kind};

pub(crate) use environment::state::is_copied;
pub(crate) use identity::audits::is_account;
pub(crate) use identity::subject::user;
pub(crate) use jobs::message::causes_in;
pub(crate) use jobs::messages::messages;
pub(crate) use jobs::right::refuses_a_right;
pub(crate) use jobs::verdicts::{first_failed as first_failed_job, last_success as last_job_success};
pub(crate) use jobs::workflows::{OWNER as WORKFLOW_OWNER, names_owner_at_fault};
pub(crate) use licensing::license::is_exempt_from_licensing;
pub(crate) use licensing::term::{Term, grace_end, terms};
pub(crate) use reading::read;
pub(crate) use roles::elevation::elevation_to_rest_on;
pub(crate) use roles::history::administrator_of;
pub(crate) use sign_in::deciding::own_attempts;
pub(crate) use sign_in::entry::{
    Attempt, SEEN, Source, code_of_sentence, concerns_work_365, is_application_sign_in, is_non_interactive,
    is_work_365, time_of,
};
pub(crate) use sign_in::judged::judged;
pub(crate) use sign_in::log::{attempts, log_shows_token_refreshes};
pub(crate) use sign_in::log_proof::policy_spares_account;
pub(crate) use sign_in::stranger::stranger_of;
pub(crate) use value::parse_time;
