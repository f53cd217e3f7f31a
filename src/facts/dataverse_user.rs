//! Facts of the area dataverse-user: is there a row for this identity, is it the right one, and is it enabled.
//!
//! *The* row is found by object id or application id (`subject.rs`); rows that match by name alone only tell of stubs,
//! duplicates and rows of an earlier account with the same name (`CONTRACT.md` section 8).

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::Field;
use crate::snapshot::dataverse::SystemUser;

use super::reading::{Reading, Reason, Unknown, all, any, read};
use super::subject::is_zero_guid;
use super::value::{FactValue, Kind, parse_time};
use super::{FactDefinition, Inputs, fact};

const ROWS: &[&str] = &["dataverse.system_users"];
const ROWS_AND_USER: &[&str] = &["dataverse.system_users", "graph.user", "dataverse.operator_roles"];

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "user_row.exists",
        Kind::Bool,
        &[
            "dataverse.system_users",
            "dataverse.application_users",
            "graph.user",
            "dataverse.operator_roles",
        ],
        "The environment has a row for this identity, found by object id or application id.",
        |inputs| inputs.has_row().map(Into::into),
    ),
    fact(
        "user_row.id",
        Kind::Text,
        ROWS,
        "Row id (systemuserid) of the account in Dataverse.",
        |inputs| {
            let id = inputs.existing_row()?.systemuserid.text();
            id.map(FactValue::from).ok_or_else(|| silent("systemuserid"))
        },
    ),
    fact(
        "user_row.name",
        Kind::Text,
        ROWS,
        "User name (domainname) on the row; null when unset.",
        |inputs| Ok(inputs.existing_row()?.domainname.text().into()),
    )
    .nullable(),
    fact(
        "user_row.disabled",
        Kind::Bool,
        ROWS,
        "The row is disabled.",
        |inputs| {
            let disabled = inputs.existing_row()?.isdisabled.value();
            disabled
                .copied()
                .map(FactValue::from)
                .ok_or_else(|| silent("isdisabled"))
        },
    ),
    fact(
        "user_row.disabled_reason",
        Kind::Text,
        ROWS,
        "Why the row is disabled, in Dataverse's words; null when it does not say.",
        |inputs| Ok(inputs.existing_row()?.disabledreason.text().into()),
    )
    .nullable(),
    fact(
        "user_row.sync_awaited_since",
        Kind::Time,
        &["graph.user", "graph.license_details", "admin.environment"],
        "Since when Dataverse could add the row by itself: the newer of account creation and licence assignment; null when waiting alone will not add it.",
        |inputs| inputs.sync_awaited_since().map(FactValue::from),
    )
    .nullable(),
    fact(
        "user_row.stub_exists",
        Kind::Bool,
        ROWS_AND_USER,
        "A placeholder row of this name exists: made by an import, without object id, cut off from the directory.",
        |inputs| inputs.has_stub().map(Into::into),
    ),
    fact(
        "user_row.stub_id",
        Kind::Text,
        ROWS,
        "Row id of the placeholder row; null when there is none.",
        |inputs| {
            let rows = inputs.rows()?.iter();
            let stub = rows.filter(|row| is_stub(row) == Ok(true)).find(|row| inputs.has_the_name(row));
            Ok(stub.and_then(|row| row.systemuserid.text()).into())
        },
    )
    .nullable(),
    fact(
        "user_row.duplicated",
        Kind::Bool,
        ROWS_AND_USER,
        "More than one row answers to this account's name or application id.",
        |inputs| inputs.has_duplicates().map(Into::into),
    ),
    fact(
        "user_row.ids_of_the_name",
        Kind::Texts,
        ROWS,
        "Row ids of every row that carries this account's name, object id or application id.",
        |inputs| {
            let ids = inputs.rows_of_the_account()?;
            let ids: Vec<String> = ids
                .iter()
                .filter_map(|row| row.systemuserid.text().map(str::to_owned))
                .collect();
            Ok(ids.into())
        },
    ),
    fact(
        "user_row.bound_to_another_object",
        Kind::Bool,
        &[
            "dataverse.system_users",
            "graph.user",
            "graph.service_principal",
            "dataverse.user_roles",
        ],
        "A row with this account's name, or of this application, belongs to another directory object.",
        |inputs| inputs.is_bound_to_another_object().map(Into::into),
    ),
    fact(
        "user_row.other_object_id",
        Kind::Text,
        ROWS,
        "Object id of the other directory object that the row belongs to; null when there is none.",
        |inputs| {
            let other = inputs.foreign_row()?;
            Ok(other
                .and_then(|row| row.azureactivedirectoryobjectid.text())
                .into())
        },
    )
    .nullable(),
    fact(
        "user_row.other_row_id",
        Kind::Text,
        ROWS,
        "Row id of the row that belongs to another directory object; null when there is none.",
        |inputs| Ok(inputs.foreign_row()?.and_then(|row| row.systemuserid.text()).into()),
    )
    .nullable(),
];

fn silent(column: &str) -> Unknown {
    Unknown::silent("dataverse.system_users", format!("the row has no {column}"))
}

impl<'a> Inputs<'a> {
    fn rows(&self) -> Reading<&'a [SystemUser]> {
        Ok(&read(&self.evidence().system_users)?.value)
    }

    /// Whether the identity has a row. Application users also answer through their own list (api-facts D-08).
    fn has_row(&self) -> Reading<bool> {
        let matched = self.row();
        if matches!(matched, Ok(Some(_))) || self.profile != Profile::ApplicationUser {
            return matched.map(|row| row.is_some());
        }
        let listed = self.evidence().application_users.ok().is_some_and(|list| {
            list.value
                .iter()
                .any(|row| is_id(&row.applicationid, &self.snapshot.subject.account))
        });
        if listed {
            Ok(true)
        } else {
            matched.map(|row| row.is_some())
        }
    }

    /// Dataverse adds a licensed account by itself within minutes, but never one that it adds on demand only: without a
    /// full licence, nested in the security group, or in an environment of a kind that adds nobody (domain section 2).
    fn sync_awaited_since(&self) -> Reading<Option<Timestamp>> {
        let user = self.existing_user()?;
        let on_demand_only = self.is_licensed() == Ok(false)
            || self.environment_adds_users_on_demand() == Ok(true)
            || self.is_nested_member_only() == Ok(true);
        if on_demand_only {
            return Ok(None);
        }
        let created = user.created_date_time.text().and_then(parse_time);
        Ok(created.max(self.license_changed_at()?))
    }

    /// Whether the row goes by the account's name: UPN or mail address.
    fn has_the_name(&self, row: &SystemUser) -> bool {
        let user = self.user().ok().flatten();
        let names = [
            Some(self.snapshot.subject.account.as_str()),
            user.and_then(|user| user.user_principal_name.text()),
            user.and_then(|user| user.mail.text()),
        ];
        let of_row = [row.domainname.text(), row.internalemailaddress.text()];
        let by_address = names.iter().flatten().any(|name| {
            of_row
                .iter()
                .flatten()
                .any(|other| other.eq_ignore_ascii_case(name))
        });
        // Imports that know no address leave only the full name.
        let by_full_name = of_row.iter().all(Option::is_none)
            && user
                .and_then(|user| user.display_name.text())
                .is_some_and(|name| row.fullname.text() == Some(name));
        by_address || by_full_name
    }

    /// Rows that carry the account's key or, for users, its name.
    fn rows_of_the_account(&self) -> Reading<Vec<&'a SystemUser>> {
        let rows = self.rows()?.iter();
        let account = self.snapshot.subject.account.as_str();
        let object_id = self.object_id().ok();
        Ok(match self.profile {
            Profile::ApplicationUser => rows.filter(|row| is_id(&row.applicationid, account)).collect(),
            Profile::LegacyPassword | Profile::Consent => rows
                .filter(|row| row.applicationid.text().is_none())
                .filter(|row| {
                    self.has_the_name(row)
                        || object_id.is_some_and(|id| is_id(&row.azureactivedirectoryobjectid, id))
                })
                .collect(),
        })
    }

    fn has_stub(&self) -> Reading<bool> {
        let stubs = self
            .rows()?
            .iter()
            .filter(|row| self.has_the_name(row))
            .map(is_stub);
        self.seen(any(stubs)?)
    }

    fn has_duplicates(&self) -> Reading<bool> {
        let rows = self.rows_of_the_account()?;
        let counted = rows.iter().filter(|row| !self.is_harmless_leftover(row)).count();
        self.seen(counted > 1)
    }

    /// What was not seen may still be there when the reader does not see every row (api-facts D-02).
    fn seen(&self, found: bool) -> Reading<bool> {
        if found {
            return Ok(true);
        }
        match self.operator_reads_every_row() {
            Ok(true) => Ok(false),
            Ok(false) => Err(Unknown::because(
                "dataverse.system_users",
                Reason::Denied,
                "none was shown, but the operator may not be allowed to see every user",
            )),
            Err(unread) => match self.row() {
                Ok(Some(_)) => Ok(false),
                _ => Err(unread),
            },
        }
    }

    /// A row by the account's name that belongs to another directory object.
    fn foreign_row(&self) -> Reading<Option<&'a SystemUser>> {
        let own = self.object_id()?;
        if self.profile == Profile::ApplicationUser {
            let row = self.row()?.filter(|row| {
                let bound = row.azureactivedirectoryobjectid.text();
                bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own))
            });
            return Ok(row);
        }
        let rows = self
            .rows()?
            .iter()
            .filter(|row| row.applicationid.text().is_none());
        Ok(rows.filter(|row| self.has_the_name(row)).find(|row| {
            let bound = row.azureactivedirectoryobjectid.text();
            bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own))
        }))
    }

    /// Whether the wrong row stands where the account's should: always for an application user and when the account has
    /// no row of its own; beside a row of its own unless the other one is a harmless leftover.
    fn is_bound_to_another_object(&self) -> Reading<bool> {
        let Some(foreign) = self.foreign_row()? else {
            let unreadable = self.profile == Profile::ApplicationUser
                && self
                    .row()?
                    .is_some_and(|row| row.azureactivedirectoryobjectid.is_missing());
            return if unreadable {
                Err(silent("azureactivedirectoryobjectid"))
            } else {
                self.row().map(|_| false)
            };
        };
        Ok(self.profile == Profile::ApplicationUser || !self.is_harmless_leftover(foreign))
    }

    /// The disabled row of an earlier account with this name, once the account's own row is enabled and holds a role:
    /// what remains after the fix, by the guidance to leave the old row disabled (domain A7).
    fn is_harmless_leftover(&self, row: &SystemUser) -> bool {
        let Ok(own) = self.object_id() else { return false };
        let bound = row.azureactivedirectoryobjectid.text();
        let foreign = bound.is_some_and(|id| !is_zero_guid(id) && !id.eq_ignore_ascii_case(own));
        let in_use = || {
            let own_row = self.row().ok().flatten();
            let roles = self.evidence().user_roles.ok();
            own_row.is_some_and(|row| row.isdisabled.value() == Some(&false))
                && roles.is_some_and(|roles| !roles.value.is_empty())
        };
        foreign && row.isdisabled.value() == Some(&true) && in_use()
    }
}

fn is_id(field: &Field<String>, id: &str) -> bool {
    field.text().is_some_and(|value| value.eq_ignore_ascii_case(id))
}

/// A stub: no object id, no application id, not synchronised with the directory (domain F5).
fn is_stub(row: &SystemUser) -> Reading<bool> {
    let unset = |field: &Field<String>, column: &str| match field {
        Field::Missing => Err(silent(column)),
        field => Ok(field.text().is_none_or(is_zero_guid)),
    };
    all([
        unset(&row.azureactivedirectoryobjectid, "azureactivedirectoryobjectid"),
        unset(&row.applicationid, "applicationid"),
        row.issyncwithdirectory
            .value()
            .map(|synced| !synced)
            .ok_or_else(|| silent("issyncwithdirectory")),
    ])
}
