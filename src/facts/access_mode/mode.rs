//! Facts of the area access-mode: what the row may do beside its roles, and whether anybody can change it.

use crate::snapshot::dataverse::SystemUser;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Unknown, all, any, read};
use crate::facts::value::Kind;
use crate::well_known::{DYNAMICS_365_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR};

const ADMINISTRATIVE: i64 = 1;
const SUPPORT_USER: i64 = 3;
const DELEGATED_ADMIN: i64 = 5;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "user_row.access_mode",
        Kind::Int,
        &["dataverse.system_users"],
        "Access mode of the row: 0 Read-Write, 1 Administrative, 2 Read, 3 Support User, 4 Non-interactive, 5 Delegated Admin.",
        |context| Ok(access_mode(existing_row(context)?)?.into()),
    ),
    fact(
        "user_row.access_mode_name",
        Kind::Text,
        &["dataverse.system_users"],
        "Name of the access mode, as the user form shows it.",
        |context| Ok(mode_name(access_mode(existing_row(context)?)?).into()),
    ),
    fact(
        "user_row.access_mode_is_forced",
        Kind::Bool,
        &["dataverse.system_users", "graph.directory_roles"],
        "The row is pinned to Administrative because the account is an Entra administrator without a licence.",
        |context| access_mode_is_forced(context).map(Into::into),
    ),
    fact(
        "user_row.access_mode_is_reserved",
        Kind::Bool,
        &["dataverse.system_users"],
        "The access mode is one that the platform gives to people who are not the tenant's own: Support User to Microsoft's, Delegated Admin to a partner's.",
        |context| {
            let mode = access_mode(existing_row(context)?)?;
            Ok([SUPPORT_USER, DELEGATED_ADMIN].contains(&mode).into())
        },
    ),
];

/// Whether the platform itself pins the row to Administrative: an unlicensed "setup user" that holds one of the
/// directory roles which are let in without a licence.
fn access_mode_is_forced(context: &Context<'_>) -> Reading<bool> {
    let row = existing_row(context)?;
    all([
        access_mode(row).map(|mode| mode == ADMINISTRATIVE),
        flag(&row.setupuser, "setupuser"),
        flag(&row.islicensed, "islicensed").map(|licensed| !licensed),
        is_environment_administrator(context),
    ])
}

/// Whether a directory role of the account administers environments: Global, Power Platform or Dynamics 365
/// Administrator. A role whose template the reader may not see leaves the answer open (<https://learn.microsoft.com/graph/permissions-overview>).
fn is_environment_administrator(context: &Context<'_>) -> Reading<bool> {
    let roles = &read(&context.evidence().directory_roles)?.value;
    any(roles.iter().map(|role| {
        role.role_template_id
            .text()
            .map(administers_environments)
            .ok_or_else(|| {
                Unknown::silent(
                    "graph.directory_roles",
                    "a directory role of the account is listed without its template id",
                )
            })
    }))
}

/// Whether the directory role of this template id administers Power Platform environments. Source: <https://learn.microsoft.com/power-platform/admin/create-users>.
fn administers_environments(template_id: &str) -> bool {
    [
        GLOBAL_ADMINISTRATOR,
        POWER_PLATFORM_ADMINISTRATOR,
        DYNAMICS_365_ADMINISTRATOR,
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(template_id))
}

fn access_mode(row: &SystemUser) -> Reading<i64> {
    row.accessmode
        .value()
        .copied()
        .ok_or_else(|| Unknown::silent("dataverse.system_users", "the row does not show accessmode"))
}

fn flag(field: &crate::snapshot::Field<bool>, name: &str) -> Reading<bool> {
    field
        .value()
        .copied()
        .ok_or_else(|| Unknown::silent("dataverse.system_users", format!("the row does not show {name}")))
}

/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser>.
fn mode_name(mode: i64) -> String {
    match mode {
        0 => "Read-Write".to_owned(),
        1 => "Administrative".to_owned(),
        2 => "Read".to_owned(),
        3 => "Support User".to_owned(),
        4 => "Non-interactive".to_owned(),
        5 => "Delegated Admin".to_owned(),
        other => format!("undocumented mode {other}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};

    use crate::facts::reading::Reading;
    use crate::facts::testing::row::{fact_of, with_row};
    use crate::facts::value::FactValue;
    use crate::profile::Profile;

    fn forced(row: Value, roles: Value) -> Reading<FactValue> {
        let snapshot = with_row(row, roles);
        fact_of(
            &snapshot,
            Profile::LegacyPassword,
            "user_row.access_mode_is_forced",
        )
    }

    fn pinned() -> Value {
        json!({"accessmode": 1, "setupuser": true, "islicensed": false})
    }

    #[test]
    fn modes_have_the_names_of_the_user_form() {
        for (mode, name) in [
            (0, "Read-Write"),
            (4, "Non-interactive"),
            (9, "undocumented mode 9"),
        ] {
            let snapshot = with_row(json!({"accessmode": mode}), json!({}));
            let value = fact_of(&snapshot, Profile::LegacyPassword, "user_row.access_mode_name");
            assert_eq!(value, Ok(name.into()));
        }
    }

    #[test]
    fn two_modes_are_for_people_of_others() {
        for (mode, reserved) in [(0, false), (1, false), (3, true), (4, false), (5, true)] {
            let snapshot = with_row(json!({"accessmode": mode}), json!({}));
            let value = fact_of(
                &snapshot,
                Profile::LegacyPassword,
                "user_row.access_mode_is_reserved",
            );
            assert_eq!(value, Ok(reserved.into()), "{mode}");
        }
    }

    #[test]
    fn an_unlicensed_entra_administrator_is_pinned() {
        let roles = json!({"graph.directory_roles": {"outcome": "ok", "body": {"value": [
            {"id": "r", "roleTemplateId": "11648597-926C-4cf3-9c36-bcebb0ba8dcc"}]}}});
        assert_eq!(forced(pinned(), roles.clone()), Ok(true.into()));
        let mut licensed = pinned();
        licensed["islicensed"] = json!(true);
        assert_eq!(forced(licensed, roles), Ok(false.into()));
    }

    #[test]
    fn an_account_without_an_environment_role_is_not_pinned() {
        let reader = json!({"graph.directory_roles": {"outcome": "ok", "body": {"value": [
            {"id": "r", "roleTemplateId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"}]}}});
        assert_eq!(forced(pinned(), reader), Ok(false.into()));
    }

    #[test]
    fn unreadable_directory_roles_leave_it_open_unless_the_row_decides() {
        let denied = json!({"graph.directory_roles": {"outcome": "denied", "http_status": 403}});
        assert!(forced(pinned(), denied.clone()).is_err());
        let hidden = json!({"graph.directory_roles": {"outcome": "ok", "body": {"value": [
            {"id": "r", "roleTemplateId": null, "displayName": null}]}}});
        assert!(forced(pinned(), hidden).is_err());
        let read_write = json!({"accessmode": 0, "setupuser": false, "islicensed": true});
        assert_eq!(forced(read_write, denied), Ok(false.into()));
    }
}
