//! Records of dates that stand on objects: they tell of changes that no audit log shows, or that could not be read there.

use jiff::Timestamp;
use serde_json::Value;

use super::super::record::{Control, Date, Record, Seen, Target};
use super::policies::{Policies, Policy, locations};
use crate::facts::{self, Context, parse_time};
use crate::snapshot::Field;
use crate::snapshot::graph::AppRoleAssignment;

/// Every one of them.
pub(super) fn records(context: &Context<'_>, policies: &Policies) -> Vec<Record> {
    let mut records: Vec<Record> = policies.0.iter().flat_map(of_policy).collect();
    records.extend(of_user(context));
    records.extend(of_risk(context, policies));
    records.extend(of_locations(context, policies));
    records.extend(of_assignments(context));
    records.extend(of_environment(context));
    records
}

fn dated(at: Timestamp, section: &'static str, date: Date) -> Record {
    Record::new(at, section, Seen::Date(date))
}

fn of_policy(policy: &Policy) -> impl Iterator<Item = Record> {
    let dates = [
        (policy.created, Date::PolicyCreated),
        (policy.modified, Date::PolicyModified),
    ];
    dates.into_iter().filter_map(|(at, date)| {
        let mut record = dated(at?, "graph.conditional_access_policies", date);
        record.target = Target {
            id: Some(policy.id.clone()),
            name: policy.name.clone(),
        };
        record.marks.extend(policy.state);
        record.policies.insert(policy.id.clone());
        record.controls.extend(&policy.controls);
        if policy.controls.is_empty() {
            record.controls.insert(Control::Unseen);
        }
        Some(record)
    })
}

fn of_user(context: &Context<'_>) -> Vec<Record> {
    let Some(user) = facts::user(context).ok().flatten() else {
        return Vec::new();
    };
    let section = "graph.user";
    let time = |field: &Field<String>| field.text().and_then(parse_time);
    let created = time(&user.created_date_time);
    let of_account = [
        (&user.last_password_change_date_time, Date::PasswordChanged),
        (
            &user.sign_in_sessions_valid_from_date_time,
            Date::SessionsValidFrom,
        ),
    ];
    let mut records: Vec<Record> = of_account
        .into_iter()
        .filter_map(|(field, date)| Some(dated(time(field)?, section, date)))
        // The account's first password is no change.
        .filter(|record| created.is_none_or(|created| record.at > created))
        .collect();
    for state in user.license_assignment_states.items() {
        let is_active = state.state.text().is_none_or(|state| state == "Active");
        let date = if is_active {
            Date::LicenseAssigned
        } else {
            Date::LicenseEnded
        };
        records.extend(time(&state.last_updated_date_time).map(|at| dated(at, section, date)));
    }
    for plan in user.assigned_plans.items() {
        // A plan that ended keeps the date on which it was assigned: it dates no end.
        let counts = matches!(plan.capability_status.text(), Some("Enabled" | "Warning"));
        let at = time(&plan.assigned_date_time).filter(|_| counts);
        records.extend(at.map(|at| dated(at, section, Date::LicenseAssigned)));
    }
    records
}

fn of_risk(context: &Context<'_>, policies: &Policies) -> Option<Record> {
    let risk = context.evidence().risky_user.ok()?.0.as_ref()?;
    let at = risk.risk_last_updated_date_time.text().and_then(parse_time)?;
    let section = "graph.risky_user";
    match risk.risk_state.text()? {
        "atRisk" | "confirmedCompromised" => Some(dated(at, section, Date::RiskDetected)),
        "dismissed" | "remediated" | "confirmedSafe" => {
            let mut record = dated(at, section, Date::RiskDismissed);
            record.policies = policies.asking_for_user_risk();
            Some(record)
        }
        _ => None,
    }
}

fn of_locations(context: &Context<'_>, policies: &Policies) -> Vec<Record> {
    let of_location = |location: &Value| {
        let text = |key: &str| location.get(key)?.as_str();
        let at = text("modifiedDateTime").and_then(parse_time)?;
        let id = text("id")?.to_lowercase();
        let mut record = dated(at, "graph.named_locations", Date::LocationModified);
        record.policies = policies.naming_location(context, &id);
        record.target = Target {
            id: Some(id),
            name: text("displayName").map(str::to_owned),
        };
        Some(record)
    };
    locations(context).iter().filter_map(of_location).collect()
}

/// The account's assignments to Work 365.
fn of_assignments(context: &Context<'_>) -> Vec<Record> {
    let list = context.evidence().app_role_assignments.ok();
    let assignments = list.into_iter().flat_map(|list| &list.value);
    let of_assignment = |assignment: &AppRoleAssignment| {
        let at = assignment.created_date_time.text().and_then(parse_time)?;
        let mut record = dated(at, "graph.app_role_assignments", Date::ApplicationAssigned);
        record.target.id = assignment.resource_id.text().map(str::to_lowercase);
        Some(record)
    };
    assignments.filter_map(of_assignment).collect()
}

/// When an environment that says of itself that it was copied or restored was last written.
fn of_environment(context: &Context<'_>) -> Option<Record> {
    let section = "admin.environment";
    if facts::is_copied(context) != Ok(true) {
        return None;
    }
    let body = context.snapshot.section(section)?.body.as_ref()?;
    let body: Value = serde_json::from_str(body.get()).ok()?;
    let times = [
        "/properties/lastModifiedTime",
        "/properties/createdTime",
        "/properties/linkedEnvironmentMetadata/createdTime",
    ];
    let at = times
        .iter()
        .filter_map(|pointer| parse_time(body.pointer(pointer)?.as_str()?))
        .max()?;
    let mut record = dated(at, section, Date::EnvironmentCopied);
    let name = body.pointer("/properties/displayName").and_then(Value::as_str);
    record.target.name = name.map(str::to_owned);
    Some(record)
}
