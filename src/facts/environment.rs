//! Facts of the area environment: is it the right one, does it run, and does it let this identity in.

mod firewall;

use crate::profile::Profile;
use crate::snapshot::Field;
use crate::snapshot::admin::{Environment, LinkedEnvironment, State};

use super::operator::GLOBAL_ADMINISTRATOR;
use super::reading::{Reading, Reason, Unknown, all, read};
use super::subject::is_zero_guid;
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

const ADMIN: &[&str] = &["admin.environment"];

/// Template id of the directory role Power Platform Administrator. Source: api-facts G-14.
const POWER_PLATFORM_ADMINISTRATOR: &str = "11648597-926c-4cf3-9c36-bcebb0ba8dcc";

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "environment.name",
        Kind::Text,
        ADMIN,
        "Display name of the environment; null when unset.",
        |inputs| {
            let properties = read(&inputs.evidence().environment)?.properties.value();
            Ok(properties
                .and_then(|properties| properties.display_name.text())
                .into())
        },
    )
    .nullable(),
    fact(
        "environment.kind",
        Kind::Text,
        ADMIN,
        "Production, Sandbox, Trial, Developer, Default or Teams.",
        |inputs| inputs.environment_kind().map(Into::into),
    ),
    fact(
        "environment.runtime_state",
        Kind::Text,
        ADMIN,
        "The environment's runtime state in Microsoft's word: Enabled, AdminMode, Disabled, …",
        |inputs| inputs.runtime_state().map(Into::into),
    ),
    fact(
        "environment.in_admin_mode",
        Kind::Bool,
        ADMIN,
        "Administration mode is on: only System Administrators and System Customizers get in.",
        |inputs| Ok(inputs.runtime_state()?.eq_ignore_ascii_case("AdminMode").into()),
    ),
    fact(
        "environment.disabled",
        Kind::Bool,
        &["admin.environment", "dataverse.organization"],
        "The environment is disabled or being deleted.",
        |inputs| inputs.is_environment_disabled().map(Into::into),
    ),
    fact(
        "environment.disabled_reason",
        Kind::Text,
        &["dataverse.organization", "admin.environment"],
        "Why the environment is disabled, in Microsoft's words; null when it does not say.",
        |inputs| {
            let row = inputs.evidence().organization_row.ok();
            let row = row.and_then(|single| single.0.as_ref());
            let by_row = row.and_then(|row| row.disabledreason.text());
            let by_admin = inputs
                .runtime()
                .ok()
                .and_then(|state| state.runtime_reason_code.text());
            let reason = by_row.or(by_admin.filter(|code| *code != "NotSpecified"));
            match (reason, read(&inputs.evidence().environment)) {
                (None, Err(unread)) if row.is_none() => Err(unread),
                (reason, _) => Ok(reason.into()),
            }
        },
    )
    .nullable(),
    fact(
        "environment.background_operations_off",
        Kind::Bool,
        ADMIN,
        "Background operations are switched off: workflows and Work 365 jobs wait.",
        |inputs| {
            let state = inputs.linked_environment()?.background_operations_state.text();
            let state = state.ok_or_else(|| silent("backgroundOperationsState"))?;
            Ok(state.eq_ignore_ascii_case("Disabled").into())
        },
    ),
    fact(
        "environment.copied",
        Kind::Bool,
        ADMIN,
        "The environment's state says that it was copied or restored.",
        |inputs| inputs.is_copied().map(Into::into),
    ),
    fact(
        "environment.state_reason",
        Kind::Text,
        ADMIN,
        "Why the environment is in its state, in Microsoft's word; null when it does not say.",
        |inputs| {
            let reason = inputs.runtime()?.runtime_reason_code.text();
            Ok(reason.filter(|code| *code != "NotSpecified").into())
        },
    )
    .nullable(),
    fact(
        "environment.security_group",
        Kind::Text,
        ADMIN,
        "Object id of the security group that restricts access; null when there is none.",
        |inputs| inputs.security_group().map(FactValue::from),
    )
    .nullable(),
    fact(
        "environment.shut_out_by_group",
        Kind::Bool,
        &[
            "admin.environment",
            "graph.security_group_membership",
            "graph.group_memberships",
            "graph.directory_roles",
            "dataverse.system_users",
        ],
        "A security group restricts the environment, and the account is neither a sufficient member of it nor an administrator who bypasses it.",
        |inputs| inputs.is_shut_out_by_group().map(Into::into),
    ),
    fact(
        "environment.group_membership",
        Kind::Text,
        &["graph.security_group_membership", "graph.group_memberships"],
        "The account's membership in the environment's security group: direct, nested, none, or direct or nested.",
        |inputs| {
            inputs
                .group_membership()
                .map(|membership| membership.word().into())
        },
    ),
    fact(
        "environment.wrong",
        Kind::Bool,
        &["login.challenge", "admin.environment", "dataverse.who_am_i"],
        "The address does not lead to the environment that was looked up: nothing answers there, or another organisation does.",
        |inputs| inputs.is_wrong_environment().map(Into::into),
    ),
    fact(
        "environment.address",
        Kind::Text,
        ADMIN,
        "The environment's own web address; null when it has no Dataverse.",
        |inputs| {
            let url = inputs.linked_environment()?.instance_url.text();
            Ok(url.map(|url| url.trim_end_matches('/')).into())
        },
    )
    .nullable(),
    fact(
        "environment.ip_firewall_blocks",
        Kind::Bool,
        &[
            "dataverse.organization",
            "graph.sign_ins",
            "dataverse.system_users",
            "dataverse.who_am_i",
        ],
        "The IP firewall refused the check itself, or it enforces and the address that Work 365 signs in from is not allowed.",
        |inputs| inputs.is_blocked_by_firewall().map(Into::into),
    ),
    fact(
        "environment.firewall_ranges",
        Kind::Text,
        &["dataverse.organization"],
        "Addresses that the IP firewall allows; null when it names none.",
        |inputs| Ok(inputs.organization_row()?.allowediprangeforfirewall.text().into()),
    )
    .nullable(),
    fact(
        "environment.caller_addresses",
        Kind::Texts,
        &["graph.sign_ins"],
        "Addresses that Work 365 signs in from: named with --ip, else seen in the latest successful sign-ins.",
        |inputs| {
            let addresses = inputs.caller_addresses()?;
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Ok(addresses.into())
        },
    ),
    fact(
        "environment.refused_by_firewall",
        Kind::Bool,
        &["dataverse.who_am_i", "dataverse.system_users"],
        "Dataverse refused the check itself because of the address it came from (0x80095ffe).",
        |inputs| Ok(inputs.was_refused_by_firewall().into()),
    ),
];

/// How the account belongs to the environment's security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Membership {
    Direct,
    Nested,
    /// A member, but only the transitive list was read.
    DirectOrNested,
    None,
}

impl Membership {
    fn word(self) -> &'static str {
        match self {
            Membership::Direct => "direct",
            Membership::Nested => "nested",
            Membership::DirectOrNested => "direct or nested",
            Membership::None => "none",
        }
    }
}

fn silent(key: &str) -> Unknown {
    Unknown::silent("admin.environment", format!("the answer has no {key}"))
}

impl<'a> Inputs<'a> {
    fn environment(&self) -> Reading<&'a Environment> {
        read(&self.evidence().environment)
    }

    fn linked_environment(&self) -> Reading<&'a LinkedEnvironment> {
        let properties = self.environment()?.properties.value();
        properties
            .and_then(|properties| properties.linked_environment_metadata.value())
            .ok_or_else(|| silent("linkedEnvironmentMetadata"))
    }

    fn runtime(&self) -> Reading<&'a State> {
        let properties = self.environment()?.properties.value();
        properties
            .and_then(|properties| properties.states.value()?.runtime.value())
            .ok_or_else(|| silent("states.runtime"))
    }

    fn runtime_state(&self) -> Reading<&'a str> {
        self.runtime()?
            .id
            .text()
            .ok_or_else(|| silent("states.runtime.id"))
    }

    fn environment_kind(&self) -> Reading<&'a str> {
        let properties = self.environment()?.properties.value();
        properties
            .and_then(|properties| properties.environment_sku.text())
            .ok_or_else(|| silent("environmentSku"))
    }

    fn organization_row(&self) -> Reading<&'a crate::snapshot::dataverse::Organization> {
        read(&self.evidence().organization_row)?
            .0
            .as_ref()
            .ok_or_else(|| {
                Unknown::because("dataverse.organization", Reason::NotFound, "the answer is empty")
            })
    }

    /// The organisation row may say so by itself; that all is well takes the admin API's word.
    fn is_environment_disabled(&self) -> Reading<bool> {
        const ENDED: [&str; 3] = ["Disabled", "Deleting", "Deleted"];
        const RUNNING: [&str; 2] = ["Enabled", "AdminMode"];
        let one_of = |state: &str, list: &[&str]| list.iter().any(|word| state.eq_ignore_ascii_case(word));
        if self
            .organization_row()
            .is_ok_and(|row| row.isdisabled.value() == Some(&true))
        {
            return Ok(true);
        }
        let instance = self.linked_environment().ok();
        if instance
            .and_then(|linked| linked.instance_state.text())
            .is_some_and(|state| one_of(state, &ENDED))
        {
            return Ok(true);
        }
        let state = self.runtime_state()?;
        if one_of(state, &ENDED) {
            Ok(true)
        } else if one_of(state, &RUNNING) {
            Ok(false)
        } else {
            Err(Unknown::silent(
                "admin.environment",
                format!("the runtime state is {state}, which is neither running nor disabled"),
            ))
        }
    }

    /// Only the platform's own word counts: a reason code or state that speaks of a copy or a restore.
    fn is_copied(&self) -> Reading<bool> {
        let properties = self
            .environment()?
            .properties
            .value()
            .ok_or_else(|| silent("properties"))?;
        let states = properties.states.value();
        let words = states.into_iter().flat_map(|states| {
            [states.management.value(), states.runtime.value()]
                .into_iter()
                .flatten()
                .flat_map(|state| [state.id.text(), state.runtime_reason_code.text()])
        });
        Ok(words.flatten().any(|word| {
            let word = word.to_ascii_lowercase();
            ["copy", "copied", "restor", "clone"]
                .iter()
                .any(|part| word.contains(part))
        }))
    }

    /// Missing, empty and all zeros mean that no group restricts the environment; default and developer environments
    /// cannot have one (api-facts section 6).
    fn security_group(&self) -> Reading<Option<&'a str>> {
        let linked = self.linked_environment()?;
        let cannot_have_one = self
            .environment_kind()
            .is_ok_and(|kind| matches!(kind, "Default" | "Developer"));
        let group = linked.security_group_id.text().filter(|id| !is_zero_guid(id));
        Ok(group.filter(|_| !cannot_have_one))
    }

    fn group_membership(&self) -> Reading<Membership> {
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
        let unread = match asked {
            Ok(answer) => match (answer.direct.value(), answer.transitive.value()) {
                (Some(true), _) => return Ok(Membership::Direct),
                (Some(false), Some(true)) => return Ok(Membership::Nested),
                (None, Some(true)) => return Ok(Membership::DirectOrNested),
                (_, Some(false)) => return Ok(Membership::None),
                (_, None) => Unknown::silent(
                    "graph.security_group_membership",
                    "the answer does not say whether the account is a nested member",
                ),
            },
            Err(unread) => unread,
        };
        match read(&self.evidence().group_memberships) {
            Ok(groups) => {
                let member = groups
                    .value
                    .iter()
                    .any(|one| one.id.text().is_some_and(|id| id.eq_ignore_ascii_case(group)));
                let direct = self.evidence().security_group_membership.ok();
                let direct = direct.and_then(|single| single.0.as_ref()?.direct.value());
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
    pub(super) fn is_nested_member_only(&self) -> Reading<bool> {
        match self.security_group()? {
            Some(_) => Ok(self.group_membership()? == Membership::Nested),
            None => Ok(false),
        }
    }

    /// Whether the environment is of a kind to which no user is added in the background (api-facts section 6).
    pub(super) fn environment_adds_users_on_demand(&self) -> Reading<bool> {
        Ok(matches!(
            self.environment_kind()?,
            "Trial" | "Developer" | "Teams"
        ))
    }

    fn is_shut_out_by_group(&self) -> Reading<bool> {
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
        let row_is_enabled = || {
            let row = self.row()?;
            Ok(row.is_some_and(|row| row.isdisabled.value() == Some(&false)))
        };
        match self.group_membership()? {
            Membership::Direct => Ok(true),
            Membership::None => Ok(false),
            Membership::Nested => row_is_enabled(),
            Membership::DirectOrNested => match row_is_enabled() {
                Ok(true) => Ok(true),
                _ => Err(Unknown::because(
                    "graph.security_group_membership",
                    Reason::Absent,
                    "only direct membership is sure to count, and it was not read",
                )),
            },
        }
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

    /// Nothing answers at the address, or the environment that was looked up has another one, or another organisation
    /// answered. One proof decides; that it is the right one takes the admin API's word.
    fn is_wrong_environment(&self) -> Reading<bool> {
        let address_leads_nowhere = self.evidence().challenge.is_not_found();
        let organization = self.organizations_differ();
        if address_leads_nowhere || organization == Ok(true) {
            return Ok(true);
        }
        self.hosts_differ()
    }

    fn hosts_differ(&self) -> Reading<bool> {
        let linked = self.linked_environment()?;
        let asked = self.snapshot.subject.environment.as_deref().and_then(host);
        let asked = asked.ok_or_else(|| {
            Unknown::because("subject", Reason::Absent, "the snapshot names no environment")
        })?;
        let hosts: Vec<&str> = [&linked.instance_url, &linked.instance_api_url]
            .into_iter()
            .filter_map(|url| url.text().and_then(host))
            .collect();
        if hosts.is_empty() {
            return Err(silent("instanceUrl"));
        }
        Ok(!hosts.iter().any(|host| host.eq_ignore_ascii_case(asked)))
    }

    fn organizations_differ(&self) -> Reading<bool> {
        let wanted = self.linked_environment()?.resource_id.text();
        let wanted = wanted.ok_or_else(|| silent("linkedEnvironmentMetadata.resourceId"))?;
        let answered = read(&self.evidence().who_am_i)?.organization_id.text();
        let answered = answered
            .ok_or_else(|| Unknown::silent("dataverse.who_am_i", "the answer has no organisation id"))?;
        Ok(!answered.eq_ignore_ascii_case(wanted))
    }
}

/// The host of an address as `https://contoso.crm4.dynamics.com/`.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

/// Whether a field says something other than null or nothing.
fn is_set(field: &Field<String>) -> bool {
    field.text().is_some()
}
