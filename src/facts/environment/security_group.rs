//! Does the environment's security group let the account in? Source: api-facts sections 6 and 7.

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::graph::DirectoryAudit;

use super::super::Inputs;
use super::super::operator::GLOBAL_ADMINISTRATOR;
use super::super::reading::{Reading, Reason, Unknown, all, read};
use super::super::subject::is_zero_guid;
use super::super::value::parse_time;

/// Template id of the directory role Power Platform Administrator. Source: api-facts G-14.
const POWER_PLATFORM_ADMINISTRATOR: &str = "11648597-926c-4cf3-9c36-bcebb0ba8dcc";

/// How the account belongs to the environment's security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    Direct,
    Nested,
    /// A member, but only the transitive list was read.
    DirectOrNested,
    None,
}

impl Membership {
    pub(super) fn word(self) -> &'static str {
        match self {
            Membership::Direct => "direct",
            Membership::Nested => "nested",
            Membership::DirectOrNested => "direct or nested",
            Membership::None => "none",
        }
    }
}

impl<'a> Inputs<'a> {
    /// Missing, empty and all zeros mean that no group restricts the environment; default and developer environments
    /// cannot have one (api-facts section 6).
    pub(super) fn security_group(&self) -> Reading<Option<&'a str>> {
        let linked = self.linked_environment()?;
        let cannot_have_one = self
            .environment_kind()
            .is_ok_and(|kind| matches!(kind, "Default" | "Developer"));
        let group = linked.security_group_id.text().filter(|id| !is_zero_guid(id));
        Ok(group.filter(|_| !cannot_have_one))
    }

    pub(super) fn group_membership(&self) -> Reading<Membership> {
        let group = self
            .security_group()?
            .ok_or_else(|| Unknown::silent("admin.environment", "the environment has no security group"))?;
        let asked = read(&self.evidence().security_group_membership).and_then(|single| {
            single
                .0
                .as_ref()
                .filter(|answer| {
                    answer
                        .group_id
                        .text()
                        .is_none_or(|id| id.eq_ignore_ascii_case(group))
                })
                .ok_or_else(|| {
                    Unknown::silent(
                        "graph.security_group_membership",
                        "the answer is about another group",
                    )
                })
        });
        let (direct, unread) = match asked {
            Ok(answer) => match (answer.direct.value(), answer.transitive.value()) {
                (Some(true), _) => return Ok(Membership::Direct),
                (Some(false), Some(true)) => return Ok(Membership::Nested),
                (None, Some(true)) => return Ok(Membership::DirectOrNested),
                (_, Some(false)) => return Ok(Membership::None),
                (direct, None) => (
                    direct,
                    Unknown::silent(
                        "graph.security_group_membership",
                        "the answer does not say whether the account is a nested member",
                    ),
                ),
            },
            Err(unread) => (None, unread),
        };
        match read(&self.evidence().group_memberships) {
            Ok(groups) => {
                let member = groups
                    .value
                    .iter()
                    .any(|one| one.id.text().is_some_and(|id| id.eq_ignore_ascii_case(group)));
                Ok(match (member, direct) {
                    (false, _) => Membership::None,
                    (true, Some(false)) => Membership::Nested,
                    (true, _) => Membership::DirectOrNested,
                })
            }
            Err(groups) => Err(unread.and(groups)),
        }
    }

    /// The account is a member through another group only, so that Dataverse adds it on first access, not in the
    /// background.
    pub(in crate::facts) fn is_nested_member_only(&self) -> Reading<bool> {
        match self.security_group()? {
            Some(_) => Ok(self.group_membership()? == Membership::Nested),
            None => Ok(false),
        }
    }

    /// When the account was last added to the security group, if the audit log says.
    pub(in crate::facts) fn joined_security_group_at(&self) -> Option<Timestamp> {
        let group = self.security_group().ok()??;
        let account = self.object_id().ok()?;
        let audits = &self.evidence().directory_audits.ok()?.value;
        let names = |audit: &DirectoryAudit, wanted: &str| {
            let targets = audit.target_resources.items();
            targets
                .iter()
                .any(|target| target.id.text().is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
        };
        audits
            .iter()
            .filter(|audit| audit.activity_display_name.text() == Some("Add member to group"))
            .filter(|audit| audit.result.text() == Some("success"))
            .filter(|audit| names(audit, group) && names(audit, account))
            .filter_map(|audit| parse_time(audit.activity_date_time.text()?))
            .max()
    }

    pub(super) fn is_shut_out_by_group(&self) -> Reading<bool> {
        if self.profile == Profile::ApplicationUser || self.security_group()?.is_none() {
            return Ok(false);
        }
        all([
            self.membership_is_sufficient().map(|sufficient| !sufficient),
            self.bypasses_security_group().map(|bypasses| !bypasses),
        ])
    }

    /// Direct membership suffices; a nested one only once a row exists and is enabled, because nested members are not
    /// added in the background (`CONTRACT.md` section 8).
    fn membership_is_sufficient(&self) -> Reading<bool> {
        let membership = self.group_membership()?;
        match membership {
            Membership::Direct => return Ok(true),
            Membership::None => return Ok(false),
            Membership::Nested | Membership::DirectOrNested => {}
        }
        let row = self.row()?;
        let enabled = row.and_then(|row| row.isdisabled.value()) == Some(&false);
        if enabled {
            return Ok(true);
        }
        if membership == Membership::DirectOrNested {
            return Err(Unknown::because(
                "graph.security_group_membership",
                Reason::Absent,
                "only direct membership is sure to count, and it was not read",
            ));
        }
        let disabled_account = self
            .user()
            .ok()
            .flatten()
            .is_some_and(|user| user.account_enabled.value() == Some(&false));
        if disabled_account || self.is_licensed() == Ok(false) {
            return Err(Unknown::because(
                "dataverse.system_users",
                Reason::Absent,
                "the user may be missing or disabled for another reason than its nested membership",
            ));
        }
        Ok(false)
    }

    /// Global and Power Platform Administrators need no membership, Dynamics 365 Administrators do (api-facts section 7).
    fn bypasses_security_group(&self) -> Reading<bool> {
        let roles = read(&self.evidence().directory_roles)?;
        let bypass = [GLOBAL_ADMINISTRATOR, POWER_PLATFORM_ADMINISTRATOR];
        let held = roles.value.iter().map(|role| role.role_template_id.text());
        let mut unnamed = false;
        for template in held {
            match template {
                Some(id) if bypass.iter().any(|one| id.eq_ignore_ascii_case(one)) => return Ok(true),
                Some(_) => {}
                None => unnamed = true,
            }
        }
        if unnamed {
            return Err(Unknown::because(
                "graph.directory_roles",
                Reason::Denied,
                "the account holds a directory role whose name may not be read",
            ));
        }
        Ok(false)
    }
}
