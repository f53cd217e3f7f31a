//! The application that is judged under application-user: the account itself where it is an application's id, and what
//! Work 365 uses in its place where a person's account was named.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::identity::displayed::displayed;
use crate::facts::reading::{Reading, Unknown, complete, read};
use crate::facts::sign_in::entry::{is_application_sign_in, is_work_365, time_of};
use crate::snapshot::dataverse::SystemUser;
use crate::text::is_guid;
use crate::well_known::WORK_365_APPLICATIONS;

/// Its id; none when the environment has no application user of Work 365.
pub(crate) fn application<'a>(context: &Context<'a>) -> Reading<Option<&'a str>> {
    context
        .once(&context.caches.application, || complete(|| find(context)))
        .clone()
}

/// Whether Work 365 works as that application and not as the account that was named.
pub(crate) fn stands_for_the_account(context: &Context<'_>) -> Reading<bool> {
    if !context.snapshot.subject.is_address() {
        return Ok(false);
    }
    Ok(in_place(context)?.iter().any(|row| is_enabled(row)))
}

fn find<'a>(context: &Context<'a>) -> Reading<Option<&'a str>> {
    let subject = &context.snapshot.subject;
    if !subject.is_address() {
        return Ok(Some(&subject.account));
    }
    if let Some(displayed) = displayed(context).filter(|displayed| is_guid(displayed)) {
        return Ok(Some(displayed));
    }
    let rows = in_place(context)?;
    let ids = |is_wanted: fn(&SystemUser) -> bool| -> Vec<&'static str> {
        let mut ids = WORK_365_APPLICATIONS.to_vec();
        ids.retain(|id| rows.iter().any(|row| is_of(row, id) && is_wanted(row)));
        ids
    };
    let mut candidates = ids(is_enabled);
    if candidates.is_empty() {
        candidates = ids(|_| true);
    }
    match candidates.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        several => used(context, several).map(Some),
    }
}

/// The application users of Work 365.
fn in_place<'a>(context: &Context<'a>) -> Reading<Vec<&'a SystemUser>> {
    let rows = &read(&context.evidence().application_users)?.value;
    let of_work_365 = rows
        .iter()
        .filter(|row| row.applicationid.text().is_some_and(is_work_365));
    Ok(of_work_365.collect())
}

fn is_of(row: &SystemUser, application: &str) -> bool {
    row.applicationid
        .text()
        .is_some_and(|id| id.eq_ignore_ascii_case(application))
}

fn is_enabled(row: &SystemUser) -> bool {
    row.isdisabled.value() == Some(&false)
}

/// Of several the one that signed in last.
fn used(context: &Context<'_>, several: &[&'static str]) -> Reading<&'static str> {
    let entries = &read(&context.evidence().sign_ins)?.value;
    let last = |application: &str| -> Option<Timestamp> {
        let own = entries.iter().filter(|entry| {
            let id = entry.app_id.text().filter(|_| is_application_sign_in(entry));
            id.is_some_and(|id| id.eq_ignore_ascii_case(application))
        });
        own.filter_map(time_of).max()
    };
    let newest = several
        .iter()
        .copied()
        .filter_map(|id| Some((last(id)?, id)))
        .max();
    newest.map(|(_, id)| id).ok_or_else(|| {
        Unknown::silent(
            "graph.sign_ins",
            "the environment has two application users of Work 365, and the log does not tell which one is used",
        )
    })
}
