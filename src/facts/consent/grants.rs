//! Facts of the area consent: the Work 365 enterprise application, what was consented to it, and which region it is of.

use crate::profile::Profile;
use crate::snapshot::Field;
use crate::snapshot::graph::{PermissionGrant, ServicePrincipal};

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::application::application;
use crate::facts::identity::subject::{is_known_absent, object_id};
use crate::facts::reading::{Reading, Reason, Unknown, all, any, complete, found, read};
use crate::facts::sign_in::deciding::{deciding, newest_code_is_one_of, unless_refused};
use crate::facts::sign_in::entry::is_work_365;
use crate::facts::value::Kind;
use crate::well_known::{DATAVERSE_APPLICATION, GRAPH_APPLICATION, WORK_365_APPLICATIONS};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "consent.application_ids",
        Kind::Texts,
        &["graph.service_principal"],
        "Work 365 application ids that the tenant has an enterprise application of.",
        |context| {
            let principals = work_365_principals(context)?;
            let ids = principals.iter().filter_map(|one| one.app_id.text());
            Ok(ids.map(str::to_owned).collect::<Vec<_>>().into())
        },
    ),
    fact(
        "consent.application_id",
        Kind::Text,
        &["graph.service_principal"],
        "Work 365 application id that the consent stands or should stand for; null when the tenant has none.",
        |context| {
            Ok(consented_principal(context)?
                .and_then(|one| one.app_id.text())
                .into())
        },
    )
    .nullable(),
    fact(
        "consent.service_principal_id",
        Kind::Text,
        &["graph.service_principal"],
        "Object id of the Work 365 enterprise application; null when the tenant has none.",
        |context| Ok(consented_principal(context)?.and_then(|one| one.id.text()).into()),
    )
    .its_own()
    .nullable(),
    fact(
        "consent.present",
        Kind::Bool,
        &[
            "graph.service_principal",
            "graph.permission_grants",
            "graph.sign_ins",
        ],
        "Work 365 has an enterprise application here, with User.Read and user_impersonation consented for this account or for everybody.",
        |context| unless_refused(context, consent_is_present(context), true, &NOT_CONSENTED).map(Into::into),
    ),
    fact(
        "consent.missing_permissions",
        Kind::Texts,
        &["graph.permission_grants", "graph.service_principal"],
        "Delegated permissions of Work 365 that nobody consented to.",
        |context| missing_permissions(context).map(Into::into),
    ),
    fact(
        "consent.application_enabled",
        Kind::Bool,
        &["graph.service_principal"],
        "The Work 365 enterprise application is enabled for users to sign in.",
        |context| {
            let enabled = application_is_enabled(context);
            let enabled = enabled.or_else(|unknown| match newest_code_is_one_of(context, &DISABLED) {
                Ok(true) => Ok(false),
                _ => Err(unknown),
            });
            unless_refused(context, enabled, true, &DISABLED).map(Into::into)
        },
    ),
    fact(
        "consent.assignment_missing",
        Kind::Bool,
        &["graph.service_principal", "graph.app_role_assignments"],
        "The Work 365 enterprise application is restricted to assigned users, and the account is not assigned.",
        |context| {
            let missing = assignment_is_missing(context);
            let missing = missing.or_else(|unknown| match newest_code_is_one_of(context, &NOT_ASSIGNED) {
                Ok(true) => Ok(true),
                _ => Err(unknown),
            });
            unless_refused(context, missing, false, &NOT_ASSIGNED).map(Into::into)
        },
    ),
    fact(
        "consent.wrong_region",
        Kind::Bool,
        &[
            "graph.service_principal",
            "dataverse.application_users",
            "dataverse.system_users",
            "admin.environment",
            "graph.sign_ins",
        ],
        "The Work 365 application in place is of another region than the environment, than the application user in Dynamics 365, or than the one whose sign-in was refused.",
        |context| region_is_wrong(context).map(Into::into),
    ),
    fact(
        "consent.used_application_ids",
        Kind::Texts,
        &["dataverse.application_users", "dataverse.system_users"],
        "Work 365 application ids that Dynamics 365 has an application user of.",
        |context| application_ids_in_use(context).map(Into::into),
    ),
];

/// The two delegated permissions that Work 365 asks for, and the resource of each.
const PERMISSIONS: [(&str, &str); 2] = [
    ("User.Read", GRAPH_APPLICATION),
    ("user_impersonation", DATAVERSE_APPLICATION),
];

/// Codes of a sign-in for which no consent, or no application, was found.
const NOT_CONSENTED: [i64; 6] = [65001, 90008, 90094, 650052, 650056, 700016];

/// The application is disabled.
const DISABLED: [i64; 1] = [7000112];

/// The account is not assigned to the application.
const NOT_ASSIGNED: [i64; 1] = [50105];

/// Locations of environments that Work 365 serves from Europe. Source: <https://learn.microsoft.com/power-platform/admin/control-user-access>.
const EUROPE: [&str; 10] = [
    "europe",
    "unitedkingdom",
    "france",
    "germany",
    "switzerland",
    "norway",
    "sweden",
    "italy",
    "poland",
    "spain",
];

/// The tenant's Work 365 enterprise applications.
fn work_365_principals<'c, 'a>(context: &'c Context<'a>) -> Reading<&'c [&'a ServicePrincipal]> {
    context
        .once(&context.caches.principals, || {
            complete(|| {
                let listed = found(&context.evidence().service_principal)?;
                let principals = listed.map_or(&[][..], |list| list.0.as_slice());
                Ok(principals
                    .iter()
                    .filter(|one| one.app_id.text().is_some_and(is_work_365))
                    .collect())
            })
        })
        .as_deref()
        .map_err(Clone::clone)
}

/// The enterprise application that is judged: the one that signs in, where that is known, else the one that was fully
/// consented to, else the first. A tenant may hold a leftover of the other region.
fn consented_principal<'a>(context: &Context<'a>) -> Reading<Option<&'a ServicePrincipal>> {
    let principals = work_365_principals(context)?;
    let consented = principals
        .iter()
        .find(|one| missing_on(context, one).is_ok_and(|missing| missing.is_empty()));
    let application = match context.is(Profile::ApplicationUser) {
        true => application(context)?,
        false => application_of_newest_sign_in(context).map(|(id, _)| id),
    };
    let own = principals.iter().find(|one| {
        let id = one.app_id.text().zip(application);
        id.is_some_and(|(id, application)| id.eq_ignore_ascii_case(application))
    });
    Ok(own.or(consented).or(principals.first()).copied())
}

pub(crate) fn consent_is_present(context: &Context<'_>) -> Reading<bool> {
    let by_directory = consented_principal(context).and_then(|principal| match principal {
        Some(principal) => all(held_on(context, principal)?),
        None => Ok(false),
    });
    by_directory.or_else(|unknown| match newest_code_is_one_of(context, &NOT_CONSENTED) {
        Ok(true) => Ok(false),
        _ => Err(unknown),
    })
}

fn missing_permissions(context: &Context<'_>) -> Reading<Vec<String>> {
    let missing = match consented_principal(context)? {
        Some(principal) => missing_on(context, principal)?,
        None => PERMISSIONS.iter().map(|(name, _)| *name).collect(),
    };
    Ok(missing.into_iter().map(str::to_owned).collect())
}

fn missing_on(context: &Context<'_>, principal: &ServicePrincipal) -> Reading<Vec<&'static str>> {
    let mut missing = Vec::new();
    for (permission, is_held) in PERMISSIONS.iter().zip(held_on(context, principal)?) {
        if !is_held? {
            missing.push(permission.0);
        }
    }
    Ok(missing)
}

/// Whether each of the permissions is held.
fn held_on(
    context: &Context<'_>,
    principal: &ServicePrincipal,
) -> Reading<[Reading<bool>; PERMISSIONS.len()]> {
    let grants = found(&context.evidence().permission_grants)?.map_or(&[][..], |list| list.value.as_slice());
    let client = principal.id.text();
    Ok(PERMISSIONS.map(|(name, resource)| {
        let mut untold = None;
        for grant in grants {
            let is_of_client = grant.client_id.text().zip(client);
            let is_it = is_of_client.is_some_and(|(own, client)| own.eq_ignore_ascii_case(client))
                && grant
                    .scope
                    .text()
                    .is_some_and(|scope| scope.split_whitespace().any(|one| one.eq_ignore_ascii_case(name)))
                && grant_may_be_on(context, grant, resource);
            if !is_it {
                continue;
            }
            match grant_reaches_account(context, grant) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(unknown) => untold = Some(unknown),
            }
        }
        untold.map_or(Ok(false), Err)
    }))
}

/// Unknown for one person's grant while the account's object id is not known; where there is no such object, it is another's.
fn grant_reaches_account(context: &Context<'_>, grant: &PermissionGrant) -> Reading<bool> {
    if grant
        .consent_type
        .text()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("AllPrincipals"))
    {
        return Ok(true);
    }
    let own = match object_id(context) {
        Ok(own) => own,
        Err(_) if is_known_absent(context) => return Ok(false),
        Err(unknown) => return Err(unknown),
    };
    let principal = grant.principal_id.text();
    Ok(principal.is_some_and(|id| id.eq_ignore_ascii_case(own)))
}

/// Whether the grant is on the resource, as far as `graph.grant_resources` tells: the same permission name exists on
/// other resources too.
fn grant_may_be_on(context: &Context<'_>, grant: &PermissionGrant, resource: &str) -> bool {
    let resources = context.evidence().grant_resources.ok();
    let known = resources.and_then(|list| {
        let id = grant.resource_id.text()?;
        let resource = list
            .value
            .iter()
            .find(|one| one.id.text().is_some_and(|own| own.eq_ignore_ascii_case(id)))?;
        resource.app_id.text()
    });
    known.is_none_or(|id| id.eq_ignore_ascii_case(resource))
}

fn application_is_enabled(context: &Context<'_>) -> Reading<bool> {
    let Some(principal) = consented_principal(context)? else {
        return Err(Unknown::silent(
            "graph.service_principal",
            "the tenant has no Work 365 enterprise application",
        ));
    };
    principal
        .account_enabled
        .value()
        .copied()
        .ok_or_else(|| Unknown::silent("graph.service_principal", "the answer has no accountEnabled"))
}

fn assignment_is_missing(context: &Context<'_>) -> Reading<bool> {
    let Some(principal) = consented_principal(context)? else {
        return Err(Unknown::silent(
            "graph.service_principal",
            "the tenant has no Work 365 enterprise application",
        ));
    };
    let required = match &principal.app_role_assignment_required {
        Field::Value(required) => Ok(*required),
        Field::Null => Ok(false),
        Field::Missing(_) => Err(Unknown::because(
            "graph.service_principal",
            Reason::Failed,
            "the answer has no appRoleAssignmentRequired",
        )),
    };
    let unassigned = found(&context.evidence().app_role_assignments).map(|list| {
        !list.is_some_and(|list| {
            list.value.iter().any(|assignment| {
                let pair = assignment.resource_id.text().zip(principal.id.text());
                pair.is_some_and(|(resource, id)| resource.eq_ignore_ascii_case(id))
            })
        })
    });
    all([required, unassigned])
}

pub(crate) fn application_ids_in_use(context: &Context<'_>) -> Reading<Vec<String>> {
    let listed = read(&context.evidence().application_users);
    let rows = read(&context.evidence().system_users);
    let known: Vec<_> = listed
        .iter()
        .chain(rows.iter())
        .flat_map(|list| list.value.iter())
        .collect();
    let used: Vec<String> = WORK_365_APPLICATIONS
        .iter()
        .filter(|id| {
            known.iter().any(|row| {
                let own = row
                    .applicationid
                    .text()
                    .is_some_and(|own| own.eq_ignore_ascii_case(id));
                own && row.isdisabled.value() != Some(&true)
            })
        })
        .map(|id| (*id).to_owned())
        .collect();
    match (used.is_empty(), listed) {
        // Without the list of application users, finding none proves nothing.
        (true, Err(unknown)) => Err(unknown),
        _ => Ok(used),
    }
}

fn region_is_wrong(context: &Context<'_>) -> Reading<bool> {
    let principals = work_365_principals(context)?;
    let in_tenant = |id: &str| {
        principals
            .iter()
            .any(|one| one.app_id.text().is_some_and(|own| own.eq_ignore_ascii_case(id)))
    };
    if principals.is_empty() {
        return Err(Unknown::silent(
            "graph.service_principal",
            "the tenant has no Work 365 enterprise application",
        ));
    }
    let own = match context.is(Profile::ApplicationUser) {
        true => application(context)?.filter(|id| is_work_365(id)),
        false => None,
    };
    let judged: Vec<&str> = match own {
        Some(id) => vec![id],
        None => principals.iter().filter_map(|one| one.app_id.text()).collect(),
    };
    let of_other_region = region_application(context).map(|expected| {
        expected.is_some_and(|id| !judged.iter().any(|judged| judged.eq_ignore_ascii_case(id)))
    });
    any([
        of_other_region,
        Ok(own.is_some_and(|id| !in_tenant(id))),
        application_ids_in_use(context).map(|used| !used.is_empty() && !used.iter().any(|id| in_tenant(id))),
        Ok(refused_application(context).is_some_and(|id| !in_tenant(id))),
    ])
}

/// The Work 365 application whose newest sign-in was refused because the tenant does not have it, or has not consented to it.
fn refused_application<'a>(context: &Context<'a>) -> Option<&'a str> {
    let (id, code) = application_of_newest_sign_in(context)?;
    (NOT_CONSENTED.contains(&code) && !context.supposed.is_cured(code)).then_some(id)
}

/// The Work 365 application of the newest sign-in, and how that ended.
fn application_of_newest_sign_in<'a>(context: &Context<'a>) -> Option<(&'a str, i64)> {
    let newest = complete(|| deciding(context)).ok().flatten()?;
    let id = newest.entry?.app_id.known()?.trim();
    is_work_365(id).then_some((id, newest.code))
}

/// The Work 365 application of the environment's region; none where the vendor's table names no region.
fn region_application(context: &Context<'_>) -> Reading<Option<&'static str>> {
    let [american, european] = WORK_365_APPLICATIONS;
    let environment = read(&context.evidence().environment);
    let location = environment
        .as_ref()
        .ok()
        .and_then(|environment| environment.location.text());
    if let Some(place) = location {
        return Ok(match place {
            _ if EUROPE.contains(&place) => Some(european),
            _ if place.starts_with("unitedstates") || place == "usgov" => Some(american),
            _ => None,
        });
    }
    // The host tells too: contoso.crm4.dynamics.com lies in Europe.
    let host = context
        .snapshot
        .subject
        .environment
        .as_deref()
        .unwrap_or_default();
    match host.split('.').nth(1) {
        Some("crm" | "crm9") => Ok(Some(american)),
        Some("crm4" | "crm11" | "crm12" | "crm16" | "crm17" | "crm19") => Ok(Some(european)),
        Some(other) if other.starts_with("crm") => Ok(None),
        _ => Err(environment
            .err()
            .unwrap_or_else(|| Unknown::silent("admin.environment", "the answer has no location"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, token_refresh};
    use crate::facts::value::FactValue;
    use crate::profile::Profile;

    const AMERICAN: &str = "e4b1a995-abe3-4350-a61c-65fccd32e8bd";
    const EUROPEAN: &str = "5e56ae97-9be1-40d3-938b-99ea52175a30";

    fn principal(app: &str) -> Value {
        json!({"id": "sp", "appId": app, "accountEnabled": true, "appRoleAssignmentRequired": false})
    }

    fn grant(scope: &str, kind: &str, principal: Value) -> Value {
        json!({"clientId": "sp", "consentType": kind, "principalId": principal, "resourceId": "r", "scope": scope})
    }

    fn sample(principals: Value, grants: Value) -> Sample {
        Sample::new()
            .under(Profile::Consent)
            .with_user(json!({}))
            .list("graph.service_principal", principals)
            .list("graph.permission_grants", grants)
            .list("dataverse.application_users", json!([]))
            .list("dataverse.system_users", json!([]))
    }

    #[test]
    fn both_permissions_are_needed_for_everybody_or_for_this_account() {
        let both = "User.Read user_impersonation";
        let principals = || json!([principal(EUROPEAN)]);
        for (grants, present) in [
            (json!([grant(both, "AllPrincipals", Value::Null)]), true),
            (json!([grant(both, "Principal", json!(ACCOUNT_ID))]), true),
            (json!([grant(both, "Principal", json!("somebody"))]), false),
            (json!([grant("User.Read", "AllPrincipals", Value::Null)]), false),
            (
                json!([grant(
                    "User.ReadWrite user_impersonation",
                    "AllPrincipals",
                    Value::Null
                )]),
                false,
            ),
            (json!([]), false),
        ] {
            assert_eq!(
                sample(principals(), grants.clone()).is("consent.present"),
                Ok(present),
                "{grants}"
            );
        }
        assert_eq!(sample(json!([]), json!([])).is("consent.present"), Ok(false));
    }

    #[test]
    fn of_two_applications_the_one_that_signs_in_needs_the_consent() {
        let mut american = principal(AMERICAN);
        american["id"] = json!("other");
        let grants = json!([grant(
            "User.Read user_impersonation",
            "AllPrincipals",
            Value::Null
        )]);
        let both = sample(json!([american, principal(EUROPEAN)]), grants);
        assert_eq!(
            both.is("consent.present"),
            Ok(true),
            "nothing tells which one signs in"
        );
        for (app, present) in [(EUROPEAN, true), (AMERICAN, false)] {
            let mut refresh = token_refresh("2026-06-15T06:00:00Z", 0);
            refresh["appId"] = json!(app);
            let used = both.clone().list("graph.sign_ins", json!([refresh]));
            assert_eq!(used.is("consent.present"), Ok(present), "{app}");
        }
    }

    #[test]
    fn a_permission_of_the_same_name_on_another_resource_does_not_count() {
        let grants = json!([grant(
            "User.Read user_impersonation",
            "AllPrincipals",
            Value::Null
        )]);
        let other = sample(json!([principal(EUROPEAN)]), grants).list(
            "graph.grant_resources",
            json!([{"id": "r", "appId": "00000003-0000-0000-c000-000000000000"}]),
        );
        assert_eq!(
            other.fact("consent.missing_permissions"),
            Ok(FactValue::Texts(vec!["user_impersonation".to_owned()]))
        );
    }

    #[test]
    fn the_sign_in_proves_a_missing_consent_that_could_not_be_read() {
        let denied = sample(json!([]), json!([])).ended("graph.service_principal", "denied");
        assert_eq!(
            denied.is("consent.present"),
            Err("graph.service_principal".to_owned())
        );
        let refused = denied.list(
            "graph.sign_ins",
            json!([token_refresh("2026-06-15T06:00:00Z", 65001)]),
        );
        assert_eq!(refused.is("consent.present"), Ok(false));
    }

    #[test]
    fn a_restricted_application_needs_an_assignment_and_an_open_one_does_not() {
        let mut restricted = principal(EUROPEAN);
        restricted["appRoleAssignmentRequired"] = json!(true);
        let open = sample(json!([principal(EUROPEAN)]), json!([]));
        assert_eq!(open.is("consent.assignment_missing"), Ok(false));
        let closed = sample(json!([restricted]), json!([]));
        assert_eq!(
            closed.is("consent.assignment_missing"),
            Err("graph.app_role_assignments".to_owned())
        );
        for (assignments, missing) in [(json!([]), true), (json!([{"resourceId": "sp"}]), false)] {
            let sample = closed.clone().list("graph.app_role_assignments", assignments);
            assert_eq!(sample.is("consent.assignment_missing"), Ok(missing));
        }
    }

    #[test]
    fn the_application_must_be_the_one_of_the_region() {
        // The sample's environment lies in Europe by its host, crm4.
        for (app, wrong) in [(EUROPEAN, false), (AMERICAN, true)] {
            let sample = sample(json!([principal(app)]), json!([]));
            assert_eq!(sample.is("consent.wrong_region"), Ok(wrong), "{app}");
        }
        let elsewhere = sample(json!([principal(AMERICAN)]), json!([]))
            .ok("admin.environment", json!({"name": "e", "location": "asia"}));
        assert_eq!(elsewhere.is("consent.wrong_region"), Ok(false));
        let foreign_user = sample(json!([principal(EUROPEAN)]), json!([])).list(
            "dataverse.application_users",
            json!([{"systemuserid": "u", "applicationid": AMERICAN, "isdisabled": false}]),
        );
        assert_eq!(foreign_user.is("consent.wrong_region"), Ok(true));
    }

    #[test]
    fn a_disabled_application_is_seen_and_a_hidden_state_is_not_guessed() {
        for (state, enabled) in [
            (json!(false), Ok(false)),
            (json!(true), Ok(true)),
            (Value::Null, Err("graph.service_principal".to_owned())),
        ] {
            let mut one = principal(EUROPEAN);
            one["accountEnabled"] = state;
            assert_eq!(
                sample(json!([one]), json!([])).is("consent.application_enabled"),
                enabled
            );
        }
    }
}
