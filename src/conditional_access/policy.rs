//! Reads policies as Graph gives them: tolerant of what is absent, explicit about what is not understood.

use serde::Serialize;
use serde_json::{Map, Value};

use super::controls::{Grant, SessionControl, Strengths};
use super::list::{List, has_content, list};
use super::locations::NamedLocations;

/// The tenant's policies with what is needed to judge them.
#[derive(Debug, Clone)]
pub struct PolicySet {
    pub(super) policies: Vec<Policy>,
    pub(super) locations: Option<NamedLocations>,
    /// The list of policies has further pages that were not read.
    pub(super) incomplete: bool,
}

/// The body is not a list of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body holds no list of policies under `value`")]
pub struct NotAPolicyList;

impl PolicySet {
    /// Reads the bodies of `graph.conditional_access_policies`, `graph.named_locations` and
    /// `graph.authentication_strengths` (Source: api-facts G-09). `None`, or a body that is no list, stands for
    /// evidence that could not be read.
    ///
    /// # Errors
    ///
    /// [`NotAPolicyList`] when the first body has no array `value`.
    pub fn parse(
        policies: &Value,
        named_locations: Option<&Value>,
        authentication_strengths: Option<&Value>,
    ) -> Result<Self, NotAPolicyList> {
        let strengths = Strengths::parse(authentication_strengths);
        let list = policies
            .get("value")
            .and_then(Value::as_array)
            .ok_or(NotAPolicyList)?;
        Ok(Self {
            policies: list
                .iter()
                .map(|policy| Policy::parse(policy, &strengths))
                .collect(),
            locations: named_locations.and_then(NamedLocations::parse),
            incomplete: has_more_pages(policies),
        })
    }

    /// How many policies there are, in whatever state.
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Whether the tenant has no policy.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && !self.incomplete
    }
}

/// Whether a body names a further page.
pub(super) fn has_more_pages(body: &Value) -> bool {
    body.get("@odata.nextLink").is_some_and(|link| !link.is_null())
}

/// State of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyState {
    /// Enforced.
    Enabled,
    /// Evaluated and logged only.
    ReportOnly,
    /// Off, or deleted.
    Disabled,
    /// Absent or not known to this version.
    Unknown,
}

/// One policy. A part that is `None` was null or absent.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: PolicyState,
    pub(super) template_id: Option<String>,
    pub(super) users: Option<Users>,
    pub(super) workloads: Option<Workloads>,
    pub(super) applications: Option<Applications>,
    pub(super) client_app_types: List,
    pub(super) locations: Option<Selection>,
    pub(super) platforms: Option<Selection>,
    pub(super) device_filter: Option<Filter>,
    pub(super) sign_in_risk: List,
    pub(super) user_risk: List,
    pub(super) service_principal_risk: List,
    pub(super) insider_risk: List,
    pub(super) transfer_methods: List,
    /// Paths that hold something this version does not know.
    pub(super) unrecognised: Vec<String>,
    pub(super) grant: Grant,
    pub(super) session: Vec<SessionControl>,
}

#[derive(Debug, Clone)]
pub(super) struct Users {
    pub(super) users: Selection,
    pub(super) groups: Selection,
    pub(super) roles: Selection,
    pub(super) include_external: Option<ExternalUsers>,
    pub(super) exclude_external: Option<ExternalUsers>,
}

#[derive(Debug, Clone)]
pub(super) struct ExternalUsers {
    pub(super) kinds: List,
    pub(super) tenants: Tenants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tenants {
    All,
    Listed(List),
    Unrecognised,
}

#[derive(Debug, Clone)]
pub(super) struct Workloads {
    pub(super) principals: Selection,
    pub(super) filter: Option<Filter>,
}

#[derive(Debug, Clone)]
pub(super) struct Applications {
    pub(super) selection: Selection,
    pub(super) filter: Option<Filter>,
    pub(super) user_actions: List,
    pub(super) authentication_contexts: List,
}

#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) mode: FilterMode,
    pub(super) rule: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilterMode {
    Include,
    Exclude,
    Unrecognised,
}

/// An included and an excluded list.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    pub(super) include: List,
    pub(super) exclude: List,
}

impl Selection {
    pub(super) fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}

impl Policy {
    fn parse(raw: &Value, strengths: &Strengths) -> Self {
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

        let users = reader.object("users", part("users"), Some(USERS));
        let users = users.map(|users| reader.users(users));
        let workloads = reader.object("clientApplications", part("clientApplications"), Some(WORKLOADS));
        let workloads = workloads.map(|raw| Workloads {
            principals: reader.selection(raw, "includeServicePrincipals", "excludeServicePrincipals"),
            filter: reader.filter("servicePrincipalFilter", raw.get("servicePrincipalFilter")),
        });
        let applications = reader.object("applications", part("applications"), Some(APPLICATIONS));
        let applications = applications.map(|raw| Applications {
            selection: reader.selection(raw, "includeApplications", "excludeApplications"),
            filter: reader.filter("applicationFilter", raw.get("applicationFilter")),
            user_actions: list("includeUserActions", raw.get("includeUserActions")),
            authentication_contexts: list(
                "includeAuthenticationContextClassReferences",
                raw.get("includeAuthenticationContextClassReferences"),
            ),
        });
        let locations = reader.object("locations", part("locations"), Some(LOCATIONS));
        let locations = locations.map(|raw| reader.selection(raw, "includeLocations", "excludeLocations"));
        let platforms = reader.object("platforms", part("platforms"), Some(PLATFORMS));
        let platforms = platforms.map(|raw| reader.selection(raw, "includePlatforms", "excludePlatforms"));
        let devices = reader.object("devices", part("devices"), Some(DEVICES));
        let device_filter = devices.and_then(|raw| reader.filter("deviceFilter", raw.get("deviceFilter")));
        let flows = reader.object("authenticationFlows", part("authenticationFlows"), Some(FLOWS));

        let text = |key: &str| policy.and_then(|policy| policy.get(key)).and_then(Value::as_str);
        Self {
            id: text("id").unwrap_or_default().to_owned(),
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
            transfer_methods: list(
                "transferMethods",
                flows.and_then(|flows| flows.get("transferMethods")),
            ),
            grant: policy.map_or_else(Grant::unreadable, |raw| {
                Grant::parse(raw.get("grantControls"), strengths)
            }),
            session: policy.map_or_else(
                || vec![SessionControl::unreadable()],
                |raw| SessionControl::parse(raw.get("sessionControls")),
            ),
            unrecognised: reader.unrecognised,
        }
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

// The properties that this version understands; Source: data/graph-v1-index.json.
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
    "authenticationFlows",
];
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
