//! Does the environment's security group let the account in? Sources: <https://learn.microsoft.com/power-platform/admin/control-user-access>, <https://learn.microsoft.com/power-platform/admin/create-users>.

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::graph::DirectoryAudit;

use crate::facts::context::Context;
use crate::facts::environment::linked::{environment_kind, linked_environment};
use crate::facts::identity::subject::{object_id, row, user};
use crate::facts::licensing::licences::is_licensed;
use crate::facts::reading::{Reading, Reason, Unknown, all, read};
use crate::facts::value::parse_time;
use crate::text::is_zero_guid;
use crate::well_known::{GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR};

/// How the account belongs to the environment's security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Membership {
    Direct,
    Nested,
    /// A member, but only the transitive list was read.
    DirectOrNested,
    None,
}

impl Membership {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Membership::Direct => "direct",
            Membership::Nested => "nested",
            Membership::DirectOrNested => "direct or nested",
            Membership::None => "none",
        }
    }
}

/// Missing, empty and all zeros mean that no group restricts the environment, unless the membership of one was asked for;
/// default and developer environments cannot have one (<https://learn.microsoft.com/power-platform/admin/control-user-access>).
pub(crate) fn security_group<'a>(context: &Context<'a>) -> Reading<Option<&'a str>> {
    let linked = linked_environment(context)?;
    let cannot_have_one = environment_kind(context).is_ok_and(|kind| matches!(kind, "Default" | "Developer"));
    let group = linked.security_group_id.known().map(|id| id.trim());
    let group = group.filter(|id| !id.is_empty() && !is_zero_guid(id));
    let was_asked_about =
        read(&context.evidence().security_group_membership).is_ok_and(|asked| asked.0.is_some());
    if linked.security_group_id.is_missing() && was_asked_about && !cannot_have_one {
        let why = "the membership of a group was asked for, yet the environment names none";
        return Err(Unknown::silent("admin.environment", why));
    }
    Ok(group.filter(|_| !cannot_have_one))
}

pub(crate) fn group_membership(context: &Context<'_>) -> Reading<Membership> {
    let group = security_group(context)?
        .ok_or_else(|| Unknown::silent("admin.environment", "the environment has no security group"))?;
    let asked = read(&context.evidence().security_group_membership).and_then(|single| {
        single
            .0
            .as_ref()
            .filter(|answer| {
                answer
                    .group_id
                    .text()
                    .is_none_or(|id| id.eq_ignore_ascii_case(group))
            })
            .ok_or_else(|| {
                Unknown::silent(
                    "graph.security_group_membership",
                    "the answer is about another group",
                )
            })
    });
    let (direct, unread) = match asked {
        Ok(answer) => match (answer.direct.value(), answer.transitive.value()) {
            (Some(true), _) => return Ok(Membership::Direct),
            (Some(false), Some(true)) => return Ok(Membership::Nested),
            (None, Some(true)) => return Ok(Membership::DirectOrNested),
            (_, Some(false)) => return Ok(Membership::None),
            (direct, None) => (
                direct,
                Unknown::silent(
                    "graph.security_group_membership",
                    "the answer does not say whether the account is a nested member",
                ),
            ),
        },
        Err(unread) => (None, unread),
    };
    match read(&context.evidence().group_memberships) {
        Ok(groups) => {
            let member = groups
                .value
                .iter()
                .any(|one| one.id.text().is_some_and(|id| id.eq_ignore_ascii_case(group)));
            Ok(match (member, direct) {
                (false, _) => Membership::None,
                (true, Some(false)) => Membership::Nested,
                (true, _) => Membership::DirectOrNested,
            })
        }
        Err(groups) => Err(unread.and(groups)),
    }
}

/// The account is a member through another group only, so that Dataverse adds it on first access, not in the
/// background.
pub(crate) fn is_nested_member_only(context: &Context<'_>) -> Reading<bool> {
    match security_group(context)? {
        Some(_) => Ok(group_membership(context)? == Membership::Nested),
        None => Ok(false),
    }
}

/// When the account was last added to the security group, if the audit log says.
pub(crate) fn joined_security_group_at(context: &Context<'_>) -> Option<Timestamp> {
    let group = security_group(context).ok()??;
    let account = object_id(context).ok()?;
    let audits = &context.evidence().directory_audits.ok()?.value;
    let names = |audit: &DirectoryAudit, wanted: &str| {
        let targets = audit.target_resources.items();
        targets
            .iter()
            .any(|target| target.id.text().is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
    };
    audits
        .iter()
        .filter(|audit| audit.activity_display_name.text() == Some("Add member to group"))
        .filter(|audit| audit.result.text() == Some("success"))
        .filter(|audit| names(audit, group) && names(audit, account))
        .filter_map(|audit| parse_time(audit.activity_date_time.text()?))
        .max()
}

pub(crate) fn is_shut_out_by_group(context: &Context<'_>) -> Reading<bool> {
    if context.is(Profile::ApplicationUser) || security_group(context)?.is_none() {
        return Ok(false);
    }
    all([
        membership_is_sufficient(context).map(|sufficient| !sufficient),
        bypasses_security_group(context).map(|bypasses| !bypasses),
    ])
}

/// Direct membership suffices; a nested one only once a row exists and is enabled, because nested members are not
/// added in the background.
fn membership_is_sufficient(context: &Context<'_>) -> Reading<bool> {
    let membership = group_membership(context)?;
    match membership {
        Membership::Direct => return Ok(true),
        Membership::None => return Ok(false),
        Membership::Nested | Membership::DirectOrNested => {}
    }
    let row = row(context)?;
    let enabled = row.and_then(|row| row.isdisabled.value()) == Some(&false);
    if enabled {
        return Ok(true);
    }
    if membership == Membership::DirectOrNested {
        return Err(Unknown::because(
            "graph.security_group_membership",
            Reason::Absent,
            "only direct membership is sure to count, and it was not read",
        ));
    }
    let disabled_account = user(context)
        .ok()
        .flatten()
        .is_some_and(|user| user.account_enabled.value() == Some(&false));
    if disabled_account || is_licensed(context) == Ok(false) {
        return Err(Unknown::because(
            "dataverse.system_users",
            Reason::Absent,
            "the user may be missing or disabled for another reason than its nested membership",
        ));
    }
    Ok(false)
}

/// Global and Power Platform Administrators need no membership, Dynamics 365 Administrators do. In an environment of a team
/// a Power Platform Administrator needs it too.
///
/// Sources: <https://learn.microsoft.com/power-platform/admin/control-user-access>,
/// <https://github.com/microsoft/coe-starter-kit/issues/9245>.
fn bypasses_security_group(context: &Context<'_>) -> Reading<bool> {
    let roles = read(&context.evidence().directory_roles)?;
    let held = roles.value.iter().map(|role| role.role_template_id.text());
    let (mut unnamed, mut of_platform) = (false, false);
    for template in held {
        match template {
            Some(id) if id.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR) => return Ok(true),
            Some(id) if id.eq_ignore_ascii_case(POWER_PLATFORM_ADMINISTRATOR) => of_platform = true,
            Some(_) => {}
            None => unnamed = true,
        }
    }
    if of_platform && environment_kind(context)? != "Teams" {
        return Ok(true);
    }
    if unnamed {
        return Err(Unknown::because(
            "graph.directory_roles",
            Reason::Denied,
            "the account holds a directory role whose name may not be read",
        ));
    }
    Ok(false)
}
