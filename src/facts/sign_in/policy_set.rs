//! The tenant's Conditional Access policies, as they were read.

use serde_json::Value;

use crate::conditional_access::{DraftPolicy, PolicySet};

use crate::facts::context::Context;
use crate::facts::reading::{Reading, Reason, Unknown, found, read};
use crate::facts::value::parse_time;

/// Where a Conditional Access verdict comes from.
pub(crate) const CONDITIONAL_ACCESS_SECTIONS: &[&str] = &[
    "graph.conditional_access_policies",
    "graph.named_locations",
    "graph.authentication_strengths",
    "graph.group_memberships",
    "graph.directory_roles",
    "graph.sign_ins",
];

/// The tenant's Conditional Access policies with the locations and strengths that they refer to.
///
/// # Errors
///
/// The section could not be read, or holds no list of policies.
pub fn policies<'c>(context: &'c Context<'_>) -> Reading<&'c PolicySet> {
    let policies = context.once(&context.policies, || parsed(context));
    policies.as_ref().map_err(Clone::clone)
}

fn parsed(context: &Context<'_>) -> Reading<PolicySet> {
    let policies = read(&context.evidence().conditional_access_policies)?;
    let locations = found(&context.evidence().named_locations).ok().flatten();
    let strengths = found(&context.evidence().authentication_strengths).ok().flatten();
    PolicySet::parse(policies, locations, strengths).map_err(|problem| {
        Unknown::because(
            "graph.conditional_access_policies",
            Reason::Failed,
            problem.to_string(),
        )
    })
}

/// The tenant's policies with drafts beside them, or in the place of those with their ids.
pub fn policies_with(context: &Context<'_>, drafts: &[DraftPolicy], today: PolicySet) -> PolicySet {
    let strengths = found(&context.evidence().authentication_strengths).ok().flatten();
    drafts
        .iter()
        .fold(today, |set, draft| draft.added_to(set, strengths))
}

/// When a policy was last changed, or made when it never was.
///
/// # Errors
///
/// The policy was not read with its times: Graph writes both, the first as null while nothing was changed.
pub(crate) fn policy_change(context: &Context<'_>, id: &str) -> Reading<jiff::Timestamp> {
    let body = read(&context.evidence().conditional_access_policies)?;
    let policies = body.get("value").and_then(Value::as_array);
    let is_policy = |policy: &&Value| {
        let own = policy.get("id").and_then(Value::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(id))
    };
    let policy = policies.into_iter().flatten().find(is_policy);
    let time = |key: &str| policy?.get(key)?.as_str().and_then(parse_time);
    let changed = match policy.and_then(|policy| policy.get("modifiedDateTime")) {
        Some(Value::Null) => time("createdDateTime"),
        _ => time("modifiedDateTime"),
    };
    changed.ok_or_else(|| {
        Unknown::because(
            "graph.conditional_access_policies",
            Reason::Failed,
            "the answer has no modifiedDateTime",
        )
    })
}

pub(crate) fn newest_policy_change(context: &Context<'_>) -> Option<jiff::Timestamp> {
    let body = context.evidence().conditional_access_policies.ok()?;
    let policies = body.get("value")?.as_array()?;
    policies
        .iter()
        .flat_map(|policy| [policy.get("modifiedDateTime"), policy.get("createdDateTime")])
        .filter_map(|time| time?.as_str().and_then(parse_time))
        .max()
}
