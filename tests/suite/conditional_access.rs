//! The Conditional Access evaluator against tables of hand-written cases (`fixtures/conditional-access`) and against
//! properties that hold for all policies.
use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use work365_doctor::conditional_access::*;

/// The names that stand for ids in the tables.
const IDS: &[(&str, &str)] = &[
    ("$UPPER_ME", "AAAAAAAA-0000-4000-8000-000000000001"),
    ("$UPPER_G1", "BBBBBBBB-0000-4000-8000-000000000001"),
    ("$UPPER_OFFICE", "DDDDDDDD-0000-4000-8000-000000000001"),
    ("$ME", "aaaaaaaa-0000-4000-8000-000000000001"),
    ("$OTHER", "aaaaaaaa-0000-4000-8000-000000000002"),
    ("$HOME", "aaaaaaaa-0000-4000-8000-000000000003"),
    ("$SP", "aaaaaaaa-0000-4000-8000-000000000004"),
    ("$G1", "bbbbbbbb-0000-4000-8000-000000000001"),
    ("$G2", "bbbbbbbb-0000-4000-8000-000000000002"),
    ("$R1", "62e90394-69f5-4237-9190-012177145e10"),
    ("$R2", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ("$DV", DATAVERSE),
    ("$OFFICE", "dddddddd-0000-4000-8000-000000000001"),
    ("$BRANCH", "dddddddd-0000-4000-8000-000000000002"),
    ("$DACH", "dddddddd-0000-4000-8000-000000000003"),
    ("$GPS", "dddddddd-0000-4000-8000-000000000004"),
    ("$BROKEN", "dddddddd-0000-4000-8000-000000000005"),
    ("$ODD", "dddddddd-0000-4000-8000-000000000006"),
    ("$STRONG", "eeeeeeee-0000-4000-8000-000000000001"),
    ("$WEAK", "eeeeeeee-0000-4000-8000-000000000002"),
];

fn with_ids(text: &str) -> String {
    IDS.iter()
        .fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
}

fn id(name: &str) -> String {
    with_ids(name)
}

fn table<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    let path = format!(
        "{}/fixtures/conditional-access/{name}.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&with_ids(&text)).unwrap()
}

/// The tenant's named locations; `without`: `trust` (none is trusted), `pages` (there are more).
fn named_locations(without: &[String]) -> Value {
    let without = |what: &str| without.iter().any(|one| one == what);
    let mut body = json!({"value": [
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id("$OFFICE"), "displayName": "Office",
         "isTrusted": !without("trust"), "ipRanges": [
            {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"},
            {"@odata.type": "#microsoft.graph.iPv6CidrRange", "cidrAddress": "2001:db8::/48"}]},
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id("$BRANCH"), "displayName": "Branch",
         "isTrusted": false, "ipRanges": [{"cidrAddress": "198.51.100.64/25"}]},
        {"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id("$DACH"), "displayName": "Home",
         "countriesAndRegions": ["DE", "AT", "CH"], "includeUnknownCountriesAndRegions": false,
         "countryLookupMethod": "clientIpAddress"},
        {"@odata.type": "#microsoft.graph.countryNamedLocation", "id": id("$GPS"), "displayName": "Phone",
         "countriesAndRegions": ["DE"], "countryLookupMethod": "authenticatorAppGps"},
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": id("$BROKEN"), "displayName": "Broken",
         "isTrusted": false, "ipRanges": [{"cidrAddress": "somewhere"}, {"cidrAddress": "192.0.2.200/32"}]},
        {"@odata.type": "#microsoft.graph.compliantNetworkNamedLocation", "id": id("$ODD")},
    ]});
    if without("pages") {
        body["@odata.nextLink"] = json!("https://graph.microsoft.com/next");
    }
    body
}

fn strengths() -> Value {
    json!({"value": [
        {"id": id("$STRONG"), "requirementsSatisfied": "mfa"},
        {"id": id("$WEAK"), "requirementsSatisfied": "none"},
    ]})
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SignInSpec {
    user: Option<String>,
    kind: Option<String>,
    home: Option<String>,
    groups: Option<Value>,
    roles: Option<Value>,
    sp: Option<String>,
    registered: Option<bool>,
    app: Option<String>,
    client: Option<String>,
    ip: Option<String>,
    country: Option<String>,
    platform: Option<String>,
    device: Option<String>,
    sign_in_risk: Option<String>,
    user_risk: Option<String>,
    service_principal_risk: Option<String>,
    insider_risk: Option<String>,
    flow: Option<String>,
    mfa_trusted: Option<bool>,
    assume_no_risk: bool,
    day: Option<String>,
}

fn parsed<T: std::str::FromStr>(text: Option<&String>) -> Option<T>
where
    T::Err: std::fmt::Debug,
{
    text.map(|text| text.parse().unwrap())
}

fn membership(spec: Option<&Value>, default: &[&str]) -> Membership {
    match spec {
        None => Membership::known(default.iter().map(|name| id(name))),
        Some(Value::Array(ids)) => Membership::known(ids.iter().map(|id| id.as_str().unwrap())),
        Some(_) => Membership::Unknown,
    }
}

impl SignInSpec {
    fn build(&self) -> SignIn {
        let known = |text: &String| (text != "unknown").then(|| text.clone());
        let subject = match &self.sp {
            Some(principal) => Subject::ServicePrincipal(ServicePrincipal {
                id: known(principal),
                registered_here: self.registered,
            }),
            None => Subject::User(User {
                id: self.user.as_ref().map_or_else(|| Some(id("$ME")), known),
                kind: match self.kind.as_deref() {
                    None => UserKind::Member,
                    Some("unknown") => UserKind::Unknown,
                    Some(kind) => UserKind::External {
                        kind: kind.parse().ok(),
                        home_tenant: self.home.clone(),
                    },
                },
                groups: membership(self.groups.as_ref(), &["$G1"]),
                roles: membership(self.roles.as_ref(), &[]),
            }),
        };
        let day = self.day.as_deref().unwrap_or("2026-01-05");
        let mut sign_in = SignIn::new(subject, day.parse().unwrap());
        sign_in.application = self.app.clone().unwrap_or(sign_in.application);
        sign_in.client_app = parsed(self.client.as_ref()).unwrap_or(sign_in.client_app);
        sign_in.ip = parsed(self.ip.as_ref());
        sign_in.country = self.country.clone();
        sign_in.platform = parsed(self.platform.as_ref());
        if self.device.is_some() {
            sign_in.device = Device::Unregistered;
        }
        sign_in.sign_in_risk = parsed(self.sign_in_risk.as_ref());
        sign_in.user_risk = parsed(self.user_risk.as_ref());
        sign_in.service_principal_risk = parsed(self.service_principal_risk.as_ref());
        sign_in.insider_risk = parsed(self.insider_risk.as_ref());
        sign_in.mfa_trusted_ip = self.mfa_trusted;
        match self.flow.as_deref() {
            None => {}
            Some("unknown") => sign_in.flow = None,
            Some(flow) => sign_in.flow = Some(flow.parse().unwrap()),
        }
        if self.assume_no_risk {
            sign_in.assuming_no_risk()
        } else {
            sign_in
        }
    }
}

/// A policy from the parts that a table states; the rest is "all users, all applications, MFA".
fn policy(index: usize, parts: &Value) -> Value {
    let Value::Object(parts) = parts else {
        return parts.clone();
    };
    let mut conditions = json!({
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    });
    match parts.get("c") {
        Some(Value::Object(own)) => {
            conditions.as_object_mut().unwrap().extend(own.clone());
        }
        Some(other) => conditions = other.clone(),
        None => {}
    }
    let or = |key: &str, default: Value| parts.get(key).cloned().unwrap_or(default);
    completed(json!({
        "id": format!("policy-{index}"),
        "displayName": or("policy", json!(format!("Policy {index}"))),
        "state": or("state", json!("enabled")),
        "deletedDateTime": or("deletedDateTime", Value::Null),
        "conditions": conditions,
        "grantControls": or("grant", json!({"operator": "OR", "builtInControls": ["mfa"]})),
        "sessionControls": or("session", Value::Null),
    }))
}

/// The policy with everything that Graph writes even where it is unset: what is absent was not read.
pub(crate) fn completed(mut policy: Value) -> Value {
    let mut fill = |pointer: &str, keys: &[&str]| {
        if let Some(Value::Object(object)) = policy.pointer_mut(pointer) {
            for key in keys {
                object.entry(*key).or_insert(Value::Null);
            }
        }
    };
    fill("", &["grantControls", "sessionControls"]);
    fill("/sessionControls", &["signInFrequency"]);
    fill(
        "/grantControls",
        &[
            "builtInControls",
            "termsOfUse",
            "customAuthenticationFactors",
            "authenticationStrength",
        ],
    );
    let conditions = [
        "users",
        "clientApplications",
        "applications",
        "clientAppTypes",
        "locations",
        "platforms",
        "devices",
        "signInRiskLevels",
        "userRiskLevels",
        "authenticationFlows",
    ];
    fill("/conditions", &conditions);
    let users = [
        "includeUsers",
        "excludeUsers",
        "includeGroups",
        "excludeGroups",
        "includeRoles",
        "excludeRoles",
        "includeGuestsOrExternalUsers",
        "excludeGuestsOrExternalUsers",
    ];
    fill("/conditions/users", &users);
    fill(
        "/conditions/applications",
        &["includeApplications", "excludeApplications"],
    );
    fill("/conditions/locations", &["includeLocations", "excludeLocations"]);
    fill("/conditions/platforms", &["includePlatforms", "excludePlatforms"]);
    policy
}

/// One property at a time: what Graph always writes and was not read leaves the policy open, in both directions.
#[test]
fn what_was_not_read_of_a_policy_leaves_it_open() {
    let whole = policy(
        0,
        &json!({"c": {"users": {"includeUsers": ["All"], "excludeGroups": [id("$G2")]}}}),
    );
    for pointer in [
        "/grantControls",
        "/sessionControls",
        "/grantControls/builtInControls",
        "/grantControls/authenticationStrength",
        "/conditions/users",
        "/conditions/users/includeUsers",
        "/conditions/users/excludeGroups",
        "/conditions/applications",
        "/conditions/applications/includeApplications",
        "/conditions/clientAppTypes",
        "/conditions/locations",
        "/conditions/signInRiskLevels",
    ] {
        let mut lacking = whole.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        lacking
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key);
        let evaluation = evaluate(&set(&[lacking], &[]), &SignInSpec::default().build());
        let grants = grants(&evaluation);
        let verdicts = [&grants.mfa, &grants.blocked, &grants.sign_in_frequency];
        assert!(
            verdicts.iter().any(|answer| answer.verdict == Verdict::Unknown),
            "{pointer}: {evaluation:?}"
        );
    }
}

fn set(policies: &[Value], without: &[String]) -> PolicySet {
    let locations = named_locations(without);
    let read = !without.iter().any(|one| one == "locations");
    let body = json!({"value": policies});
    PolicySet::parse(&body, read.then_some(&locations), Some(&strengths())).unwrap()
}

#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    #[serde(default)]
    s: SignInSpec,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    expect: String,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(flatten)]
    parts: Map<String, Value>,
}

fn key(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn check_table(name: &str) -> usize {
    let cases: Vec<Case> = table(name);
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
    cases.len()
}

fn check(case: &Case) -> Result<(), String> {
    let set = set(&[policy(0, &Value::Object(case.parts.clone()))], &case.without);
    let evaluation = evaluate(&set, &case.s.build());
    let (actual, reasons) = match &evaluation.outcomes[0].applicability {
        Applicability::Applies { because } => ("applies".to_owned(), because.clone()),
        Applicability::DoesNotApply { because } => {
            let text = format!("no {}.{}", key(because.condition), key(because.cause));
            (text, vec![because.clone()])
        }
        Applicability::Undetermined { missing } => {
            let names: Vec<String> = missing.iter().map(Missing::to_string).collect();
            (format!("open {}", names.join(", ")), vec![])
        }
    };
    for reason in &reasons {
        let text = reason_text(reason);
        assert!(
            text.ends_with('.') && text.contains(' ') && !text.contains('{'),
            "no words: {text}"
        );
    }
    let matched = reasons
        .last()
        .and_then(|reason| reason.matched.as_ref())
        .map(|matched| key(matched.kind));
    let any_kind = |kind: &str| {
        reasons.iter().any(|reason| {
            reason
                .matched
                .as_ref()
                .is_some_and(|matched| key(matched.kind) == kind)
        })
    };
    let fits = match case.expect.strip_prefix("applies ") {
        Some(kind) => actual == "applies" && any_kind(kind),
        None => actual == case.expect,
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "{}: expected `{}`, got `{actual}` {matched:?}",
            case.name, case.expect
        ))
    }
}

#[test]
fn each_condition_answers_as_its_table_says() {
    let count: usize = ["users", "applications", "circumstances"]
        .into_iter()
        .map(check_table)
        .sum();
    assert!(count >= 150, "{count} cases");
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionCase {
    name: String,
    #[serde(default)]
    s: SignInSpec,
    #[serde(default)]
    more: bool,
    policies: Vec<Value>,
    decision: String,
    grants: BTreeMap<String, String>,
    /// Words of the notes of `what-if`, in order; not looked at when absent.
    notes: Option<Vec<String>>,
}

#[test]
fn policies_together_decide_as_the_table_says() {
    let mut failures = Vec::new();
    for case in table::<DecisionCase>("decisions") {
        let policies: Vec<Value> = case
            .policies
            .iter()
            .enumerate()
            .map(|(i, parts)| policy(i, parts))
            .collect();
        let mut body = json!({"value": policies});
        if case.more {
            body["@odata.nextLink"] = json!("https://graph.microsoft.com/next");
        }
        let set = PolicySet::parse(&body, Some(&named_locations(&[])), Some(&strengths())).unwrap();
        let evaluation = evaluate(&set, &case.s.build());
        let answers = grants(&evaluation);
        let named = [
            ("blocked", &answers.blocked),
            ("mfa", &answers.mfa),
            ("device", &answers.device),
            ("other", &answers.other),
            ("terms_of_use", &answers.terms_of_use),
            ("sign_in_frequency", &answers.sign_in_frequency),
        ];
        let actual: BTreeMap<String, String> = named
            .into_iter()
            .filter(|(_, answer)| answer.verdict != Verdict::No)
            .map(|(name, answer)| {
                let verdict = if answer.verdict == Verdict::Yes {
                    "yes"
                } else {
                    "unknown"
                };
                assert_eq!(answer.verdict == Verdict::Yes, !answer.policies.is_empty());
                (name.to_owned(), verdict.to_owned())
            })
            .collect();
        let said = WhatIf::new(&set, &case.s.build(), &evaluation).notes;
        if let Some(wanted) = &case.notes {
            let fits = said.len() == wanted.len()
                && said.iter().zip(wanted).all(|(note, words)| note.contains(words));
            if !fits || said.iter().any(|note| note.contains(['{', '}'])) {
                failures.push(format!("{}: said {said:?}", case.name));
            }
        }
        if key(evaluation.decision) != case.decision || actual != case.grants {
            failures.push(format!(
                "{}: got {} {actual:?}",
                case.name,
                key(evaluation.decision)
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_smallest_changes_are_those_of_the_table() {
    for case in table::<Case>("changes") {
        let set = set(&[policy(0, &Value::Object(case.parts.clone()))], &case.without);
        let changes = smallest_changes(&set, &case.s.build(), 0);
        let actual: Vec<String> = changes
            .iter()
            .map(|change| {
                format!("{} {}", key(change.kind), change.targets.join(" "))
                    .trim()
                    .to_owned()
            })
            .collect();
        assert_eq!(actual, case.changes, "{}", case.name);
        for change in &changes {
            assert!(change_text(change).ends_with('.') && !change_text(change).contains('{'));
            let guarded = change.compensation.map(compensation_text);
            assert!(guarded.is_none_or(|text| text.ends_with('.')), "{}", case.name);
        }
    }
}

#[test]
fn a_body_without_a_list_is_refused() {
    for body in [
        json!({}),
        json!([]),
        json!({"value": {}}),
        json!({"error": {"code": "AccessDenied"}}),
    ] {
        assert_eq!(PolicySet::parse(&body, None, None).err(), Some(NotAPolicyList));
    }
}

#[test]
fn the_kind_of_user_is_read_from_the_directory() {
    let external = |kind| UserKind::External {
        kind,
        home_tenant: None,
    };
    let cases = [
        (Some("Member"), Some("a@contoso.com"), UserKind::Member),
        (
            Some("Member"),
            Some("a_b#EXT#@contoso.com"),
            external(Some(ExternalKind::B2bCollaborationMember)),
        ),
        (
            Some("Guest"),
            Some("a_b#ext#@contoso.com"),
            external(Some(ExternalKind::B2bCollaborationGuest)),
        ),
        (
            Some("Guest"),
            Some("a@contoso.com"),
            external(Some(ExternalKind::InternalGuest)),
        ),
        (Some("Guest"), None, external(None)),
        (Some("Member"), None, UserKind::Unknown),
        (None, Some("a@contoso.com"), UserKind::Unknown),
    ];
    for (user_type, upn, expected) in cases {
        assert_eq!(
            UserKind::from_directory(user_type, upn),
            expected,
            "{user_type:?} {upn:?}"
        );
    }
}

#[test]
fn what_if_has_the_keys_of_the_contract() {
    let policies: Vec<Value> = [
        json!({}),
        json!({"state": "enabledForReportingButNotEnforced"}),
        json!({"state": "disabled"}),
        json!({"c": {"users": {"includeUsers": [id("$OTHER")]}}}),
        json!({"c": {"locations": {"includeLocations": [id("$DACH")]}}}),
    ]
    .iter()
    .enumerate()
    .map(|(index, parts)| policy(index, parts))
    .collect();
    let (set, sign_in) = (set(&policies, &[]), SignInSpec::default().build());
    let answer = WhatIf::new(&set, &sign_in, &evaluate(&set, &sign_in));
    let answer = serde_json::to_value(answer).unwrap();
    assert_eq!(answer["schema"], "work365-doctor/what-if/v1");
    assert_eq!(answer["decision"], "controls_required");
    assert_eq!(answer["applied"][0]["id"], "policy-0");
    assert_eq!(answer["applied"][0]["controls"], json!(["mfa"]));
    assert_eq!(answer["applied"][0]["because"][0], "The policy is for all users.");
    assert_eq!(answer["applied"][0]["changes"][0]["change"], "exclude-account");
    assert_eq!(answer["report_only"][0]["id"], "policy-1");
    assert_eq!(answer["not_applied"][0]["condition"], "state");
    assert_eq!(answer["not_applied"][1]["condition"], "users");
    assert_eq!(answer["undetermined"][0]["missing"], json!(["country"]));
}

/// Parts of policies that say different things about different conditions, so that chance meets many combinations.
fn any_policy() -> impl Strategy<Value = Value> {
    let pick = |options: &'static [&'static str]| {
        prop::sample::select(options).prop_map(|text| serde_json::from_str::<Value>(&with_ids(text)).unwrap())
    };
    let conditions = (
        pick(&[
            r#"{"includeUsers":["All"]}"#,
            r#"{"includeUsers":["$ME"]}"#,
            r#"{"includeGroups":["$G1"]}"#,
            r#"{"includeGroups":["$G2"],"includeRoles":["$R1"]}"#,
            r#"{"includeUsers":["All"],"excludeGroups":["$G2"]}"#,
            r#"{"includeUsers":["GuestsOrExternalUsers"]}"#,
            r#"{"includeUsers":["Strange"]}"#,
        ]),
        pick(&[
            r#"{"includeApplications":["All"]}"#,
            r#"{"includeApplications":["$DV"]}"#,
            r#"{"includeApplications":["Office365"]}"#,
            r#"{"includeApplications":["All"],"applicationFilter":{"mode":"exclude","rule":"x"}}"#,
        ]),
        pick(&[
            r#"["all"]"#,
            r#"["browser"]"#,
            r#"["other"]"#,
            r#"["mobileAppsAndDesktopClients"]"#,
            "[]",
        ]),
        pick(&[
            "null",
            r#"{"includeLocations":["All"],"excludeLocations":["AllTrusted"]}"#,
            r#"{"includeLocations":["$DACH"]}"#,
            r#"{"includeLocations":["$BRANCH","$OTHER"]}"#,
        ]),
        pick(&[
            "null",
            r#"{"includePlatforms":["all"],"excludePlatforms":["windows"]}"#,
        ]),
        pick(&["[]", r#"["high"]"#, r#"["none","low"]"#]),
        pick(&["null", r#"{"transferMethods":"deviceCodeFlow"}"#]),
    );
    let rest = (
        pick(&[
            r#""enabled""#,
            r#""enabled""#,
            r#""enabledForReportingButNotEnforced""#,
            r#""disabled""#,
        ]),
        pick(&[
            "null",
            r#"{"operator":"OR","builtInControls":["mfa"]}"#,
            r#"{"operator":"OR","builtInControls":["block"]}"#,
            r#"{"operator":"AND","builtInControls":["mfa","compliantDevice"]}"#,
            r#"{"operator":"OR","builtInControls":["strange"]}"#,
        ]),
    );
    (conditions, rest).prop_map(
        |((users, apps, clients, locations, platforms, risk, flows), (state, grant))| {
            json!({"state": state, "grant": grant, "c": {
                "users": users, "applications": apps, "clientAppTypes": clients, "locations": locations,
                "platforms": platforms, "signInRiskLevels": risk, "authenticationFlows": flows,
            }})
        },
    )
}

fn any_policies() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(any_policy(), 0..6).prop_map(|parts| {
        parts
            .iter()
            .enumerate()
            .map(|(index, parts)| policy(index, parts))
            .collect()
    })
}

fn any_sign_in() -> impl Strategy<Value = SignInSpec> {
    let maybe =
        |options: &'static [&'static str]| prop::option::of(prop::sample::select(options).prop_map(with_ids));
    (
        maybe(&["203.0.113.9", "198.51.100.9", "192.0.2.9", "2001:db8::9"]),
        maybe(&["DE", "US"]),
        maybe(&["windows", "linux"]),
        maybe(&["none", "low", "high"]),
        maybe(&["deviceCodeFlow", "unknown"]),
        maybe(&["browser", "other"]),
        prop::option::of(prop::sample::select(&["unknown", "none", "both"])),
        maybe(&["b2bCollaborationGuest", "unknown"]),
    )
        .prop_map(
            |(ip, country, platform, sign_in_risk, flow, client, groups, kind)| SignInSpec {
                ip,
                country,
                platform,
                sign_in_risk,
                flow,
                client,
                kind,
                groups: groups.map(|groups| match groups {
                    "unknown" => json!("unknown"),
                    "none" => json!([]),
                    _ => json!([id("$G1"), id("$G2")]),
                }),
                ..SignInSpec::default()
            },
        )
}

fn decision(policies: &[Value], sign_in: &SignIn) -> Decision {
    evaluate(&set(policies, &[]), sign_in).decision
}

/// The decisions that an undetermined one leaves open, as a set of bits: allow, controls, block.
fn applies(policies: &[Value], sign_in: &SignIn) -> Vec<&'static str> {
    let evaluation = evaluate(&set(policies, &[]), sign_in);
    evaluation
        .outcomes
        .iter()
        .map(|outcome| match outcome.applicability {
            Applicability::Applies { .. } => "yes",
            Applicability::DoesNotApply { .. } => "no",
            Applicability::Undetermined { .. } => "open",
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_exclusion_never_widens(
        policies in any_policies(),
        sign_in in any_sign_in(),
        exclusion in prop::sample::select(&[
            ("users", "excludeUsers", "$ME"), ("users", "excludeUsers", "$OTHER"), ("users", "excludeGroups", "$G1"),
            ("users", "excludeRoles", "$R1"), ("users", "excludeUsers", "Strange"),
            ("applications", "excludeApplications", "$DV"), ("applications", "excludeApplications", "Office365"),
            ("locations", "excludeLocations", "$OFFICE"), ("locations", "excludeLocations", "$DACH"),
            ("platforms", "excludePlatforms", "linux"),
        ]),
    ) {
        let sign_in = sign_in.build();
        let (part, list, item) = exclusion;
        let mut narrowed = policies.clone();
        for policy in &mut narrowed {
            let part = &mut policy["conditions"][part];
            if part.is_null() {
                continue;
            }
            let mut items = part[list].as_array().cloned().unwrap_or_default();
            items.push(json!(id(item)));
            part[list] = Value::Array(items);
        }
        let pairs = applies(&policies, &sign_in).into_iter().zip(applies(&narrowed, &sign_in));
        for (before, after) in pairs {
            let narrower = matches!((before, after), ("yes", _) | ("open", "open" | "no") | ("no", "no"));
            prop_assert!(narrower, "{before} became {after}");
        }
    }

    #[test]
    fn a_report_only_policy_never_changes_the_decision(
        policies in any_policies(),
        extra in any_policy(),
        sign_in in any_sign_in(),
    ) {
        let sign_in = sign_in.build();
        let mut extra = policy(99, &extra);
        extra["state"] = json!("enabledForReportingButNotEnforced");
        let mut more = policies.clone();
        more.push(extra);
        let (before, after) = (set(&policies, &[]), set(&more, &[]));
        let (before, after) = (evaluate(&before, &sign_in), evaluate(&after, &sign_in));
        prop_assert_eq!(before.decision, after.decision);
        prop_assert_eq!(grants(&before), grants(&after));
    }

    #[test]
    fn the_order_of_policies_is_irrelevant(
        (policies, shuffled) in any_policies().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        sign_in in any_sign_in(),
    ) {
        let sign_in = sign_in.build();
        prop_assert_eq!(decision(&policies, &sign_in), decision(&shuffled, &sign_in));
        let order = |all: &[Value]| {
            let evaluation = evaluate(&set(all, &[]), &sign_in);
            let mut outcomes: Vec<String> = evaluation.outcomes.iter().map(|one| format!("{one:?}")).collect();
            outcomes.sort();
            outcomes
        };
        prop_assert_eq!(order(&policies), order(&shuffled));
    }

    #[test]
    fn taking_evidence_away_leaves_the_answer_or_opens_it(
        policies in any_policies(),
        sign_in in any_sign_in(),
        lost in prop::sample::select(&["ip", "country", "platform", "risk", "groups", "roles", "flow", "kind", "user",
            "locations"]),
    ) {
        let full = sign_in.build();
        let mut less = full.clone();
        let Subject::User(user) = &mut less.subject else { unreachable!() };
        match lost {
            "ip" => less.ip = None,
            "country" => less.country = None,
            "platform" => less.platform = None,
            "risk" => less.sign_in_risk = None,
            "groups" => user.groups = Membership::Unknown,
            "roles" => user.roles = Membership::Unknown,
            "flow" => less.flow = None,
            "kind" => user.kind = UserKind::Unknown,
            "user" => user.id = None,
            _ => {}
        }
        let without = if lost == "locations" { vec!["locations".to_owned()] } else { vec![] };
        let before = evaluate(&set(&policies, &[]), &full).decision;
        let after = evaluate(&set(&policies, &without), &less).decision;
        prop_assert!(after == before || after == Decision::Undetermined, "{before:?} became {after:?}");
    }

    #[test]
    fn a_proposed_exclusion_lets_the_account_through(policies in any_policies(), sign_in in any_sign_in()) {
        let sign_in = sign_in.build();
        let judged = set(&policies, &[]);
        for index in 0..policies.len() {
            for change in smallest_changes(&judged, &sign_in, index) {
                let mut changed = policies.clone();
                let conditions = &mut changed[index]["conditions"];
                let (part, list) = match change.kind {
                    ChangeKind::ExcludeAccount => ("users", "excludeUsers"),
                    ChangeKind::ExcludeLocation => ("locations", "excludeLocations"),
                    _ => continue,
                };
                if conditions[part].is_null() {
                    conditions[part] = json!({"includeLocations": ["All"]});
                }
                let mut items = conditions[part][list].as_array().cloned().unwrap_or_default();
                items.extend(change.targets.iter().map(|target| json!(target)));
                conditions[part][list] = Value::Array(items);
                prop_assert_eq!(applies(&changed, &sign_in)[index], "no");
            }
        }
    }

    #[test]
    fn any_json_is_read_without_a_panic(text in "[\\[\\]{}\":,a-zA-Z0-9 ]{0,60}") {
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        for slot in ["conditions", "grantControls", "sessionControls", "state"] {
            let mut policy = policy(0, &json!({}));
            policy[slot] = value.clone();
            let body = json!({"value": [policy]});
            if let Ok(set) = PolicySet::parse(&body, Some(&value), Some(&value)) {
                let evaluation = evaluate(&set, &SignInSpec::default().build());
                prop_assert!(evaluation.decision != Decision::Allow || slot == "grantControls");
            }
        }
    }
}
