//! One run against a tenant, from what can be said before the first request to the last section.

mod announcement;
mod operator;
pub(crate) mod preflight;
mod probe;
mod rounds;
mod sequence;

pub(crate) use sequence::Run;
