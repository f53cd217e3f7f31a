//! Facts about multifactor authentication: every layer that can demand it, and whether the account could answer.
//!
//! A layer that reads "off" proves nothing about the others.

use serde_json::Value;

use crate::profile::Profile;
use crate::snapshot::Single;
use crate::snapshot::graph::SignIn;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::object_id;
use crate::facts::reading::{Reading, Reason, Unknown, all, any, complete, found, read};
use crate::facts::sign_in::deciding::{newest_attempt, newest_code_is_one_of, unless_refused};
use crate::facts::sign_in::entry::demanded_by;
use crate::facts::sign_in::log::newest_sign_in;
use crate::facts::sign_in::methods::{mfa_is_registered, mfa_methods};
use crate::facts::sign_in::policies::{conditional_access_demands_mfa, conditional_access_layers};
use crate::facts::sign_in::policy_set::{CONDITIONAL_ACCESS_SECTIONS, newest_policy_change};
use crate::facts::sign_in::strength::strength_is_unmet;
use crate::facts::value::{FactValue, Kind};

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "mfa.per_user_state",
        Kind::Text,
        &["graph.per_user_mfa"],
        "Per-user MFA state: disabled, enabled or enforced.",
        |context| per_user_state(context).map(FactValue::from),
    ),
    fact(
        "mfa.per_user",
        Kind::Bool,
        &["graph.per_user_mfa", "graph.sign_ins"],
        "Per-user MFA is enabled or enforced for the account.",
        |context| unless_mfa_was_demanded(context, per_user_demands_mfa(context)).map(Into::into),
    ),
    fact(
        "mfa.security_defaults",
        Kind::Bool,
        &["graph.security_defaults", "graph.sign_ins"],
        "Security defaults are on in the tenant.",
        |context| {
            let on = unless_refused(
                context,
                security_defaults_are_on(context),
                false,
                &[BY_SECURITY_DEFAULTS],
            );
            unless_mfa_was_demanded(context, on).map(Into::into)
        },
    ),
    fact(
        "mfa.conditional_access",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced Conditional Access policy demands MFA of the sign-in that Work 365 makes.",
        |context| unless_mfa_was_demanded(context, conditional_access_demands_mfa(context)).map(Into::into),
    ),
    fact(
        "mfa.demanded",
        Kind::Bool,
        &[
            "graph.per_user_mfa",
            "graph.security_defaults",
            "graph.conditional_access_policies",
            "graph.sign_ins",
        ],
        "At least one layer demands MFA of the account: per-user state, security defaults or Conditional Access.",
        |context| mfa_is_demanded(context).map(Into::into),
    ),
    fact(
        "mfa.layers",
        Kind::Texts,
        &[
            "graph.per_user_mfa",
            "graph.security_defaults",
            "graph.conditional_access_policies",
        ],
        "Each layer that can demand MFA, with a word: enforcing, report-only, excluded, off or unreadable.",
        |context| Ok(mfa_layers(context).into()),
    )
    .its_own(),
    fact(
        "mfa.registration_demanded",
        Kind::Bool,
        &[
            "graph.authentication_methods",
            "graph.per_user_mfa",
            "graph.conditional_access_policies",
            "graph.authentication_strengths",
            "graph.registration_campaign",
            "graph.sign_ins",
        ],
        "MFA is demanded and no method is registered that satisfies it, or the newest sign-in stopped at registration (AADSTS50072, 50079).",
        |context| registration_is_demanded(context).map(Into::into),
    ),
    fact(
        "mfa.campaign_reaches_account",
        Kind::Bool,
        &[
            "graph.registration_campaign",
            "graph.authentication_methods",
            "graph.group_memberships",
        ],
        "A registration campaign is on, includes the account, and the account has not set up the method that it asks for.",
        |context| campaign_reaches_account(context).map(Into::into),
    ),
];

const CAMPAIGN: &str = "graph.registration_campaign";

/// Registration was demanded at the sign-in.
const REGISTRATION: [i64; 2] = [50072, 50079];

/// The one of them that also says: registered, but the second factor was not shown.
/// Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>, AADSTS50079.
const EITHER: i64 = 50079;

/// MFA was demanded after the password had been accepted. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const DEMANDED: [i64; 6] = [50072, 50074, 50076, 50078, 50079, 50158];

/// Blocked by security defaults. Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const BY_SECURITY_DEFAULTS: i64 = 530_035;

fn per_user_state(context: &Context<'_>) -> Reading<&'static str> {
    let state =
        single(read(&context.evidence().per_user_mfa)?).and_then(|state| state.per_user_mfa_state.text());
    ["disabled", "enabled", "enforced"]
        .into_iter()
        .find(|known| state.is_some_and(|state| state.eq_ignore_ascii_case(known)))
        .ok_or_else(|| {
            Unknown::silent(
                "graph.per_user_mfa",
                "the answer has no state that this version knows",
            )
        })
}

fn per_user_demands_mfa(context: &Context<'_>) -> Reading<bool> {
    context.supposed.truth_or("mfa.per_user", || {
        let state = per_user_state(context).map(|state| state != "disabled");
        state
            .or_else(|unknown| proven_by_newest_sign_in(context, unknown, |entry| demanded_by(entry, "user")))
    })
}

fn security_defaults_are_on(context: &Context<'_>) -> Reading<bool> {
    context
        .supposed
        .truth_or("mfa.security_defaults", || read_security_defaults(context))
}

fn policies_demand_mfa(context: &Context<'_>) -> Reading<bool> {
    context.supposed.truth_or("mfa.conditional_access", || {
        conditional_access_demands_mfa(context)
    })
}

fn read_security_defaults(context: &Context<'_>) -> Reading<bool> {
    let on = read(&context.evidence().security_defaults).and_then(|body| {
        single(body)
            .and_then(|defaults| defaults.is_enabled.value().copied())
            .ok_or_else(|| Unknown::silent("graph.security_defaults", "the answer has no isEnabled"))
    });
    on.or_else(|unknown| {
        if newest_code_is_one_of(context, &[BY_SECURITY_DEFAULTS]) == Ok(true) {
            return Ok(true);
        }
        proven_by_newest_sign_in(context, unknown, |entry| {
            demanded_by(entry, "securityDefaults")
                || demanded_by(entry, "mfaRegistrationRequiredBySecurityDefaults")
                || entry.status.value().and_then(|status| status.error_code.value())
                    == Some(&BY_SECURITY_DEFAULTS)
        })
    })
}

/// The log may prove a demand whose policy could not be read; it never proves that there is none.
fn proven_by_newest_sign_in(
    context: &Context<'_>,
    unknown: Unknown,
    demands: impl Fn(&SignIn) -> bool,
) -> Reading<bool> {
    let newest = newest_sign_in(context);
    if newest.is_some_and(demands) {
        Ok(true)
    } else {
        Err(unknown)
    }
}

/// A layer that reads "off", unless the newest sign-in of Work 365 was asked for MFA and no layer that was read explains
/// that: then one of them is wrong, and nobody knows which.
fn unless_mfa_was_demanded(context: &Context<'_>, layer: Reading<bool>) -> Reading<bool> {
    if layer != Ok(false) || !context.is(Profile::LegacyPassword) {
        return layer;
    }
    let Ok(Some(attempt)) = newest_attempt(context) else {
        return layer;
    };
    let is_demand = DEMANDED.contains(&attempt.code);
    let is_changed_since = attempt
        .at
        .zip(newest_policy_change(context))
        .is_some_and(|(at, changed)| changed > at);
    let is_over = is_changed_since || context.supposed.is_cured(attempt.code);
    if !is_demand || is_over || mfa_is_demanded(context) == Ok(true) {
        return layer;
    }
    Err(Unknown::silent(
        attempt.section(),
        format!(
            "the newest sign-in was asked for MFA (AADSTS{}), and no layer that was read explains it",
            attempt.code
        ),
    ))
}

fn mfa_is_demanded(context: &Context<'_>) -> Reading<bool> {
    context.supposed.truth_or("mfa.demanded", || {
        any([
            complete(|| per_user_demands_mfa(context)),
            complete(|| security_defaults_are_on(context)),
            complete(|| policies_demand_mfa(context)),
        ])
    })
}

fn mfa_layers(context: &Context<'_>) -> Vec<String> {
    let word = |demands: &Reading<bool>| match demands {
        Ok(true) => "enforcing",
        Ok(false) => "off",
        Err(_) => "unreadable",
    };
    let mut layers = vec![
        format!("per-user MFA: {}", word(&per_user_demands_mfa(context))),
        format!("security defaults: {}", word(&security_defaults_are_on(context))),
    ];
    layers.extend(conditional_access_layers(context));
    layers
}

fn registration_is_demanded(context: &Context<'_>) -> Reading<bool> {
    let registered = mfa_is_registered(context);
    // A method registered since the sign-in settles the code of that sign-in.
    if registered == Ok(true) {
        return strength_is_unmet(context);
    }
    if newest_code_is_one_of(context, &REGISTRATION) == Ok(true) {
        // One of the codes is also answered to whoever is registered and cannot show a second factor.
        let is_either = newest_code_is_one_of(context, &[EITHER]) == Ok(true);
        return if is_either {
            registered.map(|_| true)
        } else {
            Ok(true)
        };
    }
    all([mfa_is_demanded(context), registered.map(|registered| !registered)])
}

/// The campaign stops asking once Authenticator or a passkey is set up.
/// Source: <https://learn.microsoft.com/entra/identity/authentication/how-to-mfa-registration-campaign>
fn campaign_reaches_account(context: &Context<'_>) -> Reading<bool> {
    let asks = mfa_methods(context).map(|methods| {
        !methods.iter().any(|method| {
            let method = method.to_lowercase();
            method.starts_with("microsoftauthenticator") || method.starts_with("fido2")
        })
    });
    all([campaign_includes_account(context), asks])
}

/// The shape is that of `authenticationMethodsPolicy.registrationEnforcement`.
fn campaign_includes_account(context: &Context<'_>) -> Reading<bool> {
    let body = read(&context.evidence().registration_campaign)?;
    let policy = body.get("registrationEnforcement").unwrap_or(body);
    let campaign = policy
        .get("authenticationMethodsRegistrationCampaign")
        .unwrap_or(policy);
    match campaign.get("state").and_then(|state| state.as_str()) {
        Some("disabled") => return Ok(false),
        Some("enabled") => {}
        // "default" leaves it to Microsoft.
        _ => {
            return Err(Unknown::silent(
                CAMPAIGN,
                "the campaign's state is left to Microsoft",
            ));
        }
    }
    all([
        targets(campaign, "includeTargets").and_then(|ids| is_targeted(context, &ids)),
        targets(campaign, "excludeTargets")
            .and_then(|ids| is_targeted(context, &ids))
            .map(|excluded| !excluded),
    ])
}

/// The ids of one list of the campaign; unknown when the list, or the id of one in it, is not there.
fn targets<'v>(campaign: &'v Value, key: &str) -> Reading<Vec<&'v str>> {
    let lacking = || {
        Unknown::because(
            CAMPAIGN,
            Reason::Failed,
            format!("the answer has no {key} with ids"),
        )
    };
    match campaign.get(key) {
        Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => list
            .iter()
            .map(|target| {
                let id = target.get("id").and_then(Value::as_str).map(str::trim);
                id.ok_or_else(lacking)
            })
            .collect(),
        _ => Err(lacking()),
    }
}

fn is_targeted(context: &Context<'_>, ids: &[&str]) -> Reading<bool> {
    let own = object_id(context);
    if ids.iter().any(|id| {
        id.eq_ignore_ascii_case("all_users") || own.as_ref().is_ok_and(|own| own.eq_ignore_ascii_case(id))
    }) {
        return Ok(true);
    }
    if ids.is_empty() {
        return Ok(false);
    }
    let groups = found(&context.evidence().group_memberships)?;
    Ok(groups.is_some_and(|list| {
        list.value.iter().any(|group| {
            group
                .id
                .text()
                .is_some_and(|group| ids.iter().any(|id| id.eq_ignore_ascii_case(group)))
        })
    }))
}

/// The object of a section that is one object, `None` for an empty answer.
fn single<T>(body: &Single<T>) -> Option<&T> {
    body.0.as_ref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, password_sign_in};

    fn demanded_by(provider: &str, code: i64) -> Value {
        let mut entry = password_sign_in("2026-06-15T06:00:00Z", code);
        entry["authenticationRequirementPolicies"] = json!([{"requirementProvider": provider, "detail": ""}]);
        json!([entry])
    }

    #[test]
    fn enabled_and_enforced_demand_and_an_unknown_state_does_not_say() {
        for (state, demands) in [
            ("disabled", Ok(false)),
            ("enabled", Ok(true)),
            ("enforced", Ok(true)),
            ("unknownFutureValue", Err("graph.per_user_mfa".to_owned())),
        ] {
            let sample = Sample::new().ok("graph.per_user_mfa", json!({"perUserMfaState": state}));
            assert_eq!(sample.is("mfa.per_user"), demands, "{state}");
        }
    }

    #[test]
    fn the_log_proves_a_demand_that_could_not_be_read_and_never_its_absence() {
        let _whole = crate::snapshot::whole_answers();
        for (fact, section, provider) in [
            ("mfa.per_user", "graph.per_user_mfa", "user"),
            (
                "mfa.security_defaults",
                "graph.security_defaults",
                "securityDefaults",
            ),
            (
                "mfa.conditional_access",
                "graph.conditional_access_policies",
                "multiConditionalAccess",
            ),
        ] {
            let denied = Sample::new().with_user(json!({})).ended(section, "denied");
            let proven = denied
                .clone()
                .list("graph.sign_ins", demanded_by(provider, 50076));
            assert_eq!(proven.is(fact), Ok(true), "{fact}");
            let quiet = denied.list(
                "graph.sign_ins",
                json!([password_sign_in("2026-06-15T06:00:00Z", 0)]),
            );
            assert_eq!(quiet.is(fact), Err(section.to_owned()), "{fact}");
        }
    }

    #[test]
    fn what_a_person_met_in_a_browser_proves_nothing_about_a_stored_password() {
        let _whole = crate::snapshot::whole_answers();
        let mut by_person = demanded_by("multiConditionalAccess", 50076);
        by_person[0]["clientAppUsed"] = json!("Browser");
        by_person[0]["authenticationProtocol"] = json!("oAuth2");
        let alone = Sample::new()
            .with_user(json!({}))
            .ended("graph.conditional_access_policies", "denied")
            .list("graph.sign_ins", by_person.clone());
        assert_eq!(alone.is("mfa.conditional_access"), Ok(true));
        let beside = json!([by_person[0], password_sign_in("2026-06-15T05:00:00Z", 0)]);
        assert!(
            alone
                .list("graph.sign_ins", beside)
                .is("mfa.conditional_access")
                .is_err()
        );
    }

    #[test]
    fn one_layer_is_enough_and_one_unread_layer_leaves_it_open() {
        let off = Sample::new()
            .with_user(json!({}))
            .ok("graph.per_user_mfa", json!({"perUserMfaState": "disabled"}))
            .ok("graph.security_defaults", json!({"isEnabled": false}));
        assert_eq!(
            off.is("mfa.demanded"),
            Err("graph.conditional_access_policies".to_owned())
        );
        let none = off.clone().list("graph.conditional_access_policies", json!([]));
        assert_eq!(none.is("mfa.demanded"), Ok(false));
        let on = off.ok("graph.security_defaults", json!({"isEnabled": true}));
        assert_eq!(on.is("mfa.demanded"), Ok(true));
    }

    #[test]
    fn password_and_email_are_no_methods_and_unknown_kinds_are() {
        let methods = |kinds: &[&str]| -> Value {
            kinds
                .iter()
                .map(|kind| json!({"@odata.type": format!("#microsoft.graph.{kind}AuthenticationMethod"), "id": "m"}))
                .collect()
        };
        for (kinds, registered) in [
            (&["password", "email"][..], false),
            (&["password", "phone"][..], true),
            (&["somethingNew"][..], true),
            (&["password", "qrCodePin"][..], false),
        ] {
            let sample = Sample::new().list("graph.authentication_methods", methods(kinds));
            assert_eq!(sample.is("mfa.registered"), Ok(registered), "{kinds:?}");
        }
        for usable in [true, false] {
            let mut pass = methods(&["temporaryAccessPass"]);
            pass[0]["isUsable"] = json!(usable);
            let sample = Sample::new().list("graph.authentication_methods", pass);
            assert_eq!(sample.is("mfa.registered"), Ok(usable));
        }
        let reported = Sample::new()
            .ended("graph.authentication_methods", "denied")
            .ok("graph.registration_details", json!({"isMfaRegistered": true}));
        assert_eq!(reported.is("mfa.registered"), Ok(true));
    }

    #[test]
    fn a_campaign_reaches_whom_it_includes_and_does_not_exclude() {
        let campaign = |state: &str, excluded: Value| {
            Sample::new()
                .with_user(json!({}))
                .list("graph.authentication_methods", json!([]))
                .list("graph.group_memberships", json!([{"id": "g"}]))
                .ok(
                    "graph.registration_campaign",
                    json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign":
                        {"state": state, "includeTargets": [{"id": "all_users"}], "excludeTargets": excluded}}}),
                )
        };
        for (sample, reached) in [
            (campaign("enabled", json!([])), true),
            (campaign("enabled", json!([{"id": ACCOUNT_ID}])), false),
            (campaign("enabled", json!([{"id": "g"}])), false),
            (campaign("disabled", json!([])), false),
        ] {
            assert_eq!(sample.is("mfa.campaign_reaches_account"), Ok(reached));
        }
    }
}
