//! The wire: one HTTP client for every service, and what an answer is.

pub(crate) mod answer;
pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod certificates;
pub(crate) mod claims;
pub(crate) mod cloud;
pub(crate) mod encoding;
pub(crate) mod guard;
pub(crate) mod http;
pub mod key_set;
pub(crate) mod ledger;
pub(crate) mod limits;
pub(crate) mod lock;
pub(crate) mod multipart;
pub(crate) mod observer;
pub(crate) mod origin;
pub(crate) mod pages;
pub(crate) mod rate_limit;
pub(crate) mod recorder;
pub(crate) mod request_id;
pub(crate) mod retry;
pub(crate) mod scrub_secrets;
pub(crate) mod transport_error;
