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

/// Whether the unit that the row belongs to is disabled. An answer about another unit is none.
pub(crate) fn business_unit_is_disabled(context: &Context<'_>) -> Reading<bool> {
    let silent = |why: &str| Unknown::silent("dataverse.business_unit", why);
    let unit = read(&context.evidence().business_unit)?.0.as_ref();
    let unit = unit.ok_or_else(|| silent("there is no such business unit"))?;
    let own = existing_row(context)?.business_unit_id.text();
    if let (Some(own), Some(id)) = (own, unit.businessunitid.text())
        && !own.eq_ignore_ascii_case(id)
    {
        return Err(silent("the answer is about another business unit"));
    }
    let is_disabled = unit.isdisabled.value().copied();
    is_disabled.ok_or_else(|| silent("the business unit does not show whether it is disabled"))
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
        // Only an update lists columns; what else is recorded has words of its own.
        let unlisted = || (entry.action.value() != Some(&UPDATE)).then_some(false);
        let changes = match entry.changedata.text().map(serde_json::from_str::<Changes>) {
            Some(Ok(changes)) => changes.names_another_unit(),
            Some(Err(_)) | None => unlisted(),
        };
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

/// What `changedata` of the audit table lists: `{"changedAttributes":[{"logicalName":"businessunitid","oldValue":…,"newValue":…}]}`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    #[serde(default)]
    changed_attributes: Vec<Change>,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Change {
    logical_name: Option<String>,
    old_value: Option<serde_json::Value>,
    new_value: Option<serde_json::Value>,
}

impl Changes {
    /// Whether the row has another business unit now. Read without the row and the table, the list comes back without the
    /// columns' names, and then nobody knows.
    fn names_another_unit(&self) -> Option<bool> {
        // Without an old value the entry tells of the row's creation, not of a move.
        let changed: Vec<&Change> = self
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
}
