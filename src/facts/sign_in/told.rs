//! Refused sign-ins that jobs and plug-ins of Work 365 tell of.

use crate::decode::Lockout;
use crate::facts::context::Context;
use crate::facts::jobs::lists::LastSuccess;
use crate::facts::jobs::message::Message;
use crate::facts::jobs::messages::messages;
use crate::facts::sign_in::entry::{Attempt, Source, says_nothing};
use crate::facts::sign_in::stranger::stranger_of;

/// Every refused sign-in of this account that a result or a trace tells of, with the time that the text gives, else the one at
/// which the job was over. One without a time decides nothing: it could be older than any success. Nor does one that a job
/// succeeded after: that job signed in.
pub(crate) fn told<'a>(context: &Context<'a>) -> Vec<Attempt<'a>> {
    let messages = messages(context);
    if messages.is_empty() {
        return Vec::new();
    }
    let succeeded = LastSuccess::of(context);
    messages
        .iter()
        .filter_map(|message| attempt(context, message, succeeded))
        .collect()
}

fn attempt<'a>(context: &Context<'a>, message: &Message, succeeded: LastSuccess) -> Option<Attempt<'a>> {
    let code = message.sign_in_code().filter(|code| !says_nothing(*code))?;
    let error = message.primary()?;
    let is_own = message.provider.is_none() && stranger_of(context, error).is_none();
    let is_history = succeeded.beside(message.source) > Some(message.at?);
    Some(Attempt {
        code,
        at: message.happened,
        entry: None,
        told_lockout: Lockout::of_error(error),
        source: message.source,
    })
    .filter(|_| is_own && !is_history && message.source != Source::Argument)
}
