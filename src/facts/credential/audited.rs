//! What the audit log of the directory says was done to the account's credential.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::identity::subject::object_id;
use crate::facts::reading::{Reading, read};
use crate::facts::value::parse_time;

/// When an activity whose name in lower case passes was last done to the account.
pub(crate) fn newest_of_account(
    context: &Context<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Reading<Option<Timestamp>> {
    let audits = &read(&context.evidence().directory_audits)?.value;
    let account = object_id(context);
    let newest = audits
        .iter()
        .filter(|entry| {
            let name = entry
                .activity_display_name
                .text()
                .unwrap_or_default()
                .to_lowercase();
            let succeeded = entry
                .result
                .text()
                .is_none_or(|result| result.eq_ignore_ascii_case("success"));
            is_wanted(&name) && succeeded
        })
        .filter(|entry| {
            let targets = entry.target_resources.items();
            targets.is_empty()
                || targets.iter().any(|target| match (&account, target.id.text()) {
                    (Ok(account), Some(id)) => id.eq_ignore_ascii_case(account),
                    _ => target
                        .user_principal_name
                        .text()
                        .is_some_and(|name| name.eq_ignore_ascii_case(&context.snapshot.subject.account)),
                })
        })
        .filter_map(|entry| entry.activity_date_time.text().and_then(parse_time))
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
