//! The roles of the matched row, and the teams that it has yet to be put into.

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, complete, found, read};
use crate::facts::roles::held::{HeldRoles, same};

/// The roles of the matched row; unknown when there is no row.
pub(crate) fn held_roles<'c, 'a>(context: &'c Context<'a>) -> Reading<&'c HeldRoles<'a>> {
    context
        .once(&context.caches.held_roles, || {
            complete(|| {
                existing_row(context)?;
                Ok(HeldRoles::of(context.evidence()))
            })
        })
        .as_ref()
        .map_err(Clone::clone)
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
