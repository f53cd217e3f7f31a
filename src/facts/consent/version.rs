//! Facts about the version of Work 365.

use crate::profile::Profile;

use crate::facts::consent::grants::{application_ids_in_use, consent_is_present};
use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Unknown, read};
use crate::facts::value::{FactValue, Kind};
use crate::text::squeezed;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "consent.version",
        Kind::Text,
        &["dataverse.solutions"],
        "Version of the installed Work 365 solution.",
        |context| work_365_version(context).map(FactValue::from),
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
        |context| version_is_too_old(context).map(Into::into),
    ),
];

fn work_365_version(context: &Context<'_>) -> Reading<String> {
    let answer = &context.evidence().solutions;
    // An add-on is named after the product and has a version of its own.
    let likeness = |name: Option<&str>| {
        let name = squeezed(name?);
        name.contains("work365").then_some(name == "work365")
    };
    read(answer)?
        .value
        .iter()
        .filter_map(|one| {
            let is_itself = likeness(one.uniquename.text()).max(likeness(one.friendlyname.text()))?;
            let version = one.version.text().filter(|version| !version.is_empty())?;
            Some((is_itself, numbers(version), version))
        })
        .max()
        .map(|(_, _, version)| version.to_owned())
        .ok_or_else(|| Unknown::silent(answer.section, "no answer holds the version of Work 365"))
}

/// The parts of a version, for its order.
fn numbers(version: &str) -> Vec<u32> {
    let parts = version.split('.');
    parts.map(|number| number.parse().unwrap_or(0)).collect()
}

/// A consent can only be given from version 2.5 on and an application user only be chosen from 3.5 on,
/// so either proves its version where the version itself was not read.
fn version_is_too_old(context: &Context<'_>) -> Reading<bool> {
    let (least, proven) = match context.profile() {
        Profile::LegacyPassword => return Ok(false),
        Profile::Consent => ((2, 5), consent_is_present(context)),
        Profile::ApplicationUser => {
            let in_use = application_ids_in_use(context).map(|used| !used.is_empty());
            ((3, 5), in_use)
        }
    };
    match work_365_version(context) {
        Ok(version) => {
            let numbers = numbers(&version);
            let part = |place: usize| numbers.get(place).copied().unwrap_or(0);
            Ok((part(0), part(1)) < least)
        }
        Err(_) if proven == Ok(true) => Ok(false),
        Err(unknown) => Err(unknown),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::testing::sample::Sample;
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
    fn a_refused_list_of_solutions_is_a_refusal_and_no_silence() {
        let refused = Sample::new()
            .ended("dataverse.solutions", "denied")
            .under(Profile::Consent);
        let unread = refused.is("consent.version_too_old");
        assert_eq!(unread, Err("dataverse.solutions".to_owned()));
    }

    #[test]
    fn an_application_user_in_place_proves_its_version() {
        let _whole = crate::snapshot::whole_answers();
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
