//! Which service plans let an account into Dataverse, by GUID: `rules/data/licenses.csv`. A row is taken apart when
//! somebody asks for it: an account has a handful of thousands.
//!
//! The table is ours: one row per SKU and relevant service plan, with a class of our own. Source: <https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>.
//! Names differ between Microsoft's own releases of the list, so nothing is joined on a name.

use std::collections::HashMap;
use std::ops::{Range, RangeFrom};
use std::sync::LazyLock;

use crate::embedded::{self, SortedLines};

/// The rows, sorted by SKU.
static ROWS: LazyLock<SortedLines> =
    LazyLock::new(|| SortedLines::below_heading(embedded::text("rules/data/licenses.csv")));

/// What a service plan is worth to an account that Work 365 uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// Dynamics 365 customer engagement, Dataverse or Power Apps: the account is licensed.
    Grants,
    /// Team Members, a plan seeded in Microsoft 365, free, trial, Business Central or capacity: not enough.
    Limited,
}

/// One relevant plan of one SKU.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// Service plan id, lower case.
    pub(crate) plan_id: &'static str,
    /// Service plan name, to show.
    pub(crate) plan_name: &'static str,
    /// Product name as the Microsoft 365 admin center shows it.
    pub(crate) product_name: &'static str,
    /// What the plan is worth in this SKU.
    pub(crate) grade: Grade,
    /// A Power Apps plan: it normally comes beside the plan that decides (<https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference>).
    pub(crate) accompanies: bool,
}

/// A row for each plan. Team Members SKUs contain plans that are worth more elsewhere: what a plan is worth on its own is
/// told by another SKU that has it.
static BY_PLAN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let is_of_team_members = |line: &str| {
        line.get(CLASS)
            .is_some_and(|rest| rest.starts_with(TEAM_MEMBERS_CLASS))
    };
    let mut plans: HashMap<_, &str> = HashMap::with_capacity(700);
    for line in ROWS.all() {
        let known = plans.entry(line.get(PLAN_ID).unwrap_or_default()).or_insert(line);
        if is_of_team_members(known) && !is_of_team_members(line) {
            *known = line;
        }
    }
    plans
});

/// Where the second column stands: the first is an id too, and ids are of one length.
const PLAN_ID: Range<usize> = 37..73;

/// Where the third begins.
const CLASS: RangeFrom<usize> = 74..;

const TEAM_MEMBERS_CLASS: &str = "team_members";

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.splitn(5, ',');
    let (_, plan_id, class) = (columns.next()?, columns.next()?, columns.next()?);
    let (plan_name, product) = (columns.next()?, columns.next()?);
    Some(Row {
        plan_id,
        plan_name,
        product_name: product.trim_matches('"'),
        grade: grade(class),
        accompanies: matches!(class, "powerapps" | "powerapps_d365"),
    })
}

fn grade(class: &str) -> Grade {
    match class {
        "d365_ce" | "dataverse" | "powerapps" | "powerapps_d365" | "d365_fno" => Grade::Grants,
        _ => Grade::Limited,
    }
}

/// The relevant plans of a SKU; `None` when the table does not know the SKU.
pub(crate) fn sku(sku_id: &str) -> Option<Vec<Row>> {
    let rows: Vec<Row> = ROWS.with(&sku_id.to_ascii_lowercase()).filter_map(row).collect();
    Some(rows).filter(|rows| !rows.is_empty())
}

/// A plan whatever its SKU; `None` when the table does not know the plan.
pub(crate) fn plan(plan_id: &str) -> Option<Row> {
    row(BY_PLAN.get(plan_id.to_ascii_lowercase().as_str())?)
}

/// The customer engagement plans DYN365_TEAM_MEMBERS, …_ENTERPRISE_TEAM_MEMBERS and its government form.
const TEAM_MEMBERS: [&str; 3] = [
    "4092fdb5-8d81-41d3-be76-aaba4074530b",
    "6a54b05e-4fab-40e7-9828-428db3b336fa",
    "5a94d0aa-ee95-455a-bb38-326e5f134478",
];

/// Whether this plan marks the SKU that has it as a Team Members licence, whatever else is in it.
pub(crate) fn marks_team_members(plan_id: &str) -> bool {
    TEAM_MEMBERS.iter().any(|id| plan_id.eq_ignore_ascii_case(id))
}

/// Whether a plan that the table does not know surely has nothing to do with Dataverse: it belongs to a family of other
/// services. Names are used for this one exclusion only; a plan that no family claims stays unexplained.
pub(crate) fn belongs_to_another_service(plan_name: &str) -> bool {
    const FAMILIES: &[&str] = &[
        "AAD_",
        "ADALLOM",
        "ATP_",
        "AZURE_INFO",
        "BI_AZURE",
        "BPOS_S",
        "CLIPCHAMP",
        "DESKLESS",
        "EOP_",
        "EXCHANGE",
        "FLOW_O365",
        "FORMS_PLAN",
        "INFORMATION_",
        "INFO_GOVERNANCE",
        "INTUNE",
        "KAIZALA",
        "LOCKBOX",
        "M365_LIGHTHOUSE",
        "MCO",
        "MDE_",
        "MESH_",
        "MFA_",
        "MICROSOFTBOOKINGS",
        "MICROSOFTENDPOINTDLP",
        "MICROSOFT_LOOP",
        "MIP_S",
        "ML_CLASSIFICATION",
        "MTP",
        "MYANALYTICS",
        "NUCLEUS",
        "OFFICE",
        "ONEDRIVE",
        "PAM_ENTERPRISE",
        "PEOPLE_SKILLS",
        "PLACES_",
        "PREMIUM_ENCRYPTION",
        "PURVIEW",
        "RECORDS_MANAGEMENT",
        "RMS_",
        "SAFEDOCS",
        "SHAREPOINT",
        "STREAM",
        "SWAY",
        "TEAMS",
        "THREAT_INTELLIGENCE",
        "UNIVERSAL_PRINT",
        "VISIO",
        "VIVA",
        "WHITEBOARD",
        "WIN10",
        "WINDEFATP",
        "WINDOWS",
        "YAMMER",
    ];
    let name = plan_name.to_ascii_uppercase();
    FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::{Grade, ROWS, belongs_to_another_service, marks_team_members, plan, row, sku};

    const SALES: &str = "1e1a282c-9c54-43a2-9310-98ef728faace";
    const TEAM_MEMBERS: &str = "7ac9fe77-66b7-4e5e-9e46-10eed1cff547";
    const FIELD_SERVICE_PLAN: &str = "8c66ef8a-177f-4c0d-853c-d4f219331d09";

    #[test]
    fn every_line_of_the_table_is_read_and_every_class_is_one_that_is_graded() {
        assert!(ROWS.all().all(|line| row(line).is_some()));
        assert!(ROWS.all().is_sorted_by_key(|line| line.split(',').next()));
        for line in ROWS.all() {
            let columns: Vec<&str> = line.splitn(5, ',').collect();
            assert_eq!(columns[0].len(), 36, "{line}");
            assert_eq!(columns[1].len(), 36, "{line}");
            assert_eq!(
                (&line[super::PLAN_ID], &line[super::CLASS]),
                (columns[1], columns[2..].join(",").as_str())
            );
            assert!(
                [
                    "d365_ce",
                    "dataverse",
                    "powerapps",
                    "powerapps_d365",
                    "d365_fno",
                    "team_members",
                    "d365_bc",
                    "d365_trial",
                    "dataverse_m365",
                    "powerapps_m365",
                    "dataverse_free_or_trial",
                    "powerapps_free_or_trial",
                    "capacity_or_portal",
                ]
                .contains(&columns[2]),
                "{line}"
            );
        }
    }

    #[test]
    fn a_plan_is_worth_less_inside_a_team_members_licence() {
        assert!(sku(SALES).unwrap().iter().any(|row| row.grade == Grade::Grants));
        let team = sku(TEAM_MEMBERS).unwrap();
        assert!(team.iter().all(|row| row.grade == Grade::Limited));
        assert!(team.iter().any(|row| row.plan_id == FIELD_SERVICE_PLAN));
        assert_eq!(plan(FIELD_SERVICE_PLAN).unwrap().grade, Grade::Grants);
        assert!(!marks_team_members(FIELD_SERVICE_PLAN));
        assert!(marks_team_members("4092fdb5-8d81-41d3-be76-aaba4074530b"));
    }

    #[test]
    fn the_marks_of_team_members_are_plans_of_the_table() {
        for id in super::TEAM_MEMBERS {
            assert!(plan(id).unwrap().plan_name.contains("TEAM_MEMBERS"), "{id}");
        }
    }

    #[test]
    fn ids_are_joined_whatever_their_case() {
        assert!(sku(&SALES.to_ascii_uppercase()).is_some());
        assert!(sku("00000000-0000-0000-0000-000000000001").is_none());
    }

    #[test]
    fn only_the_families_of_other_services_are_ruled_out_by_name() {
        assert!(belongs_to_another_service("AAD_PREMIUM_P2"));
        assert!(belongs_to_another_service("exchange_s_enterprise"));
        assert!(!belongs_to_another_service("DYN365_SOMETHING_NEW"));
        assert!(!belongs_to_another_service(""));
    }
}
