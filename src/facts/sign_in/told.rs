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
        .flat_map(|message| attempts(context, message, succeeded))
        .collect()
}

/// The attempts of the jobs that say the same, each at its own time unless the text gives one.
fn attempts<'a>(context: &Context<'a>, message: &Message, succeeded: LastSuccess) -> Vec<Attempt<'a>> {
    let code = message.sign_in_code().filter(|code| !says_nothing(*code));
    let (Some(code), Some(error)) = (code, message.primary()) else {
        return Vec::new();
    };
    let is_own = message.provider.is_none() && stranger_of(context, error).is_none();
    if !is_own || message.source == Source::Argument {
        return Vec::new();
    }
    let tells_time = message.happened != message.at;
    let times = message.times.iter().copied().flatten();
    times
        .filter(|at| succeeded.beside(message.source) <= Some(*at))
        .take(if tells_time { 1 } else { usize::MAX })
        .map(|at| Attempt {
            code,
            at: if tells_time { message.happened } else { Some(at) },
            entry: None,
            told_lockout: Lockout::of_error(error),
            source: message.source,
        })
        .collect()
}
