//! Facts about what is checked: the account, its object id, the environment, and the matched Dataverse row.

use crate::profile::Profile;
use crate::snapshot::dataverse::SystemUser;
use crate::snapshot::graph::{ServicePrincipal, User};

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::application::application;
use crate::facts::operator::rights::operator_reads_every_row;
use crate::facts::reading::{Reading, Reason, Unknown, complete, found, read};
use crate::facts::value::{FactValue, Kind};
use crate::text::{is_environment, is_zero_guid};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "subject.account",
        Kind::Text,
        &[],
        "The account as it was named in the request; the application that Work 365 uses in its place under the profile application-user.",
        |context| {
            let found = match context.is(Profile::ApplicationUser) {
                true => application(context).ok().flatten(),
                false => None,
            };
            Ok(found.unwrap_or(&context.snapshot.subject.account).into())
        },
    )
    .its_own(),
    fact(
        "subject.environment",
        Kind::Text,
        &[],
        "Address of the Dynamics 365 environment.",
        |context| {
            let environment = context.snapshot.subject.environment.as_deref();
            let environment = environment.ok_or_else(|| {
                Unknown::because("subject", Reason::Absent, "the snapshot names no environment")
            })?;
            // It stands in commands and in "sign in to": a foreign host must not.
            if is_environment(environment) {
                Ok(environment.trim_end_matches('/').into())
            } else {
                Err(Unknown::because(
                    "subject",
                    Reason::Failed,
                    "the address is not that of a Dynamics 365 environment",
                ))
            }
        },
    )
    .its_own(),
    fact(
        "subject.object_id",
        Kind::Text,
        &[
            "graph.user",
            "login.probe",
            "graph.sign_ins",
            "graph.service_principal",
        ],
        "Entra object id of the account, or of the service principal of an application user.",
        |context| object_id(context).map(FactValue::from),
    )
    .its_own(),
    fact(
        "subject.environment_id",
        Kind::Text,
        &["admin.environment"],
        "Power Platform environment id.",
        |context| {
            let environment = read(&context.evidence().environment)?;
            environment
                .name
                .text()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("admin.environment", "the answer has no environment id"))
        },
    )
    .its_own(),
];

/// The directory object of the account; `None` when the tenant has no such account.
pub(crate) fn user<'a>(context: &Context<'a>) -> Reading<Option<&'a User>> {
    Ok(found(&context.evidence().user)?.and_then(|single| single.0.as_ref()))
}

/// The directory object, unknown when it does not exist: for questions that only make sense about an account.
pub(crate) fn existing_user<'a>(context: &Context<'a>) -> Reading<&'a User> {
    user(context)?.ok_or_else(|| {
        Unknown::because(
            "graph.user",
            Reason::NotFound,
            "the account does not exist in this tenant",
        )
    })
}

/// The object id that the Dataverse row must carry: of the directory object, else of the probe's token, else of a
/// sign-in; for an application user the service principal's. Never the name.
pub(crate) fn object_id<'c>(context: &'c Context<'_>) -> Reading<&'c str> {
    context
        .once(&context.caches.object_id, || {
            complete(|| match context.is(Profile::ApplicationUser) {
                true => own_service_principal(context).and_then(|principal| {
                    let id = principal.and_then(|principal| principal.id.text());
                    id.map(str::to_owned).ok_or_else(|| {
                        Unknown::because(
                            "graph.service_principal",
                            Reason::NotFound,
                            "no service principal",
                        )
                    })
                }),
                false => user_object_id(context),
            })
        })
        .as_deref()
        .map_err(Clone::clone)
}

/// Whether the tenant was read, and has no such object.
pub(crate) fn is_known_absent(context: &Context<'_>) -> bool {
    match context.is(Profile::ApplicationUser) {
        true => own_service_principal(context) == Ok(None),
        false => user(context) == Ok(None),
    }
}

fn user_object_id(context: &Context<'_>) -> Reading<String> {
    let user = existing_user(context);
    if let Ok(user) = &user
        && let Some(id) = user.id.text()
    {
        return Ok(id.to_owned());
    }
    let probe = context.evidence().probe.ok();
    let from_probe = probe.and_then(|probe| probe.claims.value()?.oid.text());
    let sign_ins = context.evidence().sign_ins.ok();
    let from_log = sign_ins.and_then(|log| {
        log.value.iter().find_map(|sign_in| {
            let id = sign_in.user_id.text()?;
            let name = sign_in.user_principal_name.text()?;
            (name.eq_ignore_ascii_case(&context.snapshot.subject.account) && !is_zero_guid(id)).then_some(id)
        })
    });
    match (from_probe.or(from_log), user) {
        (Some(id), _) => Ok(id.to_owned()),
        (None, Err(unknown)) => Err(unknown),
        (None, Ok(_)) => Err(Unknown::silent("graph.user", "the answer has no object id")),
    }
}

/// The Work 365 service principal whose application id is the account's; `None` when the tenant has none.
fn own_service_principal<'a>(context: &Context<'a>) -> Reading<Option<&'a ServicePrincipal>> {
    let principals = found(&context.evidence().service_principal)?;
    let Some(application) = application(context)? else {
        return Ok(None);
    };
    Ok(principals.and_then(|list| {
        list.0.iter().find(|one| {
            one.app_id
                .text()
                .is_some_and(|id| id.eq_ignore_ascii_case(application))
        })
    }))
}

/// *The* row: the one whose object id (or application id) matches; `None` when the environment has no such row.
///
/// An empty answer proves absence only if the operator may read every row (<https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser>); otherwise this is
/// unknown.
pub(crate) fn row<'a>(context: &Context<'a>) -> Reading<Option<&'a SystemUser>> {
    context
        .once(&context.caches.row, || complete(|| matched_row(context)))
        .clone()
}

fn matched_row<'a>(context: &Context<'a>) -> Reading<Option<&'a SystemUser>> {
    let rows = &read(&context.evidence().system_users)?.value;
    let matched = match context.is(Profile::ApplicationUser) {
        true => {
            let of = |id: &str, row: &SystemUser| {
                row.applicationid
                    .text()
                    .is_some_and(|own| own.eq_ignore_ascii_case(id))
            };
            // The rows of an account that was named are a person's; the application's stands in the list of its kind.
            let rows = match context.snapshot.subject.is_address() {
                true => &read(&context.evidence().application_users)?.value,
                false => rows,
            };
            application(context)?.and_then(|id| rows.iter().find(|row| of(id, row)))
        }
        false => {
            let object_id = object_id(context)?;
            rows.iter().find(|row| {
                row.azureactivedirectoryobjectid
                    .text()
                    .is_some_and(|id| id.eq_ignore_ascii_case(object_id))
            })
        }
    };
    match matched {
        Some(row) => Ok(Some(row)),
        None if operator_reads_every_row(context)? => Ok(None),
        None => Err(Unknown::because(
            "dataverse.system_users",
            Reason::Denied,
            "no row was shown, but the operator may not be allowed to see every user",
        )),
    }
}

/// The row, unknown when there is none: for questions that only make sense about a row.
pub(crate) fn existing_row<'a>(context: &Context<'a>) -> Reading<&'a SystemUser> {
    row(context)?.ok_or_else(|| {
        Unknown::because(
            "dataverse.system_users",
            Reason::NotFound,
            "the account has no row in Dynamics 365",
        )
    })
}
