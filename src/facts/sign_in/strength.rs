//! Facts about authentication strengths: whether the methods that the account has registered satisfy those that policies demand.

use serde_json::Value;

use crate::conditional_access::{
    Applicability, Control, MissingSet, Outcome, PolicyState, Strength, demands_strength,
};
use crate::profile::Profile;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::reading::{Reading, Reason, Unknown, all, any, complete};
use crate::facts::sign_in::judged::judged;
use crate::facts::sign_in::log_proof::log_shows_success_of;
use crate::facts::sign_in::methods::mfa_methods;
use crate::facts::sign_in::policies::undetermined;
use crate::facts::value::Kind;

/// Where the verdict comes from.
const SECTIONS: &[&str] = &[
    METHODS,
    "graph.registration_details",
    POLICIES,
    "graph.authentication_strengths",
    CAMPAIGN,
    "graph.sign_ins",
];

const METHODS: &str = "graph.authentication_methods";
const POLICIES: &str = "graph.conditional_access_policies";
const CAMPAIGN: &str = "graph.registration_campaign";

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "mfa.strength_is_unmet",
        Kind::Bool,
        SECTIONS,
        "The account signs in with MFA, and a policy demands an authentication strength that none of its registered methods satisfies.",
        |context| strength_is_unmet(context).map(Into::into),
    ),
    fact(
        "mfa.unmet_strengths",
        Kind::Texts,
        SECTIONS,
        "Those strengths, each with its policy and the methods that satisfy it.",
        |context| unmet_strengths(context).map(Into::into),
    )
    .its_own_words(),
];

/// The factors of a strength that each method supplies, by its name among the account's methods and in the registration report.
///
/// Sources: <https://learn.microsoft.com/graph/api/resources/authenticationmethod>,
/// <https://learn.microsoft.com/graph/api/resources/userregistrationdetails>,
/// <https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths>.
const FACTORS: [(&str, &[&str]); 22] = [
    ("fido2", &["fido2"]),
    ("fido2SecurityKey", &["fido2"]),
    ("passKeyDeviceBound", &["fido2"]),
    ("passKeyDeviceBoundAuthenticator", &["fido2"]),
    ("windowsHelloForBusiness", &["windowsHelloForBusiness"]),
    ("platformCredential", &["windowsHelloForBusiness"]),
    ("microsoftAuthenticator", &["microsoftAuthenticatorPush"]),
    ("microsoftAuthenticatorPush", &["microsoftAuthenticatorPush"]),
    ("passwordlessMicrosoftAuthenticator", &["deviceBasedPush"]),
    ("microsoftAuthenticatorPasswordless", &["deviceBasedPush"]),
    ("softwareOath", &["softwareOath"]),
    ("softwareOneTimePasscode", &["softwareOath"]),
    ("hardwareOath", &["hardwareOath"]),
    ("hardwareOneTimePasscode", &["hardwareOath"]),
    ("phone", &["sms", "voice"]),
    ("alternateMobilePhone", &["voice"]),
    ("officePhone", &["voice"]),
    ("email", &[]),
    ("securityQuestion", &[]),
    ("mobilePhone", &["sms", "voice"]),
    // Another vendor's: no strength accepts it.
    ("external", &[]),
    (
        "temporaryAccessPass",
        &["temporaryAccessPassOneTime", "temporaryAccessPassMultiUse"],
    ),
];

/// Whether a policy demands a strength that no registered method satisfies. Asked of the profile that signs in with MFA: a
/// stored password has no use for a method.
pub(crate) fn strength_is_unmet(context: &Context<'_>) -> Reading<bool> {
    if !context.is(Profile::Consent) {
        return Ok(false);
    }
    any(enforceable(context)?
        .into_iter()
        .map(|outcome| complete(|| is_unmet(context, outcome))))
}

fn unmet_strengths(context: &Context<'_>) -> Reading<Vec<String>> {
    let mut named = Vec::new();
    if strength_is_unmet(context)? {
        let unmet = enforceable(context)?
            .into_iter()
            .filter(|outcome| is_unmet(context, outcome) == Ok(true));
        for (policy, strength) in
            unmet.flat_map(|outcome| strengths(outcome).map(|strength| (&outcome.name, strength)))
        {
            let line = format!(
                "{}, by the policy {policy}: {}",
                strength.name,
                strength.combinations.join(" or ")
            );
            if !named.contains(&line) {
                named.push(line);
            }
        }
    }
    Ok(named)
}

/// The policies that are enforced or may be, as they were judged.
fn enforceable<'c>(context: &'c Context<'_>) -> Reading<Vec<&'c Outcome>> {
    let outcomes = judged(context)?
        .iter()
        .flat_map(|(evaluation, _)| &evaluation.outcomes);
    Ok(outcomes.filter(|outcome| outcome.may_be_enforced()).collect())
}

/// The strengths that a policy lists, but for the one of any MFA, which is a matter of MFA alone.
fn strengths(outcome: &Outcome) -> impl Iterator<Item = &Strength> {
    outcome.grant.controls.iter().filter_map(|control| match control {
        Control::AuthenticationStrength(strength) if !strength.is_any_mfa() => Some(strength),
        _ => None,
    })
}

fn is_unmet(context: &Context<'_>, outcome: &Outcome) -> Reading<bool> {
    let demanded = demands_strength(outcome);
    if matches!(outcome.applicability, Applicability::DoesNotApply { .. }) || demanded == Ok(false) {
        return Ok(false);
    }
    let unmet = strengths(outcome).map(|strength| satisfies(context, &strength.combinations).map(|met| !met));
    // A sign-in that met the policy had what it takes.
    if !any(unmet)? || log_shows_success_of(context, &outcome.id)? {
        return Ok(false);
    }
    let open = |missing: &MissingSet| Err(undetermined(context, &[&outcome.name], missing));
    match (&outcome.applicability, demanded) {
        (Applicability::Undetermined { missing }, _) => open(missing),
        (_, Err(missing)) => open(&MissingSet::from([missing])),
        _ if outcome.state != PolicyState::Enabled => Err(Unknown::because(
            POLICIES,
            Reason::Failed,
            format!("the state of policy {} is not said", outcome.name),
        )),
        _ => Ok(true),
    }
}

/// Whether one of the combinations can be shown with what is registered.
fn satisfies(context: &Context<'_>, combinations: &[String]) -> Reading<bool> {
    if combinations.is_empty() {
        return Err(Unknown::because(
            "graph.authentication_strengths",
            Reason::Failed,
            "the methods that satisfy an authentication strength are not said",
        ));
    }
    let methods = mfa_methods(context)?;
    any(combinations.iter().map(|combination| {
        let factors = combination.split(',').map(str::trim);
        all(factors.map(|factor| supplies(context, &methods, factor)))
    }))
}

/// Whether the account can show one factor. A certificate and another identity provider are no registered methods, and the
/// list does not say whether Authenticator was set up for phone sign-in.
fn supplies(context: &Context<'_>, methods: &[String], factor: &str) -> Reading<bool> {
    let factors_of = |method: &str| FACTORS.iter().find(|(name, _)| name.eq_ignore_ascii_case(method));
    let supplied = |(_, factors): &(&str, &[&str])| factors.contains(&factor);
    let mut known = methods.iter().filter_map(|method| factors_of(method));
    if factor == "password" || known.any(supplied) {
        return Ok(true);
    }
    let untold = |section: &'static str, detail: &str| Err(Unknown::silent(section, detail));
    let is_certificate = factor.starts_with("x509Certificate");
    let holds_authenticator = methods
        .iter()
        .any(|method| method.to_lowercase().starts_with("microsoftauthenticator"));
    if is_certificate && certificates_are_off(context) {
        Ok(false)
    } else if is_certificate {
        untold(
            CAMPAIGN,
            "whether the account may sign in with a certificate is not said",
        )
    } else if !FACTORS.iter().any(supplied) {
        untold(
            METHODS,
            "whether the account can show what an authentication strength names is not said",
        )
    } else if factor == "deviceBasedPush" && holds_authenticator {
        untold(
            METHODS,
            "whether Authenticator was set up for phone sign-in is not said",
        )
    } else if methods.iter().any(|method| factors_of(method).is_none()) {
        untold(METHODS, "a method is registered that this version does not know")
    } else {
        Ok(false)
    }
}

/// Whether the tenant lets nobody sign in with a certificate, which is how a tenant starts out.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/x509certificateauthenticationmethodconfiguration>.
fn certificates_are_off(context: &Context<'_>) -> bool {
    let policy = context.evidence().registration_campaign.ok();
    let configurations = policy
        .and_then(|policy| policy.get("authenticationMethodConfigurations"))
        .and_then(Value::as_array);
    let text = |configuration: &Value, key: &str| {
        configuration
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_lowercase)
    };
    configurations.into_iter().flatten().any(|configuration| {
        text(configuration, "id").as_deref() == Some("x509certificate")
            && text(configuration, "state").as_deref() == Some("disabled")
    })
}
