//! What stays as it is: ids and names that are the same in every tenant.
//!
//! Source: <https://learn.microsoft.com/graph/api/overview>.
//! Microsoft Entra built-in role template ids, Dataverse role template ids.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::embedded;
use crate::well_known::{SYSTEM_ADMINISTRATOR, WORK_365_APPLICATIONS};

/// Ids of Microsoft's and the vendor's applications, and of templates, that no pattern covers.
const IDS: &[&str] = &[
    WORK_365_APPLICATIONS[0],
    WORK_365_APPLICATIONS[1],
    // Public clients and services of Microsoft.
    "14d82eec-204b-4c2f-b7e8-296a70dab67e",
    "51f81489-12ee-4a9e-aaae-a2591f45987d",
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
    "475226c6-020e-4fb2-8a90-7a972cbfc1d4",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    "8578e004-a5c6-46e7-913e-12f58912df43",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd",
    // Dataverse: System Administrator, System Customizer, their column security profile.
    SYSTEM_ADMINISTRATOR,
    "119f245c-3cc8-4b62-b31c-d1a046ced15d",
    "572329c1-a042-4e22-be47-367c6374ea45",
    // The password, as an authentication method.
    "28c10230-6103-485e-b985-444c60001490",
    // Microsoft Entra: roles of administrators.
    "62e90394-69f5-4237-9190-012177145e10",
    "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
    "44367163-eba1-44c3-98af-f5787879f96a",
    "b79fbf4d-3ef9-4689-8143-76b194e85509",
];

/// Names that say nothing about a customer, in lower case: platform, product and built-in names.
pub(super) const NAMES: &[&str] = &[
    "#",
    "adminagents",
    "helpdeskagents",
    "salesagents",
    "authenticator lockdown",
    "common data service",
    "conditional access",
    "dataverse",
    "directory readers",
    "dynamics 365 administrator",
    "dynamics crm online",
    "global administrator",
    "global reader",
    "microsoft dynamics crm",
    "microsoft graph",
    "multifactor authentication",
    "passwordless mfa",
    "phishing-resistant mfa",
    "power platform administrator",
    "privileged role administrator",
    "security defaults",
    "support user",
    "system",
    "system administrator",
    "system customizer",
    "user administrator",
    "windows azure active directory",
    "work 365",
    "work 365 admin",
    "work 365 service",
];

/// Accounts of the platform: the same in every environment.
pub(super) const PLATFORM_ADDRESSES: &[&str] = &["crmoln@microsoft.com", "crmoln2@microsoft.com"];

static WELL_KNOWN: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let plans = embedded::text("rules/data/licenses.csv")
        .lines()
        .skip(1)
        .flat_map(|line| line.split(',').take(2))
        .filter(|id| id.len() == 36);
    IDS.iter().copied().chain(plans).collect()
});

/// Whether a GUID in lower case is the same in every tenant.
pub(super) fn is_known_id(id: &str) -> bool {
    WELL_KNOWN.contains(id) || is_of_microsoft(id) || id.starts_with("00000000-0000-0000-0000-0000000000")
}

/// `00000007-0000-0000-c000-000000000000`, `00000003-0000-0ff1-ce00-000000000000`: reserved for first-party applications.
fn is_of_microsoft(id: &str) -> bool {
    id.starts_with("000000")
        && id.ends_with("-000000000000")
        && matches!(id.get(8..24), Some("-0000-0000-c000-" | "-0000-0ff1-ce00-"))
}

/// Whether a name is the same in every tenant.
pub(super) fn is_known_name(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    // An application user's name starts with a number sign.
    let name = name.strip_prefix("# ").unwrap_or(&name);
    NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{is_known_id, is_known_name};

    #[test]
    fn plans_applications_and_the_zero_guid_stay_and_others_do_not() {
        for id in [
            "00000000-0000-0000-0000-000000000000",
            "00000007-0000-0000-c000-000000000000",
            "00000002-0000-0ff1-ce00-000000000000",
            "1e1a282c-9c54-43a2-9310-98ef728faace",
            "5e56ae97-9be1-40d3-938b-99ea52175a30",
        ] {
            assert!(is_known_id(id), "{id}");
        }
        assert!(!is_known_id("11111111-1111-4111-8111-1111111111f1"));
        assert!(is_known_name("System Administrator"));
        assert!(!is_known_name("Fabrikam"));
    }
}
