//! Facts of the area operator: what the person who runs the check may do and see.

use crate::snapshot::dataverse::Role;

use super::reading::{Reading, Reason, Unknown, read};
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

/// Template id of the directory role Global Administrator. Source: api-facts G-14.
pub(super) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Template id of the security role System Administrator. Source: api-facts D-04.
pub(super) const SYSTEM_ADMINISTRATOR: &str = "627090ff-40a3-4053-8790-584edc5be201";

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "operator.name",
        Kind::Text,
        &["graph.operator"],
        "UPN of the person who ran the check.",
        |inputs| {
            let claims = read(&inputs.evidence().operator)?.claims.value();
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
        |inputs| inputs.operator_is_global_administrator().map(Into::into),
    )
    .its_own(),
    fact(
        "operator.user_id",
        Kind::Text,
        &["dataverse.who_am_i"],
        "Row id of the operator in Dynamics 365.",
        |inputs| {
            let answer = read(&inputs.evidence().who_am_i)?;
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
        &["dataverse.operator_roles"],
        "The operator holds the security role System Administrator.",
        |inputs| inputs.operator_is_system_administrator().map(Into::into),
    )
    .its_own(),
];

impl<'a> Inputs<'a> {
    /// By the token's `wids` (api-facts 3.5). An application holds permissions, not this role: nothing to judge.
    fn operator_is_global_administrator(&self) -> Reading<bool> {
        let operator = read(&self.evidence().operator)?;
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
                    .any(|role| role.eq_ignore_ascii_case(GLOBAL_ADMINISTRATOR))
            })
            .ok_or_else(|| {
                Unknown::silent("graph.operator", "the token does not list directory roles (wids)")
            })
    }

    pub(super) fn operator_is_system_administrator(&self) -> Reading<bool> {
        Ok(holds_system_administrator(
            &read(&self.evidence().operator_roles)?.value,
        ))
    }

    /// Whether an empty list of rows proves that there is no row: the operator is System Administrator, or reads
    /// users at organisation depth.
    pub(super) fn operator_reads_every_row(&self) -> Reading<bool> {
        if let Ok(privileges) = read(&self.evidence().operator_privileges) {
            let reads_all = privileges.role_privileges.items().iter().any(|privilege| {
                privilege.privilege_name.text() == Some("prvReadUser")
                    && privilege.depth.text() == Some("Global")
            });
            if reads_all {
                return Ok(true);
            }
        }
        self.operator_is_system_administrator()
    }
}

/// Whether one of the roles is System Administrator: by template id on the role, or on the root role that it is a
/// copy of, never by name (`api-facts.md` D-04).
pub(super) fn holds_system_administrator(roles: &[Role]) -> bool {
    roles.iter().any(|role| is_system_administrator(role, roles))
}

/// Whether `role` is System Administrator; `known` are roles among which its root role may be found.
pub(super) fn is_system_administrator(role: &Role, known: &[Role]) -> bool {
    let by_template = |role: &Role| role.role_template_id.text() == Some(SYSTEM_ADMINISTRATOR);
    by_template(role)
        || role.parent_root_role_id.text().is_some_and(|root| {
            known
                .iter()
                .any(|other| other.roleid.text() == Some(root) && by_template(other))
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::GLOBAL_ADMINISTRATOR;
    use crate::facts::sample::Sample;

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
            let sample = Sample::new().list("dataverse.operator_roles", json!([role]));
            assert_eq!(sample.is("operator.system_administrator"), Ok(holds));
        }
    }
}
