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
