//! The account's sign-ins, newest first, and what a result code says: the reading that credential, sign-in and consent
//! facts start from.

use crate::profile::Profile;
use crate::snapshot::Unread;
use crate::snapshot::graph::SignIn;

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_user;
use crate::facts::reading::{Reading, Reason, Unknown, complete, read, whole};
use crate::facts::sign_in::argument::{argument, reported};
use crate::facts::sign_in::entry::{
    Attempt, Source, attempt, concerns_work_365, is_application_sign_in, is_by_person, is_non_interactive,
    is_work_365, lockout_of_service, may_be_application_sign_in, probe_code, time_of,
};
use crate::facts::value::parse_time;
use crate::text::is_zero_guid;

/// The account's own sign-ins, newest first, without those of applications.
pub(crate) fn account_sign_ins<'c, 'a>(context: &'c Context<'a>) -> Reading<&'c [&'a SignIn]> {
    context
        .once(&context.caches.sign_ins, || {
            complete(|| {
                let log = &read(&context.evidence().sign_ins)?.value;
                let mut entries: Vec<_> = log
                    .iter()
                    .filter(|entry| !is_application_sign_in(entry) && is_of_account(context, entry))
                    .collect();
                entries.sort_by_cached_key(|entry| std::cmp::Reverse(time_of(entry)));
                Ok(entries)
            })
        })
        .as_deref()
        .map_err(Clone::clone)
}

/// The sign-ins of the Work 365 service principal, newest first.
pub(crate) fn application_sign_ins<'a>(context: &Context<'a>) -> Reading<Vec<&'a SignIn>> {
    let log = &read(&context.evidence().sign_ins)?.value;
    let account = context.snapshot.subject.account.as_str();
    let mut entries: Vec<_> = log
        .iter()
        .filter(|entry| {
            may_be_application_sign_in(entry)
                && entry
                    .app_id
                    .text()
                    .is_none_or(|id| is_work_365(id) || id.eq_ignore_ascii_case(account))
        })
        .collect();
    entries.sort_by_cached_key(|entry| std::cmp::Reverse(time_of(entry)));
    Ok(entries)
}

/// The sign-ins of whom Work 365 signs in as, newest first: the account, or the application by itself.
pub(crate) fn sign_ins_of_profile<'a>(context: &Context<'a>) -> Reading<Vec<&'a SignIn>> {
    match context.is(Profile::ApplicationUser) {
        true => application_sign_ins(context),
        false => account_sign_ins(context).map(<[_]>::to_vec),
    }
}

fn is_of_account(context: &Context<'_>, entry: &SignIn) -> bool {
    let user = existing_user(context).ok();
    let id = entry.user_id.text().filter(|id| !is_zero_guid(id));
    if let (Some(own), Some(id)) = (user.and_then(|user| user.id.text()), id) {
        return own.eq_ignore_ascii_case(id);
    }
    let Some(name) = entry.user_principal_name.text() else {
        return true;
    };
    let own_name = user.and_then(|user| user.user_principal_name.text());
    name.eq_ignore_ascii_case(&context.snapshot.subject.account)
        || own_name.is_some_and(|own| own.eq_ignore_ascii_case(name))
        || id.is_some_and(|id| id.eq_ignore_ascii_case(&context.snapshot.subject.account))
}

/// The probe's result, if a probe was made and its result is readable.
pub(crate) fn probe_attempt<'a>(context: &Context<'a>) -> Option<Attempt<'a>> {
    let probe = context.evidence().probe.ok()?;
    let code = probe_code(probe)?;
    let read_at = context.evidence().probe.read_at.as_deref();
    let at = probe.timestamp.text().and_then(parse_time);
    Some(Attempt {
        code,
        at: at
            .or_else(|| read_at.and_then(parse_time))
            .or(Some(context.snapshot.captured_at)),
        entry: None,
        told_lockout: probe.error_description.text().map(lockout_of_service),
        source: Source::Probe,
    })
}

/// Every attempt of the account that speaks of it, newest first: the error that was seen, the probe and the log. The probe
/// was made when the evidence was collected, so nothing in the log is newer.
///
/// Under the profile application-user the account is the service principal.
pub(crate) fn attempts<'a>(context: &Context<'a>) -> Reading<Vec<Attempt<'a>>> {
    let entries = sign_ins_of_profile(context);
    let probe = probe_attempt(context).filter(|_| !context.is(Profile::ApplicationUser));
    let argument = argument(context);
    let asked = &context.evidence().probe;
    let is_lost = matches!(asked.body(), Err(Unread::Denied { .. } | Unread::Failed { .. }));
    if is_lost && argument.is_none() && !context.is(Profile::ApplicationUser) {
        // It was made, so it is the newest attempt; an older one does not stand in for it.
        read(asked)?;
    }
    let mut all: Vec<Attempt<'a>> = match entries {
        Ok(entries) => probe
            .into_iter()
            .chain(entries.into_iter().filter_map(attempt))
            .collect(),
        Err(_) if probe.is_some() || argument.is_some() => probe.into_iter().collect(),
        Err(unknown) => vec![reported(context).ok_or(unknown)?],
    };
    if let Some(seen) = argument {
        let position = all
            .iter()
            .position(|other| other.at <= seen.at)
            .unwrap_or(all.len());
        all.insert(position, seen);
    }
    Ok(all)
}

/// What was found in the log; that nothing was found is an answer only when the log was read to its end.
pub(crate) fn unless_log_is_cut<T>(context: &Context<'_>, found: Option<T>) -> Reading<Option<T>> {
    if found.is_none() && context.evidence().sign_ins.ok().is_some() {
        whole(&context.evidence().sign_ins)?;
    }
    Ok(found)
}

/// Whether the log was asked for token refreshes too; without them it says nothing about tokens.
pub(crate) fn log_shows_token_refreshes(context: &Context<'_>) -> Reading<bool> {
    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Asked {
        asked: Vec<String>,
    }
    let entries = &read(&context.evidence().sign_ins)?.value;
    if entries.iter().any(is_non_interactive) {
        return Ok(true);
    }
    let body = context
        .snapshot
        .section("graph.sign_ins")
        .and_then(|section| section.body.as_ref());
    let asked: Asked = body
        .and_then(|body| serde_json::from_str(body.get()).ok())
        .unwrap_or_default();
    Ok(asked.asked.iter().any(|kind| kind == "nonInteractiveUser"))
}

/// The cause to report when the log was read without token refreshes.
pub(crate) fn refreshes_not_asked() -> Unknown {
    Unknown::because(
        "graph.sign_ins",
        Reason::Skipped,
        "the log was read without non-interactive sign-ins, where token refreshes are recorded",
    )
}

/// The newest entry of the log that concerns Work 365. Where Work 365 signs in with a stored password, what a person
/// met in a browser is another matter, and counts only when there is nothing better.
pub(crate) fn newest_sign_in<'a>(context: &Context<'a>) -> Option<&'a SignIn> {
    let entries = account_sign_ins(context).ok()?;
    let ours = || entries.iter().copied().filter(|entry| concerns_work_365(entry));
    let by_machine = ours().find(|entry| !is_by_person(entry));
    match context.is(Profile::LegacyPassword) {
        true => by_machine.or_else(|| ours().next()),
        false => ours().next(),
    }
}
