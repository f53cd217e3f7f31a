//! Evidence from the services as they are: sign-in, reads, and a ledger of both. Reads only, see the guard.
//!
//! A [`Session`] signs in once and collects every section of the catalogue in as few dependent rounds as the
//! data allows. A section that is refused, missing, slow or broken becomes that section's outcome and nothing else.

mod auth;
mod interrupt;
mod order;
mod recording;
mod requests;
mod run;
mod script;
mod session;
pub(crate) mod signals;
mod wire;

pub use auth::{Auth, Consent, GivenTokens, SignInFailure};
pub use interrupt::on_interrupt;
pub use order::{CollectError, Order};
pub use recording::SNAPSHOT as RECORDED_SNAPSHOT;
pub use requests::permissions::{needs_administrator, permissions};
pub use requests::placeholders::placeholders;
pub use requests::table::{About, PRIVILEGES, READS, Read, meaning, with_leads};
pub use script::{Language, ScriptOrder, script};
pub use session::{Session, interruptible};
pub use wire::call::{Method, Service};
pub use wire::cloud::Cloud;
pub use wire::key_set;
pub use wire::ledger::LedgerEntry;
pub use wire::limits::Limits;
pub use wire::observer::{DeviceCode, Observer};
pub use wire::origin::{Origin, Origins};
pub use wire::rate_limit::Paces;
