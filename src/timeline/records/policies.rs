//! The tenant's Conditional Access policies, as far as a change of them, or of a group that they name, has to be told.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::record::{Control, Mark};
use crate::conditional_access::is_enforced;
use crate::facts::{Context, parse_time};

/// One policy as it stands now.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) state: Option<Mark>,
    pub(super) created: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) controls: BTreeSet<Control>,
    included_groups: Vec<String>,
    excluded_groups: Vec<String>,
    locations: Vec<String>,
    asks_for_user_risk: bool,
}

/// All of them; none when they could not be read.
#[derive(Debug, Default)]
pub(super) struct Policies(pub(super) Vec<Policy>);

impl Policies {
    pub(super) fn of(context: &Context<'_>) -> Self {
        let body = context.evidence().conditional_access_policies.ok();
        let list = body.and_then(|body| body.get("value")).and_then(Value::as_array);
        Self(list.into_iter().flatten().filter_map(policy).collect())
    }

    pub(super) fn find(&self, id: &str) -> Option<&Policy> {
        self.0.iter().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }

    /// The enforced policies that leave this group out.
    pub(super) fn excluding(&self, group: &str) -> Vec<&Policy> {
        self.enforced(group, |policy| &policy.excluded_groups)
    }

    /// The enforced policies that are meant for this group.
    pub(super) fn including(&self, group: &str) -> Vec<&Policy> {
        self.enforced(group, |policy| &policy.included_groups)
    }

    /// The ids of the policies that name this location, or every trusted one and it is trusted.
    pub(super) fn naming_location(&self, context: &Context<'_>, location: &str) -> BTreeSet<String> {
        let is_it = |id: &str| id.eq_ignore_ascii_case(location);
        let is_trusted = locations(context).iter().any(|known| {
            let is_known = known.get("id").and_then(Value::as_str).is_some_and(is_it);
            is_known && known.get("isTrusted") == Some(&Value::Bool(true))
        });
        let means = |id: &String| is_it(id) || (is_trusted && id == "AllTrusted");
        self.ids(|policy| policy.locations.iter().any(means))
    }

    /// The ids of the policies that look at the risk of the user.
    pub(super) fn asking_for_user_risk(&self) -> BTreeSet<String> {
        self.ids(|policy| policy.asks_for_user_risk)
    }

    fn ids(&self, is_meant: impl Fn(&&Policy) -> bool) -> BTreeSet<String> {
        let meant = self.0.iter().filter(is_meant);
        meant.map(|policy| policy.id.clone()).collect()
    }

    fn enforced(&self, group: &str, groups: fn(&Policy) -> &Vec<String>) -> Vec<&Policy> {
        self.0
            .iter()
            .filter(|policy| policy.state == Some(Mark::On))
            .filter(|policy| groups(policy).iter().any(|id| id.eq_ignore_ascii_case(group)))
            .collect()
    }
}

/// The tenant's named locations.
pub(super) fn locations<'e>(context: &Context<'e>) -> &'e [Value] {
    let body = context.evidence().named_locations.ok();
    let list = body.and_then(|body| body.get("value")).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn policy(value: &Value) -> Option<Policy> {
    let time = |key: &str| value.get(key).and_then(Value::as_str).and_then(parse_time);
    Some(Policy {
        id: value.get("id")?.as_str()?.to_lowercase(),
        name: value
            .get("displayName")
            .and_then(Value::as_str)
            .map(str::to_owned),
        state: state_of(value),
        created: time("createdDateTime"),
        modified: time("modifiedDateTime"),
        controls: controls_of(value, time("modifiedDateTime").or(time("createdDateTime"))),
        included_groups: texts(value, "/conditions/users/includeGroups"),
        excluded_groups: texts(value, "/conditions/users/excludeGroups"),
        locations: ["includeLocations", "excludeLocations"]
            .iter()
            .flat_map(|key| texts(value, &format!("/conditions/locations/{key}")))
            .collect(),
        asks_for_user_risk: !texts(value, "/conditions/userRiskLevels").is_empty(),
    })
}

/// What the `state` of a policy comes to.
pub(super) fn state_of(policy: &Value) -> Option<Mark> {
    match policy.get("state")?.as_str()? {
        "enabled" => Some(Mark::On),
        "disabled" => Some(Mark::Off),
        "enabledForReportingButNotEnforced" => Some(Mark::ReportOnly),
        _ => None,
    }
}

/// What a policy demands since it was changed at `at`: a control that is no longer enforced by then demands nothing.
pub(super) fn controls_of(policy: &Value, at: Option<Timestamp>) -> BTreeSet<Control> {
    let day = at.map(|at| TimeZone::UTC.to_datetime(at).date());
    let mut controls: BTreeSet<Control> = texts(policy, "/grantControls/builtInControls")
        .iter()
        .filter(|control| day.is_none_or(|day| is_enforced(control, day)))
        .filter_map(|control| match control.as_str() {
            "block" => Some(Control::Block),
            "mfa" => Some(Control::Mfa),
            "compliantDevice" | "domainJoinedDevice" | "approvedApplication" | "compliantApplication" => {
                Some(Control::Device)
            }
            _ => None,
        })
        .collect();
    let has = |pointer: &str| policy.pointer(pointer).is_some_and(|value| !value.is_null());
    if has("/grantControls/authenticationStrength") {
        controls.insert(Control::Mfa);
    }
    if !texts(policy, "/grantControls/customAuthenticationFactors").is_empty() {
        controls.insert(Control::External);
    }
    let frequency = policy.pointer("/sessionControls/signInFrequency");
    if frequency.is_some_and(|value| value.is_object() && value.get("isEnabled") != Some(&Value::Bool(false)))
    {
        controls.insert(Control::Session);
    }
    controls
}

fn texts(value: &Value, pointer: &str) -> Vec<String> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
