//! The sign-in that Work 365 makes, as Conditional Access sees it: who, from which addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::conditional_access::{Membership, ServicePrincipal, SignIn, Subject, User, UserKind};
use crate::profile::Profile;
use crate::snapshot::Collection;
use crate::snapshot::graph::{DirectoryObject, SignIn as LogEntry};

use super::Inputs;
use super::reading::found;
use super::sign_in_log::{code_of, concerns_work_365, is_non_interactive};

/// How many different addresses of the log are tried.
const ADDRESSES: usize = 5;

impl<'a> Inputs<'a> {
    pub(super) fn sign_in_from(&self, address: Option<IpAddr>) -> SignIn {
        let mut sign_in = SignIn::new(self.conditional_access_subject()).assuming_no_risk();
        sign_in.ip = address;
        sign_in.country = self
            .expectations
            .country
            .clone()
            .or_else(|| address.and_then(|address| self.country_of(address)));
        sign_in
    }

    /// The account as Conditional Access sees it: groups, roles, guest or member; a service principal for an
    /// application user.
    pub fn conditional_access_subject(&self) -> Subject {
        if self.profile == Profile::ApplicationUser {
            return Subject::ServicePrincipal(ServicePrincipal {
                id: self.object_id().ok().map(str::to_owned),
                // Work 365 is registered in the vendor's tenant.
                registered_here: Some(false),
            });
        }
        let user = self.existing_user().ok();
        let ids = |list: Option<&'a Collection<DirectoryObject>>| {
            Membership::known(
                list.into_iter()
                    .flat_map(|list| &list.value)
                    .filter_map(|group| group.id.text()),
            )
        };
        let groups = found(&self.evidence().group_memberships).map_or(Membership::Unknown, ids);
        let roles = found(&self.evidence().directory_roles).map_or(Membership::Unknown, |list| {
            let roles: Vec<_> = list.into_iter().flat_map(|list| &list.value).collect();
            // A role whose template id is hidden could be any role (api-facts 1.2).
            if roles.iter().any(|role| role.role_template_id.text().is_none()) {
                return Membership::Unknown;
            }
            Membership::known(roles.iter().filter_map(|role| role.role_template_id.text()))
        });
        Subject::User(User {
            id: self.object_id().ok().map(str::to_owned),
            kind: UserKind::from_directory(
                user.and_then(|user| user.user_type.text()),
                user.and_then(|user| user.user_principal_name.text()),
            ),
            groups,
            roles,
        })
    }

    /// Where Work 365 signs in from: as told, else as the log shows.
    pub(super) fn candidate_addresses(&self) -> Vec<IpAddr> {
        if !self.expectations.addresses.is_empty() {
            return self.expectations.addresses.clone();
        }
        let mut seen = BTreeSet::new();
        self.log_entries()
            .into_iter()
            .filter_map(|entry| entry.ip_address.text()?.parse().ok())
            .filter(|address| seen.insert(*address))
            .take(ADDRESSES)
            .collect()
    }

    fn country_of(&self, address: IpAddr) -> Option<String> {
        self.log_entries().into_iter().find_map(|entry| {
            let same = entry.ip_address.text()?.parse() == Ok(address);
            let country = entry.location.value()?.country_or_region.text()?;
            same.then(|| country.to_owned())
        })
    }

    /// The entries of the log that Work 365 may have made, newest first: successes, and the newest whatever it was. A
    /// person's sign-in in a browser comes from somewhere else and counts only when there is nothing better.
    fn log_entries(&self) -> Vec<&'a LogEntry> {
        let entries = if self.profile == Profile::ApplicationUser {
            self.application_sign_ins().unwrap_or_default()
        } else {
            self.account_sign_ins().map(<[_]>::to_vec).unwrap_or_default()
        };
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
}

/// Whether a person made the sign-in: interactively, in a browser.
pub(super) fn is_by_person(entry: &LogEntry) -> bool {
    !is_non_interactive(entry) && entry.client_app_used.text() == Some("Browser")
}
