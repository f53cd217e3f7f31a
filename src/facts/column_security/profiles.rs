//! Facts of the area column-security: the profile "Work 365 Admin", held directly or through a team.

use crate::snapshot::Field;
use crate::snapshot::dataverse::ColumnSecurityProfile;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Unknown, any, read};
use crate::facts::value::Kind;

/// Name of the column security profile that Work 365 installs; no fixed id is known.
const WORK_365_ADMIN: &str = "Work 365 Admin";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "column_security.work365_admin",
        Kind::Bool,
        &["dataverse.column_security_profiles", "dataverse.user_teams"],
        "The row is in the column security profile Work 365 Admin, directly or through a team.",
        |context| has_work365_profile(context).map(Into::into),
    ),
    fact(
        "column_security.profiles",
        Kind::Texts,
        &["dataverse.column_security_profiles"],
        "Names of the column security profiles that the row is in directly.",
        |context| {
            existing_row(context)?;
            let profiles = &read(&context.evidence().column_security_profiles)?.value;
            let names = profiles.iter().filter_map(|profile| profile.name.text());
            Ok(names.map(str::to_owned).collect::<Vec<_>>().into())
        },
    ),
];

fn has_work365_profile(context: &Context<'_>) -> Reading<bool> {
    existing_row(context)?;
    let direct = read(&context.evidence().column_security_profiles)
        .and_then(|profiles| holds(&profiles.value, "dataverse.column_security_profiles"));
    let through_teams = read(&context.evidence().user_teams).and_then(|teams| {
        any(teams
            .value
            .iter()
            .map(|team| match &team.column_security_profiles {
                Field::Value(profiles) => holds(profiles, "dataverse.user_teams"),
                Field::Missing(_) | Field::Null => Err(Unknown::silent(
                    "dataverse.user_teams",
                    "a team is listed without its column security profiles",
                )),
            }))
    });
    any([direct, through_teams])
}

fn holds(profiles: &[ColumnSecurityProfile], section: &'static str) -> Reading<bool> {
    any(profiles.iter().map(|profile| {
        profile
            .name
            .text()
            .map(|name| name.trim().eq_ignore_ascii_case(WORK_365_ADMIN))
            .ok_or_else(|| Unknown::silent(section, "a column security profile is listed without its name"))
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};

    use crate::facts::reading::Reading;
    use crate::facts::testing::row::{fact_of, ok, with_row};
    use crate::facts::value::FactValue;
    use crate::profile::Profile;

    fn held(profiles: Value, teams: Value) -> Reading<FactValue> {
        let snapshot = with_row(
            json!({}),
            json!({"dataverse.column_security_profiles": profiles, "dataverse.user_teams": teams}),
        );
        fact_of(&snapshot, Profile::Consent, "column_security.work365_admin")
    }

    #[test]
    fn the_profile_counts_directly_and_through_a_team() {
        let profile = json!([{"name": " work 365 admin "}]);
        let team = json!([{"name": "t", "column_security_profiles": [{"name": "Work 365 Admin"}]}]);
        let denied = json!({"outcome": "denied", "http_status": 403});
        assert_eq!(held(ok(profile), denied.clone()), Ok(true.into()));
        assert_eq!(held(denied, ok(team)), Ok(true.into()));
    }

    #[test]
    fn its_absence_is_known_only_when_everything_was_read() {
        let other = json!([{"name": "System Administrator"}]);
        let team = json!([{"name": "t", "column_security_profiles": []}]);
        assert_eq!(held(ok(other.clone()), ok(team)), Ok(false.into()));
        assert!(held(ok(other.clone()), ok(json!([{"name": "t"}]))).is_err());
        assert!(held(ok(other), json!({"outcome": "failed", "http_status": 500})).is_err());
    }
}
