//! Facts about multifactor authentication: every layer that can demand it, and whether the account could answer.
//!
//! A layer that reads "off" proves nothing about the others (`domain.md` section 6.2).

use crate::profile::Profile;
use crate::snapshot::Single;
use crate::snapshot::graph::SignIn;

use super::mixup::demanded_by;
use super::policy_sign_in::is_by_person;
use super::reading::{Reading, Unknown, all, any, found, read};
use super::sign_in_log::concerns_work_365;
use super::value::{FactValue, Kind};
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "mfa.per_user_state",
        Kind::Text,
        &["graph.per_user_mfa"],
        "Per-user MFA state: disabled, enabled or enforced.",
        |inputs| inputs.per_user_state().map(FactValue::from),
    ),
    fact(
        "mfa.per_user",
        Kind::Bool,
        &["graph.per_user_mfa", "graph.sign_ins"],
        "Per-user MFA is enabled or enforced for the account.",
        |inputs| {
            inputs
                .unless_mfa_was_demanded(inputs.per_user_demands_mfa())
                .map(Into::into)
        },
    ),
    fact(
        "mfa.security_defaults",
        Kind::Bool,
        &["graph.security_defaults", "graph.sign_ins"],
        "Security defaults are on in the tenant.",
        |inputs| {
            let on = inputs.unless_refused(inputs.security_defaults_are_on(), false, &[BY_SECURITY_DEFAULTS]);
            inputs.unless_mfa_was_demanded(on).map(Into::into)
        },
    ),
    fact(
        "mfa.conditional_access",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced Conditional Access policy demands MFA of the sign-in that Work 365 makes.",
        |inputs| {
            inputs
                .unless_mfa_was_demanded(inputs.conditional_access_demands_mfa())
                .map(Into::into)
        },
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
        |inputs| inputs.mfa_is_demanded().map(Into::into),
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
        |inputs| Ok(inputs.mfa_layers().into()),
    )
    .its_own(),
    fact(
        "mfa.registered",
        Kind::Bool,
        &["graph.authentication_methods", "graph.registration_details"],
        "The account has a method for MFA registered: any beside the password and the e-mail address.",
        |inputs| inputs.mfa_is_registered().map(Into::into),
    ),
    fact(
        "mfa.methods",
        Kind::Texts,
        &["graph.authentication_methods", "graph.registration_details"],
        "Methods for MFA that are registered.",
        |inputs| inputs.mfa_methods().map(Into::into),
    ),
    fact(
        "mfa.registration_demanded",
        Kind::Bool,
        &[
            "graph.authentication_methods",
            "graph.per_user_mfa",
            "graph.conditional_access_policies",
            "graph.sign_ins",
        ],
        "MFA is demanded and no method is registered, or the newest sign-in stopped at registration (AADSTS50072, 50079).",
        |inputs| inputs.registration_is_demanded().map(Into::into),
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
        |inputs| inputs.campaign_reaches_account().map(Into::into),
    ),
];

/// Where a Conditional Access verdict comes from.
pub(super) const CONDITIONAL_ACCESS_SECTIONS: &[&str] = &[
    "graph.conditional_access_policies",
    "graph.named_locations",
    "graph.authentication_strengths",
    "graph.group_memberships",
    "graph.directory_roles",
    "graph.sign_ins",
];

/// Registration was demanded at the sign-in. Source: domain.md C4.
const REGISTRATION: [i64; 2] = [50072, 50079];
/// MFA was demanded after the password had been accepted. Source: api-facts 3.4.
const DEMANDED: [i64; 6] = [50072, 50074, 50076, 50078, 50079, 50158];
/// Blocked by security defaults. Source: api-facts 3.4.
const BY_SECURITY_DEFAULTS: i64 = 530_035;

impl<'a> Inputs<'a> {
    fn per_user_state(&self) -> Reading<&'static str> {
        let state =
            single(read(&self.evidence().per_user_mfa)?).and_then(|state| state.per_user_mfa_state.text());
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

    pub(super) fn per_user_demands_mfa(&self) -> Reading<bool> {
        let state = self.per_user_state().map(|state| state != "disabled");
        state.or_else(|unknown| self.proven_by_newest_sign_in(unknown, |entry| demanded_by(entry, "user")))
    }

    pub(super) fn security_defaults_are_on(&self) -> Reading<bool> {
        let on = read(&self.evidence().security_defaults).and_then(|body| {
            single(body)
                .and_then(|defaults| defaults.is_enabled.value().copied())
                .ok_or_else(|| Unknown::silent("graph.security_defaults", "the answer has no isEnabled"))
        });
        on.or_else(|unknown| {
            if self.newest_code_is_one_of(&[BY_SECURITY_DEFAULTS]) == Ok(true) {
                return Ok(true);
            }
            self.proven_by_newest_sign_in(unknown, |entry| {
                demanded_by(entry, "securityDefaults")
                    || demanded_by(entry, "mfaRegistrationRequiredBySecurityDefaults")
                    || entry.status.value().and_then(|status| status.error_code.value())
                        == Some(&BY_SECURITY_DEFAULTS)
            })
        })
    }

    /// The log may prove a demand whose policy could not be read; it never proves that there is none.
    pub(super) fn proven_by_newest_sign_in(
        &self,
        unknown: Unknown,
        demands: impl Fn(&SignIn) -> bool,
    ) -> Reading<bool> {
        let newest = self.newest_sign_in();
        if newest.is_some_and(demands) {
            Ok(true)
        } else {
            Err(unknown)
        }
    }

    /// The newest entry of the log that concerns Work 365. Where Work 365 signs in with a stored password, what a person
    /// met in a browser is another matter, and counts only when there is nothing better.
    pub(super) fn newest_sign_in(&self) -> Option<&'a SignIn> {
        let entries = self.account_sign_ins().ok()?;
        let ours = || entries.iter().copied().filter(|entry| concerns_work_365(entry));
        let by_machine = ours().find(|entry| !is_by_person(entry));
        match self.profile {
            Profile::LegacyPassword => by_machine.or_else(|| ours().next()),
            Profile::Consent | Profile::ApplicationUser => ours().next(),
        }
    }

    /// A layer that reads "off", unless the newest password sign-in was asked for MFA and no layer that was read explains
    /// that: then one of them is wrong, and nobody knows which. Source: domain.md 6.2.
    fn unless_mfa_was_demanded(&self, layer: Reading<bool>) -> Reading<bool> {
        if layer != Ok(false) || self.profile != Profile::LegacyPassword {
            return layer;
        }
        let Ok(Some(attempt)) = self.password_attempt() else {
            return layer;
        };
        let is_demand = DEMANDED.contains(&attempt.code);
        let is_changed_since = attempt
            .at
            .zip(self.newest_policy_change())
            .is_some_and(|(at, changed)| changed > at);
        if !is_demand || is_changed_since || self.mfa_is_demanded() == Ok(true) {
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

    pub(super) fn mfa_is_demanded(&self) -> Reading<bool> {
        any([
            self.per_user_demands_mfa(),
            self.security_defaults_are_on(),
            self.conditional_access_demands_mfa(),
        ])
    }

    fn mfa_layers(&self) -> Vec<String> {
        let word = |demands: &Reading<bool>| match demands {
            Ok(true) => "enforcing",
            Ok(false) => "off",
            Err(_) => "unreadable",
        };
        let mut layers = vec![
            format!("per-user MFA: {}", word(&self.per_user_demands_mfa())),
            format!("security defaults: {}", word(&self.security_defaults_are_on())),
        ];
        layers.extend(self.conditional_access_layers());
        layers
    }

    fn mfa_methods(&self) -> Reading<Vec<String>> {
        let by_methods = read(&self.evidence().authentication_methods).map(|list| {
            let kinds = list.value.iter().map(|method| {
                let kind = method.odata_type.text().unwrap_or("unknown method");
                let kind = kind
                    .trim_start_matches('#')
                    .trim_start_matches("microsoft.graph.");
                kind.trim_end_matches("AuthenticationMethod").to_owned()
            });
            kinds
                .filter(|kind| !["password", "email"].contains(&kind.as_str()))
                .collect()
        });
        by_methods.or_else(|unknown| {
            let details = self.evidence().registration_details.ok().and_then(single);
            let methods = details.and_then(|details| details.methods_registered.value());
            methods.cloned().ok_or(unknown)
        })
    }

    pub(super) fn mfa_is_registered(&self) -> Reading<bool> {
        let by_methods = read(&self.evidence().authentication_methods)
            .and_then(|_| self.mfa_methods().map(|methods| !methods.is_empty()));
        by_methods.or_else(|unknown| {
            let details = self.evidence().registration_details.ok().and_then(single);
            let registered = details.and_then(|details| details.is_mfa_registered.value().copied());
            registered.ok_or(unknown)
        })
    }

    fn registration_is_demanded(&self) -> Reading<bool> {
        let registered = self.mfa_is_registered();
        // A method registered since the sign-in settles the code of that sign-in.
        if registered == Ok(true) {
            return Ok(false);
        }
        if self.newest_code_is_one_of(&REGISTRATION) == Ok(true) {
            return Ok(true);
        }
        all([self.mfa_is_demanded(), registered.map(|registered| !registered)])
    }

    /// The campaign stops asking once Authenticator or a passkey is set up. Where nobody asked for the campaign itself, an
    /// account of which no MFA is demanded is taken as not reached: it asks after MFA. Source: domain.md C5, E9.
    fn campaign_reaches_account(&self) -> Reading<bool> {
        let asks = self.mfa_methods().map(|methods| {
            !methods.iter().any(|method| {
                let method = method.to_lowercase();
                method.starts_with("microsoftauthenticator") || method.starts_with("fido2")
            })
        });
        match all([self.campaign_includes_account(), asks]) {
            Err(unknown) if !unknown.was_refused() && self.mfa_is_demanded() == Ok(false) => Ok(false),
            verdict => verdict,
        }
    }

    /// The shape is that of `authenticationMethodsPolicy.registrationEnforcement`.
    fn campaign_includes_account(&self) -> Reading<bool> {
        let body = read(&self.evidence().registration_campaign)?;
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
                    "graph.registration_campaign",
                    "the campaign's state is left to Microsoft",
                ));
            }
        }
        let targets = |key: &str| {
            let list = campaign.get(key).and_then(|list| list.as_array());
            list.into_iter()
                .flatten()
                .filter_map(|target| target.get("id").and_then(|id| id.as_str()))
                .collect::<Vec<_>>()
        };
        all([
            self.is_targeted(&targets("includeTargets")),
            self.is_targeted(&targets("excludeTargets"))
                .map(|excluded| !excluded),
        ])
    }

    fn is_targeted(&self, ids: &[&str]) -> Reading<bool> {
        let own = self.object_id();
        if ids.iter().any(|id| {
            id.eq_ignore_ascii_case("all_users") || own.as_ref().is_ok_and(|own| own.eq_ignore_ascii_case(id))
        }) {
            return Ok(true);
        }
        if ids.is_empty() {
            return Ok(false);
        }
        let groups = found(&self.evidence().group_memberships)?;
        Ok(groups.is_some_and(|list| {
            list.value.iter().any(|group| {
                group
                    .id
                    .text()
                    .is_some_and(|group| ids.iter().any(|id| id.eq_ignore_ascii_case(group)))
            })
        }))
    }
}

/// The object of a section that is one object, `None` for an empty answer.
fn single<T>(body: &Single<T>) -> Option<&T> {
    body.0.as_ref()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::sample::{ACCOUNT_ID, Sample, password_sign_in};

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
        let mut by_person = demanded_by("multiConditionalAccess", 0);
        by_person[0]["clientAppUsed"] = json!("Browser");
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
        ] {
            let sample = Sample::new().list("graph.authentication_methods", methods(kinds));
            assert_eq!(sample.is("mfa.registered"), Ok(registered), "{kinds:?}");
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
