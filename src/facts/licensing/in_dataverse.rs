//! What Dataverse knows about the account's licence.

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_row;
use crate::facts::licensing::table;
use crate::facts::licensing::table::Grade;
use crate::facts::reading::{Reading, Unknown, read};

/// By the row's own verdict, and the plans that it has synchronised.
pub(crate) fn is_unlicensed_in_dataverse(context: &Context<'_>) -> Reading<bool> {
    let row = existing_row(context)?;
    let by_row = row.islicensed.value().map(|licensed| !licensed);
    let by_plans = read(&context.evidence().license_info).and_then(|answer| {
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
