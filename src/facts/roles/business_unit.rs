//! Business units: roles of another unit, and roles that a move took away.

use jiff::Timestamp;

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::reading::{Reading, Unknown, found, read, whole};
use crate::facts::roles::held::{USER_ROLES, name_of};
use crate::facts::roles::held_by_row::held_roles;
use crate::facts::value::parse_time;

pub(crate) const ORGANIZATION: &str = "dataverse.organization";

const USER_AUDIT: &str = "dataverse.user_audit";

/// Action of an entry that changes columns. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/audit>.
const UPDATE: i64 = 2;

pub(crate) fn roles_of_other_business_unit(context: &Context<'_>) -> Reading<Vec<String>> {
    let roles = held_roles(context)?.direct()?;
    let unit = existing_row(context)?.business_unit_id.text().ok_or_else(|| {
        Unknown::silent(
            "dataverse.system_users",
            "the row does not show its business unit",
        )
    })?;
    let mut names = Vec::new();
    for role in roles {
        let own = role
            .business_unit_id
            .text()
            .ok_or_else(|| Unknown::silent(USER_ROLES, "a role is listed without its business unit"))?;
        if !own.eq_ignore_ascii_case(unit) {
            names.push(name_of(role));
        }
    }
    Ok(names)
}

/// A switch of the organisation's settings XML; what is not in it has its default, off.
pub(crate) fn organization_switch(context: &Context<'_>, name: &str) -> Reading<bool> {
    let organization = read(&context.evidence().organization_row)?.0.as_ref();
    let settings = organization
        .filter(|row| !row.orgdborgsettings.is_missing())
        .ok_or_else(|| Unknown::silent(ORGANIZATION, "the organisation does not show orgdborgsettings"))?;
    Ok(settings
        .orgdborgsettings
        .text()
        .is_some_and(|xml| element_is_true(xml, name)))
}

pub(crate) fn business_unit_name(context: &Context<'_>) -> Reading<String> {
    let unit = read(&context.evidence().business_unit)?.0.as_ref();
    unit.and_then(|unit| unit.name.text())
        .map(str::to_owned)
        .ok_or_else(|| {
            Unknown::silent(
                "dataverse.business_unit",
                "the business unit does not show its name",
            )
        })
}

/// The newest entry of Dataverse's audit of the row that changes its business unit.
///
/// That the row was modified, or that its unit is not the root, would be no proof of a move: rows are modified for
/// many reasons and can be made in any unit.
pub(crate) fn business_unit_changed_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    existing_row(context)?;
    let Some(audit) = found(&context.evidence().user_audit)? else {
        return Ok(None);
    };
    let (mut newest, mut is_nameless) = (None, false);
    for entry in &audit.value {
        let is_update = entry.action.value() == Some(&UPDATE);
        let changes = entry
            .changedata
            .text()
            .map_or((!is_update).then_some(false), |data| {
                changes_business_unit(data, is_update)
            });
        is_nameless |= changes.is_none();
        let time = entry.createdon.text().and_then(parse_time);
        if changes == Some(true) {
            let time =
                time.ok_or_else(|| Unknown::silent(USER_AUDIT, "an audit entry has no usable time"))?;
            newest = newest.max(Some(time));
        }
    }
    if newest.is_none() && is_nameless {
        return Err(Unknown::silent(
            USER_AUDIT,
            "an audit entry does not name the columns that it changed",
        ));
    }
    if newest.is_none() {
        whole(&context.evidence().user_audit)?;
    }
    Ok(newest)
}

/// Whether the XML has `<name>true</name>`, in any case and with any blanks around the value.
fn element_is_true(xml: &str, name: &str) -> bool {
    let xml = xml.to_ascii_lowercase();
    let opening = format!("<{}>", name.to_ascii_lowercase());
    xml.split_once(opening.as_str())
        .is_some_and(|(_, rest)| rest.trim_start().starts_with("true"))
}

/// Whether `changedata` of the audit table tells of another business unit:
/// `{"changedAttributes":[{"logicalName":"businessunitid","oldValue":…,"newValue":…}]}`. Read without the row and the table,
/// it comes back without the names, and then nobody knows.
fn changes_business_unit(changedata: &str, is_update: bool) -> Option<bool> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Changes {
        #[serde(default)]
        changed_attributes: Vec<Change>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    #[derive(Default)]
    struct Change {
        logical_name: Option<String>,
        old_value: Option<serde_json::Value>,
        new_value: Option<serde_json::Value>,
    }
    // Only an update lists columns; what else is recorded has words of its own.
    let Ok(changes) = serde_json::from_str::<Changes>(changedata) else {
        return (!is_update).then_some(false);
    };
    // Without an old value the entry tells of the row's creation, not of a move.
    let changed: Vec<&Change> = changes
        .changed_attributes
        .iter()
        .filter(|change| change.old_value.is_some() && change.old_value != change.new_value)
        .collect();
    let names_it = |change: &&Change| change.logical_name.as_deref() == Some("businessunitid");
    let is_nameless = |change: &&Change| change.logical_name.as_deref().is_none_or(str::is_empty);
    if changed.iter().any(names_it) {
        Some(true)
    } else if changed.iter().any(is_nameless) {
        None
    } else {
        Some(false)
    }
}
