//! The service's own evaluation of the same sign-in (Source: Graph reference, conditionalAccessRoot: evaluate) beside the offline one: where they disagree, and
//! what the service can tell that the offline evaluation cannot.

use super::decision::{Applicability, Evaluation, Outcome};
use super::policy::PolicyState;
use super::truth::{Missing, MissingSet, Reason};

/// What the service said about one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceVerdict {
    /// Policy id.
    pub id: String,
    /// Whether the policy applies to the sign-in that was described.
    pub applies: bool,
    /// Why not, in the service's words; empty when it applies.
    pub reasons: Vec<String>,
}

/// A policy that the service and the offline evaluation judge differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Policy id.
    pub id: String,
    /// Display name; untrusted text.
    pub name: String,
    /// Why the service says that it does not apply; `None` when it says that it does.
    pub service_denies: Option<Vec<String>>,
    /// The condition by which it does not apply offline; `None` when it applies.
    pub offline_denies: Option<Reason>,
}

/// Reasons by which the service says that it could not judge, rather than that the policy does not apply.
const NO_ANSWER: [&str; 4] = [
    "notenoughinformation",
    "notset",
    "unknownfuturevalue",
    "invalidcondition",
];

impl ServiceVerdict {
    /// Reads `analysisReasons`, a flag text in which several may stand (Source: Graph reference, whatIfAnalysisResult).
    pub fn new(id: &str, applies: bool, analysis_reasons: &str) -> Self {
        let reasons = analysis_reasons
            .split(',')
            .map(|reason| reason.trim().to_owned())
            .filter(|reason| !reason.is_empty() && !applies);
        Self {
            id: id.to_owned(),
            applies,
            reasons: reasons.collect(),
        }
    }

    /// Whether the service came to an answer at all.
    fn is_answer(&self) -> bool {
        let says_nothing = |reason: &String| NO_ANSWER.contains(&reason.to_lowercase().as_str());
        self.applies || !(self.reasons.is_empty() || self.reasons.iter().any(says_nothing))
    }
}

/// The enforced policies on which both came to an answer, and not to the same one. A policy that one of them does not
/// know, or could not judge, is no disagreement.
pub fn disagreements(offline: &Evaluation, service: &[ServiceVerdict]) -> Vec<Disagreement> {
    offline
        .outcomes
        .iter()
        .filter(|outcome| outcome.state == PolicyState::Enabled)
        .filter_map(|outcome| {
            let verdict = verdict_on(outcome, service).filter(|verdict| verdict.is_answer())?;
            let (applies, offline_denies) = match &outcome.applicability {
                Applicability::Applies { .. } => (true, None),
                Applicability::DoesNotApply { because } => (false, Some(because.clone())),
                Applicability::Undetermined { .. } => return None,
            };
            (applies != verdict.applies).then(|| Disagreement {
                id: outcome.id.clone(),
                name: outcome.name.clone(),
                service_denies: (!verdict.applies).then(|| verdict.reasons.clone()),
                offline_denies,
            })
        })
        .collect()
}

/// The names of the enforced policies that apply by the service's own evaluation.
pub fn applied<'a>(offline: &'a Evaluation, service: &[ServiceVerdict]) -> Vec<&'a str> {
    offline
        .outcomes
        .iter()
        .filter(|outcome| outcome.state == PolicyState::Enabled)
        .filter(|outcome| verdict_on(outcome, service).is_some_and(|verdict| verdict.applies))
        .map(|outcome| outcome.name.as_str())
        .collect()
}

/// The offline evaluation with the undetermined policies that certainly apply by the service's answer.
///
/// "Applies" is taken over only where it is sound: the policy is enforced, the sign-in that the service was told of is
/// the one that is judged, and all that is missing offline is something that the service reads for itself in its own
/// tenant (who is in which group, what a location is). Where the sign-in itself is not known well enough (device,
/// platform, risk), the service was not told either, and what it assumes then is documented nowhere. "Does not apply"
/// is never taken over: it would turn an open question into a healthy answer.
pub fn confirmed(mut offline: Evaluation, service: &[ServiceVerdict]) -> Evaluation {
    for outcome in &mut offline.outcomes {
        let Applicability::Undetermined { missing } = &outcome.applicability else {
            continue;
        };
        let is_confirmed = outcome.state == PolicyState::Enabled
            && knows_what_is_missing(missing)
            && service
                .iter()
                .any(|verdict| verdict.applies && verdict.id.eq_ignore_ascii_case(&outcome.id));
        if is_confirmed {
            outcome.applicability = Applicability::Applies { because: Vec::new() };
        }
    }
    offline
}

/// Whether the service reads everything that is missing in its own directory.
fn knows_what_is_missing(missing: &MissingSet) -> bool {
    missing.iter().all(|missing| {
        matches!(
            missing,
            Missing::Groups | Missing::Roles | Missing::UserType | Missing::NamedLocations
        )
    })
}

fn verdict_on<'a>(outcome: &Outcome, service: &'a [ServiceVerdict]) -> Option<&'a ServiceVerdict> {
    service
        .iter()
        .find(|verdict| verdict.id.eq_ignore_ascii_case(&outcome.id))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ServiceVerdict, applied, confirmed, disagreements};
    use crate::conditional_access::{
        Evaluation, Membership, PolicySet, SignIn, Subject, User, UserKind, Verdict, evaluate, grants,
    };

    fn policy(id: &str, state: &str, users: Value, platforms: Value) -> Value {
        let mut whole = json!({"includeUsers": null, "excludeUsers": null, "includeGroups": null,
            "excludeGroups": null, "includeRoles": null, "excludeRoles": null,
            "includeGuestsOrExternalUsers": null, "excludeGuestsOrExternalUsers": null});
        whole
            .as_object_mut()
            .unwrap()
            .extend(users.as_object().unwrap().clone());
        json!({"id": id, "displayName": id, "state": state,
            "conditions": {"users": whole,
                "applications": {"includeApplications": ["All"], "excludeApplications": []},
                "clientAppTypes": ["all"], "platforms": platforms, "locations": null, "devices": null,
                "clientApplications": null, "signInRiskLevels": [], "userRiskLevels": [],
                "authenticationFlows": null},
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}, "sessionControls": null})
    }

    fn evaluation(policies: &[Value]) -> Evaluation {
        let set = PolicySet::parse(&json!({ "value": policies }), None, None).unwrap();
        let user = User {
            id: Some("u".to_owned()),
            kind: UserKind::Member,
            groups: Membership::Unknown,
            roles: Membership::known(Vec::<String>::new()),
        };
        evaluate(
            &set,
            &SignIn::new(Subject::User(user), jiff::civil::date(2026, 1, 5)).assuming_no_risk(),
        )
    }

    #[test]
    fn only_answers_that_contradict_each_other_are_disagreements() {
        let everybody = json!({"includeUsers": ["All"]});
        let nobody = json!({"includeUsers": ["22222222-2222-4222-8222-222222222222"]});
        let group = json!({"includeGroups": ["g"]});
        for (state, users, applies, reasons, disagree) in [
            ("enabled", &everybody, true, "notSet", false),
            ("enabled", &everybody, false, "users", true),
            ("enabled", &everybody, false, "users, location", true),
            ("enabled", &everybody, false, "notEnoughInformation", false),
            ("enabled", &everybody, false, "users,notEnoughInformation", false),
            ("enabled", &everybody, false, "", false),
            ("enabled", &nobody, true, "notSet", true),
            ("enabled", &nobody, false, "users", false),
            ("enabled", &group, true, "notSet", false),
            (
                "enabledForReportingButNotEnforced",
                &everybody,
                false,
                "users",
                false,
            ),
            ("disabled", &everybody, false, "policyNotEnabled", false),
        ] {
            let offline = evaluation(&[policy("p", state, users.clone(), Value::Null)]);
            let found = disagreements(&offline, &[ServiceVerdict::new("P", applies, reasons)]);
            assert_eq!(!found.is_empty(), disagree, "{state} {users} {applies} {reasons}");
            assert!(disagreements(&offline, &[ServiceVerdict::new("q", !applies, "users")]).is_empty());
        }
    }

    #[test]
    fn the_service_settles_what_its_own_directory_knows_and_nothing_else() {
        let group = json!({"includeGroups": ["g"]});
        let platform = json!({"includePlatforms": ["linux"]});
        for (platforms, applies, settled) in [
            (Value::Null, true, Verdict::Yes),
            (Value::Null, false, Verdict::Unknown),
            (platform, true, Verdict::Unknown),
        ] {
            let offline = evaluation(&[policy("p", "enabled", group.clone(), platforms)]);
            assert_eq!(grants(&offline).mfa.verdict, Verdict::Unknown);
            let service = [ServiceVerdict::new("p", applies, "users")];
            assert_eq!(applied(&offline, &service).len(), usize::from(applies));
            assert_eq!(grants(&confirmed(offline, &service)).mfa.verdict, settled);
        }
    }

    #[test]
    fn a_certain_offline_answer_stays_whatever_the_service_says() {
        let nobody = json!({"includeUsers": ["22222222-2222-4222-8222-222222222222"]});
        let offline = evaluation(&[policy("p", "enabled", nobody, Value::Null)]);
        let service = [ServiceVerdict::new("p", true, "notSet")];
        assert_eq!(confirmed(offline.clone(), &service), offline);
    }
}
