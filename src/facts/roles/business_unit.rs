//! Business units: roles of another unit, and roles that a move took away.

use jiff::Timestamp;

use super::super::Inputs;
use super::super::reading::{Reading, Unknown, found, read, whole};
use super::super::value::parse_time;
use super::held::name_of;
use super::{ORGANIZATION, USER_ROLES};

const USER_AUDIT: &str = "dataverse.user_audit";

impl Inputs<'_> {
    pub(super) fn roles_of_other_business_unit(&self) -> Reading<Vec<String>> {
        let roles = self.held_roles()?.direct()?;
        let unit = self.existing_row()?.business_unit_id.text().ok_or_else(|| {
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
    pub(super) fn organization_switch(&self, name: &str) -> Reading<bool> {
        let organization = read(&self.evidence().organization_row)?.0.as_ref();
        let settings = organization
            .filter(|row| !row.orgdborgsettings.is_missing())
            .ok_or_else(|| {
                Unknown::silent(ORGANIZATION, "the organisation does not show orgdborgsettings")
            })?;
        Ok(settings
            .orgdborgsettings
            .text()
            .is_some_and(|xml| element_is_true(xml, name)))
    }

    pub(super) fn business_unit_name(&self) -> Reading<String> {
        let unit = read(&self.evidence().business_unit)?.0.as_ref();
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
    pub(super) fn business_unit_changed_at(&self) -> Reading<Option<Timestamp>> {
        self.existing_row()?;
        let Some(audit) = found(&self.evidence().user_audit)? else {
            return Ok(None);
        };
        let mut newest = None;
        for entry in &audit.value {
            let changes = entry.changedata.text().is_some_and(changes_business_unit);
            let time = entry.createdon.text().and_then(parse_time);
            if changes {
                let time =
                    time.ok_or_else(|| Unknown::silent(USER_AUDIT, "an audit entry has no usable time"))?;
                newest = newest.max(Some(time));
            }
        }
        if newest.is_none() {
            whole(&self.evidence().user_audit)?;
        }
        Ok(newest)
    }
}

/// Whether the XML has `<name>true</name>`, in any case and with any blanks around the value.
fn element_is_true(xml: &str, name: &str) -> bool {
    let xml = xml.to_ascii_lowercase();
    let opening = format!("<{}>", name.to_ascii_lowercase());
    xml.split_once(opening.as_str())
        .is_some_and(|(_, rest)| rest.trim_start().starts_with("true"))
}

/// `changedata` of the audit table: `{"changedAttributes":[{"logicalName":"businessunitid","oldValue":…,"newValue":…}]}`.
fn changes_business_unit(changedata: &str) -> bool {
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
        logical_name: String,
        old_value: Option<serde_json::Value>,
        new_value: Option<serde_json::Value>,
    }
    serde_json::from_str::<Changes>(changedata).is_ok_and(|changes| {
        changes.changed_attributes.iter().any(|change| {
            // Without an old value the entry tells of the row's creation, not of a move.
            change.logical_name == "businessunitid"
                && change.old_value.is_some()
                && change.old_value != change.new_value
        })
    })
}
