//! The profile that the evidence speaks for. It never switches the profile.

use crate::profile::Profile;
use crate::snapshot::dataverse::Role;

use crate::facts::consent::grants::consent_is_present;
use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::displayed::displayed;
use crate::facts::operator::rights::is_system_administrator;
use crate::facts::reading::{Reading, read};
use crate::facts::sign_in::entry::is_work_365;
use crate::facts::value::Kind;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[fact(
    "profile.suggested",
    Kind::Text,
    &["dataverse.application_users", "graph.permission_grants", "dataverse.user_roles"],
    "Another profile that the evidence speaks for: application-user or consent; null when it speaks for none.",
    |context| Ok(suggested_profile(context).map(Profile::name).into()),
)
.nullable()];

/// The role that the vendor gives the service identity since version 2.5.
const WORK_365_SERVICE: &str = "Work 365 Service";

/// Only what was read speaks for a profile; what could not be read hints at nothing.
fn suggested_profile(context: &Context<'_>) -> Option<Profile> {
    // An application id is no account that could hold a consent.
    let is_account = context.snapshot.subject.account.contains('@');
    let suggested = if application_user_is_in_place(context) {
        Profile::ApplicationUser
    } else if is_account && (consent_is_present(context) == Ok(true) || role_is_of_consent_era(context)) {
        Profile::Consent
    } else {
        return None;
    };
    (suggested != context.profile()).then_some(suggested)
}

/// An enabled application user of Work 365, unless the user told us that Work 365 displays this very account.
fn application_user_is_in_place(context: &Context<'_>) -> bool {
    let account = context.snapshot.subject.account.as_str();
    if displayed(context).is_some_and(|identity| identity.eq_ignore_ascii_case(account)) {
        return false;
    }
    application_users_of_work_365(context) == Ok(true)
}

/// Whether Dynamics 365 holds an enabled application user of Work 365.
pub(crate) fn application_users_of_work_365(context: &Context<'_>) -> Reading<bool> {
    let rows = &read(&context.evidence().application_users)?.value;
    Ok(rows.iter().any(|row| {
        row.applicationid.text().is_some_and(is_work_365) && row.isdisabled.value() == Some(&false)
    }))
}

/// Whether the account holds the role of the consent era alone.
pub(crate) fn role_is_of_consent_era(context: &Context<'_>) -> bool {
    let Some(direct) = context.evidence().user_roles.ok() else {
        return false;
    };
    let teams = context.evidence().user_teams.ok();
    let by_team = teams
        .into_iter()
        .flat_map(|list| &list.value)
        .flat_map(|team| team.roles.items());
    let held: Vec<Role> = direct.value.iter().chain(by_team).cloned().collect();
    let is_service = |role: &Role| {
        role.name
            .text()
            .is_some_and(|name| name.eq_ignore_ascii_case(WORK_365_SERVICE))
    };
    held.iter().any(is_service) && !held.iter().any(|role| is_system_administrator(role, &held))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::expectations::Expectations;
    use crate::facts::testing::sample::Sample;
    use crate::facts::value::FactValue;
    use crate::profile::Profile;

    fn roles(names: &[(&str, Value)]) -> Value {
        names
            .iter()
            .map(|(name, template)| json!({"roleid": name, "name": name, "_roletemplateid_value": template}))
            .collect()
    }

    fn application_users() -> Value {
        json!([{"systemuserid": "u", "applicationid": "5e56ae97-9be1-40d3-938b-99ea52175a30", "isdisabled": false}])
    }

    #[test]
    fn the_consent_era_role_hints_unless_system_administrator_stands_beside_it() {
        let _whole = crate::snapshot::whole_answers();
        let service = ("Work 365 Service", Value::Null);
        let administrator = ("Sysadmin", json!("627090ff-40a3-4053-8790-584edc5be201"));
        let alone = Sample::new().list("dataverse.user_roles", roles(std::slice::from_ref(&service)));
        assert_eq!(alone.fact("profile.suggested"), Ok("consent".into()));
        let both = Sample::new().list("dataverse.user_roles", roles(&[service, administrator]));
        assert_eq!(both.fact("profile.suggested"), Ok(FactValue::Null));
    }

    #[test]
    fn an_application_user_hints_unless_it_is_asked_for_or_known_not_to_be_used() {
        let sample = Sample::new().list("dataverse.application_users", application_users());
        assert_eq!(sample.fact("profile.suggested"), Ok("application-user".into()));
        let asked = sample.clone().under(Profile::ApplicationUser);
        assert_eq!(asked.fact("profile.suggested"), Ok(FactValue::Null));
        let told = sample.expecting(Expectations {
            configured_identity: Some("svc@contoso.com".to_owned()),
            ..Expectations::default()
        });
        assert_eq!(told.fact("profile.suggested"), Ok(FactValue::Null));
    }

    #[test]
    fn nothing_read_hints_at_nothing() {
        assert_eq!(Sample::new().fact("profile.suggested"), Ok(FactValue::Null));
    }
}
