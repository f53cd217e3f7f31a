//! Records of the two audit logs: the directory's, about the account, policies and the Work 365 application, and that of
//! Dynamics 365 about the account's row.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use super::super::record::{Control, Mark, Record, Seen, Target};
use super::policies::{Policies, Policy, controls_of, state_of};
use crate::facts::{self, Context, is_work_365, parse_time, read};
use crate::snapshot::graph::{AuditInitiator, AuditTarget, DirectoryAudit, ModifiedProperty};

/// A grant that is changed is written as a removal and an addition in the same moment.
const REPLACED_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// After the last change of a policy its present state is the state that the change left.
const LAST_CHANGE: SignedDuration = SignedDuration::from_mins(10);

/// Properties that switch something on or off.
const SWITCHES: [&str; 4] = [
    "accountenabled",
    "approleassignmentrequired",
    "isenabled",
    "issecuritydefaultsenabled",
];

/// The directory's audit log.
pub(super) fn of_directory(context: &Context<'_>, policies: &Policies) -> Vec<Record> {
    let Ok(log) = read(&context.evidence().directory_audits) else {
        return Vec::new();
    };
    let mut records: Vec<Record> = log
        .value
        .iter()
        .filter(|audit| audit.took_effect() && concerns(context, audit))
        .filter_map(|audit| record(context, policies, audit))
        .collect();
    mark_replaced(&mut records);
    records
}

/// Whether the entry is about the account, a policy, or the Work 365 application, and not what another user may do there.
fn concerns(context: &Context<'_>, audit: &DirectoryAudit) -> bool {
    let targets = audit.target_resources.items();
    let is_policy = audit
        .category
        .text()
        .is_some_and(|category| category.eq_ignore_ascii_case("policy"));
    let is_account = targets.iter().any(|target| facts::is_account(context, target));
    let is_of_another = || targets.iter().any(|target| is_of_kind(target, &["user"]));
    is_policy
        || is_account
        || (!is_of_another() && targets.iter().any(|target| is_application(context, target)))
}

fn is_application(context: &Context<'_>, target: &AuditTarget) -> bool {
    if !is_of_kind(target, &["serviceprincipal", "application"]) {
        return false;
    }
    let Some(principals) = context.evidence().service_principal.ok() else {
        let name = target.display_name.text().unwrap_or_default();
        return name.trim().eq_ignore_ascii_case("work 365");
    };
    principals.0.iter().any(|principal| {
        let is_ours = principal.app_id.text().is_some_and(is_work_365);
        let ids = principal.id.text().zip(target.id.text());
        is_ours && ids.is_some_and(|(own, other)| own.eq_ignore_ascii_case(other))
    })
}

fn record(context: &Context<'_>, policies: &Policies, audit: &DirectoryAudit) -> Option<Record> {
    let at = audit.activity_date_time.text().and_then(parse_time)?;
    let activity = audit.activity_display_name.text()?.trim().to_lowercase();
    let mut record = Record::new(at, "graph.directory_audits", Seen::Audit(activity));
    record.by = audit.initiated_by.value().and_then(actor);
    let targets = audit.target_resources.items();
    let properties = || {
        targets
            .iter()
            .flat_map(|target| target.modified_properties.items())
    };
    record.properties = properties()
        .filter(|property| is_changed(property))
        .filter_map(|property| property.display_name.text())
        .map(str::to_lowercase)
        .collect();
    for property in properties().filter(|property| is_changed(property)) {
        record.marks.extend(mark_of(property));
    }
    record.target = target_of(targets);
    if targets.iter().any(|target| is_application(context, target)) {
        record.marks.push(Mark::OurApplication);
    }
    let is_location = matches!(&record.seen, Seen::Audit(activity) if activity.contains("named location"));
    if is_location {
        let location = record.target.id.as_deref().unwrap_or_default();
        record.policies = policies.naming_location(context, location);
    } else if targets.iter().any(|target| is_of_kind(target, &["policy"])) {
        tell_policy(&mut record, policies, properties());
    } else if let Some(group) = record.target.id.clone() {
        tell_group(&mut record, context, policies, &group);
    }
    Some(record)
}

/// The object that was changed beside the account: policy, group, role, application.
fn target_of(targets: &[AuditTarget]) -> Target {
    let kinds = [
        "policy",
        "namedlocation",
        "group",
        "role",
        "serviceprincipal",
        "application",
    ];
    let object = targets.iter().find(|target| is_of_kind(target, &kinds));
    let property = |name: &str| {
        let properties = targets
            .iter()
            .flat_map(|target| target.modified_properties.items());
        properties
            .filter(|property| {
                property
                    .display_name
                    .text()
                    .is_some_and(|own| own.eq_ignore_ascii_case(name))
            })
            .find_map(|property| {
                let text = |value: Option<&str>| value.map(unquoted).filter(|text| !text.is_empty());
                text(property.new_value.text()).or_else(|| text(property.old_value.text()))
            })
    };
    Target {
        id: object
            .and_then(|object| object.id.text())
            .map(str::to_lowercase)
            .or_else(|| property("Group.ObjectID"))
            .or_else(|| property("Role.TemplateId")),
        name: object
            .and_then(|object| object.display_name.text())
            .map(str::to_owned)
            .or_else(|| property("Group.DisplayName"))
            .or_else(|| property("Role.DisplayName")),
    }
}

fn is_of_kind(target: &AuditTarget, kinds: &[&str]) -> bool {
    let own = target.kind.text().unwrap_or_default();
    kinds.iter().any(|kind| own.eq_ignore_ascii_case(kind))
}

fn actor(initiator: &AuditInitiator) -> Option<String> {
    let user = initiator.user.value();
    let app = initiator.app.value();
    user.and_then(|user| user.user_principal_name.text())
        .or_else(|| user.and_then(|user| user.display_name.text()))
        .or_else(|| app.and_then(|app| app.display_name.text()))
        .map(str::to_owned)
}

/// What a change of a policy left: of the entry's own values, else of the policy as it stands, if nothing changed since.
fn tell_policy<'p>(
    record: &mut Record,
    policies: &Policies,
    properties: impl Iterator<Item = &'p ModifiedProperty>,
) {
    let (mut before, mut after) = (None, None);
    for property in properties {
        let policy = |value: Option<&str>| value.and_then(json).filter(|value| value.is_object());
        before = before.or_else(|| policy(property.old_value.text()));
        after = after.or_else(|| policy(property.new_value.text()));
    }
    let now = record.target.id.as_deref().and_then(|id| policies.find(id));
    if record.target.name.is_none() {
        record.target.name = now.and_then(|policy| policy.name.clone());
    }
    record.policies.extend(record.target.id.clone());
    let is_last = |policy: &&Policy| {
        let changed = policy.modified.or(policy.created);
        changed.is_none_or(|changed| changed.duration_since(record.at) <= LAST_CHANGE)
    };
    let state = match &after {
        Some(after) => state_of(after),
        None => now.filter(is_last).and_then(|policy| policy.state),
    };
    record.marks.extend(state);
    record
        .marks
        .extend(before.as_ref().and_then(state_of).map(|before| match before {
            Mark::On => Mark::WasOn,
            _ => Mark::WasOff,
        }));
    record.controls = match (&after, now) {
        (Some(after), _) => controls_of(after, Some(record.at)),
        (None, Some(now)) => now.controls.clone(),
        (None, None) => BTreeSet::from([Control::Unseen]),
    };
}

/// What a group that the account joined or left opens or closes.
fn tell_group(record: &mut Record, context: &Context<'_>, policies: &Policies, group: &str) {
    let groups = [
        (Mark::ExclusionGroup, policies.excluding(group)),
        (Mark::InclusionGroup, policies.including(group)),
    ];
    let joins = matches!(&record.seen, Seen::Audit(activity) if activity.starts_with("add"));
    for (mark, touched) in groups {
        if touched.is_empty() || (mark == Mark::InclusionGroup) != joins {
            continue;
        }
        record.marks.push(mark);
        for policy in touched {
            record.policies.insert(policy.id.clone());
            record.controls.extend(&policy.controls);
        }
    }
    let is_group = |id: Option<&str>| id.is_some_and(|id| id.eq_ignore_ascii_case(group));
    let environment = context.evidence().environment.ok();
    let linked = environment.and_then(|environment| {
        environment
            .properties
            .value()?
            .linked_environment_metadata
            .value()
    });
    if is_group(linked.and_then(|linked| linked.security_group_id.known().map(|id| id.trim()))) {
        record.marks.push(Mark::EnvironmentGroup);
    }
    let user = facts::user(context).ok().flatten();
    let assigns = user
        .into_iter()
        .flat_map(|user| user.license_assignment_states.items())
        .any(|state| is_group(state.assigned_by_group.text()));
    if assigns {
        record.marks.push(Mark::LicenseGroup);
    }
}

/// The log lists properties that a change wrote again without changing them.
fn is_changed(property: &ModifiedProperty) -> bool {
    property.old_value.text() != property.new_value.text()
}

fn mark_of(property: &ModifiedProperty) -> Option<Mark> {
    let name = property.display_name.text()?.to_lowercase();
    let (old, new) = (
        property.old_value.text().unwrap_or_default(),
        property.new_value.text().unwrap_or_default(),
    );
    let fewer_or_more = |part: &str| {
        let number = |text: &str| text.matches(part).count();
        match number(new).cmp(&number(old)) {
            std::cmp::Ordering::Less => Some(Mark::Fewer),
            std::cmp::Ordering::Greater => Some(Mark::More),
            std::cmp::Ordering::Equal => None,
        }
    };
    match name.as_str() {
        name if SWITCHES.contains(&name) => switch(new),
        // `[]`, or a state of 0, is off.
        "strongauthenticationrequirement" => {
            let is_off = new.trim() == "[]" || new.is_empty() || new.contains("\"State\":0");
            is_off.then_some(Mark::Off)
        }
        "strongauthenticationmethod" => fewer_or_more("MethodType"),
        "assignedlicense" => fewer_or_more("SkuId"),
        _ => None,
    }
}

/// `[true]`, `"false"`, `true`.
fn switch(value: &str) -> Option<Mark> {
    let value = value.to_lowercase();
    match (value.contains("true"), value.contains("false")) {
        (true, false) => Some(Mark::On),
        (false, true) => Some(Mark::Off),
        _ => None,
    }
}

/// JSON in a text, or in a text within a text.
fn json(text: &str) -> Option<Value> {
    match serde_json::from_str(text).ok()? {
        Value::String(inner) => serde_json::from_str(&inner).ok(),
        Value::Array(items) => items.into_iter().next(),
        value => Some(value),
    }
}

fn unquoted(text: &str) -> String {
    text.trim_matches(['"', ' ']).to_owned()
}

fn mark_replaced(records: &mut [Record]) {
    let mut given: Vec<_> = records
        .iter()
        .filter(|record| {
            matches!(&record.seen, Seen::Audit(activity)
                if activity.starts_with("add delegated permission") || activity.starts_with("add oauth2permission"))
        })
        .map(|record| record.at)
        .collect();
    given.sort();
    for record in records {
        let is_removal = matches!(&record.seen, Seen::Audit(activity) if activity.starts_with("remove"));
        let is_near = |at: &jiff::Timestamp| at.duration_since(record.at).abs() <= REPLACED_WITHIN;
        let next = given.partition_point(|at| *at < record.at);
        let beside = given[next.saturating_sub(1)..].iter().take(2);
        if is_removal && beside.into_iter().any(is_near) {
            record.marks.push(Mark::Replaced);
        }
    }
}

/// Action of an update, where the entry leaves the action out but lists changed columns.
const UPDATE: i64 = 2;

/// Dynamics 365's audit of the row.
pub(super) fn of_dataverse(context: &Context<'_>) -> Vec<Record> {
    let section = "dataverse.user_audit";
    let Ok(log) = read(&context.evidence().user_audit) else {
        return Vec::new();
    };
    log.value
        .iter()
        .filter_map(|entry| {
            let at = entry.createdon.text().and_then(parse_time)?;
            let changes: Changes = entry
                .changedata
                .text()
                .and_then(|data| serde_json::from_str(data).ok())
                .unwrap_or_default();
            let action = entry.action.value().copied();
            let action = action.or((!changes.changed_attributes.is_empty()).then_some(UPDATE))?;
            let mut record = Record::new(at, section, Seen::Dataverse(action));
            // Without an old value the entry tells of the row's creation.
            let changed = changes
                .changed_attributes
                .iter()
                .filter(|change| change.old_value.is_some() && change.old_value != change.new_value);
            for change in changed {
                let name = change.logical_name.to_lowercase();
                if name == "isdisabled" {
                    let is_disabled = change.new_value.as_ref().map(ToString::to_string);
                    record.marks.extend(is_disabled.as_deref().and_then(|value| {
                        // A row that "is disabled" is off.
                        switch(value).map(|mark| if mark == Mark::On { Mark::Off } else { Mark::On })
                    }));
                }
                record.properties.push(name);
            }
            Some(record)
        })
        .collect()
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Changes {
    changed_attributes: Vec<ChangedColumn>,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChangedColumn {
    logical_name: String,
    old_value: Option<Value>,
    new_value: Option<Value>,
}
