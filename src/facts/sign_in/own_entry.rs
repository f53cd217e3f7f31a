//! Which entries of the log are Work 365's own, as far as they say so.

use crate::decode::table_category;
use crate::facts::context::Context;
use crate::facts::sign_in::entry::{any_code_of, is_non_interactive, is_work_365, plain, time_of};
use crate::profile::Profile;
use crate::snapshot::graph::SignIn;
use crate::well_known::DATAVERSE_APPLICATION;

/// Whether the entry says when it was and how it ended; otherwise which property is missing.
pub(super) fn complete(entry: &SignIn) -> Result<(), &'static str> {
    match (any_code_of(entry), time_of(entry)) {
        (None, _) => Err("status"),
        (_, None) => Err("createdDateTime"),
        _ => Ok(()),
    }
}

/// Whether the entry is a sign-in that Work 365 makes under the profile; otherwise which property is missing to tell.
pub(super) fn is_own(context: &Context<'_>, entry: &SignIn) -> Result<bool, &'static str> {
    let by_work_365 = entry.app_id.text().map(is_work_365);
    match context.profile() {
        // The list holds the sign-ins of the account's own application alone, and those that name none.
        Profile::ApplicationUser => entry
            .app_id
            .text()
            .map(|_| speaks_of_dataverse(entry))
            .ok_or("appId"),
        Profile::Consent => by_work_365
            .map(|ours| ours && speaks_of_dataverse(entry))
            .ok_or("appId"),
        Profile::LegacyPassword => is_password_grant(entry),
    }
}

/// Whether the entry tells of the way to Dynamics 365. Policies and consents are of one resource: what was given or refused
/// for another says nothing, unless the account or its token was refused, which no resource takes.
fn speaks_of_dataverse(entry: &SignIn) -> bool {
    const OF_ANY_RESOURCE: [&str; 3] = ["token-expired", "password", "account-state"];
    let is_other = entry
        .resource_id
        .text()
        .is_some_and(|id| !id.eq_ignore_ascii_case(DATAVERSE_APPLICATION) && !is_work_365(id));
    let category = || any_code_of(entry).map(|code| table_category(&format!("AADSTS{code}")));
    !is_other || category().is_some_and(|category| OF_ANY_RESOURCE.contains(&category))
}

/// Whether the entry is a password that was sent for Dynamics 365.
///
/// The log says so by `ropc`; the retired protocols say nothing, or `none`. An interactive entry in no browser is then
/// what a program made of a stored password.
pub(crate) fn is_password_grant(entry: &SignIn) -> Result<bool, &'static str> {
    let protocol = plain(&entry.authentication_protocol).unwrap_or("none");
    let is_other_protocol = !["ropc", "none", "unknownFutureValue"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(protocol));
    let is_untold = entry.authentication_protocol.is_missing();
    if is_other_protocol
        || (!is_untold && !protocol.eq_ignore_ascii_case("ropc") && is_non_interactive(entry))
    {
        return Ok(false);
    }
    match entry.resource_id.text() {
        Some(resource) if !resource.eq_ignore_ascii_case(DATAVERSE_APPLICATION) => return Ok(false),
        Some(_) => {}
        None => return Err("resourceId"),
    }
    if protocol.eq_ignore_ascii_case("ropc") {
        return Ok(true);
    }
    let client = entry.client_app_used.text().ok_or("clientAppUsed")?;
    match !client.eq_ignore_ascii_case("browser") && !is_non_interactive(entry) {
        false if is_untold => Err("authenticationProtocol"),
        is_program => Ok(is_program),
    }
}
