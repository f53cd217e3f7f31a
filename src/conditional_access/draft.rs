//! Policies that are not in force: a draft, or a change of one that is, judged beside the tenant's own.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::changes::{Change, ChangeKind, smallest_changes};
use super::decision::{Applicability, Decision, Effect, Evaluation, Outcome, evaluate};
use super::policy::PolicyState;
use super::policy_set::PolicySet;
use super::sign_in::SignIn;
use super::truth::Missing;
use super::words::{change_text, reason_text};

/// A policy as Graph writes it, or as it is posted.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftPolicy {
    raw: Value,
    name: String,
}

/// Why a file is no policy.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// No JSON at all.
    #[error("no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// JSON of something else.
    #[error(
        "no Conditional Access policy: an object with `conditions` is wanted, as Graph gives it (GET /identity/conditionalAccess/policies/ID)"
    )]
    NotAPolicy,
}

impl DraftPolicy {
    /// The policies of a file: one object, or a list of them under `value`. What a draft leaves out is not set.
    ///
    /// # Errors
    ///
    /// Bytes that hold no policy.
    pub fn read(bytes: &[u8], file: &str) -> Result<Vec<Self>, DraftError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let body: Value = serde_json::from_slice(bytes)?;
        let raw = match body {
            Value::Object(mut object) if !object.contains_key("conditions") => match object.remove("value") {
                Some(Value::Array(policies)) => policies,
                _ => return Err(DraftError::NotAPolicy),
            },
            Value::Array(policies) => policies,
            policy => vec![policy],
        };
        if raw.is_empty() {
            return Err(DraftError::NotAPolicy);
        }
        raw.into_iter()
            .map(|raw| {
                let name = raw.get("displayName").and_then(Value::as_str);
                let name = name.filter(|name| !name.trim().is_empty()).unwrap_or(file);
                Ok(Self {
                    name: name.to_owned(),
                    raw: completed(raw).ok_or(DraftError::NotAPolicy)?,
                })
            })
            .collect()
    }

    /// The tenant's policies with this one: it counts as enabled, and takes the place of the one with its id.
    #[must_use]
    pub fn added_to(&self, set: PolicySet, authentication_strengths: Option<&Value>) -> PolicySet {
        set.with_draft(&self.raw, &self.name, authentication_strengths)
    }
}

/// Graph writes every property, a person only those that matter: what is absent from a draft is not set.
fn completed(mut raw: Value) -> Option<Value> {
    let conditions = raw.get_mut("conditions")?.as_object_mut()?;
    for key in ["users", "applications", "clientApplications"] {
        if let Some(Value::Object(object)) = conditions.get_mut(key) {
            let lists: &[&str] = match key {
                "users" => &[
                    "includeUsers",
                    "excludeUsers",
                    "includeGroups",
                    "excludeGroups",
                    "includeRoles",
                    "excludeRoles",
                ],
                "applications" => &["includeApplications", "excludeApplications"],
                _ => &["includeServicePrincipals", "excludeServicePrincipals"],
            };
            fill(object, lists, &json!([]));
        }
    }
    if let Some(Value::Object(users)) = conditions.get_mut("users") {
        fill(
            users,
            &["includeGuestsOrExternalUsers", "excludeGuestsOrExternalUsers"],
            &Value::Null,
        );
    }
    for (key, lists) in [
        ("locations", ["includeLocations", "excludeLocations"]),
        ("platforms", ["includePlatforms", "excludePlatforms"]),
    ] {
        if let Some(Value::Object(object)) = conditions.get_mut(key) {
            fill(object, &lists, &json!([]));
        }
    }
    fill(
        conditions,
        &[
            "users",
            "clientApplications",
            "applications",
            "locations",
            "platforms",
            "devices",
            "authenticationFlows",
        ],
        &Value::Null,
    );
    fill(conditions, &["clientAppTypes"], &json!(["all"]));
    fill(conditions, &["signInRiskLevels", "userRiskLevels"], &json!([]));
    if let Some(Value::Object(grant)) = raw.get_mut("grantControls") {
        fill(
            grant,
            &["builtInControls", "termsOfUse", "customAuthenticationFactors"],
            &json!([]),
        );
        fill(grant, &["operator"], &json!("OR"));
        fill(grant, &["authenticationStrength"], &Value::Null);
    }
    if let Some(Value::Object(session)) = raw.get_mut("sessionControls") {
        fill(session, &["signInFrequency"], &Value::Null);
    }
    let policy = raw.as_object_mut()?;
    fill(policy, &["grantControls", "sessionControls"], &Value::Null);
    Some(raw)
}

fn fill(object: &mut Map<String, Value>, keys: &[&str], with: &Value) {
    for key in keys {
        if !object.contains_key(*key) {
            object.insert((*key).to_owned(), with.clone());
        }
    }
}

/// What drafts would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Draft {
    /// The decision of today's policies; of several accounts the gravest.
    pub before: Decision,
    /// The decision with the drafts.
    pub after: Decision,
    /// Ids of the policies that decide then; a draft without an id is named.
    pub decides: Vec<String>,
    /// One entry for each snapshot.
    pub accounts: Vec<DraftAccount>,
}

/// One account, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DraftAccount {
    /// The account of the snapshot.
    pub account: String,
    /// Its environment.
    pub environment: Option<String>,
    /// The sign-in that was asked about.
    pub asked: DraftSignIn,
    /// The sign-ins that Work 365 makes: with a stored password, with a refresh token, as an application.
    pub sign_ins: Vec<DraftSignIn>,
}

/// One sign-in, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DraftSignIn {
    /// `asked`, `password`, `refresh` or `application`.
    pub kind: String,
    /// The decision of today's policies.
    pub before: Decision,
    /// The decision with the drafts.
    pub after: Decision,
    /// Ids of the policies that decide then.
    pub decides: Vec<String>,
    /// Why those apply, or why none does any more: the conditions in words.
    pub because: Vec<String>,
    /// What the decision depends on and nobody said.
    pub missing: Vec<String>,
    /// The smallest changes of the deciding policies after which this sign-in would go on working.
    pub keeps_working: Vec<String>,
}

impl DraftSignIn {
    /// Judges one sign-in by today's policies and by those with the drafts.
    pub fn judge(kind: &str, today: &PolicySet, then: &PolicySet, sign_in: &SignIn) -> Self {
        let (before, after) = (evaluate(today, sign_in), evaluate(then, sign_in));
        let deciding = deciding(&before, &after);
        let mut because = Vec::new();
        let mut missing = Vec::new();
        let mut keeps_working = Vec::new();
        for (index, outcome) in &deciding {
            match &outcome.applicability {
                Applicability::Applies { because: reasons } => {
                    because.extend(reasons.iter().map(reason_text));
                    let changes = smallest_changes(then, sign_in, *index);
                    keeps_working.extend(
                        changes
                            .iter()
                            .filter(|change| is_for_one(change))
                            .map(|change| format!("{}: {}", outcome.name, change_text(change))),
                    );
                }
                Applicability::DoesNotApply { because: reason } => because.push(reason_text(reason)),
                Applicability::Undetermined { missing: open } => {
                    missing.extend(open.iter().map(Missing::to_string));
                }
            }
        }
        Self {
            kind: kind.to_owned(),
            before: before.decision,
            after: after.decision,
            decides: deciding.iter().map(|(_, outcome)| outcome.id.clone()).collect(),
            because,
            missing,
            keeps_working,
        }
    }
}

/// A change that leaves the policy in force for everybody else.
fn is_for_one(change: &Change) -> bool {
    !matches!(
        change.kind,
        ChangeKind::RemoveDirectoryRoles | ChangeKind::LeaveGroups
    )
}

/// The policies that make the decision; where none demands anything any more, those whose answer changed.
fn deciding<'a>(before: &Evaluation, after: &'a Evaluation) -> Vec<(usize, &'a Outcome)> {
    let enforced = || {
        after
            .outcomes
            .iter()
            .enumerate()
            .filter(|(_, outcome)| matches!(outcome.state, PolicyState::Enabled | PolicyState::Unknown))
    };
    let demanding = |wanted: fn(Effect) -> bool| -> Vec<(usize, &Outcome)> {
        enforced()
            .filter(|(_, outcome)| {
                matches!(outcome.applicability, Applicability::Applies { .. })
                    && wanted(outcome.grant.effects().1)
            })
            .collect()
    };
    match after.decision {
        Decision::Block => demanding(|effect| effect == Effect::Block),
        Decision::ControlsRequired => demanding(|effect| effect > Effect::Nothing),
        Decision::Undetermined => enforced()
            .filter(|(_, outcome)| {
                let (least, most) = outcome.grant.effects();
                match outcome.applicability {
                    Applicability::Undetermined { .. } => true,
                    Applicability::Applies { .. } => least != most,
                    Applicability::DoesNotApply { .. } => false,
                }
            })
            .collect(),
        Decision::Allow => enforced()
            .filter(|(_, outcome)| {
                let was = before.outcomes.iter().find(|was| was.id == outcome.id);
                was.is_some_and(|was| {
                    was.applicability != outcome.applicability || was.grant != outcome.grant
                }) && before.decision != Decision::Allow
            })
            .collect(),
    }
}
