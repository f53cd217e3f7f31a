//! Facts about Conditional Access: what the enforced policies do to the sign-in that Work 365 makes.
//!
//! The evaluator judges one sign-in; here it is asked for every address that Work 365 may come from, and the sign-in log
//! may prove what a policy that could not be read has done.

use std::net::IpAddr;

use crate::conditional_access::{
    Answer, Applicability, Cause, Control, Evaluation, Grants, Outcome, PolicySet, PolicyState,
    Reason as Because, Verdict, confirmed, evaluate, grants,
};

use super::mfa::CONDITIONAL_ACCESS_SECTIONS;
use super::reading::{Reading, Reason, Unknown, any, found, read};
use super::value::Kind;
use super::{FactDefinition, Inputs, fact};

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "conditional_access.mfa_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand MFA.",
        |inputs| {
            inputs
                .responsible(Question::Mfa, |policy| policy.name)
                .map(Into::into)
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.mfa_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that demand MFA.",
        |inputs| inputs.responsible_ids(Question::Mfa).map(Into::into),
    )
    .its_own(),
    fact(
        "conditional_access.microsoft_managed",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "One of the policies that demand MFA was made by Microsoft and switched on after 45 days in report-only mode.",
        |inputs| {
            let managed = inputs.responsible(Question::Mfa, |policy| policy.microsoft_managed.to_string())?;
            Ok(managed.iter().any(|managed| managed == "true").into())
        },
    ),
    fact(
        "conditional_access.blocks",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy blocks the sign-in that Work 365 makes.",
        |inputs| inputs.conditional_access(Question::Block).map(Into::into),
    ),
    fact(
        "conditional_access.blocking_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that block.",
        |inputs| {
            inputs
                .responsible(Question::Block, |policy| policy.name)
                .map(Into::into)
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.blocking_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that block.",
        |inputs| inputs.responsible_ids(Question::Block).map(Into::into),
    )
    .its_own(),
    fact(
        "conditional_access.demands_device",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy demands a managed device or application, with no way around it by MFA.",
        |inputs| inputs.conditional_access(Question::Device).map(Into::into),
    ),
    fact(
        "conditional_access.device_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand a managed device or application.",
        |inputs| {
            inputs
                .responsible(Question::Device, |policy| policy.name)
                .map(Into::into)
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.sign_in_frequency",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy ages the session, so that a stored token stops working (sign-in frequency).",
        |inputs| inputs.conditional_access(Question::Frequency).map(Into::into),
    ),
    fact(
        "conditional_access.frequency_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that set a sign-in frequency.",
        |inputs| {
            inputs
                .responsible(Question::Frequency, |policy| policy.name)
                .map(Into::into)
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.addresses",
        Kind::Texts,
        &["graph.sign_ins"],
        "Addresses that the policies were judged for: those given with --ip, else those of the log.",
        |inputs| {
            let addresses = inputs.candidate_addresses();
            Ok(addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .into())
        },
    )
    .its_own(),
];

/// Readings that several facts start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    judged: std::sync::OnceLock<Reading<Vec<(Evaluation, Grants)>>>,
}

/// What is asked of the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Do they demand MFA?
    Mfa,
    /// Do they block?
    Block,
    /// Do they demand a managed device or application?
    Device,
    /// Do they age the session?
    Frequency,
}

/// A policy that is answerable for a verdict.
#[derive(Debug, Clone)]
struct Responsible {
    id: String,
    name: String,
    microsoft_managed: bool,
}

impl<'a> Inputs<'a> {
    pub(super) fn conditional_access_demands_mfa(&self) -> Reading<bool> {
        self.conditional_access(Question::Mfa)
    }

    /// The verdict over every candidate address: one that meets the demand is enough.
    fn conditional_access(&self, question: Question) -> Reading<bool> {
        let by_policies = self
            .judged()
            .and_then(|judged| any(judged.iter().map(|judged| self.verdict(question, judged))));
        match by_policies {
            Ok(true) => Ok(true),
            _ if self.is_proven_by_log(question) && !self.is_lifted_since(question) => Ok(true),
            verdict => verdict,
        }
    }

    fn verdict(&self, question: Question, (evaluation, grants): &(Evaluation, Grants)) -> Reading<bool> {
        let answer = answer(question, grants);
        match answer.verdict {
            Verdict::Yes => Ok(true),
            _ if question == Question::Mfa && third_party_mfa(evaluation).next().is_some() => Ok(true),
            Verdict::No => Ok(false),
            Verdict::Unknown => Err(self.undetermined(answer)),
        }
    }

    /// Names the section, or the flag, that would settle it.
    fn undetermined(&self, answer: &Answer) -> Unknown {
        let missing: Vec<String> = answer.missing.iter().map(ToString::to_string).collect();
        let policies: Vec<&str> = answer
            .undetermined
            .iter()
            .map(|policy| policy.name.as_str())
            .collect();
        let detail = format!(
            "policy {} depends on: {}",
            policies.join(", "),
            missing.join(", ")
        );
        let sections = [
            ("groups", found(&self.evidence().group_memberships).err()),
            ("roles", found(&self.evidence().directory_roles).err()),
            ("named-locations", found(&self.evidence().named_locations).err()),
            (
                "authentication-strengths",
                found(&self.evidence().authentication_strengths).err(),
            ),
            ("user", self.existing_user().err()),
            ("user-type", self.existing_user().err()),
        ];
        sections
            .into_iter()
            .filter(|(name, _)| missing.iter().any(|missing| missing == name))
            .filter_map(|(_, unread)| unread)
            .reduce(Unknown::and)
            .unwrap_or_else(|| Unknown::because("graph.conditional_access_policies", Reason::Absent, detail))
    }

    fn responsible(&self, question: Question, part: fn(Responsible) -> String) -> Reading<Vec<String>> {
        let mut policies: Vec<Responsible> = Vec::new();
        let mut note = |policy: Responsible| {
            if !policies.iter().any(|known| known.id == policy.id) {
                policies.push(policy);
            }
        };
        let judged = self.judged();
        for (evaluation, grants) in judged.as_ref().ok().into_iter().flat_map(|judged| judged.iter()) {
            for policy in &answer(question, grants).policies {
                note(Responsible {
                    id: policy.id.clone(),
                    name: policy.name.clone(),
                    microsoft_managed: policy.microsoft_managed,
                });
            }
            if question == Question::Mfa {
                third_party_mfa(evaluation).for_each(|policy| {
                    note(Responsible {
                        id: policy.id.clone(),
                        name: policy.name.clone(),
                        microsoft_managed: policy.microsoft_managed,
                    });
                });
            }
        }
        if self.conditional_access(question) == Ok(true) && self.is_proven_by_log(question) {
            for policy in self.named_by_log(question) {
                note(Responsible {
                    id: policy.id.text().unwrap_or_default().to_owned(),
                    name: policy.display_name.text().unwrap_or("(name hidden)").to_owned(),
                    microsoft_managed: false,
                });
            }
        }
        let is_proven = self.conditional_access(question) == Ok(true);
        match (policies.is_empty(), judged) {
            (true, _) if is_proven => {
                let unnamed = Responsible {
                    id: String::new(),
                    name: "a policy that no evidence names".to_owned(),
                    microsoft_managed: false,
                };
                Ok(vec![part(unnamed)])
            }
            (true, Err(unknown)) => Err(unknown),
            _ => Ok(policies.into_iter().map(part).collect()),
        }
    }

    fn responsible_ids(&self, question: Question) -> Reading<Vec<String>> {
        let mut ids = self.responsible(question, |policy| policy.id)?;
        ids.retain(|id| !id.is_empty());
        Ok(ids)
    }

    /// One line a policy that would demand MFA if it applied to this sign-in.
    pub(super) fn conditional_access_layers(&self) -> Vec<String> {
        let judged = match self.judged() {
            Ok(judged) => judged,
            Err(_) if self.conditional_access_demands_mfa() == Ok(true) => {
                return vec!["Conditional Access: enforcing (by the sign-in log)".to_owned()];
            }
            Err(_) => return vec!["Conditional Access: unreadable".to_owned()],
        };
        let mut lines = Vec::new();
        let count = judged
            .first()
            .map_or(0, |(evaluation, _)| evaluation.outcomes.len());
        for position in 0..count {
            let outcomes: Vec<_> = judged
                .iter()
                .filter_map(|(evaluation, _)| evaluation.outcomes.get(position))
                .collect();
            let Some(first) = outcomes.first() else { continue };
            if !first
                .grant
                .controls
                .iter()
                .any(|control| control.is_mfa() != Some(false))
            {
                continue;
            }
            let applies = outcomes
                .iter()
                .any(|outcome| matches!(outcome.applicability, Applicability::Applies { .. }));
            let spared = |cause: fn(&Because) -> bool| {
                outcomes.iter().all(|outcome| {
                    matches!(&outcome.applicability, Applicability::DoesNotApply { because } if cause(because))
                })
            };
            // A policy for other people, places or applications is no layer of this sign-in.
            if spared(|because| because.cause != Cause::Excluded) {
                continue;
            }
            let word = match first.state {
                PolicyState::Disabled => "off",
                PolicyState::ReportOnly => "report-only",
                PolicyState::Enabled if applies => "enforcing",
                PolicyState::Enabled if spared(|_| true) => "excluded",
                PolicyState::Enabled | PolicyState::Unknown => "unreadable",
            };
            lines.push(format!("Conditional Access policy \"{}\": {word}", first.name));
        }
        if lines.is_empty() {
            lines.push("Conditional Access: off".to_owned());
        }
        lines
    }

    pub(super) fn judged(&self) -> Reading<&[(Evaluation, Grants)]> {
        self.sign_in
            .judged
            .get_or_init(|| self.judge())
            .as_deref()
            .map_err(Clone::clone)
    }

    /// The tenant's Conditional Access policies with the locations and strengths that they refer to.
    ///
    /// # Errors
    ///
    /// The section could not be read, or holds no list of policies.
    pub fn policies(&self) -> Reading<PolicySet> {
        let policies = read(&self.evidence().conditional_access_policies)?;
        let locations = found(&self.evidence().named_locations).ok().flatten();
        let strengths = found(&self.evidence().authentication_strengths).ok().flatten();
        PolicySet::parse(policies, locations, strengths).map_err(|problem| {
            Unknown::because(
                "graph.conditional_access_policies",
                Reason::Failed,
                problem.to_string(),
            )
        })
    }

    fn judge(&self) -> Reading<Vec<(Evaluation, Grants)>> {
        let set = self.policies()?;
        let addresses = self.candidate_addresses();
        let candidates: Vec<Option<IpAddr>> = if addresses.is_empty() {
            vec![None]
        } else {
            addresses.into_iter().map(Some).collect()
        };
        Ok(candidates
            .into_iter()
            .map(|address| {
                let sign_in = self.sign_in_from(address);
                let evaluation = confirmed(evaluate(&set, &sign_in), &self.service_verdicts_on(&sign_in));
                let grants = grants(&evaluation);
                (evaluation, grants)
            })
            .collect())
    }
}

/// Enforced policies that demand MFA of another vendor (a custom control). Source: domain.md C11.
fn third_party_mfa(evaluation: &Evaluation) -> impl Iterator<Item = &Outcome> {
    evaluation.outcomes.iter().filter(|outcome| {
        outcome.state == PolicyState::Enabled
            && matches!(outcome.applicability, Applicability::Applies { .. })
            && outcome
                .grant
                .controls
                .iter()
                .any(|control| matches!(control, Control::CustomFactor(_)))
    })
}

fn answer(question: Question, grants: &Grants) -> &Answer {
    match question {
        Question::Mfa => &grants.mfa,
        Question::Block => &grants.blocked,
        Question::Device => &grants.device,
        Question::Frequency => &grants.sign_in_frequency,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::sample::{ACCOUNT_ID, Sample, password_sign_in};
    use crate::facts::{Expectations, FactValue};
    use crate::profile::Profile;

    fn policy(state: &str, excluded: Value, locations: Value, control: &str) -> Value {
        json!({"id": "p1", "displayName": "The policy", "state": state, "modifiedDateTime": "2026-01-01T00:00:00Z",
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
                "users": {"includeUsers": ["All"], "excludeUsers": excluded}, "locations": locations},
            "grantControls": {"operator": "OR", "builtInControls": [control]}})
    }

    fn sample(policies: Value) -> Sample {
        Sample::new()
            .with_user(json!({}))
            .list("graph.conditional_access_policies", policies)
            .list("graph.group_memberships", json!([]))
            .list("graph.directory_roles", json!([]))
            .list(
                "graph.named_locations",
                json!([{"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "vendor", "displayName": "Vendor",
                    "isTrusted": true, "ipRanges": [{"cidrAddress": "203.0.113.0/24"}]}]),
            )
    }

    #[test]
    fn only_an_enforced_policy_that_covers_the_account_demands() {
        let none = Value::Null;
        for (state, excluded, demands, word) in [
            ("enabled", json!([]), true, "enforcing"),
            ("enabled", json!([ACCOUNT_ID]), false, "excluded"),
            (
                "enabledForReportingButNotEnforced",
                json!([]),
                false,
                "report-only",
            ),
            ("disabled", json!([]), false, "off"),
        ] {
            let sample = sample(json!([policy(state, excluded, none.clone(), "mfa")]));
            assert_eq!(sample.is("mfa.conditional_access"), Ok(demands), "{state} {word}");
            let Ok(FactValue::Texts(layers)) = sample.fact("mfa.layers") else {
                unreachable!("layers are always known")
            };
            assert!(layers.iter().any(|layer| layer.ends_with(word)), "{layers:?}");
        }
    }

    #[test]
    fn an_exclusion_by_place_needs_the_address_of_work_365() {
        let elsewhere = json!({"includeLocations": ["All"], "excludeLocations": ["vendor"]});
        let sample = sample(json!([policy("enabled", json!([]), elsewhere, "mfa")]));
        assert_eq!(
            sample.is("mfa.conditional_access"),
            Err("graph.conditional_access_policies".to_owned())
        );
        for (address, demands) in [("203.0.113.10", false), ("198.51.100.1", true)] {
            let told = sample.clone().expecting(Expectations {
                addresses: address.parse().into_iter().collect(),
                ..Expectations::default()
            });
            assert_eq!(told.is("mfa.conditional_access"), Ok(demands), "{address}");
        }
        let mut by_person = password_sign_in("2026-06-15T07:00:00Z", 0);
        by_person["clientAppUsed"] = json!("Browser");
        by_person["ipAddress"] = json!("198.51.100.1");
        let log = json!([by_person, password_sign_in("2026-06-15T06:00:00Z", 0)]);
        assert_eq!(
            sample.list("graph.sign_ins", log).is("mfa.conditional_access"),
            Ok(false)
        );
    }

    #[test]
    fn the_policy_that_is_answerable_is_named() {
        let blocks = sample(json!([policy("enabled", json!([]), Value::Null, "block")]));
        assert_eq!(blocks.is("conditional_access.blocks"), Ok(true));
        assert_eq!(blocks.is("mfa.conditional_access"), Ok(false));
        assert_eq!(
            blocks.fact("conditional_access.blocking_policies"),
            Ok(FactValue::Texts(vec!["The policy".to_owned()]))
        );
        let device = sample(json!([policy(
            "enabled",
            json!([]),
            Value::Null,
            "compliantDevice"
        )]));
        assert_eq!(device.is("conditional_access.demands_device"), Ok(true));
    }

    #[test]
    fn a_third_partys_mfa_is_a_demand_for_mfa() {
        let mut custom = policy("enabled", json!([]), Value::Null, "mfa");
        custom["grantControls"] = json!({"operator": "OR", "builtInControls": [],
            "customAuthenticationFactors": ["OtherVendor"]});
        assert_eq!(sample(json!([custom])).is("mfa.conditional_access"), Ok(true));
    }

    #[test]
    fn policies_about_users_do_not_touch_an_application() {
        let blocks = sample(json!([policy("enabled", json!([]), Value::Null, "block")]))
            .named("5e56ae97-9be1-40d3-938b-99ea52175a30")
            .under(Profile::ApplicationUser)
            .list(
                "graph.service_principal",
                json!([{"id": "sp", "appId": "5e56ae97-9be1-40d3-938b-99ea52175a30"}]),
            );
        assert_eq!(blocks.is("conditional_access.blocks"), Ok(false));
        let mut for_applications = policy("enabled", json!([]), Value::Null, "block");
        for_applications["conditions"]["users"] = json!({"includeUsers": ["None"]});
        for_applications["conditions"]["clientApplications"] =
            json!({"includeServicePrincipals": ["sp"], "excludeServicePrincipals": []});
        let named = blocks.list("graph.conditional_access_policies", json!([for_applications]));
        assert_eq!(named.is("conditional_access.blocks"), Ok(true));
    }

    #[test]
    fn what_the_log_met_stands_until_the_policy_was_lifted() {
        let mut refused = password_sign_in("2026-06-15T06:00:00Z", 53003);
        refused["appliedConditionalAccessPolicies"] = json!([{"id": "p1", "displayName": "The policy",
            "enforcedGrantControls": ["Block"], "result": "failure"}]);
        let unreadable = sample(json!([]))
            .ended("graph.conditional_access_policies", "denied")
            .list("graph.sign_ins", json!([refused]));
        assert_eq!(unreadable.is("conditional_access.blocks"), Ok(true));
        let lifted = sample(json!([policy("disabled", json!([]), Value::Null, "block")]))
            .list("graph.sign_ins", json!([refused]));
        assert_eq!(lifted.is("conditional_access.blocks"), Ok(false));
    }
}
