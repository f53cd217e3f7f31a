//! Facts about mix-ups: is the checked account the service account at all, and is this its tenant.

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::account::{account_is_guest, missing};
use crate::facts::identity::application::{application, stands_for_the_account};
use crate::facts::identity::displayed::displayed;
use crate::facts::identity::subject::{existing_user, row, user};
use crate::facts::reading::{Reading, Reason, Unknown, all, any, found, read};
use crate::facts::sign_in::deciding::newest_attempt;
use crate::facts::sign_in::entry::{Attempt, demanded_by, is_work_365};
use crate::facts::sign_in::log::{account_sign_ins, unless_log_is_cut};
use crate::facts::value::{FactValue, Kind};
use crate::profile::Profile;
use crate::text::is_guid;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "mixup.configured_identity",
        Kind::Text,
        &["dataverse.application_users"],
        "The identity that Work 365 itself displays (`--configured-identity`), else the application that it was found to use in place of the account.",
        |context| used_identity(context).map(Into::into),
    )
    .its_own(),
    fact(
        "mixup.checked_account",
        Kind::Text,
        &[],
        "The account that the check was run for.",
        |context| Ok(context.snapshot.subject.account.as_str().into()),
    )
    .its_own(),
    fact(
        "mixup.other_identity",
        Kind::Bool,
        &["graph.user", "dataverse.application_users"],
        "Work 365 displays another identity than the checked account.",
        |context| other_identity_is_configured(context).map(Into::into),
    ),
    fact(
        "mixup.platform_row",
        Kind::Bool,
        &["dataverse.system_users"],
        "The account is one of Microsoft's placeholder users (crmoln, crmoln2), not a person's or a service's.",
        |context| is_platform_row(context).map(Into::into),
    ),
    fact(
        "mixup.integration_account",
        Kind::Bool,
        &[
            "graph.group_memberships",
            "graph.sign_ins",
            "graph.user",
            "dataverse.system_users",
        ],
        "The account is a Partner Center integration user: a partner agent without a licence and without a row in Dynamics 365.",
        |context| is_integration_account(context).map(Into::into),
    ),
    fact(
        "mixup.support_account",
        Kind::Bool,
        &["graph.user"],
        "The account is the vendor's support user (its name starts with iotapsupport).",
        |context| is_support_account(context).map(Into::into),
    ),
    fact(
        "tenant.directory",
        Kind::Text,
        &["graph.organization", "graph.operator"],
        "Tenant id of the directory that was read.",
        |context| {
            let tenants = directory_tenants(context);
            tenants
                .into_iter()
                .next()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("graph.organization", "no answer names the tenant"))
        },
    )
    .its_own(),
    fact(
        "tenant.environment",
        Kind::Text,
        &["login.challenge", "admin.environment"],
        "Tenant id that the environment belongs to.",
        |context| environment_tenant(context).map(Into::into),
    )
    .its_own(),
    fact(
        "tenant.mismatch",
        Kind::Bool,
        &[
            "login.challenge",
            "admin.environment",
            "graph.organization",
            "graph.operator",
            "graph.sign_ins",
            "login.probe",
        ],
        "The account's directory and the environment belong to different tenants, or the newest sign-in went to another tenant or cloud.",
        |context| tenants_differ(context).map(Into::into),
    ),
    fact(
        "tenant.finding",
        Kind::Text,
        &["login.challenge", "admin.environment", "graph.organization", "graph.operator", "graph.sign_ins", "login.probe"],
        "What does not belong to the environment's tenant, in a few words: the directory that was read, or the newest sign-in; null when all does.",
        |context| tenant_finding(context).map(Into::into),
    )
    .nullable(),
    fact(
        "tenant.sign_in_code",
        Kind::Int,
        &["login.probe", "graph.sign_ins"],
        "AADSTS number with which the newest sign-in named another tenant or cloud; null when it did not.",
        |context| Ok(tenant_code(context).map(|attempt| attempt.code).into()),
    )
    .nullable(),
];

/// Codes of a sign-in that reached another tenant or cloud. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const OTHER_TENANT: [i64; 6] = [90002, 90038, 700005, 50059, 50128, 900023];

/// Codes that say the same of a member, but are the normal answer to a guest.
const OTHER_TENANT_OR_GUEST: [i64; 3] = [50020, 90072, 16003];

/// Names of Microsoft's placeholder users.
const PLATFORM_USERS: [&str; 2] = ["crmoln@microsoft.com", "crmoln2@microsoft.com"];

/// Application id of the Partner Center API, which only partner integrations sign in to.
const PARTNER_CENTER: &str = "fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd";

fn configured_identity<'a>(context: &Context<'a>) -> Reading<&'a str> {
    displayed(context).ok_or_else(|| {
        Unknown::because(
            "arguments",
            Reason::ExpectationMissing,
            "say which identity Work 365 displays: --configured-identity UPN or application id",
        )
    })
}

/// What Work 365 displays; where nobody said so, the application that stands for a person's account.
fn used_identity<'a>(context: &Context<'a>) -> Reading<&'a str> {
    let unsaid = match configured_identity(context) {
        Err(unsaid) if context.is(Profile::ApplicationUser) => unsaid,
        configured => return configured,
    };
    match stands_for_the_account(context) {
        Ok(true) => application(context)?.ok_or(unsaid),
        _ => Err(unsaid),
    }
}

fn other_identity_is_configured(context: &Context<'_>) -> Reading<bool> {
    let configured = used_identity(context)?;
    if configured.eq_ignore_ascii_case(&context.snapshot.subject.account) {
        return Ok(false);
    }
    if !context.is(Profile::ApplicationUser) && !is_work_365(configured) {
        // Another name of the account may look like any other.
        user(context)?;
    }
    Ok(true)
}

fn is_platform_row(context: &Context<'_>) -> Reading<bool> {
    let account = context.snapshot.subject.account.as_str();
    if is_platform_user(account) {
        return Ok(true);
    }
    let names = names_read(context)?;
    Ok(names.into_iter().any(is_platform_user))
}

fn is_support_account(context: &Context<'_>) -> Reading<bool> {
    let is_support = |name: &str| name.to_lowercase().starts_with("iotapsupport");
    if is_support(&context.snapshot.subject.account) {
        return Ok(true);
    }
    let names = names_read(context)?;
    Ok(names.into_iter().any(is_support))
}

/// The account's names in what was read. The name in the request alone proves no answer: nobody looked.
fn names_read<'a>(context: &Context<'a>) -> Reading<Vec<&'a str>> {
    match (user(context), row(context)) {
        (Err(unknown), Err(_)) => Err(unknown),
        (user, row) => {
            let upn = user
                .ok()
                .flatten()
                .and_then(|user| user.user_principal_name.text());
            let domain_name = row.ok().flatten().and_then(|row| row.domainname.text());
            Ok(upn.into_iter().chain(domain_name).collect())
        }
    }
}

/// It may be an Admin Agent, without a row.
fn is_integration_account(context: &Context<'_>) -> Reading<bool> {
    all([
        any([is_partner_agent(context), signs_in_as_partner(context)]),
        row(context).map(|row| row.is_none()),
        holds_no_dynamics_plan(context),
    ])
}

fn is_partner_agent(context: &Context<'_>) -> Reading<bool> {
    let groups = found(&context.evidence().group_memberships)?;
    Ok(groups.is_some_and(|list| {
        list.value.iter().any(|group| {
            group
                .display_name
                .text()
                .is_some_and(|name| name.eq_ignore_ascii_case("AdminAgents"))
        })
    }))
}

fn signs_in_as_partner(context: &Context<'_>) -> Reading<bool> {
    let found = account_sign_ins(context)?.iter().find(|entry| {
        let partner = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(PARTNER_CENTER));
        partner(entry.app_id.text())
            || partner(entry.resource_id.text())
            || demanded_by(entry, "enforcedForCspAdmins")
    });
    Ok(unless_log_is_cut(context, found)?.is_some())
}

fn holds_no_dynamics_plan(context: &Context<'_>) -> Reading<bool> {
    let user = existing_user(context)?;
    if user.assigned_licenses.is_missing() || user.hides_licences() {
        return Err(missing("assignedLicenses"));
    }
    let holds = user.assigned_plans.items().iter().any(|plan| {
        let counts = matches!(plan.capability_status.text(), Some("Enabled" | "Warning"));
        counts && plan.service.text() == Some("CRM")
    });
    Ok(user.assigned_licenses.items().is_empty() || !holds)
}

/// Tenants that the directory side names, the most certain first.
fn directory_tenants<'a>(context: &Context<'a>) -> Vec<&'a str> {
    let evidence = context.evidence();
    let organization = evidence
        .organization
        .ok()
        .and_then(|single| single.0.as_ref())
        .and_then(|organization| organization.id.text());
    let operator = evidence
        .operator
        .ok()
        .and_then(|operator| operator.claims.value()?.tid.text());
    let probe = evidence
        .probe
        .ok()
        .and_then(|probe| probe.claims.value()?.tid.text());
    let subject = context.snapshot.subject.tenant_id.as_deref();
    [organization, operator, probe, subject]
        .into_iter()
        .flatten()
        .filter(|id| is_guid(id))
        .collect()
}

fn environment_tenant<'a>(context: &Context<'a>) -> Reading<&'a str> {
    let challenge = read(&context.evidence().challenge);
    let named = challenge
        .as_ref()
        .ok()
        .and_then(|challenge| challenge.authorization_uri.text())
        .and_then(|uri| uri.split('/').find(|part| is_guid(part)));
    let environment = read(&context.evidence().environment);
    let owned = environment
        .as_ref()
        .ok()
        .and_then(|environment| environment.properties.value()?.tenant_id.text())
        .filter(|id| is_guid(id));
    match (named, owned, challenge, environment) {
        (Some(tenant), ..) => Ok(tenant),
        // The environment's host was asked and did not answer: the admin API alone leaves open what it is.
        (None, _, Err(unknown), _) if unknown.was_refused() => Err(unknown),
        (None, Some(tenant), ..) => Ok(tenant),
        (None, None, Err(challenge), Err(environment)) => Err(challenge.and(environment)),
        (None, None, Err(unknown), Ok(_)) | (None, None, Ok(_), Err(unknown)) => Err(unknown),
        (None, None, Ok(_), Ok(_)) => Err(Unknown::silent(
            "login.challenge",
            "the challenge names no tenant",
        )),
    }
}

fn tenants_differ(context: &Context<'_>) -> Reading<bool> {
    if tenant_code(context).is_some() {
        return Ok(true);
    }
    directory_is_another(context)
}

fn directory_is_another(context: &Context<'_>) -> Reading<bool> {
    let environment = environment_tenant(context)?;
    let directory = directory_tenants(context);
    if directory.is_empty() {
        return Err(found(&context.evidence().organization)
            .err()
            .unwrap_or_else(|| Unknown::silent("graph.organization", "no answer names the tenant")));
    }
    Ok(directory.iter().any(|id| !id.eq_ignore_ascii_case(environment)))
}

/// The same in words. Directory ids that differ tell more than the code of a sign-in.
fn tenant_finding(context: &Context<'_>) -> Reading<Option<String>> {
    if directory_is_another(context) == Ok(true) {
        return Ok(Some("the directory that was read".to_owned()));
    }
    if let Some(attempt) = tenant_code(context) {
        let code = attempt.code;
        return Ok(Some(format!("where Work 365 signs in (AADSTS{code})")));
    }
    directory_is_another(context).map(|_| None)
}

fn tenant_code<'a>(context: &Context<'a>) -> Option<Attempt<'a>> {
    let newest = newest_attempt(context).ok().flatten()?;
    let for_members =
        OTHER_TENANT_OR_GUEST.contains(&newest.code) && !account_is_guest(context).unwrap_or(false);
    (OTHER_TENANT.contains(&newest.code) || for_members).then_some(newest)
}

fn is_platform_user(name: &str) -> bool {
    PLATFORM_USERS.iter().any(|user| user.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::facts::expectations::Expectations;
    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, password_sign_in};

    const TENANT: &str = "a1a1a1a1-0000-4000-8000-00000000000a";
    const OTHER: &str = "b2b2b2b2-0000-4000-8000-00000000000b";

    fn challenge(tenant: &str) -> serde_json::Value {
        json!({"authorization_uri": format!("https://login.microsoftonline.com/{tenant}/oauth2/authorize")})
    }

    #[test]
    fn the_environment_must_belong_to_the_directory_that_was_read() {
        let sample = Sample::new().list("graph.organization", json!([{"id": TENANT}]));
        assert_eq!(sample.is("tenant.mismatch"), Err("login.challenge".to_owned()));
        let same = sample.clone().ok("login.challenge", challenge(TENANT));
        assert_eq!(same.is("tenant.mismatch"), Ok(false));
        let other = sample.clone().ok("login.challenge", challenge(OTHER));
        assert_eq!(other.is("tenant.mismatch"), Ok(true));
        let failed = sample.ended("login.challenge", "failed").ok(
            "admin.environment",
            json!({"name": "e", "properties": {"tenantId": TENANT}}),
        );
        assert_eq!(failed.is("tenant.mismatch"), Err("login.challenge".to_owned()));
    }

    #[test]
    fn a_code_of_another_tenant_counts_unless_it_is_the_answer_to_a_guest() {
        let log = json!([password_sign_in("2026-06-15T06:00:00Z", 50020)]);
        let sample = Sample::new()
            .list("graph.organization", json!([{"id": TENANT}]))
            .ok("login.challenge", challenge(TENANT))
            .list("graph.sign_ins", log);
        let member = sample.clone().with_user(json!({}));
        assert_eq!(member.is("tenant.mismatch"), Ok(true));
        let guest = sample.with_user(json!({"userType": "Guest"}));
        assert_eq!(guest.is("tenant.mismatch"), Ok(false));
    }

    #[test]
    fn an_agent_without_licence_and_row_is_the_integration_account() {
        let _whole = crate::snapshot::whole_answers();
        let agent = Sample::new()
            .with_user(json!({}))
            .list(
                "graph.group_memberships",
                json!([{"id": "g", "displayName": "AdminAgents"}]),
            )
            .list(
                "dataverse.operator_roles",
                json!([{"roleid": "s", "_roletemplateid_value": "627090ff-40a3-4053-8790-584edc5be201"}]),
            )
            .list("dataverse.system_users", json!([]));
        assert_eq!(agent.is("mixup.integration_account"), Ok(true));
        let with_row = agent.list(
            "dataverse.system_users",
            json!([{"systemuserid": "r", "azureactivedirectoryobjectid": ACCOUNT_ID}]),
        );
        assert_eq!(with_row.is("mixup.integration_account"), Ok(false));
    }

    #[test]
    fn support_and_platform_users_are_known_by_name() {
        for (name, fact) in [
            ("iotapsupport@contoso.com", "mixup.support_account"),
            ("crmoln2@microsoft.com", "mixup.platform_row"),
        ] {
            assert_eq!(Sample::new().named(name).is(fact), Ok(true), "{name}");
            let ordinary = Sample::new().with_user(json!({})).list(
                "dataverse.system_users",
                json!([{"systemuserid": "r", "azureactivedirectoryobjectid": ACCOUNT_ID,
                    "domainname": "svc@contoso.com"}]),
            );
            assert_eq!(ordinary.is(fact), Ok(false), "{fact}");
            assert!(Sample::new().is(fact).is_err(), "{fact}");
        }
    }

    #[test]
    fn the_displayed_identity_is_only_judged_when_it_was_told() {
        let _whole = crate::snapshot::whole_answers();
        let told = |identity: &str| {
            Sample::new()
                .with_user(json!({"displayName": "Work 365 Service"}))
                .expecting(Expectations {
                    configured_identity: Some(identity.to_owned()),
                    ..Expectations::default()
                })
        };
        assert_eq!(
            Sample::new().is("mixup.other_identity"),
            Err("arguments".to_owned())
        );
        assert_eq!(told("SVC@contoso.com").is("mixup.other_identity"), Ok(false));
        for own in ["Work 365 Service", ACCOUNT_ID] {
            assert_eq!(told(own).is("mixup.other_identity"), Ok(false), "{own}");
            assert_eq!(told(own).is("profile.configured_application"), Ok(false), "{own}");
        }
        assert_eq!(told("Ada Hart").is("mixup.other_identity"), Ok(true));
        assert_eq!(told("ada@contoso.com").is("mixup.other_identity"), Ok(true));
        assert_eq!(
            told("5e56ae97-9be1-40d3-938b-99ea52175a30").is("mixup.other_identity"),
            Ok(true)
        );
    }
}
