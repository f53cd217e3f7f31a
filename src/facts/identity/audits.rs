//! Entries of the directory's audit log about the account.

use jiff::Timestamp;

use crate::snapshot::graph::{AuditTarget, DirectoryAudit};

use crate::facts::context::Context;
use crate::facts::identity::subject::object_id;
use crate::facts::reading::{Reading, read};
use crate::facts::value::parse_time;

/// Successful entries of the audit log whose target is the account.
pub(crate) fn audits_of_account<'a>(context: &Context<'a>) -> Reading<Vec<&'a DirectoryAudit>> {
    let log = &read(&context.evidence().directory_audits)?.value;
    let of_account = |audit: &&DirectoryAudit| {
        audit.took_effect()
            && audit
                .target_resources
                .items()
                .iter()
                .any(|target| is_account(context, target))
    };
    Ok(log.iter().filter(of_account).collect())
}

/// Whether the target of an audit entry is the account, by object id, else by name.
pub(crate) fn is_account(context: &Context<'_>, target: &AuditTarget) -> bool {
    match (target.id.text(), object_id(context).ok()) {
        (Some(id), Some(object_id)) => id.eq_ignore_ascii_case(object_id),
        _ => target
            .user_principal_name
            .text()
            .is_some_and(|name| name.eq_ignore_ascii_case(&context.snapshot.subject.account)),
    }
}

/// When it was done.
pub(crate) fn time_of(audit: &DirectoryAudit) -> Option<Timestamp> {
    audit.activity_date_time.text().and_then(parse_time)
}

/// What was done, in lower case.
pub(crate) fn activity(audit: &DirectoryAudit) -> String {
    audit
        .activity_display_name
        .text()
        .unwrap_or_default()
        .to_ascii_lowercase()
}
