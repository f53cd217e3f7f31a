//! Tables: courses of sign-ins and what they come to, records and their kinds; and that order decides nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Catalogue, Fault, State, Timeline, timeline};
use crate::facts::{Context, Expectations};
use crate::profile::Profile;
use crate::snapshot::Snapshot;

const ACCOUNT: &str = "svc@contoso.com";
const ACCOUNT_ID: &str = "11111111-1111-4111-8111-111111111111";
const POLICY: &str = "22222222-2222-4222-8222-222222222222";
const GROUP: &str = "33333333-3333-4333-8333-333333333333";
const PRINCIPAL: &str = "44444444-4444-4444-8444-444444444444";

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().unwrap());

/// Minutes before the evidence was collected, as the services write it.
fn ago(minutes: i64) -> String {
    let captured: Timestamp = "2026-06-15T09:00:00Z".parse().unwrap();
    (captured - SignedDuration::from_mins(minutes)).to_string()
}

/// One sign-in: minutes ago, code, kind (`p`assword, `b`rowser, token `r`efresh), last byte of its address.
type SignIn = (i64, i64, char, u8);

fn sign_in((minutes, code, kind, address): SignIn) -> Value {
    let event = if kind == 'r' {
        "nonInteractiveUser"
    } else {
        "interactiveUser"
    };
    let client = if kind == 'b' {
        "Browser"
    } else {
        "Mobile Apps and Desktop clients"
    };
    json!({"id": format!("{minutes}-{code}-{kind}-{address}"), "createdDateTime": ago(minutes), "userId": ACCOUNT_ID,
        "userPrincipalName": ACCOUNT, "resourceId": "00000007-0000-0000-c000-000000000000",
        "ipAddress": format!("203.0.113.{address}"), "clientAppUsed": client, "signInEventTypes": [event],
        "status": {"errorCode": code}})
}

fn audit(minutes: i64, activity: &str, target: Value, properties: Value) -> Value {
    let account = json!({"id": ACCOUNT_ID, "type": "User", "userPrincipalName": ACCOUNT, "modifiedProperties": properties});
    json!({"id": format!("{minutes}-{activity}"), "category": "Any", "activityDisplayName": activity,
        "activityDateTime": ago(minutes), "result": "success",
        "initiatedBy": {"user": {"userPrincipalName": "admin@contoso.com"}, "app": null},
        "targetResources": [account, target]})
}

/// Sections by name, each answered with a list.
fn told(sections: &[(&str, Value)], faults: &[Fault], errors: &[String]) -> Timeline {
    let answered = sections.iter().map(|(name, body)| {
        let body = if body.is_array() {
            json!({ "value": body })
        } else {
            body.clone()
        };
        (
            (*name).to_owned(),
            json!({"outcome": "ok", "http_status": 200, "body": body}),
        )
    });
    let mut sections: serde_json::Map<String, Value> = answered.collect();
    sections.entry("graph.user").or_insert_with(
        || json!({"outcome": "ok", "body": {"id": ACCOUNT_ID, "userPrincipalName": ACCOUNT, "userType": "Member"}}),
    );
    let document = json!({"schema": "work365-doctor/snapshot/v1", "captured_at": ago(0),
        "tool": {"name": "work365-doctor", "version": "0.1.0"}, "redacted": false,
        "subject": {"account": ACCOUNT, "environment": "https://contoso.crm4.dynamics.com"}, "sections": sections});
    let snapshot = Snapshot::from_bytes(document.to_string().as_bytes()).unwrap();
    let expectations = Expectations::default();
    let context = Context::new(
        &snapshot,
        &expectations,
        Profile::LegacyPassword,
        snapshot.captured_at,
    );
    timeline(&context, &CATALOGUE, faults, errors)
}

fn course(entries: &[SignIn]) -> Timeline {
    let log: Vec<Value> = entries.iter().map(|entry| sign_in(*entry)).collect();
    told(&[("graph.sign_ins", Value::Array(log))], &[], &[])
}

/// What it shows, the sign-ins, the state, and how many minutes ago the first failure and the last success were.
type CourseCase = (&'static str, &'static [SignIn], State, Option<i64>, Option<i64>);

#[test]
fn courses_of_sign_ins_and_what_they_come_to() {
    const DAY: i64 = 24 * 60;
    const SUCCESS: i64 = 0;
    let table: &[CourseCase] = &[
        ("nothing", &[], State::NoSignIns, None, None),
        (
            "successes",
            &[(60, 0, 'p', 1), (90, 0, 'p', 1)],
            State::Working,
            None,
            Some(60),
        ),
        (
            "a clean break",
            &[(10, 50076, 'p', 1), (20, 53003, 'p', 1), (60, SUCCESS, 'p', 1)],
            State::Failing,
            Some(20),
            Some(60),
        ),
        (
            "no success at all",
            &[(10, 50076, 'p', 1), (20, 50076, 'p', 1)],
            State::FailingThroughout,
            Some(20),
            None,
        ),
        (
            "an old trouble with another code is another trouble",
            &[
                (10, 50076, 'p', 1),
                (60, 0, 'p', 1),
                (120, 50126, 'p', 1),
                (180, 0, 'p', 1),
            ],
            State::Failing,
            Some(10),
            Some(60),
        ),
        (
            "the same code a week ago is another trouble",
            &[
                (10, 50126, 'p', 1),
                (60, 0, 'p', 1),
                (7 * DAY, 50126, 'p', 1),
                (8 * DAY, 0, 'p', 1),
            ],
            State::Failing,
            Some(10),
            Some(60),
        ),
        (
            "failures between successes of one kind and place",
            &[
                (10, 0, 'p', 1),
                (60, 50076, 'p', 1),
                (120, 0, 'p', 1),
                (180, 50076, 'p', 1),
                (240, 0, 'p', 1),
            ],
            State::Intermittent,
            Some(180),
            Some(240),
        ),
        (
            "a day of failures is a break, whatever came and went before",
            &[
                (10, 50076, 'p', 1),
                (1500, 50076, 'p', 1),
                (1560, 0, 'p', 1),
                (1600, 50076, 'p', 1),
                (1700, 0, 'p', 1),
            ],
            State::Failing,
            Some(1500),
            Some(1560),
        ),
        (
            "a code that comes back every third day",
            &[
                (10, 50196, 'p', 1),
                (20, 50158, 'p', 1),
                (DAY, 0, 'p', 1),
                (3 * DAY, 50158, 'p', 1),
                (4 * DAY, 0, 'p', 1),
                (6 * DAY, 50158, 'p', 1),
                (7 * DAY, 0, 'p', 1),
            ],
            State::Intermittent,
            Some(6 * DAY),
            Some(7 * DAY),
        ),
        (
            "the password fails, tokens go on",
            &[
                (10, 50076, 'p', 1),
                (30, 0, 'r', 1),
                (60, 50076, 'p', 1),
                (90, 0, 'r', 1),
                (120, 0, 'p', 1),
            ],
            State::Failing,
            Some(60),
            Some(120),
        ),
        (
            "a success of another kind ends no failure",
            &[
                (10, 0, 'b', 1),
                (30, 50076, 'p', 1),
                (60, 50076, 'p', 1),
                (120, 0, 'p', 1),
            ],
            State::Failing,
            Some(60),
            Some(120),
        ),
        (
            "one address fails, another works",
            &[
                (10, 0, 'p', 1),
                (30, 53003, 'p', 2),
                (60, 0, 'p', 1),
                (90, 53003, 'p', 2),
                (120, 0, 'p', 1),
            ],
            State::PartlyFailing,
            Some(90),
            None,
        ),
        (
            "a person who gave up in a browser is no fault of the jobs",
            &[(10, 0, 'p', 1), (30, 50074, 'b', 1), (60, 0, 'p', 1)],
            State::Working,
            None,
            Some(10),
        ),
        (
            "a failure that is over",
            &[(10, 0, 'p', 1), (60, 50126, 'p', 1), (120, 0, 'p', 1)],
            State::Recovered,
            None,
            Some(10),
        ),
    ];
    for (name, entries, state, first, last) in table {
        let found = course(entries);
        let at = |moment: Option<super::Moment>| moment.map(|moment| moment.at);
        assert_eq!(found.state, *state, "{name}: {}", found.summary);
        assert_eq!(at(found.first_failure), first.map(ago), "{name}");
        assert_eq!(at(found.last_success), last.map(ago), "{name}");
        assert!(!found.summary.contains(['{', '}']), "{name}: {}", found.summary);
    }
}

#[test]
fn a_split_names_what_tells_the_failing_from_the_working() {
    let by_address = course(&[
        (10, 0, 'p', 1),
        (30, 53003, 'p', 2),
        (60, 0, 'p', 1),
        (90, 53003, 'p', 2),
    ]);
    assert_eq!(by_address.split.unwrap().failing, ["203.0.113.2"]);
}

#[test]
fn codes_are_counted_and_dated_and_an_entry_without_a_time_counts_too() {
    let mut undated = sign_in((1, 50053, 'p', 1));
    undated["createdDateTime"] = Value::Null;
    let log = json!([
        sign_in((10, 50126, 'p', 1)),
        undated,
        sign_in((20, 50126, 'p', 1)),
        sign_in((30, 0, 'p', 1))
    ]);
    let found = told(&[("graph.sign_ins", log)], &[], &[]);
    let codes: Vec<_> = found
        .codes
        .iter()
        .map(|seen| {
            (
                seen.code.as_str(),
                seen.count,
                seen.first_seen.clone(),
                seen.current,
            )
        })
        .collect();
    assert_eq!(
        codes,
        [
            ("AADSTS50126", 2, Some(ago(20)), false),
            ("AADSTS50053", 1, None, false)
        ]
    );
    let window = found.window.unwrap();
    assert_eq!((window.sign_ins, window.undated), (4, 1));
}

#[test]
fn a_log_that_was_cut_or_lacks_refreshes_says_so() {
    for (more, cut) in [
        (json!({}), false),
        (json!({"truncated": true}), true),
        (json!({"@odata.nextLink": "https://graph.microsoft.com/x"}), true),
    ] {
        let mut body = json!({"value": [sign_in((10, 0, 'p', 1))]});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        let found = told(&[("graph.sign_ins", body)], &[], &[]);
        let window = found.window.unwrap();
        assert_eq!((window.truncated, window.token_refreshes), (cut, false));
        assert_eq!(found.summary.contains("was cut"), cut);
        assert!(found.summary.contains("Token refreshes were not asked for"));
    }
}

#[test]
fn an_audit_log_that_was_cut_says_so() {
    let audits = json!({"truncated": true, "value": []});
    let found = told(
        &[("graph.sign_ins", json!([])), ("graph.directory_audits", audits)],
        &[],
        &[],
    );
    assert!(found.changes_truncated && found.summary.contains("The audit log was cut"));
    assert!(!found.window.unwrap().truncated);
}

#[test]
fn logs_that_nobody_may_read_are_listed_with_what_they_would_give() {
    let found = told(&[], &[], &[]);
    assert_eq!(found.state, State::Unknown);
    let sections: Vec<_> = found
        .not_read
        .iter()
        .map(|gap| gap.because.section.as_str())
        .collect();
    assert_eq!(sections, ["graph.sign_ins", "graph.directory_audits"]);
    for gap in &found.not_read {
        assert_eq!(gap.because.permission.as_deref(), Some("AuditLog.Read.All"));
        assert!(gap.gain.starts_with("It would"), "{}", gap.gain);
    }
}

fn property(name: &str, old: &str, new: &str) -> Value {
    json!([{"displayName": name, "oldValue": old, "newValue": new}])
}

/// Each kind from the record that shows it, with a code of the log that it could explain, or none.
#[test]
fn every_record_gets_its_kind_and_explains_only_its_codes() {
    let nothing = || json!({"type": "Other"});
    let group = || json!({"type": "Group", "id": GROUP, "displayName": "The group"});
    let policy = |old: &str, new: &str| {
        json!({"type": "Policy", "id": POLICY, "displayName": "The policy",
            "modifiedProperties": property("ConditionalAccessPolicy", old, new)})
    };
    let principal = |properties: Value| json!({"type": "ServicePrincipal", "id": PRINCIPAL, "displayName": "Work 365", "modifiedProperties": properties});
    let on = r#"{"state":"enabled","grantControls":{"builtInControls":["block"]}}"#;
    let off = r#"{"state":"disabled","grantControls":{"builtInControls":["block"]}}"#;
    let frequency = r#"{"state":"enabled","sessionControls":{"signInFrequency":{"isEnabled":true}}}"#;
    let table = [
        (
            "Add conditional access policy",
            policy("", on),
            json!([]),
            "policy-created",
            53003,
        ),
        (
            "Update conditional access policy",
            policy(off, on),
            json!([]),
            "policy-switched-on",
            53003,
        ),
        (
            "Update conditional access policy",
            policy(on, frequency),
            json!([]),
            "policy-changed",
            70043,
        ),
        (
            "Update conditional access policy",
            policy(on, off),
            json!([]),
            "policy-off",
            0,
        ),
        (
            "Delete conditional access policy",
            policy(on, ""),
            json!([]),
            "policy-deleted",
            0,
        ),
        (
            "Reset user password",
            nothing(),
            json!([]),
            "password-reset",
            50126,
        ),
        (
            "Change password (self-service)",
            nothing(),
            json!([]),
            "password-reset",
            50173,
        ),
        (
            "Update StsRefreshTokenValidFrom Timestamp",
            nothing(),
            json!([]),
            "sessions-revoked",
            50173,
        ),
        ("Disable account", nothing(), json!([]), "account-disabled", 50057),
        (
            "Update user",
            nothing(),
            property("AccountEnabled", "[true]", "[false]"),
            "account-disabled",
            50057,
        ),
        (
            "Update user",
            nothing(),
            property("AccountEnabled", "[false]", "[true]"),
            "account-enabled",
            0,
        ),
        ("Delete user", nothing(), json!([]), "account-deleted", 50034),
        (
            "Update user",
            nothing(),
            property("UserPrincipalName", "[\"a\"]", "[\"b\"]"),
            "account-renamed",
            50034,
        ),
        (
            "Enable Strong Authentication",
            nothing(),
            json!([]),
            "per-user-mfa-on",
            50076,
        ),
        (
            "Update user",
            nothing(),
            property("StrongAuthenticationRequirement", "[]", "[{\"State\":1}]"),
            "per-user-mfa-on",
            50079,
        ),
        (
            "Update user",
            nothing(),
            property("StrongAuthenticationRequirement", "[{}]", "[]"),
            "per-user-mfa-off",
            0,
        ),
        (
            "User deleted security info",
            nothing(),
            json!([]),
            "mfa-method-removed",
            50079,
        ),
        (
            "Change user license",
            nothing(),
            property(
                "AssignedLicense",
                "[\"[SkuId=1]\",\"[SkuId=2]\"]",
                "[\"[SkuId=1]\"]",
            ),
            "license-removed",
            0,
        ),
        (
            "Change user license",
            nothing(),
            property("AssignedLicense", "[]", "[\"[SkuId=1]\"]"),
            "license-assigned",
            0,
        ),
        ("Change user license", nothing(), json!([]), "license-changed", 0),
        (
            "Add member to role",
            nothing(),
            property("Role.DisplayName", "", "\"Global Administrator\""),
            "directory-role-added",
            50076,
        ),
        (
            "Remove member from role (PIM activation expired)",
            nothing(),
            json!([]),
            "directory-role-removed",
            0,
        ),
        ("Remove member from group", group(), json!([]), "left-group", 0),
        ("Add member to group", group(), json!([]), "joined-group", 0),
        (
            "Remove delegated permission grant",
            principal(json!([])),
            json!([]),
            "consent-revoked",
            65001,
        ),
        (
            "Remove service principal",
            principal(json!([])),
            json!([]),
            "application-removed",
            700016,
        ),
        (
            "Remove service principal credentials",
            principal(json!([])),
            json!([]),
            "application-secret-changed",
            7000215,
        ),
        (
            "Update service principal",
            principal(property("AccountEnabled", "[true]", "[false]")),
            json!([]),
            "application-disabled",
            7000112,
        ),
        (
            "Update service principal",
            principal(property("AppRoleAssignmentRequired", "[false]", "[true]")),
            json!([]),
            "application-assignment-demanded",
            50105,
        ),
        (
            "Consent to application",
            principal(json!([])),
            json!([]),
            "consent-given",
            0,
        ),
    ];
    for (activity, target, properties, kind, code) in table {
        let log = json!([
            sign_in((10, if code == 0 { 50076 } else { code }, 'p', 1)),
            sign_in((60, 0, 'p', 1))
        ]);
        let audits = json!([audit(20, activity, target, properties)]);
        let principals = json!([{"id": PRINCIPAL, "appId": "5e56ae97-9be1-40d3-938b-99ea52175a30"}]);
        let sections = [
            ("graph.sign_ins", log),
            ("graph.directory_audits", audits),
            ("graph.service_principal", principals),
        ];
        let found = told(&sections, &[], &[]);
        assert_eq!(found.changes.len(), 1, "{activity} {kind}: {found:#?}");
        let change = &found.changes[0];
        assert_eq!(change.kind, kind, "{activity}");
        let wanted: Vec<String> = (code != 0).then(|| format!("AADSTS{code}")).into_iter().collect();
        assert_eq!(change.could_explain, wanted, "{activity} {kind}");
        assert_eq!(change.rank.is_some(), code != 0, "{activity} {kind}");
        assert_eq!(change.minutes_before_first_failure, Some(10));
        assert_eq!(change.by.as_deref(), Some("admin@contoso.com"));
        assert!(!change.what.contains(['{', '}']), "{}", change.what);
    }
}

#[test]
fn what_did_not_take_effect_or_concerns_others_is_no_change() {
    let mut failed = audit(20, "Reset user password", json!({}), json!([]));
    failed["result"] = json!("failure");
    let mut other = audit(20, "Reset user password", json!({}), json!([]));
    other["targetResources"][0]["id"] = json!("55555555-5555-4555-8555-555555555555");
    let mut foreign = audit(
        20,
        "Remove service principal",
        json!({"type": "ServicePrincipal", "id": "other"}),
        json!([]),
    );
    foreign["targetResources"].as_array_mut().unwrap().remove(0);
    let old = audit(40 * 24 * 60, "Reset user password", json!({}), json!([]));
    let undated =
        json!({"activityDisplayName": "Reset user password", "targetResources": [{"id": ACCOUNT_ID}]});
    for entry in [failed, other, foreign, old, undated] {
        let sections = [
            ("graph.sign_ins", json!([sign_in((10, 50126, 'p', 1))])),
            ("graph.directory_audits", json!([entry])),
            ("graph.service_principal", json!([])),
        ];
        assert_eq!(told(&sections, &[], &[]).changes, [], "{entry}");
    }
}

#[test]
fn what_explains_the_first_code_comes_first_then_what_is_near() {
    let audits = json!([
        audit(11, "Disable account", json!({}), json!([])),
        audit(
            12,
            "Add member to group",
            json!({"type": "Group", "id": GROUP}),
            json!([])
        ),
        audit(300, "Reset user password", json!({}), json!([])),
        audit(500, "Reset user password", json!({}), json!([])),
        audit(5, "Enable account", json!({}), json!([])),
    ]);
    let log = json!([
        sign_in((8, 50057, 'p', 1)),
        sign_in((10, 50126, 'p', 1)),
        sign_in((400, 0, 'p', 1))
    ]);
    let found = told(
        &[("graph.sign_ins", log), ("graph.directory_audits", audits)],
        &[],
        &[],
    );
    let ranks: Vec<_> = found
        .changes
        .iter()
        .map(|change| {
            (
                change.rank,
                change.kind.as_str(),
                change.minutes_before_first_failure,
                change.survived,
            )
        })
        .collect();
    assert_eq!(
        ranks,
        [
            (Some(1), "password-reset", Some(290), false),
            (Some(2), "account-disabled", Some(1), false),
            (None, "joined-group", Some(2), false),
            (None, "password-reset", Some(490), true),
        ]
    );
    assert!(found.changes[3].because.contains("more than an hour after it"));
    let later: Vec<_> = found
        .later_changes
        .iter()
        .map(|change| (change.rank, change.kind.as_str()))
        .collect();
    assert_eq!(later, [(None, "account-enabled")]);
}

#[test]
fn a_success_of_another_kind_does_not_speak_against_a_change() {
    let audits = json!([audit(300, "Reset user password", json!({}), json!([]))]);
    for (kind, rank) in [('r', Some(1)), ('p', None)] {
        let log = json!([sign_in((10, 50126, 'p', 1)), sign_in((100, 0, kind, 1))]);
        let found = told(
            &[
                ("graph.sign_ins", log),
                ("graph.directory_audits", audits.clone()),
            ],
            &[],
            &[],
        );
        assert_eq!(
            found.changes[0].rank, rank,
            "{kind}: {}",
            found.changes[0].because
        );
    }
    // A policy takes its time, and a token may outlast it.
    let policy = json!({"type": "Policy", "id": POLICY, "displayName": "The policy", "modifiedProperties":
        property("ConditionalAccessPolicy", "{\"state\":\"disabled\"}", "{\"state\":\"enabled\",\"grantControls\":{\"builtInControls\":[\"mfa\"]}}")});
    let audits = json!([audit(300, "Update conditional access policy", policy, json!([]))]);
    let log = json!([sign_in((10, 50076, 'p', 1)), sign_in((100, 0, 'p', 1))]);
    let found = told(
        &[("graph.sign_ins", log), ("graph.directory_audits", audits)],
        &[],
        &[],
    );
    assert_eq!(found.changes[0].rank, Some(1));
    assert!(found.changes[0].because.contains("still succeeded"));
}

#[test]
fn two_sources_of_one_change_are_one_entry() {
    let user = json!({"id": ACCOUNT_ID, "userPrincipalName": ACCOUNT, "createdDateTime": "2025-01-01T00:00:00Z",
        "lastPasswordChangeDateTime": ago(29), "signInSessionsValidFromDateTime": ago(29)});
    let policies = json!([{"id": POLICY, "displayName": "The policy", "state": "enabled", "createdDateTime": "2025-01-01T00:00:00Z",
        "modifiedDateTime": ago(40), "grantControls": {"builtInControls": ["mfa"]}}]);
    let audits = json!([
        audit(30, "Reset user password", json!({}), json!([])),
        audit(
            30,
            "Update StsRefreshTokenValidFrom Timestamp",
            json!({}),
            json!([])
        ),
        audit(
            41,
            "Update conditional access policy",
            json!({"type": "Policy", "id": POLICY}),
            json!([])
        ),
    ]);
    let with = |audits: Value| {
        let sections = [
            (
                "graph.sign_ins",
                json!([sign_in((10, 50126, 'p', 1)), sign_in((60, 0, 'p', 1))]),
            ),
            ("graph.user", user.clone()),
            ("graph.conditional_access_policies", policies.clone()),
            ("graph.directory_audits", audits),
        ];
        told(&sections, &[], &[])
    };
    let both = with(audits);
    let found: Vec<_> = both
        .changes
        .iter()
        .map(|change| (change.kind.as_str(), change.sections.len()))
        .collect();
    assert_eq!(found, [("password-reset", 2), ("policy-changed", 2)]);
    let dates = with(json!([]));
    let found: Vec<_> = dates
        .changes
        .iter()
        .map(|change| (change.kind.as_str(), change.by.is_some()))
        .collect();
    assert_eq!(found, [("password-reset", false), ("policy-changed", false)]);
}

#[test]
fn a_code_that_somebody_saw_and_a_rule_that_fails_are_explained_too() {
    let audit_of_dynamics = json!([{"createdon": ago(30), "action": 56}, {"createdon": ago(90), "action": 2,
        "changedata": r#"{"changedAttributes":[{"logicalName":"businessunitid","oldValue":"a","newValue":"b"}]}"#}]);
    let sections = [
        ("graph.sign_ins", json!([sign_in((10, 0, 'p', 1))])),
        ("dataverse.user_audit", audit_of_dynamics),
    ];
    let kinds = |found: &Timeline| -> Vec<(Option<usize>, String)> {
        found
            .changes
            .iter()
            .map(|change| (change.rank, change.kind.clone()))
            .collect()
    };
    let silent = told(&sections, &[], &[]);
    assert!(silent.changes.iter().all(|change| change.rank.is_none()));
    let by_code = told(&sections, &[], &["0x80042f09".to_owned()]);
    assert_eq!(
        kinds(&by_code),
        [
            (Some(1), "security-role-removed".to_owned()),
            (Some(2), "business-unit-changed".to_owned())
        ]
    );
    assert_eq!(by_code.changes[0].could_explain, ["0x80042f09"]);
    let fault = Fault {
        rule: "roles-dropped-by-business-unit-change".to_owned(),
        evidence: Vec::new(),
    };
    let by_rule = told(&sections, &[fault], &[]);
    assert_eq!(by_rule.changes[0].kind, "business-unit-changed");
    assert_eq!(
        by_rule.changes[0].failing_rules,
        ["roles-dropped-by-business-unit-change"]
    );
    assert_eq!(by_rule.changes[1].rank, None);
}

#[test]
fn a_code_that_was_seen_before_a_change_is_not_explained_by_it() {
    for (minutes, rank) in [(300, Some(1)), (60, None)] {
        let sections = [
            (
                "graph.sign_ins",
                json!([sign_in((10, 0, 'p', 1)), sign_in((200, 50126, 'p', 1))]),
            ),
            (
                "graph.directory_audits",
                json!([audit(minutes, "Reset user password", json!({}), json!([]))]),
            ),
        ];
        let found = told(&sections, &[], &["AADSTS50126".to_owned()]);
        assert_eq!(found.state, State::Recovered);
        assert_eq!(found.changes[0].rank, rank, "{minutes}");
    }
}

/// Anything that the services, or a hostile tenant, may put into the fields that are read.
fn arbitrary_log() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let sign_ins = proptest::collection::vec(
        (
            0_i64..3000,
            prop::sample::select(vec![0, 50076, 50126, 53003, 65001, 7]),
            "[pbr]",
            1_u8..3,
        )
            .prop_map(|(minutes, code, kind, address)| {
                sign_in((minutes, code, kind.chars().next().unwrap_or('p'), address))
            }),
        0..12,
    );
    let activities = vec![
        "Reset user password",
        "Update StsRefreshTokenValidFrom Timestamp",
        "Disable account",
        "Update conditional access policy",
        "Remove delegated permission grant",
        "Add delegated permission grant",
        "Change user license",
        "\u{202e}{target}",
    ];
    let values = vec![
        "",
        "[true]",
        "[false]",
        "{",
        "\"\"",
        "[]",
        "{\"state\":\"enabled\"}",
        "[{\"state\":7}]",
        "\u{1b}",
    ];
    let audits = proptest::collection::vec(
        (
            -100_i64..3000,
            prop::sample::select(activities),
            prop::sample::select(vec!["Policy", "Group", "Role", "ServicePrincipal", ""]),
            prop::sample::select(vec!["AccountEnabled", "AssignedLicense", "x"]),
            prop::sample::select(values.clone()),
            prop::sample::select(values),
        )
            .prop_map(|(minutes, activity, kind, name, old, new)| {
                let target = json!({"type": kind, "id": POLICY, "displayName": new, "modifiedProperties": property(name, old, new)});
                audit(minutes, activity, target, property(name, old, new))
            }),
        0..12,
    );
    (sign_ins, audits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_order_of_the_logs_decides_nothing_and_nothing_panics((sign_ins, audits) in arbitrary_log()) {
        let of = |sign_ins: Vec<Value>, audits: Vec<Value>| {
            told(&[("graph.sign_ins", Value::Array(sign_ins)), ("graph.directory_audits", Value::Array(audits))], &[], &[])
        };
        let back: (Vec<_>, Vec<_>) = (sign_ins.iter().rev().cloned().collect(), audits.iter().rev().cloned().collect());
        let (there, back) = (of(sign_ins, audits), of(back.0, back.1));
        prop_assert_eq!(&there, &back);
        if let (Some(first), Some(last)) = (&there.first_failure, &there.last_success) {
            prop_assert!(last.at <= first.at);
        }
        let mut ranks = there.changes.iter().map(|change| change.rank);
        let ranked = ranks.by_ref().take_while(Option::is_some).count();
        prop_assert!(ranks.all(|rank| rank.is_none()), "a rank after none, {} ranked", ranked);
    }
}
