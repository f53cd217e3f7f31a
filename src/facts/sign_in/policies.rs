//! Facts about Conditional Access: what the enforced policies do to the sign-in that Work 365 makes.
//!
//! The evaluator judges one sign-in; here it is asked for every address that Work 365 may come from, and the sign-in log
//! may prove what a policy that could not be read has done.

use crate::conditional_access::{
    Answer, Applicability, Cause, Control, Evaluation, Grants, MissingSet, Outcome, PolicyState,
    Reason as Because, Verdict,
};

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::existing_user;
use crate::facts::reading::{Reading, Reason, Unknown, all, any, found};
use crate::facts::sign_in::deciding::own_attempts;
use crate::facts::sign_in::judged::{Question, answer, judged};
use crate::facts::sign_in::log_proof::{
    is_lifted_since, is_proven_by_log, log_shows_success_of, meant_by_refusal, named_by_log,
    newest_sign_in_succeeded,
};
use crate::facts::sign_in::policy_set::CONDITIONAL_ACCESS_SECTIONS;
use crate::facts::sign_in::policy_sign_in::candidate_addresses;
use crate::facts::value::Kind;
use crate::profile::Profile;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "conditional_access.mfa_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand MFA.",
        |context| responsible(context, Question::Mfa, |policy| policy.name).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.mfa_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that demand MFA.",
        |context| responsible_ids(context, Question::Mfa).map(Into::into),
    )
    .its_own(),
    fact(
        "conditional_access.microsoft_managed",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "One of the policies that demand MFA was made by Microsoft and switched on after 45 days in report-only mode.",
        |context| {
            let managed = responsible(context, Question::Mfa, |policy| {
                policy.microsoft_managed.to_string()
            })?;
            Ok(managed.iter().any(|managed| managed == "true").into())
        },
    ),
    fact(
        "conditional_access.blocks",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy blocks the sign-in that Work 365 makes.",
        |context| conditional_access(context, Question::Block).map(Into::into),
    ),
    fact(
        "conditional_access.blocking_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that block.",
        |context| responsible(context, Question::Block, |policy| policy.name).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.blocking_policy_ids",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Ids of the enforced policies that block.",
        |context| responsible_ids(context, Question::Block).map(Into::into),
    )
    .its_own(),
    fact(
        "conditional_access.demands_device",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy demands a managed device or application, with no way around it by MFA.",
        |context| conditional_access(context, Question::Device).map(Into::into),
    ),
    fact(
        "conditional_access.device_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand a managed device or application.",
        |context| responsible(context, Question::Device, |policy| policy.name).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.demands_terms_of_use",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy demands that terms of use are accepted, with no way around it, and no sign-in on file met that.",
        |context| conditional_access(context, Question::TermsOfUse).map(Into::into),
    ),
    fact(
        "conditional_access.terms_of_use_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that demand the acceptance of terms of use.",
        |context| responsible(context, Question::TermsOfUse, |policy| policy.name).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.basic_scope_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies for all resources that leave Dataverse out, but are enforced where a sign-in asks \
         for basic scopes alone (openid, profile, User.Read), with what they demand.",
        |context| basic_scope_policies(context).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.sign_in_frequency",
        Kind::Bool,
        CONDITIONAL_ACCESS_SECTIONS,
        "An enforced policy ages the session, so that a stored token stops working (sign-in frequency).",
        |context| conditional_access(context, Question::Frequency).map(Into::into),
    ),
    fact(
        "conditional_access.frequency_policies",
        Kind::Texts,
        CONDITIONAL_ACCESS_SECTIONS,
        "Names of the enforced policies that set a sign-in frequency.",
        |context| responsible(context, Question::Frequency, |policy| policy.name).map(Into::into),
    )
    .its_own_words(),
    fact(
        "conditional_access.addresses",
        Kind::Texts,
        &["graph.sign_ins"],
        "Addresses that the policies were judged for: those given with --ip, else those of the log.",
        |context| {
            let addresses = candidate_addresses(context);
            Ok(addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .into())
        },
    )
    .its_own(),
];

/// A policy that is answerable for a verdict.
#[derive(Debug, Clone)]
struct Responsible {
    id: String,
    name: String,
    microsoft_managed: bool,
}

impl Responsible {
    fn of(outcome: &Outcome) -> Self {
        Self {
            id: outcome.id.clone(),
            name: outcome.name.clone(),
            microsoft_managed: outcome.microsoft_managed,
        }
    }
}

pub(crate) fn conditional_access_demands_mfa(context: &Context<'_>) -> Reading<bool> {
    conditional_access(context, Question::Mfa)
}

/// The verdict over every candidate address: one that meets the demand is enough.
pub(crate) fn conditional_access(context: &Context<'_>, question: Question) -> Reading<bool> {
    let by_policies = judged(context)
        .and_then(|judged| any(judged.iter().map(|judged| verdict(context, question, judged))));
    match by_policies {
        Ok(true) => Ok(true),
        // A demand that was met may be gone since; nothing tells while the policies are not known.
        Err(unread) if newest_sign_in_succeeded(context) => Err(unread),
        _ if is_proven_by_log(context, question) && !is_lifted_since(context, question) => Ok(true),
        // No policy of this tenant reaches an application of the vendor's: the log is the only witness of a block.
        Ok(false) if question == Question::Block && context.is(Profile::ApplicationUser) => {
            own_attempts(context).map(|_| false)
        }
        verdict => verdict,
    }
}

fn verdict(
    context: &Context<'_>,
    question: Question,
    (evaluation, grants): &(Evaluation, Grants),
) -> Reading<bool> {
    let answer = answer(question, grants);
    match answer.verdict {
        Verdict::Yes if question == Question::TermsOfUse => {
            terms_are_accepted(context, answer).map(|accepted| !accepted)
        }
        Verdict::Yes => Ok(true),
        _ if question == Question::Mfa && third_party_mfa(evaluation).next().is_some() => Ok(true),
        Verdict::No if question == Question::Mfa => {
            third_party_mfa_is_out(context, evaluation).map(|()| false)
        }
        Verdict::No => Ok(false),
        Verdict::Unknown => {
            let open = answer.undetermined.iter().map(|policy| policy.name.as_str());
            Err(undetermined(context, &open.collect::<Vec<_>>(), &answer.missing))
        }
    }
}

/// Nothing, when no policy that may apply demands MFA of another vendor.
fn third_party_mfa_is_out(context: &Context<'_>, evaluation: &Evaluation) -> Reading<()> {
    let mut open = demanding_third_party_mfa(evaluation).filter_map(|outcome| match &outcome.applicability {
        Applicability::Undetermined { missing } => Some((outcome.name.as_str(), missing)),
        _ => None,
    });
    open.next().map_or(Ok(()), |(policy, missing)| {
        Err(undetermined(context, &[policy], missing))
    })
}

/// Names the section, or the flag, that would settle whether the policies apply.
pub(crate) fn undetermined(context: &Context<'_>, policies: &[&str], missing: &MissingSet) -> Unknown {
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let detail = format!(
        "policy {} depends on: {}",
        policies.join(", "),
        missing.join(", ")
    );
    let sections = [
        ("groups", found(&context.evidence().group_memberships).err()),
        ("roles", found(&context.evidence().directory_roles).err()),
        (
            "named-locations",
            found(&context.evidence().named_locations).err(),
        ),
        (
            "authentication-strengths",
            found(&context.evidence().authentication_strengths).err(),
        ),
        ("user", existing_user(context).err()),
        ("user-type", existing_user(context).err()),
    ];
    sections
        .into_iter()
        .filter(|(name, _)| missing.iter().any(|missing| missing == name))
        .filter_map(|(_, unread)| unread)
        .reduce(Unknown::and)
        .unwrap_or_else(|| Unknown::because("graph.conditional_access_policies", Reason::Absent, detail))
}

fn responsible(
    context: &Context<'_>,
    question: Question,
    part: fn(Responsible) -> String,
) -> Reading<Vec<String>> {
    let mut policies: Vec<Responsible> = Vec::new();
    let mut note = |policy: Responsible| {
        if !policies.iter().any(|known| known.id == policy.id) {
            policies.push(policy);
        }
    };
    let judged = judged(context);
    for (evaluation, grants) in judged.as_ref().ok().into_iter().flat_map(|judged| judged.iter()) {
        for policy in &answer(question, grants).policies {
            note(Responsible {
                id: policy.id.clone(),
                name: policy.name.clone(),
                microsoft_managed: policy.microsoft_managed,
            });
        }
        if question == Question::Mfa {
            third_party_mfa(evaluation)
                .map(Responsible::of)
                .for_each(&mut note);
        }
    }
    let is_proven = conditional_access(context, question) == Ok(true);
    if is_proven && is_proven_by_log(context, question) {
        for policy in named_by_log(context, question) {
            note(Responsible {
                id: policy.id.text().unwrap_or_default().to_owned(),
                name: policy.display_name.text().unwrap_or("(name hidden)").to_owned(),
                microsoft_managed: false,
            });
        }
        if question == Question::Block {
            meant_by_refusal(context).map(Responsible::of).for_each(&mut note);
        }
    }
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

/// Whether every policy that demands it was met by a sign-in after its newest change: the log says "success" beside it.
fn terms_are_accepted(context: &Context<'_>, answer: &Answer) -> Reading<bool> {
    all(answer
        .policies
        .iter()
        .map(|policy| log_shows_success_of(context, &policy.id)))
}

fn basic_scope_policies(context: &Context<'_>) -> Reading<Vec<String>> {
    let mut named: Vec<String> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let outcomes = judged(context)?
        .iter()
        .flat_map(|(evaluation, _)| &evaluation.outcomes);
    for outcome in outcomes {
        let may_demand = outcome.may_be_enforced() && !outcome.grant.controls.is_empty();
        match outcome.reaches_basic_scopes.filter(|_| may_demand) {
            None => continue,
            Some(true) if outcome.state == PolicyState::Enabled => {}
            Some(_) => {
                open.push(&outcome.name);
                continue;
            }
        }
        let controls: Vec<&str> = outcome.grant.controls.iter().map(Control::name).collect();
        let line = format!("{} ({})", outcome.name, controls.join(", "));
        if !named.contains(&line) {
            named.push(line);
        }
    }
    if named.is_empty() && !open.is_empty() {
        return Err(Unknown::because(
            "graph.conditional_access_policies",
            Reason::Failed,
            format!("whether {} reaches basic scopes is open", open.join(", ")),
        ));
    }
    Ok(named)
}

fn responsible_ids(context: &Context<'_>, question: Question) -> Reading<Vec<String>> {
    let mut ids = responsible(context, question, |policy| policy.id)?;
    ids.retain(|id| !id.is_empty());
    Ok(ids)
}

/// One line a policy that would demand MFA if it applied to this sign-in.
pub(crate) fn conditional_access_layers(context: &Context<'_>) -> Vec<String> {
    let judged = match judged(context) {
        Ok(judged) => judged,
        Err(_) if conditional_access_demands_mfa(context) == Ok(true) => {
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
            PolicyState::Enabled if first.reaches_basic_scopes == Some(true) => {
                "excluded for Dataverse, enforced for basic scopes as User.Read"
            }
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

/// Enforced policies that apply and demand MFA of another vendor (a custom control).
fn third_party_mfa(evaluation: &Evaluation) -> impl Iterator<Item = &Outcome> {
    demanding_third_party_mfa(evaluation).filter(|outcome| {
        outcome.state == PolicyState::Enabled
            && matches!(outcome.applicability, Applicability::Applies { .. })
    })
}

/// Policies that are enforced, or may be, and demand it, whether they apply or not.
fn demanding_third_party_mfa(evaluation: &Evaluation) -> impl Iterator<Item = &Outcome> {
    let is_custom = |control: &Control| matches!(control, Control::CustomFactor(_));
    let outcomes = evaluation.outcomes.iter();
    outcomes.filter(move |outcome| outcome.may_be_enforced() && outcome.grant.controls.iter().any(is_custom))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::expectations::Expectations;
    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, password_sign_in};
    use crate::facts::value::FactValue;
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
        let _whole = crate::snapshot::whole_answers();
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
        let _whole = crate::snapshot::whole_answers();
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
        let _whole = crate::snapshot::whole_answers();
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
        let _whole = crate::snapshot::whole_answers();
        let mut custom = policy("enabled", json!([]), Value::Null, "mfa");
        custom["grantControls"] = json!({"operator": "OR", "builtInControls": [],
            "customAuthenticationFactors": ["OtherVendor"]});
        assert_eq!(sample(json!([custom])).is("mfa.conditional_access"), Ok(true));
    }

    #[test]
    fn policies_about_users_do_not_touch_an_application() {
        let _whole = crate::snapshot::whole_answers();
        let blocks = sample(json!([policy("enabled", json!([]), Value::Null, "block")]))
            .named("5e56ae97-9be1-40d3-938b-99ea52175a30")
            .under(Profile::ApplicationUser)
            .list(
                "graph.service_principal",
                json!([{"id": "sp", "appId": "5e56ae97-9be1-40d3-938b-99ea52175a30"}]),
            )
            .list("graph.sign_ins", json!([]));
        assert_eq!(blocks.is("conditional_access.blocks"), Ok(false));
        let unread = blocks.clone().ended("graph.sign_ins", "denied");
        assert_eq!(
            unread.is("conditional_access.blocks"),
            Err("graph.sign_ins".to_owned()),
            "the log is the only witness"
        );
        let mut for_applications = policy("enabled", json!([]), Value::Null, "block");
        for_applications["conditions"]["users"] = json!({"includeUsers": ["None"]});
        for_applications["conditions"]["clientApplications"] =
            json!({"includeServicePrincipals": ["sp"], "excludeServicePrincipals": []});
        // Work 365 is registered in the vendor's tenant, which such policies do not reach, named or not.
        let named = blocks.list("graph.conditional_access_policies", json!([for_applications]));
        assert_eq!(named.is("conditional_access.blocks"), Ok(false));
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
