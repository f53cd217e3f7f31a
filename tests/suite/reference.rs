//! The requests and the fixtures against Microsoft's own descriptions of Graph and Dataverse, as far as they are used:
//! `fixtures/reference`. A body that only the tests' own tenant could send is a fault.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use work365_doctor::collect::{READS, Read, Service, needs_administrator};
use work365_doctor::snapshot::{SECTIONS, section_info, sections};

use crate::support::snapshot_of;

/// The type of the objects of each Graph section.
const TYPES: [(&str, &str); 26] = [
    (sections::USER, "user"),
    (sections::LICENSE_DETAILS, "licenseDetails"),
    (sections::SUBSCRIBED_SKUS, "subscribedSku"),
    (sections::SUBSCRIPTIONS, "companySubscription"),
    (sections::DELETED_USERS, "user"),
    (sections::AUTHENTICATION_METHODS, "authenticationMethod"),
    (sections::REGISTRATION_DETAILS, "userRegistrationDetails"),
    (sections::REGISTRATION_CAMPAIGN, "authenticationMethodsPolicy"),
    (
        sections::SECURITY_DEFAULTS,
        "identitySecurityDefaultsEnforcementPolicy",
    ),
    (sections::CONDITIONAL_ACCESS_POLICIES, "conditionalAccessPolicy"),
    (sections::NAMED_LOCATIONS, "namedLocation"),
    (sections::AUTHENTICATION_STRENGTHS, "authenticationStrengthPolicy"),
    (sections::SIGN_INS, "signIn"),
    (sections::DIRECTORY_AUDITS, "directoryAudit"),
    (sections::DOMAIN, "domain"),
    (sections::HOME_REALM_POLICIES, "homeRealmDiscoveryPolicy"),
    (sections::ORGANIZATION, "organization"),
    (sections::GROUP_MEMBERSHIPS, "group"),
    (sections::DIRECTORY_ROLES, "directoryRole"),
    (sections::ELIGIBLE_ROLES, "unifiedRoleEligibilityScheduleInstance"),
    (sections::ACTIVE_ROLES, "unifiedRoleAssignmentScheduleInstance"),
    (sections::RISKY_USER, "riskyUser"),
    (sections::SERVICE_PRINCIPAL, "servicePrincipal"),
    (sections::PERMISSION_GRANTS, "oAuth2PermissionGrant"),
    (sections::GRANT_RESOURCES, "servicePrincipal"),
    (sections::APP_ROLE_ASSIGNMENTS, "appRoleAssignment"),
];

/// The table of the rows of each Dataverse section.
const TABLES: [(&str, &str); 16] = [
    (sections::OPERATOR_ROLES, "role"),
    (sections::SYSTEM_USERS, "systemuser"),
    (sections::USER_ROLES, "role"),
    (sections::USER_TEAMS, "team"),
    (sections::AAD_USER_ROLES, "role"),
    (sections::COLUMN_SECURITY_PROFILES, "fieldsecurityprofile"),
    (sections::USER_SETTINGS, "usersettings"),
    (sections::ORGANIZATION_ROW, "organization"),
    (sections::APPLICATION_USERS, "systemuser"),
    (sections::USER_AUDIT, "audit"),
    (sections::BUSINESS_UNIT, "businessunit"),
    (sections::SOLUTIONS, "solution"),
    (sections::WORKFLOWS, "workflow"),
    (sections::SYSTEM_JOBS, "asyncoperation"),
    (sections::PLUGIN_TRACES, "plugintracelog"),
    (sections::WORK365_TABLES, "entity"),
];

/// What the descriptions do not hold, and why it is right all the same.
const STRANGERS: [&str; 16] = [
    // The sign-in log is read from beta, which has more properties than the metadata of v1.0.
    "signIn.signInEventTypes",
    "signIn.authenticationProtocol",
    "signIn.authenticationRequirement",
    "signIn.authenticationRequirementPolicies",
    // Sent by the service, and not in the metadata.
    "authenticationMethodsRegistrationCampaign.enforceRegistrationAfterAllowedSnoozes",
    "servicePrincipal.createdDateTime",
    // Conditions for agents: in Microsoft's reference, and not yet in the metadata of v1.0.
    "conditionalAccessClientApplications.includeAgentIdServicePrincipals",
    "conditionalAccessClientApplications.excludeAgentIdServicePrincipals",
    "conditionalAccessConditionSet.agentIdRiskLevels",
    // `RetrieveAadUserRoles` answers with columns of the team, joined.
    "role.t_x002e_teamid",
    "role.t_x002e_name",
    "role.t_x002e_membershiptype",
    "role.t_x002e_azureactivedirectoryobjectid",
    // The collector puts them into a team.
    "team.roles",
    "team.column_security_profiles",
    // The owner, expanded.
    "workflow.owninguser",
];

fn reference(name: &str) -> Value {
    let path = Path::new("fixtures/reference").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

struct Descriptions {
    graph: Value,
    tables: Value,
    /// What was found that they do not hold.
    strangers: BTreeSet<String>,
}

impl Descriptions {
    fn read() -> Self {
        Self {
            graph: reference("graph.json"),
            tables: reference("dataverse.json")["tables"].clone(),
            strangers: BTreeSet::new(),
        }
    }

    /// The type of a property, its own or inherited.
    fn property(&self, kind: &str, name: &str) -> Option<String> {
        let mut kind = kind.to_owned();
        loop {
            let description = &self.graph["types"][&kind];
            if let Some(found) = description["properties"][name].as_str() {
                return Some(found.to_owned());
            }
            kind = description["base"].as_str()?.to_owned();
        }
    }

    /// Whether a type is another, or made from it.
    fn is_a(&self, kind: &str, wanted: &str) -> bool {
        let mut kind = Some(kind);
        while let Some(name) = kind {
            if name == wanted {
                return true;
            }
            kind = self.graph["types"][name]["base"].as_str();
        }
        false
    }

    /// What a navigation property or an operation of a type, its own or inherited, leads to.
    fn step(&self, kind: &str, name: &str) -> Option<String> {
        let navigation = self.graph["navigation"].as_object()?;
        navigation.iter().find_map(|(from, to)| {
            let (of, own) = from.split_once('.')?;
            (own == name && self.is_a(kind, of)).then(|| to.as_str().map(str::to_owned))?
        })
    }

    fn strange(&mut self, what: String) {
        if !STRANGERS.contains(&what.as_str()) {
            self.strangers.insert(what);
        }
    }

    fn value(&mut self, value: &Value, kind: &str, place: &str) {
        if value.is_null() {
            return;
        }
        if let Some(of) = kind
            .strip_prefix("Collection(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            match value.as_array() {
                Some(items) => items.iter().for_each(|item| self.value(item, of, place)),
                None => self.strange(format!("{place} is no list")),
            }
        } else if let Some(members) = self.graph["enumerations"][kind].as_array().cloned() {
            // Several flags come in one text.
            let words: Vec<&str> = value.as_str().unwrap_or("no text").split(',').collect();
            for word in words {
                if !members.iter().any(|member| member == word) {
                    self.strange(format!("{place}: {kind} has no {word}"));
                }
            }
        } else if self.graph["types"][kind].is_object() {
            self.object(value, kind, place);
        } else {
            let fits = match kind {
                "Edm.Boolean" => value.is_boolean(),
                "Edm.Int32" | "Edm.Int64" => value.is_i64(),
                _ => value.is_string(),
            };
            if !fits {
                self.strange(format!("{place}: {kind} is {value}"));
            }
        }
    }

    fn object(&mut self, value: &Value, kind: &str, place: &str) {
        let Some(object) = value.as_object() else {
            return self.strange(format!("{place} is no object"));
        };
        let named = value["@odata.type"]
            .as_str()
            .and_then(|name| name.strip_prefix("#microsoft.graph."));
        let kind = named.unwrap_or(kind);
        for (name, value) in object.iter().filter(|(name, _)| !name.contains('@')) {
            match self.property(kind, name) {
                Some(property) => self.value(value, &property, &format!("{kind}.{name}")),
                None => self.strange(format!("{kind}.{name}")),
            }
        }
    }

    fn row(&mut self, row: &Value, table: &str) {
        for (name, value) in row.as_object().into_iter().flatten() {
            if name.contains('@') {
                continue;
            }
            let fits = match self.tables[table][name].as_str() {
                None => return self.strange(format!("{table}.{name}")),
                _ if value.is_null() => true,
                Some("int" | "long") => value.is_i64(),
                Some("bool") => value.is_boolean(),
                Some("double" | "decimal") => value.is_number(),
                Some("complex") => true,
                Some(_) => value.is_string(),
            };
            if !fits {
                self.strange(format!("{table}.{name} is {value}"));
            }
        }
    }
}

/// The objects of an answered section.
fn objects(body: &Value) -> Vec<&Value> {
    match body.get("value") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(_)) => vec![&body["value"]],
        _ => vec![body],
    }
}

#[test]
fn every_scenario_holds_what_graph_and_dataverse_could_have_sent() {
    let mut descriptions = Descriptions::read();
    let mut wrong = Vec::new();
    let mut folders = 0;
    for entry in std::fs::read_dir("fixtures/scenarios").unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // What these hold is meant to be what no service would send.
        let expect: Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join("expect.json")).unwrap()).unwrap();
        if name.starts_with("hostile") || expect["class"] == "malformed" {
            continue;
        }
        folders += 1;
        let snapshot = snapshot_of(&folder).unwrap();
        let body = |section: &str| {
            let section = &snapshot["sections"][section];
            (section["outcome"] == "ok").then(|| section["body"].clone())
        };
        for (section, kind) in TYPES {
            let body = body(section).unwrap_or_default();
            for object in objects(&body).into_iter().filter(|object| object.is_object()) {
                descriptions.object(object, kind, kind);
            }
        }
        for (section, table) in TABLES {
            let body = body(section).unwrap_or_default();
            for row in objects(&body) {
                descriptions.row(row, table);
            }
        }
        let strangers = std::mem::take(&mut descriptions.strangers);
        wrong.extend(
            strangers
                .into_iter()
                .map(|stranger| format!("{name}: {stranger}")),
        );
    }
    assert!(folders > 400, "{folders}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of a request's `$select`.
fn selected(read: &Read) -> impl Iterator<Item = &'static str> {
    read.path
        .split_once("$select=")
        .map(|(_, rest)| rest.split('&').next().unwrap_or_default())
        .into_iter()
        .flat_map(|names| names.split(','))
}

#[test]
fn every_property_and_column_that_is_asked_for_exists() {
    let descriptions = Descriptions::read();
    let kind_of = |section: &str, table: &[(&'static str, &'static str)]| {
        table
            .iter()
            .find(|(name, _)| *name == section)
            .map(|(_, kind)| *kind)
    };
    let mut names = 0;
    for read in READS {
        // Metadata, and the vendor's own table, whose columns are read from the environment.
        if read.path.contains("/EntityDefinitions") || read.section == sections::WORK365_JOBS {
            continue;
        }
        for name in selected(read) {
            let exists = match read.service {
                Service::Graph => {
                    // Members of a group are directory objects; only their id is asked for.
                    let kind = kind_of(read.section, &TYPES).unwrap_or("directoryObject");
                    descriptions.property(kind, name).is_some() || (kind == "directoryObject" && name == "id")
                }
                _ => {
                    let table = match kind_of(read.section, &TABLES).unwrap() {
                        "team" if read.path.contains("teamroles_association") => "role",
                        "team" if read.path.contains("teamprofiles_association") => "fieldsecurityprofile",
                        table => table,
                    };
                    descriptions.tables[table][name].is_string()
                }
            };
            assert!(exists, "{}: {name}", read.section);
            names += 1;
        }
    }
    assert!(names > 150, "{names}");
}

/// What no rule judges is not asked: each of these needs a right, or tells of people who have no part in it.
#[test]
fn nothing_is_asked_that_nobody_judges() {
    let sections = [
        "graph.federation",
        "graph.sign_in_activity",
        "login.openid_configuration",
    ];
    assert!(sections.iter().all(|section| section_info(section).is_none()));
    let properties = [
        "provisionedPlans",
        "serviceProvisioningErrors",
        "onPremisesImmutableId",
        "onPremisesDomainName",
        "onPremisesUserPrincipalName",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "preferredLanguage",
        "externalUserState",
        "isManagementRestricted",
        "tenantType",
        "verifiedDomains",
        "countryLetterCode",
        "signInActivity",
    ];
    for read in READS {
        let unused: Vec<_> = selected(read).filter(|name| properties.contains(name)).collect();
        assert!(unused.is_empty(), "{}: {unused:?}", read.section);
        assert!(
            read.service != Service::Admin || !read.path.contains("$expand"),
            "{}",
            read.path
        );
    }
    // All of it is selected by name, where the answer would hold more.
    for section in [sections::USER, sections::ORGANIZATION] {
        let mut reads = READS.iter().filter(|read| read.section == section);
        assert!(reads.all(|read| selected(read).next().is_some()), "{section}");
    }
}

/// What leads nowhere in the metadata of v1.0: asked of beta, whose reference has it.
/// Source: <https://learn.microsoft.com/graph/api/authentication-get?view=graph-rest-beta>.
const OF_BETA: &str = "authentication.requirements";

#[test]
fn every_path_of_graph_leads_through_microsofts_metadata() {
    let descriptions = Descriptions::read();
    let mut steps = 0;
    for read in READS.iter().filter(|read| read.service == Service::Graph) {
        let path = read.path.split('?').next().unwrap();
        let mut segments = path.split('/').skip(2);
        let root = segments.next().unwrap().split('(').next().unwrap();
        let mut kind = descriptions.graph["roots"][root]
            .as_str()
            .unwrap_or_else(|| panic!("{path}: nothing is called {root}"))
            .to_owned();
        for segment in segments.filter(|segment| !segment.starts_with('{')) {
            steps += 1;
            // A cast to one kind of directory object.
            if let Some(cast) = segment.strip_prefix("microsoft.graph.") {
                assert!(descriptions.is_a(cast, &kind), "{path}: {cast} is no {kind}");
                kind = cast.to_owned();
                continue;
            }
            kind = match descriptions.step(&kind, segment) {
                Some(next) => next,
                None => {
                    let step = format!("{kind}.{segment}");
                    assert!(step == OF_BETA && path.starts_with("/beta/"), "{path}: {step}");
                    String::new()
                }
            };
        }
    }
    assert!(steps > 25, "{steps}");
}

/// A request as the permission table spells it.
fn spelled(read: &Read) -> String {
    let path = read.path.split('?').next().unwrap().to_lowercase();
    let path = path.trim_start_matches("/v1.0").trim_start_matches("/beta");
    let mut spelled = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        spelled.push_str(before);
        spelled.push_str("{id}");
        rest = after.split_once('}').unwrap().1;
    }
    spelled.push_str(rest);
    if let Some((before, after)) = spelled.clone().split_once("(appid=") {
        spelled = format!("{before}/{{id}}{}", after.split_once(')').unwrap().1);
    }
    // A cast has the permissions of its uncast path.
    if let Some((before, _)) = spelled.split_once("/microsoft.graph.") {
        spelled.truncate(before.len());
    }
    let method = if read.is_post() { "POST" } else { "GET" };
    format!("{method} {spelled}")
}

#[test]
fn every_permission_reads_what_microsofts_table_says_that_it_reads() {
    // Not in the table; Microsoft's reference of `directory/deletedItems` names User.Read.All for users.
    let not_listed = ["GET /directory/deleteditems"];
    let table = reference("permissions.json");
    let consents = |permission: &str| table["admin_consent"][permission] == true;
    let (mut found, mut wider) = (0, Vec::new());
    for read in READS.iter().filter(|read| read.service == Service::Graph) {
        let info = section_info(read.section).unwrap();
        let key = spelled(read);
        if not_listed.contains(&key.as_str()) {
            continue;
        }
        let row = &table["paths"][&key];
        for kind in ["delegated", "application"] {
            let all = row[kind]["all"]
                .as_array()
                .unwrap_or_else(|| panic!("{key}: {row}"));
            for permission in read.permission.iter().chain(info.covered_by) {
                assert!(table["admin_consent"][permission].is_boolean(), "{permission}");
                assert_eq!(
                    needs_administrator(permission),
                    consents(permission),
                    "{permission}"
                );
                assert!(
                    all.iter().any(|one| one == permission),
                    "{key}, {kind}: {permission}"
                );
                assert!(!permission.contains("Write"), "{permission}");
            }
        }
        let is_least = ["delegated", "application"].iter().any(|kind| {
            let least = row[kind]["least"].as_array();
            least.is_some_and(|least| least.iter().any(|one| one.as_str() == read.permission))
        });
        if !is_least && !wider.contains(&info.name) {
            wider.push(info.name);
        }
        found += 1;
    }
    assert!(found > 25, "{found}");
    // The least of the table reads the person's own account, or objects without their names; of active roles, it would be
    // one permission more, where this one reads the eligible roles too.
    assert_eq!(
        wider,
        [
            "graph.user",
            "graph.organization",
            "graph.security_group_membership",
            "graph.directory_roles",
            "graph.active_roles",
            "graph.app_role_assignments",
        ],
        "wider than the least of the table"
    );
}

#[test]
fn every_section_of_graph_names_a_permission() {
    for section in SECTIONS {
        let asks_graph = section
            .requests
            .iter()
            .any(|request| request.service == Service::Graph);
        assert_eq!(
            asks_graph,
            section.permission.is_some() && section.name.starts_with("graph."),
            "{}",
            section.name
        );
    }
}
