//! Facts about a consent whose token lacks multifactor authentication, or whose proof of it has aged.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Unknown, read};
use crate::facts::sign_in::deciding::{deciding, every_entry_is_told, own_attempts};
use crate::facts::sign_in::entry::{is_non_interactive, is_work_365, time_of};
use crate::facts::sign_in::judged::Question;
use crate::facts::sign_in::log::account_sign_ins;
use crate::facts::sign_in::policies::conditional_access;
use crate::facts::value::Kind;
use crate::snapshot::graph::SignIn;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "consent.given_at",
        Kind::Time,
        &["graph.sign_ins"],
        "When somebody last signed in to Work 365 as the account in a browser, which is how the consent is given; null when the log shows none.",
        |context| Ok(newest_consent(context)?.and_then(time_of).into()),
    )
    .nullable(),
    fact(
        "consent.lacks_mfa",
        Kind::Bool,
        SECTIONS,
        "The newest token refresh was refused for multifactor authentication (AADSTS50074, 50076, 50079), and the newest consent was given without it.",
        |context| lacks_mfa(context).map(Into::into),
    ),
    fact(
        "token.remembered_mfa_expired",
        Kind::Bool,
        &["graph.sign_ins", "graph.conditional_access_policies"],
        "The proof of multifactor authentication in the stored token has aged (AADSTS50078, or a demand for it that comes back in a rhythm), and no policy sets a sign-in frequency.",
        |context| remembered_mfa_is_expired(context).map(Into::into),
    ),
];

const SECTIONS: &[&str] = &["graph.sign_ins"];

/// A refresh that was asked for multifactor authentication.
const DEMANDED: [i64; 3] = [50074, 50076, 50079];

/// The proof of multifactor authentication is too old.
const AGED: i64 = 50078;

/// So often must a demand come back before it is a rhythm.
const COMES_BACK: usize = 3;

/// The newest interactive sign-in of Work 365's application that succeeded.
fn newest_consent<'a>(context: &Context<'a>) -> Reading<Option<&'a SignIn>> {
    let entries = account_sign_ins(context)?;
    Ok(entries.iter().copied().find(|entry| {
        let succeeded = entry.status.value().and_then(|status| status.error_code.value()) == Some(&0);
        succeeded && entry.app_id.text().is_some_and(is_work_365) && !is_non_interactive(entry)
    }))
}

fn lacks_mfa(context: &Context<'_>) -> Reading<bool> {
    let Some(code) = known(context)? else {
        return Ok(false);
    };
    if !DEMANDED.contains(&code) {
        return Ok(false);
    }
    if comes_back_in_a_rhythm(context)? {
        return Ok(false);
    }
    read(&context.evidence().sign_ins)?;
    let consent = newest_consent(context)?.ok_or_else(|| {
        Unknown::silent(
            "graph.sign_ins",
            "the log does not reach back to the consent, so it does not show whether it was given with multifactor authentication",
        )
    })?;
    match consent.authentication_requirement.text() {
        Some(word) => Ok(word.eq_ignore_ascii_case("singleFactorAuthentication")),
        None => Err(Unknown::silent(
            "graph.sign_ins",
            "the sign-in of the consent does not say which authentication was demanded",
        )),
    }
}

fn remembered_mfa_is_expired(context: &Context<'_>) -> Reading<bool> {
    let Some(code) = known(context)? else {
        return Ok(false);
    };
    let has_aged = code == AGED || (DEMANDED.contains(&code) && comes_back_in_a_rhythm(context)?);
    if !has_aged {
        return Ok(false);
    }
    Ok(!conditional_access(context, Question::Frequency)?)
}

/// The code of the attempt that decides. Nothing is known without an attempt.
fn known(context: &Context<'_>) -> Reading<Option<i64>> {
    let own = deciding(context)?
        .ok_or_else(|| Unknown::silent("graph.sign_ins", "the log shows no sign-in of Work 365"))?;
    Ok(Some(own.code))
}

/// Whether the demand came at least three times at intervals within a tenth of each other, each ended by a new sign-in.
fn comes_back_in_a_rhythm(context: &Context<'_>) -> Reading<bool> {
    // An error that somebody saw is one attempt: only the log shows a rhythm, or that there is none.
    every_entry_is_told(context)?;
    let mut beginnings: Vec<Timestamp> = Vec::new();
    let mut is_refused = false;
    for own in own_attempts(context)?.iter().rev() {
        let demands = DEMANDED.contains(&own.code);
        if demands && !is_refused {
            beginnings.extend(own.at);
        }
        let by_person = own.entry.is_some_and(|entry| !is_non_interactive(entry));
        // Only a new sign-in ends the demand; a refresh that slips through does not.
        is_refused = demands || (is_refused && !(own.code == 0 && by_person));
    }
    let intervals: Vec<f64> = beginnings
        .windows(2)
        .map(|pair| pair[1].duration_since(pair[0]).as_secs_f64())
        .collect();
    let (Some(shortest), Some(longest)) = (
        intervals.iter().copied().reduce(f64::min),
        intervals.iter().copied().reduce(f64::max),
    ) else {
        return Ok(false);
    };
    Ok(beginnings.len() >= COMES_BACK && longest - shortest <= longest / 10.0)
}
