//! Reads a policy as Graph writes it, and collects what this version does not understand.

use serde_json::{Map, Value};

use super::controls::{Grant, SessionControl};
use super::list::{has_content, holds_only, list};
use super::policy::{
    Applications, ExternalUsers, Filter, FilterMode, Policy, PolicyState, Selection, Tenants, Users,
    Workloads, absent_mark,
};
use super::strength::Strengths;

/// The policy in a JSON object. What it holds beyond what is known stands in its `unrecognised`.
pub(super) fn policy(raw: &Value, strengths: &Strengths) -> Policy {
    let mut reader = Reader::default();
    let policy = reader.object("policy", Some(raw), None);
    if raw.is_null() {
        reader.unrecognised.push("policy".to_owned());
    }
    let raw_conditions = policy.and_then(|policy| policy.get("conditions"));
    let conditions = reader.object("conditions", raw_conditions, Some(CONDITIONS));
    if conditions.is_none() && reader.unrecognised.is_empty() {
        reader.unrecognised.push("conditions".to_owned());
    }
    let part = |key: &str| conditions.and_then(|conditions| conditions.get(key));
    let is_posted = conditions.is_some_and(|conditions| holds_only(conditions, ALWAYS_WRITTEN, POSTED));
    if let Some(conditions) = conditions {
        let wanted = if is_posted { POSTED } else { ALWAYS_WRITTEN };
        reader.absent("conditions", conditions, wanted);
    }

    let users = reader.users_part(part("users"), is_posted);
    let workloads = reader.workloads_part(part("clientApplications"));
    let applications = reader.applications_part(part("applications"));
    let locations = reader.whole("locations", part("locations"), LOCATIONS);
    let locations = locations.map(|raw| reader.selection(raw, "includeLocations", "excludeLocations"));
    let platforms = reader.whole("platforms", part("platforms"), PLATFORMS);
    let platforms = platforms.map(|raw| reader.selection(raw, "includePlatforms", "excludePlatforms"));
    let devices = reader.object("devices", part("devices"), Some(DEVICES));
    let device_filter = devices.and_then(|raw| reader.filter("deviceFilter", raw.get("deviceFilter")));
    let flows = reader.whole("authenticationFlows", part("authenticationFlows"), FLOWS);

    let text = |key: &str| policy.and_then(|policy| policy.get(key)).and_then(Value::as_str);
    Policy {
        id: text("id").unwrap_or_default().trim().to_owned(),
        name: text("displayName").unwrap_or_default().to_owned(),
        state: state(text("state"), text("deletedDateTime")),
        template_id: text("templateId").map(str::to_owned),
        users,
        workloads,
        applications,
        client_app_types: list("clientAppTypes", part("clientAppTypes")),
        locations,
        platforms,
        device_filter,
        sign_in_risk: list("signInRiskLevels", part("signInRiskLevels")),
        user_risk: list("userRiskLevels", part("userRiskLevels")),
        service_principal_risk: list("servicePrincipalRiskLevels", part("servicePrincipalRiskLevels")),
        insider_risk: list("insiderRiskLevels", part("insiderRiskLevels")),
        agent_risk: list("agentIdRiskLevels", part("agentIdRiskLevels")),
        transfer_methods: list(
            "transferMethods",
            flows.and_then(|flows| flows.get("transferMethods")),
        ),
        grant: policy.map_or_else(Grant::unreadable, |raw| {
            raw.get("grantControls").map_or_else(Grant::unreadable, |grant| {
                Grant::parse(Some(grant), strengths, is_posted)
            })
        }),
        session: policy.map_or_else(
            || vec![SessionControl::unreadable()],
            |raw| match raw.get("sessionControls") {
                None if !is_posted => vec![SessionControl::unreadable()],
                controls => SessionControl::parse(controls, is_posted),
            },
        ),
        unrecognised: reader.unrecognised,
    }
}

fn state(state: Option<&str>, deleted: Option<&str>) -> PolicyState {
    match state {
        _ if deleted.is_some() => PolicyState::Disabled,
        Some("enabled") => PolicyState::Enabled,
        Some("enabledForReportingButNotEnforced") => PolicyState::ReportOnly,
        Some("disabled") => PolicyState::Disabled,
        _ => PolicyState::Unknown,
    }
}

// The properties that this version understands (Source: Microsoft Graph reference, conditionalAccessPolicy).
const CONDITIONS: &[&str] = &[
    "users",
    "clientApplications",
    "applications",
    "clientAppTypes",
    "locations",
    "platforms",
    "devices",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "insiderRiskLevels",
    "agentIdRiskLevels",
    "authenticationFlows",
];
/// The conditions that Graph writes in every policy, unset ones as null or as an empty list. One that is absent was not
/// read. The others are young, or stand in preview policies only: absent, they are not set.
/// Source: <https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset>
const ALWAYS_WRITTEN: &[&str] = &[
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
/// A policy as it is posted, and as a person writes it down, names these conditions and no other: then the others are not
/// set. Graph's own answers name all, so that a policy of theirs with one cut out is no such policy.
const POSTED: &[&str] = &["users", "applications", "clientAppTypes"];
const POSTED_USERS: &[&str] = &["includeUsers", "excludeUsers"];
const USERS: &[&str] = &[
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeRoles",
    "excludeRoles",
    "includeGuestsOrExternalUsers",
    "excludeGuestsOrExternalUsers",
];
const EXTERNAL: &[&str] = &["guestOrExternalUserTypes", "externalTenants"];
const TENANTS: &[&str] = &["membershipKind", "members"];
const WORKLOADS: &[&str] = &[
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "servicePrincipalFilter",
    "includeAgentIdServicePrincipals",
    "excludeAgentIdServicePrincipals",
    "agentIdServicePrincipalFilter",
];
const APPLICATIONS: &[&str] = &[
    "includeApplications",
    "excludeApplications",
    "applicationFilter",
    "includeUserActions",
    "includeAuthenticationContextClassReferences",
];
const LOCATIONS: &[&str] = &["includeLocations", "excludeLocations"];
const PLATFORMS: &[&str] = &["includePlatforms", "excludePlatforms"];
const DEVICES: &[&str] = &["deviceFilter"];
const FLOWS: &[&str] = &["transferMethods"];
const FILTER: &[&str] = &["mode", "rule"];

/// Reads objects, and collects what it does not understand.
#[derive(Default)]
struct Reader {
    unrecognised: Vec<String>,
}

impl Reader {
    /// Notes what is absent from an object that Graph always writes in full: what it holds is not known.
    fn absent(&mut self, path: &str, object: &Map<String, Value>, always: &[&str]) {
        let absent = always.iter().filter(|key| !object.contains_key(**key));
        self.unrecognised.extend(absent.map(|key| absent_mark(path, key)));
    }

    /// The object at a place; null and absent are `None`. With `known` keys, any other key with content is noted.
    fn object<'a>(
        &mut self,
        path: &str,
        raw: Option<&'a Value>,
        known: Option<&[&str]>,
    ) -> Option<&'a Map<String, Value>> {
        match raw {
            None | Some(Value::Null) => None,
            Some(Value::Object(object)) => {
                let strange = object.iter().filter(|(key, value)| {
                    known.is_some_and(|known| !known.contains(&key.as_str()))
                        && !key.contains('@')
                        && has_content(value)
                });
                self.unrecognised
                    .extend(strange.map(|(key, _)| format!("{path}.{key}")));
                Some(object)
            }
            Some(_) => {
                self.unrecognised.push(path.to_owned());
                None
            }
        }
    }

    /// An object of which Graph always writes all keys: what is absent is noted, and what is strange.
    fn whole<'a>(
        &mut self,
        path: &str,
        raw: Option<&'a Value>,
        keys: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let object = self.object(path, raw, Some(keys))?;
        self.absent(path, object, keys);
        Some(object)
    }

    fn users_part(&mut self, raw: Option<&Value>, is_posted: bool) -> Option<Users> {
        let users = self.object("users", raw, Some(USERS))?;
        let is_posted = is_posted && holds_only(users, USERS, POSTED_USERS);
        self.absent("users", users, if is_posted { POSTED_USERS } else { USERS });
        Some(self.users(users))
    }

    fn workloads_part(&mut self, raw: Option<&Value>) -> Option<Workloads> {
        let raw = self.object("clientApplications", raw, Some(WORKLOADS))?;
        Some(Workloads {
            principals: self.selection(raw, "includeServicePrincipals", "excludeServicePrincipals"),
            filter: self.filter("servicePrincipalFilter", raw.get("servicePrincipalFilter")),
            agents: ["includeAgentIdServicePrincipals", "agentIdServicePrincipalFilter"]
                .iter()
                .any(|key| raw.get(*key).is_some_and(has_content)),
        })
    }

    fn applications_part(&mut self, raw: Option<&Value>) -> Option<Applications> {
        let raw = self.object("applications", raw, Some(APPLICATIONS))?;
        self.absent("applications", raw, &APPLICATIONS[..2]);
        let contexts = "includeAuthenticationContextClassReferences";
        Some(Applications {
            selection: self.selection(raw, "includeApplications", "excludeApplications"),
            filter: self.filter("applicationFilter", raw.get("applicationFilter")),
            user_actions: list("includeUserActions", raw.get("includeUserActions")),
            authentication_contexts: list(contexts, raw.get(contexts)),
        })
    }

    fn selection(
        &mut self,
        raw: &Map<String, Value>,
        include: &'static str,
        exclude: &'static str,
    ) -> Selection {
        Selection {
            include: list(include, raw.get(include)),
            exclude: list(exclude, raw.get(exclude)),
        }
    }

    fn users(&mut self, raw: &Map<String, Value>) -> Users {
        Users {
            users: self.selection(raw, "includeUsers", "excludeUsers"),
            groups: self.selection(raw, "includeGroups", "excludeGroups"),
            roles: self.selection(raw, "includeRoles", "excludeRoles"),
            include_external: self.external(raw, "includeGuestsOrExternalUsers"),
            exclude_external: self.external(raw, "excludeGuestsOrExternalUsers"),
        }
    }

    fn external(&mut self, raw: &Map<String, Value>, path: &'static str) -> Option<ExternalUsers> {
        let understood = self.unrecognised.len();
        let external = self.object(path, raw.get(path), Some(EXTERNAL))?;
        let tenants = self.object("externalTenants", external.get("externalTenants"), Some(TENANTS));
        let kind = tenants
            .and_then(|tenants| tenants.get("membershipKind"))
            .and_then(Value::as_str);
        Some(ExternalUsers {
            kinds: list(
                "guestOrExternalUserTypes",
                external.get("guestOrExternalUserTypes"),
            ),
            tenants: match (tenants, kind) {
                _ if self.unrecognised.len() > understood => Tenants::Unrecognised,
                (None, _) | (_, Some("all")) => Tenants::All,
                (Some(tenants), Some("enumerated")) => {
                    Tenants::Listed(list("externalTenants", tenants.get("members")))
                }
                _ => Tenants::Unrecognised,
            },
        })
    }

    fn filter(&mut self, path: &str, raw: Option<&Value>) -> Option<Filter> {
        let understood = self.unrecognised.len();
        let filter = self.object(path, raw, Some(FILTER))?;
        let text = |key: &str| filter.get(key).and_then(Value::as_str);
        let rule = text("rule").unwrap_or_default().to_owned();
        let mode = match text("mode") {
            _ if self.unrecognised.len() > understood => FilterMode::Unrecognised,
            Some("include") => FilterMode::Include,
            Some("exclude") => FilterMode::Exclude,
            _ => FilterMode::Unrecognised,
        };
        Some(Filter { mode, rule })
    }
}
