//! What the audit log of the directory says was done to the account's credential.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::identity::audits::{activity, is_account, time_of};
use crate::facts::reading::{Reading, read};

/// When an activity whose name in lower case passes was last done to the account. An entry that names nobody counts.
pub(crate) fn newest_of_account(
    context: &Context<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Reading<Option<Timestamp>> {
    let audits = &read(&context.evidence().directory_audits)?.value;
    let newest = audits
        .iter()
        .filter(|audit| is_wanted(&activity(audit)) && audit.took_effect())
        .filter(|audit| {
            let targets = audit.target_resources.items();
            targets.is_empty() || targets.iter().any(|target| is_account(context, target))
        })
        .filter_map(time_of)
        .max();
    Ok(newest)
}

/// When the password was last set to another one, by whomever.
pub(crate) fn password_set_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    newest_of_account(context, |name| {
        [
            "reset user password",
            "reset password",
            "change user password",
            "change password",
        ]
        .iter()
        .any(|beginning| name.starts_with(beginning))
    })
}
