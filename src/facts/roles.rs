//! Facts of the area roles: which security roles are in force for the row, how they reach it, and what they give.
//!
//! A role is in force when it is assigned directly or to a team that the row is a member of. What an Entra group team
//! would bring is in force only once Dataverse has put the row into that team (api-facts D-04), so it is a fact of its own.

mod business_unit;
mod held;
mod history;
mod privileges;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use super::reading::Reading;
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

use held::{HeldRoles, WORK_365_PORTAL_SERVICE, WORK_365_SERVICE};

const USER_ROLES: &str = "dataverse.user_roles";
const USER_TEAMS: &str = "dataverse.user_teams";
const GROUP_ROLES: &str = "dataverse.aad_user_roles";
const PRIVILEGES: &str = "dataverse.user_privileges";
const AUDITS: &str = "graph.directory_audits";
const ORGANIZATION: &str = "dataverse.organization";

/// Readings that several facts of this file start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    held: OnceLock<Reading<HeldRoles<'a>>>,
}

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "roles.direct",
        Kind::Texts,
        &[USER_ROLES],
        "Names of the security roles that are assigned to the row directly.",
        |inputs| inputs.held_roles()?.direct_names().map(Into::into),
    ),
    fact(
        "roles.through_teams",
        Kind::Texts,
        &[USER_TEAMS],
        "Security roles that the row has as a member of a team, each with the team.",
        |inputs| inputs.held_roles()?.team_names().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.none",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has no security role, neither directly nor through a team.",
        |inputs| {
            let some = inputs.held_roles()?.any(|_| Ok(true))?;
            Ok((!some).into())
        },
    ),
    fact(
        "roles.system_administrator",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role System Administrator (by template id, never by name), directly or through a team.",
        |inputs| inputs.held_roles()?.system_administrator().map(Into::into),
    ),
    fact(
        "roles.system_administrator_directly",
        Kind::Bool,
        &[USER_ROLES],
        "System Administrator is assigned to the row itself, not only to a team.",
        |inputs| {
            let roles = inputs.held_roles()?;
            roles
                .directly(|role| roles.is_system_administrator(role))
                .map(Into::into)
        },
    ),
    fact(
        "roles.system_administrator_teams",
        Kind::Texts,
        &[USER_TEAMS],
        "Names of the teams that bring System Administrator.",
        |inputs| inputs.held_roles()?.system_administrator_teams().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.system_administrator_role_id",
        Kind::Text,
        &["dataverse.operator_roles", USER_TEAMS],
        "Id of the System Administrator role of the row's business unit, as far as the evidence shows one; for commands.",
        |inputs| inputs.system_administrator_role_id(),
    )
.its_own()
    .nullable(),
    fact(
        "roles.look_alikes",
        Kind::Texts,
        &[USER_ROLES, USER_TEAMS],
        "Roles of the row that are called System Administrator, in any language, but are not made from its template.",
        |inputs| inputs.held_roles()?.look_alikes().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.work365_service",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role Work 365 Service, directly or through a team (by name: no template id is known).",
        |inputs| inputs.held_roles()?.named(WORK_365_SERVICE).map(Into::into),
    ),
    fact(
        "roles.work365_portal_service",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role Work 365 Portal Service, directly or through a team (by name).",
        |inputs| {
            inputs
                .held_roles()?
                .named(WORK_365_PORTAL_SERVICE)
                .map(Into::into)
        },
    ),
    fact(
        "roles.needed",
        Kind::Text,
        &[],
        "The role that the guidance profile asks for: System Administrator, or Work 365 Service.",
        |inputs| Ok(held::needed_name(inputs.profile).into()),
    ),
    fact(
        "roles.needed_in_force",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role that the guidance profile asks for, directly or through a team.",
        |inputs| inputs.held_roles()?.needed(inputs.profile).map(Into::into),
    ),
    fact(
        "roles.team_privileges_only",
        Kind::Texts,
        &[USER_ROLES, USER_TEAMS],
        "Teams that bring the needed role with team privileges only (member's privilege inheritance off), when nothing else brings it.",
        |inputs| {
            inputs
                .held_roles()?
                .team_privileges_only(inputs.profile)
                .map(Into::into)
        },
    )
.its_own_words(),
    fact(
        "roles.group_teams_not_refreshed",
        Kind::Texts,
        &[GROUP_ROLES, USER_TEAMS, "graph.group_memberships"],
        "Entra group teams that would bring the needed role, but that Dataverse has not put the row into yet.",
        |inputs| {
            let names = inputs.teams_not_refreshed()?.into_iter().map(|team| team.name);
            Ok(names.collect::<Vec<_>>().into())
        },
    )
.its_own_words(),
    fact(
        "roles.group_changed_at",
        Kind::Time,
        &[AUDITS],
        "When the account was last put into an Entra group of such a team; null when the audit log shows nothing.",
        |inputs| inputs.group_changed_at().map(Into::into),
    )
    .nullable(),
    fact(
        "roles.changed_at",
        Kind::Time,
        &["dataverse.system_users", AUDITS],
        "Newest sign of a change of the account's roles: the row's modifiedon or an audit entry about its roles or groups.",
        |inputs| inputs.roles_changed_at().map(Into::into),
    )
    .nullable(),
    fact(
        "roles.privileges_not_in_effect",
        Kind::Texts,
        &[PRIVILEGES, "dataverse.user_privileges_cached"],
        "Key privileges of System Administrator that the row does not have for the whole organisation.",
        |inputs| inputs.privileges_not_in_effect().map(Into::into),
    ),
    fact(
        "roles.privileges_missing",
        Kind::Texts,
        &[PRIVILEGES],
        "Privileges that were asked for and that the row does not have at any depth.",
        |inputs| inputs.privileges_missing().map(Into::into),
    ),
    fact(
        "roles.of_other_business_unit",
        Kind::Texts,
        &[USER_ROLES, "dataverse.system_users"],
        "Directly assigned roles that belong to another business unit than the row.",
        |inputs| inputs.roles_of_other_business_unit().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.shared_across_business_units",
        Kind::Bool,
        &[ORGANIZATION],
        "The organisation allows record ownership across business units, so roles of other units are normal.",
        |inputs| {
            inputs
                .organization_switch("EnableOwnershipAcrossBusinessUnits")
                .map(Into::into)
        },
    ),
    fact(
        "roles.kept_on_business_unit_change",
        Kind::Bool,
        &[ORGANIZATION],
        "The organisation keeps the roles of a user who moves to another business unit (DoNotRemoveRolesOnChangeBusinessUnit).",
        |inputs| {
            inputs
                .organization_switch("DoNotRemoveRolesOnChangeBusinessUnit")
                .map(Into::into)
        },
    ),
    fact(
        "roles.business_unit",
        Kind::Text,
        &["dataverse.business_unit"],
        "Name of the row's business unit.",
        |inputs| inputs.business_unit_name().map(Into::into),
    )
.its_own(),
    fact(
        "roles.business_unit_changed_at",
        Kind::Time,
        &["dataverse.user_audit"],
        "When the row was last moved to another business unit, by Dataverse's audit of the row; null when the audit shows no move.",
        |inputs| inputs.business_unit_changed_at().map(Into::into),
    )
    .nullable(),
    fact(
        "roles.ended_elevations",
        Kind::Texts,
        &[AUDITS, "graph.eligible_roles", "graph.directory_roles"],
        "Administrator roles (Global, Power Platform, Dynamics 365) whose temporary activation ended, or that the account can only activate (PIM).",
        |inputs| inputs.ended_elevations().map(Into::into),
    )
.its_own_words(),
];

impl<'a> Inputs<'a> {
    /// The roles of the matched row; unknown when there is no row.
    fn held_roles(&self) -> Reading<&HeldRoles<'a>> {
        self.roles
            .held
            .get_or_init(|| {
                self.existing_row()?;
                Ok(HeldRoles::of(self.evidence()))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    fn system_administrator_role_id(&self) -> Reading<FactValue> {
        let row = self.existing_row()?;
        let id = row
            .business_unit_id
            .text()
            .and_then(|unit| self.held_roles().ok()?.system_administrator_of(unit));
        Ok(id.into())
    }
}
