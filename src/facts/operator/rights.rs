//! Facts of the area operator: what the person who runs the check may do and see.

use crate::snapshot::dataverse::Role;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Reason, Unknown, complete, read};
use crate::facts::roles::key_privileges::keys_not_held_globally;
use crate::facts::value::{FactValue, Kind};
use crate::well_known::{GLOBAL_ADMINISTRATOR, SYSTEM_ADMINISTRATOR};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "operator.name",
        Kind::Text,
        &["graph.operator"],
        "UPN of the person who ran the check.",
        |context| {
            let claims = read(&context.evidence().operator)?.claims.value();
            let name = claims.and_then(|claims| claims.upn.text().or(claims.preferred_username.text()));
            name.map(FactValue::from)
                .ok_or_else(|| Unknown::silent("graph.operator", "the token names no person"))
        },
    )
    .its_own(),
    fact(
        "operator.global_administrator",
        Kind::Bool,
        &["graph.operator"],
        "The operator's directory roles include Global Administrator.",
        |context| operator_is_global_administrator(context).map(Into::into),
    )
    .its_own(),
    fact(
        "operator.user_id",
        Kind::Text,
        &["dataverse.who_am_i"],
        "Row id of the operator in Dynamics 365.",
        |context| {
            let answer = read(&context.evidence().who_am_i)?;
            answer
                .user_id
                .text()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("dataverse.who_am_i", "the answer has no UserId"))
        },
    )
    .its_own(),
    fact(
        "operator.system_administrator",
        Kind::Bool,
        &["dataverse.operator_roles", "dataverse.operator_privileges"],
        "The operator holds the security role System Administrator, or all that it gives through a team.",
        |context| operator_is_system_administrator(context).map(Into::into),
    )
    .its_own(),
];

/// By the token's `wids` (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>). An application holds permissions, not this role: nothing to judge.
fn operator_is_global_administrator(context: &Context<'_>) -> Reading<bool> {
    let operator = read(&context.evidence().operator)?;
    if operator.kind.text() == Some("application") {
        return Err(Unknown::because(
            "graph.operator",
            Reason::Absent,
            "an application ran the check; the rights of the person are not known",
        ));
    }
    let roles = operator.claims.value().and_then(|claims| claims.wids.value());
    roles
        .map(|roles| {
            roles
                .iter()
                .any(|role| role.trim().eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR))
        })
        .ok_or_else(|| Unknown::silent("graph.operator", "the token does not list directory roles (wids)"))
}

/// By a role of its own, or by what the role gives where it comes through a team. What these answers lack is no lack of what is
/// judged by it.
pub(crate) fn operator_is_system_administrator(context: &Context<'_>) -> Reading<bool> {
    complete(|| {
        let roles = read(&context.evidence().operator_roles);
        match roles.map(|roles| holds_system_administrator(&roles.value)) {
            Ok(true) => Ok(true),
            Ok(false) => holds_every_key_privilege(context),
            // Unread, the roles may hold it whatever the privileges seem to lack.
            Err(unread) => match holds_every_key_privilege(context) {
                Ok(true) => Ok(true),
                _ => Err(unread),
            },
        }
    })
}

fn has_the_role_itself(context: &Context<'_>) -> Reading<bool> {
    Ok(holds_system_administrator(
        &read(&context.evidence().operator_roles)?.value,
    ))
}

/// Whether the operator holds everywhere what only System Administrator gives. Privileges that were asked for by name
/// come at the depth that is in effect; a list of all shows what comes through teams at depth Basic, whatever the
/// team's role gives, so that only what it lacks is proven.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges>.
fn holds_every_key_privilege(context: &Context<'_>) -> Reading<bool> {
    let answer = &context.evidence().operator_privileges;
    let lacking = keys_not_held_globally(read(answer)?, answer)?;
    Ok(lacking.is_empty())
}

/// Whether an empty list of rows proves that there is no row: the operator is System Administrator, or reads
/// users at organisation depth.
pub(crate) fn operator_reads_every_row(context: &Context<'_>) -> Reading<bool> {
    if let Ok(privileges) = read(&context.evidence().operator_privileges) {
        let reads_all = privileges.role_privileges.items().iter().any(|privilege| {
            privilege.privilege_name.text() == Some("prvReadUser") && privilege.depth.text() == Some("Global")
        });
        if reads_all {
            return Ok(true);
        }
    }
    has_the_role_itself(context)
}

/// Whether one of the roles is System Administrator: by template id on the role, or on the root role that it is a
/// copy of, never by name (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/role>).
fn holds_system_administrator(roles: &[Role]) -> bool {
    roles.iter().any(|role| is_system_administrator(role, roles))
}

/// Whether `role` is System Administrator; `known` are roles among which its root role may be found.
pub(crate) fn is_system_administrator(role: &Role, known: &[Role]) -> bool {
    let by_template = |role: &Role| {
        let template = role.role_template_id.text();
        template.is_some_and(|id| id.eq_ignore_ascii_case(SYSTEM_ADMINISTRATOR))
    };
    by_template(role)
        || role.parent_root_role_id.text().is_some_and(|root| {
            known.iter().any(|other| {
                other
                    .roleid
                    .text()
                    .is_some_and(|id| id.eq_ignore_ascii_case(root))
                    && by_template(other)
            })
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::testing::sample::Sample;
    use crate::well_known::GLOBAL_ADMINISTRATOR;

    #[test]
    fn the_directory_role_is_read_from_the_token_of_a_person() {
        let unknown = || Err("graph.operator".to_owned());
        for (operator, holds) in [
            (
                json!({"kind": "user", "claims": {"wids": [GLOBAL_ADMINISTRATOR]}}),
                Ok(true),
            ),
            (json!({"kind": "user", "claims": {"wids": []}}), Ok(false)),
            (json!({"kind": "user", "claims": {}}), unknown()),
            (
                json!({"kind": "application", "claims": {"wids": [GLOBAL_ADMINISTRATOR]}}),
                unknown(),
            ),
        ] {
            let sample = Sample::new().ok("graph.operator", operator.clone());
            assert_eq!(sample.is("operator.global_administrator"), holds, "{operator}");
        }
    }

    #[test]
    fn the_security_role_is_known_by_its_template_and_never_by_its_name() {
        let _whole = crate::snapshot::whole_answers();
        for (role, holds) in [
            (
                json!({"roleid": "r", "name": "Systemadministrator", "_roletemplateid_value": super::SYSTEM_ADMINISTRATOR}),
                true,
            ),
            (
                json!({"roleid": "r", "name": "System Administrator", "_roletemplateid_value": null}),
                false,
            ),
        ] {
            let sample = Sample::new()
                .list("dataverse.operator_roles", json!([role]))
                .ok("dataverse.operator_privileges", privileges("Basic", true));
            assert_eq!(sample.is("operator.system_administrator"), Ok(holds));
        }
    }

    const KEYS: [&str; 5] = [
        "prvReadUser",
        "prvReadRole",
        "prvReadOrganization",
        "prvWriteUser",
        "prvAssignRole",
    ];

    fn privileges(depth: &str, by_name: bool) -> serde_json::Value {
        let list = KEYS.map(|name| json!({"PrivilegeName": name, "Depth": depth}));
        if by_name {
            json!({"RolePrivileges": list, "asked": KEYS})
        } else {
            json!({"RolePrivileges": list})
        }
    }

    #[test]
    fn a_role_that_comes_through_a_team_shows_in_the_privileges_and_a_full_list_proves_only_what_it_lacks() {
        let fact = "operator.system_administrator";
        let unknown = || Err("dataverse.operator_privileges".to_owned());
        let without_role = || Sample::new().list("dataverse.operator_roles", json!([]));
        for (depth, by_name, holds) in [
            ("Global", true, Ok(true)),
            ("Basic", true, Ok(false)),
            ("Global", false, Ok(true)),
            ("Local", false, Ok(false)),
            ("Basic", false, unknown()),
        ] {
            let sample = without_role().ok("dataverse.operator_privileges", privileges(depth, by_name));
            assert_eq!(sample.is(fact), holds, "{depth}, by name: {by_name}");
        }
        let lacking = json!({"RolePrivileges": [{"PrivilegeName": "prvReadUser", "Depth": "Basic"}]});
        let sample = without_role().ok("dataverse.operator_privileges", lacking);
        assert_eq!(sample.is(fact), Ok(false));
        assert_eq!(without_role().is(fact), unknown());
    }
}
