//! Unit tests of the roles facts, on small snapshots.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use crate::facts::testing::row::{OBJECT_ID, denied, fact_of, ok, with_row};
use crate::facts::{FactValue, Reading};
use crate::profile::Profile;

const TEMPLATE: &str = "627090ff-40a3-4053-8790-584edc5be201";

fn legacy(sections: Value, name: &str) -> Reading<FactValue> {
    fact_of(&with_row(json!({}), sections), Profile::LegacyPassword, name)
}

fn consent(sections: Value, name: &str) -> Reading<FactValue> {
    fact_of(&with_row(json!({}), sections), Profile::Consent, name)
}

fn texts<const N: usize>(values: [&str; N]) -> Reading<FactValue> {
    Ok(values.map(str::to_owned).to_vec().into())
}

fn administrator() -> Value {
    json!({"roleid": "sa", "name": "System Administrator", "isinherited": 1,
           "_roletemplateid_value": TEMPLATE, "_businessunitid_value": "root"})
}

fn role(name: &str) -> Value {
    json!({"roleid": name, "name": name, "isinherited": 1, "_roletemplateid_value": null,
           "_parentrootroleid_value": name, "_businessunitid_value": "root"})
}

fn team(roles: Value) -> Value {
    json!({"teamid": "t1", "name": "Administrators", "teamtype": 0, "roles": roles})
}

fn roles_and_teams(roles: Value, teams: Value) -> Value {
    json!({"dataverse.user_roles": ok(roles), "dataverse.user_teams": ok(teams)})
}

#[test]
fn a_direct_assignment_decides_even_when_teams_are_unreadable() {
    let sections = json!({"dataverse.user_roles": ok(json!([administrator()])),
                          "dataverse.user_teams": denied()});
    assert_eq!(
        legacy(sections.clone(), "roles.system_administrator"),
        Ok(true.into())
    );
    assert_eq!(legacy(sections, "roles.none"), Ok(false.into()));
}

#[test]
fn absence_is_known_only_when_teams_were_read() {
    let unread = json!({"dataverse.user_roles": ok(json!([role("Basic User")])),
                        "dataverse.user_teams": denied()});
    assert!(legacy(unread, "roles.system_administrator").is_err());
    let without_roles = json!([{"teamid": "t", "name": "t", "teamtype": 0}]);
    let unlisted = roles_and_teams(json!([]), without_roles);
    assert!(legacy(unlisted.clone(), "roles.system_administrator").is_err());
    assert!(legacy(unlisted, "roles.none").is_err());
    let read = roles_and_teams(json!([]), json!([team(json!([]))]));
    assert_eq!(
        legacy(read.clone(), "roles.system_administrator"),
        Ok(false.into())
    );
    assert_eq!(legacy(read, "roles.none"), Ok(true.into()));
}

#[test]
fn an_access_team_brings_nothing() {
    let mut access = team(json!([administrator()]));
    access["teamtype"] = json!(1);
    let sections = roles_and_teams(json!([]), json!([access]));
    assert_eq!(legacy(sections, "roles.none"), Ok(true.into()));
}

#[test]
fn the_template_decides_and_the_name_does_not() {
    let mut renamed = administrator();
    renamed["name"] = json!("Systemadministrator");
    let sections = roles_and_teams(json!([renamed]), json!([]));
    assert_eq!(
        legacy(sections.clone(), "roles.system_administrator"),
        Ok(true.into())
    );
    assert_eq!(legacy(sections, "roles.look_alikes"), texts([]));
    for name in [
        "System Administrator",
        " system  administrator ",
        "Administrateur système",
    ] {
        let sections = roles_and_teams(json!([role(name)]), json!([]));
        assert_eq!(
            legacy(sections.clone(), "roles.system_administrator"),
            Ok(false.into())
        );
        assert_eq!(legacy(sections, "roles.look_alikes"), texts([name.trim()]));
    }
}

#[test]
fn a_copy_of_the_role_is_known_by_its_root_role_or_not_at_all() {
    let mut copy = role("System Administrator");
    copy["roleid"] = json!("copy");
    copy["_parentrootroleid_value"] = json!("sa");
    let mut sections = roles_and_teams(json!([copy]), json!([]));
    assert!(legacy(sections.clone(), "roles.system_administrator").is_err());
    assert!(legacy(sections.clone(), "roles.look_alikes").is_err());
    sections["dataverse.operator_roles"] = ok(json!([administrator()]));
    assert_eq!(
        legacy(sections.clone(), "roles.system_administrator"),
        Ok(true.into())
    );
    assert_eq!(legacy(sections, "roles.look_alikes"), texts([]));
}

#[test]
fn a_role_whose_template_was_not_read_leaves_it_open() {
    let sections = roles_and_teams(json!([{"roleid": "r", "name": "Sales"}]), json!([]));
    assert!(legacy(sections, "roles.system_administrator").is_err());
}

#[test]
fn a_team_brings_the_role_but_does_not_assign_it_directly() {
    let sections = roles_and_teams(json!([]), json!([team(json!([administrator()]))]));
    assert_eq!(
        legacy(sections.clone(), "roles.system_administrator"),
        Ok(true.into())
    );
    assert_eq!(
        legacy(sections.clone(), "roles.system_administrator_directly"),
        Ok(false.into())
    );
    assert_eq!(
        legacy(sections, "roles.system_administrator_teams"),
        texts(["Administrators"])
    );
}

#[test]
fn team_privileges_only_counts_when_nothing_else_brings_the_role() {
    let fact = "roles.team_privileges_only";
    let mut uninherited = administrator();
    uninherited["isinherited"] = json!(0);
    let only = json!([team(json!([uninherited.clone()]))]);
    assert_eq!(
        legacy(roles_and_teams(json!([]), only.clone()), fact),
        texts(["Administrators"])
    );
    assert_eq!(
        legacy(roles_and_teams(json!([administrator()]), only), fact),
        texts([])
    );
    let both = json!([team(json!([uninherited.clone(), administrator()]))]);
    assert_eq!(legacy(roles_and_teams(json!([]), both), fact), texts([]));
    uninherited.as_object_mut().unwrap().remove("isinherited");
    let silent = json!([team(json!([uninherited]))]);
    assert!(legacy(roles_and_teams(json!([]), silent), fact).is_err());
}

#[test]
fn work_365_roles_are_known_by_name_in_any_case() {
    let sections = roles_and_teams(json!([role(" work 365 SERVICE ")]), json!([]));
    assert_eq!(
        consent(sections.clone(), "roles.work365_service"),
        Ok(true.into())
    );
    assert_eq!(
        consent(sections.clone(), "roles.work365_portal_service"),
        Ok(false.into())
    );
    assert_eq!(consent(sections, "roles.needed_in_force"), Ok(true.into()));
}

#[test]
fn without_a_row_nothing_is_said_about_roles() {
    let mut sections = roles_and_teams(json!([administrator()]), json!([]));
    sections["dataverse.system_users"] = ok(json!([]));
    sections["dataverse.operator_roles"] = ok(json!([administrator()]));
    assert!(legacy(sections, "roles.system_administrator").is_err());
}

fn group_team(member: bool, groups: Value) -> Value {
    let mut group_role = administrator();
    group_role["t_x002e_teamid"] = json!("t1");
    group_role["t_x002e_name"] = json!("Entra admins");
    group_role["t_x002e_azureactivedirectoryobjectid"] = json!("g1");
    let teams = if member {
        json!([team(json!([]))])
    } else {
        json!([])
    };
    let mut sections = roles_and_teams(json!([]), teams);
    sections["dataverse.aad_user_roles"] = ok(json!([group_role]));
    sections["graph.group_memberships"] = groups;
    sections
}

#[test]
fn a_group_team_that_lacks_the_row_is_not_refreshed() {
    let fact = "roles.group_teams_not_refreshed";
    let in_group = ok(json!([{"id": "g1"}]));
    assert_eq!(
        legacy(group_team(false, in_group.clone()), fact),
        texts(["Entra admins"])
    );
    assert_eq!(legacy(group_team(false, denied()), fact), texts(["Entra admins"]));
    assert_eq!(legacy(group_team(true, in_group.clone()), fact), texts([]));
    assert_eq!(
        legacy(group_team(false, ok(json!([{"id": "other"}]))), fact),
        texts([])
    );
    // The team brings System Administrator, which is not what this profile asks for.
    assert_eq!(consent(group_team(false, in_group), fact), texts([]));
    assert!(legacy(roles_and_teams(json!([]), json!([])), fact).is_err());
}

#[test]
fn the_time_of_a_group_change_comes_from_the_audit_log() {
    let mut sections = group_team(false, ok(json!([{"id": "g1"}])));
    let entry = |time: &str, group: &str| {
        json!({"activityDisplayName": "Add member to group", "category": "GroupManagement", "result": "success",
               "activityDateTime": time,
               "targetResources": [{"type": "User", "id": OBJECT_ID}, {"type": "Group", "id": group}]})
    };
    sections["graph.directory_audits"] = ok(json!([
        entry("2026-01-05T08:00:00Z", "g1"),
        entry("2026-01-05T09:00:00Z", "another group"),
    ]));
    let eight: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    assert_eq!(
        legacy(sections.clone(), "roles.group_changed_at"),
        Ok(eight.into())
    );
    sections["graph.directory_audits"] = denied();
    assert!(legacy(sections, "roles.group_changed_at").is_err());
}

#[test]
fn the_age_of_a_role_is_the_newest_of_row_and_audit() {
    let _whole = crate::snapshot::whole_answers();
    let audit = json!({"activityDisplayName": "Add member to role", "category": "RoleManagement", "result": "success",
        "activityDateTime": "2026-01-05T10:20:00Z", "targetResources": [{"type": "User", "id": OBJECT_ID}]});
    let row = json!({"modifiedon": "2026-01-05T10:00:00Z"});
    let at = |audits: Value| {
        let snapshot = with_row(row.clone(), json!({"graph.directory_audits": audits}));
        fact_of(&snapshot, Profile::LegacyPassword, "roles.changed_at")
    };
    let time = |text: &str| -> Reading<FactValue> { Ok(text.parse::<jiff::Timestamp>().unwrap().into()) };
    assert_eq!(at(ok(json!([audit]))), time("2026-01-05T10:20:00Z"));
    assert_eq!(at(denied()), time("2026-01-05T10:00:00Z"));
    let mut of_another = audit.clone();
    of_another["targetResources"][0]["id"] = json!("99999999-9999-4999-8999-999999999999");
    let mut refused = audit;
    refused["result"] = json!("failure");
    assert_eq!(at(ok(json!([of_another, refused]))), time("2026-01-05T10:00:00Z"));
    let nothing = with_row(json!({}), json!({}));
    assert_eq!(
        fact_of(&nothing, Profile::LegacyPassword, "roles.changed_at"),
        Ok(FactValue::Null)
    );
}

fn privileges(list: &[(&str, &str)], asked: Value) -> Value {
    let list: Vec<Value> = list
        .iter()
        .map(|(name, depth)| json!({"PrivilegeName": name, "Depth": depth}))
        .collect();
    let mut body = json!({"RolePrivileges": list});
    if !asked.is_null() {
        body["asked"] = asked;
    }
    json!({"outcome": "ok", "body": body})
}

const ALL: [(&str, &str); 5] = [
    ("prvReadUser", "Global"),
    ("prvReadRole", "Global"),
    ("prvReadOrganization", "Global"),
    ("prvWriteUser", "Global"),
    ("prvAssignRole", "Global"),
];

#[test]
fn the_key_privileges_must_be_held_for_the_whole_organisation() {
    let fact = "roles.privileges_not_in_effect";
    let only = |answer: Value| json!({"dataverse.user_privileges": answer});
    assert_eq!(legacy(only(privileges(&ALL, Value::Null)), fact), texts([]));
    let local = [
        ALL[0],
        ALL[1],
        ALL[2],
        ("prvWriteUser", "Local"),
        ("prvAssignRole", "Basic"),
    ];
    // In a full list, depth Basic may hide what a team's role gives.
    assert_eq!(
        legacy(only(privileges(&local, Value::Null)), fact),
        texts(["prvWriteUser"])
    );
    let names = json!(ALL.map(|(name, _)| name));
    assert_eq!(
        legacy(only(privileges(&local, names)), fact),
        texts(["prvWriteUser", "prvAssignRole"])
    );
    assert_eq!(
        legacy(
            only(privileges(&ALL[..2], json!(["prvReadUser", "prvReadRole"]))),
            fact
        ),
        texts([])
    );
    assert!(legacy(only(privileges(&[], json!(["prvReadAccount"]))), fact).is_err());
    let unnamed = json!({"outcome": "ok", "body": {"RolePrivileges": [{"Depth": "Global"}]}});
    assert!(legacy(only(unnamed), fact).is_err());
}

#[test]
fn a_cached_read_that_lags_counts_and_one_that_was_not_made_does_not() {
    let fact = "roles.privileges_not_in_effect";
    let with_cached = |cached: Value| {
        json!({"dataverse.user_privileges": privileges(&ALL, Value::Null),
               "dataverse.user_privileges_cached": cached})
    };
    assert_eq!(
        legacy(with_cached(privileges(&ALL[1..], Value::Null)), fact),
        texts(["prvReadUser"])
    );
    assert_eq!(
        legacy(with_cached(json!({"outcome": "skipped"})), fact),
        texts([])
    );
    assert!(legacy(with_cached(denied()), fact).is_err());
}

#[test]
fn one_need_is_judged_however_the_privileges_were_asked_for() {
    let fact = "roles.privileges_missing";
    let asked = json!(["prvReadUser", "prvCreateInvoice", "prvAssignRole"]);
    for (held, asked, missing) in [
        // A healthy account of Work 365's own role holds little of what is asked for.
        (&[("prvReadUser", "Basic")][..], asked.clone(), texts([])),
        (&[("prvReadUser", "Basic")], Value::Null, texts([])),
        (&[("prvCreateInvoice", "Global")], asked, texts(["prvReadUser"])),
        (&[], Value::Null, texts(["prvReadUser"])),
    ] {
        let sections = json!({"dataverse.user_privileges": privileges(held, asked)});
        assert_eq!(consent(sections, fact), missing, "{held:?}");
    }
    let unasked = privileges(&[], json!(["prvCreateInvoice"]));
    assert!(consent(json!({"dataverse.user_privileges": unasked}), fact).is_err());
}

#[test]
fn direct_roles_of_another_unit_are_named() {
    let mut foreign = role("Salesperson");
    foreign["_businessunitid_value"] = json!("other");
    let sections = roles_and_teams(json!([role("Basic User"), foreign]), json!([]));
    assert_eq!(
        legacy(sections, "roles.of_other_business_unit"),
        texts(["Salesperson"])
    );
}

#[test]
fn switches_of_the_organisation_are_off_unless_written() {
    let fact = "roles.shared_across_business_units";
    let with = |row: Value| json!({"dataverse.organization": ok(json!([row]))});
    let on = "<OrgSettings><EnableOwnershipAcrossBusinessUnits> True </EnableOwnershipAcrossBusinessUnits></OrgSettings>";
    assert_eq!(
        legacy(with(json!({"orgdborgsettings": on})), fact),
        Ok(true.into())
    );
    assert_eq!(
        legacy(with(json!({"orgdborgsettings": null})), fact),
        Ok(false.into())
    );
    assert!(legacy(with(json!({"name": "contoso"})), fact).is_err());
}

#[test]
fn only_an_audit_entry_proves_a_move() {
    let fact = "roles.business_unit_changed_at";
    let with = |data: &str| json!({"dataverse.user_audit": ok(json!([{"createdon": "2026-01-01T00:00:00Z", "changedata": data}]))});
    let moved = r#"{"changedAttributes":[{"logicalName":"businessunitid","oldValue":"businessunit,a","newValue":"businessunit,b"}]}"#;
    let time: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(legacy(with(moved), fact), Ok(time.into()));
    let created = r#"{"changedAttributes":[{"logicalName":"businessunitid","oldValue":null,"newValue":"businessunit,b"}]}"#;
    assert_eq!(legacy(with(created), fact), Ok(FactValue::Null));
    // Without the columns' names nobody knows what was changed.
    let nameless = r#"{"changedAttributes":[{"oldValue":"businessunit,a","newValue":"businessunit,b"}]}"#;
    assert!(legacy(with(nameless), fact).is_err());
    assert!(legacy(json!({}), fact).is_err());
    // An update that does not say what it changed, because the column was refused, could be one.
    for (action, is_known) in [(2, false), (55, true)] {
        for data in [json!(null), json!("not json")] {
            let entry = json!({"createdon": "2026-01-01T00:00:00Z", "action": action, "changedata": data});
            let fact = legacy(json!({"dataverse.user_audit": ok(json!([entry]))}), fact);
            assert_eq!(fact.is_ok(), is_known, "{action}: {data}");
        }
    }
}

fn elevation_audit(activity: &str, role: &str) -> Value {
    ok(
        json!([{"activityDisplayName": activity, "category": "RoleManagement", "result": "success",
        "activityDateTime": "2026-01-05T08:00:00Z",
        "targetResources": [{"type": "Role", "displayName": role}, {"type": "User", "id": OBJECT_ID}]}]),
    )
}

#[test]
fn an_elevation_ends_by_expiry_or_deactivation_of_an_administrator_role() {
    let _whole = crate::snapshot::whole_answers();
    let fact = "roles.ended_elevations";
    let with =
        |audits: Value| json!({"graph.directory_audits": audits, "graph.eligible_roles": ok(json!([]))});
    for activity in [
        "Remove member from role (PIM activation expired)",
        "Remove member from role completed (PIM deactivate)",
    ] {
        let audits = elevation_audit(activity, "Global Administrator");
        assert_eq!(
            legacy(with(audits), fact),
            texts(["Global Administrator (ended)"])
        );
    }
    for (activity, role) in [
        (
            "Remove member from role (PIM activation expired)",
            "Reports Reader",
        ),
        (
            "Add member to role completed (PIM activation)",
            "Global Administrator",
        ),
        ("Remove member from role", "Global Administrator"),
    ] {
        assert_eq!(legacy(with(elevation_audit(activity, role)), fact), texts([]));
    }
}

#[test]
fn an_elevation_that_was_activated_again_has_not_ended() {
    let _whole = crate::snapshot::whole_answers();
    let entry = |activity: &str, time: &str| {
        json!({"activityDisplayName": activity, "activityDateTime": time,
               "targetResources": [{"type": "User", "id": OBJECT_ID}]})
    };
    let end = entry(
        "Remove member from role (PIM activation expired)",
        "2026-01-04T08:00:00Z",
    );
    let again = entry(
        "Add member to role completed (PIM activation)",
        "2026-01-05T08:00:00Z",
    );
    let sections =
        json!({"graph.directory_audits": ok(json!([again, end])), "graph.eligible_roles": ok(json!([]))});
    assert_eq!(legacy(sections, "roles.ended_elevations"), texts([]));
}

#[test]
fn an_eligible_role_that_is_not_active_counts_and_unread_evidence_does_not_clear() {
    let fact = "roles.ended_elevations";
    let eligible = json!([{"roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10"}]);
    let with = |active: Value| {
        json!({"graph.directory_audits": ok(json!([])), "graph.eligible_roles": ok(eligible.clone()),
               "graph.directory_roles": active})
    };
    let active = json!([{"roleTemplateId": "62e90394-69f5-4237-9190-012177145e10"}]);
    assert_eq!(
        legacy(with(ok(json!([]))), fact),
        texts(["Global Administrator (eligible, not active)"])
    );
    assert_eq!(legacy(with(ok(active)), fact), texts([]));
    assert!(legacy(with(denied()), fact).is_err());
    assert!(
        legacy(
            json!({"graph.directory_audits": denied(), "graph.eligible_roles": ok(json!([]))}),
            fact
        )
        .is_err()
    );
}

#[test]
fn the_role_id_for_commands_is_that_of_the_rows_unit() {
    let fact = "roles.system_administrator_role_id";
    let mut sections = roles_and_teams(json!([]), json!([]));
    sections["dataverse.operator_roles"] = ok(json!([administrator()]));
    assert_eq!(legacy(sections.clone(), fact), Ok("sa".into()));
    let mut elsewhere = administrator();
    elsewhere["_businessunitid_value"] = json!("other");
    sections["dataverse.operator_roles"] = ok(json!([elsewhere]));
    assert_eq!(legacy(sections, fact), Ok(FactValue::Null));
}
