//! What came of signing in to a service.

use super::token_client::{Granted, SignInFailure};
use crate::secret::Secret;

/// What came of signing in to one service.
#[derive(Debug)]
pub(crate) enum Access {
    Granted(Secret),
    /// Not tried, and why.
    Missing(String),
    Refused(SignInFailure),
}

/// Access from what the token endpoint answered.
pub(crate) fn access_of(outcome: Result<Granted, SignInFailure>) -> Access {
    match outcome {
        Ok(granted) => Access::Granted(granted.access_token),
        Err(failure) => Access::Refused(failure),
    }
}
