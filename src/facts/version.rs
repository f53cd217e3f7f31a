//! Facts about the version of Work 365.

use crate::profile::Profile;

use super::reading::{Reading, Unknown};
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "consent.version",
        Kind::Text,
        &["dataverse.solutions"],
        "Version of the installed Work 365 solution.",
        |inputs| inputs.work_365_version().map(FactValue::from),
    ),
    fact(
        "consent.version_too_old",
        Kind::Bool,
        &[
            "dataverse.solutions",
            "graph.permission_grants",
            "dataverse.application_users",
        ],
        "Work 365 is older than the profile needs: 2.5 for a consent, 3.5 for an application user.",
        |inputs| inputs.version_is_too_old().map(Into::into),
    ),
];

impl Inputs<'_> {
    fn work_365_version(&self) -> Reading<String> {
        #[derive(serde::Deserialize)]
        struct Solutions {
            value: Vec<Solution>,
        }
        #[derive(serde::Deserialize, Default)]
        #[serde(default)]
        struct Solution {
            uniquename: String,
            friendlyname: String,
            version: String,
        }
        let silent = || Unknown::silent("dataverse.solutions", "no answer holds the version of Work 365");
        let section = self.snapshot.section("dataverse.solutions").ok_or_else(silent)?;
        let body = section.body.as_ref().ok_or_else(silent)?;
        let solutions: Solutions = serde_json::from_str(body.get()).map_err(|_| silent())?;
        let is_ours = |name: &str| {
            let name: String = name.to_lowercase().split_whitespace().collect();
            name.contains("work365")
        };
        solutions
            .value
            .into_iter()
            .find(|one| !one.version.is_empty() && (is_ours(&one.uniquename) || is_ours(&one.friendlyname)))
            .map(|one| one.version)
            .ok_or_else(silent)
    }

    /// A consent can only be given from version 2.5 on and an application user only be chosen from 3.5 on (domain.md 1.1),
    /// so either proves its version where the version itself was not read.
    fn version_is_too_old(&self) -> Reading<bool> {
        let least = match self.profile {
            Profile::LegacyPassword => return Ok(false),
            Profile::Consent => (2, 5),
            Profile::ApplicationUser => (3, 5),
        };
        let proven = match self.profile {
            Profile::ApplicationUser => self.application_ids_in_use().map(|used| !used.is_empty()),
            Profile::LegacyPassword | Profile::Consent => self.consent_is_present(),
        };
        match self.work_365_version() {
            Ok(version) => {
                let mut numbers = version
                    .split('.')
                    .map(|number| number.parse::<u32>().unwrap_or(0));
                let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
                Ok(found < least)
            }
            Err(_) if proven == Ok(true) => Ok(false),
            Err(unknown) => Err(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::sample::Sample;
    use crate::profile::Profile;

    fn with_version(version: &str) -> Sample {
        Sample::new().list(
            "dataverse.solutions",
            json!([{"uniquename": "Other", "friendlyname": "Other", "version": "1.0"},
                {"uniquename": "Work365", "friendlyname": "Work 365", "version": version}]),
        )
    }

    #[test]
    fn each_profile_has_its_least_version() {
        for (profile, version, too_old) in [
            (Profile::Consent, "2.4.9", true),
            (Profile::Consent, "2.5", false),
            (Profile::ApplicationUser, "3.4.12", true),
            (Profile::ApplicationUser, "3.10.1", false),
        ] {
            let sample = with_version(version).under(profile);
            assert_eq!(sample.is("consent.version_too_old"), Ok(too_old), "{version}");
        }
    }

    #[test]
    fn an_application_user_in_place_proves_its_version() {
        let unread = Sample::new().under(Profile::ApplicationUser);
        assert_eq!(
            unread.is("consent.version_too_old"),
            Err("dataverse.solutions".to_owned())
        );
        let in_place = unread.list(
            "dataverse.application_users",
            json!([{"systemuserid": "u", "applicationid": "5e56ae97-9be1-40d3-938b-99ea52175a30"}]),
        );
        assert_eq!(in_place.is("consent.version_too_old"), Ok(false));
    }
}
