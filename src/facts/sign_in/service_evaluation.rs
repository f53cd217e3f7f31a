//! Facts about the service's own evaluation of the policies: what it says, and where it contradicts the offline one.

use std::net::IpAddr;

use crate::conditional_access::{
    Disagreement, Evaluation, ServiceVerdict, SignIn, applied, disagreements, evaluate,
};

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::object_id;
use crate::facts::reading::{Reading, Reason, Unknown, read};
use crate::facts::sign_in::policy_set::policies;
use crate::facts::sign_in::policy_sign_in::sign_in_from;
use crate::facts::value::Kind;

const SECTION: &str = "graph.conditional_access_evaluation";

const SECTIONS: &[&str] = &[SECTION, "graph.conditional_access_policies"];

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "conditional_access.service_agrees",
        Kind::Bool,
        SECTIONS,
        "Microsoft's own evaluation of the sign-in contradicts the offline one on no enforced policy.",
        |context| Ok(service_disagreements(context)?.is_empty().into()),
    ),
    fact(
        "conditional_access.service_disagreements",
        Kind::Texts,
        SECTIONS,
        "The enforced policies on which the two contradict each other, with what each says.",
        |context| {
            let disagreements = service_disagreements(context)?;
            Ok(disagreements.iter().map(in_words).collect::<Vec<_>>().into())
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.service_applied",
        Kind::Texts,
        SECTIONS,
        "Names of the enforced policies that apply to the sign-in by Microsoft's own evaluation.",
        |context| {
            let (evaluation, verdicts) = both_evaluations(context)?;
            let names = applied(&evaluation, &verdicts).into_iter().map(str::to_owned);
            Ok(names.collect::<Vec<_>>().into())
        },
    )
    .its_own_words(),
    fact(
        "conditional_access.service_address",
        Kind::Text,
        &[SECTION],
        "Address of the sign-in that Microsoft's own evaluation was asked about; null when it was asked without one.",
        |context| {
            let asked = read(&context.evidence().conditional_access_evaluation)?.asked.value();
            let conditions = asked.and_then(|asked| asked.sign_in_conditions.value());
            Ok(conditions.and_then(|conditions| conditions.ip_address.text()).into())
        },
    )
    .its_own()
    .nullable(),
];

fn service_disagreements(context: &Context<'_>) -> Reading<Vec<Disagreement>> {
    let (evaluation, verdicts) = both_evaluations(context)?;
    Ok(disagreements(&evaluation, &verdicts))
}

/// The offline evaluation of exactly the sign-in that the service was asked about, and the service's verdicts.
fn both_evaluations(context: &Context<'_>) -> Reading<(Evaluation, Vec<ServiceVerdict>)> {
    let verdicts = service_verdicts(context)?;
    let set = policies(context)?;
    Ok((evaluate(set, &asked_sign_in(context)?), verdicts))
}

/// The service's verdicts on this sign-in; nothing when it was not asked, or about another one.
pub(crate) fn service_verdicts_on(context: &Context<'_>, sign_in: &SignIn) -> Vec<ServiceVerdict> {
    match asked_sign_in(context) {
        Ok(asked) if asked == *sign_in => service_verdicts(context).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn service_verdicts(context: &Context<'_>) -> Reading<Vec<ServiceVerdict>> {
    let answer = read(&context.evidence().conditional_access_evaluation)?;
    let verdict = |policy: &crate::snapshot::graph::EvaluatedPolicy| {
        Some(ServiceVerdict::new(
            policy.id.text()?,
            *policy.policy_applies.value()?,
            policy.analysis_reasons.text().unwrap_or_default(),
        ))
    };
    Ok(answer.value.items().iter().filter_map(verdict).collect())
}

/// The sign-in that the service was asked about: this account's, from the address that was named.
fn asked_sign_in(context: &Context<'_>) -> Reading<SignIn> {
    let answer = read(&context.evidence().conditional_access_evaluation)?;
    let asked = answer.asked.value();
    let identity = asked.and_then(|asked| asked.sign_in_identity.value()?.user_id.text());
    if !identity.is_some_and(|id| object_id(context).is_ok_and(|own| own.eq_ignore_ascii_case(id))) {
        return Err(Unknown::because(
            SECTION,
            Reason::Failed,
            "it does not say that this account was asked about",
        ));
    }
    let conditions = asked.and_then(|asked| asked.sign_in_conditions.value());
    let address = conditions.and_then(|conditions| conditions.ip_address.text());
    let address: Option<IpAddr> = address.and_then(|address| address.parse().ok());
    let mut sign_in = sign_in_from(context, address);
    sign_in.country = conditions
        .and_then(|conditions| conditions.country.text())
        .map(str::to_owned);
    Ok(sign_in)
}

/// `Require MFA: applies by Microsoft's evaluation, not by the offline one (users)`.
fn in_words(disagreement: &Disagreement) -> String {
    let name = &disagreement.name;
    match (&disagreement.service_denies, &disagreement.offline_denies) {
        (Some(reasons), _) => format!(
            "{name}: does not apply by Microsoft's evaluation ({}), applies by the offline one",
            reasons.join(", ")
        ),
        (None, reason) => {
            let condition = reason
                .as_ref()
                .and_then(|reason| serde_json::to_value(reason.condition).ok());
            let condition = condition
                .as_ref()
                .and_then(serde_json::Value::as_str)
                .unwrap_or("state");
            format!("{name}: applies by Microsoft's evaluation, not by the offline one ({condition})")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::facts::expectations::Expectations;
    use crate::facts::testing::sample::{ACCOUNT_ID, Sample, password_sign_in};
    use crate::facts::value::FactValue;

    fn policies(users: &Value) -> Value {
        json!([{"id": "p1", "displayName": "Require MFA", "state": "enabled",
            "conditions": {"users": users, "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}}])
    }

    fn sample(users: &Value, account: &str, address: Option<&str>, applies: bool) -> Sample {
        Sample::new()
            .with_user(json!({}))
            .list(
                "graph.sign_ins",
                json!([password_sign_in("2026-06-15T06:00:00Z", 0)]),
            )
            .list("graph.directory_roles", json!([]))
            .list("graph.conditional_access_policies", policies(users))
            .ok(
                "graph.conditional_access_evaluation",
                json!({"asked": {"signInIdentity": {"userId": account},
                    "signInConditions": {"ipAddress": address}},
                    "value": [{"id": "p1", "policyApplies": applies,
                        "analysisReasons": if applies { "notSet" } else { "users" }}]}),
            )
    }

    fn address() -> String {
        let entry = password_sign_in("2026-06-15T06:00:00Z", 0);
        entry["ipAddress"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_contradiction_is_told_and_changes_no_verdict() {
        let _whole = crate::snapshot::whole_answers();
        let everybody = json!({"includeUsers": ["All"]});
        let sample = sample(&everybody, ACCOUNT_ID, Some(&address()), false);
        assert_eq!(sample.is("conditional_access.service_agrees"), Ok(false));
        assert_eq!(sample.is("mfa.conditional_access"), Ok(true));
        assert_eq!(
            sample.fact("conditional_access.service_disagreements"),
            Ok(FactValue::from(vec![
                "Require MFA: does not apply by Microsoft's evaluation (users), applies by the offline one"
                    .to_owned()
            ]))
        );
        let nobody = json!({"includeUsers": ["22222222-2222-4222-8222-222222222222"]});
        let sample = self::sample(&nobody, ACCOUNT_ID, Some(&address()), true);
        assert_eq!(sample.is("conditional_access.service_agrees"), Ok(false));
        assert_eq!(sample.is("mfa.conditional_access"), Ok(false));
    }

    #[test]
    fn the_service_settles_an_open_membership_for_the_sign_in_that_it_was_asked_about() {
        let _whole = crate::snapshot::whole_answers();
        let group = json!({"includeGroups": ["g"]});
        let (own, address) = (address(), address());
        for (account, address, applies, settles) in [
            (ACCOUNT_ID, Some(own.as_str()), true, true),
            (ACCOUNT_ID, Some(own.as_str()), false, false),
            (ACCOUNT_ID, Some("203.0.113.99"), true, false),
            ("another", Some(address.as_str()), true, false),
        ] {
            let sample = sample(&group, account, address, applies);
            let reading = sample.is("mfa.conditional_access");
            assert_eq!(
                reading.ok(),
                settles.then_some(true),
                "{account} {address:?} {applies}"
            );
        }
    }

    #[test]
    fn what_was_not_asked_is_unknown_and_changes_nothing() {
        let _whole = crate::snapshot::whole_answers();
        let sample = Sample::new()
            .with_user(json!({}))
            .list("graph.directory_roles", json!([]))
            .list(
                "graph.conditional_access_policies",
                policies(&json!({"includeUsers": ["All"]})),
            )
            .expecting(Expectations::default());
        assert!(sample.is("conditional_access.service_agrees").is_err());
        assert_eq!(sample.is("mfa.conditional_access"), Ok(true));
    }
}
