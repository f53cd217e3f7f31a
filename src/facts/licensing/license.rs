//! Facts of the area licensing: what the account's licences are worth to Dynamics 365.
//!
//! By service plan GUID (`licensing/table.rs`), never by name; an unknown SKU is unknown, never "no licence".

use jiff::Timestamp;

use crate::profile::Profile;
use crate::snapshot::Field;

use crate::facts::context::Context;
use crate::facts::definition::{FactDefinition, fact};
use crate::facts::identity::subject::{existing_row, existing_user, row};
use crate::facts::licensing::assigned::Switch;
use crate::facts::licensing::assignment::{
    failed_assignment_group, license_assignment_errors, license_assignment_failed, sku_counts,
};
use crate::facts::licensing::in_dataverse::is_unlicensed_in_dataverse;
use crate::facts::licensing::licences::{assigned, is_licensed};
use crate::facts::licensing::table::{self, Grade};
use crate::facts::reading::{Reading, Unknown};
use crate::facts::value::{FactValue, Kind, parse_time};

/// Where the account's licences are read from, the best source first.
const LICENCES: &[&str] = &["graph.license_details", "graph.user", "graph.subscribed_skus"];

/// What says that a licence does not work.
const FAILURES: &[&str] = &[
    "graph.user",
    "graph.subscribed_skus",
    "graph.license_details",
    "dataverse.system_users",
    "dataverse.license_info",
];

/// Access mode of a row that needs no licence. Source: <https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/systemuser>.
const NON_INTERACTIVE: i64 = 4;

/// The facts of this file.
pub(crate) const FACTS: &[FactDefinition] = &[
    fact(
        "license.names",
        Kind::Texts,
        LICENCES,
        "Products assigned to the account, as the Microsoft 365 admin center names them.",
        |context| {
            let names: Vec<String> = assigned(context)?
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
        |context| Ok(assigned(context)?.plan_names(Grade::Grants, Switch::On).into()),
    ),
    fact(
        "license.plans_off",
        Kind::Texts,
        LICENCES,
        "Service plans that would license the account but are switched off in its licence.",
        |context| Ok(assigned(context)?.plan_names(Grade::Grants, Switch::Off).into()),
    ),
    fact(
        "license.limited_plans",
        Kind::Texts,
        LICENCES,
        "Service plans that are on but not enough: Team Members, seeded in Microsoft 365, free, trial, Business Central, capacity.",
        |context| Ok(assigned(context)?.plan_names(Grade::Limited, Switch::On).into()),
    ),
    fact(
        "license.granted",
        Kind::Bool,
        LICENCES,
        "At least one plan that licenses the account for Dynamics 365 or Power Platform is on.",
        |context| is_licensed(context).map(Into::into),
    ),
    fact(
        "license.missing",
        Kind::Bool,
        LICENCES,
        "No licence of the account carries any Dynamics 365 or Power Platform plan.",
        |context| assigned(context)?.missing().map(Into::into),
    ),
    fact(
        "license.switched_off",
        Kind::Bool,
        LICENCES,
        "A licence carries plans that count, and every one of them is switched off.",
        |context| assigned(context)?.plans_switched_off().map(Into::into),
    ),
    fact(
        "license.switched_off_sku",
        Kind::Text,
        LICENCES,
        "SKU id of the licence whose plans are switched off; null when there is none.",
        |context| {
            let skus = &assigned(context)?.skus;
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
        |context| assigned(context)?.insufficient().map(Into::into),
    ),
    fact(
        "license.exempt",
        Kind::Bool,
        &["dataverse.system_users"],
        "The evidence shows that this identity needs no licence: an application user, or a row in Access Mode Non-interactive.",
        |context| Ok(is_exempt_from_licensing(context).into()),
    ),
    fact(
        "license.assignment_failed",
        Kind::Bool,
        FAILURES,
        "Assigning the licence that the account needs has failed, its plans are in error and Dataverse has none, or the subscription behind it does not run.",
        |context| license_assignment_failed(context).map(Into::into),
    ),
    fact(
        "license.assignment_errors",
        Kind::Texts,
        FAILURES,
        "Every licence of the account that is in error or lapsed, with the reason.",
        |context| license_assignment_errors(context).map(Into::into),
    )
    .its_own_words(),
    fact(
        "license.assignment_group",
        Kind::Text,
        &["graph.user"],
        "Object id of the group through which the failed licence comes; null when it is assigned directly.",
        |context| Ok(failed_assignment_group(context)?.into()),
    )
    .its_own_words()
    .nullable(),
    fact(
        "license.usage_location",
        Kind::Text,
        &["graph.user"],
        "Country of use of the account, without which no licence can be assigned; null when unset.",
        |context| match &existing_user(context)?.usage_location {
            Field::Missing(_) => Err(Unknown::silent("graph.user", "the answer has no usage location")),
            location => Ok(location.text().into()),
        },
    )
    .nullable(),
    fact(
        "license.changed_at",
        Kind::Time,
        &["graph.user"],
        "When a licence that counts was last assigned or changed; null when the directory does not say.",
        |context| license_changed_at(context).map(FactValue::from),
    )
    .nullable(),
    fact(
        "license.not_in_dataverse",
        Kind::Bool,
        &["dataverse.system_users", "dataverse.license_info"],
        "Dataverse still has the account as unlicensed, or has synchronised none of the plans that count.",
        |context| is_unlicensed_in_dataverse(context).map(Into::into),
    ),
    fact(
        "license.row_is_licensed",
        Kind::Bool,
        &["dataverse.system_users"],
        "Dataverse's own licence verdict on the row (islicensed).",
        |context| {
            let row = existing_row(context)?;
            let licensed = row.islicensed.value();
            licensed
                .copied()
                .map(FactValue::from)
                .ok_or_else(|| Unknown::silent("dataverse.system_users", "the row has no islicensed"))
        },
    ),
];

/// Whether an exception from the licence rule is proven (<https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>). Without evidence of one the
/// guidance stands: the account needs a licence.
pub(crate) fn is_exempt_from_licensing(context: &Context<'_>) -> bool {
    let row = row(context).ok().flatten();
    context.is(Profile::ApplicationUser)
        || row.is_some_and(|row| {
            row.accessmode.value() == Some(&NON_INTERACTIVE) || row.applicationid.text().is_some()
        })
}

/// The newest assignment of a licence that counts: what Dataverse may still have to catch up with.
pub(crate) fn license_changed_at(context: &Context<'_>) -> Reading<Option<Timestamp>> {
    let user = existing_user(context)?;
    let by_state = user
        .license_assignment_states
        .items()
        .iter()
        .filter(|state| {
            let sku = state.sku_id.text().unwrap_or_default();
            sku_counts(context, sku) != Ok(false)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::{Value, json};

    use crate::facts::testing::case::{Case, POWER_APPS_PLAN, SALES, SALES_PLAN, detail, ok, plan};
    use crate::facts::value::FactValue;

    const DETAILS: &str = "graph.license_details";
    const USER: &str = "graph.user";
    const TEAM_MEMBERS: &str = "7ac9fe77-66b7-4e5e-9e46-10eed1cff547";
    const TEAM_MEMBERS_PLAN: &str = "4092fdb5-8d81-41d3-be76-aaba4074530b";
    const FIELD_SERVICE_PLAN: &str = "8c66ef8a-177f-4c0d-853c-d4f219331d09";
    const OFFICE_E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
    const BUSINESS_CENTRAL: &str = "2880026b-2b0c-4251-8656-5d41ff11e3aa";
    const UNKNOWN_SKU: &str = "12345678-0000-4000-8000-000000000000";
    const UNKNOWN_PLAN: &str = "12345678-0000-4000-8000-000000000001";

    /// granted, missing, switched off, only limited
    type Verdict = (Option<bool>, Option<bool>, Option<bool>, Option<bool>);

    fn verdict(case: &Case) -> Verdict {
        (
            case.flag("license.granted"),
            case.flag("license.missing"),
            case.flag("license.switched_off"),
            case.flag("license.only_limited"),
        )
    }

    const FULL: Verdict = (Some(true), Some(false), Some(false), Some(false));
    const NONE: Verdict = (Some(false), Some(true), Some(false), Some(false));
    const OFF: Verdict = (Some(false), Some(false), Some(true), Some(false));
    const LIMITED: Verdict = (Some(false), Some(false), Some(false), Some(true));
    const OPEN: Verdict = (None, None, None, None);

    fn with_details(details: Value) -> Case {
        Case::healthy().set(DETAILS, "/value", details)
    }

    /// Without licence details, so that the directory object decides.
    fn with_licenses(licenses: Value, plans: Value) -> Case {
        Case::healthy()
            .denied(DETAILS)
            .set(USER, "/assignedLicenses", licenses)
            .set(USER, "/assignedPlans", plans)
    }

    #[test]
    fn licence_details_are_read_by_plan() {
        assert_eq!(verdict(&Case::healthy()), FULL);
        assert_eq!(verdict(&with_details(json!([]))), NONE);
        let sales = |first: &str, second: &str| {
            with_details(json!([detail(
                SALES,
                "X",
                &[(SALES_PLAN, "A", first), (POWER_APPS_PLAN, "B", second)]
            )]))
        };
        assert_eq!(verdict(&sales("Disabled", "Disabled")), OFF);
        assert_eq!(
            verdict(&sales("Disabled", "Success")),
            OFF,
            "Power Apps alone does not make up for it"
        );
        assert_eq!(verdict(&sales("Success", "Disabled")), FULL);
        assert_eq!(
            verdict(&sales("PendingInput", "Disabled")),
            FULL,
            "pending is not off"
        );
        let off = sales("Disabled", "Disabled").fact("license.switched_off_sku");
        assert_eq!(off, Ok(FactValue::from(SALES)));
    }

    #[test]
    fn limited_licences_are_not_enough() {
        let _whole = crate::snapshot::whole_answers();
        let team = json!([detail(
            TEAM_MEMBERS,
            "DYN365_TEAM_MEMBERS",
            &[
                (TEAM_MEMBERS_PLAN, "A", "Success"),
                (FIELD_SERVICE_PLAN, "B", "Success"),
            ]
        )]);
        assert_eq!(verdict(&with_details(team)), LIMITED);
        for sku in [TEAM_MEMBERS, OFFICE_E3, BUSINESS_CENTRAL] {
            let case = with_licenses(json!([{"skuId": sku, "disabledPlans": []}]), json!([]));
            assert_eq!(verdict(&case), LIMITED, "{sku}");
        }
        let both = with_licenses(json!([{"skuId": OFFICE_E3}, {"skuId": SALES}]), json!([]));
        assert_eq!(verdict(&both), FULL);
        let better_is_off = with_licenses(
            json!([{"skuId": OFFICE_E3}, {"skuId": SALES, "disabledPlans": [SALES_PLAN, POWER_APPS_PLAN]}]),
            json!([]),
        );
        assert_eq!(verdict(&better_is_off), OFF);
    }

    #[test]
    fn the_directory_object_is_the_second_source() {
        let _whole = crate::snapshot::whole_answers();
        let plans = json!([plan(SALES_PLAN, "Enabled")]);
        assert_eq!(
            verdict(&with_licenses(json!([{"skuId": SALES}]), plans.clone())),
            FULL
        );
        assert_eq!(
            verdict(&with_licenses(json!([]), json!([plan(SALES_PLAN, "Deleted")]))),
            NONE
        );
        assert_eq!(verdict(&with_licenses(json!(null), json!(null))), OPEN);
        assert_eq!(
            with_licenses(json!(null), plans).flag("license.granted"),
            Some(true)
        );
        assert_eq!(verdict(&Case::healthy().denied(DETAILS).denied(USER)), OPEN);
        let hidden = with_licenses(json!([]), json!([]))
            .set(USER, "/licenseAssignmentStates", json!([]))
            .set(USER, "/accountEnabled", json!(null));
        assert_eq!(verdict(&hidden), OPEN, "an account always has accountEnabled");
    }

    #[test]
    fn a_licence_that_nobody_explains_is_an_open_question() {
        let _whole = crate::snapshot::whole_answers();
        let odd = |name: &str| detail(UNKNOWN_SKU, "NEW_SKU", &[(UNKNOWN_PLAN, name, "Success")]);
        assert_eq!(verdict(&with_details(json!([odd("DYN365_SOMETHING_NEW")]))), OPEN);
        assert_eq!(verdict(&with_details(json!([odd("AAD_PREMIUM_P2")]))), NONE);
        assert_eq!(
            verdict(&with_licenses(json!([{"skuId": UNKNOWN_SKU}]), json!([]))),
            OPEN
        );
        let beside = with_licenses(json!([{"skuId": UNKNOWN_SKU}, {"skuId": SALES}]), json!([]));
        assert_eq!(verdict(&beside), FULL, "another licence grants already");
        let explained = with_licenses(
            json!([{"skuId": UNKNOWN_SKU}]),
            json!([plan(SALES_PLAN, "Enabled")]),
        );
        assert_eq!(verdict(&explained), FULL, "an assigned plan explains it");
        let subscribed = with_licenses(json!([{"skuId": UNKNOWN_SKU}]), json!([])).set(
            "graph.subscribed_skus",
            "/value",
            json!([detail(UNKNOWN_SKU, "NEW_SKU", &[(SALES_PLAN, "A", "Success")])]),
        );
        assert_eq!(verdict(&subscribed), FULL);
    }

    fn state(sku: &str, state: &str, group: Value) -> Value {
        json!({"skuId": sku, "state": state, "error": "CountViolation", "assignedByGroup": group,
               "lastUpdatedDateTime": "2026-01-05T09:40:00Z"})
    }

    #[test]
    fn an_assignment_in_error_is_a_fault_unless_another_licence_works() {
        let fact = "license.assignment_failed";
        let states = |states: Value| Case::healthy().set(USER, "/licenseAssignmentStates", states);
        assert_eq!(Case::healthy().flag(fact), Some(false));
        assert_eq!(
            states(json!([state(SALES, "Error", json!("g"))])).flag(fact),
            Some(true)
        );
        assert_eq!(
            states(json!([state(SALES, "ActiveWithError", json!(null))])).flag(fact),
            Some(false),
            "it is active, and Dynamics 365 knows it"
        );
        let unlicensed = states(json!([state(SALES, "ActiveWithError", json!(null))])).set(
            "dataverse.system_users",
            "/value/0/islicensed",
            json!(false),
        );
        assert_eq!(unlicensed.flag(fact), Some(true));
        let also_direct =
            json!([state(SALES, "Error", json!("g")), {"skuId": SALES, "state": "Active", "error": "None"}]);
        assert_eq!(states(also_direct).flag(fact), Some(false));
        let unrelated = with_details(json!([])).set(
            USER,
            "/licenseAssignmentStates",
            json!([state(OFFICE_E3, "Error", json!(null))]),
        );
        assert_eq!(
            unrelated.flag(fact),
            None,
            "no licence for Dynamics 365 is there to tell of"
        );
        assert_eq!(with_details(json!([])).flag(fact), None);
        let unknown = with_details(json!([])).set(
            USER,
            "/licenseAssignmentStates",
            json!([state(UNKNOWN_SKU, "Error", json!(null))]),
        );
        assert_eq!(unknown.flag(fact), None);
        assert_eq!(
            Case::healthy().unset(USER, "/licenseAssignmentStates").flag(fact),
            None
        );
    }

    #[test]
    fn plans_in_error_are_a_fault_where_dataverse_has_none() {
        let failed = |plans: Value| {
            with_details(json!([detail(
                SALES,
                "X",
                &[(SALES_PLAN, "A", "Error"), (POWER_APPS_PLAN, "B", "Error")]
            )]))
            .section(
                "dataverse.license_info",
                ok(json!({"licenseInfo": {"ServicePlans": plans}})),
            )
        };
        let fact = "license.assignment_failed";
        let has = json!([{"ServicePlanId": SALES_PLAN, "Name": "A"}]);
        assert_eq!(failed(json!([])).flag(fact), Some(true));
        assert_eq!(failed(has).flag(fact), Some(false));
        match failed(json!([])).fact("license.assignment_errors") {
            Ok(FactValue::Texts(texts)) => {
                assert!(texts[0].ends_with("could not be provisioned"), "{texts:?}")
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_are_told_with_product_reason_and_group() {
        let case = Case::healthy().set(
            USER,
            "/licenseAssignmentStates",
            json!([state(SALES, "Error", json!("group-1"))]),
        );
        let told = "Dynamics 365 Sales Enterprise Edition: CountViolation (assigned by group group-1)";
        match case.fact("license.assignment_errors") {
            Ok(FactValue::Texts(texts)) => assert!(
                texts[0].ends_with("CountViolation (assigned by group group-1)"),
                "{texts:?} {told}"
            ),
            other => panic!("{other:?}"),
        }
        assert_eq!(
            case.fact("license.assignment_group"),
            Ok(FactValue::from("group-1"))
        );
    }

    #[test]
    fn a_subscription_must_run_but_may_be_in_grace() {
        let fact = "license.assignment_failed";
        let status = |status: &str| {
            Case::healthy()
                .set(
                    "graph.subscribed_skus",
                    "/value/0/capabilityStatus",
                    json!(status),
                )
                .flag(fact)
        };
        assert_eq!(status("Warning"), Some(false));
        let without_details = with_details(json!([])).set(
            "graph.subscribed_skus",
            "/value/0/capabilityStatus",
            json!("Suspended"),
        );
        assert_eq!(without_details.flag(fact), Some(true));
        assert_eq!(verdict(&without_details), NONE);
        for lapsed in ["Suspended", "LockedOut", "Deleted"] {
            assert_eq!(status(lapsed), Some(true), "{lapsed}");
        }
        let unread = || Case::healthy().denied("graph.subscribed_skus");
        assert_eq!(
            unread().flag(fact),
            Some(false),
            "the account's own plans are enabled"
        );
        assert_eq!(unread().set(USER, "/assignedPlans", json!([])).flag(fact), None);
        let suspended = json!([plan(SALES_PLAN, "Suspended"), plan(POWER_APPS_PLAN, "Suspended")]);
        let case = unread().denied(DETAILS).set(USER, "/assignedPlans", suspended);
        assert_eq!(case.flag(fact), Some(true));
        assert_eq!(
            verdict(&case),
            (Some(false), None, Some(false), Some(false)),
            "one cause, not three: what is on paper is neither there nor missing"
        );
    }

    #[test]
    fn only_proof_exempts_from_the_licence() {
        let fact = "license.exempt";
        let rows = "dataverse.system_users";
        assert_eq!(Case::healthy().flag(fact), Some(false));
        assert_eq!(
            Case::healthy()
                .set(rows, "/value/0/accessmode", json!(4))
                .flag(fact),
            Some(true)
        );
        assert_eq!(Case::healthy().denied(rows).flag(fact), Some(false));
        assert_eq!(Case::healthy_application_user().flag(fact), Some(true));
    }

    #[test]
    fn dataverse_may_not_know_the_licence_yet() {
        let fact = "license.not_in_dataverse";
        let rows = "dataverse.system_users";
        let info = "dataverse.license_info";
        let unlicensed = || Case::healthy().set(rows, "/value/0/islicensed", json!(false));
        assert_eq!(Case::healthy().flag(fact), Some(false));
        assert_eq!(unlicensed().flag(fact), Some(true));
        let no_plans = ok(json!({"licenseInfo": {"ServicePlans": []}}));
        assert_eq!(Case::healthy().section(info, no_plans).flag(fact), Some(true));
        let new_plan = ok(json!({"licenseInfo": {"ServicePlans": [{"ServicePlanId": UNKNOWN_PLAN}]}}));
        assert_eq!(Case::healthy().section(info, new_plan).flag(fact), Some(false));
        assert_eq!(Case::healthy().denied(info).flag(fact), Some(false));
        assert_eq!(unlicensed().denied(info).flag(fact), Some(true));
        assert_eq!(
            Case::healthy()
                .denied(info)
                .unset(rows, "/value/0/islicensed")
                .flag(fact),
            None
        );
        assert_eq!(Case::healthy().set(rows, "/value", json!([])).flag(fact), None);
    }

    #[test]
    fn the_clock_starts_with_the_newest_assignment_that_counts() {
        let changed = |case: Case| case.fact("license.changed_at");
        let at = |time: &str| Ok(FactValue::Time(time.parse().unwrap()));
        assert_eq!(changed(Case::healthy()), at("2026-01-05T09:00:00Z"));
        let office_later = json!([state(OFFICE_E3, "Active", json!(null))]);
        let case = Case::healthy().set(USER, "/licenseAssignmentStates", office_later);
        assert_eq!(changed(case), at("2026-01-05T09:00:00Z"), "the plan's own time");
        let sales_later = json!([state(SALES, "Active", json!(null))]);
        let case = Case::healthy().set(USER, "/licenseAssignmentStates", sales_later);
        assert_eq!(changed(case), at("2026-01-05T09:40:00Z"));
        let silent = Case::healthy()
            .set(USER, "/licenseAssignmentStates", json!([]))
            .set(USER, "/assignedPlans", json!([]));
        assert_eq!(changed(silent), Ok(FactValue::Null));
    }
}
