//! Whom an error text is about, when it is not this account's sign-in to Dynamics 365 by Work 365.

use crate::decode::{DecodedError, Family};
use crate::facts::context::Context;
use crate::facts::identity::subject::{existing_user, object_id, row};
use crate::facts::sign_in::entry::is_work_365;
use crate::profile::Profile;
use crate::snapshot::Field;
use crate::snapshot::dataverse::SystemUser;
use crate::text::home_address;
use crate::well_known::{DATAVERSE_APPLICATION, GRAPH_APPLICATION};

/// Well-known resources that texts name by their application id.
const RESOURCES: [(&str, &str); 6] = [
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure management"),
    (GRAPH_APPLICATION, "Microsoft Graph"),
    ("00000002-0000-0ff1-ce00-000000000000", "Exchange Online"),
    ("00000003-0000-0ff1-ce00-000000000000", "SharePoint Online"),
    ("00000002-0000-0000-c000-000000000000", "the old Azure AD Graph"),
    ("fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd", "Partner Center"),
];

/// The user, resource or application that the text names and that is another one, in words; none when it names none.
pub(crate) fn stranger_of(context: &Context<'_>, error: &DecodedError) -> Option<String> {
    a_person(context, error)
        .or_else(|| other_user(context, error))
        .or_else(|| other_principal(context, error))
        .or_else(|| other_resource(context, error))
}

/// By kind: an application signs in without password, second factor, session or assignment of a user.
fn a_person(context: &Context<'_>, error: &DecodedError) -> Option<String> {
    const OF_USERS: [&str; 4] = ["password", "mfa", "token-expired", "account-state"];
    /// Of an assignment to the application and of a consent that a person was asked for.
    const CODES_OF_USERS: [&str; 3] = ["AADSTS50105", "AADSTS65004", "AADSTS90094"];
    let is_of_users = error.family == Family::Aadsts
        && (OF_USERS.contains(&error.category.as_str()) || CODES_OF_USERS.contains(&error.code.as_str()));
    (is_of_users && context.is(Profile::ApplicationUser))
        .then(|| "the sign-in of a person, and Work 365 signs in here as an application".to_owned())
}

/// By name: an address that is none of the account's.
fn other_user(context: &Context<'_>, error: &DecodedError) -> Option<String> {
    let named = error.ids.get("user").map(|name| name.trim())?;
    if !named.contains('@') || named.contains('*') || named.contains("Hidden") {
        return None;
    }
    let account = context.snapshot.subject.account.trim();
    if !account.contains('@') {
        return None;
    }
    let is_own = own_names(context).any(|name| home_address(name) == home_address(named));
    (!is_own).then(|| format!("the account {named}"))
}

/// What the account is called, and was called when Dynamics 365 last heard of it.
fn own_names<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a str> {
    let user = existing_user(context).ok();
    let row = row(context).ok().flatten();
    let in_directory = user.map(|user| [&user.user_principal_name, &user.mail]);
    let in_dataverse = row.map(|row| [&row.domainname]);
    let found = in_directory
        .into_iter()
        .flatten()
        .chain(in_dataverse.into_iter().flatten());
    found
        .filter_map(Field::text)
        .chain([context.snapshot.subject.account.as_str()])
}

/// By id: of a principal of Dynamics 365 or an object of the directory that is not the account's.
fn other_principal(context: &Context<'_>, error: &DecodedError) -> Option<String> {
    let named = error.named_principal()?;
    let own_row = row(context).ok().flatten();
    let is_own =
        is_of_row(own_row, named) || object_id(context).is_ok_and(|id| id.eq_ignore_ascii_case(named));
    if is_own {
        return None;
    }
    let named_row = row_of(context, named);
    // Which row is the account's is told by the object id alone. Where that is unknown, a row of its name may be the one.
    if own_row.is_none() && named_row.is_some_and(|row| bears_the_name(context, row)) {
        return None;
    }
    if let Some(whose) = whose(context, named, named_row) {
        return Some(whose);
    }
    // An id of nobody that is known is another's only when the account's own id is known.
    let is_known = match error.family {
        Family::Aadsts => object_id(context).is_ok(),
        _ => own_row.is_some(),
    };
    is_known.then(|| format!("the principal {named}, who is not this account"))
}

fn is_of_row(row: Option<&SystemUser>, id: &str) -> bool {
    row.is_some_and(|row| {
        [
            row.systemuserid.text(),
            row.azureactivedirectoryobjectid.text(),
            row.applicationid.text(),
        ]
        .into_iter()
        .flatten()
        .any(|own| own.eq_ignore_ascii_case(id))
    })
}

/// The row of Dynamics 365 that has this id, whoever's it is.
fn row_of<'a>(context: &Context<'a>, id: &str) -> Option<&'a SystemUser> {
    let evidence = context.evidence();
    let rows = [evidence.system_users.ok(), evidence.application_users.ok()];
    rows.into_iter()
        .flatten()
        .flat_map(|list| &list.value)
        .find(|row| is_of_row(Some(row), id))
}

fn bears_the_name(context: &Context<'_>, row: &SystemUser) -> bool {
    let account = context.snapshot.subject.account.trim();
    row.domainname
        .text()
        .is_some_and(|name| name.trim().eq_ignore_ascii_case(account))
}

/// Whose id it is, among those that the evidence names.
fn whose(context: &Context<'_>, id: &str, row: Option<&SystemUser>) -> Option<String> {
    let operator = context
        .evidence()
        .who_am_i
        .ok()
        .and_then(|answer| answer.user_id.text());
    if operator.is_some_and(|own| own.eq_ignore_ascii_case(id)) {
        return Some("the person who ran this check".to_owned());
    }
    let row = row?;
    let name = row.domainname.text().or(row.fullname.text()).unwrap_or(id);
    Some(format!("the user {name} ({id})"))
}

/// The consent covers the account's own profile in Microsoft Graph beside Dynamics 365.
fn is_part_of_the_consent(context: &Context<'_>, resource: &str) -> bool {
    resource.eq_ignore_ascii_case(RESOURCES[1].0) && context.is(Profile::Consent)
}

/// By resource or application: a sign-in to something else, or by something that is not Work 365.
fn other_resource(context: &Context<'_>, error: &DecodedError) -> Option<String> {
    if error.family != Family::Aadsts {
        return None;
    }
    if let Some(resource) = error.ids.get("resource_id")
        && !resource.eq_ignore_ascii_case(DATAVERSE_APPLICATION)
        && !is_work_365(resource)
        && !is_part_of_the_consent(context, resource)
    {
        let name = RESOURCES
            .iter()
            .find(|(id, _)| id.eq_ignore_ascii_case(resource))
            .map_or("another resource", |(_, name)| *name);
        return Some(format!("a sign-in to {name} ({resource})"));
    }
    let application = error.ids.get("app_id")?;
    // A stored password is used by whatever client the version of Work 365 is built on.
    let own = context.is(Profile::LegacyPassword) || is_work_365(application);
    (!own).then(|| format!("a sign-in by the application {application}"))
}
