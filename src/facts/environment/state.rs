//! Facts of the area environment: is it the right one, does it run, and does it let this identity in.

use crate::snapshot::admin::State;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::environment::firewall::{caller_addresses, firewall_finding, is_blocked_by_firewall};
use crate::facts::environment::linked::{
    environment, environment_kind, linked_environment, organization_row, silent,
};
use crate::facts::environment::security_group::{group_membership, is_shut_out_by_group, security_group};
use crate::facts::operator::refused::{ADMINISTRATION_MODE, DISABLED, refused_with};
use crate::facts::reading::{Reading, Reason, Unknown, read};
use crate::facts::value::{FactValue, Kind};
use crate::text::without_api;

const ADMIN: &[&str] = &["admin.environment"];

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "environment.name",
        Kind::Text,
        ADMIN,
        "Display name of the environment; null when unset.",
        |context| {
            let properties = read(&context.evidence().environment)?.properties.value();
            Ok(properties
                .and_then(|properties| properties.display_name.text())
                .into())
        },
    )
.its_own()
    .nullable(),
    fact(
        "environment.kind",
        Kind::Text,
        ADMIN,
        "Production, Sandbox, Trial, Developer, Default or Teams.",
        |context| environment_kind(context).map(Into::into),
    ),
    fact(
        "environment.runtime_state",
        Kind::Text,
        ADMIN,
        "The environment's runtime state in Microsoft's word, as Enabled, AdminMode or Disabled.",
        |context| runtime_state(context).map(Into::into),
    ),
    fact(
        "environment.in_admin_mode",
        Kind::Bool,
        ADMIN,
        "Administration mode is on: only System Administrators and System Customizers get in.",
        |context| is_in_admin_mode(context).map(Into::into),
    ),
    fact(
        "environment.disabled",
        Kind::Bool,
        &["admin.environment", "dataverse.organization"],
        "The environment is disabled or being deleted.",
        |context| is_environment_disabled(context).map(Into::into),
    ),
    fact(
        "environment.disabled_reason",
        Kind::Text,
        &["dataverse.organization", "admin.environment"],
        "Why the environment is disabled, in Microsoft's words; null when it does not say.",
        |context| {
            let row = context.evidence().organization_row.ok();
            let row = row.and_then(|single| single.0.as_ref());
            let by_row = row.and_then(|row| row.disabledreason.text());
            let by_admin = runtime(context)
                .ok()
                .and_then(|state| state.runtime_reason_code.text());
            let reason = by_row.or(by_admin.filter(|code| *code != "NotSpecified"));
            match (reason, read(&context.evidence().environment)) {
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
        |context| {
            let state = linked_environment(context)?.background_operations_state.text();
            let state = state.ok_or_else(|| silent("backgroundOperationsState"))?;
            Ok(state.eq_ignore_ascii_case("Disabled").into())
        },
    ),
    fact(
        "environment.copied",
        Kind::Bool,
        ADMIN,
        "The environment's state says that it was copied or restored.",
        |context| is_copied(context).map(Into::into),
    ),
    fact(
        "environment.state_reason",
        Kind::Text,
        ADMIN,
        "Why the environment is in its state, in Microsoft's word; null when it does not say.",
        |context| {
            let reason = runtime(context)?.runtime_reason_code.text();
            Ok(reason.filter(|code| *code != "NotSpecified").into())
        },
    )
    .nullable(),
    fact(
        "environment.security_group",
        Kind::Text,
        ADMIN,
        "Object id of the security group that restricts access; null when there is none.",
        |context| security_group(context).map(FactValue::from),
    )
.its_own_words()
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
        |context| is_shut_out_by_group(context).map(Into::into),
    ),
    fact(
        "environment.group_membership",
        Kind::Text,
        &["graph.security_group_membership", "graph.group_memberships"],
        "The account's membership in the environment's security group: direct, nested, none, or direct or nested.",
        |context| {
            group_membership(context)
                .map(|membership| membership.word().into())
        },
    ),
    fact(
        "environment.wrong",
        Kind::Bool,
        &["login.challenge", "admin.environment", "dataverse.who_am_i"],
        "The address does not lead to the environment that was looked up: nothing answers there, or another organisation does.",
        |context| {
            let finding = wrong_environment_finding(context)?;
            Ok(finding.is_some().into())
        },
    ),
    fact(
        "environment.wrong_because",
        Kind::Text,
        &["login.challenge", "admin.environment", "dataverse.who_am_i"],
        "Why the address is thought to be the wrong one; null when it is not.",
        |context| wrong_environment_finding(context).map(Into::into),
    )
.its_own_words()
    .nullable(),
    fact(
        "environment.address",
        Kind::Text,
        ADMIN,
        "The environment's own web address; null when it has no Dataverse.",
        |context| {
            let url = linked_environment(context)?.instance_url.text();
            Ok(url.map(|url| url.trim_end_matches('/')).into())
        },
    )
.its_own()
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
        |context| is_blocked_by_firewall(context).map(Into::into),
    ),
    fact(
        "environment.firewall_ranges",
        Kind::Text,
        &["dataverse.organization"],
        "Addresses that the IP firewall allows; null when it names none.",
        |context| Ok(organization_row(context)?.allowediprangeforfirewall.text().into()),
    )
.its_own_words()
    .nullable(),
    fact(
        "environment.caller_addresses",
        Kind::Texts,
        &["graph.sign_ins"],
        "Addresses that Work 365 signs in from: named with --ip, else seen in the latest successful sign-ins.",
        |context| {
            let addresses = caller_addresses(context)?;
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Ok(addresses.into())
        },
    )
.its_own(),
    fact(
        "environment.firewall_finding",
        Kind::Text,
        &["dataverse.who_am_i", "dataverse.organization", "graph.sign_ins"],
        "What the IP firewall was seen or found to block, in one sentence; null when it blocks nothing.",
        |context| firewall_finding(context).map(Into::into),
    )
.its_own_words()
    .nullable(),
];

fn runtime<'a>(context: &Context<'a>) -> Reading<&'a State> {
    let properties = environment(context)?.properties.value();
    properties
        .and_then(|properties| properties.states.value()?.runtime.value())
        .ok_or_else(|| silent("states.runtime"))
}

fn runtime_state<'a>(context: &Context<'a>) -> Reading<&'a str> {
    runtime(context)?
        .id
        .text()
        .ok_or_else(|| silent("states.runtime.id"))
}

/// A refusal that says so needs no right to be believed; otherwise it takes the admin API's word.
fn is_in_admin_mode(context: &Context<'_>) -> Reading<bool> {
    if refused_with(context, ADMINISTRATION_MODE) {
        return Ok(true);
    }
    Ok(runtime_state(context)?.eq_ignore_ascii_case("AdminMode"))
}

/// The organisation row may say so by itself, and so does a refusal; that all is well takes the admin API's word.
fn is_environment_disabled(context: &Context<'_>) -> Reading<bool> {
    const ENDED: [&str; 3] = ["Disabled", "Deleting", "Deleted"];
    const RUNNING: [&str; 2] = ["Enabled", "AdminMode"];
    const READY: &str = "Ready";
    let one_of = |state: &str, list: &[&str]| list.iter().any(|word| state.eq_ignore_ascii_case(word));
    let by_row = organization_row(context).is_ok_and(|row| row.isdisabled.value() == Some(&true));
    if by_row || refused_with(context, DISABLED) {
        return Ok(true);
    }
    let instance = linked_environment(context)
        .ok()
        .and_then(|linked| linked.instance_state.text());
    let management = read(&context.evidence().environment)
        .ok()
        .and_then(|environment| {
            environment
                .properties
                .value()?
                .states
                .value()?
                .management
                .value()?
                .id
                .text()
        });
    let mut of_platform = [instance, management].into_iter().flatten();
    if of_platform.clone().any(|state| one_of(state, &ENDED)) {
        return Ok(true);
    }
    let state = runtime_state(context)?;
    if one_of(state, &ENDED) {
        return Ok(true);
    }
    let strange = match one_of(state, &RUNNING) {
        true => of_platform.find(|state| !state.eq_ignore_ascii_case(READY)),
        false => Some(state),
    };
    match strange {
        None => Ok(false),
        Some(state) => Err(Unknown::silent(
            "admin.environment",
            format!("its state is {state}, which is neither running nor disabled"),
        )),
    }
}

/// Only the platform's own word counts: a reason code or state that speaks of a copy or a restore.
pub(crate) fn is_copied(context: &Context<'_>) -> Reading<bool> {
    let properties = environment(context)?
        .properties
        .value()
        .ok_or_else(|| silent("properties"))?;
    let words = properties.states.value().map(|states| {
        let (management, runtime) = (states.management.value(), states.runtime.value());
        [
            management.and_then(|state| state.id.text()),
            // Only the runtime state always has a reason.
            management.and_then(|state| state.runtime_reason_code.known().map(String::as_str)),
            runtime.and_then(|state| state.id.text()),
            runtime.and_then(|state| state.runtime_reason_code.text()),
        ]
    });
    let words = words.into_iter().flatten();
    Ok(words.flatten().any(|word| {
        let word = word.to_ascii_lowercase();
        ["copy", "copied", "restor", "clone"]
            .iter()
            .any(|part| word.contains(part))
    }))
}

/// Whether the environment is of a kind to which no user is added in the background (<https://learn.microsoft.com/power-platform/admin/control-user-access>).
pub(crate) fn environment_adds_users_on_demand(context: &Context<'_>) -> Reading<bool> {
    Ok(matches!(
        environment_kind(context)?,
        "Trial" | "Developer" | "Teams"
    ))
}

/// Nothing answers at the address, or the environment that was looked up has another one, or another organisation
/// answered. One proof decides; that it is the right one takes the admin API's word.
fn wrong_environment_finding(context: &Context<'_>) -> Reading<Option<String>> {
    let asked = context
        .snapshot
        .subject
        .environment
        .as_deref()
        .unwrap_or("the address");
    if context.evidence().challenge.is_not_found() {
        return Ok(Some(format!("Nothing answers at {asked}")));
    }
    if let Ok(Some(finding)) = organizations_differ(context) {
        return Ok(Some(finding));
    }
    if is_loopback(asked) {
        // An emulator or proxy stands in front: its address says nothing, the organisation does.
        return organizations_differ(context);
    }
    let own = linked_environment(context)?
        .instance_url
        .text()
        .unwrap_or("another one");
    let differ = hosts_differ(context)?;
    Ok(differ.then(|| format!("{asked} was checked, but the environment's own address is {own}")))
}

fn hosts_differ(context: &Context<'_>) -> Reading<bool> {
    let linked = linked_environment(context)?;
    let asked = context.snapshot.subject.environment.as_deref().and_then(host);
    let asked = asked
        .ok_or_else(|| Unknown::because("subject", Reason::Absent, "the snapshot names no environment"))?;
    let hosts: Vec<&str> = [&linked.instance_url, &linked.instance_api_url]
        .into_iter()
        .filter_map(|url| url.text().and_then(host))
        .collect();
    if hosts.is_empty() {
        return Err(silent("instanceUrl"));
    }
    Ok(!hosts.iter().any(|host| without_api(host) == without_api(asked)))
}

fn organizations_differ(context: &Context<'_>) -> Reading<Option<String>> {
    let wanted = linked_environment(context)?.resource_id.text();
    let wanted = wanted.ok_or_else(|| silent("linkedEnvironmentMetadata.resourceId"))?;
    let answered = read(&context.evidence().who_am_i)?.organization_id.text();
    let answered =
        answered.ok_or_else(|| Unknown::silent("dataverse.who_am_i", "the answer has no organisation id"))?;
    let differ = !answered.eq_ignore_ascii_case(wanted);
    Ok(differ.then(|| format!("The organisation {answered} answered, but the environment's is {wanted}")))
}

/// The host of an address as `https://contoso.crm4.dynamics.com/`.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

fn is_loopback(url: &str) -> bool {
    host(url).is_some_and(|host| host == "localhost" || host.starts_with("127.") || host.starts_with('['))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use crate::facts::testing::case::{Case, GROUP, OTHER_OBJECT_ID, ok, sign_in};
    use crate::facts::value::FactValue;

    const ADMIN: &str = "admin.environment";
    const LINKED: &str = "/properties/linkedEnvironmentMetadata";
    const RUNTIME: &str = "/properties/states/runtime";

    #[test]
    fn a_healthy_environment_has_no_fault() {
        for case in [Case::healthy(), Case::healthy_application_user()] {
            for fact in [
                "environment.in_admin_mode",
                "environment.disabled",
                "environment.background_operations_off",
                "environment.copied",
                "environment.shut_out_by_group",
                "environment.wrong",
                "environment.ip_firewall_blocks",
            ] {
                assert_eq!(case.flag(fact), Some(false), "{fact}");
            }
        }
    }

    #[test]
    fn an_answer_without_the_key_is_unknown_and_no_pass() {
        let denied = Case::healthy().denied(ADMIN);
        let empty = Case::healthy().set(ADMIN, "/properties", json!({}));
        for fact in [
            "environment.in_admin_mode",
            "environment.disabled",
            "environment.background_operations_off",
            "environment.shut_out_by_group",
            "environment.wrong",
        ] {
            assert_eq!(denied.flag(fact), None, "{fact}");
            assert_eq!(empty.flag(fact), None, "{fact}");
        }
        assert_eq!(denied.flag("environment.copied"), None);
    }

    #[test]
    fn runtime_states_are_told_apart() {
        let in_state = |state: &str| Case::healthy().set(ADMIN, &format!("{RUNTIME}/id"), json!(state));
        let flags = |case: Case| {
            (
                case.flag("environment.in_admin_mode"),
                case.flag("environment.disabled"),
            )
        };
        assert_eq!(flags(in_state("AdminMode")), (Some(true), Some(false)));
        assert_eq!(flags(in_state("Disabled")), (Some(false), Some(true)));
        assert_eq!(flags(in_state("Preparing")), (Some(false), None));
        for place in [
            "/properties/states/management/id",
            "/properties/linkedEnvironmentMetadata/instanceState",
        ] {
            let in_state = |state: &str| Case::healthy().set(ADMIN, place, json!(state));
            let disabled = |state| in_state(state).flag("environment.disabled");
            assert_eq!(disabled("Suspended"), None, "{place}");
            assert_eq!(disabled("Deleting"), Some(true), "{place}");
            assert_eq!(disabled("Ready"), Some(false), "{place}");
        }
        let by_row = Case::healthy().set("dataverse.organization", "/value/0/isdisabled", json!(true));
        assert_eq!(by_row.flag("environment.disabled"), Some(true));
        assert_eq!(
            by_row.denied(ADMIN).flag("environment.disabled"),
            Some(true),
            "one proof decides"
        );
    }

    #[test]
    fn a_copy_is_a_copy_only_when_the_platform_says_so() {
        let reason = |code: &str| {
            Case::healthy()
                .set(ADMIN, &format!("{RUNTIME}/id"), json!("AdminMode"))
                .set(ADMIN, &format!("{RUNTIME}/runtimeReasonCode"), json!(code))
                .flag("environment.copied")
        };
        assert_eq!(reason("CopyEnvironment"), Some(true));
        assert_eq!(reason("Restored"), Some(true));
        assert_eq!(reason("NotSpecified"), Some(false));
    }

    #[test]
    fn the_wrong_environment_is_found_by_address_or_organisation() {
        let nowhere = Case::healthy().section("login.challenge", json!({"outcome": "not_found"}));
        assert_eq!(
            nowhere.denied(ADMIN).flag("environment.wrong"),
            Some(true),
            "one proof decides"
        );
        let elsewhere = Case::healthy()
            .set(
                ADMIN,
                &format!("{LINKED}/instanceUrl"),
                json!("https://fabrikam.crm4.dynamics.com/"),
            )
            .set(
                ADMIN,
                &format!("{LINKED}/instanceApiUrl"),
                json!("https://fabrikam.api.crm4.dynamics.com"),
            );
        assert_eq!(elsewhere.flag("environment.wrong"), Some(true));
        let other = Case::healthy().set("dataverse.who_am_i", "/OrganizationId", json!(OTHER_OBJECT_ID));
        assert_eq!(other.flag("environment.wrong"), Some(true));
        assert!(matches!(
            other.fact("environment.wrong_because"),
            Ok(FactValue::Text(_))
        ));
        let through_proxy = || Case::healthy().environment("http://127.0.0.1:8080");
        assert_eq!(through_proxy().flag("environment.wrong"), Some(false));
        assert_eq!(
            through_proxy()
                .denied("dataverse.who_am_i")
                .flag("environment.wrong"),
            None
        );
        let api_only = Case::healthy()
            .set(
                ADMIN,
                &format!("{LINKED}/instanceUrl"),
                json!("https://renamed.crm4.dynamics.com/"),
            )
            .set(
                ADMIN,
                &format!("{LINKED}/instanceApiUrl"),
                json!("https://CONTOSO.crm4.dynamics.com"),
            );
        assert_eq!(api_only.flag("environment.wrong"), Some(false));
    }

    #[test]
    fn a_direct_member_gets_in_and_a_stranger_does_not() {
        let membership = |direct: serde_json::Value, transitive: bool| {
            Case::healthy().section(
                "graph.security_group_membership",
                ok(json!({"group_id": GROUP, "direct": direct, "transitive": transitive})),
            )
        };
        let fact = "environment.shut_out_by_group";
        assert_eq!(membership(json!(true), true).flag(fact), Some(false));
        assert_eq!(membership(json!(false), false).flag(fact), Some(true));
        assert_eq!(
            membership(json!(false), true).flag(fact),
            Some(false),
            "nested, and the row is enabled"
        );
        let disabled = |case: Case| case.set("dataverse.system_users", "/value/0/isdisabled", json!(true));
        assert_eq!(disabled(membership(json!(false), true)).flag(fact), Some(true));
        assert_eq!(
            disabled(membership(json!(null), true)).flag(fact),
            None,
            "may be direct"
        );
        let blocked =
            disabled(membership(json!(false), true)).set("graph.user", "/accountEnabled", json!(false));
        assert_eq!(blocked.flag(fact), None, "the row is disabled for another reason");
        let another_group = Case::healthy()
            .set(
                "graph.security_group_membership",
                "/group_id",
                json!(OTHER_OBJECT_ID),
            )
            .set("graph.security_group_membership", "/direct", json!(false));
        assert_eq!(
            another_group.fact("environment.group_membership"),
            Ok(FactValue::from("direct or nested"))
        );
    }

    #[test]
    fn memberships_are_the_second_source() {
        let fact = "environment.shut_out_by_group";
        let case = || Case::healthy().denied("graph.security_group_membership");
        assert_eq!(case().flag(fact), Some(false));
        let stranger = || case().set("graph.group_memberships", "/value", json!([]));
        assert_eq!(stranger().flag(fact), Some(true));
        assert_eq!(case().denied("graph.group_memberships").flag(fact), None);
        assert_eq!(
            stranger().denied("graph.directory_roles").flag(fact),
            None,
            "may bypass the group"
        );
    }

    #[test]
    fn only_global_and_power_platform_administrators_bypass_the_group() {
        let with_role = |template: serde_json::Value| {
            Case::healthy()
                .denied("graph.security_group_membership")
                .set("graph.group_memberships", "/value", json!([]))
                .set(
                    "graph.directory_roles",
                    "/value",
                    json!([{"roleTemplateId": template}]),
                )
                .flag("environment.shut_out_by_group")
        };
        assert_eq!(
            with_role(json!("62e90394-69f5-4237-9190-012177145e10")),
            Some(false)
        );
        assert_eq!(
            with_role(json!("11648597-926c-4cf3-9c36-bcebb0ba8dcc")),
            Some(false)
        );
        assert_eq!(
            with_role(json!("44367163-eba1-44c3-98af-f5787879f96a")),
            Some(true)
        );
        assert_eq!(with_role(json!(null)), None, "a role that may not be read");
    }

    #[test]
    fn no_group_or_a_kind_that_has_none_shuts_nobody_out() {
        let fact = "environment.shut_out_by_group";
        let stranger = || {
            Case::healthy()
                .denied("graph.security_group_membership")
                .denied("graph.group_memberships")
        };
        let group = format!("{LINKED}/securityGroupId");
        for none in [
            json!(null),
            json!(""),
            json!("00000000-0000-0000-0000-000000000000"),
        ] {
            assert_eq!(stranger().set(ADMIN, &group, none).flag(fact), Some(false));
        }
        assert_eq!(stranger().unset(ADMIN, &group).flag(fact), Some(false));
        for kind in ["Default", "Developer"] {
            let case = stranger().set(ADMIN, "/properties/environmentSku", json!(kind));
            assert_eq!(case.flag(fact), Some(false), "{kind}");
        }
        let application = Case::healthy_application_user()
            .denied("graph.security_group_membership")
            .denied("graph.group_memberships");
        assert_eq!(application.flag(fact), Some(false));
    }

    fn behind_firewall() -> Case {
        let organization = "dataverse.organization";
        Case::healthy()
            .set(organization, "/value/0/enableipbasedfirewallrule", json!(true))
            .set(
                organization,
                "/value/0/allowediprangeforfirewall",
                json!("198.51.100.0/24"),
            )
    }

    #[test]
    fn the_firewall_blocks_addresses_outside_its_ranges() {
        let fact = "environment.ip_firewall_blocks";
        assert_eq!(behind_firewall().flag(fact), Some(true));
        assert_eq!(
            behind_firewall().calling_from("198.51.100.9").flag(fact),
            Some(false)
        );
        assert_eq!(behind_firewall().denied("graph.sign_ins").flag(fact), None);
        let organization = "dataverse.organization";
        let audit = behind_firewall().set(
            organization,
            "/value/0/enableipbasedfirewallruleinauditmode",
            json!(true),
        );
        assert_eq!(audit.flag(fact), Some(false));
        let tags = || {
            behind_firewall().set(
                organization,
                "/value/0/allowedservicetagsforfirewall",
                json!("AzureCloud"),
            )
        };
        assert_eq!(tags().flag(fact), None);
        assert_eq!(tags().calling_from("198.51.100.9").flag(fact), Some(false));
        let row = behind_firewall().set(
            "dataverse.system_users",
            "/value/0/isallowedbyipfirewall",
            json!(true),
        );
        assert_eq!(row.flag(fact), Some(false));
        assert_eq!(
            behind_firewall().denied("dataverse.system_users").flag(fact),
            None,
            "the row may be let past"
        );
        assert_eq!(Case::healthy().denied(organization).flag(fact), None);
    }

    #[test]
    fn failed_attempts_do_not_tell_where_work_365_comes_from() {
        let fact = "environment.ip_firewall_blocks";
        let case = behind_firewall()
            .set(
                "graph.sign_ins",
                "/value/0",
                sign_in("198.51.100.7", "2026-01-05T09:00:00Z", 0),
            )
            .set(
                "graph.sign_ins",
                "/value/1",
                sign_in("192.0.2.66", "2026-01-05T09:50:00Z", 50126),
            );
        assert_eq!(case.flag(fact), Some(false));
        let by_person = case.set("graph.sign_ins", "/value/0/clientAppUsed", json!("Browser"));
        assert_eq!(
            by_person.flag(fact),
            None,
            "a person's browser is not where Work 365 runs"
        );
    }

    #[test]
    fn application_users_pass_the_firewall_when_it_lets_them() {
        let fact = "environment.ip_firewall_blocks";
        let organization = "dataverse.organization";
        let case = || {
            Case::healthy_application_user()
                .set(
                    "graph.sign_ins",
                    "/value/0/signInEventTypes",
                    json!(["servicePrincipal"]),
                )
                .set(organization, "/value/0/enableipbasedfirewallrule", json!(true))
                .set(
                    organization,
                    "/value/0/allowediprangeforfirewall",
                    json!("198.51.100.0/24"),
                )
        };
        assert_eq!(case().flag(fact), Some(true));
        let allowed = case().set(organization, "/value/0/allowapplicationuseraccess", json!(true));
        assert_eq!(allowed.flag(fact), Some(false));
    }

    #[test]
    fn a_refusal_of_the_check_itself_says_nothing_about_the_address_of_work_365() {
        let case = Case::healthy().section(
            "dataverse.system_users",
            json!({"outcome": "denied", "http_status": 403, "body": {"error": {"code": "0x80095FFE", "message": "blocked"}}}),
        );
        assert_eq!(case.flag("environment.ip_firewall_blocks"), Some(false));
        let unread = case.denied("dataverse.organization");
        assert_eq!(unread.flag("environment.ip_firewall_blocks"), None);
    }
}
