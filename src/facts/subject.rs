//! Facts about what is checked: the account, its object id, the environment, and the matched Dataverse row.

use std::sync::OnceLock;

use crate::profile::Profile;
use crate::snapshot::dataverse::SystemUser;
use crate::snapshot::graph::{ServicePrincipal, User};

use super::reading::{Reading, Reason, Unknown, found, read};
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

/// Readings that many facts start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    object_id: OnceLock<Reading<String>>,
    row: OnceLock<Reading<Option<&'a SystemUser>>>,
}

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "subject.account",
        Kind::Text,
        &[],
        "The account as it was named in the request.",
        |inputs| Ok(inputs.snapshot.subject.account.as_str().into()),
    )
    .its_own(),
    fact(
        "subject.environment",
        Kind::Text,
        &[],
        "Address of the Dynamics 365 environment.",
        |inputs| {
            let environment = inputs.snapshot.subject.environment.as_deref();
            environment
                .map(|origin| origin.trim_end_matches('/').into())
                .ok_or_else(|| {
                    Unknown::because("subject", Reason::Absent, "the snapshot names no environment")
                })
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
        |inputs| inputs.object_id().map(FactValue::from),
    )
    .its_own(),
    fact(
        "subject.environment_id",
        Kind::Text,
        &["admin.environment"],
        "Power Platform environment id.",
        |inputs| {
            let environment = read(&inputs.evidence().environment)?;
            environment
                .name
                .text()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("admin.environment", "the answer has no environment id"))
        },
    )
    .its_own(),
];

impl<'a> Inputs<'a> {
    /// The directory object of the account; `None` when the tenant has no such account.
    pub(crate) fn user(&self) -> Reading<Option<&'a User>> {
        Ok(found(&self.evidence().user)?.and_then(|single| single.0.as_ref()))
    }

    /// The directory object, unknown when it does not exist: for questions that only make sense about an account.
    pub(super) fn existing_user(&self) -> Reading<&'a User> {
        self.user()?.ok_or_else(|| {
            Unknown::because(
                "graph.user",
                Reason::NotFound,
                "the account does not exist in this tenant",
            )
        })
    }

    /// The object id that the Dataverse row must carry: of the directory object, else of the probe's token, else of a
    /// sign-in; for an application user the service principal's. Never the name (`CONTRACT.md` section 8).
    pub(crate) fn object_id(&self) -> Reading<&str> {
        self.subject
            .object_id
            .get_or_init(|| match self.profile {
                Profile::ApplicationUser => self.own_service_principal().and_then(|principal| {
                    let id = principal.and_then(|principal| principal.id.text());
                    id.map(str::to_owned).ok_or_else(|| {
                        Unknown::because(
                            "graph.service_principal",
                            Reason::NotFound,
                            "no service principal",
                        )
                    })
                }),
                Profile::LegacyPassword | Profile::Consent => self.user_object_id(),
            })
            .as_deref()
            .map_err(Clone::clone)
    }

    fn user_object_id(&self) -> Reading<String> {
        let user = self.existing_user();
        if let Ok(user) = &user
            && let Some(id) = user.id.text()
        {
            return Ok(id.to_owned());
        }
        let probe = self.evidence().probe.ok();
        let from_probe = probe.and_then(|probe| probe.claims.value()?.oid.text());
        let sign_ins = self.evidence().sign_ins.ok();
        let from_log = sign_ins.and_then(|log| {
            log.value.iter().find_map(|sign_in| {
                let id = sign_in.user_id.text()?;
                let name = sign_in.user_principal_name.text()?;
                (name.eq_ignore_ascii_case(&self.snapshot.subject.account) && !is_zero_guid(id)).then_some(id)
            })
        });
        match (from_probe.or(from_log), user) {
            (Some(id), _) => Ok(id.to_owned()),
            (None, Err(unknown)) => Err(unknown),
            (None, Ok(_)) => Err(Unknown::silent("graph.user", "the answer has no object id")),
        }
    }

    /// The Work 365 service principal whose application id is the account's; `None` when the tenant has none.
    pub(super) fn own_service_principal(&self) -> Reading<Option<&'a ServicePrincipal>> {
        let principals = found(&self.evidence().service_principal)?;
        let account = self.snapshot.subject.account.as_str();
        Ok(principals.and_then(|list| {
            list.0.iter().find(|one| {
                one.app_id
                    .text()
                    .is_some_and(|id| id.eq_ignore_ascii_case(account))
            })
        }))
    }

    /// *The* row: the one whose object id (or application id) matches; `None` when the environment has no such row.
    ///
    /// An empty answer proves absence only if the operator may read every row (`api-facts.md` D-02); otherwise this is
    /// unknown.
    pub(super) fn row(&self) -> Reading<Option<&'a SystemUser>> {
        self.subject.row.get_or_init(|| self.matched_row()).clone()
    }

    fn matched_row(&self) -> Reading<Option<&'a SystemUser>> {
        let rows = &read(&self.evidence().system_users)?.value;
        let matched = match self.profile {
            Profile::ApplicationUser => {
                let account = self.snapshot.subject.account.as_str();
                rows.iter().find(|row| {
                    row.applicationid
                        .text()
                        .is_some_and(|id| id.eq_ignore_ascii_case(account))
                })
            }
            Profile::LegacyPassword | Profile::Consent => {
                let object_id = self.object_id()?;
                rows.iter().find(|row| {
                    row.azureactivedirectoryobjectid
                        .text()
                        .is_some_and(|id| id.eq_ignore_ascii_case(object_id))
                })
            }
        };
        match matched {
            Some(row) => Ok(Some(row)),
            None if self.operator_reads_every_row()? => Ok(None),
            None => Err(Unknown::because(
                "dataverse.system_users",
                Reason::Denied,
                "no row was shown, but the operator may not be allowed to see every user",
            )),
        }
    }

    /// The row, unknown when there is none: for questions that only make sense about a row.
    pub(super) fn existing_row(&self) -> Reading<&'a SystemUser> {
        self.row()?.ok_or_else(|| {
            Unknown::because(
                "dataverse.system_users",
                Reason::NotFound,
                "the account has no row in Dynamics 365",
            )
        })
    }
}

/// The id that services write for "none".
pub(super) fn is_zero_guid(id: &str) -> bool {
    id == "00000000-0000-0000-0000-000000000000"
}
