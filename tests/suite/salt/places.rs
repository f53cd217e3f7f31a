//! Where a value can stand: a section, a list in its body, and the element that holds the value.

use serde_json::{Value, json};

type Item = (&'static str, fn(&str) -> Value);

type Numbered = (&'static str, fn(&Value) -> Value);

fn audit(property: &str, old: &Value, new: &Value) -> Value {
    json!({"id": "Directory_1", "activityDateTime": "2026-06-15T05:00:00Z", "activityDisplayName": "Update user", "category": "UserManagement",
        "targetResources": [{"type": "User", "modifiedProperties": [{"displayName": property, "oldValue": old, "newValue": new}]}]})
}

fn listed(value: &str) -> Value {
    json!(json!([value]).to_string())
}

fn quoted(value: &str) -> Value {
    json!(json!(value).to_string())
}

/// Elements of lists, each with the value in one place.
pub(super) const IN_TEXT: &[Item] = &[
    // The audit log, as Graph writes values: a list in a text, a quoted text, an object in a text.
    ("graph.directory_audits value", |value| {
        audit("DisplayName", &listed(value), &json!("[]"))
    }),
    ("graph.directory_audits listValue2", |value| {
        audit("MobilePhone", &json!("[]"), &listed(value))
    }),
    ("graph.directory_audits listValue3", |value| {
        audit("StreetAddress", &quoted(value), &Value::Null)
    }),
    ("graph.directory_audits listValue4", |value| {
        audit("Included Updated Properties", &Value::Null, &quoted(value))
    }),
    ("graph.directory_audits listValue5", |value| {
        audit(
            "StrongAuthenticationUserDetails",
            &json!(json!([{"PhoneNumber": value, "Email": null}]).to_string()),
            &json!("x"),
        )
    }),
    (
        "graph.directory_audits listValue6",
        |value| json!({"initiatedBy": {"user": {"displayName": value, "userPrincipalName": "a@b.example"}, "app": null}}),
    ),
    (
        "graph.directory_audits listValue7",
        |value| json!({"additionalDetails": [{"key": "Reason", "value": value}]}),
    ),
    (
        "graph.directory_audits listValue8",
        |value| json!({"targetResources": [{"displayName": value, "type": "Device"}]}),
    ),
    (
        "graph.directory_audits listValue9",
        |value| json!({"resultReason": format!("by {value} of the group")}),
    ),
    // The sign-in log.
    (
        "graph.sign_ins listValue2",
        |value| json!({"location": {"city": value, "state": "x"}}),
    ),
    (
        "graph.sign_ins listValue3",
        |value| json!({"location": {"state": value, "countryOrRegion": "AT"}}),
    ),
    (
        "graph.sign_ins listValue4",
        |value| json!({"deviceDetail": {"displayName": value, "browser": "Edge 1.0"}}),
    ),
    (
        "graph.sign_ins listValue5",
        |value| json!({"status": {"errorCode": 50126, "failureReason": format!("user {value} is locked")}}),
    ),
    (
        "graph.sign_ins listValue6",
        |value| json!({"status": {"additionalDetails": format!("({value})")}}),
    ),
    (
        "graph.sign_ins listValue7",
        |value| json!({"userAgent": format!("Mozilla/5.0 ({value})")}),
    ),
    (
        "graph.sign_ins listValue8",
        |value| json!({"authenticationDetails": [{"authenticationMethodDetail": value}]}),
    ),
    (
        "graph.sign_ins listValue9",
        |value| json!({"networkLocationDetails": [{"networkNames": [value]}]}),
    ),
    (
        "graph.sign_ins listValue10",
        |value| json!({"signInIdentifier": value, "homeTenantName": value}),
    ),
    (
        "graph.sign_ins listValue11",
        |value| json!({"appliedConditionalAccessPolicies": [{"displayName": value}]}),
    ),
    // The account, and what is beside it.
    (
        "graph.user listValue3",
        |value| json!({"displayName": value, "givenName": value, "mailNickname": value}),
    ),
    (
        "graph.user listValue4",
        |value| json!({"jobTitle": value, "officeLocation": value, "proxyAddresses": [value], "employeeId": value}),
    ),
    (
        "graph.user listValue2",
        |value| json!({"userType": value, "usageLocation": value, "preferredLanguage": value}),
    ),
    (
        "graph.user listValue5",
        |value| json!({"passwordPolicies": value, "country": value, "postalCode": value}),
    ),
    (
        "graph.group_memberships listValue2",
        |value| json!({"displayName": value, "description": format!("members of {value}")}),
    ),
    (
        "graph.conditional_access_policies listValue2",
        |value| json!({"displayName": format!("Require MFA {value}")}),
    ),
    (
        "graph.conditional_access_policies listValue3",
        |value| json!({"conditions": {"devices": {"deviceFilter": {"rule": format!("device.displayName -startsWith \"{value}\"")}}}}),
    ),
    (
        "graph.named_locations listValue2",
        |value| json!({"displayName": value}),
    ),
    (
        "graph.organization listValue2",
        |value| json!({"displayName": value, "technicalNotificationMails": [value]}),
    ),
    // Dataverse.
    (
        "dataverse.system_users listValue2",
        |value| json!({"fullname": value, "title": value, "address1_line1": value}),
    ),
    (
        "dataverse.user_roles listValue2",
        |value| json!({"name": format!("{value} role")}),
    ),
    (
        "dataverse.user_teams listValue2",
        |value| json!({"name": value, "roles": [{"name": value}]}),
    ),
    (
        "dataverse.business_unit listValue2",
        |value| json!({"name": value}),
    ),
    (
        "dataverse.system_jobs listValue2",
        |value| json!({"message": format!("Job of {value} failed"), "friendlymessage": value}),
    ),
    // Answers that are refusals, and sections that nobody knows.
    (
        "graph.risky_user listValue2",
        |value| json!({"error": {"code": "Forbidden", "message": format!("User '{value}' is denied; see {value}.")}}),
    ),
    (
        "graph.risky_user listValue3",
        |value| json!({"innerError": {"detail": format!("at {value}:443 for {value}")}}),
    ),
    (
        "custom.section listValue3",
        |value| json!({"note": value, "deep": [[value]]}),
    ),
    (
        "custom.section listValue4",
        |value| json!({"claims": {"name": value, "groups": [value], "acct": value}}),
    ),
    (
        "custom.section listValue2",
        |value| json!({"payload": json!({"who": value}).to_string()}),
    ),
    (
        "custom.section listValue5",
        |value| json!({"detail": format!("proxy {value} refused"), "outcome": value}),
    ),
    (
        "answers listValue2",
        |value| json!({"answers": [{"question": "sign-in-error", "fact": "error.text", "value": value}]}),
    ),
];

/// Elements of lists, each with the number in one place.
pub(super) const NUMBERS: &[Numbered] = &[
    (
        "graph.user numbers",
        |value| json!({"employeeNumber": value, "faxNumber": value}),
    ),
    (
        "graph.sign_ins numbers",
        |value| json!({"autonomousSystemNumber": value}),
    ),
    (
        "graph.sign_ins coordinates",
        |value| json!({"location": {"geoCoordinates": {"latitude": value, "longitude": value}}}),
    ),
    (
        "custom.section numbers",
        |value| json!({"n": value, "list": [value], "ssn": value}),
    ),
    ("graph.directory_audits numbers", |value| {
        audit("EmployeeNumber", &json!(json!([value]).to_string()), &json!("[]"))
    }),
];

/// Lists of objects whose property is the value.
pub(super) const PROPERTIES: &[&str] = &[
    "custom.section people",
    "graph.user people",
    "dataverse.work365_jobs counts_of",
];
