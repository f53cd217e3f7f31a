//! The README's tables of Conditional Access conditions and controls: written from the rows below, and every cell that
//! claims something is shown by the evaluator. A condition, a control or a gap that is new does not compile here before
//! it has its row.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::conditional_access::completed;
use work365_doctor::conditional_access::{
    Applicability, ClientApp, Condition, Control, Device, ExternalKind, Grants, Membership, Missing,
    Platform, PolicySet, RiskLevel, ServicePrincipal, SignIn, Strength, Subject, User, UserKind, Verdict,
    evaluate, grants,
};

const ME: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const GROUP: &str = "bbbbbbbb-0000-4000-8000-000000000001";
const OFFICE: &str = "dddddddd-0000-4000-8000-000000000001";
const HOME: &str = "dddddddd-0000-4000-8000-000000000002";
const PHONE: &str = "dddddddd-0000-4000-8000-000000000003";
const ROLE: &str = "62e90394-69f5-4237-9190-012177145e10";
const OTHER: &str = "cccccccc-0000-4000-8000-000000000001";

/// A policy's conditions that differ from "everybody, everything", and how the sign-in differs from the ordinary one.
struct Probe {
    conditions: Value,
    change: fn(&mut SignIn),
}

/// What the README says of one condition.
struct Row {
    name: &'static str,
    property: &'static str,
    decided: &'static str,
    /// Policies that certainly apply, and certainly do not because of this condition; none where nothing is ever certain.
    certain: Option<(Probe, Probe)>,
    /// The name of what is missing, as `what-if` prints it, when it is missing in the README's words, and the proof.
    open: Vec<(&'static str, &'static str, Probe)>,
    not_modelled: &'static str,
}

const CONDITIONS: [Condition; 14] = [
    Condition::State,
    Condition::Users,
    Condition::Applications,
    Condition::ClientApps,
    Condition::Locations,
    Condition::Platforms,
    Condition::Devices,
    Condition::SignInRisk,
    Condition::UserRisk,
    Condition::ServicePrincipalRisk,
    Condition::InsiderRisk,
    Condition::AgentRisk,
    Condition::AuthenticationFlows,
    Condition::Unrecognised,
];

fn probe(conditions: Value, change: fn(&mut SignIn)) -> Probe {
    Probe { conditions, change }
}

fn plain(conditions: Value) -> Probe {
    probe(conditions, |_| {})
}

fn user(sign_in: &mut SignIn) -> &mut User {
    match &mut sign_in.subject {
        Subject::User(user) => user,
        Subject::ServicePrincipal(_) => panic!("the ordinary sign-in is a user's"),
    }
}

fn workload(id: Option<&str>, registered_here: Option<bool>) -> Subject {
    Subject::ServicePrincipal(ServicePrincipal {
        id: id.map(str::to_owned),
        registered_here,
    })
}

fn external(sign_in: &mut SignIn, kind: Option<ExternalKind>) {
    user(sign_in).kind = UserKind::External {
        kind,
        home_tenant: None,
    };
}

fn everywhere() -> Value {
    json!({"locations": {"includeLocations": ["All"]}})
}

/// No wildcard: a new condition needs its row (and its place in [`CONDITIONS`]).
fn row(condition: Condition) -> Row {
    let levels = |property: &str| json!({ property: ["high"] });
    match condition {
        Condition::State => Row {
            name: "state",
            property: "`state`",
            decided: "enabled; report-only and off count for nothing",
            certain: None,
            open: vec![(
                "unrecognised",
                "a state that is not known",
                plain(json!({"$state": "tomorrow"})),
            )],
            not_modelled: "–",
        },
        Condition::Users => Row {
            name: "users, groups, roles, guests, workload identities",
            property: "`users`, `clientApplications`",
            decided: "by object id, transitive groups, active directory roles, kind of guest; exclusions win",
            certain: Some((
                plain(json!({"users": {"includeGroups": [GROUP]}})),
                plain(json!({"users": {"includeUsers": ["All"], "excludeUsers": [ME]}})),
            )),
            open: vec![
                (
                    "user",
                    "the account was not read",
                    probe(json!({"users": {"includeUsers": [ME]}}), |sign_in| {
                        user(sign_in).id = None
                    }),
                ),
                (
                    "groups",
                    "its groups were not",
                    probe(json!({"users": {"includeGroups": [GROUP]}}), |sign_in| {
                        user(sign_in).groups = Membership::Unknown;
                    }),
                ),
                (
                    "roles",
                    "its roles were not",
                    probe(json!({"users": {"includeRoles": [ROLE]}}), |sign_in| {
                        user(sign_in).roles = Membership::Unknown;
                    }),
                ),
                (
                    "user-type",
                    "member or guest is not known",
                    probe(
                        json!({"users": {"includeUsers": ["GuestsOrExternalUsers"]}}),
                        |sign_in| {
                            user(sign_in).kind = UserKind::Unknown;
                        },
                    ),
                ),
                (
                    "home-tenant",
                    "a guest's tenant is not",
                    probe(
                        json!({"users": {"includeGuestsOrExternalUsers": {
                            "guestOrExternalUserTypes": "b2bCollaborationGuest",
                            "externalTenants": {"membershipKind": "enumerated", "members": [OTHER]}}}}),
                        |sign_in| external(sign_in, Some(ExternalKind::B2bCollaborationGuest)),
                    ),
                ),
                (
                    "service-principal",
                    "the workload identity's id is not",
                    probe(
                        json!({"users": null, "clientApplications": {"includeServicePrincipals": [OTHER]}}),
                        |sign_in| sign_in.subject = workload(None, Some(true)),
                    ),
                ),
                (
                    "service-principal-kind",
                    "where it is registered is not",
                    probe(
                        json!({"users": null,
                            "clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}}),
                        |sign_in| sign_in.subject = workload(Some(ME), None),
                    ),
                ),
                (
                    "service-principal-filter",
                    "always, where its custom security attributes decide",
                    probe(
                        json!({"users": null, "clientApplications": {"includeServicePrincipals": [OTHER],
                            "servicePrincipalFilter": {"mode": "include", "rule": "x"}}}),
                        |sign_in| sign_in.subject = workload(Some(ME), Some(true)),
                    ),
                ),
            ],
            not_modelled: "custom security attributes of workload identities",
        },
        Condition::Applications => Row {
            name: "target resources",
            property: "`applications`",
            decided: "by application id; user actions and authentication contexts are no plain sign-in",
            certain: Some((
                plain(
                    json!({"applications": {"includeApplications": ["00000007-0000-0000-c000-000000000000"]}}),
                ),
                plain(json!({"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}})),
            )),
            open: vec![
                (
                    "application-filter",
                    "always, where custom security attributes decide",
                    plain(json!({"applications": {"includeApplications": [OTHER],
                        "applicationFilter": {"mode": "include", "rule": "x"}}})),
                ),
                (
                    "application-group",
                    "another application than Dataverse, and an application group",
                    probe(
                        json!({"applications": {"includeApplications": ["Office365"]}}),
                        |sign_in| {
                            sign_in.application = OTHER.to_owned();
                        },
                    ),
                ),
            ],
            not_modelled: "custom security attributes of applications",
        },
        Condition::ClientApps => Row {
            name: "client apps",
            property: "`clientAppTypes`",
            decided: "by kind of client; a password grant is a modern native client",
            certain: Some((
                plain(json!({"clientAppTypes": ["mobileAppsAndDesktopClients"]})),
                plain(json!({"clientAppTypes": ["browser"]})),
            )),
            open: vec![
                (
                    "client-app",
                    "an old policy without a list, for a legacy client",
                    probe(json!({"clientAppTypes": []}), |sign_in| {
                        sign_in.client_app = ClientApp::Other
                    }),
                ),
                (
                    "platform",
                    "Exchange ActiveSync without a platform",
                    probe(json!({"clientAppTypes": ["easSupported"]}), |sign_in| {
                        sign_in.client_app = ClientApp::ExchangeActiveSync;
                        sign_in.platform = None;
                    }),
                ),
            ],
            not_modelled: "–",
        },
        Condition::Locations => Row {
            name: "locations",
            property: "`locations`",
            decided: "by address range, country of the address, trusted named locations",
            certain: Some((
                plain(everywhere()),
                probe(json!({"locations": {"includeLocations": [OFFICE]}}), |sign_in| {
                    sign_in.ip = "192.0.2.1".parse().ok();
                }),
            )),
            open: vec![
                (
                    "ip",
                    "no address",
                    probe(json!({"locations": {"includeLocations": [OFFICE]}}), |sign_in| {
                        sign_in.ip = None
                    }),
                ),
                (
                    "country",
                    "no country",
                    probe(json!({"locations": {"includeLocations": [HOME]}}), |sign_in| {
                        sign_in.country = None;
                    }),
                ),
                (
                    "named-locations",
                    "a location that was not read",
                    plain(json!({"locations": {"includeLocations": [OTHER]}})),
                ),
                (
                    "mfa-trusted-ips",
                    "the MFA trusted addresses, which Graph does not show",
                    plain(
                        json!({"locations": {"includeLocations": ["00000000-0000-0000-0000-000000000000"]}}),
                    ),
                ),
                (
                    "gps-location",
                    "always, by the phone's GPS",
                    plain(json!({"locations": {"includeLocations": [PHONE]}})),
                ),
            ],
            not_modelled: "GPS, compliant network",
        },
        Condition::Platforms => Row {
            name: "device platforms",
            property: "`platforms`",
            decided: "by `--platform`",
            certain: Some((
                plain(json!({"platforms": {"includePlatforms": ["linux"]}})),
                plain(json!({"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}})),
            )),
            open: vec![(
                "platform",
                "no platform",
                probe(json!({"platforms": {"includePlatforms": ["linux"]}}), |sign_in| {
                    sign_in.platform = None;
                }),
            )],
            not_modelled: "–",
        },
        Condition::Devices => Row {
            name: "filter for devices",
            property: "`devices.deviceFilter`",
            decided: "for a device that is not registered, where all operators are positive or all negative",
            certain: Some((
                probe(
                    json!({"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}}),
                    |sign_in| sign_in.device = Device::Unregistered,
                ),
                probe(
                    json!({"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}}}),
                    |sign_in| sign_in.device = Device::Unregistered,
                ),
            )),
            open: vec![(
                "device-filter",
                "nothing is known of the device, or the rule mixes operators",
                plain(
                    json!({"devices": {"deviceFilter": {"mode": "include", "rule": "device.isCompliant -eq True"}}}),
                ),
            )],
            not_modelled: "properties of a registered device",
        },
        Condition::SignInRisk => Row {
            name: "sign-in risk",
            property: "`signInRiskLevels`",
            decided: "by `--sign-in-risk`; `check` assumes none",
            certain: Some((
                probe(levels("signInRiskLevels"), |sign_in| {
                    sign_in.sign_in_risk = Some(RiskLevel::High)
                }),
                plain(levels("signInRiskLevels")),
            )),
            open: vec![(
                "sign-in-risk",
                "no level",
                probe(levels("signInRiskLevels"), |sign_in| sign_in.sign_in_risk = None),
            )],
            not_modelled: "–",
        },
        Condition::UserRisk => Row {
            name: "user risk",
            property: "`userRiskLevels`",
            decided: "by `--user-risk`; `check` assumes none",
            certain: Some((
                probe(levels("userRiskLevels"), |sign_in| {
                    sign_in.user_risk = Some(RiskLevel::High)
                }),
                plain(levels("userRiskLevels")),
            )),
            open: vec![(
                "user-risk",
                "no level",
                probe(levels("userRiskLevels"), |sign_in| sign_in.user_risk = None),
            )],
            not_modelled: "–",
        },
        Condition::ServicePrincipalRisk => Row {
            name: "workload identity risk",
            property: "`servicePrincipalRiskLevels`",
            decided: "`check` assumes none",
            certain: Some((
                probe(levels("servicePrincipalRiskLevels"), |sign_in| {
                    sign_in.service_principal_risk = Some(RiskLevel::High);
                }),
                plain(levels("servicePrincipalRiskLevels")),
            )),
            open: vec![(
                "service-principal-risk",
                "no level",
                probe(levels("servicePrincipalRiskLevels"), |sign_in| {
                    sign_in.service_principal_risk = None;
                }),
            )],
            not_modelled: "–",
        },
        Condition::InsiderRisk => Row {
            name: "insider risk",
            property: "`insiderRiskLevels`",
            decided: "`check` assumes none",
            certain: Some((
                probe(json!({"insiderRiskLevels": "elevated"}), |sign_in| {
                    sign_in.insider_risk = "elevated".parse().ok();
                }),
                plain(json!({"insiderRiskLevels": "elevated"})),
            )),
            open: vec![(
                "insider-risk",
                "no level",
                probe(json!({"insiderRiskLevels": "elevated"}), |sign_in| {
                    sign_in.insider_risk = None
                }),
            )],
            not_modelled: "–",
        },
        Condition::AgentRisk => Row {
            name: "agent risk",
            property: "`agentIdRiskLevels`",
            decided: "never met: the identities of Work 365 are no agents",
            certain: None,
            open: vec![],
            not_modelled: "–",
        },
        Condition::AuthenticationFlows => Row {
            name: "authentication flows",
            property: "`authenticationFlows`",
            decided: "device code by `--device-code`; otherwise an ordinary flow",
            certain: Some((
                probe(
                    json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
                    |sign_in| {
                        sign_in.flow = "deviceCodeFlow".parse().ok();
                    },
                ),
                plain(json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}})),
            )),
            open: vec![(
                "authentication-flow",
                "the flow is not known",
                probe(
                    json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
                    |sign_in| {
                        sign_in.flow = None;
                    },
                ),
            )],
            not_modelled: "–",
        },
        Condition::Unrecognised => Row {
            name: "anything else, as `times`",
            property: "any other property or value",
            decided: "never",
            certain: None,
            open: vec![(
                "unrecognised",
                "always, where it is set",
                plain(json!({"times": {"includedRanges": "all"}})),
            )],
            not_modelled: "whatever Microsoft adds, until it is added here",
        },
    }
}

fn sign_in() -> SignIn {
    let subject = Subject::User(User {
        id: Some(ME.to_owned()),
        kind: UserKind::Member,
        groups: Membership::known([GROUP]),
        roles: Membership::known(Vec::<String>::new()),
    });
    let mut sign_in = SignIn::new(subject, "2026-01-05".parse().unwrap()).assuming_no_risk();
    sign_in.ip = "203.0.113.10".parse().ok();
    sign_in.country = Some("DE".to_owned());
    sign_in.platform = Some(Platform::Linux);
    sign_in
}

fn locations() -> Value {
    json!({"value": [
        {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": OFFICE, "displayName": "Office", "isTrusted": true,
         "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}]},
        {"@odata.type": "#microsoft.graph.countryNamedLocation", "id": HOME, "displayName": "Home",
         "countriesAndRegions": ["DE"], "countryLookupMethod": "clientIpAddress"},
        {"@odata.type": "#microsoft.graph.countryNamedLocation", "id": PHONE, "displayName": "Phone",
         "countriesAndRegions": ["DE"], "countryLookupMethod": "authenticatorAppGps"},
    ]})
}

fn judged(probe: &Probe) -> Applicability {
    let mut conditions = json!({"users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]}, "clientAppTypes": ["all"]});
    let mut state = json!("enabled");
    for (name, value) in probe.conditions.as_object().unwrap() {
        if name == "$state" {
            state = value.clone();
        } else {
            conditions[name] = value.clone();
        }
    }
    let mfa = json!({"operator": "OR", "builtInControls": ["mfa"]});
    let body = json!({"value": [completed(json!({"id": "p", "displayName": "p", "state": state,
        "conditions": conditions, "grantControls": mfa}))]});
    let set = PolicySet::parse(&body, Some(&locations()), None).unwrap();
    let mut sign_in = sign_in();
    (probe.change)(&mut sign_in);
    evaluate(&set, &sign_in).outcomes[0].applicability.clone()
}

/// The name of a gap without what it holds.
fn name(missing: &Missing) -> String {
    let text = missing.to_string();
    text.split(':').next().unwrap().to_owned()
}

fn names(missing: &BTreeSet<Missing>) -> Vec<String> {
    missing.iter().map(name).collect()
}

#[test]
fn every_cell_of_the_conditions_is_what_the_evaluator_does() {
    for condition in CONDITIONS {
        let row = row(condition);
        if let Some((applies, does_not)) = &row.certain {
            let applies = judged(applies);
            assert!(
                matches!(applies, Applicability::Applies { .. }),
                "{}: {applies:?}",
                row.name
            );
            match judged(does_not) {
                Applicability::DoesNotApply { because } => assert_eq!(because.condition, condition),
                other => panic!("{}: {other:?}", row.name),
            }
        }
        for (missing, when, probe) in &row.open {
            match judged(probe) {
                Applicability::Undetermined { missing: found } => {
                    assert_eq!(names(&found), [*missing], "{}: {when}", row.name);
                }
                other => panic!("{}, {when}: {other:?}", row.name),
            }
        }
    }
}

/// No wildcard: a new gap needs a place where the README tells of it. The rows of controls tell of two.
fn is_told_by(missing: &Missing) -> &'static str {
    match missing {
        Missing::Ip
        | Missing::Country
        | Missing::Platform
        | Missing::SignInRisk
        | Missing::UserRisk
        | Missing::ServicePrincipalRisk
        | Missing::InsiderRisk
        | Missing::AuthenticationFlow
        | Missing::User
        | Missing::ServicePrincipal
        | Missing::Groups
        | Missing::Roles
        | Missing::UserType
        | Missing::HomeTenant
        | Missing::ServicePrincipalKind
        | Missing::ServicePrincipalFilter
        | Missing::NamedLocations
        | Missing::MfaTrustedIps
        | Missing::GpsLocation
        | Missing::ApplicationFilter
        | Missing::ApplicationGroup
        | Missing::DeviceFilter
        | Missing::ClientApp
        | Missing::Unrecognised(_) => "conditions",
        Missing::AuthenticationStrengths => "controls",
        Missing::Policies => "text",
    }
}

#[test]
fn every_gap_has_a_row_that_shows_it() {
    let shown: BTreeSet<&str> = CONDITIONS
        .into_iter()
        .flat_map(|condition| row(condition).open)
        .map(|(missing, ..)| missing)
        .collect();
    let all = [
        Missing::Ip,
        Missing::Country,
        Missing::Platform,
        Missing::SignInRisk,
        Missing::UserRisk,
        Missing::ServicePrincipalRisk,
        Missing::InsiderRisk,
        Missing::AuthenticationFlow,
        Missing::User,
        Missing::ServicePrincipal,
        Missing::Groups,
        Missing::Roles,
        Missing::UserType,
        Missing::HomeTenant,
        Missing::ServicePrincipalKind,
        Missing::ServicePrincipalFilter,
        Missing::NamedLocations,
        Missing::MfaTrustedIps,
        Missing::GpsLocation,
        Missing::ApplicationFilter,
        Missing::ApplicationGroup,
        Missing::DeviceFilter,
        Missing::ClientApp,
        Missing::AuthenticationStrengths,
        Missing::Policies,
        Missing::Unrecognised(String::new()),
    ];
    for missing in all {
        let name = name(&missing);
        assert_eq!(
            shown.contains(name.as_str()),
            is_told_by(&missing) == "conditions",
            "{name}"
        );
    }
}

/// What the README says of one control: what it counts as, when that is open, and the policy that shows it.
struct ControlRow {
    counts_as: &'static str,
    /// The question that it answers with yes; none when it is always open.
    question: Option<&'static str>,
    grant: Value,
    open: Option<(&'static str, &'static str, Value)>,
}

fn built_in(name: &str) -> Value {
    json!({"operator": "OR", "builtInControls": [name]})
}

/// No wildcard: a new control needs its row (and its place in [`controls`]).
fn control_row(control: &Control) -> ControlRow {
    let device = "a managed device or application, if MFA is no way around it";
    let counts = |counts_as, question| ControlRow {
        counts_as,
        question: Some(question),
        grant: built_in(control.name()),
        open: None,
    };
    match control {
        Control::Block => counts("blocked", "blocked"),
        Control::Mfa => counts("MFA", "mfa"),
        Control::CompliantDevice | Control::DomainJoinedDevice | Control::CompliantApplication => {
            counts(device, "device")
        }
        Control::ApprovedApplication => counts(
            "until 2026-06-30 a managed device or application, if MFA is no way around it; nothing afterwards",
            "device",
        ),
        Control::PasswordChange | Control::RiskRemediation => counts("something else is demanded", "other"),
        Control::AuthenticationStrength(_) => ControlRow {
            counts_as: "MFA, when the strength demands it",
            question: Some("mfa"),
            grant: json!({"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000002"}}),
            open: Some((
                "authentication-strengths",
                "what the strength demands was not read",
                json!({"operator": "OR", "authenticationStrength": {"id": OTHER}}),
            )),
        },
        Control::TermsOfUse(_) => ControlRow {
            grant: json!({"operator": "OR", "termsOfUse": [OTHER]}),
            ..counts(
                "something else is demanded; `check` names it when no other control is a way around it",
                "other",
            )
        },
        Control::CustomFactor(_) => ControlRow {
            grant: json!({"operator": "OR", "customAuthenticationFactors": ["x"]}),
            ..counts("something else is demanded; `check` counts it as MFA", "other")
        },
        Control::Unknown(_) => ControlRow {
            counts_as: "nothing that is known",
            question: None,
            grant: Value::Null,
            open: Some(("unrecognised", "always", built_in("tomorrow"))),
        },
    }
}

fn controls() -> [Control; 12] {
    [
        Control::Block,
        Control::Mfa,
        Control::CompliantDevice,
        Control::DomainJoinedDevice,
        Control::ApprovedApplication,
        Control::CompliantApplication,
        Control::PasswordChange,
        Control::RiskRemediation,
        Control::AuthenticationStrength(Strength::default()),
        Control::TermsOfUse(String::new()),
        Control::CustomFactor(String::new()),
        Control::Unknown("any other".to_owned()),
    ]
}

fn asked(grant: &Value, session: &Value) -> Grants {
    let body = json!({"value": [completed(json!({"id": "p", "displayName": "p", "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"]}, "grantControls": grant, "sessionControls": session}))]});
    grants(&evaluate(
        &PolicySet::parse(&body, None, None).unwrap(),
        &sign_in(),
    ))
}

fn yes(grants: &Grants) -> Vec<&'static str> {
    [
        ("blocked", &grants.blocked),
        ("mfa", &grants.mfa),
        ("device", &grants.device),
        ("other", &grants.other),
        ("sign_in_frequency", &grants.sign_in_frequency),
    ]
    .into_iter()
    .filter(|(_, answer)| answer.verdict == Verdict::Yes)
    .map(|(name, _)| name)
    .collect()
}

#[test]
fn every_cell_of_the_controls_is_what_the_evaluator_does() {
    for control in controls() {
        let row = control_row(&control);
        if let Some(question) = row.question {
            assert_eq!(yes(&asked(&row.grant, &Value::Null)), [question], "{control:?}");
        }
        if let Some((missing, _, grant)) = &row.open {
            let answer = asked(grant, &Value::Null).mfa;
            assert_eq!(answer.verdict, Verdict::Unknown, "{control:?}");
            assert_eq!(names(&answer.missing), [*missing], "{control:?}");
        }
    }
    let frequency = json!({"signInFrequency": {"isEnabled": true, "value": 1, "type": "days"}});
    assert_eq!(yes(&asked(&Value::Null, &frequency)), ["sign_in_frequency"]);
    let browser = json!({"persistentBrowser": {"isEnabled": true, "mode": "never"}});
    assert!(yes(&asked(&Value::Null, &browser)).is_empty());
}

fn tables() -> String {
    let mut text = String::from(
        "| condition | property | decided | undetermined when (`missing`) | not modelled |\n|---|---|---|---|---|\n",
    );
    for condition in CONDITIONS {
        let row = row(condition);
        let open: Vec<String> = row
            .open
            .iter()
            .map(|(missing, when, _)| format!("{when} (`{missing}`)"))
            .collect();
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            row.name,
            row.property,
            row.decided,
            if open.is_empty() {
                "–".to_owned()
            } else {
                open.join("; ")
            },
            row.not_modelled
        ));
    }
    text.push_str("\n| control | counts as | undetermined when (`missing`) |\n|---|---|---|\n");
    for control in controls() {
        let row = control_row(&control);
        let open = row.open.map_or("–".to_owned(), |(missing, when, _)| {
            format!("{when} (`{missing}`)")
        });
        text.push_str(&format!(
            "| `{}` | {} | {open} |\n",
            control.name(),
            row.counts_as
        ));
    }
    text.push_str("| `signInFrequency` | ages the session | – |\n| other session controls | shown, demand nothing | – |\n");
    text
}

/// What `help conditional-access` prints.
const HELP: &str = "src/cli/help/conditional-access.md";

/// `BLESS=1 cargo test --test suite condition_table` writes the tables into the help.
#[test]
fn the_help_has_these_tables() {
    let readme = std::fs::read_to_string(HELP).unwrap();
    let (before, rest) = readme.split_once("<!-- conditions -->\n").unwrap();
    let (present, after) = rest.split_once("<!-- /conditions -->").unwrap();
    if std::env::var_os("BLESS").is_some() {
        let text = format!(
            "{before}<!-- conditions -->\n{}<!-- /conditions -->{after}",
            tables()
        );
        std::fs::write(HELP, text).unwrap();
    } else {
        assert_eq!(present, tables());
    }
}
