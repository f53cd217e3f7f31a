//! The sign-in that Work 365 makes, as Conditional Access sees it: who, from which addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::conditional_access::{Membership, ServicePrincipal, SignIn, Subject, User, UserKind};
use crate::profile::Profile;
use crate::snapshot::Collection;
use crate::snapshot::graph::{DirectoryObject, SignIn as LogEntry};

use crate::facts::context::Context;
use crate::facts::identity::subject::{existing_user, object_id};
use crate::facts::reading::found;
use crate::facts::sign_in::entry::{code_of, concerns_work_365, is_by_person};
use crate::facts::sign_in::log::sign_ins_of_profile;

/// How many different addresses of the log are tried.
const ADDRESSES: usize = 5;

pub(crate) fn sign_in_from(context: &Context<'_>, address: Option<IpAddr>) -> SignIn {
    let subject = conditional_access_subject(context);
    let mut sign_in = SignIn::new(subject, context.today()).assuming_no_risk();
    sign_in.ip = address;
    sign_in.country = context
        .expectations
        .country
        .clone()
        .or_else(|| address.and_then(|address| country_of(context, address)));
    sign_in
}

/// The account as Conditional Access sees it: groups, roles, guest or member; a service principal for an
/// application user.
pub fn conditional_access_subject<'a>(context: &Context<'a>) -> Subject {
    if context.is(Profile::ApplicationUser) {
        return Subject::ServicePrincipal(ServicePrincipal {
            id: object_id(context).ok().map(str::to_owned),
            // Work 365 is registered in the vendor's tenant.
            registered_here: Some(false),
        });
    }
    let user = existing_user(context).ok();
    let ids = |list: Option<&'a Collection<DirectoryObject>>| {
        Membership::known(
            list.into_iter()
                .flat_map(|list| &list.value)
                .filter_map(|group| group.id.text()),
        )
    };
    let groups = found(&context.evidence().group_memberships).map_or(Membership::Unknown, ids);
    let roles = found(&context.evidence().directory_roles).map_or(Membership::Unknown, |list| {
        let roles: Vec<_> = list.into_iter().flat_map(|list| &list.value).collect();
        // A role whose template id is hidden could be any role (<https://learn.microsoft.com/graph/permissions-overview>).
        if roles.iter().any(|role| role.role_template_id.text().is_none()) {
            return Membership::Unknown;
        }
        Membership::known(roles.iter().filter_map(|role| role.role_template_id.text()))
    });
    Subject::User(User {
        id: object_id(context).ok().map(str::to_owned),
        kind: UserKind::from_directory(
            user.and_then(|user| user.user_type.text()),
            user.and_then(|user| user.user_principal_name.text()),
        ),
        groups,
        roles,
    })
}

/// Where Work 365 signs in from: as told, else as the log shows.
pub(crate) fn candidate_addresses(context: &Context<'_>) -> Vec<IpAddr> {
    if !context.expectations.addresses.is_empty() {
        return context.expectations.addresses.clone();
    }
    let mut seen = BTreeSet::new();
    log_entries(context)
        .into_iter()
        .filter_map(|entry| entry.ip_address.text()?.parse().ok())
        .filter(|address| seen.insert(*address))
        .take(ADDRESSES)
        .collect()
}

fn country_of(context: &Context<'_>, address: IpAddr) -> Option<String> {
    log_entries(context).into_iter().find_map(|entry| {
        let same = entry.ip_address.text()?.parse() == Ok(address);
        let country = entry.location.value()?.country_or_region.text()?;
        same.then(|| country.to_owned())
    })
}

/// The entries of the log that Work 365 may have made, newest first: successes, and the newest whatever it was. A
/// person's sign-in in a browser comes from somewhere else and counts only when there is nothing better.
fn log_entries<'a>(context: &Context<'a>) -> Vec<&'a LogEntry> {
    let entries = sign_ins_of_profile(context).unwrap_or_default();
    let ours: Vec<_> = entries
        .into_iter()
        .filter(|entry| concerns_work_365(entry))
        .collect();
    let by_machine: Vec<_> = ours
        .iter()
        .copied()
        .filter(|entry| !is_by_person(entry))
        .collect();
    let made = if by_machine.is_empty() { ours } else { by_machine };
    made.into_iter()
        .enumerate()
        .filter(|(position, entry)| *position == 0 || code_of(entry) == Some(0))
        .map(|(_, entry)| entry)
        .collect()
}
