//! The decision: every policy judged by every condition, and what follows from all of them together.

use serde::Serialize;

use super::controls::{Control, Grant, SessionControl};
use super::locations::NamedLocations;
use super::policy::{Policy, PolicyState};
use super::policy_set::PolicySet;
use super::sign_in::{SignIn, Subject};
use super::truth::{Cause, Condition, Missing, MissingSet, Reason, Truth};
use super::{applications, calendar, client, device, locations, users};

/// What Conditional Access as a whole does with a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// No enforced policy demands anything.
    Allow,
    /// Something is demanded, as MFA or a compliant device.
    ControlsRequired,
    /// Refused, whatever is presented.
    Block,
    /// A policy that could not be judged might change the answer.
    Undetermined,
}

/// Whether a policy applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicability {
    /// All conditions hold.
    Applies {
        /// The conditions that the policy sets, and how each was met.
        because: Vec<Reason>,
    },
    /// One condition certainly does not hold.
    DoesNotApply {
        /// That one.
        because: Reason,
    },
    /// It cannot be told.
    Undetermined {
        /// What would tell.
        missing: MissingSet,
    },
}

/// One policy, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Policy id.
    pub id: String,
    /// Display name; untrusted text.
    pub name: String,
    /// Enforced, report-only, off.
    pub state: PolicyState,
    /// Microsoft made and may switch on this policy; only its state and its exclusions can be edited. Told by the
    /// name, which a tenant cannot change (Source: Entra documentation, "Microsoft-managed policies").
    pub microsoft_managed: bool,
    /// The template it was made from. An administrator's own policy can have one too.
    pub template_id: Option<String>,
    /// Whether it applies, were it switched on.
    pub applicability: Applicability,
    /// What it demands, as far as that is enforced on the day of the sign-in.
    pub grant: Grant,
    /// Controls that it selects and that are no longer enforced, by their names on the wire.
    pub ended_controls: Vec<String>,
    /// It leaves the application out of "all resources", but is enforced where a sign-in asks for basic scopes alone:
    /// `Some(true)`, or `Some(false)` when something leaves even that open. `None`: it is no such policy.
    pub reaches_basic_scopes: Option<bool>,
    /// How it shapes the session.
    pub session: Vec<SessionControl>,
}

/// The judged sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// What follows from the enforced policies.
    pub decision: Decision,
    /// Every policy, in the order of the evidence.
    pub outcomes: Vec<Outcome>,
    /// Some pages of policies were not read, so that anything else may be demanded.
    pub incomplete: bool,
}

/// Judges one sign-in by all policies. Pure.
pub fn evaluate(set: &PolicySet, sign_in: &SignIn) -> Evaluation {
    let outcomes: Vec<Outcome> = set
        .policies
        .iter()
        .map(|policy| judge(policy, set, sign_in))
        .collect();
    Evaluation {
        decision: decide(&outcomes, set.incomplete),
        outcomes,
        incomplete: set.incomplete,
    }
}

fn judge(policy: &Policy, set: &PolicySet, sign_in: &SignIn) -> Outcome {
    let mut applicability = applicability(policy, set.locations.as_ref(), sign_in);
    if policy.state == PolicyState::Unknown {
        let open = Missing::Unrecognised("state".to_owned());
        applicability = match applicability {
            Applicability::Applies { .. } => Applicability::Undetermined {
                missing: MissingSet::from([open]),
            },
            Applicability::Undetermined { mut missing } => {
                missing.insert(open);
                Applicability::Undetermined { missing }
            }
            no => no,
        };
    }
    let (grant, ended_controls) = policy.grant.on(sign_in.day);
    Outcome {
        id: policy.id.clone(),
        name: policy.name.clone(),
        state: policy.state,
        microsoft_managed: is_microsoft_managed(policy),
        template_id: policy.template_id.clone(),
        reaches_basic_scopes: basic_scopes(policy, set, sign_in),
        applicability,
        grant,
        ended_controls,
        session: policy.session.clone(),
    }
}

/// A sign-in that asks for basic scopes alone is judged as one to the directory, whatever application is left out of
/// "all resources" (Source: Entra documentation, "Target resources"). Applications alone are never asked that way.
fn basic_scopes(policy: &Policy, set: &PolicySet, sign_in: &SignIn) -> Option<bool> {
    let asks =
        matches!(sign_in.subject, Subject::User(_)) && calendar::basic_scopes_are_enforced(sign_in.day);
    if !asks {
        return None;
    }
    let is_left_out = applications::leaves_out_of_all(policy, &sign_in.application);
    if is_left_out == Some(false) {
        return None;
    }
    let to_the_directory = SignIn {
        application: DIRECTORY.to_owned(),
        ..sign_in.clone()
    };
    match applicability(policy, set.locations.as_ref(), &to_the_directory) {
        Applicability::Applies { .. } => Some(is_left_out == Some(true)),
        Applicability::Undetermined { .. } => Some(false),
        Applicability::DoesNotApply { .. } => None,
    }
}

/// "Windows Azure Active Directory".
const DIRECTORY: &str = "00000002-0000-0000-c000-000000000000";

pub(super) fn is_microsoft_managed(policy: &Policy) -> bool {
    policy.name.starts_with("Microsoft-managed")
}

/// All conditions must hold. One that certainly does not decides, whatever the others lack.
pub(super) fn applicability(
    policy: &Policy,
    named: Option<&NamedLocations>,
    sign_in: &SignIn,
) -> Applicability {
    let mut because = Vec::new();
    let mut missing = MissingSet::new();
    for (condition, truth) in conditions(policy, named, sign_in) {
        match truth {
            Truth::Yes(Cause::NotConfigured, _) => {}
            Truth::Yes(cause, matched) => because.push(Reason {
                condition,
                cause,
                matched,
            }),
            Truth::No(cause, matched) => {
                return Applicability::DoesNotApply {
                    because: Reason {
                        condition,
                        cause,
                        matched,
                    },
                };
            }
            Truth::Unknown(more) => missing.extend(more),
        }
    }
    if missing.is_empty() {
        Applicability::Applies { because }
    } else {
        Applicability::Undetermined { missing }
    }
}

fn conditions(policy: &Policy, named: Option<&NamedLocations>, sign_in: &SignIn) -> [(Condition, Truth); 13] {
    let identities = match sign_in.subject {
        Subject::User(_) => "users",
        Subject::ServicePrincipal(_) => "clientApplications",
    };
    let within = |part, truth| widened(policy, part, truth);
    [
        (
            Condition::Users,
            within(identities, users::judge(policy, &sign_in.subject)),
        ),
        (
            Condition::Applications,
            within("applications", applications::judge(policy, &sign_in.application)),
        ),
        (Condition::ClientApps, client::client_apps(policy, sign_in)),
        (
            Condition::AuthenticationFlows,
            within("authenticationFlows", client::flows(policy, sign_in.flow)),
        ),
        (
            Condition::Locations,
            within("locations", locations::judge(policy, named, sign_in)),
        ),
        (
            Condition::Platforms,
            within("platforms", device::platforms(policy, sign_in.platform)),
        ),
        (
            Condition::Devices,
            within("devices", device::filter(policy, sign_in)),
        ),
        (
            Condition::SignInRisk,
            client::risk(&policy.sign_in_risk, sign_in.sign_in_risk, Missing::SignInRisk),
        ),
        (
            Condition::UserRisk,
            client::risk(&policy.user_risk, sign_in.user_risk, Missing::UserRisk),
        ),
        (
            Condition::ServicePrincipalRisk,
            client::risk(
                &policy.service_principal_risk,
                sign_in.service_principal_risk,
                Missing::ServicePrincipalRisk,
            ),
        ),
        (
            Condition::InsiderRisk,
            client::insider_risk(&policy.insider_risk, sign_in.insider_risk),
        ),
        (Condition::AgentRisk, client::agent_risk(&policy.agent_risk)),
        (Condition::Unrecognised, unrecognised(policy)),
    ]
}

/// What this version does not know inside a part may include more than what it knows: then "not included" is open.
fn widened(policy: &Policy, part: &str, truth: Truth) -> Truth {
    let Truth::No(cause, _) = &truth else { return truth };
    let may_include = |path: &&String| {
        path.strip_prefix(part).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('.')
                    .is_some_and(|key| !key.starts_with("exclude"))
        })
    };
    let open: MissingSet = policy
        .unrecognised
        .iter()
        .filter(may_include)
        .cloned()
        .map(Missing::Unrecognised)
        .collect();
    if *cause == Cause::Excluded || open.is_empty() {
        truth
    } else {
        Truth::Unknown(open)
    }
}

fn unrecognised(policy: &Policy) -> Truth {
    if policy.unrecognised.is_empty() {
        return Truth::NOT_CONFIGURED;
    }
    Truth::Unknown(
        policy
            .unrecognised
            .iter()
            .cloned()
            .map(Missing::Unrecognised)
            .collect(),
    )
}

/// How hard a policy bears on the sign-in; the hardest of all decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Nothing,
    Controls,
    Block,
}

impl Grant {
    /// The least and the most that these controls can mean.
    pub(super) fn effects(&self) -> (Effect, Effect) {
        if self.controls.contains(&Control::Block) {
            (Effect::Block, Effect::Block)
        } else if self
            .controls
            .iter()
            .any(|control| matches!(control, Control::Unknown(_)))
        {
            (Effect::Controls, Effect::Block)
        } else if self.controls.is_empty() {
            (Effect::Nothing, Effect::Nothing)
        } else {
            (Effect::Controls, Effect::Controls)
        }
    }
}

impl Outcome {
    /// Whether it is enforced, or may be.
    pub(crate) fn may_be_enforced(&self) -> bool {
        matches!(self.state, PolicyState::Enabled | PolicyState::Unknown)
    }
}

/// Takes the hardest effect that is certain and the hardest that is possible; they agree, or the answer is open.
fn decide(outcomes: &[Outcome], incomplete: bool) -> Decision {
    let mut certain = Effect::Nothing;
    let mut possible = if incomplete {
        Effect::Block
    } else {
        Effect::Nothing
    };
    for outcome in outcomes.iter().filter(|outcome| outcome.may_be_enforced()) {
        let (least, most) = outcome.grant.effects();
        match outcome.applicability {
            Applicability::Applies { .. } => {
                certain = certain.max(least);
                possible = possible.max(most);
            }
            Applicability::Undetermined { .. } => possible = possible.max(most),
            Applicability::DoesNotApply { .. } => {}
        }
    }
    match (certain, possible.max(certain)) {
        (Effect::Block, _) => Decision::Block,
        (certain, possible) if certain != possible => Decision::Undetermined,
        (Effect::Controls, _) => Decision::ControlsRequired,
        (Effect::Nothing, _) => Decision::Allow,
    }
}
