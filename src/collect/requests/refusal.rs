//! Refusals that mean more than their status says: by their words, because the codes are the same for all of them.

use super::record::Record;
use super::table::Read;
use crate::snapshot::{Outcome, Service, section_info};

/// The record with what its words mean: a licence that the tenant lacks, a permission that the token lacks, an
/// application that the Power Platform does not know.
///
/// Without Entra ID P2 `roleEligibilityScheduleInstances` answers 400 `AadPremiumLicenseRequired`, `riskyUsers` 403
/// `Forbidden`, and without P1 `evaluate` answers 403 `AccessDenied`; a missing permission has the same codes.
pub(crate) fn told(record: Record, read: &Read) -> Record {
    if !matches!(record.outcome, Outcome::Denied | Outcome::Failed) {
        return record;
    }
    let Some(words) = record.words().map(|words| words.to_ascii_lowercase()) else {
        return record;
    };
    let status = record.status().unwrap_or_default();
    let info = section_info(read.section);
    let license = info.and_then(|info| info.license);
    let is_refusal = matches!(status, 401 | 403);
    if (is_refusal || status == 400) && read.service == Service::Graph && is_about_a_licence(&words) {
        let license = license.unwrap_or("Microsoft Entra ID P1");
        return record.denied(format!("the tenant has no {license} licence, which this needs"));
    }
    if is_refusal && words.contains("scopes are missing") {
        let permission = read.permission.unwrap_or("a permission");
        return record.denied(format!("the token lacks {permission}"));
    }
    if is_refusal
        && read.service == Service::Admin
        && words.contains("service principal")
        && words.contains("does not have permission")
    {
        return record.denied(
            "the application was never registered with the Power Platform: an administrator runs New-PowerAppManagementApp once",
        );
    }
    record
}

fn is_about_a_licence(words: &str) -> bool {
    [
        "licensed for this feature",
        "premiumlicenserequired",
        "nonpremiumtenant",
        "premium license",
        "requires a license",
    ]
    .iter()
    .any(|known| words.contains(known))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::told;
    use crate::collect::requests::record::Record;
    use crate::collect::requests::table::READS;
    use crate::collect::wire::call::Reply;
    use crate::snapshot::{Outcome, sections};

    fn of(section: &str, status: u16, code: &str, message: &str) -> (Outcome, String) {
        let read = READS.iter().find(|read| read.section == section).unwrap();
        let record = told(
            Record::of(&Reply::json(
                status,
                json!({"error": {"code": code, "message": message}}),
            )),
            read,
        );
        let detail = record.failure().unwrap_or_default().to_owned();
        (record.outcome, detail)
    }

    #[test]
    fn one_code_means_a_licence_or_a_permission_by_its_words() {
        let unlicensed = "Your tenant is not licensed for this feature.";
        let scopes = "You cannot perform the requested operation, required scopes are missing in the token.";
        let principal = "The service principal with id 'x' for application y does not have permission to access the path 'z'.";
        for (section, status, code, message, detail) in [
            (
                sections::ELIGIBLE_ROLES,
                400,
                "AadPremiumLicenseRequired",
                "The tenant needs to have Microsoft Entra ID P2 license.",
                "the tenant has no Microsoft Entra ID P2 licence",
            ),
            (
                sections::RISKY_USER,
                403,
                "Forbidden",
                unlicensed,
                "the tenant has no Microsoft Entra ID P2 licence",
            ),
            (
                sections::RISKY_USER,
                403,
                "Forbidden",
                scopes,
                "the token lacks IdentityRiskyUser.Read.All",
            ),
            (
                sections::CONDITIONAL_ACCESS_EVALUATION,
                403,
                "AccessDenied",
                unlicensed,
                "the tenant has no Microsoft Entra ID P1 licence",
            ),
            (
                sections::SIGN_INS,
                403,
                "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
                "Neither tenant is B2C or tenant doesn't have premium license",
                "the tenant has no Microsoft Entra ID P1 licence",
            ),
            (
                sections::ENVIRONMENT,
                403,
                "Forbidden",
                principal,
                "the application was never registered",
            ),
        ] {
            let (outcome, found) = of(section, status, code, message);
            assert_eq!(outcome, Outcome::Denied, "{section}");
            assert!(found.starts_with(detail), "{section}: {found}");
        }
        let (outcome, detail) = of(sections::RISKY_USER, 400, "BadRequest", "Something else.");
        assert_eq!((outcome, detail.as_str()), (Outcome::Failed, "HTTP 400"));
    }
}
