//! When roles changed, and elevations that ended: what the directory's audit log says about the account.

use jiff::Timestamp;

use crate::snapshot::graph::{AuditTarget, DirectoryAudit, DirectoryObject};

use crate::facts::context::Context;
use crate::facts::identity::audits::{activity, audits_of_account, time_of};
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, found, read, whole};
use crate::facts::roles::held_by_row::teams_not_refreshed;
use crate::facts::value::parse_time;
use crate::well_known::{DYNAMICS_365_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR};

/// The directory roles that administer environments, by template id, with the name that the audit log writes.
/// Source: <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
const ADMINISTRATORS: [(&str, &str); 3] = [
    (GLOBAL_ADMINISTRATOR, "Global Administrator"),
    (POWER_PLATFORM_ADMINISTRATOR, "Power Platform Administrator"),
    (DYNAMICS_365_ADMINISTRATOR, "Dynamics 365 Administrator"),
];

/// The newest of the row's `modifiedon` and the audit entries about the account's roles and groups; assignments of
/// security roles carry no time of their own. An unreadable audit log leaves `modifiedon`.
pub(crate) fn roles_changed_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let modified = existing_row(context)?.modifiedon.text().and_then(parse_time);
    let audited = audits_of_account(context)
        .unwrap_or_default()
        .into_iter()
        .filter(|audit| is_about_roles(audit))
        .filter_map(time_of)
        .max();
    Ok(modified.max(audited))
}

/// When the account was last added to an Entra group of a team that is not refreshed.
pub(crate) fn group_changed_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let teams = teams_not_refreshed(context)?;
    let awaited = |id: &str| {
        teams.iter().any(|team| {
            team.group_id
                .as_deref()
                .is_some_and(|group| group.eq_ignore_ascii_case(id))
        })
    };
    let additions = audits_of_account(context)?
        .into_iter()
        .filter(|audit| activity(audit).starts_with("add member to group"));
    let newest = additions
        .filter(|audit| {
            // The entry may leave the group out; then it counts for any.
            let mut groups = targets_of_kind(audit, "Group").peekable();
            groups.peek().is_none() || groups.any(|group| group.id.text().is_some_and(awaited))
        })
        .filter_map(time_of)
        .max();
    if newest.is_none() {
        whole(&context.evidence().directory_audits)?;
    }
    Ok(newest)
}

/// Administrator roles whose activation ended or was taken away, or that the account can only activate.
///
/// Dataverse takes System Administrator back when the activation behind a self-elevation ends (<https://learn.microsoft.com/power-platform/admin/create-users>).
pub(crate) fn ended_elevations(context: &Context<'_>) -> Reading<Vec<String>> {
    let from_audits = audits_of_account(context).and_then(|audits| {
        let activated = audits
            .iter()
            .filter(|audit| starts_elevation(audit))
            .filter_map(|audit| time_of(audit))
            .max();
        // An activation after the end makes the end history.
        let ended = audits.into_iter().filter(|audit| {
            let outlived = time_of(audit).is_some_and(|end| activated.is_some_and(|start| start > end));
            ends_elevation(audit) && !outlived
        });
        let ended: Vec<String> = ended
            .filter_map(administrator_role)
            .map(|role| format!("{role} (ended)"))
            .collect();
        if ended.is_empty() {
            whole(&context.evidence().directory_audits)?;
        }
        Ok(ended)
    });
    let from_eligibility = only_eligible(context);
    match (from_audits, from_eligibility) {
        (Ok(ended), Ok(eligible)) => Ok(without_repeats(ended, eligible)),
        (Ok(known), Err(_)) | (Err(_), Ok(known)) if !known.is_empty() => {
            Ok(without_repeats(known, Vec::new()))
        }
        (Err(one), Err(other)) => Err(one.and(other)),
        (Ok(_), Err(unknown)) | (Err(unknown), Ok(_)) => Err(unknown),
    }
}

fn only_eligible(context: &Context<'_>) -> Reading<Vec<String>> {
    let Some(eligible) = found(&context.evidence().eligible_roles)? else {
        return Ok(Vec::new());
    };
    let candidates: Vec<(&str, &str)> = eligible
        .value
        .iter()
        .filter_map(|role| administrator_of(template_of(role)?))
        .collect();
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let active = &read(&context.evidence().directory_roles)?.value;
    let is_active = |id: &str| {
        active
            .iter()
            .any(|role| template_of(role).is_some_and(|other| other.eq_ignore_ascii_case(id)))
    };
    let inactive = candidates.into_iter().filter(|(id, _)| !is_active(id));
    Ok(inactive
        .map(|(_, name)| format!("{name} (eligible, not active)"))
        .collect())
}

fn is_about_roles(audit: &DirectoryAudit) -> bool {
    let category = audit.category.text().unwrap_or_default();
    let activity = activity(audit);
    ["RoleManagement", "GroupManagement"].contains(&category)
        || activity.contains("member to role")
        || activity.contains("member from role")
        || activity.contains("member to group")
        || activity.contains("member from group")
}

/// "Remove member from role (PIM activation expired)", "… completed (PIM deactivate)", "Remove member from role in PIM …".
fn ends_elevation(audit: &DirectoryAudit) -> bool {
    let activity = activity(audit);
    activity.starts_with("remove member from role") && activity.contains("pim")
}

/// "Add member to role completed (PIM activation)", "Add member to role in PIM …".
fn starts_elevation(audit: &DirectoryAudit) -> bool {
    let activity = activity(audit);
    activity.starts_with("add member to role") && activity.contains("pim")
}

/// The administrator role that the entry is about; an entry that names no role at all is taken at its word.
fn administrator_role(audit: &DirectoryAudit) -> Option<String> {
    let mut roles = targets_of_kind(audit, "Role").peekable();
    if roles.peek().is_none() {
        return Some("an administrator role".to_owned());
    }
    roles.find_map(|role| {
        let by_name = role.display_name.text().and_then(|name| {
            ADMINISTRATORS
                .into_iter()
                .find(|(_, known)| known.eq_ignore_ascii_case(name.trim()))
        });
        let by_id = || administrator_of(role.id.text()?);
        by_name.or_else(by_id).map(|(_, name)| name.to_owned())
    })
}

/// The directory role that administers environments, by its template id: the id, and its name.
pub(crate) fn administrator_of(template_id: &str) -> Option<(&'static str, &'static str)> {
    ADMINISTRATORS
        .into_iter()
        .find(|(id, _)| id.eq_ignore_ascii_case(template_id))
}

fn targets_of_kind<'a>(audit: &'a DirectoryAudit, kind: &'a str) -> impl Iterator<Item = &'a AuditTarget> {
    audit.target_resources.items().iter().filter(move |target| {
        target
            .kind
            .text()
            .is_some_and(|own| own.eq_ignore_ascii_case(kind))
    })
}

fn template_of(role: &DirectoryObject) -> Option<&str> {
    role.role_template_id
        .text()
        .or_else(|| role.role_definition_id.text())
}

fn without_repeats(mut names: Vec<String>, more: Vec<String>) -> Vec<String> {
    names.extend(more);
    names.sort();
    names.dedup();
    names
}
