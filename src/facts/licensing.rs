//! Facts of the area licensing: what the account's licences are worth to Dynamics 365.
//!
//! By service plan GUID (`licensing/table.rs`), never by name; an unknown SKU is unknown, never "no licence".

mod assigned;
mod assignment;
mod table;

use std::sync::OnceLock;

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::Field;

use super::reading::{Reading, Unknown, read};
use super::value::{FactValue, Kind, parse_time};
use super::{FactDefinition, Inputs, fact};
use assigned::{Assigned, Switch};
use table::Grade;

/// Readings that several facts of this file start from, computed once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    assigned: OnceLock<Reading<Assigned>>,
}

/// Where the account's licences are read from, the best source first.
const LICENCES: &[&str] = &["graph.license_details", "graph.user", "graph.subscribed_skus"];

/// Access mode of a row that needs no licence. Source: api-facts D-02.
const NON_INTERACTIVE: i64 = 4;

/// The facts of this file.
pub(super) const FACTS: &[FactDefinition] = &[
    fact(
        "license.names",
        Kind::Texts,
        LICENCES,
        "Products assigned to the account, as the Microsoft 365 admin center names them.",
        |inputs| {
            let names: Vec<String> = inputs
                .assigned()?
                .skus
                .iter()
                .map(|sku| sku.name.clone())
                .collect();
            Ok(names.into())
        },
    ),
    fact(
        "license.granting_plans",
        Kind::Texts,
        LICENCES,
        "Service plans that license the account for Dynamics 365 or Power Platform and are on.",
        |inputs| Ok(inputs.assigned()?.plan_names(Grade::Grants, Switch::On).into()),
    ),
    fact(
        "license.plans_off",
        Kind::Texts,
        LICENCES,
        "Service plans that would license the account but are switched off in its licence.",
        |inputs| Ok(inputs.assigned()?.plan_names(Grade::Grants, Switch::Off).into()),
    ),
    fact(
        "license.limited_plans",
        Kind::Texts,
        LICENCES,
        "Service plans that are on but not enough: Team Members, seeded in Microsoft 365, free, trial, Business Central, capacity.",
        |inputs| Ok(inputs.assigned()?.plan_names(Grade::Limited, Switch::On).into()),
    ),
    fact(
        "license.granted",
        Kind::Bool,
        LICENCES,
        "At least one plan that licenses the account for Dynamics 365 or Power Platform is on.",
        |inputs| inputs.is_licensed().map(Into::into),
    ),
    fact(
        "license.missing",
        Kind::Bool,
        LICENCES,
        "No licence of the account carries any Dynamics 365 or Power Platform plan.",
        |inputs| inputs.assigned()?.missing().map(Into::into),
    ),
    fact(
        "license.switched_off",
        Kind::Bool,
        LICENCES,
        "A licence carries plans that count, and every one of them is switched off.",
        |inputs| inputs.assigned()?.plans_switched_off().map(Into::into),
    ),
    fact(
        "license.switched_off_sku",
        Kind::Text,
        LICENCES,
        "SKU id of the licence whose plans are switched off; null when there is none.",
        |inputs| {
            let skus = &inputs.assigned()?.skus;
            let sku = skus
                .iter()
                .find(|sku| sku.carries_granting_plan() && !sku.grants());
            Ok(sku.map(|sku| sku.id.clone()).into())
        },
    )
    .nullable(),
    fact(
        "license.only_limited",
        Kind::Bool,
        LICENCES,
        "Only plans that are not enough for Work 365 are on, and no licence carries a better one.",
        |inputs| inputs.assigned()?.insufficient().map(Into::into),
    ),
    fact(
        "license.exempt",
        Kind::Bool,
        &["dataverse.system_users"],
        "The evidence shows that this identity needs no licence: an application user, or a row in Access Mode Non-interactive.",
        |inputs| Ok(inputs.is_exempt_from_licensing().into()),
    ),
    fact(
        "license.assignment_failed",
        Kind::Bool,
        &["graph.user", "graph.subscribed_skus"],
        "Assigning the licence that the account needs has failed, or the subscription behind it does not run.",
        |inputs| inputs.license_assignment_failed().map(Into::into),
    ),
    fact(
        "license.assignment_errors",
        Kind::Texts,
        &["graph.user", "graph.subscribed_skus"],
        "Every licence of the account that is in error or lapsed, with the reason.",
        |inputs| inputs.license_assignment_errors().map(Into::into),
    ),
    fact(
        "license.assignment_group",
        Kind::Text,
        &["graph.user"],
        "Object id of the group through which the failed licence comes; null when it is assigned directly.",
        |inputs| Ok(inputs.failed_assignment_group()?.into()),
    )
    .nullable(),
    fact(
        "license.usage_location",
        Kind::Text,
        &["graph.user"],
        "Country of use of the account, without which no licence can be assigned; null when unset.",
        |inputs| match &inputs.existing_user()?.usage_location {
            Field::Missing => Err(Unknown::silent("graph.user", "the answer has no usage location")),
            location => Ok(location.text().into()),
        },
    )
    .nullable(),
    fact(
        "license.changed_at",
        Kind::Time,
        &["graph.user"],
        "When a licence that counts was last assigned or changed; null when the directory does not say.",
        |inputs| inputs.license_changed_at().map(FactValue::from),
    )
    .nullable(),
    fact(
        "license.not_in_dataverse",
        Kind::Bool,
        &["dataverse.system_users", "dataverse.license_info"],
        "Dataverse still has the account as unlicensed, or has synchronised none of the plans that count.",
        |inputs| inputs.is_unlicensed_in_dataverse().map(Into::into),
    ),
    fact(
        "license.row_is_licensed",
        Kind::Bool,
        &["dataverse.system_users"],
        "Dataverse's own licence verdict on the row (islicensed).",
        |inputs| {
            let row = inputs.existing_row()?;
            let licensed = row.islicensed.value();
            licensed
                .copied()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("dataverse.system_users", "the row has no islicensed"))
        },
    ),
];

impl Inputs<'_> {
    fn assigned(&self) -> Reading<&Assigned> {
        self.licensing
            .assigned
            .get_or_init(|| assigned::assigned(self))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// Whether Entra licenses the account for Dynamics 365 or Power Platform.
    pub(super) fn is_licensed(&self) -> Reading<bool> {
        self.assigned()?.granted()
    }

    /// Whether an exception from the licence rule is proven (api-facts 8.2, domain G7). Without evidence of one the
    /// guidance stands: the account needs a licence.
    fn is_exempt_from_licensing(&self) -> bool {
        let row = self.row().ok().flatten();
        self.profile == Profile::ApplicationUser
            || row.is_some_and(|row| {
                row.accessmode.value() == Some(&NON_INTERACTIVE) || row.applicationid.text().is_some()
            })
    }

    /// The newest assignment of a licence that counts: what Dataverse may still have to catch up with.
    pub(super) fn license_changed_at(&self) -> Reading<Option<Timestamp>> {
        let user = self.existing_user()?;
        let by_state = user
            .license_assignment_states
            .items()
            .iter()
            .filter(|state| {
                let sku = state.sku_id.text().unwrap_or_default();
                self.sku_counts(sku) != Ok(false)
            })
            .filter_map(|state| state.last_updated_date_time.text());
        let by_plan = user
            .assigned_plans
            .items()
            .iter()
            .filter(|plan| {
                let grade = plan.service_plan_id.text().and_then(table::plan);
                grade.is_some_and(|row| row.grade == Grade::Grants)
                    && matches!(plan.capability_status.text(), Some("Enabled" | "Warning"))
            })
            .filter_map(|plan| plan.assigned_date_time.text());
        Ok(by_state.chain(by_plan).filter_map(parse_time).max())
    }

    /// What Dataverse knows about the licence: the row's own verdict, and the plans that it has synchronised.
    fn is_unlicensed_in_dataverse(&self) -> Reading<bool> {
        let row = self.existing_row()?;
        let by_row = row.islicensed.value().map(|licensed| !licensed);
        let by_plans = read(&self.evidence().license_info).and_then(|answer| {
            let plans = answer.license_info.value().map(|info| info.service_plans.items());
            let plans = plans.ok_or_else(|| {
                Unknown::silent(
                    "dataverse.license_info",
                    "the answer has no list of service plans",
                )
            })?;
            // A plan that the table does not know may count.
            Ok(!plans
                .iter()
                .filter_map(|plan| plan.service_plan_id.text())
                .any(|id| table::plan(id).is_none_or(|row| row.grade == Grade::Grants)))
        });
        match (by_row, by_plans) {
            (Some(true), _) | (_, Ok(true)) => Ok(true),
            (Some(false), _) | (_, Ok(false)) => Ok(false),
            (None, Err(unread)) => {
                Err(Unknown::silent("dataverse.system_users", "the row has no islicensed").and(unread))
            }
        }
    }
}
