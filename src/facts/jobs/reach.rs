//! One person or everybody: whether an action was refused to somebody else while the jobs of Work 365 succeed.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::jobs::messages::messages;
use crate::facts::jobs::right::refuses_a_right;
use crate::facts::sign_in::stranger::stranger_of;

/// The person to whom the newest such refusal happened, when jobs succeed all the while.
pub(crate) fn refused_person(
    context: &Context<'_>,
    is_failing: bool,
    last_success: Option<Timestamp>,
) -> Option<String> {
    last_success.filter(|_| !is_failing)?;
    let seen = context.error.into_iter().flat_map(|decoded| &decoded.errors);
    let told = messages(context)
        .iter()
        .flat_map(|message| &message.decoded.errors);
    seen.chain(told)
        .filter(|error| refuses_a_right(error))
        .find_map(|error| stranger_of(context, error))
}
