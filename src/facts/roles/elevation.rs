//! Administrator roles of the directory that the account holds for a time, and with which its System Administrator may go.

use jiff::Timestamp;

use crate::snapshot::Field;
use crate::snapshot::graph::ActiveRole;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Unknown, complete, read, whole};
use crate::facts::roles::held_by_row::held_roles;
use crate::facts::roles::history::administrator_of;
use crate::facts::value::{Kind, parse_time};
use crate::profile::Profile;

const ACTIVE_ROLES: &str = "graph.active_roles";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "roles.elevation_ends_at",
    Kind::Time,
    &[ACTIVE_ROLES],
    "When the last administrator role (Global, Power Platform, Dynamics 365) that the account holds for a time (PIM) ends; null when it holds none, or one for good.",
    |context| Ok(last(context)?.map(|elevation| elevation.end).into()),
)
.nullable()];

/// An administrator role that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elevation {
    /// Name of the role.
    pub(crate) role: &'static str,
    /// When the account no longer holds it.
    pub(crate) end: Timestamp,
}

/// The elevation that the account's System Administrator may rest on: the guidance asks for that role, and it is assigned
/// to the row itself, as an elevation does it, and comes through no team, which no elevation takes away.
/// Source: <https://learn.microsoft.com/power-platform/admin/manage-high-privileged-admin-roles>.
pub(crate) fn elevation_to_rest_on(context: &Context<'_>) -> Option<Elevation> {
    let rests = complete(|| {
        if !context.is(Profile::LegacyPassword) {
            return Ok(false);
        }
        let roles = held_roles(context)?;
        let is_direct = roles.directly(|role| roles.is_system_administrator(role))?;
        Ok(is_direct && roles.system_administrator_teams()?.is_empty())
    });
    match rests {
        Ok(true) => complete(|| last(context)).ok().flatten(),
        _ => None,
    }
}

/// Of the administrator roles that the account holds, the one that ends last; none when one of them does not end.
fn last(context: &Context<'_>) -> Reading<Option<Elevation>> {
    let answer = &context.evidence().active_roles;
    let list = &read(answer)?.value;
    whole(answer)?;
    let mut last: Option<Elevation> = None;
    for held in list {
        let Some((_, role)) = held.role_definition_id.text().and_then(administrator_of) else {
            continue;
        };
        let Some(end) = end_of(held)? else {
            return Ok(None);
        };
        if last.is_none_or(|latest| latest.end < end) {
            last = Some(Elevation { role, end });
        }
    }
    Ok(last)
}

/// When a role that is held ends; `None` is never.
fn end_of(held: &ActiveRole) -> Reading<Option<Timestamp>> {
    match &held.end_date_time {
        Field::Null => Ok(None),
        end => end
            .text()
            .and_then(parse_time)
            .map(Some)
            .ok_or_else(|| Unknown::silent(ACTIVE_ROLES, "the end of a role is no time")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::{Value, json};

    use super::ACTIVE_ROLES;
    use crate::facts::testing::case::{Case, ok};
    use crate::facts::value::FactValue;
    use crate::well_known::{DYNAMICS_365_ADMINISTRATOR, GLOBAL_ADMINISTRATOR};

    const FACT: &str = "roles.elevation_ends_at";
    const DIRECTORY_READERS: &str = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b";

    fn role(definition: &str, end: Value) -> Value {
        json!({"id": "r", "roleDefinitionId": definition, "endDateTime": end})
    }

    fn with(roles: Value) -> Case {
        Case::healthy().section(ACTIVE_ROLES, ok(json!({"value": roles})))
    }

    #[test]
    fn the_role_that_ends_last_counts_and_one_for_good_outlasts_all() {
        let early = || role(DYNAMICS_365_ADMINISTRATOR, json!("2026-06-15T17:00:00Z"));
        let late = || {
            role(
                &GLOBAL_ADMINISTRATOR.to_uppercase(),
                json!("2026-06-15T20:00:00Z"),
            )
        };
        let at = |time: &str| Ok(FactValue::Time(time.parse().unwrap()));
        assert_eq!(
            with(json!([early(), late()])).fact(FACT),
            at("2026-06-15T20:00:00Z")
        );
        assert_eq!(
            with(json!([late(), early()])).fact(FACT),
            at("2026-06-15T20:00:00Z")
        );
        let for_good = role(GLOBAL_ADMINISTRATOR, json!(null));
        assert_eq!(with(json!([early(), for_good])).fact(FACT), Ok(FactValue::Null));
        let another = role(DIRECTORY_READERS, json!("2026-06-15T17:00:00Z"));
        assert_eq!(with(json!([another])).fact(FACT), Ok(FactValue::Null));
        assert_eq!(with(json!([])).fact(FACT), Ok(FactValue::Null));
    }

    #[test]
    fn what_was_not_said_is_no_end_and_none_for_good() {
        let known = || role(DYNAMICS_365_ADMINISTRATOR, json!("2026-06-15T17:00:00Z"));
        for property in ["roleDefinitionId", "endDateTime"] {
            let mut unknown = known();
            unknown.as_object_mut().unwrap().remove(property);
            assert!(with(json!([known(), unknown])).fact(FACT).is_err(), "{property}");
        }
        let odd = role(DYNAMICS_365_ADMINISTRATOR, json!("soon"));
        assert!(with(json!([odd])).fact(FACT).is_err());
        let cut = ok(json!({"value": [known()], "truncated": true}));
        assert!(Case::healthy().section(ACTIVE_ROLES, cut).fact(FACT).is_err());
        assert!(Case::healthy().denied(ACTIVE_ROLES).fact(FACT).is_err());
        assert!(Case::healthy().fact(FACT).is_err());
    }
}
