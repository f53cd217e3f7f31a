//! The error that somebody saw or reported, as a sign-in attempt.

use crate::decode::{Family, Lockout, time_before};
use crate::facts::context::Context;
use crate::facts::reported::CODE;
use crate::facts::sign_in::entry::{Attempt, Source, code_of_sentence, says_nothing};
use crate::facts::sign_in::stranger::stranger_of;
use crate::facts::value::parse_time;

/// The error that was seen, when it is a refused sign-in of this account by Work 365.
pub(crate) fn argument<'a>(context: &Context<'a>) -> Option<Attempt<'a>> {
    let error = context.error?.primary_error()?;
    if stranger_of(context, error).is_some() {
        return None;
    }
    let code: i64 = match error.family {
        Family::Aadsts => error.code.strip_prefix("AADSTS")?.parse().ok()?,
        Family::Message => code_of_sentence(&error.code)?,
        _ => return None,
    };
    if says_nothing(code) {
        return None;
    }
    let written = error
        .last_seen
        .as_deref()
        .or(error.ids.get("timestamp").map(String::as_str));
    // A syslog line has no year.
    let told_at = |written| parse_time(written).or_else(|| time_before(written, context.now));
    Some(Attempt {
        code,
        at: Some(written.and_then(told_at).unwrap_or(context.now)),
        entry: None,
        told_lockout: Lockout::of_error(error),
        source: Source::Argument,
    })
}

/// The refusal or success that a person reported; it stands where nothing was read, and for nothing that was.
pub(crate) fn reported<'a>(context: &Context<'a>) -> Option<Attempt<'a>> {
    let code = context.reported.value(CODE)?.as_i64()?;
    let at = context.reported.at(CODE).and_then(parse_time);
    (!says_nothing(code)).then_some(Attempt {
        code,
        at: at.or(Some(context.now)),
        entry: None,
        told_lockout: None,
        source: Source::Answer,
    })
}
