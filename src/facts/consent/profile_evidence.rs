//! What speaks for each of the three guidance profiles, one fact a reason. The profile that decides is chosen from these.

use crate::decode::Decoded;
use crate::facts::consent::grants::consent_is_present;
use crate::facts::consent::profile_hint::{application_users_of_work_365, role_is_of_consent_era};
use crate::facts::context::Context;
use crate::facts::credential::tokens::is_of_a_stored_token;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::displayed::displayed;
use crate::facts::identity::subject::user;
use crate::facts::reading::{Reading, read};
use crate::facts::sign_in::argument::{argument, reported};
use crate::facts::sign_in::deciding::{newest_by_application, newest_by_work_365, newest_password};
use crate::facts::sign_in::entry::is_work_365;
use crate::facts::value::Kind;
use crate::text::is_guid;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "profile.is_application_id",
        Kind::Bool,
        &["graph.user"],
        "The account that is checked is an application id.",
        |context| Ok(is_application_id(context).into()),
    )
    .its_own(),
    fact(
        "profile.configured_application",
        Kind::Bool,
        &["graph.user", "dataverse.application_users"],
        "Work 365 displays an application id (`--configured-identity`).",
        |context| Ok(displayed(context).is_some_and(is_guid).into()),
    )
    .its_own(),
    fact(
        "profile.configured_account",
        Kind::Bool,
        &["graph.user", "dataverse.application_users"],
        "Work 365 displays the address of an account (`--configured-identity`).",
        |context| Ok(displayed(context).is_some_and(|identity| identity.contains('@')).into()),
    )
    .its_own(),
    fact(
        "profile.application_sign_in",
        Kind::Time,
        &["graph.sign_ins"],
        "When Work 365's application last signed in by itself, as long as no sign-in as the account is newer; null when it did not.",
        |context| {
            let by_itself = newest_by_application(context)?;
            let as_account = newest_by_work_365(context)?;
            Ok(by_itself.filter(|at| as_account.is_none_or(|other| other < *at)).into())
        },
    )
    .nullable()
    .its_own(),
    fact(
        "profile.work_365_sign_in",
        Kind::Time,
        &["graph.sign_ins"],
        "When Work 365's application last signed in as the account; null when the log shows no such sign-in.",
        |context| Ok(newest_by_work_365(context)?.into()),
    )
    .nullable()
    .its_own(),
    fact(
        "profile.work_365_refused",
        Kind::Bool,
        &[],
        "The error that was seen refuses Work 365's application as the account.",
        |context| Ok(is_work_365_refused(context).into()),
    )
    .its_own(),
    fact(
        "profile.password_sign_in",
        Kind::Time,
        &["graph.sign_ins"],
        "When the account's password was last sent for Dynamics 365, this tool's own probe aside; null when the log shows none.",
        |context| Ok(newest_password(context)?.into()),
    )
    .nullable()
    .its_own(),
    fact(
        "profile.application_user",
        Kind::Bool,
        &["dataverse.application_users"],
        "Dynamics 365 holds an enabled application user of Work 365.",
        |context| application_users_of_work_365(context).map(Into::into),
    )
    .its_own(),
    fact(
        "profile.consent",
        Kind::Bool,
        &["graph.permission_grants", "graph.service_principal"],
        "Work 365 holds a consent for this account, or for everybody.",
        |context| consent(context).map(Into::into),
    )
    .its_own(),
    fact(
        "profile.consent_role",
        Kind::Bool,
        &["dataverse.user_roles", "dataverse.user_teams"],
        "The account holds the role Work 365 Service without System Administrator.",
        |context| {
            read(&context.evidence().user_roles)?;
            Ok(role_is_of_consent_era(context).into())
        },
    )
    .its_own(),
    fact(
        "profile.stored_token_refused",
        Kind::Bool,
        &[],
        "The error that was seen refuses a stored token, which only a consent leaves.",
        |context| Ok(refuses_a_stored_token(context).into()),
    )
    .its_own(),
];

/// What the application could not prove of itself (its secret, its certificate) says nothing of whom it signed in as.
fn is_work_365_refused(context: &Context<'_>) -> bool {
    let error = context.error.and_then(Decoded::primary_error);
    let error = error.filter(|_| argument(context).is_some());
    error.is_some_and(|error| {
        let is_of_itself = matches!(error.category.as_str(), "client-auth" | "app-config");
        !is_of_itself && error.ids.get("app_id").is_some_and(|id| is_work_365(id))
    })
}

fn refuses_a_stored_token(context: &Context<'_>) -> bool {
    let error = context.error.and_then(Decoded::primary_error);
    let is_other_application = error
        .and_then(|error| error.ids.get("app_id"))
        .is_some_and(|id| !is_work_365(id));
    let attempt = argument(context).or_else(|| reported(context));
    attempt.is_some_and(|attempt| !is_other_application && is_of_a_stored_token(attempt.code))
}

/// An application id has the form of a GUID, and no account of the directory answers to it.
fn is_application_id(context: &Context<'_>) -> bool {
    let account = context.snapshot.subject.account.trim();
    is_guid(account) && !user(context).is_ok_and(|user| user.is_some())
}

/// An application id is no account that could hold a consent.
fn consent(context: &Context<'_>) -> Reading<bool> {
    if is_application_id(context) {
        return Ok(false);
    }
    consent_is_present(context)
}
