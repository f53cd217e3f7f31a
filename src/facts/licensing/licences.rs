//! Reads the account's licences: from their details, else from the directory object.

use crate::snapshot::graph::{AssignedPlan, LicenseDetail, ServicePlan, User};

use crate::facts::context::Context;
use crate::facts::identity::subject::existing_user;
use crate::facts::licensing::assigned::{Assigned, Plan, Sku, Switch};
use crate::facts::licensing::table;
use crate::facts::licensing::table::Grade;
use crate::facts::reading::{Reading, Unknown, complete, read};

pub(crate) fn assigned<'c>(context: &'c Context<'_>) -> Reading<&'c Assigned> {
    context
        .once(&context.caches.assigned, || complete(|| read_licences(context)))
        .as_ref()
        .map_err(Clone::clone)
}

/// Whether Entra licenses the account for Dynamics 365 or Power Platform.
pub(crate) fn is_licensed(context: &Context<'_>) -> Reading<bool> {
    assigned(context)?.granted()
}

/// Reads the account's licences: licence details are the best source, the directory object the second (<https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>).
fn read_licences(context: &Context<'_>) -> Reading<Assigned> {
    match read(&context.evidence().license_details) {
        Ok(details) => Ok(Assigned {
            skus: details
                .value
                .iter()
                .map(|detail| from_detail(context, detail))
                .collect(),
            section: "graph.license_details",
        }),
        Err(details) => {
            let user = existing_user(context).map_err(|user| details.clone().and(user))?;
            from_user(context, user).map_err(|user| user.and(details))
        }
    }
}

fn from_detail(context: &Context<'_>, detail: &LicenseDetail) -> Sku {
    let id = detail.sku_id.text().unwrap_or_default();
    let plans = detail.service_plans.items();
    if plans.is_empty() {
        return from_assignment(context, id, &[], None);
    }
    graded(id, detail.sku_part_number.text(), plans, |plan| {
        match plan.provisioning_status.text() {
            Some("Disabled") => Switch::Off,
            // The plan is not provisioned (<https://learn.microsoft.com/graph/api/resources/provisionedplan>).
            Some("Error") => Switch::Failed,
            _ => Switch::On,
        }
    })
}

fn from_user(context: &Context<'_>, user: &User) -> Reading<Assigned> {
    let plans = user.assigned_plans.value().map(Vec::as_slice);
    let section = "graph.user";
    let Some(licenses) = user.assigned_licenses.value().filter(|_| !user.hides_licences()) else {
        return from_plans_alone(plans).ok_or_else(|| {
            Unknown::silent(
                section,
                "the answer has neither assigned licences nor a plan that counts",
            )
        });
    };
    let mut skus: Vec<Sku> = licenses
        .iter()
        .map(|license| {
            let id = license.sku_id.text().unwrap_or_default();
            from_assignment(context, id, license.disabled_plans.items(), plans)
        })
        .collect();
    // A plan that counts, is on, and belongs to a SKU that the table does not know explains that SKU.
    if let Some(unexplained) = skus.iter().position(|sku| sku.unexplained)
        && let Some(mut from_plans) = from_plans_alone(plans)
        && let Some(mut explained) = from_plans.skus.pop()
    {
        explained.plans.retain(|plan| {
            !skus
                .iter()
                .any(|sku| sku.plans.iter().any(|known| known.id == plan.id))
        });
        if explained.carries_granting_plan() {
            skus[unexplained].plans = explained.plans;
        }
    }
    Ok(Assigned { skus, section })
}

/// What assigned plans prove by themselves: that the account is licensed, never that it is not. Nothing when a Team
/// Members plan is among them, because its licence brings plans that are worth more elsewhere.
fn from_plans_alone(plans: Option<&[AssignedPlan]>) -> Option<Assigned> {
    let plans = plans?;
    let on: Vec<&AssignedPlan> = plans.iter().filter(|plan| is_usable(plan)).collect();
    let has =
        |test: &dyn Fn(&str) -> bool| on.iter().filter_map(|plan| plan.service_plan_id.text()).any(test);
    let grants = |id: &str| table::plan(id).is_some_and(|row| row.grade == Grade::Grants);
    if has(&table::marks_team_members) || !has(&grants) {
        return None;
    }
    let plans = on
        .iter()
        .filter_map(|plan| table::plan(plan.service_plan_id.text()?))
        .map(|row| Plan {
            id: row.plan_id.to_owned(),
            name: row.plan_name.to_owned(),
            grade: row.grade,
            switch: Switch::On,
            accompanies: row.accompanies,
        })
        .collect();
    Some(Assigned {
        skus: vec![Sku {
            id: String::new(),
            name: "assigned plans".to_owned(),
            plans,
            unexplained: false,
        }],
        section: "graph.user",
    })
}

fn is_usable(plan: &AssignedPlan) -> bool {
    matches!(plan.capability_status.text(), Some("Enabled" | "Warning"))
}

fn has_lapsed(plan: &AssignedPlan) -> bool {
    matches!(plan.capability_status.text(), Some("Suspended" | "LockedOut"))
}

/// A SKU of which only the id, the plans switched off and, if read, the user's own plans are known.
fn from_assignment(
    context: &Context<'_>,
    sku_id: &str,
    disabled: &[String],
    assigned: Option<&[AssignedPlan]>,
) -> Sku {
    let switch = |plan_id: &str| {
        if disabled.iter().any(|id| id.eq_ignore_ascii_case(plan_id)) {
            return Switch::Off;
        }
        let mut states = assigned.unwrap_or_default().iter().filter(|plan| {
            plan.service_plan_id
                .text()
                .is_some_and(|id| id.eq_ignore_ascii_case(plan_id))
        });
        let lapsed = states.clone().any(has_lapsed) && !states.any(is_usable);
        if lapsed { Switch::Lapsed } else { Switch::On }
    };
    if let Some(rows) = table::sku(sku_id) {
        let plans = rows.iter().map(|row| Plan {
            id: row.plan_id.to_owned(),
            name: row.plan_name.to_owned(),
            grade: row.grade,
            switch: switch(row.plan_id),
            accompanies: row.accompanies,
        });
        return Sku {
            id: sku_id.to_owned(),
            name: rows.first().map_or(sku_id, |row| row.product_name).to_owned(),
            plans: settled(plans.collect()),
            unexplained: false,
        };
    }
    let subscribed = context.evidence().subscribed_skus.ok().and_then(|skus| {
        skus.value.iter().find(|sku| {
            sku.sku_id
                .text()
                .is_some_and(|id| id.eq_ignore_ascii_case(sku_id))
        })
    });
    let (name, plans) = subscribed.map_or((None, &[][..]), |sku| {
        (sku.sku_part_number.text(), sku.service_plans.items())
    });
    graded(sku_id, name, plans, |plan| {
        switch(plan.service_plan_id.text().unwrap_or_default())
    })
}

/// A Power Apps plan that is left on does not make up for the SKU's own Dynamics 365 plans when all of them are switched
/// off (<https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>).
fn settled(mut plans: Vec<Plan>) -> Vec<Plan> {
    let mut decisive = plans
        .iter()
        .filter(|plan| plan.grade == Grade::Grants && !plan.accompanies)
        .peekable();
    if decisive.peek().is_some() && decisive.all(|plan| plan.switch == Switch::Off) {
        for plan in plans.iter_mut().filter(|plan| plan.accompanies) {
            plan.grade = Grade::Limited;
        }
    }
    plans
}

/// Grades the plans of a SKU as an answer lists them.
fn graded(
    sku_id: &str,
    name: Option<&str>,
    plans: &[ServicePlan],
    switch: impl Fn(&ServicePlan) -> Switch,
) -> Sku {
    let rows = table::sku(sku_id);
    let is_team_members = plans
        .iter()
        .any(|plan| plan.service_plan_id.text().is_some_and(table::marks_team_members));
    let mut unexplained = rows.is_none() && plans.is_empty();
    let mut relevant = Vec::new();
    for plan in plans {
        let id = plan.service_plan_id.text().unwrap_or_default();
        let in_sku = rows
            .as_ref()
            .and_then(|rows| rows.iter().find(|row| row.plan_id.eq_ignore_ascii_case(id)))
            .copied();
        let Some(row) = in_sku.or_else(|| table::plan(id)) else {
            // A SKU of the table lists all of its relevant plans, so what it lacks there does not matter.
            let other_service = plan
                .service_plan_name
                .text()
                .is_some_and(table::belongs_to_another_service);
            unexplained |= rows.is_none() && !other_service;
            continue;
        };
        let limited_by_sku = is_team_members && in_sku.is_none();
        relevant.push(Plan {
            id: row.plan_id.to_owned(),
            name: row.plan_name.to_owned(),
            grade: if limited_by_sku { Grade::Limited } else { row.grade },
            switch: switch(plan),
            accompanies: row.accompanies,
        });
    }
    let product = rows
        .and_then(|rows| rows.first().copied())
        .map(|row| row.product_name);
    Sku {
        id: sku_id.to_owned(),
        name: product.or(name).unwrap_or(sku_id).to_owned(),
        plans: settled(relevant),
        unexplained,
    }
}
