//! The profile that the evidence speaks for (`CONTRACT.md` section 4, `profile_hint`). It never switches the profile.

use crate::profile::Profile;
use crate::snapshot::dataverse::Role;

use super::operator::is_system_administrator;
use super::sign_in_log::is_work_365;
use super::value::Kind;
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[fact(
    "profile.suggested",
    Kind::Text,
    &["dataverse.application_users", "graph.permission_grants", "dataverse.user_roles"],
    "Another profile that the evidence speaks for: application-user or consent; null when it speaks for none.",
    |inputs| Ok(inputs.suggested_profile().map(Profile::name).into()),
)
.nullable()];

/// The role that the vendor gives the service identity since version 2.5. Source: domain.md 1.1.
const WORK_365_SERVICE: &str = "Work 365 Service";

impl Inputs<'_> {
    /// Only what was read speaks for a profile; what could not be read hints at nothing.
    fn suggested_profile(&self) -> Option<Profile> {
        // An application id is no account that could hold a consent.
        let is_account = self.snapshot.subject.account.contains('@');
        let suggested = if self.application_user_is_in_place() {
            Profile::ApplicationUser
        } else if is_account && (self.consent_is_present() == Ok(true) || self.role_is_of_consent_era()) {
            Profile::Consent
        } else {
            return None;
        };
        (suggested != self.profile).then_some(suggested)
    }

    /// An enabled application user of Work 365, unless the user told us that Work 365 displays this very account.
    fn application_user_is_in_place(&self) -> bool {
        let configured = self.expectations.configured_identity.as_deref();
        let account = self.snapshot.subject.account.as_str();
        if configured.is_some_and(|identity| identity.eq_ignore_ascii_case(account)) {
            return false;
        }
        let rows = self.evidence().application_users.ok();
        rows.is_some_and(|list| {
            list.value.iter().any(|row| {
                row.applicationid.text().is_some_and(is_work_365) && row.isdisabled.value() == Some(&false)
            })
        })
    }

    fn role_is_of_consent_era(&self) -> bool {
        let Some(direct) = self.evidence().user_roles.ok() else {
            return false;
        };
        let teams = self.evidence().user_teams.ok();
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
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::sample::Sample;
    use crate::facts::{Expectations, FactValue};
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
