//! Sign-in: one token for each service, by the way that the user chose.
//!
//! The token client is ours: status and body of a refused sign-in are evidence, and the crates that could do it drop them.

mod access;
mod admin_consent;
mod assertion;
mod azure_cli;
mod browser;
mod device_code;
mod given;
mod purpose;
mod random;
mod sign_in;
mod token_check;
pub(crate) mod token_claims;
mod token_client;
mod way;

pub(crate) use access::Access;
pub(crate) use admin_consent::admin_consent;
pub(crate) use assertion::client_assertion;
pub use given::GivenTokens;
pub(crate) use sign_in::{DATAVERSE_CLIENT, SignIn};
pub use token_client::SignInFailure;
pub(crate) use token_client::{Grant, request};
pub use way::{Auth, Consent};
