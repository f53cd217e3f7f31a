//! The roles of the matched row, and the teams that it has yet to be put into.

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::operator::rights::operator_is_system_administrator;
use crate::facts::operator::row_security::reads_other_units;
use crate::facts::reading::{Reading, Reason, Unknown, complete, found, read};
use crate::facts::roles::held::{HeldRoles, USER_ROLES, USER_TEAMS, same};

/// The roles of the matched row; unknown when there is no row.
pub(crate) fn held_roles<'c, 'a>(context: &'c Context<'a>) -> Reading<&'c HeldRoles<'a>> {
    context
        .once(&context.caches.held_roles, || {
            complete(|| {
                existing_row(context)?;
                let cut = |privilege, section| reads_other_units(context, privilege, section).err();
                let roles = cut("prvReadRole", USER_ROLES).or_else(|| lacks_no_role(context).err());
                let teams = cut("prvReadTeam", USER_TEAMS).or_else(|| cut("prvReadRole", USER_TEAMS));
                Ok(HeldRoles::of(context.evidence(), roles, teams))
            })
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// Privileges come from roles alone: where the row has some, lists without a role are not whole. A System Administrator is shown
/// every role, so there they are of a role that was just taken away.
fn lacks_no_role(context: &Context<'_>) -> Reading<()> {
    let evidence = context.evidence();
    let has_privileges = evidence
        .user_privileges
        .ok()
        .and_then(|answer| answer.role_privileges.known())
        .is_some_and(|privileges| !privileges.is_empty());
    let lists_a_role = evidence
        .user_roles
        .ok()
        .is_none_or(|roles| !roles.value.is_empty())
        || evidence.user_teams.ok().is_none_or(|teams| {
            let mut roles = teams.value.iter().map(|team| team.roles.known());
            roles.any(|roles| roles.is_none_or(|roles| !roles.is_empty()))
        });
    if lists_a_role || !has_privileges || operator_is_system_administrator(context) == Ok(true) {
        return Ok(());
    }
    Err(Unknown::because(
        USER_ROLES,
        Reason::Failed,
        "no role is listed, but the account has privileges, which come from roles alone",
    ))
}

/// A team that Dataverse has yet to put the row into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnrefreshedTeam {
    /// Its name, else its Entra group's id.
    pub(crate) name: String,
    /// Entra group, if known.
    pub(crate) group_id: Option<String>,
}

/// Entra group teams with the needed role that the row is not a member of yet.
///
/// `RetrieveAadUserRoles` answers from Entra's membership, `teammembership` from what Dataverse has materialised. The
/// directory's own list of groups only contradicts: an account that has left the group has nothing to wait for.
pub(crate) fn teams_not_refreshed(context: &Context<'_>) -> Reading<Vec<UnrefreshedTeam>> {
    let held = held_roles(context)?;
    let Some(group_roles) = found(&context.evidence().aad_user_roles)? else {
        return Ok(Vec::new());
    };
    let teams = &read(&context.evidence().user_teams)?.value;
    let groups = found(&context.evidence().group_memberships).ok();
    let left = |group_id: &str| {
        groups.is_some_and(|answer| {
            !answer.is_some_and(|groups| groups.value.iter().any(|group| same(group.id.text(), group_id)))
        })
    };
    let mut unrefreshed: Vec<UnrefreshedTeam> = Vec::new();
    for role in &group_roles.value {
        let team_id = role.team_id.text();
        let group_id = role.team_group_id.text();
        let Some(either) = team_id.or(group_id) else {
            continue;
        };
        let member = teams.iter().any(|team| {
            team_id.is_some_and(|id| same(team.teamid.text(), id))
                || group_id.is_some_and(|id| same(team.azureactivedirectoryobjectid.text(), id))
        });
        if member || group_id.is_some_and(left) || !held.is_needed(role, context.profile())? {
            continue;
        }
        let team = UnrefreshedTeam {
            name: role.team_name.text().unwrap_or(either).to_owned(),
            group_id: group_id.map(str::to_owned),
        };
        if !unrefreshed.contains(&team) {
            unrefreshed.push(team);
        }
    }
    Ok(unrefreshed)
}
