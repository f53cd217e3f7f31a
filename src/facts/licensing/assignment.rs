//! Could the licence be assigned, and does its subscription run? Sources: <https://learn.microsoft.com/graph/api/resources/user>, <https://learn.microsoft.com/graph/api/resources/licensedetails>, <https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>.

use crate::snapshot::graph::LicenseAssignmentState;

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_user;
use crate::facts::licensing::assigned::{Assigned, Sku};
use crate::facts::licensing::in_dataverse::is_unlicensed_in_dataverse;
use crate::facts::licensing::licences::assigned;
use crate::facts::licensing::table;
use crate::facts::licensing::table::Grade;
use crate::facts::reading::{Reading, Unknown, all, any, read};

fn license_states<'c>(context: &'c Context<'_>) -> Reading<&'c [LicenseAssignmentState]> {
    let user = existing_user(context)?;
    let states = user
        .license_assignment_states
        .value()
        .filter(|_| !user.hides_licences());
    states
        .map(Vec::as_slice)
        .ok_or_else(|| Unknown::silent("graph.user", "the answer has no licence assignment states"))
}

/// Whether the licence in this SKU would count if its assignment worked; unknown SKUs are an open question.
pub(crate) fn sku_counts(context: &Context<'_>, sku_id: &str) -> Reading<bool> {
    if let Some(rows) = table::sku(sku_id) {
        return Ok(rows.iter().any(|row| row.grade == Grade::Grants));
    }
    let assigned = assigned(context)?;
    match assigned
        .skus
        .iter()
        .find(|sku| sku.id.eq_ignore_ascii_case(sku_id))
    {
        Some(sku) if sku.carries_granting_plan() => Ok(true),
        Some(sku) if !sku.unexplained => Ok(false),
        _ => Err(Unknown::silent(
            "graph.user",
            format!("the table of licences does not know the SKU {sku_id}"),
        )),
    }
}

/// Group licensing errors, direct assignment errors, plans in error and lapsed subscriptions, unless another licence does the job
/// (<https://learn.microsoft.com/graph/api/resources/user>, <https://learn.microsoft.com/graph/api/resources/licensedetails>, <https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>).
pub(crate) fn license_assignment_failed(context: &Context<'_>) -> Reading<bool> {
    let assigned = assigned(context);
    if let Ok(assigned) = &assigned {
        let works = assigned.skus.iter().any(|sku| {
            sku.grants()
                && (is_in_error(context, &sku.id) == Ok(false) || is_active_all_the_same(context, &sku.id))
                && has_lapsed(context, &sku.id) == Ok(false)
        });
        if works {
            return Ok(false);
        }
    }
    let states = license_states(context).and_then(|states| {
        any(states.iter().filter(|state| is_error(state)).map(|state| {
            let sku = state.sku_id.text().unwrap_or_default();
            all([is_in_error(context, sku), sku_counts(context, sku)])
        }))
    });
    let subscriptions =
        needed_skus(context).and_then(|needed| any(needed.iter().map(|sku| has_lapsed(context, sku))));
    match any([states, subscriptions, plans_failed(context)])? {
        false => something_to_assign(context, assigned).map(|()| false),
        true => Ok(true),
    }
}

/// Whether a plan that the account needs is in error and Dataverse has none: what Dataverse has got stays usable.
fn plans_failed(context: &Context<'_>) -> Reading<bool> {
    match assigned(context)?.skus.iter().any(Sku::failed) {
        true => is_unlicensed_in_dataverse(context),
        false => Ok(false),
    }
}

/// Without any licence for Dynamics 365 there is none that was assigned well.
fn something_to_assign(context: &Context<'_>, assigned: Reading<&Assigned>) -> Reading<()> {
    let is_missing = |assigned: &Assigned| {
        context
            .supposed
            .truth_or("license.missing", || assigned.missing())
    };
    match assigned {
        Ok(assigned) if is_missing(assigned) == Ok(true) => Err(Unknown::silent(
            assigned.section,
            "no licence for Dynamics 365 is assigned whose state could be told",
        )),
        _ => Ok(()),
    }
}

/// Ids of the account's SKUs that would license it. A lapsed one may be missing from the licence details, although
/// the directory object still has it.
fn needed_skus<'c>(context: &'c Context<'_>) -> Reading<Vec<&'c str>> {
    let detailed = assigned(context)?
        .skus
        .iter()
        .filter(|sku| sku.carries_granting_plan())
        .map(|sku| sku.id.as_str());
    let user = existing_user(context).ok();
    let on_the_user = user
        .map_or(&[][..], |user| user.assigned_licenses.items())
        .iter()
        .filter_map(|license| license.sku_id.text())
        .filter(|sku| sku_counts(context, sku) == Ok(true));
    let mut skus: Vec<&str> = detailed.chain(on_the_user).collect();
    skus.sort_unstable();
    skus.dedup();
    Ok(skus)
}

/// Whether every assignment of this SKU to the account is in error: the same SKU may also be assigned directly.
fn is_in_error(context: &Context<'_>, sku_id: &str) -> Reading<bool> {
    let mut of_sku = states_of(license_states(context)?, sku_id);
    let works = of_sku
        .clone()
        .any(|state| state.state.text() == Some("Active") && !is_error(state));
    Ok(!works && of_sku.any(is_error))
}

/// Whether an assignment of this SKU is active beside its error, and Dataverse has the account as licensed: then the error
/// keeps nothing from Work 365.
fn is_active_all_the_same(context: &Context<'_>, sku_id: &str) -> bool {
    let states = license_states(context).unwrap_or_default();
    states_of(states, sku_id).any(|state| state.state.text() == Some("ActiveWithError"))
        && is_unlicensed_in_dataverse(context) == Ok(false)
}

fn states_of<'s>(
    states: &'s [LicenseAssignmentState],
    sku_id: &'s str,
) -> impl Iterator<Item = &'s LicenseAssignmentState> + Clone {
    let is_of_sku = |id: &str| id.eq_ignore_ascii_case(sku_id);
    states
        .iter()
        .filter(move |state| state.sku_id.text().is_some_and(is_of_sku))
}

/// Whether the subscription behind the SKU is Suspended, LockedOut or Deleted; Warning is the grace period in
/// which the licence works. The account's own plans answer as well (capability status).
fn has_lapsed(context: &Context<'_>, sku_id: &str) -> Reading<bool> {
    let skus = read(&context.evidence().subscribed_skus);
    let subscribed = skus.as_ref().ok().and_then(|skus| {
        skus.value.iter().find(|sku| {
            sku.sku_id
                .text()
                .is_some_and(|id| id.eq_ignore_ascii_case(sku_id))
        })
    });
    if let Some(status) = subscribed.and_then(|sku| sku.capability_status.text()) {
        return Ok(matches!(status, "Suspended" | "LockedOut" | "Deleted"));
    }
    let plans = existing_user(context)
        .ok()
        .map(|user| user.assigned_plans.items());
    let rows = table::sku(sku_id).unwrap_or_default();
    let states: Vec<&str> = plans
        .unwrap_or_default()
        .iter()
        .filter(|plan| {
            plan.service_plan_id.text().is_some_and(|id| {
                rows.iter()
                    .any(|row| row.grade == Grade::Grants && row.plan_id.eq_ignore_ascii_case(id))
            })
        })
        .filter_map(|plan| plan.capability_status.text())
        .collect();
    if states.iter().any(|state| matches!(*state, "Enabled" | "Warning")) {
        return Ok(false);
    }
    if states
        .iter()
        .any(|state| matches!(*state, "Suspended" | "LockedOut"))
    {
        return Ok(true);
    }
    Err(skus.err().unwrap_or_else(|| {
        Unknown::silent(
            "graph.subscribed_skus",
            "the tenant's subscriptions do not list the account's licence",
        )
    }))
}

pub(crate) fn license_assignment_errors(context: &Context<'_>) -> Reading<Vec<String>> {
    let name = |sku_id: &str| {
        let product = table::sku(sku_id).and_then(|rows| rows.first().copied());
        product.map_or(sku_id, |row| row.product_name).to_owned()
    };
    let states = license_states(context);
    let mut errors: Vec<String> = states
        .as_deref()
        .unwrap_or_default()
        .iter()
        .filter(|state| is_error(state))
        .map(|state| {
            let reason = state.error.text().filter(|error| *error != "None");
            let how = state.assigned_by_group.text().map_or_else(
                || "assigned directly".to_owned(),
                |group| format!("assigned by group {group}"),
            );
            format!(
                "{}: {} ({how})",
                name(state.sku_id.text().unwrap_or_default()),
                reason.or(state.state.text()).unwrap_or("Error")
            )
        })
        .collect();
    if let Ok(needed) = needed_skus(context) {
        let lapsed = needed
            .into_iter()
            .filter(|sku| has_lapsed(context, sku) == Ok(true));
        errors.extend(lapsed.map(|sku| format!("{}: the subscription does not run", name(sku))));
    }
    if plans_failed(context) == Ok(true) {
        let failed = assigned(context)?.skus.iter().filter(|sku| sku.failed());
        errors.extend(failed.map(|sku| format!("{}: its plans could not be provisioned", sku.name)));
    }
    if errors.is_empty() {
        states?;
    }
    Ok(errors)
}

/// The group through which a failed licence comes; nothing when it is assigned directly.
pub(crate) fn failed_assignment_group<'c>(context: &'c Context<'_>) -> Reading<Option<&'c str>> {
    let mut failed = license_states(context)?.iter().filter(|state| is_error(state));
    Ok(failed.find_map(|state| state.assigned_by_group.text()))
}

/// Of the states Active, ActiveWithError, Disabled and Error those that tell of an error
/// (<https://learn.microsoft.com/graph/api/resources/licenseassignmentstate>).
fn is_error(state: &LicenseAssignmentState) -> bool {
    matches!(state.state.text(), Some("Error" | "ActiveWithError" | "Disabled"))
}
