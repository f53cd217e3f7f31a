//! Facts of the area roles: which security roles are in force for the row, how they reach it, and what they give.
//!
//! A role is in force when it is assigned directly or to a team that the row is a member of. What an Entra group team
//! would bring is in force only once Dataverse has put the row into that team (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/role>), so it is a fact of its own.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::Reading;
use crate::facts::roles::business_unit::{
    ORGANIZATION, business_unit_changed_at, business_unit_is_disabled, business_unit_name,
    organization_switch, roles_of_other_business_unit,
};
use crate::facts::roles::held::{
    USER_ROLES, USER_TEAMS, WORK_365_PORTAL_SERVICE, WORK_365_SERVICE, needed_name,
};
use crate::facts::roles::held_by_row::{held_roles, teams_not_refreshed};
use crate::facts::roles::history::{ended_elevations, group_changed_at, roles_changed_at};
use crate::facts::roles::privileges::{PRIVILEGES, privileges_missing, privileges_not_in_effect};
use crate::facts::value::{FactValue, Kind};

const GROUP_ROLES: &str = "dataverse.aad_user_roles";

const AUDITS: &str = "graph.directory_audits";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "roles.direct",
        Kind::Texts,
        &[USER_ROLES],
        "Names of the security roles that are assigned to the row directly.",
        |context| held_roles(context)?.direct_names().map(Into::into),
    ),
    fact(
        "roles.through_teams",
        Kind::Texts,
        &[USER_TEAMS],
        "Security roles that the row has as a member of a team, each with the team.",
        |context| held_roles(context)?.team_names().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.none",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has no security role, neither directly nor through a team.",
        |context| {
            let some = held_roles(context)?.any(|_| Ok(true))?;
            Ok((!some).into())
        },
    ),
    fact(
        "roles.system_administrator",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role System Administrator (by template id, never by name), directly or through a team.",
        |context| held_roles(context)?.system_administrator().map(Into::into),
    ),
    fact(
        "roles.system_administrator_directly",
        Kind::Bool,
        &[USER_ROLES],
        "System Administrator is assigned to the row itself, not only to a team.",
        |context| {
            let roles = held_roles(context)?;
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
        |context| held_roles(context)?.system_administrator_teams().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.system_administrator_role_id",
        Kind::Text,
        &["dataverse.operator_roles", USER_TEAMS],
        "Id of the System Administrator role of the row's business unit, as far as the evidence shows one; for commands.",
        system_administrator_role_id,
    )
.its_own()
    .nullable(),
    fact(
        "roles.look_alikes",
        Kind::Texts,
        &[USER_ROLES, USER_TEAMS],
        "Roles of the row that are called System Administrator, in any language, but are not made from its template.",
        |context| held_roles(context)?.look_alikes().map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.work365_service",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role Work 365 Service, directly or through a team (by name: no template id is known).",
        |context| held_roles(context)?.named(WORK_365_SERVICE).map(Into::into),
    ),
    fact(
        "roles.work365_portal_service",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role Work 365 Portal Service, directly or through a team (by name).",
        |context| {
            held_roles(context)?
                .named(WORK_365_PORTAL_SERVICE)
                .map(Into::into)
        },
    ),
    fact(
        "roles.needed",
        Kind::Text,
        &[],
        "The role that the guidance profile asks for: System Administrator, or Work 365 Service.",
        |context| Ok(needed_name(context.profile()).into()),
    ),
    fact(
        "roles.needed_in_force",
        Kind::Bool,
        &[USER_ROLES, USER_TEAMS],
        "The row has the role that the guidance profile asks for, directly or through a team.",
        |context| held_roles(context)?.needed(context.profile()).map(Into::into),
    ),
    fact(
        "roles.team_privileges_only",
        Kind::Texts,
        &[USER_ROLES, USER_TEAMS],
        "Teams that bring the needed role with team privileges only (member's privilege inheritance off), when nothing else brings it.",
        |context| {
            held_roles(context)?
                .team_privileges_only(context.profile())
                .map(Into::into)
        },
    )
.its_own_words(),
    fact(
        "roles.group_teams_not_refreshed",
        Kind::Texts,
        &[GROUP_ROLES, USER_TEAMS, "graph.group_memberships"],
        "Entra group teams that would bring the needed role, but that Dataverse has not put the row into yet.",
        |context| {
            let names = teams_not_refreshed(context)?.into_iter().map(|team| team.name);
            Ok(names.collect::<Vec<_>>().into())
        },
    )
.its_own_words(),
    fact(
        "roles.group_changed_at",
        Kind::Time,
        &[AUDITS],
        "When the account was last put into an Entra group of such a team; null when the audit log shows nothing.",
        |context| group_changed_at(context).map(Into::into),
    )
    .nullable(),
    fact(
        "roles.changed_at",
        Kind::Time,
        &["dataverse.system_users", AUDITS],
        "Newest sign of a change of the account's roles: the row's modifiedon or an audit entry about its roles or groups.",
        |context| roles_changed_at(context).map(Into::into),
    )
    .nullable(),
    fact(
        "roles.privileges_not_in_effect",
        Kind::Texts,
        &[PRIVILEGES, "dataverse.user_privileges_cached"],
        "Key privileges of System Administrator that the row does not have for the whole organisation.",
        |context| privileges_not_in_effect(context).map(Into::into),
    ),
    fact(
        "roles.privileges_missing",
        Kind::Texts,
        &[PRIVILEGES],
        "Privileges that Work 365 certainly needs (prvReadUser) and that the row does not have at any depth.",
        |context| privileges_missing(context).map(Into::into),
    ),
    fact(
        "roles.of_other_business_unit",
        Kind::Texts,
        &[USER_ROLES, "dataverse.system_users"],
        "Directly assigned roles that belong to another business unit than the row.",
        |context| roles_of_other_business_unit(context).map(Into::into),
    )
.its_own_words(),
    fact(
        "roles.shared_across_business_units",
        Kind::Bool,
        &[ORGANIZATION],
        "The organisation allows record ownership across business units, so roles of other units are normal.",
        |context| {
            organization_switch(context, "EnableOwnershipAcrossBusinessUnits")
                .map(Into::into)
        },
    ),
    fact(
        "roles.kept_on_business_unit_change",
        Kind::Bool,
        &[ORGANIZATION],
        "The organisation keeps the roles of a user who moves to another business unit (DoNotRemoveRolesOnChangeBusinessUnit).",
        |context| {
            organization_switch(context, "DoNotRemoveRolesOnChangeBusinessUnit")
                .map(Into::into)
        },
    ),
    fact(
        "roles.business_unit",
        Kind::Text,
        &["dataverse.business_unit"],
        "Name of the row's business unit.",
        |context| business_unit_name(context).map(Into::into),
    )
    .its_own(),
    fact(
        "roles.business_unit_disabled",
        Kind::Bool,
        &["dataverse.business_unit"],
        "The row's business unit is disabled; of the units above it nothing is said.",
        |context| business_unit_is_disabled(context).map(Into::into),
    )
    .its_own(),
    fact(
        "roles.business_unit_changed_at",
        Kind::Time,
        &["dataverse.user_audit"],
        "When the row was last moved to another business unit, by Dataverse's audit of the row; null when the audit shows no move.",
        |context| business_unit_changed_at(context).map(Into::into),
    )
    .nullable(),
    fact(
        "roles.ended_elevations",
        Kind::Texts,
        &[AUDITS, "graph.eligible_roles", "graph.directory_roles"],
        "Administrator roles (Global, Power Platform, Dynamics 365) whose temporary activation ended, or that the account can only activate (PIM).",
        |context| ended_elevations(context).map(Into::into),
    )
.its_own_words(),
];

fn system_administrator_role_id(context: &Context<'_>) -> Reading<FactValue> {
    let row = existing_row(context)?;
    let id = row
        .business_unit_id
        .text()
        .and_then(|unit| held_roles(context).ok()?.system_administrator_of(unit));
    Ok(id.into())
}
