//! The identity that Work 365 displays, as somebody read it there.

use crate::facts::context::Context;
use crate::facts::reading::{found, read};

/// What somebody said that Work 365 displays; the account as it was named, where that is another name of it. It may have been named
/// by an alias or a former UPN, and pages show its display name or its object id.
pub(crate) fn displayed<'a>(context: &Context<'a>) -> Option<&'a str> {
    let displayed = context.expectations.configured_identity.as_deref()?.trim();
    let account = context.snapshot.subject.account.as_str();
    let is_the_account = names(context).any(|name| name.trim().eq_ignore_ascii_case(displayed));
    Some(if is_the_account { account } else { displayed })
}

/// The names of the account that were read: of the directory, and of the row of the application that it is.
fn names<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a str> {
    let account = context.snapshot.subject.account.as_str();
    let user = found(&context.evidence().user).ok().flatten();
    let user = user.and_then(|single| single.0.as_ref()).into_iter();
    let rows = read(&context.evidence().application_users).map_or(&[][..], |list| list.value.as_slice());
    let is_own = move |application: &String| application.trim().eq_ignore_ascii_case(account);
    let own = rows
        .iter()
        .filter(move |row| row.applicationid.known().is_some_and(is_own));
    user.flat_map(|user| {
        [
            &user.user_principal_name,
            &user.mail,
            &user.display_name,
            &user.id,
        ]
    })
    .chain(own.flat_map(|row| [&row.fullname, &row.azureactivedirectoryobjectid]))
    .filter_map(|name| name.known())
    .map(String::as_str)
}
