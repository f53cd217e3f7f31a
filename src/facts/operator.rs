//! Facts of the area operator: what the person who runs the check may do and see.

use crate::snapshot::dataverse::Role;

use super::reading::{Reading, read};
use super::value::Kind;
use super::{FactDefinition, Inputs, fact};

/// Template id of the directory role Global Administrator. Source: api-facts G-14.
pub(super) const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// Template id of the security role System Administrator. Source: api-facts D-04.
pub(super) const SYSTEM_ADMINISTRATOR: &str = "627090ff-40a3-4053-8790-584edc5be201";

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[fact(
    "operator.system_administrator",
    Kind::Bool,
    &["dataverse.operator_roles"],
    "The operator holds the security role System Administrator.",
    |inputs| inputs.operator_is_system_administrator().map(Into::into),
)];

impl<'a> Inputs<'a> {
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
