//! Facts of the area identity: does the account exist in the right tenant, is it the one that is meant, may it sign in.

use crate::snapshot::Field;
use crate::snapshot::dataverse::SystemUser;

use super::reading::{Reading, Reason, Unknown, any, found, read};
use super::value::{FactValue, Kind, parse_time};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "user.exists",
        Kind::Bool,
        &["graph.user", "login.probe"],
        "The tenant has a directory object of this account; when the directory could not be read, what the sign-in service said.",
        |inputs| inputs.account_exists().map(Into::into),
    ),
    fact(
        "user.principal_name",
        Kind::Text,
        &["graph.user"],
        "User principal name (UPN) that the account has now.",
        |inputs| {
            let name = inputs.existing_user()?.user_principal_name.text();
            name.map(FactValue::from)
                .ok_or_else(|| missing("userPrincipalName"))
        },
    ),
    fact(
        "user.enabled",
        Kind::Bool,
        &["graph.user"],
        "Sign-in is allowed (`accountEnabled`).",
        |inputs| {
            let enabled = inputs.existing_user()?.account_enabled.value();
            enabled
                .copied()
                .map(FactValue::from)
                .ok_or_else(|| missing("accountEnabled"))
        },
    ),
    fact(
        "user.on_premises_synced",
        Kind::Bool,
        &["graph.user"],
        "The account is managed by an on-premises directory, which undoes changes made in the cloud.",
        |inputs| inputs.is_synced_from_on_premises().map(Into::into),
    ),
    fact(
        "user.is_guest",
        Kind::Bool,
        &["graph.user"],
        "The account is a guest (B2B) in this tenant.",
        |inputs| inputs.account_is_guest().map(Into::into),
    ),
    fact(
        "user.deleted",
        Kind::Bool,
        &["graph.user", "graph.deleted_users", "dataverse.system_users"],
        "The account was deleted: it is among the deleted users, or Dynamics 365 knows that it was.",
        |inputs| inputs.account_is_deleted().map(Into::into),
    ),
    fact(
        "user.deleted_object_id",
        Kind::Text,
        &["graph.deleted_users", "dataverse.system_users"],
        "Object id of the deleted account, needed to restore it; null when none was found.",
        |inputs| Ok(inputs.deleted_object_id().into()),
    )
    .nullable(),
    fact(
        "user.restorable",
        Kind::Bool,
        &["graph.deleted_users"],
        "The deleted account is still among the deleted users and can be restored with its object id.",
        |inputs| Ok(inputs.is_among_deleted_users()?.is_some().into()),
    ),
    fact(
        "user.other_names",
        Kind::Texts,
        &["graph.user", "dataverse.system_users"],
        "Names under which the account is still known elsewhere and that differ from its UPN.",
        |inputs| inputs.other_names().map(Into::into),
    ),
    fact(
        "user.federated",
        Kind::Bool,
        &["graph.domain", "login.realm", "graph.home_realm_policies"],
        "The domain is federated and no home realm policy lets the cloud check passwords.",
        |inputs| inputs.is_federated().map(Into::into),
    ),
    fact(
        "user.domain",
        Kind::Text,
        &[],
        "Domain of the account: what follows the @ of its name.",
        |inputs| {
            let account = inputs.snapshot.subject.account.as_str();
            let domain = account.rsplit_once('@').map(|(_, domain)| domain);
            domain
                .map(FactValue::from)
                .ok_or_else(|| Unknown::because("subject", Reason::Absent, "the account is no UPN"))
        },
    ),
];

/// Codes of a sign-in to a tenant or cloud where the account does not live. Source: domain.md A1.
const NO_SUCH_ACCOUNT: [i64; 2] = [50034, 51004];

impl<'a> Inputs<'a> {
    pub(super) fn account_exists(&self) -> Reading<bool> {
        self.user().map(|user| user.is_some()).or_else(|unknown| {
            let code = self.probe_attempt().map(|attempt| attempt.code);
            match code {
                Some(0) => Ok(true),
                Some(code) if NO_SUCH_ACCOUNT.contains(&code) => Ok(false),
                _ => Err(unknown),
            }
        })
    }

    pub(super) fn is_synced_from_on_premises(&self) -> Reading<bool> {
        match self.existing_user()?.on_premises_sync_enabled {
            Field::Value(synced) => Ok(synced),
            // Null means "never synchronised" (api-facts G-01).
            Field::Null => Ok(false),
            Field::Missing => Err(missing("onPremisesSyncEnabled")),
        }
    }

    pub(super) fn account_is_guest(&self) -> Reading<bool> {
        let user = self.existing_user()?;
        let marked = user
            .user_principal_name
            .text()
            .is_some_and(|name| name.to_uppercase().contains("#EXT#"));
        match user.user_type.text() {
            _ if marked => Ok(true),
            Some(kind) => Ok(kind.eq_ignore_ascii_case("Guest")),
            // Old objects have no userType; an invitation is what makes a guest (api-facts G-01).
            None => match (&user.user_type, user.creation_type.text()) {
                (_, Some(kind)) => Ok(kind.eq_ignore_ascii_case("Invitation")),
                (Field::Null, None) => Ok(false),
                _ => Err(missing("userType")),
            },
        }
    }

    fn account_is_deleted(&self) -> Reading<bool> {
        match self.user()? {
            Some(user) => Ok(user.deleted_date_time.text().and_then(parse_time).is_some()),
            None => any([
                self.is_among_deleted_users().map(|deleted| deleted.is_some()),
                self.row_knows_of_deletion(),
            ]),
        }
    }

    /// A deleted user's UPN is the old one with the object id in front of it. Source: api-facts G-04.
    fn is_among_deleted_users(&self) -> Reading<Option<&'a str>> {
        let Some(deleted) = found(&self.evidence().deleted_users)? else {
            return Ok(None);
        };
        let account = self.snapshot.subject.account.to_lowercase();
        let is_account = |name: &str| {
            let name = name.to_lowercase();
            name == account
                || name.strip_suffix(account.as_str()).is_some_and(|id| {
                    id.len() == 32 && id.chars().all(|character| character.is_ascii_hexdigit())
                })
        };
        Ok(deleted
            .value
            .iter()
            .find(|user| {
                let names = [&user.user_principal_name, &user.mail];
                names.into_iter().any(|name| name.text().is_some_and(is_account))
            })
            .map(|user| user.id.text().unwrap_or_default()))
    }

    /// Rows that carry the account's name. Only for questions about names: *the* row is found by object id.
    pub(super) fn rows_by_name(&self) -> Reading<Vec<&'a SystemUser>> {
        let rows = &read(&self.evidence().system_users)?.value;
        let account = self.snapshot.subject.account.as_str();
        Ok(rows
            .iter()
            .filter(|row| {
                row.domainname
                    .text()
                    .is_some_and(|name| name.eq_ignore_ascii_case(account))
            })
            .collect())
    }

    fn row_knows_of_deletion(&self) -> Reading<bool> {
        Ok(self.deleted_row()?.is_some())
    }

    /// A row of the account that Dynamics 365 knows to be gone from the directory: `azurestate` 1 or 2 (api-facts D-02).
    fn deleted_row(&self) -> Reading<Option<&'a SystemUser>> {
        let rows = &read(&self.evidence().system_users)?.value;
        let by_name = self.rows_by_name()?;
        let id = self.object_id().ok();
        Ok(rows.iter().find(|row| {
            let own = row.azureactivedirectoryobjectid.text();
            let by_id = own.zip(id).is_some_and(|(own, id)| own.eq_ignore_ascii_case(id));
            let ours = by_id || by_name.iter().any(|named| std::ptr::eq(*named, *row));
            ours && matches!(row.azurestate.value(), Some(1 | 2))
        }))
    }

    fn deleted_object_id(&self) -> Option<String> {
        if let Ok(Some(id)) = self.is_among_deleted_users() {
            return Some(id.to_owned()).filter(|id| !id.is_empty());
        }
        let gone = self.deleted_row().ok().flatten()?;
        gone.azureactivedirectoryobjectid.text().map(str::to_owned)
    }

    fn other_names(&self) -> Reading<Vec<String>> {
        let user = self.existing_user()?;
        let Some(current) = user.user_principal_name.text() else {
            return Err(missing("userPrincipalName"));
        };
        let mut names = Vec::new();
        let mut note = |name: &str| {
            if name.contains('@')
                && !name.eq_ignore_ascii_case(current)
                && !names
                    .iter()
                    .any(|known: &String| known.eq_ignore_ascii_case(name))
            {
                names.push(name.to_owned());
            }
        };
        note(&self.snapshot.subject.account);
        let row = self.row();
        if let Ok(Some(name)) = row.as_ref().map(|row| row.and_then(|row| row.domainname.text())) {
            note(name);
        }
        match row {
            // A name that differs decides; without one the unread row could still hold one.
            Err(unknown) if names.is_empty() => Err(unknown),
            _ => Ok(names),
        }
    }

    pub(super) fn is_federated(&self) -> Reading<bool> {
        if !self.domain_is_federated()? {
            return Ok(false);
        }
        match found(&self.evidence().home_realm_policies) {
            Ok(policies) => Ok(!policies.is_some_and(|list| {
                list.value.iter().any(|policy| {
                    policy.definition.items().iter().any(|text| {
                        let text: String = text.to_lowercase().split_whitespace().collect();
                        text.contains("\"allowcloudpasswordvalidation\":true")
                    })
                })
            })),
            // Such a policy is the rare exception; not having asked for it does not excuse the federation.
            Err(unknown)
                if unknown
                    .causes()
                    .iter()
                    .any(|cause| cause.reason == Reason::Denied) =>
            {
                Err(unknown)
            }
            Err(_) => Ok(true),
        }
    }

    pub(super) fn domain_is_federated(&self) -> Reading<bool> {
        let domain = read(&self.evidence().domain).map(|single| single.0.as_ref());
        if let Ok(Some(kind)) = domain
            .as_ref()
            .map(|domain| domain.and_then(|domain| domain.authentication_type.text()))
        {
            return Ok(kind.eq_ignore_ascii_case("Federated"));
        }
        let realm = self
            .evidence()
            .realm
            .ok()
            .and_then(|realm| realm.account_type.text());
        match realm {
            Some(kind) if kind.eq_ignore_ascii_case("Federated") => Ok(true),
            Some(kind) if kind.eq_ignore_ascii_case("Managed") => Ok(false),
            _ => Err(domain.err().unwrap_or_else(|| {
                Unknown::silent("graph.domain", "the answer does not say how the domain signs in")
            })),
        }
    }
}

/// The property was not in the answer, or hidden from the caller.
pub(super) fn missing(property: &str) -> Unknown {
    Unknown::silent("graph.user", format!("the answer has no {property}"))
}
